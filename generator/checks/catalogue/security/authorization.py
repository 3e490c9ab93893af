"""SG104: who may call an API, route by route."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.checks.case import Case, as_list, literal, truth
from generator.checks.facts.statements import put, spot, statements
from generator.checks.rule import Place, Problem, rule
from generator.findings import Severity
from generator.project import Deployment, Resource
from generator.project.evaluate import is_known

_METHODS = {"get", "put", "post", "delete", "patch", "head", "x-amazon-apigateway-any-method"}
_MARKS = ("x-amazon-apigateway-authtype", "x-amazon-apigateway-authorizer")
_KEY_ONLY = "asks for an API key only, which says who pays and not who calls"
_OPEN = "has no authorization"
_GRAPH_MEND = "Make AWS_IAM, AWS_LAMBDA, OPENID_CONNECT or AMAZON_COGNITO_USER_POOLS its AuthenticationType."
_LIMITED = "asks nobody who calls; the policy of the API only limits from where"
_FROM = ("aws:source", "aws:vpcsource", "aws:principal")
# What SAM writes for a route that is open on purpose.
_NONE = "NONE"
_BY_AUTHORIZER = {"COGNITO_USER_POOLS", "CUSTOM", "JWT"}


@rule(
    "SG104",
    "Every route of an API asks who calls.",
    Severity.ERROR,
    "Give the route an authorizer: IAM, Cognito, JWT or a Lambda function.",
    "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-to-api.html",
)
def authorization(case: Case) -> Iterator[Problem]:
    """Methods, routes and function URLs that anybody may call, preflight excepted."""
    for deployment in case.deployments:
        for method in deployment.of_type("AWS::ApiGateway::Method"):
            yield from _method(deployment, method)
        for route in deployment.of_type("AWS::ApiGatewayV2::Route"):
            yield from _route(deployment, route)
        for api in deployment.of_type("AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api"):
            yield from _document(deployment, api)
        for graph in deployment.of_type("AWS::AppSync::GraphQLApi"):
            if literal(graph.get("AuthenticationType")) == "API_KEY":
                message = f"The GraphQL API {graph.owner} {_KEY_ONLY}, unless a type of its schema asks for more."
                yield put(graph, message, "AuthenticationType", severity=Severity.WARNING, mend=_GRAPH_MEND)
        for url in deployment.of_type("AWS::Lambda::Url"):
            if literal(url.get("AuthType")) == _NONE:
                yield _url(url)


def _limits_callers(api: Resource | None) -> bool:
    """Whether a REST API's own policy says from where it may be called.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html
    """
    if api is None or api.type != "AWS::ApiGateway::RestApi":
        return False
    policies = (("Policy",), ("Body", "x-amazon-apigateway-policy"))
    found = [each for path in policies for each in statements(api, api.get(*path), path)]
    allowing = [each for each in found if each.allows]
    denying = (each for each in found if not each.allows and each.of_everybody)
    refused = any(key.startswith(_FROM) for each in denying for key in each.keys)
    return bool(allowing) and (refused or all(each.conditional for each in allowing))


def _judged(api: Resource | None, what: str) -> tuple[str, Severity | None]:
    """What a message says of an open route, and how bad that is."""
    return (_LIMITED, Severity.INFO) if what == _OPEN and _limits_callers(api) else (what, None)


def _method(deployment: Deployment, method: Resource) -> Iterator[Problem]:
    kind = method.get("AuthorizationType")
    if literal(method.get("HttpMethod")) == "OPTIONS":
        return
    if kind not in (None, _NONE):
        yield from _without_authorizer(method, "method")
        return
    what = _KEY_ONLY if truth(method.get("ApiKeyRequired")) else _OPEN
    what, severity = _judged(deployment.find(method.get("RestApiId"), "AWS::ApiGateway::RestApi"), what)
    yield put(method, f"The method {method.owner} {what}.", "AuthorizationType", severity=severity)


def _route(deployment: Deployment, route: Resource) -> Iterator[Problem]:
    key, kind = literal(route.get("RouteKey")) or "", route.get("AuthorizationType")
    api = deployment.find(route.get("ApiId"), "AWS::ApiGatewayV2::Api")
    socket = (
        literal(api.get("ProtocolType")) == "WEBSOCKET" if api is not None else " " not in key and key != "$default"
    )
    if socket and key != "$connect":
        return  # who is connected has been asked
    yield from _without_authorizer(route, "route")
    if kind in (None, _NONE) and not key.startswith("OPTIONS "):
        yield put(route, f"The route {route.owner} {_OPEN}.", "AuthorizationType")


def _without_authorizer(resource: Resource, what: str) -> Iterator[Problem]:
    kind = literal(resource.get("AuthorizationType"))
    if kind in _BY_AUTHORIZER and resource.get("AuthorizerId") is None:
        message = f"The {what} {resource.owner} asks for {kind} and names no authorizer."
        yield put(resource, message, "AuthorizationType", mend="Set AuthorizerId.")


def _url(url: Resource) -> Problem:
    message = f"Everybody in the world may call the URL of {url.owner}."
    mend = "Set AuthType to AWS_IAM; CloudFront can sign for its callers."
    if url.owner == url.logical_id:
        return put(url, message, "AuthType", mend=mend)
    place = url.stack.template.place("Resources", url.owner, "Properties", "FunctionUrlConfig", "AuthType")
    return Problem(place, message, url, mend=mend)


def _document(deployment: Deployment, api: Resource) -> Iterator[Problem]:
    """What the OpenAPI document of an API says."""
    body = api.get("Body")
    if not isinstance(body, dict):
        if api.type == "AWS::ApiGatewayV2::Api" and api.get("Target") is not None:
            yield put(api, f"The API {api.owner} {_OPEN}: its route is made from Target alone.", "Target")
        return
    schemes = _schemes(body)
    paths = body.get("paths")
    for path, operations in paths.items() if isinstance(paths, dict) else ():
        for method, operation in operations.items() if isinstance(operations, dict) else ():
            if str(method).lower() not in _METHODS or not isinstance(operation, dict):
                continue
            security = operation.get("security", body.get("security"))
            own = operation.get("x-amazon-apigateway-auth")
            if security is None and isinstance(own, dict) and literal(own.get("type")) not in (None, _NONE):
                continue
            what = _judge(security, schemes)
            if what:
                name = "ANY" if str(method).startswith("x-") else str(method).upper()
                what, severity = _judged(api, what)
                place = _place(deployment, api, str(path), str(method), operation)
                yield Problem(place, f"{name} {path} of {api.owner} {what}.", api, severity)


def _schemes(body: dict[str, Any]) -> dict[str, Any]:
    components = body.get("components")
    given = [
        components.get("securitySchemes") if isinstance(components, dict) else None,
        body.get("securityDefinitions"),
    ]
    return {name: scheme for found in given if isinstance(found, dict) for name, scheme in found.items()}


def _judge(security: Any, schemes: dict[str, Any]) -> str:
    """What is wrong with the security of an operation; empty if nothing is, or if it is not known."""
    if not is_known(security) or not is_known(list(schemes)):
        return ""
    # API Gateway takes one authorizer and a key from all that is listed, whether as one choice or as several.
    names = [str(name) for choice in as_list(security) if isinstance(choice, dict) for name in choice]
    missing = [name for name in names if name not in schemes and name != _NONE]
    if missing:
        return f"asks for the security scheme {missing[0]}, which the document does not define"
    kinds = {_kind(schemes.get(name)) for name in names}
    if "authorizer" in kinds:
        return ""
    return _KEY_ONLY if "key" in kinds else _OPEN


def _kind(scheme: Any) -> str:
    """What a security scheme is to API Gateway; one without its marks is only documentation."""
    if not isinstance(scheme, dict):
        return "" if scheme is None else "authorizer"
    if any(scheme.get(mark) is not None for mark in _MARKS):
        return "authorizer"
    return "key" if str(scheme.get("name")).lower() == "x-api-key" else ""


def _place(deployment: Deployment, api: Resource, path: str, method: str, operation: dict[str, Any]) -> Place:
    """Where the route is written: in the API's document, or as an event of the function that answers it."""
    if api.openapi is not None:
        return api.place("Body", "paths", path, method, *(("security",) if "security" in operation else ()))
    written = api.stack.template.resources.get(api.owner, {}).get("Properties")
    if isinstance(written, dict) and {"Body", "DefinitionBody"} & set(written):
        return spot(api, "Body", "paths", path, method, *(("security",) if "security" in operation else ()))
    integration = operation.get("x-amazon-apigateway-integration")
    uri = integration.get("uri") if isinstance(integration, dict) else None
    function = deployment.function(uri)
    if function is not None:
        name = _event(function, path, method)
        template = function.stack.template
        return template.place("Resources", function.owner, "Properties", "Events", *name)
    return spot(api)


def _event(function: Resource, path: str, method: str) -> list[str]:
    """The event of a SAM function that a route was made from."""
    properties = function.stack.template.resources.get(function.owner, {}).get("Properties")
    events = properties.get("Events") if isinstance(properties, dict) else None
    wanted = {method.lower(), "any" if method.startswith("x-") else method.lower()}
    for name, event in events.items() if isinstance(events, dict) else ():
        inner = event.get("Properties") if isinstance(event, dict) else None
        if isinstance(inner, dict) and inner.get("Path") == path and str(inner.get("Method")).lower() in wanted:
            return [str(name)]
    return []
