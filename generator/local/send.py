"""A message through the source that really invokes a function: its queue, topic, bus, bucket or table."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from generator.errors import InputError
from generator.local.session import Running


@dataclass(frozen=True)
class Source:
    """What invokes a function.

    Attributes:
        kind: `sqs`, `sns`, `s3`, `eventbridge` or `dynamodb`.
        name: the ARN or name of the queue, topic, bus, bucket or table.
        pattern: what a rule wants of an event; empty for other kinds.
    """

    kind: str
    name: str
    pattern: dict[str, Any] = field(default_factory=dict, hash=False)


def sources(here: Running, name: str) -> list[Source]:
    """What invokes a function, as the emulator knows it; its alias counts as the function."""
    return [*_mappings(here, name), *_subscriptions(here, name), *_rules(here, name)]


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
            if rule.get("EventPattern") and any(_is_of(target["Arn"], name) for target in targets):
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


def send(here: Running, function: str, trigger: str | None, body: str) -> dict[str, Any]:
    """Put a message where the function's trigger finds it.

    Args:
        here: what runs.
        function: the function.
        trigger: the kind of its trigger; None where it has only one.
        body: what is sent: the message, the event's detail, the object, or the item as JSON.

    Raises:
        InputError: the function has no such trigger, or more than one and none is named.
    """
    name = here.function(function)
    found = sources(here, name)
    kinds = sorted({source.kind for source in found})
    chosen = [source for source in found if trigger in (None, source.kind)]
    if not chosen:
        known = f"it has {', '.join(kinds)}" if kinds else "only its routes, schedules or other functions call it"
        raise InputError(f"{name} has no trigger {trigger or 'that a message could be sent to'}; {known}.")
    if trigger is None and len(kinds) > 1:
        raise InputError(f"{name} has several triggers; name one with --trigger: {', '.join(kinds)}.")
    source = chosen[0]
    if source.kind in {"eventbridge", "dynamodb"} and not _is_object(body):
        raise InputError(f"What {source.kind} takes is a JSON object, and this is none.")
    told = _SENDERS[source.kind](here, source, body)
    return {"function": name, "trigger": source.kind, "source": source.name, "sent": told}


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def _sqs(here: Running, source: Source, body: str) -> str:
    client = here.aws["sqs"]
    queue = client.get_queue_url(QueueName=source.name)["QueueUrl"]
    return str(client.send_message(QueueUrl=queue, MessageBody=body)["MessageId"])


def _sns(here: Running, source: Source, body: str) -> str:
    return str(here.aws["sns"].publish(TopicArn=source.name, Message=body)["MessageId"])


def _eventbridge(here: Running, source: Source, body: str) -> str:
    origin, kind = _first(source.pattern.get("source")), _first(source.pattern.get("detail-type"))
    entry = {"EventBusName": source.name, "Source": origin, "DetailType": kind, "Detail": body}
    answer = here.aws["events"].put_events(Entries=[entry])["Entries"][0]
    if "EventId" not in answer:
        raise InputError(f"The bus {source.name} does not take the event: {answer.get('ErrorMessage')}.")
    return str(answer["EventId"])


def _s3(here: Running, source: Source, body: str) -> str:
    keys = ((source.pattern.get("detail") or {}).get("object") or {}).get("key") or [{}]
    wanted = keys[0] if isinstance(keys[0], dict) else {"equals": keys[0]}
    middle = f"sent-{secrets.token_hex(4)}"
    key = wanted.get("equals") or str(wanted.get("wildcard", "")).replace("*", middle)
    key = key or f"{wanted.get('prefix', '')}{middle}{wanted.get('suffix', '')}"
    here.aws["s3"].put_object(Bucket=source.name, Key=key, Body=body.encode())
    return key


def _dynamodb(here: Running, source: Source, body: str) -> str:
    table = here.aws["dynamodb"].describe_table(TableName=source.name)["Table"]
    kinds = {item["AttributeName"]: item["AttributeType"] for item in table["AttributeDefinitions"]}
    item = json.loads(body)
    keys = {key["AttributeName"]: _key(kinds[key["AttributeName"]]) for key in table["KeySchema"]}
    item = {**keys, **{name: {"S": str(value)} for name, value in item.items() if name not in keys}}
    here.aws["dynamodb"].put_item(TableName=source.name, Item=item)
    return json.dumps(keys)


def _key(kind: str) -> dict[str, Any]:
    number = secrets.randbelow(10**9)
    return {"N": str(number)} if kind == "N" else {kind: f"sent-{number}" if kind == "S" else b"sent"}


def _first(values: Any) -> str:
    """A value that a pattern takes: the first that it names, or one that begins as it wants."""
    value = values[0] if isinstance(values, list) and values else "samgen.local"
    return str(value.get("prefix", "samgen.local")) if isinstance(value, dict) else str(value)


_SENDERS: dict[str, Callable[[Running, Source, str], str]] = {
    "sqs": _sqs,
    "sns": _sns,
    "s3": _s3,
    "eventbridge": _eventbridge,
    "dynamodb": _dynamodb,
}
