"""What an API answers, however it is defined: OpenAPI in the template or beside it, or a resource a route."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from generator.checks.case import Case, as_list, literal
from generator.checks.rule import Place, Problem
from generator.project import Deployment, Resource
from generator.project.document import Document
from generator.project.evaluate import is_known

REST = "AWS::ApiGateway::RestApi"
HTTP = "AWS::ApiGatewayV2::Api"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "x-amazon-apigateway-any-method")
INTEGRATION = "x-amazon-apigateway-integration"
ANY = "ANY"
STAGE = "AWS::ApiGateway::Stage"
DEPLOYMENT = "AWS::ApiGateway::Deployment"
GATEWAY_RESPONSES = "x-amazon-apigateway-gateway-responses"
_DEPTH = 20
# What each way of writing an integration calls its type, method, address, role and responses.
_OPENAPI = ("type", "httpMethod", "uri", "credentials", "responses")
_METHOD = ("Type", "IntegrationHttpMethod", "Uri", "Credentials", "IntegrationResponses")
_ROUTE = ("IntegrationType", "IntegrationMethod", "IntegrationUri", "CredentialsArn", "")


@dataclass(frozen=True, eq=False)
class Integration:
    """What a route hands its requests to; None or a dictionary for whatever is not known.

    Attributes:
        kind: its type in small letters; empty where none is named, None where it is not known.
        method: the method it is called with, in capitals; empty where none is named, None where it is not known.
        uri: where it is.
        credentials: the role that calls it.
        responses: how its answers are mapped: a mapping for OpenAPI, a list for resources.
        definition: all of it.
        place: where it stands.
        places: where its `type`, `httpMethod` and `uri` stand, if a resource says it.
    """

    kind: str | None
    method: str | None
    uri: Any
    credentials: Any
    responses: Any
    definition: dict[str, Any]
    place: Place
    places: dict[str, Place] = field(default_factory=dict)


@dataclass(frozen=True)
class Definition:
    """An API's OpenAPI document.

    Attributes:
        data: the document, evaluated as far as it stands in the template; empty where the API has none.
        complete: whether all of it is known.
        file: the file that it is, if it is one of its own.
        document: that file, with its lines.
    """

    data: dict[str, Any] = field(default_factory=dict)
    complete: bool = True
    file: str = ""
    document: Document | None = None

    def place(self, api: Resource, *path: str | int) -> Place:
        """Where a part of the document stands."""
        if self.document is not None:
            return (self.file, *self.document.place(path))
        key = _body_key(api)
        return api.place(key, *path) if key else place_of(api)


@dataclass(frozen=True, eq=False)
class Route:
    """One method of one path.

    Attributes:
        api: the API that has it.
        protocol: REST, HTTP or WEBSOCKET.
        method: in capitals; `ANY` for all of them.
        path: as written; the route key for those that have no path (`$default`, `$connect`).
        subject: the resource that says it.
        place: where it stands.
        authorized: whether it asks who calls; None where that is not known.
        integration: what it hands requests to, if it says so.
        operation: what OpenAPI says of it; empty where a resource does.
        definition: the OpenAPI document that it stands in; an empty one likewise.
        steps: the way to it in the document; none where SAM made it of an event.
    """

    api: Resource
    protocol: str
    method: str
    path: str
    subject: Resource
    place: Place
    authorized: bool | None
    integration: Integration | None
    operation: dict[str, Any] = field(default_factory=dict)
    definition: Definition = field(default_factory=Definition)
    steps: tuple[str, ...] = ()

    @property
    def document(self) -> dict[str, Any]:
        """The OpenAPI document that it stands in; empty where a resource says it."""
        return self.definition.data

    def at(self, *path: str | int) -> Place:
        """Where a part of the operation stands, as far as it is written there; the operation's own place if not."""
        return self.definition.place(self.api, *self.steps, *path) if self.steps else self.place

    def __str__(self) -> str:
        """Method and path, as in `GET /orders`."""
        return f"{self.method} {self.path}" if self.path.startswith("/") else self.path

    @property
    def allows_options(self) -> bool:
        """Whether it takes a browser's preflight."""
        return self.method in {"OPTIONS", ANY}


def apis(case: Case) -> Iterator[tuple[Deployment, Resource]]:
    """Every API, once for each environment that has it."""
    return case.of_type(REST, HTTP)


def protocol_of(api: Resource) -> str:
    """What an API speaks: REST, HTTP or WEBSOCKET."""
    if api.type == REST:
        return "REST"
    return "WEBSOCKET" if literal(api.get("ProtocolType")) == "WEBSOCKET" else "HTTP"


