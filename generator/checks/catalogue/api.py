"""Category 6 of the catalogue: what an API hands on, to whom it answers, and what it says when it fails."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from generator.checks.case import Case, as_list, literal, number, truth
from generator.checks.facts.routes import (
    ANY,
    HTTP,
    INTEGRATION,
    REST,
    Integration,
    Route,
    apis,
    belongs,
    definition_of,
    mapping,
    of_api,
    owned,
    place_of,
    protocol_of,
    resolved,
    routes_of,
)
from generator.checks.facts.targets import Target, aliases_of, is_invocation, target_of
from generator.checks.rule import Place, Problem, about, rule
from generator.findings import Severity
from generator.project import Deployment, Resource, Stack, references
from generator.project.evaluate import is_known

STAGE = "AWS::ApiGateway::Stage"
DEPLOYMENT = "AWS::ApiGateway::Deployment"
PERMISSION = "AWS::Lambda::Permission"
PRINCIPAL = "apigateway.amazonaws.com"
GATEWAY_RESPONSES = "x-amazon-apigateway-gateway-responses"
VALIDATOR = "x-amazon-apigateway-request-validator"
CORS = "x-amazon-apigateway-cors"
ORIGIN = "access-control-allow-origin"
CREDENTIALS = "access-control-allow-credentials"

_KINDS = {
    "REST": {"aws", "aws_proxy", "http", "http_proxy", "mock"},
    "HTTP": {"aws_proxy", "http_proxy"},
    "WEBSOCKET": {"aws", "aws_proxy", "http", "http_proxy", "mock"},
}
_WITH_BODY = {"POST", "PUT", "PATCH"}
_SYMBOL = re.compile(r"<[^<>]+>")
_COMMENT = re.compile(r"##[^\n]*")
_CONTEXT = re.compile(r"\$(?:context|stageVariables)\.[A-Za-z0-9_.]+")
_FAILS = re.compile(r"[45](\d\d|xx)|default", re.IGNORECASE)
# A logical id that a tool has made of its content, or that a date or number of a release ends.
_NUMBERED = re.compile(r"\d")


# SG601


@rule(
    "SG601",
    "A route invokes an alias of its function, as a proxy by POST, and a permission lets this API do that.",
    Severity.ERROR,
    "Integrate with the alias (`…:function:name:alias/invocations`, POST) and permit it with SourceArn of this API.",
    "https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html",
)
def integrations(case: Case) -> Iterator[Problem]:
    """Integrations that cannot work or go past the alias, and permissions that are missing or too wide."""
    for deployment in case.deployments:
        granted = list(_permissions(deployment))
        for api in deployment.of_type(REST, HTTP):
            for route in routes_of(deployment, api):
                yield from _integration(deployment, route, granted)
    for deployment, permission in case.of_type(PERMISSION):
        yield from _open_permission(deployment, permission)


def _integration(deployment: Deployment, route: Route, granted: list[Grant]) -> Iterator[Problem]:
    integration = route.integration
    if integration is None:
        if not _targets_something(route):
            yield Problem(route.place, f"{route} of {route.api.owner} has no integration.", route.subject)
        return
    if integration.kind is not None and integration.kind not in _KINDS[route.protocol]:
        kind = f"the type {integration.kind.upper()}" if integration.kind else "no type"
        known = ", ".join(sorted(name.upper() for name in _KINDS[route.protocol]))
        message = f"The integration of {route} in {route.api.owner} has {kind}; {route.protocol} APIs have {known}."
        yield _at(route, "type", message)
        return
    uri = integration.uri
    if integration.kind not in {"aws", "aws_proxy"} or _subtype(integration):
        return
    if not isinstance(uri, str) or not uri:
        if uri is None and integration.kind == "aws_proxy":
            yield _at(route, "uri", f"The integration of {route} in {route.api.owner} says no function.")
        return
    if is_known(uri) and route.protocol != "HTTP" and integration.kind == "aws_proxy" and not is_invocation(uri):
        message = f"{route} of {route.api.owner} is a proxy of something that is no invocation address of a function."
        yield _at(route, "uri", message)
        return
    target = target_of(deployment, uri)
    if target is not None and (is_invocation(uri) or route.protocol == "HTTP"):
        yield from _function(deployment, route, integration, target)
        yield from _permitted(route, integration, target, granted)


def _targets_something(route: Route) -> bool:
    """Whether a route of a resource names an integration that is not known here."""
    return not route.operation and (route.api.type == REST or route.subject.get("Target") is not None)


def _function(deployment: Deployment, route: Route, integration: Integration, target: Target) -> Iterator[Problem]:
    name = target.function.owner if target.function is not None else target.name
    if integration.method not in {"POST", None} and (integration.method or route.protocol == "REST"):
        said = f"by {integration.method}" if integration.method else "without a method"
        yield _at(route, "httpMethod", f"{route} of {route.api.owner} invokes {name} {said}; Lambda takes POST only.")
    if not target.qualifier:
        mend = "" if target.function is None or aliases_of(deployment, target.function) else " It has none."
        message = f"{route} of {route.api.owner} invokes {name} itself and not an alias of it.{mend}"
        yield _at(route, "uri", message, severity=Severity.WARNING)


def _permitted(route: Route, integration: Integration, target: Target, granted: list[Grant]) -> Iterator[Problem]:
    if target.function is None or integration.credentials is not None:
        return
    if not any(_grants(grant, route, target) for grant in granted):
        name = f"{target.function.owner}{_alias(target)}"
        yield _at(route, "uri", f"No permission lets {route} of {route.api.owner} invoke {name}.")


def _alias(target: Target) -> str:
    return f" by its alias {target.qualifier}" if target.qualifier and "<" not in target.qualifier else ""


def _subtype(integration: Integration) -> bool:
    """Whether an HTTP API calls a service of AWS directly."""
    return any(key in integration.definition for key in ("integrationSubtype", "IntegrationSubtype"))


def _at(route: Route, key: str, message: str, **more: Any) -> Problem:
    """A problem of a route's integration, at the key where it is written in an OpenAPI document."""
    place = route.at(INTEGRATION, key) if route.operation else _integration_place(route)
    return Problem(place, message, route.subject, **more)


