"""The API: its name, who may call it, and its routes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from generator.adopt.source import Source
from generator.checks.case import as_list, literal, number
from generator.checks.facts.routes import Route, mapping, routes_of
from generator.checks.facts.targets import target_of
from generator.project import Resource

Document = dict[str, Any]
REST, HTTP = "AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api"
_KINDS = {
    "awssigv4": "iam",
    "aws_iam": "iam",
    "cognito_user_pools": "cognito",
    "jwt": "cognito",
    "oauth2": "cognito",
    "custom": "lambda",
    "request": "lambda",
    "token": "lambda",
}


def api(source: Source) -> tuple[Document | None, list[tuple[Resource, Document]]]:
    """The section `api`, and its routes with the function of each; None where there is no API."""
    found = [a for a in source.resources(REST, HTTP) if literal(a.get("ProtocolType")) != "WEBSOCKET"]
    for other in source.resources(REST, HTTP):
        if other not in found:
            source.note(other, f"{other.owner} is a WebSocket API, which samgen.yaml has no word for.")
    if not found:
        return None, []
    chosen = max(found, key=lambda candidate: len(routes_of(source.main, candidate)))
    for other in found:
        if other is not chosen:
            source.note(other, f"{other.owner} is another API: samgen.yaml has one; its routes are left out.")
    if chosen.type == HTTP:
        source.note(chosen, f"{chosen.owner} is an HTTP API; samgen makes REST APIs, whose events look different.")
    routes = [(route, *_read(source, route)) for route in routes_of(source.main, chosen) if route.method != "OPTIONS"]
    kinds = Counter(kind for _, _, kind in routes if kind is not None and kind != "none")
    common = kinds.most_common(1)[0][0] if kinds else "iam"
    document = {"name": _name(source, chosen), "authorization": common, **_settings(source, chosen, routes)}
    if common == "cognito" and not any(True for _ in source.resources("AWS::Cognito::UserPool")):
        message = f"The user pool of {chosen.owner} is not in the project: say which it is (user_pool: given)."
        source.note(chosen, message)
    if common == "lambda":
        document.update(_authorizer(source, chosen))
    return document, list(_triggers(source, routes, common))


def _triggers(
    source: Source, routes: list[tuple[Route, Resource | None, str | None]], common: str
) -> Iterator[tuple[Resource, Document]]:
    for route, function, kind in routes:
        if function is None:
            if not _is_health(route):
                message = f"The route {route} has no function of the project behind it, and is left out."
                source.note(route.subject, message)
            continue
        if not route.path.startswith("/"):
            source.note(route.subject, f"The route {route.path} takes all the rest; samgen.yaml names each path.")
            continue
        trigger: Document = {"type": "api", "method": route.method, "path": route.path}
        if kind is not None and kind != common:
            trigger["authorization"] = kind
        model = _model(route)
        trigger.update({"request_model": model} if model and (source.project.root / model).is_file() else {})
        yield function, trigger


def _read(source: Source, route: Route) -> tuple[Resource | None, str | None]:
    """The function behind a route, and how it asks who calls."""
    target = target_of(source.main, route.integration.uri) if route.integration is not None else None
    return (target.function if target is not None else None), _authorization(route)


def _authorization(route: Route) -> str | None:
    if not route.operation:
        kind = (literal(route.subject.get("AuthorizationType")) or "NONE").lower()
        return _KINDS.get(kind, "none")
    security = route.operation.get("security", route.document.get("security"))
    names = [str(name) for item in as_list(security) for name in mapping(item)]
    schemes = mapping(mapping(route.document.get("components")).get("securitySchemes"))
    schemes = {**schemes, **mapping(route.document.get("securityDefinitions"))}
    for name in names:
        scheme = mapping(schemes.get(name))
        authorizer = mapping(scheme.get("x-amazon-apigateway-authorizer"))
        # The authorizer's own type says more than the scheme's, which is `apiKey` for most.
        for word in (authorizer.get("type"), scheme.get("x-amazon-apigateway-authtype"), scheme.get("type")):
            if found := _KINDS.get(str(word).lower()):
                return found
    auth = mapping(route.operation.get("x-amazon-apigateway-auth"))
    return _KINDS.get(str(auth.get("type")).lower(), "none")


def _is_health(route: Route) -> bool:
    return route.path == "/health" and route.integration is not None and route.integration.kind == "mock"


def _model(route: Route) -> str:
    """The file beside samgen.yaml that a body's model would be in, by samgen's own convention."""
    body = mapping(mapping(mapping(route.operation.get("requestBody")).get("content")).get("application/json"))
    name = str(mapping(body.get("schema")).get("$ref", "")).rpartition("/")[2]
    return f"models/{name[:1].lower()}{name[1:]}.json" if name else ""


def _name(source: Source, chosen: Resource) -> str:
    name = str(literal(chosen.get("Name")) or literal(chosen.get("Body", "info", "title")) or "<?>")
    if "<" in name:
        return chosen.owner
    for part in (f"{source.name}-", f"{source.name}_"):
        name = name.removeprefix(part)
    return name.removesuffix(f"-{source.name}")


def _settings(source: Source, chosen: Resource, routes: list[tuple[Route, Resource | None, str | None]]) -> Document:
    found: Document = {"health": any(_is_health(route) for route, _, _ in routes)}
    kinds = as_list(chosen.get("EndpointConfiguration", "Types"))
    if "PRIVATE" in kinds and all(literal(gate) for gate in _gates(chosen)) and _gates(chosen):
        found["endpoint"] = "private"
    elif "PRIVATE" in kinds:
        source.note(chosen, f"{chosen.owner} is private, but does not name its VPC endpoints: say which they are.")
    elif "EDGE" in kinds:
        source.note(chosen, f"{chosen.owner} is edge-optimized; samgen's APIs are regional.")
    origins = _origins(source, chosen)
    found.update({"cors_origins": origins} if origins else {})
    for stage in source.resources("AWS::ApiGateway::Stage"):
        for settings in as_list(stage.get("MethodSettings")):
            rate, burst = (
                number(mapping(settings).get(key)) for key in ("ThrottlingRateLimit", "ThrottlingBurstLimit")
            )
            if rate is not None and burst is not None and mapping(settings).get("ResourcePath") == "/*":
                found["throttling"] = {"rate_limit": int(rate), "burst_limit": int(burst)}
    if any(True for _ in source.resources("AWS::ApiGateway::UsagePlanKey", "AWS::ApiGateway::ApiKey")):
        found["api_key"] = True
    return found


def _gates(chosen: Resource) -> list[Any]:
    return as_list(chosen.get("EndpointConfiguration", "VpcEndpointIds"))


def _origins(source: Source, chosen: Resource) -> list[str]:
    """The origins that the API lets in: a variable of samgen's functions, or what its preflight answers."""
    for function in source.resources("AWS::Lambda::Function"):
        allowed = literal(function.get("Environment", "Variables", "ALLOWED_ORIGINS"))
        if allowed:
            return [origin for origin in allowed.replace(",", " ").split() if origin]
    found = [literal(item) for item in as_list(chosen.get("CorsConfiguration", "AllowOrigins"))]
    found += [literal(item) for item in as_list(chosen.get("Body", "x-amazon-apigateway-cors", "allowOrigins"))]
    for route in routes_of(source.main, chosen):
        if route.method == "OPTIONS":
            found += _answered(route)
    named = list(dict.fromkeys(origin.strip("'") for origin in found if origin))
    if "*" in named:
        source.note(chosen, f"{chosen.owner} lets pages of every origin call it; samgen.yaml names origins.")
    return [origin for origin in named if origin != "*"]


def _answered(route: Route) -> list[str | None]:
    settings = mapping(route.operation.get("x-amazon-apigateway-integration"))
    return [
        literal(mapping(mapping(response).get("responseParameters")).get(key))
        for response in mapping(settings.get("responses")).values()
        for key in ("method.response.header.Access-Control-Allow-Origin",)
    ]


def _authorizer(source: Source, chosen: Resource) -> Document:
    """The function that decides who may call."""
    document = mapping(chosen.get("Body"))
    schemes = mapping(mapping(document.get("components")).get("securitySchemes"))
    for scheme in (*schemes.values(), *mapping(document.get("securityDefinitions")).values()):
        uri = mapping(mapping(scheme).get("x-amazon-apigateway-authorizer")).get("authorizerUri")
        target = target_of(source.main, uri)
        if target is not None and target.function is not None:
            return {"authorizer": source.label(target.function)}
    return {}
