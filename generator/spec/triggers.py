"""A trigger in words, for tables, reviews and descriptions. Standard library only."""

from __future__ import annotations

import re
from typing import Any


def trigger_text(trigger: Any) -> str:
    """`GET /orders`, `rate(1 day)`, `queue fulfilment`, `success of charge`."""
    kind = trigger.type
    if kind == "api":
        return f"{trigger.method} {trigger.path}"
    if kind == "schedule":
        return str(trigger.expression)
    if kind == "function":
        return f"{trigger.outcome} of {trigger.function}"
    key = {"sqs": "queue", "sns": "topic", "eventbridge": "bus", "s3": "bucket", "dynamodb": "table"}[kind]
    return f"{key} {_short(getattr(trigger, key))}"


def _short(name: str) -> str:
    """An ARN by what it ends with, a table's stream by its table; a star for what each environment fills in."""
    plain = re.sub(r"\$\{[^}]+\}", "*", name)
    if not plain.startswith("arn:"):
        return plain
    return plain.split(":", 5)[5].removeprefix("table/").split("/stream/")[0]
