"""SG601: what a route invokes, and the permission to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from generator.checks.case import Case
from generator.checks.facts.routes import (
    ANY,
    HTTP,
    INTEGRATION,
    REST,
    Integration,
    Route,
    routes_of,
)
from generator.checks.facts.targets import Target, aliases_of, is_invocation, of_a_url, target_of
from generator.checks.facts.texts import DEPTH
from generator.checks.rule import Place, Problem, about, rule
from generator.findings import Severity
from generator.project import Deployment, Resource
from generator.project.evaluate import is_known

PERMISSION = "AWS::Lambda::Permission"
PRINCIPAL = "apigateway.amazonaws.com"
EVERYBODY = "*"

_KINDS = {
    "REST": {"aws", "aws_proxy", "http", "http_proxy", "mock"},
    "HTTP": {"aws_proxy", "http_proxy"},
    "WEBSOCKET": {"aws", "aws_proxy", "http", "http_proxy", "mock"},
}
_INVOKING = {"lambda:InvokeFunction", "lambda:*", "*"}
_INCLUDE = (
    "Take the file in by DefinitionBody (Body): Fn::Transform: {Name: AWS::Include, Parameters: {Location: …}}, with "
    "its functions in their long form."
)
_SYMBOL = re.compile(r"<[^<>]+>")


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
            yield from _unresolved(api)
            for route in routes_of(deployment, api):
                if not _stands_unresolved(route):
                    yield from _integration(deployment, route, granted)
    for deployment, permission in case.of_type(PERMISSION):
        yield from _open_permission(deployment, permission)


def _unresolved(api: Resource) -> Iterator[Problem]:
    """Intrinsics in a file that API Gateway gets as it is: neither SAM nor CloudFormation looks into it."""
    if api.openapi is None:
        return
    for path, function in _intrinsics(api.openapi.document.data):
        message = (
            f"{function} in {api.openapi.name} is never resolved: API Gateway gets the file of {api.owner} as it is."
        )
        yield Problem((api.openapi.name, *api.openapi.document.place(path)), message, api, mend=_INCLUDE)


def _intrinsics(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Where a document has an intrinsic, and which; the outermost of each."""
    if len(path) > DEPTH:
        return
    if isinstance(value, dict):
        key, item = next(iter(value.items())) if len(value) == 1 else ("", None)
        # A model may have a property that is called Ref.
        extended = any(str(step).startswith("x-amazon-apigateway-") for step in path)
        if str(key).startswith("Fn::") or (key == "Ref" and isinstance(item, str) and extended):
            yield path, str(key)
            return
        for name, below in value.items():
            yield from _intrinsics(below, (*path, name))
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from _intrinsics(below, (*path, index))


def _stands_unresolved(route: Route) -> bool:
    """Whether the address of a route's integration is an intrinsic in a file that nobody resolves."""
    document = route.definition.document
    found: Any = document.data if document is not None else None
    for step in (*route.steps, INTEGRATION, "uri"):
        found = found.get(step) if isinstance(found, dict) else None
    return isinstance(found, dict)


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
    place = route.at(INTEGRATION, key) if route.operation else _integration_place(route, key)
    return Problem(place, message, route.subject, **more)


def _integration_place(route: Route, key: str) -> Place:
    if route.integration is None:
        return route.place
    return route.integration.places.get(key, route.integration.place)


Grant = tuple["Target | None", Any]
"""What a permission of API Gateway's lets be invoked (None where that is not known), and its SourceArn."""


def _permissions(deployment: Deployment) -> Iterator[Grant]:
    for permission in deployment.of_type(PERMISSION):
        principal = permission.get("Principal")
        if principal in (PRINCIPAL, EVERYBODY) or not is_known(principal):
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
    invokes = str(permission.get("Action")) in _INVOKING and not of_a_url(permission)
    everybody = permission.get("Principal") == EVERYBODY and invokes
    if permission.get("Principal") != PRINCIPAL and not everybody:
        return
    source = permission.get("SourceArn")
    found = target_of(deployment, permission.get("FunctionName"))
    name = found.function.owner if found is not None and found.function is not None else "a function"
    if everybody and source is None and permission.get("PrincipalOrgID") is None:
        yield about(permission, f"{permission.owner} lets everybody invoke {name}.", "Principal")
    elif everybody:
        return
    elif source is None:
        account = permission.get("SourceAccount") is not None
        whose = "every API of the account" if account else "every API of every account"
        yield about(permission, f"{permission.owner} lets {whose} invoke {name}.")
    elif isinstance(source, str) and is_known(source):
        parts = source.split(":", 5)
        if source == "*" or (len(parts) > 5 and parts[5].partition("/")[0] == "*"):  # noqa: PLR2004
            yield about(permission, f"{permission.owner} lets every API of the account invoke {name}.", "SourceArn")
