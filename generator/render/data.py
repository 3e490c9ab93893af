"""Views of what the data stack creates: tables, queues, topics, buckets, buses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from generator.render import arns
from generator.spec.names import logical_id

if TYPE_CHECKING:
    from generator.render.views import FunctionView
    from generator.spec.model import Index, ServiceSpec, Table

# AWS advises six times the function's timeout, and the batching window on top.
# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
VISIBILITY_FACTOR = 6
DEFAULT_VISIBILITY = 60
SECONDS_A_DAY = 86_400


@dataclass(frozen=True)
class DataView:
    """What the spec declares, and whether there is anything at all."""

    tables: list[TableView]
    queues: list[QueueView]
    topics: list[DataItem]
    buckets: list[BucketView]
    event_buses: list[DataItem]

    def __bool__(self) -> bool:
        """Whether a data stack is needed."""
        return bool(self.tables or self.queues or self.topics or self.buckets or self.event_buses)

    @property
    def stream_tables(self) -> list[TableView]:
        """The tables whose stream invokes a function."""
        return [table for table in self.tables if table.has_stream]


@dataclass(frozen=True)
class DataItem:
    """Something declared with a name."""

    item: Any
    service: str

    def __getattr__(self, name: str) -> Any:
        """The item's own fields."""
        return getattr(self.item, name)

    @property
    def id(self) -> str:
        """What its logical ids begin with."""
        return logical_id(self.item.name)


@dataclass(frozen=True)
class TableView(DataItem):
    """A table with its keys as CloudFormation states them."""

    has_stream: bool

    @property
    def attributes(self) -> list[dict[str, str]]:
        """Every key attribute of the table and its indexes."""
        keys = [key for holder in (self.item, *self.item.indexes) for key in _keys(holder)]
        types = {key.name: key.type for key in keys}
        return [{"AttributeName": name, "AttributeType": kind} for name, kind in types.items()]

    @property
    def key_schema(self) -> list[dict[str, str]]:
        """The table's keys."""
        return _schema(self.item)

    @property
    def secondary_indexes(self) -> list[dict[str, Any]]:
        """The global secondary indexes."""
        return [
            {"IndexName": index.name, "KeySchema": _schema(index), "Projection": {"ProjectionType": "ALL"}}
            for index in self.item.indexes
        ]

    @property
    def ttl_attribute(self) -> str:
        """The attribute that holds when an item expires, or an empty string."""
        return getattr(self.item, "time_to_live", None) or ""


def _keys(holder: Table | Index) -> list[Any]:
    return [key for key in (holder.partition_key, getattr(holder, "sort_key", None)) if key is not None]


def _schema(holder: Table | Index) -> list[dict[str, str]]:
    kinds = ("HASH", "RANGE")
    return [{"AttributeName": key.name, "KeyType": kind} for key, kind in zip(_keys(holder), kinds, strict=False)]


@dataclass(frozen=True)
class QueueView(DataItem):
    """A queue with the times that follow from who reads it."""

    visibility_timeout: int

    @property
    def retention_seconds(self) -> int:
        """How long an unread message is kept."""
        seconds: int = self.item.retention_days * SECONDS_A_DAY
        return seconds


@dataclass(frozen=True)
class BucketView(DataItem):
    """A bucket with its name and whether its changes are events."""

    has_events: bool

    @property
    def bucket_name(self) -> str:
        """Its name, for `Fn::Sub`."""
        return arns.bucket_name(self.service, self.item.name)

    @property
    def expiration(self) -> int:
        """After how many days objects are deleted; 0 for never."""
        return getattr(self.item, "expiration_days", None) or 0


def data_view(spec: ServiceSpec, functions: list[FunctionView]) -> DataView:
    """What the data stack creates, from the spec and from who uses it."""
    service = spec.service.name
    sources = [source for function in functions for source in function.sources]
    used = {(source.kind, source.declared) for source in sources}
    visibility = {
        s.declared: VISIBILITY_FACTOR * s.function.timeout + s.trigger.batching_window
        for s in sources
        if s.kind == "sqs"
    }
    return DataView(
        [TableView(t, service, ("dynamodb", t.name) in used) for t in spec.tables],
        [QueueView(q, service, visibility.get(q.name, DEFAULT_VISIBILITY)) for q in spec.queues],
        [DataItem(t, service) for t in spec.topics],
        [BucketView(b, service, ("s3", b.name) in used) for b in spec.buckets],
        [DataItem(b, service) for b in spec.event_buses],
    )
