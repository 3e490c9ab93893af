"""What invokes functions: routes, schedules, queues, topics, rules, buckets, streams, outcomes of others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.adopt.data import BUCKET, BUS, QUEUE, TABLE, TOPIC
from generator.adopt.source import Remark, Source
from generator.checks.case import as_list, literal, number
from generator.checks.facts.routes import mapping
from generator.checks.facts.sources import deliveries
from generator.checks.facts.targets import target_of
from generator.project import Resource

Document = dict[str, Any]
Found = Iterator[tuple[Resource, Document]]
"""A function and one of its triggers."""

# What SAM's events are that samgen.yaml has a trigger for.
_EVENTS = {
    *("Api", "HttpApi", "Schedule", "ScheduleV2", "SQS", "SNS", "EventBridgeRule", "CloudWatchEvent", "S3"),
    "DynamoDB",
}
_OBJECT_EVENTS = {"s3:ObjectCreated:": "Object Created", "s3:ObjectRemoved:": "Object Deleted"}


def triggers(source: Source) -> Found:
    """Every trigger but the routes, which the API has."""
    for read in (_schedules_and_rules, _mappings, _topics, _notifications, _outcomes):
        yield from read(source)
    _remark_on_others(source)


def _schedules_and_rules(source: Source) -> Found:
    for sender, function, target, _ in deliveries(source.main):
        if sender.type == "AWS::Scheduler::Schedule":
            found: Document = {"type": "schedule", "expression": literal(sender.get("ScheduleExpression"))}
            zone = literal(sender.get("ScheduleExpressionTimezone"))
            yield function, {**found, **({"timezone": zone} if zone else {})}
        elif sender.get("ScheduleExpression") is not None:
            yield function, {"type": "schedule", "expression": literal(sender.get("ScheduleExpression"))}
        elif isinstance(pattern := sender.get("EventPattern"), dict):
            yield function, _bucket_rule(source, pattern) or _rule(source, sender, pattern)
        if isinstance(target, dict) and any(target.get(key) is not None for key in ("Input", "InputTransformer")):
            message = f"{sender.logical_id} changes what {function.owner} gets; samgen hands events on as they are."
            source.note(sender, message)
        if literal(sender.get("State")) == "DISABLED":
            source.note(sender, f"{sender.logical_id} is disabled; samgen.yaml has no word for that.")


def _rule(source: Source, rule: Resource, pattern: Document) -> Document:
    bus = rule.get("EventBusName")
    found = source.main.find(bus, BUS) if bus is not None else None
    name = source.label(found) if found is not None else literal(bus)
    return {"type": "eventbridge", **({"bus": name} if name not in (None, "default") else {}), "pattern": pattern}


def _bucket_rule(source: Source, pattern: Document) -> Document | None:
    """A rule for the changes of one bucket; None where it is about something else."""
    if pattern.get("source") != ["aws.s3"]:
        return None
    detail = mapping(pattern.get("detail"))
    named = mapping(detail.get("bucket")).get("name")
    for reference in (*as_list(pattern.get("resources")), *as_list(named)):
        bucket = source.main.find(reference, BUCKET)
        if bucket is None:
            continue
        found: Document = {"type": "s3", "bucket": source.label(bucket), "events": as_list(pattern.get("detail-type"))}
        for key in as_list(mapping(detail.get("object")).get("key")):
            found.update(_ends(key) if isinstance(key, dict) else {})
        return found
    return None


def _ends(key: Document) -> Document:
    if isinstance(wildcard := key.get("wildcard"), str):
        prefix, _, suffix = wildcard.partition("*")
        return {"prefix": prefix, "suffix": suffix}
    return {name: key[name] for name in ("prefix", "suffix") if isinstance(key.get(name), str)}


def _mappings(source: Source) -> Found:
    for poller in source.resources("AWS::Lambda::EventSourceMapping"):
        function = source.main.function(poller.get("FunctionName"))
        if function is None:
            continue
        reference = poller.get("EventSourceArn")
        batch: Document = {}
        for key, name in (("batch_size", "BatchSize"), ("batching_window", "MaximumBatchingWindowInSeconds")):
            value = number(poller.get(name))
            batch.update({key: int(value)} if value is not None else {})
        if poller.get("FilterCriteria") is not None:
            source.note(poller, f"{poller.logical_id} filters records; samgen.yaml has no word for that.")
        text = literal(reference) or ""
        if (queue := source.main.find(reference, QUEUE)) is not None or ":sqs:" in text:
            if queue is not None and queue.get("FifoQueue") is not None:
                source.note(poller, f"{function.owner} reads a FIFO queue; samgen's queues are standard queues.")
                continue
            most = number(poller.get("ScalingConfig", "MaximumConcurrency"))
            batch.update({"maximum_concurrency": int(most)} if most is not None else {})
            yield function, {"type": "sqs", "queue": source.label(queue) if queue is not None else text, **batch}
        elif (table := source.main.find(reference, TABLE)) is not None or ":dynamodb:" in text:
            batch.update(_stream(poller))
            yield function, {"type": "dynamodb", "table": source.label(table) if table is not None else text, **batch}
        elif poller.owner == poller.logical_id:  # of SAM's events it is said where they stand
            source.note(poller, f"{function.owner} reads a source that samgen.yaml has no trigger for.")


def _stream(poller: Resource) -> Document:
    found: Document = {}
    position = literal(poller.get("StartingPosition"))
    found.update({"starting_position": position} if position else {})
    for key, name in (("maximum_retries", "MaximumRetryAttempts"), ("maximum_record_age", "MaximumRecordAgeInSeconds")):
        value = number(poller.get(name))
        found.update({key: int(value)} if value is not None and value >= 0 else {})
    return found


def _topics(source: Source) -> Found:
    for subscription in source.resources("AWS::SNS::Subscription"):
        protocol = literal(subscription.get("Protocol"))
        function = source.main.function(subscription.get("Endpoint")) if protocol == "lambda" else None
        if function is None:
            continue
        reference = subscription.get("TopicArn")
        topic = source.main.find(reference, TOPIC)
        found: Document = {"type": "sns", "topic": source.label(topic) if topic is not None else literal(reference)}
        policy = subscription.get("FilterPolicy")
        plain = isinstance(policy, dict) and all(
            isinstance(values, list) and all(isinstance(value, str) for value in values) for values in policy.values()
        )
        if plain:
            found["filter"] = policy
        elif policy is not None:
            source.note(subscription, f"{subscription.logical_id} filters by more than values, which is left out.")
        yield function, found


def _notifications(source: Source) -> Found:
    """What buckets hand to functions directly; samgen does it by way of EventBridge."""
    for bucket in source.resources(BUCKET):
        for item in as_list(bucket.get("NotificationConfiguration", "LambdaConfigurations")):
            function = source.main.function(item.get("Function")) if isinstance(item, dict) else None
            event = literal(item.get("Event")) if isinstance(item, dict) else None
            if function is None or event is None:
                continue
            name = next((name for start, name in _OBJECT_EVENTS.items() if event.startswith(start)), None)
            if name is None:
                source.note(bucket, f"The event {event} of {bucket.owner} has no word in samgen.yaml.")
                continue
            source.note(
                bucket,
                f"{bucket.owner} tells {function.owner} by way of EventBridge then, whose events look different.",
            )
            found: Document = {"type": "s3", "bucket": source.label(bucket), "events": [name]}
            rules = (
                item.get("Filter", {}).get("S3Key", {}).get("Rules") if isinstance(item.get("Filter"), dict) else None
            )
            for rule in as_list(rules):
                if isinstance(rule, dict) and str(rule.get("Name")).lower() in ("prefix", "suffix"):
                    found[str(rule["Name"]).lower()] = rule.get("Value")
            yield function, found


def _outcomes(source: Source) -> Found:
    for target, outcome in outcomes(source):
        yield target, {key: value for key, value in outcome.items() if key != "target"}


def outcomes(source: Source) -> Found:
    """The functions that get the outcome of another, with the trigger that it is, and their own name as `target`."""
    for config in source.resources("AWS::Lambda::EventInvokeConfig"):
        origin = source.main.function(config.get("FunctionName"))
        for outcome, key in (("success", "OnSuccess"), ("failure", "OnFailure")):
            target = target_of(source.main, config.get("DestinationConfig", key, "Destination"))
            if origin is not None and target is not None and target.function is not None:
                found: Document = {"type": "function", "function": source.label(origin), "outcome": outcome}
                yield target.function, {**found, "target": source.label(target.function)}


def _remark_on_others(source: Source) -> None:
    """Events of SAM that samgen.yaml has no trigger for."""
    for template in source.project.templates:
        for name, resource in template.resources.items():
            properties = resource.get("Properties")
            events = properties.get("Events") if isinstance(properties, dict) else None
            if str(resource.get("Type")) != "AWS::Serverless::Function" or not isinstance(events, dict):
                continue
            for event, definition in events.items():
                kind = definition.get("Type") if isinstance(definition, dict) else None
                if isinstance(kind, str) and kind not in _EVENTS:
                    place = template.place("Resources", name, "Properties", "Events", event)
                    message = f"The event {event} of {name} is of type {kind}, which samgen.yaml has no trigger for."
                    source.remarks.add(Remark(place[0], place[1], message))