def definition_of(api: Resource) -> Definition:
    """The OpenAPI document of an API."""
    body = api.get("Body")
    if isinstance(body, dict) and api.openapi is not None:
        return Definition(body, True, api.openapi.name, api.openapi.document)
    if isinstance(body, dict):
        return Definition(body, not any("Fn::Transform" in part for part in (body, mapping(body.get("paths")))))
    return Definition(complete=body is None and api.get("BodyS3Location") is None)


def routes_of(deployment: Deployment, api: Resource) -> list[Route]:
    """Every route of an API that is known."""
    definition = definition_of(api)
    found = list(_operations(api, definition))
    found += _methods(deployment, api) if api.type == REST else _routes(deployment, api)
    return found


def belongs(deployment: Deployment, reference: Any, api: Resource) -> bool:
    """Whether a reference (`RestApiId`, `ApiId`) means the API."""
    return deployment.find(reference, api.type) is api


def of_api(deployment: Deployment, api: Resource, kind: str) -> Iterator[Resource]:
    """The resources of a type that belong to an API."""
    for resource in deployment.of_type(kind):
        if belongs(deployment, resource.get("RestApiId") or resource.get("ApiId"), api):
            yield resource


def gateway_responses(deployment: Deployment, api: Resource) -> Iterator[tuple[Place, Resource, str, dict[str, Any]]]:
    """The gateway responses of an API: place, resource, type and definition of each."""
    definition = definition_of(api)
    for name, response in mapping(definition.data.get(GATEWAY_RESPONSES)).items():
        yield definition.place(api, GATEWAY_RESPONSES, name), api, str(name), mapping(response)
    for resource in of_api(deployment, api, "AWS::ApiGateway::GatewayResponse"):
        kind = literal(resource.get("ResponseType"))
        if kind is not None:
            yield resource.place(), resource, kind, resource.properties


def of_operation(route: Route, key: str, message: str, **more: Any) -> Problem:
    """A problem of an operation, at one of its keys where that is written."""
    return Problem(route.at(key), message, route.subject, **more)


def resolved(document: dict[str, Any], value: Any) -> Any:
    """A value, or what its `$ref` leads to within the document; None where that leads nowhere."""
    for _ in range(_DEPTH):
        reference = value.get("$ref") if isinstance(value, dict) else None
        if not isinstance(reference, str) or not reference.startswith("#/"):
            return value
        value = document
        for step in reference[2:].split("/"):
            name = step.replace("~1", "/").replace("~0", "~")
            value = value.get(name) if isinstance(value, dict) else None
    return None


def mapping(value: Any) -> dict[Any, Any]:
    """A mapping, or an empty one for whatever else stands there."""
    return value if isinstance(value, dict) else {}


def _operations(api: Resource, definition: Definition) -> Iterator[Route]:
    document = definition.data
    for path, item in mapping(document.get("paths")).items():
        for key, operation in mapping(item).items():
            method = str(key).lower()
            if method not in METHODS or not isinstance(operation, dict):
                continue
            written = _is_written(api, definition, path, key)
            place = definition.place(api, "paths", path, key) if written else _event_place(api, str(path), method)
            steps = ("paths", path, key) if written else ()
            integration = resolved(document, operation.get(INTEGRATION))
            where = definition.place(api, *steps, INTEGRATION) if written else place
            yield Route(
                api,
                protocol_of(api),
                ANY if method.startswith("x-") else method.upper(),
                str(path),
                api,
                place,
                _is_secured(document, operation),
                _integration(integration, where, _OPENAPI),
                operation,
                definition,
                steps,
            )


def _methods(deployment: Deployment, api: Resource) -> Iterator[Route]:
    for method in of_api(deployment, api, "AWS::ApiGateway::Method"):
        verb = literal(method.get("HttpMethod"))
        if verb is None:
            continue
        where = place_of(method, "Integration")
        places = _places(method, _METHOD, "Integration")
        integration = _integration(method.get("Integration"), where, _METHOD, places)
        kind = method.get("AuthorizationType")
        authorized = None if not is_known(kind) else kind not in (None, "NONE")
        path = _path(deployment, method.get("ResourceId"))
        yield Route(api, "REST", verb.upper(), path, method, method.place(), authorized, integration)


def _routes(deployment: Deployment, api: Resource) -> Iterator[Route]:
    for route in of_api(deployment, api, "AWS::ApiGatewayV2::Route"):
        key = literal(route.get("RouteKey"))
        if key is None:
            continue
        method, _, path = key.partition(" ")
        kind = route.get("AuthorizationType")
        authorized = None if not is_known(kind) else kind not in (None, "NONE")
        found = deployment.find(route.get("Target"), "AWS::ApiGatewayV2::Integration")
        places = _places(found, _ROUTE) if found else {}
        integration = _integration(found.properties, found.place(), _ROUTE, places) if found else None
        yield Route(
            api,
            protocol_of(api),
            method.upper() if path else ANY,
            path or key,
            route,
            route.place(),
            authorized,
            integration,
        )
    if api.get("Target") is not None:
        yield _quick_route(api)