def _integration_place(route: Route) -> Place:
    return route.integration.place if route.integration is not None else route.place


Grant = tuple["Target | None", Any]
"""What a permission of API Gateway's lets be invoked (None where that is not known), and its SourceArn."""


def _permissions(deployment: Deployment) -> Iterator[Grant]:
    for permission in deployment.of_type(PERMISSION):
        principal = permission.get("Principal")
        if principal == PRINCIPAL or not is_known(principal):
            yield target_of(deployment, permission.get("FunctionName")), permission.get("SourceArn")


def _grants(grant: Grant, route: Route, target: Target) -> bool:
    """Whether a permission lets the API invoke the target; one that is not known does."""
    granted, source = grant
    if granted is not None and not granted.same(target):
        return False
    return not isinstance(source, str) or not is_known(source) or _covers(source, route)


def _covers(source: str, route: Route) -> bool:
    """Whether the ARN of a permission's source is that of the route, wildcards considered."""
    api = re.escape(str(route.api.symbol)[:-1]) + r"(\.[^<>]*)?>"
    text = _SYMBOL.sub("symbol", re.sub(api, "api", source))
    name, _, rest = text.split(":", 5)[-1].partition("/")
    if not fnmatchcase("api", name) or not rest:
        return name == "*"
    pattern = re.sub(r"\{[^{}]*\}", "x", "/".join(["*", *rest.split("/")[1:]]) if "/" in rest else rest)
    path = re.sub(r"\{[^{}]*\}", "x", route.path)
    methods = ("GET", "POST", ANY) if route.method == ANY else (route.method,)
    routes = [f"stage/{method}{path}" for method in methods] if path.startswith("/") else [f"stage/{path}"]
    return any(fnmatchcase(candidate, pattern) for candidate in routes)


