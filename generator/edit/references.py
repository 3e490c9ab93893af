"""What of a spec's document names a function, table, queue, topic, bucket or bus of the same document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from generator.spec.permissions import KINDS

if TYPE_CHECKING:
    from generator.spec.model import ServiceSpec
    from generator.spec.problems import Path

SECTIONS = {
    "tables": ("table", "dynamodb"),
    "queues": ("queue", "sqs"),
    "topics": ("topic", "sns"),
    "buckets": ("bucket", "s3"),
    "event_buses": ("bus", "eventbridge"),
    "functions": ("function", "function"),
}
"""Each section whose items are named elsewhere: the key that names one, and the type of trigger that does."""


def references(document: dict[str, Any], section: str, name: str) -> Iterator[tuple[Path, str, str]]:
    """Each place that names an item: its path, the function it belongs to, and what it is (`a trigger`)."""
    key, trigger_type = SECTIONS[section]
    for index, function in enumerate(document.get("functions", [])):
        for place, trigger in enumerate(function.get("triggers", [])):
            if trigger.get("type") == trigger_type and trigger.get(key) == name:
                yield ("functions", index, "triggers", place, key), function["name"], "a trigger"
        for place, permission in enumerate(function.get("permissions", [])):
            for kind, (holder, inner) in KINDS.items():
                fields = permission.get(kind)
                if holder == section and isinstance(fields, dict) and fields.get(inner) == name:
                    yield ("functions", index, "permissions", place, kind, inner), function["name"], "a permission"


def is_authorizer(spec: ServiceSpec, name: str) -> bool:
    """Whether a function decides who may call the API."""
    from generator.spec.authorization import schemes

    routes = [(t.path, t.authorization) for f in spec.functions for t in f.triggers if t.type == "api"]
    return name == spec.api.authorizer and "lambda" in schemes(spec.api.authorization, spec.api.health, routes)
