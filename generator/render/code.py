"""What functions' code and event files need beside the spec's own fields: examples of events, a route's notation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from generator.spec.references import is_name, is_parameter

if TYPE_CHECKING:
    from generator.render.sources import Source


# How the ARN of what sends an event ends.
_RESOURCES = {
    "sqs": ("sqs", "queue", "{}"),
    "sns": ("sns", "topic", "{}"),
    "s3": ("s3", "bucket", "{}"),
    "dynamodb": ("dynamodb", "table", "table/{}/stream/2026-01-01T00:00:00.000"),
    "function": ("lambda", "function", "function:{}:live"),
}


@dataclass(frozen=True)
class Example:
    """What an event file of a source says: names and ARNs as the first environment has them."""

    source: Source
    service: str
    environment: Any

    @property
    def name(self) -> str:
        """The queue, topic, bucket, table or function by its physical name."""
        value = self._reference
        if is_name(value):
            bucket = f"-{self.environment.account}-{self.environment.region}" if self.source.kind == "s3" else ""
            return f"{self.environment.name}-{self.service}-{value}{bucket}"
        return self._resolved(value).rpartition("/" if is_parameter(value) else ":")[2]

    @property
    def arn(self) -> str:
        """The ARN of what sends the event."""
        if not is_name(self._reference) and not is_parameter(self._reference):
            return self._resolved(self._reference)
        service, _, ending = _RESOURCES[self.source.kind]
        place = ":" if service == "s3" else f"{self.environment.region}:{self.environment.account}"
        return f"arn:{self.partition}:{service}:{place}:{ending.format(self.name)}"

    @property
    def key(self) -> str:
        """An object's key that begins and ends as the trigger wants it."""
        return f"{self.source.trigger.prefix}example{self.source.trigger.suffix}"

    @property
    def event(self) -> dict[str, Any]:
        """The fields of an event of a bus that match the trigger's pattern, where its filters are simple ones."""
        usual = {"source": "example", "detail-type": "Example", "resources": [], "detail": {"id": "example"}}
        return {**usual, **_matching(self.source.trigger.pattern)}

    @property
    def partition(self) -> str:
        """The partition of the environment's region."""
        prefixes = {"cn": "aws-cn", "us-gov": "aws-us-gov"}
        return next((p for prefix, p in prefixes.items() if self.environment.region.startswith(f"{prefix}-")), "aws")

    @property
    def _reference(self) -> str:
        return str(getattr(self.source.trigger, _RESOURCES[self.source.kind][1]))

    def _resolved(self, text: str) -> str:
        values = {
            "AWS::Partition": self.partition,
            "AWS::Region": self.environment.region,
            "AWS::AccountId": self.environment.account,
            "Environment": self.environment.name,
        }
        return re.sub(r"\$\{([A-Za-z:]+)\}", lambda match: values.get(match[1], match[0]), text)


def _matching(pattern: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, filters in pattern.items():
        if key == "$or":
            found.update(_matching(filters[0]))
        elif isinstance(filters, dict):
            found[key] = _matching(filters)
        elif filters != [{"exists": False}]:
            value = _matching_value(filters[0])
            found[key] = [value] if key == "resources" else value
    return found


def _matching_value(wanted: Any) -> Any:
    if not isinstance(wanted, dict):
        return wanted
    ((kind, text),) = wanted.items()
    if kind in {"prefix", "suffix", "equals-ignore-case"} and isinstance(text, str):
        return text
    return text.replace("*", "example") if kind == "wildcard" else "example"


def route_literal(path: str) -> str:
    """A path as the Router of Powertools for TypeScript takes it: `"/orders/:id"`, or a regular expression.

    Colons of the path's own and greedy parameters have no other notation there.
    """
    if ":" not in path and "+}" not in path:
        return '"' + re.sub(r"\{([^}]+)\}", r":\1", path) + '"'
    pattern = path.replace(".", r"\.").replace("/", r"\/").replace(":", r"\x3a")
    pattern = re.sub(r"\{([^}+]+)\+\}", r"(?<\1>.+)", pattern)
    return "/" + re.sub(r"\{([^}]+)\}", r"(?<\1>[^/]+)", pattern) + "/"
