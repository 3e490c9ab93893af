"""Every trigger on the expanded stacks: who is invoked, what it may read, what happens to what fails."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase as fnmatch
from pathlib import Path
from typing import Any

import pytest
from deployment import Deployment, deploy, statements
from rendering import render
from test_matrix import EVERYTHING, KEY, PARAMETER, QUEUE, STREAM

PLACE = "eu-west-1:123456789012"
PREFIX = "dev-orders"


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    return deploy(render(EVERYTHING, tmp_path_factory.mktemp("triggers")), "dev")


def deployed(tmp_path: Path, **sections: Any) -> Deployment:
    return deploy(render({"service": {"name": "orders"}, **sections}, tmp_path), "dev")


def allowed(deployment: Deployment, function: str) -> Iterator[tuple[str, str]]:
    """Action and resource of everything that a function's role allows."""
    role = next(r for r in deployment.of_type("AWS::IAM::Role").values() if is_role(r, function))
    for policy in role["Policies"]:
        for statement in statements(policy["PolicyDocument"]):
            yield from ((action, resource) for action in statement["Action"] for resource in statement["Resource"])


def is_role(role: dict[str, Any], function: str) -> bool:
    return str(role.get("RoleName", "")).startswith(f"{PREFIX}-{function}-") and "schedule" not in role["RoleName"]


def alias(function: str) -> str:
    return f"<{function.capitalize()}FunctionAliaslive>"


def dead_letters(function: str) -> str:
    return f"<{function.capitalize()}DeadLetterQueue.Arn>"


def test_a_queue_is_read_through_the_alias(dev: Deployment) -> None:
    mapping = dev.stacks["stacks/functions/template.yaml"].resources["WorkQueue1"]["Properties"]
    assert mapping["EventSourceArn"] == f"arn:aws:sqs:{PLACE}:{PREFIX}-work"
    assert mapping["FunctionName"] == alias("work")
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": 10}
    assert mapping["Enabled"] is True


def test_a_queue_waits_for_every_try_and_then_gives_up(dev: Deployment) -> None:
    queues = {q["QueueName"]: q for q in dev.of_type("AWS::SQS::Queue").values()}
    work = queues[f"{PREFIX}-work"]
    timeout = next(f for f in dev.of_type("AWS::Lambda::Function").values() if f["FunctionName"] == f"{PREFIX}-work")
    assert work["VisibilityTimeout"] >= 6 * timeout["Timeout"]
    assert work["RedrivePolicy"] == {"deadLetterTargetArn": "<WorkQueueDeadLetters.Arn>", "maxReceiveCount": 1}
    kept = queues[f"{PREFIX}-work-queue-dlq"]
    assert kept["RedriveAllowPolicy"]["sourceQueueArns"] == [f"arn:aws:sqs:{PLACE}:{PREFIX}-work"]
    assert kept["MessageRetentionPeriod"] >= work["MessageRetentionPeriod"]
    assert {q["KmsMasterKeyId"] for q in queues.values()} == {"<EncryptionKey.Arn>"}


