"""What invokes functions beside the API and schedules: queues, topics, buses, buckets, streams, other functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from generator.render import arns
from generator.spec.names import logical_id
from generator.spec.references import is_name, is_parameter
from generator.spec.triggers import trigger_text

if TYPE_CHECKING:
    from generator.render.views import FunctionView

SOURCE_KINDS = ("sqs", "sns", "eventbridge", "s3", "dynamodb", "function")
"""The types of triggers that are sources; `api` and `schedule` have views of their own."""

# Resources that a source needs in the functions stack: a mapping, a rule or subscription with its permission, or
# nothing beside the other function's own configuration.
_RESOURCES = {"sqs": 1, "dynamodb": 1, "sns": 2, "eventbridge": 2, "s3": 2, "function": 0}


@dataclass(frozen=True)
class Source:
    """A trigger of a function with its place among the function's triggers of the same type."""

    function: FunctionView
    trigger: Any
    number: int
    service: str

    def __getattr__(self, name: str) -> Any:
        """The trigger's own fields."""
        return getattr(self.trigger, name)

    @property
    def kind(self) -> str:
        """The trigger's type."""
        return str(self.trigger.type)

    @property
    def file(self) -> str:
        """What its event file is called: `sqs_1`."""
        return f"{self.kind}_{self.number}"

    @property
    def title(self) -> str:
        """What it is, in words: `queue fulfilment`."""
        return trigger_text(self.trigger)

    @property
    def id(self) -> str:
        """What its resources' logical ids begin with."""
        return f"{self.function.id}{_WORDS[self.kind]}{self.number}"

    @property
    def name(self) -> str:
        """The name of its rule after the environment's and the service's."""
        return f"{self.function.name}-{self.kind}-{self.number}"

    @property
    def declared(self) -> str | None:
        """The name of the queue, topic, bus, bucket or table of the spec; None where it names something existing."""
        name = getattr(self.trigger, _KEYS[self.kind])
        return name if is_name(name) and name != "default" else None

    @property
    def arn(self) -> str:
        """The ARN of the queue, topic, bus or bucket, for `Fn::Sub`."""
        service = {"eventbridge": "events", "function": "invoke"}.get(self.kind, self.kind)
        return arns.arn(service, self.service, getattr(self.trigger, _KEYS[self.kind]))

    @property
    def is_parameter(self) -> bool:
        """Whether an SSM parameter holds the ARN of the queue, topic, bus, bucket or stream."""
        return is_parameter(getattr(self.trigger, _KEYS[self.kind]))

    @property
    def bus_name(self) -> str:
        """The bus of a rule, by its name or ARN, for `Fn::Sub`."""
        declared = self.declared
        if declared:
            return arns.convention(self.service, declared)
        bus: str = self.trigger.bus
        return bus if bus == "default" else arns.existing(bus)

    @property
    def stream_arn(self) -> str:
        """A table's stream: the parameter that the data stack's output fills, or what exists already."""
        declared = self.declared
        return f"${{{logical_id(declared)}TableStreamArn}}" if declared else arns.existing(self.trigger.table)

    @property
    def pattern(self) -> dict[str, Any]:
        """The event pattern of a rule, as it stands in the spec."""
        pattern: dict[str, Any] = self.trigger.pattern
        return pattern

    @property
    def object_key(self) -> list[Any]:
        """What the pattern of a bucket's events says of the object's key; both ends are one wildcard."""
        prefix, suffix = self.trigger.prefix, self.trigger.suffix
        if prefix and suffix:
            return [{"wildcard": f"{prefix}*{suffix}"}]
        ends = [{word: text} for word, text in (("prefix", prefix), ("suffix", suffix)) if text]
        return ends or [{"exists": True}]

    @property
    def resources(self) -> int:
        """How many resources it needs in the functions stack."""
        return _RESOURCES[self.kind]


_KEYS = {
    "sqs": "queue",
    "sns": "topic",
    "eventbridge": "bus",
    "s3": "bucket",
    "dynamodb": "table",
    "function": "function",
}
_WORDS = {
    "sqs": "Queue",
    "sns": "Topic",
    "eventbridge": "Rule",
    "s3": "Bucket",
    "dynamodb": "Stream",
    "function": "Outcome",
}


@dataclass(frozen=True)
class Destination:
    """Another function that a function's outcome invokes."""

    event: str
    """`OnSuccess` or `OnFailure`, as Lambda calls it."""
    target: FunctionView


def link_destinations(functions: list[FunctionView]) -> None:
    """Tell each function which others its outcomes invoke."""
    by_name = {function.name: function for function in functions}
    for target in functions:
        for source in target.sources:
            if source.kind == "function":
                event = f"On{source.trigger.outcome.capitalize()}"
                by_name[source.trigger.function].destinations.append(Destination(event, target))
