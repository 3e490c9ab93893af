"""A message through what invokes a function: queue, topic, bus, bucket, table, schedule, route, other function."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from generator.errors import InputError, ToolError
from generator.local.access import request
from generator.local.logfile import last_lines
from generator.local.running import Running
from generator.local.sources import Source, sources

EMPTY = "{}"


def send(here: Running, function: str, trigger: str | None, body: str | None) -> dict[str, Any]:
    """Put a message where the function's trigger finds it.

    A schedule is made to fire once more, now. A route is called as someone who may. Of a function whose outcome
    another takes over, the former is called, and what Lambda would hand on is.

    Args:
        here: what runs.
        function: the function.
        trigger: the kind of its trigger; None where it has only one.
        body: what is sent: the message, the event's detail, the object, the item as JSON, the request's body, the event
            of a schedule or of the other function; None for what the trigger itself sends, or an empty JSON object.

    Raises:
        InputError: the function has no such trigger, or more than one and none is named; or it takes no such body.
    """
    name = here.function(function)
    found = sources(here, name)
    kinds = sorted({source.kind for source in found})
    chosen = [source for source in found if trigger in (None, source.kind)]
    if not chosen:
        known = f"it has {', '.join(kinds)}" if kinds else "only calls by its name reach it"
        raise InputError(f"{name} has no trigger {trigger or 'that a message could be sent to'}; {known}.")
    if trigger is None and len(kinds) > 1:
        raise InputError(f"{name} has several triggers; name one with --trigger: {', '.join(kinds)}.")
    source = chosen[0]
    if source.kind in _OBJECTS and body is not None and not _is_object(body):
        raise InputError(f"What {source.kind} takes is a JSON object, and this is none.")
    told = _SENDERS[source.kind](here, source, body)
    return {"function": name, "trigger": source.kind, "source": source.name, "sent": told}


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def _sqs(here: Running, source: Source, body: str | None) -> str:
    client = here.aws["sqs"]
    queue = client.get_queue_url(QueueName=source.name)["QueueUrl"]
    return str(client.send_message(QueueUrl=queue, MessageBody=body or EMPTY)["MessageId"])


def _sns(here: Running, source: Source, body: str | None) -> str:
    return str(here.aws["sns"].publish(TopicArn=source.name, Message=body or EMPTY)["MessageId"])


def _eventbridge(here: Running, source: Source, body: str | None) -> str:
    origin, kind = _first(source.pattern.get("source")), _first(source.pattern.get("detail-type"))
    entry = {"EventBusName": source.name, "Source": origin, "DetailType": kind, "Detail": body or EMPTY}
    answer = here.aws["events"].put_events(Entries=[entry])["Entries"][0]
    if "EventId" not in answer:
        raise InputError(f"The bus {source.name} does not take the event: {answer.get('ErrorMessage')}.")
    return str(answer["EventId"])


def _s3(here: Running, source: Source, body: str | None) -> str:
    keys = ((source.pattern.get("detail") or {}).get("object") or {}).get("key") or [{}]
    wanted = keys[0] if isinstance(keys[0], dict) else {"equals": keys[0]}
    middle = f"sent-{secrets.token_hex(4)}"
    key = wanted.get("equals") or str(wanted.get("wildcard", "")).replace("*", middle)
    key = key or f"{wanted.get('prefix', '')}{middle}{wanted.get('suffix', '')}"
    here.aws["s3"].put_object(Bucket=source.name, Key=key, Body=(body or EMPTY).encode())
    return key


def _dynamodb(here: Running, source: Source, body: str | None) -> str:
    table = here.aws["dynamodb"].describe_table(TableName=source.name)["Table"]
    kinds = {item["AttributeName"]: item["AttributeType"] for item in table["AttributeDefinitions"]}
    item = json.loads(body or EMPTY)
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


def _schedule(here: Running, source: Source, body: str | None) -> str:
    """A schedule of a moment, with the target of the real one; the emulator looks every ten seconds what is due."""
    target = {"RoleArn": _NO_ROLE.format(here.state.account), **source.details["Target"]}
    if body is not None:
        target["Input"] = body
    group = {"GroupName": source.details["GroupName"]} if "GroupName" in source.details else {}
    name = f"samgen-{secrets.token_hex(4)}"
    here.aws["scheduler"].create_schedule(
        Name=name,
        ScheduleExpression=f"at({datetime.now(timezone.utc):%Y-%m-%dT%H:%M:%S})",
        FlexibleTimeWindow={"Mode": "OFF"},
        ActionAfterCompletion="DELETE",
        Target=target,
        **group,
    )
    return name


def _outcome(here: Running, source: Source, body: str | None) -> str:
    """The other function's answer to an event, in what Lambda's destinations hand on."""
    client, event = here.aws["lambda"], json.loads(body or EMPTY)
    called = source.details["function"]
    answer = client.invoke(FunctionName=called, Payload=json.dumps(event).encode())
    payload = answer["Payload"].read().decode("utf-8", errors="replace")
    failed = "FunctionError" in answer
    if failed != (source.details["outcome"] == "OnFailure"):
        did, wanted = ("failed", "answers") if failed else ("answered", "fails")
        raise InputError(
            f"{source.name} {did}; give an event with --event that it {wanted}, which is what is handed on."
        )
    sent = secrets.token_hex(8)
    record = {
        "version": "1.0",
        "timestamp": f"{datetime.now(timezone.utc):%Y-%m-%dT%H:%M:%S.000Z}",
        "requestContext": {
            "requestId": sent,
            "functionArn": called,
            "condition": "RetriesExhausted" if failed else "Success",
            "approximateInvokeCount": 3 if failed else 1,
        },
        "requestPayload": event,
        "responseContext": {
            "statusCode": 200,
            "executedVersion": answer.get("ExecutedVersion", "$LATEST"),
            **({"functionError": answer["FunctionError"]} if failed else {}),
        },
        "responsePayload": json.loads(payload or "null"),
    }
    client.invoke(FunctionName=source.details["target"], InvocationType="Event", Payload=json.dumps(record).encode())
    return sent


def _api(here: Running, source: Source, body: str | None) -> str:
    try:
        status, text = request(here, source.details, body)
    except OSError as error:
        raise ToolError(f"{source.name} does not answer ({error}). {last_lines(here.workplace)}") from error
    return f"{status} {text}"


_NO_ROLE = "arn:aws:iam::{}:role/samgen-local"
_OBJECTS = frozenset(["eventbridge", "dynamodb", "schedule", "function"])
_SENDERS: dict[str, Callable[[Running, Source, str | None], str]] = {
    "schedule": _schedule,
    "function": _outcome,
    "api": _api,
    "sqs": _sqs,
    "sns": _sns,
    "s3": _s3,
    "eventbridge": _eventbridge,
    "dynamodb": _dynamodb,
}
