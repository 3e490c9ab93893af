"""Category 5: each rule finds what it is for, in a template of another style than samgen's, and nothing else."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from monitored_service import (
    Edit,
    add,
    att,
    check,
    drop,
    edited,
    function_of,
    properties,
    put,
    ref,
    resource,
    service,
    sub,
)

from generator.checks import load_rules
from generator.checks.catalogue import resources
from generator.checks.run import read_case, run_rules
from generator.findings import Severity
from generator.project.evaluate import UNKNOWN
from generator.spec.lintdata import runtime_lifecycle
from generator.spec.runtimes import newest

ELSEWHERE = {"Fn::ImportValue": "somebody-elses"}
TO_WORK = sub(
    "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Work.Arn}/invocations"
)
EVENT = {"integration.request.header.X-Amz-Invocation-Type": "'Event'"}
THEIR_QUEUE = "arn:aws:sqs:us-east-1:123456789012:theirs"

BAD: list[tuple[str, tuple[Edit, ...], str]] = [
    ("SG501", (drop("Work", "MemorySize"),), "Work does not set its memory"),
    ("SG501", (put("Work", MemorySize=ref("AWS::NoValue")),), "Work does not set its memory"),
    ("SG502", (drop("Work", "Timeout"),), "Work does not set its timeout"),
    ("SG502", (put("Work", Timeout=30), drop("FromQueue")), "Work may take 30 s; the API that calls it waits 29 s"),
    (
        "SG502",
        (put("Get", Integration={"Type": "AWS_PROXY", "Uri": TO_WORK, "TimeoutInMillis": 5000}),),
        "Work may take 10 s; the API that calls it waits 5 s",
    ),
    (
        "SG502",
        (
            put("Work", Timeout=31),
            drop("FromQueue"),
            drop("Get"),
            drop("ApiVersion"),
            drop("Stage"),
            drop("Api"),
            add("Web", resource("AWS::ApiGatewayV2::Api", ProtocolType="HTTP", Target=att("Work", "Arn"))),
        ),
        "Work may take 31 s; the API that calls it waits 30 s",
    ),
    ("SG502", (put("Queue", VisibilityTimeout=59),), "Queue hides a message for 59 s; Work may take 10 s"),
    ("SG502", (drop("Queue", "VisibilityTimeout"),), "Queue hides a message for 30 s"),
    ("SG502", (put("Queue", VisibilityTimeout=0),), "Queue hides a message for 0 s"),
    ("SG503", (put("Work", Runtime="python3.8"),), "Work runs on python3.8, which Lambda deprecated on"),
    ("SG503", (put("Work", Runtime="python3.13"),), "Work runs on python3.13"),
    ("SG503", (put("Work", Runtime="go1.x"),), "Work runs on go1.x, which Lambda deprecated on"),
    ("SG504", (drop("Work", "ReservedConcurrentExecutions"),), "Work does not limit its concurrency"),
    ("SG504", (put("Work", ReservedConcurrentExecutions=901),), "The functions reserve 901 executions"),
    (
        "SG504",
        (
            put("Work", ReservedConcurrentExecutions=500),
            add("Other", function_of(ReservedConcurrentExecutions="500")),
        ),
        "The functions reserve 1000 executions",
    ),
    ("SG504", (drop("FromQueue", "ScalingConfig"),), "FromQueue does not limit how many batches"),
    (
        "SG504",
        (put("FromQueue", ScalingConfig={"MaximumConcurrency": 11}),),
        "FromQueue invokes up to 11 at once; Work may run 10",
    ),
    ("SG505", (drop("Work", "DeadLetterConfig"),), "Work is invoked asynchronously and loses"),
    ("SG505", (drop("WorkEvents"),), "does not say how often an event is tried again"),
    ("SG505", (drop("WorkEvents", "MaximumEventAgeInSeconds"),), "does not say how long an event is tried again"),
    ("SG505", (drop("Queue", "RedrivePolicy"),), "Queue hands out a message that always fails"),
    ("SG505", (drop("FromQueue", "FunctionResponseTypes"),), "FromQueue tries a whole batch again"),
    (
        "SG505",
        (put("FromQueue", EventSourceArn=THEIR_QUEUE, FunctionResponseTypes=[]),),
        "FromQueue tries a whole batch again",
    ),
    ("SG505", (drop("FromTable", "DestinationConfig"),), "FromTable loses the records"),
    ("SG505", (put("FromTable", DestinationConfig={"OnSuccess": {}}),), "FromTable loses the records"),
    ("SG505", (put("FromTable", MaximumRetryAttempts=-1),), "FromTable tries a record that fails until it expires"),
    ("SG505", (drop("FromTable", "BisectBatchOnFunctionError"),), "FromTable tries a whole batch again"),
    (
        "SG505",
        (put("EveryDay", Targets=[{"Id": "work", "Arn": att("Work", "Arn")}]),),
        "EveryDay loses an event that does not reach Work",
    ),
    (
        "SG505",
        (
            add(
                "Often",
                resource(
                    "AWS::Scheduler::Schedule", Target={"Arn": att("Work", "Arn"), "RoleArn": "arn:aws:iam::1:role/r"}
                ),
            ),
        ),
        "Often loses an event that does not reach Work",
    ),
    (
        "SG505",
        (
            add(
                "Told",
                resource(
                    "AWS::SNS::Subscription", Protocol="lambda", Endpoint=att("Work", "Arn"), TopicArn=ref("Topic")
                ),
            ),
        ),
        "Told loses a message that does not reach Work",
    ),
    ("SG506", (drop("Work", "Architectures"),), "Work does not choose its architecture"),
    ("SG506", (put("Work", SnapStart={"ApplyOn": "PublishedVersions"}),), "Work turns SnapStart on"),
]

GOOD: list[tuple[str, tuple[Edit, ...]]] = [
    ("SG501", (put("Work", MemorySize=ELSEWHERE),)),
    ("SG502", (put("Work", Timeout=ELSEWHERE),)),
    ("SG502", (put("Queue", VisibilityTimeout=ELSEWHERE),)),
    (
        "SG502",
        (
            put("Work", Timeout=300),
            put("Queue", VisibilityTimeout=1800),
            put("Get", Integration={"Type": "AWS", "Uri": TO_WORK, "RequestParameters": EVENT}),
        ),
    ),
    (
        "SG502",
        (
            put("Work", Timeout=60),
            put("Queue", VisibilityTimeout=360),
            put("Get", Integration={"Type": "AWS_PROXY", "Uri": TO_WORK, "TimeoutInMillis": 60000}),
        ),
    ),
    ("SG502", (put("Work", Timeout=300), drop("Get"), drop("FromQueue"))),
    ("SG503", (put("Work", Runtime=ELSEWHERE),)),
    ("SG503", (drop("Work", "Runtime"), put("Work", PackageType="Image", Code={"ImageUri": "1.dkr.ecr/a:1"}))),
    ("SG503", (put("Work", Runtime="python9.9"),)),
    ("SG504", (put("Work", ReservedConcurrentExecutions=ELSEWHERE),)),
    ("SG504", (put("FromQueue", ScalingConfig=ELSEWHERE),)),
    ("SG504", (drop("FromQueue", "ScalingConfig"), put("FromQueue", ProvisionedPollerConfig={"MaximumPollers": 5}))),
    (
        "SG505",
        (
            drop("Work", "DeadLetterConfig"),
            put("WorkEvents", DestinationConfig={"OnFailure": {"Destination": att("DeadLetters", "Arn")}}),
        ),
    ),
    ("SG505", (drop("Work", "DeadLetterConfig"), put("WorkEvents", FunctionName=ELSEWHERE))),
    ("SG505", (drop("Work", "DeadLetterConfig"), drop("WorkEvents"), drop("EveryDay"), drop("EveryDayMay"))),
    ("SG505", (drop("FromQueue", "FunctionResponseTypes"), put("FromQueue", BatchSize=1))),
    ("SG505", (put("FromTable", DestinationConfig=ELSEWHERE, MaximumRetryAttempts=ELSEWHERE),)),
    ("SG505", (put("FromTable", EventSourceArn=ELSEWHERE), drop("FromTable", "DestinationConfig"))),
    ("SG506", (put("Work", Architectures=["x86_64"]),)),
    (
        "SG506",
        (
            put("Work", SnapStart={"ApplyOn": "PublishedVersions"}),
            add("One", resource("AWS::Lambda::Version", FunctionName=ref("Work"))),
        ),
    ),
]


@pytest.mark.parametrize(("rule", "edits", "words"), BAD, ids=lambda value: value if isinstance(value, str) else "")
def test_what_is_wrong_is_found(tmp_path: Path, rule: str, edits: tuple[Edit, ...], words: str) -> None:
    found = check(tmp_path, edited(*edits), rule)

    assert [finding for finding in found if words in finding.message], [finding.message for finding in found]
    assert all(finding.line > 1 for finding in found), "each finding is at a resource"


@pytest.mark.parametrize(("rule", "edits"), GOOD)
def test_what_is_right_in_another_way_passes(tmp_path: Path, rule: str, edits: tuple[Edit, ...]) -> None:
    assert [finding.message for finding in check(tmp_path, edited(*edits), rule)] == []


@pytest.mark.parametrize(
    ("days", "severity"),
    [(-1, Severity.WARNING), (0, Severity.ERROR), (1, Severity.ERROR), (-180, Severity.WARNING), (-181, Severity.INFO)],
)
def test_a_runtime_matters_more_the_older_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int, severity: Severity
) -> None:
    ends = (runtime_lifecycle() or {})["python3.11"]["deprecated"]
    assert ends is not None
    monkeypatch.setattr(resources, "today", lambda: date.fromisoformat(ends) + timedelta(days=days))

    (found,) = check(tmp_path, edited(put("Work", Runtime="python3.11")), "SG503")

    assert found.severity is severity
    assert str(newest("python")) in found.mend


def test_a_queue_that_waits_less_than_one_try_is_an_error(tmp_path: Path) -> None:
    severities = [
        check(tmp_path, edited(put("Queue", VisibilityTimeout=seconds)), "SG502")[0].severity for seconds in (9, 10)
    ]

    assert severities == [Severity.ERROR, Severity.WARNING]


@pytest.mark.parametrize(
    "odd", [None, "text", 7, True, [], ["a"], {}, {"a": 1}, [[1]], UNKNOWN, [UNKNOWN], {"A": UNKNOWN}]
)
def test_odd_values_are_no_crash(tmp_path: Path, odd: Any) -> None:
    check(tmp_path, service())
    case = read_case(tmp_path / "template.json")
    rules = {key: rule for key, rule in load_rules().items() if key[2] in "45"}
    for deployment in case.deployments:
        for item in deployment.resources():
            for name, value in list(item.properties.items()):
                item.properties[name] = odd
                run_rules(case, rules)
                item.properties[name] = value


def test_odd_values_within_are_no_crash(tmp_path: Path) -> None:
    check(tmp_path, service())
    case = read_case(tmp_path / "template.json")
    rules = {key: rule for key, rule in load_rules().items() if key[2] in "45"}
    chance = random.Random(4)  # noqa: S311
    for _ in range(150):
        for item in case.deployments[0].resources():
            holder: Any = item.properties
            while holder and isinstance(holder, (dict, list)):
                key = chance.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
                if chance.random() < 0.2 or not isinstance(holder[key], (dict, list)):
                    holder[key] = chance.choice([None, "x", 7, True, [], {}, [{}], {"Ref": 1}, UNKNOWN, holder[key]])
                    break
                holder = holder[key]
        run_rules(case, rules)


def test_properties_of_the_base_are_not_shared() -> None:
    properties(edited(drop("Work", "MemorySize")), "Work")

    assert properties(service(), "Work")["MemorySize"] == 256


EVENTS = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Work:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      Runtime: python3.14
      CodeUri: src/
      Timeout: 5
      DeadLetterQueue: {Type: SQS, TargetArn: !GetAtt Dead.Arn}
      EventInvokeConfig: {MaximumRetryAttempts: 1, MaximumEventAgeInSeconds: 60}
      Events:
        Daily: {Type: Schedule, Properties: {Schedule: rate(1 day)}}
        Message:
          Type: SQS
          Properties: {Queue: !GetAtt Queue.Arn, FunctionResponseTypes: []}
  Queue:
    Type: AWS::SQS::Queue
    Properties: {RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 5}}
  Dead: {Type: AWS::SQS::Queue}
"""


def test_an_event_of_sam_is_named_and_found_where_it_stands(tmp_path: Path) -> None:
    found = {finding.message: EVENTS.splitlines()[finding.line - 1] for finding in check(tmp_path, EVENTS, "SG505")}

    assert found == {
        "Work.Daily loses an event that does not reach Work.": EVENTS.splitlines()[12],
        "Work.Message tries a whole batch again when a part of it failed.": EVENTS.splitlines()[15],
    }