def _open_permission(deployment: Deployment, permission: Resource) -> Iterator[Problem]:
    if permission.get("Principal") != PRINCIPAL:
        return
    source = permission.get("SourceArn")
    found = target_of(deployment, permission.get("FunctionName"))
    name = found.function.owner if found is not None and found.function is not None else "a function"
    if source is None:
        account = permission.get("SourceAccount") is not None
        whose = "every API of the account" if account else "every API of every account"
        yield about(permission, f"{permission.owner} lets {whose} invoke {name}.")
    elif isinstance(source, str) and is_known(source):
        parts = source.split(":", 5)
        if source == "*" or (len(parts) > 5 and parts[5].partition("/")[0] == "*"):  # noqa: PLR2004
            yield about(permission, f"{permission.owner} lets every API of the account invoke {name}.", "SourceArn")


# SG602


@rule(
    "SG602",
    "A browser's preflight is answered without authorization, and errors carry the same origin as answers do.",
    Severity.WARNING,
    "Give every path an OPTIONS method (CorsConfiguration for HTTP APIs) that names the origins that may call.",
    "https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-cors.html",
)
def cors(case: Case) -> Iterator[Problem]:
    """Paths without preflight, preflights that ask for authorization, and every origin with credentials."""
    for deployment, api in apis(case):
        routes = routes_of(deployment, api)
        if protocol_of(api) == "REST":
            yield from _rest_cors(deployment, api, routes)
        elif protocol_of(api) == "HTTP":
            yield from _http_cors(api, routes)
    for _, url in case.of_type("AWS::Lambda::Url"):
        if "*" in as_list(url.get("Cors", "AllowOrigins")) and truth(url.get("Cors", "AllowCredentials")):
            yield about(url, f"{url.owner} lets pages of every origin call with credentials.", "Cors")


def _rest_cors(deployment: Deployment, api: Resource, routes: list[Route]) -> Iterator[Problem]:
    paths: dict[str, list[Route]] = {}
    for route in routes:
        paths.setdefault(route.path, []).append(route)
    for path, found in paths.items():
        preflights = [route for route in found if route.method == "OPTIONS"] or [r for r in found if r.method == ANY]
        if not preflights:
            yield Problem(found[0].place, f"{path} of {api.owner} has no preflight.", found[0].subject)
        for preflight in preflights:
            yield from _preflight(preflight, found)
    allows = any(ORIGIN in _headers(part) for part in _parts(deployment, api, routes))
    for route in routes:
        if route.integration is not None and route.integration.kind in {"mock", "aws", "http"}:
            yield from _answer(route, allows)
    yield from _gateway_cors(deployment, api, allows)


def _gateway_cors(deployment: Deployment, api: Resource, allows: bool) -> Iterator[Problem]:
    for place, subject, name, response in _gateway_responses(deployment, api):
        if not name.startswith("DEFAULT_"):
            continue
        if allows and ORIGIN not in _headers(response):
            message = f"The gateway response {name} of {api.owner} has no Access-Control-Allow-Origin, unlike answers."
            yield Problem(place, message, subject)
        elif _opens_to_all(response) and CREDENTIALS in _headers(response):
            yield Problem(place, f"{name} of {api.owner} allows every origin with credentials.", subject)


def _preflight(preflight: Route, routes: list[Route]) -> Iterator[Problem]:
    if preflight.authorized:
        message = f"The preflight of {preflight.path} in {preflight.api.owner} asks for authorization, so it fails."
        yield Problem(preflight.place, message, preflight.subject)
    definition = preflight.integration.definition if preflight.integration is not None else {}
    if not _opens_to_all(definition):
        return
    if CREDENTIALS in _headers(definition):
        message = f"The preflight of {preflight.path} in {preflight.api.owner} allows every origin with credentials."
        yield Problem(preflight.place, message, preflight.subject, severity=Severity.ERROR)
    elif any(route.authorized for route in routes if route is not preflight):
        message = f"{preflight.path} of {preflight.api.owner} asks who calls, and lets pages of every origin call."
        yield Problem(preflight.place, message, preflight.subject)


