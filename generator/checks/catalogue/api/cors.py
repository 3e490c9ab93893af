"""SG602: preflights, and origins that may call."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from generator.checks.case import Case, as_list, truth
from generator.checks.facts.routes import (
    ANY,
    Route,
    apis,
    definition_of,
    gateway_responses,
    mapping,
    place_of,
    protocol_of,
    routes_of,
)
from generator.checks.rule import Problem, about, rule
from generator.findings import Severity
from generator.project import Deployment, Resource
from generator.project.evaluate import is_known

CORS = "x-amazon-apigateway-cors"
ORIGIN = "access-control-allow-origin"
CREDENTIALS = "access-control-allow-credentials"

_COMMENT = re.compile(r"##[^\n]*")


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
    for place, subject, name, response in gateway_responses(deployment, api):
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
    for _, _, _, response in gateway_responses(deployment, api):
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
