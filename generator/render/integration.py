"""What the project's integration tests go by: its routes, triggers, queues and roles, as one data file.

The tests are the same files in every project; `tests/integration/service.json` says what there is to test. Names are
texts for `Fn::Sub`, as in the templates. Standard library only.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from generator.render import arns
from generator.render.code import Example
from generator.spec.authorization import API_TOKEN
from generator.spec.example import example

if TYPE_CHECKING:
    from generator.render.api import ApiView, PathView
    from generator.render.data import DataView
    from generator.render.views import FunctionView

# What the generated handlers count, and so log, when something arrives; a project that counts something else says so
# in its service.json.
_TRACES = {
    "sqs": "Messages",
    "sns": "Notifications",
    "eventbridge": "Events",
    "s3": "Objects",
    "dynamodb": "Changes",
    "schedule": "ScheduledRuns",
    "function": "Outcomes",
}
# Where Lambda itself keeps what fails to the end; queues and streams have their own ways.
_ASYNCHRONOUS = frozenset(["sns", "eventbridge", "s3", "schedule", "function"])
# A path that is no route, unless a greedy parameter takes everything.
_UNKNOWN = "/no/such/path/is/declared"
_WITHOUT_BODY = frozenset(["GET", "HEAD", "DELETE", "OPTIONS"])
# Of what other functions may do, as many as show that a role is not theirs.
_NEIGHBOURS = 4


def integration_text(
    service: str,
    functions: list[FunctionView],
    paths: list[PathView],
    gateway: ApiView,
    *,
    data: DataView,
    environment: Any,
) -> str:
    """The data file, as JSON.

    Args:
        service: the service's name.
        functions: all functions.
        paths: the API's paths.
        gateway: the API.
        data: what the data stack creates.
        environment: the first environment, whose names examples of events carry.
    """
    known = {
        "service": service,
        "api": _api(service, paths, gateway),
        "routes": list(_routes(paths, gateway)),
        "triggers": list(_triggers(service, functions, environment)),
        "grants": list(_grants(service, functions)),
        "failures": [
            {"function": f.name, "queue": f"{arns.convention(service, f.name)}-dlq"}
            for f in functions
            if f.is_plain or f.kinds & _ASYNCHRONOUS
        ],
        "queues": [
            {
                "queue": arns.convention(service, queue.name),
                "dead_letters": f"{arns.convention(service, queue.name)}-queue-dlq",
                "read_by_a_function": _is_read(queue.name, functions),
                "unreadable": "neither JSON nor anything else",
            }
            for queue in data.queues
        ],
        "roles": [_role(service, function, functions) for function in functions],
    }
    return json.dumps(known, indent=2, ensure_ascii=False)


def _api(service: str, paths: list[PathView], gateway: ApiView) -> dict[str, Any] | None:
    if not paths:
        return None
    api = gateway.spec.api
    greedy = any("+}" in path.path and path.path.startswith("/{") for path in paths)
    return {
        "origin": next(iter(api.cors_origins), None),
        "unknown_path": None if greedy else _UNKNOWN,
        "rate_limit": api.throttling.rate_limit,
        "burst_limit": api.throttling.burst_limit,
        "creates_user_pool": gateway.creates_user_pool,
        "key": f"${{Environment}}-{service}" if api.api_key else None,
        "token_parameter": f"/${{Environment}}/{service}/{API_TOKEN}",
    }


def _routes(paths: list[PathView], gateway: ApiView) -> Iterator[dict[str, Any]]:
    for path in paths:
        for operation in path.operations:
            schema = gateway.schemas.get(operation.request_schema or "")
            for method in operation.methods:
                yield {
                    "method": method,
                    "path": path.path,
                    "example": operation.example_path,
                    **_authorization(operation.security),
                    "body": _body(method, schema),
                    "refused_body": None if schema is None or method in _WITHOUT_BODY else refused(schema),
                }
        if path.health_id:
            answer = {"method": "GET", "path": path.path, "example": path.path, "body": None, "refused_body": None}
            yield {**answer, **_authorization(path.health_security)}


def _authorization(security: list[dict[str, list[str]]]) -> dict[str, Any]:
    names = [name for entry in security for name in entry]
    return {
        "authorization": next((name for name in names if name != "api_key"), "none"),
        "api_key": "api_key" in names,
    }


def _body(method: str, schema: dict[str, Any] | None) -> str | None:
    """A body that the route takes: what its model accepts, else an empty object."""
    if method in _WITHOUT_BODY:
        return None
    value = {} if schema is None else example(schema, schema.get("definitions") or {})
    return json.dumps(value, ensure_ascii=False)


def refused(schema: dict[str, Any]) -> str | None:
    """A body that a model refuses, for it is of another type; None where the model names no type, or several."""
    kind = schema.get("type")
    if not isinstance(kind, str):
        return None
    return "[]" if kind == "object" else "{}"


def _triggers(service: str, functions: list[FunctionView], environment: Any) -> Iterator[dict[str, Any]]:
    for function in functions:
        for source in function.sources:
            found = {"function": function.name, "kind": source.kind, "trace": _TRACES[source.kind]}
            yield {**found, **_origin(service, source, environment)}
        for schedule in function.schedules:
            yield {
                "function": function.name,
                "kind": "schedule",
                "trace": _TRACES["schedule"],
                "name": arns.convention(service, schedule.name),
                "group": f"${{Environment}}-{service}",
            }


def _origin(service: str, source: Any, environment: Any) -> dict[str, Any]:
    """Where the trigger's messages come from; `name` is null where that is not this service's own."""
    if source.kind == "function":
        return {"name": source.trigger.function, "outcome": source.trigger.outcome}
    if source.kind == "eventbridge":
        event = Example(source, service, environment).event
        wanted = {key: event[key] for key in ("source", "detail-type", "detail", "resources")}
        own = source.declared or source.trigger.bus == "default"
        return {"name": source.bus_name if own else None, "event": wanted}
    name = arns.physical(source.kind, service, source.declared) if source.declared else None
    if source.kind == "s3":
        return {"name": name, "prefix": source.trigger.prefix, "suffix": source.trigger.suffix}
    return {"name": name}


def _grants(service: str, functions: list[FunctionView]) -> Iterator[dict[str, str]]:
    """Who has to be allowed to invoke a function by the function's own policy."""
    for function in functions:
        if function.routes:
            yield {"function": function.name, "principal": "apigateway.amazonaws.com", "source": ":execute-api:"}
        for source in function.sources:
            if source.kind in {"eventbridge", "s3"}:
                name = arns.convention(service, source.name)
                yield {"function": function.name, "principal": "events.amazonaws.com", "source": name}
            if source.kind == "sns" and source.declared:
                name = arns.convention(service, source.declared)
                yield {"function": function.name, "principal": "sns.amazonaws.com", "source": name}