def _answer(route: Route, allows: bool) -> Iterator[Problem]:
    headers = _headers(route.integration.definition if route.integration is not None else {})
    if ORIGIN in headers:
        return
    if route.method == "OPTIONS" and "access-control-" not in headers:
        message = f"The preflight of {route.path} in {route.api.owner} answers without any Access-Control header."
        yield Problem(route.place, message, route.subject)
    elif allows:
        message = f"{route} of {route.api.owner} answers without Access-Control-Allow-Origin, unlike others of the API."
        yield Problem(route.place, message, route.subject)


def _http_cors(api: Resource, routes: list[Route]) -> Iterator[Problem]:
    definition = definition_of(api)
    configuration = api.get("CorsConfiguration")
    written = mapping(configuration or definition.data.get(CORS))
    if configuration is None and not written:
        unknown = not definition.complete or not is_known(definition.data.get(CORS))
        if routes and not unknown and not any(route.allows_options for route in routes):
            yield about(api, f"{api.owner} answers no preflight: it has no CORS configuration.")
        return
    values = {str(key).lower(): value for key, value in written.items()}
    if "*" not in as_list(values.get("alloworigins")):
        return
    place = place_of(api, "CorsConfiguration") if configuration is not None else definition.place(api, CORS)
    if truth(values.get("allowcredentials")):
        message = f"{api.owner} allows every origin with credentials."
        yield Problem(place, message, api, severity=Severity.ERROR)
    elif any(route.authorized for route in routes):
        yield Problem(place, f"{api.owner} asks who calls, and lets pages of every origin call.", api)


def _parts(deployment: Deployment, api: Resource, routes: list[Route]) -> Iterator[Any]:
    for route in routes:
        if route.integration is not None:
            yield route.integration.definition
    for _, _, _, response in _gateway_responses(deployment, api):
        yield response


def _headers(value: Any) -> str:
    """All that a definition says, in small letters and without the comments of its templates."""
    return _COMMENT.sub("", _text(value)).lower()


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return "\n".join(f"{key} {_text(item)}" for key, item in value.items())
    return "\n".join(map(_text, value)) if isinstance(value, list) else str(value)


def _opens_to_all(value: Any) -> bool:
    """Whether a mapping of headers somewhere in a definition allows every origin."""
    if isinstance(value, dict):
        return any(
            (str(key).lower().endswith(ORIGIN) and str(item).strip("'\" ") == "*") or _opens_to_all(item)
            for key, item in value.items()
        )
    return isinstance(value, list) and any(map(_opens_to_all, value))


def _gateway_responses(deployment: Deployment, api: Resource) -> Iterator[tuple[Place, Resource, str, dict[str, Any]]]:
    definition = definition_of(api)
    for name, response in mapping(definition.data.get(GATEWAY_RESPONSES)).items():
        yield definition.place(api, GATEWAY_RESPONSES, name), api, str(name), mapping(response)
    for resource in of_api(deployment, api, "AWS::ApiGateway::GatewayResponse"):
        kind = literal(resource.get("ResponseType"))
        if kind is not None:
            yield resource.place(), resource, kind, resource.properties


# SG603


@rule(
    "SG603",
    "What comes in is checked against a model, and what a service answers is mapped.",
    Severity.WARNING,
    "Give every body a model, name a request validator that checks it, and map the responses of non-proxies.",
    "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html",
)
def mappings(case: Case) -> Iterator[Problem]:
    """Bodies without model, models that nothing looks at, and integrations whose answers lead nowhere."""
    for deployment, api in apis(case):
        if api.type != REST:
            continue
        for route in routes_of(deployment, api):
            yield from _operation_checks(route) if route.operation else _method_checks(deployment, route)
            yield from _unmapped(route)


