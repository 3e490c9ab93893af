"""Rules about what the spec declares beside functions: tables, queues, topics, buckets, buses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from generator.spec import names
from generator.spec.draft import DATA_SECTIONS, Draft, region_names
from generator.spec.problems import Path, Problem

# SQS: 80 characters (API reference, CreateQueue); S3: 63 characters in all
# (https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html). The names of tables, topics and
# buses may be longer than any that a spec allows.
QUEUE_NAME_LIMIT = 80
BUCKET_NAME_LIMIT = 63
ROLE_NAME_LIMIT = 64
QUEUE_DEAD_LETTERS = "queue-dlq"
BUS_DEAD_LETTERS = "bus-dlq"


def _unique(draft: Draft) -> Iterator[Problem]:
    for section in DATA_SECTIONS:
        seen: dict[str, str] = {}
        for index, item in draft.data.get(section, ()):
            key = names.logical_id(item.name)
            if key in seen:
                same = seen[key] == item.name
                why = "is there already" if same else f"and '{seen[key]}' would share the logical id {key}"
                yield Problem((section, index, "name"), f"'{item.name}' {why}: use another name")
            seen.setdefault(key, item.name)


def _taken_names(draft: Draft) -> Iterator[Problem]:
    """Queues share their names with the dead-letter queues, topics with the alarms' topic."""
    taken = {f"{function.name}-dlq": f"the function '{function.name}'" for _, function in draft.functions}
    for index, queue in draft.data.get("queues", ()):
        for name in (queue.name, f"{queue.name}-{QUEUE_DEAD_LETTERS}"):
            if name in taken:
                yield Problem(
                    ("queues", index, "name"),
                    f"'{name}' is the dead-letter queue of {taken[name]}: use another name",
                )
        taken.setdefault(f"{queue.name}-{QUEUE_DEAD_LETTERS}", f"the queue '{queue.name}'")
    for index, bus in draft.data.get("event_buses", ()):
        if f"{bus.name}-{BUS_DEAD_LETTERS}" in draft.names("queues"):
            yield Problem(("event_buses", index, "name"), f"a queue is called '{bus.name}-{BUS_DEAD_LETTERS}' already")
    for index, topic in draft.data.get("topics", ()):
        if topic.name == "alarms":
            yield Problem(("topics", index, "name"), "'alarms' is the topic of the alarms: use another name")
    for index, bus in draft.data.get("event_buses", ()):
        if bus.name == "default":
            yield Problem(("event_buses", index, "name"), "'default' is the account's own bus: use another name")


def _lengths(draft: Draft) -> Iterator[Problem]:
    start = names.physical_name(draft.longest_environment(), draft.service.name)
    region = max(draft.regions(), key=len, default="")
    for index, queue in draft.data.get("queues", ()):
        name = f"{start}-{queue.name}-{QUEUE_DEAD_LETTERS}"
        yield from _too_long(("queues", index, "name"), name, QUEUE_NAME_LIMIT)
    for index, bus in draft.data.get("event_buses", ()):
        yield from _too_long(("event_buses", index, "name"), f"{start}-{bus.name}-{BUS_DEAD_LETTERS}", QUEUE_NAME_LIMIT)
    for index, bucket in draft.data.get("buckets", ()):
        name = f"{start}-{bucket.name}-{'0' * 12}-{region}"
        yield from _too_long(("buckets", index, "name"), name, BUCKET_NAME_LIMIT)
    if draft.spans_regions():
        for index, function in draft.functions:
            schedule = "-schedule" if any(t.type == "schedule" for t in function.triggers) else ""
            name = f"{start}-{function.name}{schedule}-{region}"
            yield from _too_long(("functions", index, "name"), name, ROLE_NAME_LIMIT)


def _too_long(path: Path, name: str, limit: int) -> Iterator[Problem]:
    if len(name) > limit:
        yield Problem(
            path,
            f"'{name}' has {len(name)} characters, AWS allows {limit}: shorten the environment's, the service's or "
            "this name",
        )


def _attributes(draft: Draft) -> Iterator[Problem]:
    for index, table in draft.data.get("tables", ()):
        types: dict[str, str] = {}
        indexes: set[str] = set()
        holders: list[tuple[Path, Any]] = [(("tables", index), table)]
        holders += [(("tables", index, "indexes", place), inner) for place, inner in enumerate(table.indexes)]
        for path, holder in holders:
            keys = {"partition_key": holder.partition_key, "sort_key": getattr(holder, "sort_key", None)}
            for key, attribute in keys.items():
                if attribute is not None and types.setdefault(attribute.name, attribute.type) != attribute.type:
                    yield Problem(
                        (*path, key, "type"),
                        f"'{attribute.name}' is {attribute.type} here and {types[attribute.name]} elsewhere",
                    )
            if keys["sort_key"] is not None and keys["sort_key"].name == keys["partition_key"].name:
                yield Problem((*path, "sort_key"), "is the partition key as well: name another attribute")
        for place, inner in enumerate(table.indexes):
            if inner.name in indexes:
                yield Problem(("tables", index, "indexes", place, "name"), f"'{inner.name}' is there already")
            indexes.add(inner.name)
        if table.time_to_live in types:
            yield Problem(("tables", index, "time_to_live"), f"'{table.time_to_live}' is a key: name another attribute")


def _regions(draft: Draft) -> Iterator[Problem]:
    for index, environment in draft.environments:
        seen: set[str] = set()
        for place, name in enumerate(region_names(environment)):
            if name in seen:
                yield Problem(
                    ("environments", index, "further_regions", place - 1, "name"),
                    f"'{name}' is one of the environment's regions already",
                )
            seen.add(name)


RULES: tuple[Callable[[Draft], Iterator[Problem]], ...] = (_unique, _taken_names, _lengths, _attributes, _regions)
