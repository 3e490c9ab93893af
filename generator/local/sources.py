"""What invokes a function, as the emulator knows it: every kind of trigger that a service has."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from generator.local.running import Running


@dataclass(frozen=True)
class Source:
    """What invokes a function.

    Attributes:
        kind: `sqs`, `sns`, `s3`, `eventbridge`, `dynamodb`, `schedule`, `function` or `api`.
        name: the ARN or name of the queue, topic, bus, bucket, table, schedule or function; a route's method and path.
        pattern: what a rule wants of an event; empty for other kinds.
        details: what else there is to know of a schedule, another function's outcome, or a route.
    """

    kind: str
    name: str
    pattern: dict[str, Any] = field(default_factory=dict, hash=False)
    details: dict[str, Any] = field(default_factory=dict, hash=False)


def sources(here: Running, name: str) -> list[Source]:
    """What invokes a function, as the emulator knows it; its alias counts as the function."""
    return [
        *_mappings(here, name),
        *_subscriptions(here, name),
        *_rules(here, name),
        *_schedules(here, name),
        *_outcomes(here, name),
        *_routes(here, name),
    ]


def _is_of(arn: str, name: str) -> bool:
    return f":function:{name}:" in f"{arn}:"


def _mappings(here: Running, name: str) -> Iterator[Source]:
    for page in here.aws["lambda"].get_paginator("list_event_source_mappings").paginate():
        for mapping in page["EventSourceMappings"]:
            if _is_of(mapping["FunctionArn"], name):
                arn = mapping["EventSourceArn"]
                yield Source(arn.split(":")[2], arn.split(":")[5].removeprefix("table/").partition("/")[0])


def _subscriptions(here: Running, name: str) -> Iterator[Source]:
    for page in here.aws["sns"].get_paginator("list_subscriptions").paginate():
        for subscription in page["Subscriptions"]:
            if _is_of(subscription["Endpoint"], name):
                yield Source("sns", subscription["TopicArn"])


def _rules(here: Running, name: str) -> Iterator[Source]:
    client = here.aws["events"]
    for bus in client.list_event_buses()["EventBuses"]:
        for rule in client.list_rules(EventBusName=bus["Name"])["Rules"]:
            targets = client.list_targets_by_rule(Rule=rule["Name"], EventBusName=bus["Name"])["Targets"]
            called = next((target for target in targets if _is_of(target["Arn"], name)), None)
            if called and rule.get("ScheduleExpression"):
                yield Source(
                    "schedule", rule["Name"], details={"Target": {"Arn": called["Arn"], **_input(called, rule)}}
                )
            if called and rule.get("EventPattern"):
                pattern = json.loads(rule["EventPattern"])
                if pattern.get("source") == ["aws.s3"]:
                    yield Source("s3", _bucket(pattern), pattern)
                else:
                    yield Source("eventbridge", bus["Name"], pattern)


def _bucket(pattern: dict[str, Any]) -> str:
    """The bucket whose events a rule takes: by its ARN, or by its name in the event's detail."""
    arns = [arn for arn in pattern.get("resources") or [] if isinstance(arn, str)]
    names = ((pattern.get("detail") or {}).get("bucket") or {}).get("name") or []
    return arns[0].rpartition(":")[2] if arns else str(names[0] if names else "")


def _input(target: dict[str, Any], rule: dict[str, Any]) -> dict[str, str]:
    """What a rule's schedule sends: what its target says, else the event of a rule."""
    event = {"source": "aws.events", "detail-type": "Scheduled Event", "resources": [rule["Arn"]], "detail": {}}
    return {"Input": target.get("Input") or json.dumps(event)}


def _schedules(here: Running, name: str) -> Iterator[Source]:
    client = here.aws["scheduler"]
    for page in client.get_paginator("list_schedules").paginate():
        for listed in page["Schedules"]:
            schedule = client.get_schedule(Name=listed["Name"], GroupName=listed["GroupName"])
            if _is_of(schedule["Target"]["Arn"], name):
                details = {"GroupName": listed["GroupName"], "Target": schedule["Target"]}
                yield Source("schedule", listed["Name"], details=details)


def _outcomes(here: Running, name: str) -> Iterator[Source]:
    """Other functions that hand on to this one what they answered, or that they failed."""
    client = here.aws["lambda"]
    for other in sorted(here.state.functions.values()):
        configs = client.list_function_event_invoke_configs(FunctionName=other)["FunctionEventInvokeConfigs"]
        for config in configs:
            for outcome in ("OnSuccess", "OnFailure"):
                target = ((config.get("DestinationConfig") or {}).get(outcome) or {}).get("Destination", "")
                if _is_of(target, name):
                    details = {"outcome": outcome, "target": target, "function": config["FunctionArn"]}
                    yield Source("function", other, details=details)


def _routes(here: Running, name: str) -> Iterator[Source]:
    for route in here.state.report.get("routes", []):
        if route["function"] == name:
            yield Source("api", f"{route['method']} {route['path']}", details=route)