def _operation_checks(route: Route) -> Iterator[Problem]:
    operation, document = route.operation, route.document
    body = resolved(document, operation.get("requestBody"))
    parameters = [mapping(resolved(document, item)) for item in as_list(operation.get("parameters"))]
    schemas = [mapping(content).get("schema") for content in mapping(mapping(body).get("content")).values()]
    schemas += [item.get("schema") for item in parameters if item.get("in") == "body"]
    schemas = [schema for schema in schemas if schema is not None]
    if route.method in _WITH_BODY and not any(schemas):
        yield _of_operation(route, "requestBody", f"{route} of {route.api.owner} takes a body and has no model for it.")
    for schema in schemas:
        if resolved(document, schema) is None:
            name = str(mapping(schema).get("$ref"))
            message = f"The model {name} of {route} is not in the definition of {route.api.owner}."
            yield _of_operation(route, "requestBody", message, severity=Severity.ERROR)
    required = [item for item in parameters if item.get("in") in ("query", "header") and item.get("required") is True]
    validator = operation.get(VALIDATOR, document.get(VALIDATOR))
    yield from _validation(route, validator, bool(schemas) and route.method in _WITH_BODY, bool(required))


def _validation(route: Route, validator: Any, has_model: bool, has_required: bool) -> Iterator[Problem]:
    if not (has_model or has_required) or (validator is not None and literal(validator) is None):
        return
    if validator is None:
        what = "the model of its body" if has_model else "its required parameters"
        yield Problem(route.place, f"{route} of {route.api.owner} has no validator that checks {what}.", route.subject)
        return
    validators = mapping(route.document.get("x-amazon-apigateway-request-validators"))
    if validator not in validators:
        message = f"{route} of {route.api.owner} names the request validator {validator}, which is not defined."
        yield _of_operation(route, VALIDATOR, message, severity=Severity.ERROR)
        return
    checks = mapping(validators[validator])
    for wanted, key, what in (
        (has_model, "validateRequestBody", "the body"),
        (has_required, "validateRequestParameters", "parameters"),
    ):
        if wanted and truth(checks.get(key, False)) is False:
            message = f"{route} of {route.api.owner} is checked by {validator}, which does not look at {what}."
            yield _of_operation(route, VALIDATOR, message)


def _of_operation(route: Route, key: str, message: str, **more: Any) -> Problem:
    """A problem of an operation, at one of its keys where that is written."""
    return Problem(route.at(key), message, route.subject, **more)


def _method_checks(deployment: Deployment, route: Route) -> Iterator[Problem]:
    method = route.subject
    models = method.get("RequestModels")
    has_body = route.method in _WITH_BODY
    if has_body and not models:
        yield about(method, f"{method.owner} ({route}) takes a body and has no model for it.")
    parameters = mapping(method.get("RequestParameters"))
    required = [name for name, value in parameters.items() if truth(value) and ".path." not in str(name)]
    if not (has_body and models) and not required:
        return
    reference = method.get("RequestValidatorId")
    if reference is None:
        yield about(method, f"{method.owner} ({route}) names no request validator.")
        return
    validator = deployment.find(reference, "AWS::ApiGateway::RequestValidator")
    if validator is None:
        return
    for wanted, key, what in (
        (has_body and models, "ValidateRequestBody", "the body"),
        (required, "ValidateRequestParameters", "parameters"),
    ):
        if wanted and truth(validator.get(key) if validator.get(key) is not None else False) is False:
            message = f"{method.owner} ({route}) is checked by {validator.owner}, which does not look at {what}."
            yield Problem(place_of(method, "RequestValidatorId"), message, method)


def _unmapped(route: Route) -> Iterator[Problem]:
    integration = route.integration
    if integration is None or integration.kind not in {"aws", "http", "mock"} or not is_known(integration.responses):
        return
    if not integration.responses:
        yield Problem(route.place, f"{route} of {route.api.owner} maps no response of its integration.", route.subject)


# SG604


@rule(
    "SG604",
    "An API has a stage, and its deployment comes after the API's methods and anew with each of their changes.",
    Severity.ERROR,
    "Declare a stage whose deployment depends on all methods, or let SAM make both (AWS::Serverless::Api).",
    "https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-deploy-api.html",
)
def stages(case: Case) -> Iterator[Problem]:
    """APIs that nobody can call, and deployments that do not hold what the template says."""
    for deployment, api in apis(case):
        if api.type == REST:
            yield from _rest_stages(deployment, api)
        else:
            yield from _http_stages(deployment, api)


