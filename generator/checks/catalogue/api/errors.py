"""SG605: what is answered when something fails."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from generator.checks.case import Case, as_list, literal
from generator.checks.facts.routes import (
    GATEWAY_RESPONSES,
    REST,
    Route,
    apis,
    definition_of,
    gateway_responses,
    mapping,
    of_operation,
    place_of,
    routes_of,
)
from generator.checks.rule import Problem, rule
from generator.findings import Severity
from generator.project import Deployment, Resource
from generator.project.evaluate import is_known

_CONTEXT = re.compile(r"\$(?:context|stageVariables)\.[A-Za-z0-9_.]+")
_FAILS = re.compile(r"[45](\d\d|xx)|default", re.IGNORECASE)


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
    found = list(gateway_responses(deployment, api))
    names = {name for _, _, name, _ in found}
    missing = [name for name in ("DEFAULT_4XX", "DEFAULT_5XX") if name not in names]
    definition = definition_of(api)
    if missing and definition.complete and is_known(definition.data.get(GATEWAY_RESPONSES)):
        place = definition.place(api, GATEWAY_RESPONSES) if GATEWAY_RESPONSES in definition.data else place_of(api)
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
        yield of_operation(route, "responses", message, severity=Severity.INFO)
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