def _is_read(queue: str, functions: list[FunctionView]) -> bool:
    return any((s.kind, s.declared) == ("sqs", queue) for f in functions for s in f.sources)


def _role(service: str, function: FunctionView, functions: list[FunctionView]) -> dict[str, Any]:
    allowed = [*_own(service, function.name), *_declared(function)]
    foreign = [pair for other in functions if other is not function for pair in _declared(other)]
    neighbours = [pair for pair in foreign if not _allows(function, pair)][:_NEIGHBOURS]
    return {
        "function": function.name,
        "allowed": [{"action": action, "resource": resource} for action, resource in allowed],
        "denied": [
            {"action": action, "resource": resource}
            for action, resource in [*neighbours, *_of_another_service()]
            if not _allows(function, (action, resource))
        ],
    }


def _own(service: str, name: str) -> list[tuple[str, str]]:
    """What every function may do."""
    place, physical = arns.PLACE, arns.convention(service, name)
    return [
        ("logs:PutLogEvents", f"{arns.PREFIX}:logs:{place}:log-group:/aws/lambda/{physical}:log-stream:example"),
        ("sqs:SendMessage", f"{arns.PREFIX}:sqs:{place}:{physical}-dlq"),
    ]


def _of_another_service() -> list[tuple[str, str]]:
    """What a function of a neighbouring service would be allowed."""
    prefix, place, name = arns.PREFIX, arns.PLACE, "${Environment}-another-service"
    return [
        ("ssm:GetParameter", f"{prefix}:ssm:{place}:parameter/${{Environment}}/another-service/secret"),
        ("dynamodb:GetItem", f"{prefix}:dynamodb:{place}:table/{name}-items"),
        ("s3:GetObject", f"{prefix}:s3:::{name}-files/example"),
        ("sqs:SendMessage", f"{prefix}:sqs:{place}:{name}-work"),
        ("logs:PutLogEvents", f"{prefix}:logs:{place}:log-group:/aws/lambda/{name}-work:log-stream:example"),
    ]


def _declared(function: FunctionView) -> list[tuple[str, str]]:
    """What its own statements allow, as calls that can be asked about: an action on a resource each.

    What only CloudFormation can resolve is left out, and so is what IAM cannot limit to a resource.
    """
    return [
        (action, _one(resource))
        for statement in function.statements
        for action in statement.actions
        for resource in statement.resources
        if resource != "*" and "{{" not in resource
    ]


def _one(pattern: str) -> str:
    """A resource that a pattern means."""
    return pattern.replace("*", "example").replace("?", "a")


def _allows(function: FunctionView, pair: tuple[str, str]) -> bool:
    """Whether a function's role might allow a call; an ARN that is written out may mean anything of its service."""
    action, resource = pair
    return any(
        "${" not in pattern or fnmatchcase(resource, pattern)
        for statement in (*function.statements, *function.limited_statements)
        if action.lower() in [wanted.lower() for wanted in statement.actions]
        for pattern in statement.resources
    )