def _rest_stages(deployment: Deployment, api: Resource) -> Iterator[Problem]:
    stages_ = list(of_api(deployment, api, STAGE))
    deployed = list(of_api(deployment, api, DEPLOYMENT))
    if not stages_ and not any(item.get("StageName") is not None for item in deployed):
        if _may_be_elsewhere(deployment, STAGE, DEPLOYMENT):
            return
        yield about(api, f"{api.owner} has no stage, so nothing answers at its address.")
    for stage in stages_:
        found = deployment.find(stage.get("DeploymentId"), DEPLOYMENT)
        if found is not None and not belongs(deployment, found.get("RestApiId"), api):
            message = f"{stage.owner} is a stage of {api.owner} with another API's deployment."
            yield about(stage, message, "DeploymentId")
    names = {literal(stage.get("StageName")) for stage in stages_} - {None}
    methods = list(of_api(deployment, api, "AWS::ApiGateway::Method"))
    for item in deployed:
        extra = literal(item.get("StageName"))
        if extra is not None and names and extra not in names:
            message = f"The deployment of {api.owner} makes a second stage, {extra}, that nothing throttles or logs."
            place = item if item.owner == item.logical_id and item.logical_id in item.stack.template.resources else api
            mend = "Set OpenApiVersion at the API (or Globals) for SAM; leave StageName out of a deployment."
            yield about(place, message, "StageName", severity=Severity.WARNING, mend=mend)
        yield from _order(item, methods)
        if methods and not _is_renewed(item):
            yield _never_again(item)


def _http_stages(deployment: Deployment, api: Resource) -> Iterator[Problem]:
    stages_ = list(of_api(deployment, api, "AWS::ApiGatewayV2::Stage"))
    nowhere = not stages_ and api.get("Target") is None
    if nowhere and not _may_be_elsewhere(deployment, "AWS::ApiGatewayV2::Stage"):
        yield about(api, f"{api.owner} has no stage, so nothing answers at its address.")
    for stage in stages_:
        automatic = stage.get("AutoDeploy")
        if stage.get("DeploymentId") is None and (automatic is None or truth(automatic) is False):
            yield about(stage, f"Nothing is ever deployed to {stage.owner}: no AutoDeploy, and no DeploymentId.")
    routes = list(of_api(deployment, api, "AWS::ApiGatewayV2::Route"))
    for item in of_api(deployment, api, "AWS::ApiGatewayV2::Deployment"):
        yield from _order(item, routes)
        if routes and not _is_renewed(item):
            yield _never_again(item)


def _may_be_elsewhere(deployment: Deployment, *kinds: str) -> bool:
    """Whether a stage or deployment is of an API that is not known, which may be this one."""
    return any(
        not is_known(resource.get("RestApiId") or resource.get("ApiId")) for resource in deployment.of_type(*kinds)
    )


def _order(item: Resource, methods: list[Resource]) -> Iterator[Problem]:
    reached = _reached(item.stack, item.logical_id)
    late = [method.owner for method in methods if method.stack is item.stack and method.logical_id not in reached]
    if late:
        message = f"{item.owner} does not wait for {', '.join(sorted(late))}, so it may be deployed without."
        mend = "Name every method of the API in DependsOn of the deployment."
        yield Problem(item.place(), message, item, mend=mend)


def _reached(stack: Stack, start: str) -> set[str]:
    """Every resource of a stack that one waits for, directly or by others."""
    edges: dict[str, set[str]] = {}
    for reference in references(stack.data):
        if reference.path[0] == "Resources" and len(reference.path) > 1:
            edges.setdefault(str(reference.path[1]), set()).add(reference.target)
    seen = {start}
    queue = deque([start])
    while queue:
        for target in edges.get(queue.popleft(), set()) - seen:
            seen.add(target)
            queue.append(target)
    return seen


def _is_renewed(item: Resource) -> bool:
    """Whether the deployment gets another logical id with what it deploys: SAM's does, others by a number in it."""
    return item.owner != item.logical_id or bool(_NUMBERED.search(item.logical_id))


