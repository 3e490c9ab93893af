"""Calls to what runs: a function invoked, its log read."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

from generator.errors import InputError
from generator.local.running import Running

_POLL = 0.5


def invoke(here: Running, function: str, event: bytes) -> dict[str, Any]:
    """Invoke a function through its alias where it has one, and wait for the answer.

    Raises:
        InputError: there is no such function, or the event is not JSON.
    """
    name = here.function(function)
    try:
        json.loads(event)
    except ValueError as error:
        raise InputError(f"The event is not JSON: {error}.") from error
    client = here.aws["lambda"]
    aliases = client.list_aliases(FunctionName=name).get("Aliases", [])
    qualifier = {"Qualifier": aliases[0]["Name"]} if aliases else {}
    started = time.monotonic()
    answer = client.invoke(FunctionName=name, Payload=event, LogType="Tail", **qualifier)
    payload = answer["Payload"].read().decode("utf-8", errors="replace")
    return {
        "function": name,
        "version": answer.get("ExecutedVersion", "$LATEST"),
        "error": answer.get("FunctionError"),
        "payload": _data(payload),
        "seconds": round(time.monotonic() - started, 3),
    }


def _data(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def logs(here: Running, function: str, *, follow: bool) -> Iterator[dict[str, Any]]:
    """What a function logged, oldest first; with `follow` also what it will log, without end.

    Raises:
        InputError: there is no such function.
    """
    name = here.function(function)
    configuration = here.aws["lambda"].get_function_configuration(FunctionName=name)
    group = (configuration.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{name}"
    shown: Counter[str] = Counter()
    while True:
        # The emulator gives events no ids: equal lines of one moment are told apart by their number.
        now: Counter[str] = Counter()
        for event in _events(here.aws["logs"], group):
            identity = f"{event['timestamp']} {event.get('logStreamName')} {event['message']}"
            now[identity] += 1
            if now[identity] > shown[identity]:
                yield {"timestamp": event["timestamp"], "message": event["message"].rstrip("\n")}
        shown |= now
        if not follow:
            return
        time.sleep(_POLL)


def _events(client: Any, group: str) -> list[dict[str, Any]]:
    from botocore.exceptions import ClientError

    found: list[dict[str, Any]] = []
    try:
        for page in client.get_paginator("filter_log_events").paginate(logGroupName=group):
            found += page["events"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
    return sorted(found, key=lambda event: int(event["timestamp"]))
