"""Every trigger: something is put into the real source, and the function says in its log that it arrived."""

import datetime
import json
import secrets
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest
from stage import SERVICE, Stage

Trigger = dict[str, Any]


def send_message(stage: Stage, trigger: Trigger, _later: ExitStack) -> None:
    """Queue."""
    client = stage.aws("sqs")
    queue = client.get_queue_url(QueueName=stage.name(trigger["name"]))["QueueUrl"]
    client.send_message(QueueUrl=queue, MessageBody=json.dumps({"id": "integration-test"}))


def publish(stage: Stage, trigger: Trigger, _later: ExitStack) -> None:
    """Topic."""
    topic = stage.name(f"arn:${{AWS::Partition}}:sns:${{AWS::Region}}:${{AWS::AccountId}}:{trigger['name']}")
    stage.aws("sns").publish(TopicArn=topic, Message=json.dumps({"id": "integration-test"}))


def put_event(stage: Stage, trigger: Trigger, _later: ExitStack) -> None:
    """Bus."""
    event = trigger["event"]
    if event["source"].startswith("aws."):
        pytest.skip("only AWS's own services send such events")
    entry = {
        "EventBusName": stage.name(trigger["name"]),
        "Source": event["source"],
        "DetailType": event["detail-type"],
        "Detail": json.dumps(event["detail"]),
        "Resources": event["resources"],
    }
    assert stage.aws("events").put_events(Entries=[entry])["FailedEntryCount"] == 0


def put_object(stage: Stage, trigger: Trigger, later: ExitStack) -> None:
    """Bucket."""
    bucket, key = stage.name(trigger["name"]), f"{trigger['prefix']}integration-test{trigger['suffix']}"
    client = stage.aws("s3")
    later.callback(client.delete_object, Bucket=bucket, Key=key)
    client.put_object(Bucket=bucket, Key=key, Body=b"{}")


def put_item(stage: Stage, trigger: Trigger, later: ExitStack) -> None:
    """Table."""
    client, table = stage.aws("dynamodb"), stage.name(trigger["name"])
    described = client.describe_table(TableName=table)["Table"]
    kinds = {item["AttributeName"]: item["AttributeType"] for item in described["AttributeDefinitions"]}
    number = str(secrets.randbelow(10**9))
    values: dict[str, Any] = {"S": f"integration-test-{number}", "N": number, "B": number.encode()}
    names = [key["AttributeName"] for key in described["KeySchema"]]
    item = {name: {kinds[name]: values[kinds[name]]} for name in names}
    later.callback(client.delete_item, TableName=table, Key=item)
    client.put_item(TableName=table, Item=item)


def come_due(stage: Stage, trigger: Trigger, later: ExitStack) -> None:
    """Schedule: one beside it with the same target and role, due at once."""
    client = stage.aws("scheduler")
    known = client.get_schedule(Name=stage.name(trigger["name"]), GroupName=stage.name(trigger["group"]))
    due = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=2)
    name = f"integration-test-{secrets.token_hex(4)}"
    client.create_schedule(
        Name=name,
        GroupName=known["GroupName"],
        ScheduleExpression=f"at({due:%Y-%m-%dT%H:%M:%S})",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target=known["Target"],
    )
    later.callback(client.delete_schedule, Name=name, GroupName=known["GroupName"])


def end_other(stage: Stage, trigger: Trigger, _later: ExitStack) -> None:
    """Another function's outcome: it is invoked with an event that nobody knows, or with one that does no work."""
    if stage.kind == "emulator":
        pytest.skip("the emulator does not hand on the outcome of an alias")
    known = {"source": "pre-traffic"}
    event = known if trigger["outcome"] == "success" else {"integration-test": "unknown"}
    stage.aws("lambda").invoke(
        FunctionName=stage.function(trigger["name"]),
        Qualifier="live",
        InvocationType="Event",
        Payload=json.dumps(event),
    )


SENDERS: dict[str, Callable[[Stage, Trigger, ExitStack], None]] = {
    "sqs": send_message,
    "sns": publish,
    "eventbridge": put_event,
    "s3": put_object,
    "dynamodb": put_item,
    "schedule": come_due,
    "function": end_other,
}


@pytest.mark.parametrize("trigger", SERVICE["triggers"], ids=lambda t: f"{t['kind']} {t['function']}")
def test_it_reaches_its_function(stage: Stage, trigger: Trigger) -> None:
    if stage.is_standby:
        pytest.skip("in a standby region nothing invokes functions by itself")
    if trigger["name"] is None:
        pytest.skip("what sends this is not of this service")
    trace = f'"{trigger["trace"]}"'
    before = stage.logged(trigger["function"], trace)
    with ExitStack() as later:
        SENDERS[trigger["kind"]](stage, trigger, later)
        stage.until(
            lambda: stage.logged(trigger["function"], trace) > before,
            f"{trigger['function']} does not log {trace}, which says that what was sent arrived",
        )