def _never_again(item: Resource) -> Problem:
    message = f"{item.owner} is made once: later changes of the API's methods do not reach its stage."
    mend = "Put a date or a hash of the definition into the deployment's logical id."
    return about(item, message, severity=Severity.WARNING, mend=mend)


# SG605


@rule(
    "SG605",
    "Errors are answered as JSON with the request's id, by the gateway and by what it calls.",
    Severity.WARNING,
    "Define the gateway responses DEFAULT_4XX and DEFAULT_5XX with a JSON template, and declare 4xx and 5xx answers.",
    "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html",
)
def errors(case: Case) -> Iterator[Problem]:
    """REST APIs with the gateway's own error texts, and operations that know of no error."""
    for deployment, api in apis(case):
        if api.type != REST:
            continue
        yield from _gateway_errors(deployment, api)
        for route in routes_of(deployment, api):
            yield from _route_errors(route)


def _gateway_errors(deployment: Deployment, api: Resource) -> Iterator[Problem]:
    found = list(_gateway_responses(deployment, api))
    names = {name for _, _, name, _ in found}
    missing = [name for name in ("DEFAULT_4XX", "DEFAULT_5XX") if name not in names]
    definition = definition_of(api)
    if missing and definition.complete and is_known(definition.data.get(GATEWAY_RESPONSES)):
        place = definition.place(api, GATEWAY_RESPONSES) if GATEWAY_RESPONSES in definition.data else api.place()
        yield Problem(place, f"{api.owner} defines no gateway response {' and no '.join(missing)}.", api)
    for place, subject, name, response in found:
        templates = mapping(response.get("responseTemplates") or response.get("ResponseTemplates"))
        for kind, template in templates.items():
            text = literal(template)
            if text is None or "json" not in str(kind):
                continue
            if not _is_json(text):
                yield Problem(place, f"The gateway response {name} of {api.owner} is not JSON.", subject)
            elif "requestid" not in text.lower():
                yield Problem(place, f"The gateway response {name} of {api.owner} lacks the request's id.", subject)
        if not templates and name.startswith("DEFAULT_"):
            yield Problem(place, f"The gateway response {name} of {api.owner} has no template.", subject)


def _is_json(text: str) -> bool:
    """Whether a template gives JSON: messageString is a string with its quotes, other variables are bare text."""
    quoted = text.replace("$context.error.messageString", '"text"')
    try:
        json.loads(_CONTEXT.sub("text", quoted))
    except ValueError:
        return False
    return True


def _route_errors(route: Route) -> Iterator[Problem]:
    if route.method == "OPTIONS":
        return
    declared = route.operation.get("responses")
    if isinstance(declared, dict) and declared and not any(_FAILS.fullmatch(str(key)) for key in declared):
        message = f"{route} of {route.api.owner} declares no answer for errors."
        yield _of_operation(route, "responses", message, severity=Severity.INFO)
    integration = route.integration
    if integration is None or integration.kind not in {"aws", "http"} or not integration.responses:
        return
    if is_known(integration.responses) and not _maps_errors(integration.responses):
        message = f"{route} of {route.api.owner} answers 2xx when what it calls fails: only success is mapped."
        yield Problem(integration.place, message, route.subject)


def _maps_errors(responses: Any) -> bool:
    items = responses.values() if isinstance(responses, dict) else as_list(responses)
    codes = (mapping(item).get("statusCode", mapping(item).get("StatusCode")) for item in items)
    return any(str(code).startswith(("4", "5")) for code in codes)


# SG606