def test_a_reader_may_poll_its_queue_and_nothing_else(dev: Deployment) -> None:
    polled = {(a, r) for a, r in allowed(dev, "work") if a.startswith("sqs:") and "dlq" not in r}
    queue = f"arn:aws:sqs:{PLACE}:{PREFIX}-work"
    assert polled == {(f"sqs:{name}", queue) for name in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")}
    assert not any(a.startswith("sqs:Receive") for a, _ in allowed(dev, "route"))


def test_a_stream_gives_up_on_what_fails(dev: Deployment) -> None:
    mapping = dev.stacks["stacks/functions/template.yaml"].resources["ChangesStream1"]["Properties"]
    assert mapping["EventSourceArn"] == "<OrdersTable.StreamArn>"
    assert mapping["FunctionName"] == alias("changes")
    assert mapping["BisectBatchOnFunctionError"] is True
    assert mapping["DestinationConfig"] == {"OnFailure": {"Destination": dead_letters("changes")}}
    assert (mapping["MaximumRetryAttempts"], mapping["MaximumRecordAgeInSeconds"]) == (3, 3600)
    reads = {r for a, r in allowed(dev, "changes") if a == "dynamodb:GetRecords"}
    assert reads == {f"arn:aws:dynamodb:{PLACE}:table/{PREFIX}-{name}/stream/*" for name in ("orders", "plain")}


def test_only_tables_with_a_reader_have_a_stream(tmp_path: Path) -> None:
    tables = [{"name": name, "partition_key": {"name": "id"}} for name in ("read", "unread")]
    functions = [{"name": "a", "triggers": [{"type": "dynamodb", "table": "read"}]}]
    found = deployed(tmp_path, tables=tables, functions=functions).of_type("AWS::DynamoDB::Table")
    assert {name for name, table in found.items() if "StreamSpecification" in table} == {"ReadTable"}


def test_a_topic_reaches_the_alias_and_keeps_what_it_cannot_deliver(dev: Deployment) -> None:
    subscription = next(s for s in dev.of_type("AWS::SNS::Subscription").values() if s["Protocol"] == "lambda")
    topic = f"arn:aws:sns:{PLACE}:{PREFIX}-news"
    assert subscription["TopicArn"] == topic
    assert subscription["Endpoint"] == alias("news")
    assert subscription["FilterPolicy"] == {"kind": ["a", "b"]}
    assert subscription["RedrivePolicy"] == {"deadLetterTargetArn": dead_letters("news")}
    assert senders(dev, "News")["sns.amazonaws.com"] == {"ArnEquals": {"aws:SourceArn": [topic]}}
    assert permissions(dev, "sns.amazonaws.com") == {alias("news"): [topic]}


def test_a_rule_reaches_the_alias_and_keeps_what_it_cannot_deliver(dev: Deployment) -> None:
    rules = {r["Name"]: r for r in dev.of_type("AWS::Events::Rule").values()}
    own, default = rules[f"{PREFIX}-shop-eventbridge-1"], rules[f"{PREFIX}-shop-eventbridge-2"]
    assert (own["EventBusName"], default["EventBusName"]) == (f"{PREFIX}-shop", "default")
    assert own["EventPattern"] == {"source": ["x"], "detail": {"n": [{"exists": True}]}}
    for rule in rules.values():
        (target,) = rule["Targets"]
        function = rule["Name"].split("-")[2]
        assert target["Arn"] == alias(function)
        assert target["DeadLetterConfig"] == {"Arn": dead_letters(function)}
        assert target["RetryPolicy"]["MaximumRetryAttempts"] > 0
        # The ARN of a rule on a bus of its own holds the bus.
        bus = "" if rule.get("EventBusName", "default") == "default" else rule["EventBusName"] + "/"
        patterns = senders(dev, function.capitalize())["events.amazonaws.com"]["ArnLike"]["aws:SourceArn"]
        assert any(fnmatch(f"arn:aws:events:{PLACE}:rule/{bus}{rule['Name']}", pattern) for pattern in patterns)
        assert not any(fnmatch(f"arn:aws:events:{PLACE}:rule/x{rule['Name']}", pattern) for pattern in patterns)
    assert permissions(dev, "events.amazonaws.com") == {
        alias("shop"): ["<ShopRule1.Arn>", "<ShopRule2.Arn>"],
        alias("files"): ["<FilesBucket1.Arn>"],
    }


def test_eventbridge_may_encrypt_for_the_service_s_queues_without_saying_for_whom(dev: Deployment) -> None:
    """Calls for a target need not carry the account; a condition on it could drop every dead letter."""
    (statement,) = [
        s
        for s in dev.one("AWS::KMS::Key")["KeyPolicy"]["Statement"]
        if s["Principal"] == {"Service": "events.amazonaws.com"} and "ArnLike" in s.get("Condition", {})
    ]
    assert {"kms:Decrypt", "kms:GenerateDataKey"} <= set(statement["Action"])
    assert set(statement["Condition"]) == {"ArnLike"}
    pattern = statement["Condition"]["ArnLike"]["kms:EncryptionContext:aws:sqs:arn"]
    for queue in dev.of_type("AWS::SQS::Queue").values():
        assert fnmatch(f"arn:aws:sqs:{PLACE}:{queue['QueueName']}", pattern)
    assert not fnmatch(f"arn:aws:sqs:{PLACE}:dev-billing-x", pattern)


def test_a_bucket_s_changes_arrive_by_eventbridge(dev: Deployment) -> None:
    buckets = dev.of_type("AWS::S3::Bucket")
    assert buckets["FilesBucket"]["NotificationConfiguration"] == {
        "EventBridgeConfiguration": {"EventBridgeEnabled": True}
    }
    assert "NotificationConfiguration" not in buckets["MoreBucket"]
    rule = next(r for r in dev.of_type("AWS::Events::Rule").values() if r["Name"] == f"{PREFIX}-files-s3-1")
    assert rule["EventPattern"] == {
        "source": ["aws.s3"],
        "detail-type": ["Object Deleted"],
        "resources": [f"arn:aws:s3:::{buckets['FilesBucket']['BucketName']}"],
        "detail": {"object": {"key": [{"wildcard": "a/*.b"}]}},
    }


def test_an_outcome_that_is_added_changes_what_is_there(tmp_path: Path) -> None:
    """Lambda refuses a second configuration of one alias, and CloudFormation creates before it deletes."""
    daily = {"type": "schedule", "expression": "rate(1 day)"}
    first = {"name": "first", "triggers": [daily]}
    after = {"name": "after", "triggers": [{"type": "function", "function": "first"}]}
    kind = "AWS::Lambda::EventInvokeConfig"
    without, with_one = (
        deploy(render({"service": {"name": "a"}, "functions": functions}, tmp_path / str(number))).of_type(kind)
        for number, functions in enumerate([[first], [first, after]])
    )

    (name,) = (name for name, config in with_one.items() if "OnSuccess" in (config.get("DestinationConfig") or {}))
    assert without[name]["Qualifier"] == with_one[name]["Qualifier"]
    assert set(without) <= set(with_one)


def test_outcomes_go_to_the_next_function(dev: Deployment) -> None:
    configurations = {c["FunctionName"]: c for c in dev.of_type("AWS::Lambda::EventInvokeConfig").values()}
    assert configurations["<NewsFunction>"]["DestinationConfig"] == {"OnSuccess": {"Destination": alias("after")}}
    assert configurations["<AfterFunction>"]["DestinationConfig"] == {"OnFailure": {"Destination": alias("afterwards")}}
    target = f"arn:aws:lambda:{PLACE}:function:{PREFIX}-after:live"
    assert ("lambda:InvokeFunction", target) in set(allowed(dev, "news"))
    assert len(configurations) == len(dev.of_type("AWS::Lambda::Function"))
    for configuration in configurations.values():
        assert configuration["MaximumEventAgeInSeconds"] <= 3600


def test_a_function_s_queue_takes_from_nobody_else(dev: Deployment) -> None:
    assert set(senders(dev, "Work")) == set()
    assert set(senders(dev, "Files")) == {"events.amazonaws.com"}


@pytest.mark.parametrize(
    ("role", "events", "schedules"), [("primary", True, True), ("active", True, False), ("standby", False, False)]
)
def test_a_region_handles_what_its_role_says(tmp_path: Path, role: str, events: bool, schedules: bool) -> None:
    found = deploy(render(EVERYTHING, tmp_path), "dev", RegionRole=role)
    mappings = found.of_type("AWS::Lambda::EventSourceMapping").values()
    assert {mapping["Enabled"] for mapping in mappings} == {events}
    assert {rule["State"] for rule in found.of_type("AWS::Events::Rule").values()} == {state(events)}
    assert {s["State"] for s in found.of_type("AWS::Scheduler::Schedule").values()} == {state(schedules)}
    assert bool([s for s in found.of_type("AWS::SNS::Subscription").values() if s["Protocol"] == "lambda"]) is events


def state(enabled: bool) -> str:
    return "ENABLED" if enabled else "DISABLED"


@pytest.mark.parametrize(
    ("trigger", "arn"),
    [
        ({"type": "sqs", "queue": QUEUE, "kms_key": KEY}, "arn:aws:sqs:us-west-2:123456789012:dev-shared"),
        ({"type": "sqs", "queue": PARAMETER}, "{{resolve:ssm:/dev/shared/arn}}"),
        ({"type": "dynamodb", "table": PARAMETER, "kms_key": PARAMETER}, "{{resolve:ssm:/dev/shared/arn}}"),
        ({"type": "dynamodb", "table": STREAM}, STREAM.split("${")[0]),
    ],
)
def test_an_existing_source_is_read_and_not_created(tmp_path: Path, trigger: dict[str, Any], arn: str) -> None:
    found = deployed(tmp_path, environments=[{"name": "dev"}], functions=[{"name": "a", "triggers": [trigger]}])
    (mapping,) = found.of_type("AWS::Lambda::EventSourceMapping").values()
    assert mapping["EventSourceArn"].startswith(arn)
    assert {q["QueueName"] for q in found.of_type("AWS::SQS::Queue").values()} == {
        "dev-orders-a-dlq",
        "dev-orders-pre-traffic-dlq",
    }
    assert "stacks/data/template.yaml" not in found.stacks
    role = next(r for r in found.of_type("AWS::IAM::Role").values() if r.get("RoleName") == "dev-orders-a")
    named = {s["Sid"]: s for s in role["Policies"][0]["PolicyDocument"]["Statement"]}
    assert any(mapping["EventSourceArn"] in s["Resource"] for s in named.values())
    assert any(sid.endswith("Key") and sid.startswith("Read") for sid in named) == ("kms_key" in trigger)


def permissions(deployment: Deployment, principal: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for permission in deployment.of_type("AWS::Lambda::Permission").values():
        if permission["Principal"] == principal:
            found.setdefault(permission["FunctionName"], []).append(permission["SourceArn"])
    return found


def senders(deployment: Deployment, function: str) -> dict[str, Any]:
    """Which services may send to a function's dead-letter queue, each with its condition."""
    policy = deployment.of_type("AWS::SQS::QueuePolicy")[f"{function}DeadLetterQueuePolicy"]
    return {
        s["Principal"]["Service"]: s["Condition"]
        for s in policy["PolicyDocument"]["Statement"]
        if s["Effect"] == "Allow"
    }