def _quick_route(api: Resource) -> Route:
    """The one route of an API that is created with its target."""
    target, place = api.get("Target"), place_of(api, "Target")
    is_page = isinstance(target, str) and target.startswith(("http://", "https://"))
    kind = None if not is_known(target) else "http_proxy" if is_page else "aws_proxy"
    integration = Integration(kind, None, target, api.get("CredentialsArn"), None, {"uri": target}, place)
    key = literal(api.get("RouteKey")) or "$default"
    method, _, path = key.partition(" ")
    return Route(api, "HTTP", method.upper() if path else ANY, path or key, api, place, False, integration)


def _places(resource: Resource, names: tuple[str, ...], *path: str) -> dict[str, Place]:
    """Where the type, the method and the address of an integration stand that a resource says."""
    pairs = zip(_OPENAPI[:3], names[:3], strict=True)
    return {key: place_of(resource, *path, name) for key, name in pairs if resource.get(*path, name) is not None}


def place_of(resource: Resource, *path: str | int) -> Place:
    """The place of a property where it is written; the resource's own where it is not."""
    if resource.owner not in resource.stack.template.resources:
        return _first_event(resource)
    return resource.place(*path) if resource.get(*path) is not None else resource.place()


def _first_event(resource: Resource) -> Place:
    """Where the first event stands that SAM makes an API for; the resource's place where there is none."""
    template = resource.stack.template
    for name, definition in template.resources.items():
        for event, said in mapping(mapping(definition.get("Properties")).get("Events")).items():
            if mapping(said).get("Type") in {"Api", "HttpApi"}:
                return template.place("Resources", name, "Properties", "Events", event)
    return resource.place()


def _integration(
    value: Any, place: Place, names: tuple[str, ...], places: dict[str, Place] | None = None
) -> Integration | None:
    if not isinstance(value, dict) or not value:
        return None
    kind, method, uri, credentials, responses = names
    return Integration(
        _word(value.get(kind), str.lower),
        _word(value.get(method), str.upper),
        value.get(uri),
        value.get(credentials),
        value.get(responses),
        value,
        place,
        places or {},
    )


def _word(value: Any, spell: Any) -> str | None:
    if value is None:
        return ""
    text = literal(value)
    return None if text is None else str(spell(text))


def _is_secured(document: dict[str, Any], operation: dict[str, Any]) -> bool | None:
    if "x-amazon-apigateway-auth" in operation:
        kind = literal(mapping(operation["x-amazon-apigateway-auth"]).get("type"))
        if kind is not None and kind.upper() != "NONE":
            return True
    security = operation.get("security", document.get("security"))
    if security is not None and not is_known(security):
        return None
    return any(isinstance(item, dict) and item for item in as_list(security))


def _path(deployment: Deployment, reference: Any) -> str:
    parts: list[str] = []
    for _ in range(_DEPTH):
        resource = deployment.find(reference, "AWS::ApiGateway::Resource")
        if resource is None:
            break
        parts.append(literal(resource.get("PathPart")) or "*")
        reference = resource.get("ParentId")
    return "/" + "/".join(reversed(parts))


def owned(resource: Resource) -> dict[Any, Any]:
    """The properties of the author's own resource that one is, or was generated from, as they are written."""
    return mapping(mapping(resource.stack.template.resources.get(resource.owner)).get("Properties"))


def _is_written(api: Resource, definition: Definition, path: Any, key: Any) -> bool:
    """Whether the author wrote the operation, or something that it cannot be seen in, such as a condition."""
    written = definition.document.data if definition.document else _written(api)
    if not isinstance(written, dict):
        return False
    paths = written.get("paths")
    if not isinstance(paths, dict) or any(str(name).startswith("Fn::") for name in paths):
        return bool(written)
    return key in mapping(paths.get(path)) or "Fn::If" in mapping(paths.get(path))


def _event_place(api: Resource, path: str, method: str) -> Place:
    """Where the event of a function stands that SAM made an operation of; the API's place where it is none."""
    template = api.stack.template
    for name, resource in template.resources.items():
        for event, definition in mapping(mapping(resource.get("Properties")).get("Events")).items():
            properties = mapping(mapping(definition).get("Properties"))
            wanted = str(properties.get("Method", "any")).lower()
            same = wanted == method or (wanted in {"any", "*"} and method.startswith("x-"))
            if properties.get("Path") == path and same:
                return template.place("Resources", name, "Properties", "Events", event)
    return api.place()


def _written(api: Resource) -> Any:
    """The document as the author's template has it; an empty one where SAM makes it from events."""
    key = _body_key(api)
    return owned(api).get(key) if key else {}


def _body_key(api: Resource) -> str:
    return next((key for key in ("DefinitionBody", "Body") if key in owned(api)), "")