@rule(
    "SG606",
    "A stage is throttled and writes a structured access log.",
    Severity.WARNING,
    "Set ThrottlingRateLimit and ThrottlingBurstLimit for all methods, and AccessLogSetting with a JSON format.",
    "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html",
)
def throttling(case: Case) -> Iterator[Problem]:
    """Stages without throttling or access log, and usage plans without throttling."""
    for deployment, stage in case.of_type(STAGE, "AWS::ApiGatewayV2::Stage"):
        plain = stage.type == STAGE
        yield from _access_log(stage, stage.get("AccessLogSetting" if plain else "AccessLogSettings"))
        throttled = _is_throttled(stage.get("MethodSettings")) if plain else _is_http_throttled(stage)
        if not throttled and not (plain and _is_planned(deployment, stage)):
            key = "MethodSettings" if plain else "DefaultRouteSettings"
            yield Problem(_stage_place(stage, key), f"{_stage(stage)} is not throttled.", stage)
    for deployment, item in case.of_type(DEPLOYMENT):
        api = deployment.find(item.get("RestApiId"), REST)
        if literal(item.get("StageName")) is None or (api and any(of_api(deployment, api, STAGE))):
            continue
        description = mapping(item.get("StageDescription"))
        yield from _access_log(item, description.get("AccessLogSetting"))
        own = any(description.get(key) is not None for key in ("ThrottlingRateLimit", "ThrottlingBurstLimit"))
        if not own and not _is_throttled(description.get("MethodSettings")):
            yield about(item, f"The stage of {item.owner} is not throttled.")
    for _, plan in case.of_type("AWS::ApiGateway::UsagePlan"):
        if plan.get("Throttle") is None:
            yield about(plan, f"{plan.owner} does not throttle who uses it.")


def _stage(stage: Resource) -> str:
    return stage.owner if stage.owner == stage.logical_id else f"The stage of {stage.owner}"


def _stage_place(stage: Resource, key: str) -> Place:
    """Where a setting of a stage stands, of SAM's at the API or the function that it was made for."""
    if stage.owner == stage.logical_id:
        return place_of(stage, key)
    if key in owned(stage):
        template = stage.stack.template
        return (template.name, *template.line_of("Resources", stage.owner, "Properties", key))
    return stage.place()


def _access_log(stage: Resource, setting: Any) -> Iterator[Problem]:
    key = "AccessLogSetting" if stage.type != "AWS::ApiGatewayV2::Stage" else "AccessLogSettings"
    place = _stage_place(stage, key)
    if not isinstance(setting, dict):
        if setting is None:
            yield Problem(place, f"{_stage(stage)} has no access log.", stage)
        return
    if setting.get("DestinationArn") is None:
        yield Problem(place, f"The access log of {stage.owner} goes nowhere: it has no DestinationArn.", stage)
    layout = setting.get("Format")
    text = literal(layout)
    if layout is None or (text is not None and "requestid" not in text.lower()):
        message = f"The access log of {stage.owner} has no $context.requestId, which API Gateway demands."
        yield Problem(place, message, stage, severity=Severity.ERROR)
    elif text is not None and not text.lstrip().startswith(("{", "<")):
        yield Problem(place, f"The access log of {stage.owner} is not structured: its format is no JSON.", stage)


def _is_throttled(settings: Any) -> bool:
    if not is_known(settings):
        return True
    return any(
        number(mapping(item).get(key)) not in {None, -1.0}
        for item in as_list(settings)
        for key in ("ThrottlingRateLimit", "ThrottlingBurstLimit")
        if _is_for_all(mapping(item))
    ) or any(not is_known(item) for item in as_list(settings))


def _is_for_all(item: dict[str, Any]) -> bool:
    return (item.get("ResourcePath", "/*"), item.get("HttpMethod", "*")) == ("/*", "*")


def _is_http_throttled(stage: Resource) -> bool:
    settings = [stage.get("DefaultRouteSettings"), *mapping(stage.get("RouteSettings")).values()]
    return any(
        not is_known(item) or mapping(item).get(key) is not None
        for item in settings
        for key in ("ThrottlingRateLimit", "ThrottlingBurstLimit")
    )


def _is_planned(deployment: Deployment, stage: Resource) -> bool:
    """Whether a usage plan throttles the stage's API."""
    api = deployment.find(stage.get("RestApiId"), REST, HTTP)
    for plan in deployment.of_type("AWS::ApiGateway::UsagePlan"):
        if plan.get("Throttle") is None:
            continue
        for item in as_list(plan.get("ApiStages")):
            if api is not None and deployment.find(mapping(item).get("ApiId"), REST) is api:
                return True
    return False
