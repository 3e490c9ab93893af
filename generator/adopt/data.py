"""What holds data: tables, queues, topics, buckets, buses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.adopt.source import Source
from generator.checks.case import as_list, literal, number
from generator.project import Resource

Document = dict[str, Any]
TABLE, QUEUE, TOPIC = "AWS::DynamoDB::Table", "AWS::SQS::Queue", "AWS::SNS::Topic"
BUCKET, BUS = "AWS::S3::Bucket", "AWS::Events::EventBus"
_DAY = 86_400
_TARGETS = ("deadLetterTargetArn", "DeadLetterArn", "TargetArn", "Arn", "Destination")


def tables(source: Source) -> Iterator[Document]:
    """The section `tables`."""
    for table in source.resources(TABLE):
        types = {
            literal(item.get("AttributeName")): literal(item.get("AttributeType"))
            for item in as_list(table.get("AttributeDefinitions"))
            if isinstance(item, dict)
        }
        keys = _keys(table.get("KeySchema"), types)
        if "partition_key" not in keys:
            source.note(table, f"The key of the table {table.owner} is not known before a deployment.")
            continue
        found = {"name": source.label(table), **keys}
        indexes = list(_indexes(source, table, types))
        found.update({"indexes": indexes} if indexes else {})
        expiry = literal(table.get("TimeToLiveSpecification", "AttributeName"))
        found.update({"time_to_live": expiry} if expiry else {})
        for name, what in (
            ("LocalSecondaryIndexes", "local secondary indexes"),
            ("ProvisionedThroughput", "provisioned throughput"),
            ("KinesisStreamSpecification", "a Kinesis stream"),
        ):
            if table.get(name) is not None:
                source.note(table, f"The table {table.owner} has {what}; samgen's tables have none.", name)
        yield found


def _keys(schema: Any, types: dict[str | None, str | None]) -> Document:
    found: Document = {}
    for item in as_list(schema):
        name = literal(item.get("AttributeName")) if isinstance(item, dict) else None
        if name is None:
            continue
        key = "partition_key" if item.get("KeyType") == "HASH" else "sort_key"
        found[key] = {"name": name, **({"type": kind} if (kind := types.get(name)) else {})}
    return found


def _indexes(source: Source, table: Resource, types: dict[str | None, str | None]) -> Iterator[Document]:
    for place, index in enumerate(as_list(table.get("GlobalSecondaryIndexes"))):
        name = literal(index.get("IndexName")) if isinstance(index, dict) else None
        if name is None:
            continue
        projection = index.get("Projection")
        if isinstance(projection, dict) and projection.get("ProjectionType") != "ALL":
            message = f"The index {name} of {table.owner} projects a part; samgen's indexes project all attributes."
            source.note(table, message, "GlobalSecondaryIndexes", place)
        yield {"name": name, **_keys(index.get("KeySchema"), types)}


def queues(source: Source) -> Iterator[Document]:
    """The section `queues`, without those that take what failed: samgen gives each queue and function one."""
    for queue in source.resources(QUEUE):
        if str(queue.symbol) in source.letters:
            continue
        if queue.get("FifoQueue") is not None:
            source.note(queue, f"{queue.owner} is a FIFO queue; samgen's queues are standard queues.", "FifoQueue")
            continue
        found: Document = {"name": source.label(queue)}
        retention = number(queue.get("MessageRetentionPeriod"))
        if retention is not None and retention % _DAY == 0:
            found["retention_days"] = int(retention / _DAY)
        elif retention is not None:
            message = f"{queue.owner} keeps messages for {retention:.0f} seconds; samgen.yaml says whole days."
            source.note(queue, message, "MessageRetentionPeriod")
        tries = number(queue.get("RedrivePolicy", "maxReceiveCount"))
        found.update({"max_receive_count": int(tries)} if tries is not None else {})
        yield found


def dead_letters(source: Source) -> set[str]:
    """The symbols of queues that something hands its failures to."""
    found = set()
    for stack in source.main.stacks:
        for resource in stack.resources.values():
            for reference in _failures(resource.properties):
                queue = source.main.find(reference, QUEUE)
                found.update([str(queue.symbol)] if queue is not None else [])
    return found


def _failures(value: Any, key: str = "") -> Iterator[Any]:
    """What stands under keys that name where failures go."""
    if isinstance(value, list):
        for item in value:
            yield from _failures(item, key)
    elif isinstance(value, dict):
        for name, item in value.items():
            if key in ("RedrivePolicy", "DeadLetterConfig", "DeadLetterQueue", "OnFailure") and name in _TARGETS:
                yield item
            yield from _failures(item, str(name))


def topics(source: Source) -> Iterator[Document]:
    """The section `topics`, without those that alarms alone write to: samgen has one for them."""
    alarmed = {
        str(topic.symbol)
        for alarm in source.resources("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
        for action in as_list(alarm.get("AlarmActions"))
        if (topic := source.main.find(action, TOPIC)) is not None
    }
    for topic in source.resources(TOPIC):
        if str(topic.symbol) in alarmed:
            continue
        if topic.get("FifoTopic") is not None:
            source.note(topic, f"{topic.owner} is a FIFO topic; samgen's topics are standard topics.", "FifoTopic")
            continue
        yield {"name": source.label(topic)}


def buckets(source: Source) -> Iterator[Document]:
    """The section `buckets`."""
    for bucket in source.resources(BUCKET):
        found: Document = {"name": source.label(bucket)}
        for place, rule in enumerate(as_list(bucket.get("LifecycleConfiguration", "Rules"))):
            days = number(rule.get("ExpirationInDays")) if isinstance(rule, dict) else None
            if days is None:
                continue
            if rule.get("Prefix") or rule.get("TagFilters"):
                message = f"A rule of {bucket.owner} deletes some objects; samgen.yaml says it of all."
                source.note(bucket, message, "LifecycleConfiguration", "Rules", place)
            else:
                found["expiration_days"] = int(days)
        if bucket.get("WebsiteConfiguration") is not None:
            source.note(bucket, f"{bucket.owner} is a website; samgen's buckets are private.", "WebsiteConfiguration")
        yield found


def buses(source: Source) -> Iterator[Document]:
    """The section `event_buses`."""
    for bus in source.resources(BUS):
        yield {"name": source.label(bus)}
