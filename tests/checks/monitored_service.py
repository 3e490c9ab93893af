"""A sound service as one plain CloudFormation template: a base that each test breaks in one way."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from generator.checks import load_rules
from generator.checks.run import read_case, run_rules
from generator.findings import Finding
from generator.spec.runtimes import newest

Template = dict[str, Any]
Edit = Callable[[Template], None]


def sub(text: str) -> dict[str, str]:
    """`!Sub`."""
    return {"Fn::Sub": text}


def ref(name: str) -> dict[str, str]:
    """`!Ref`."""
    return {"Ref": name}


def att(name: str, attribute: str) -> dict[str, list[str]]:
    """`!GetAtt`."""
    return {"Fn::GetAtt": [name, attribute]}


def resource(kind: str, **properties: Any) -> Template:
    """A resource of a type."""
    return {"Type": kind, "Properties": properties}


def alarm(namespace: str, metric: str, **dimensions: Any) -> Template:
    """An alarm that tells the topic."""
    return resource(
        "AWS::CloudWatch::Alarm",
        Namespace=namespace,
        MetricName=metric,
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        AlarmActions=[ref("Topic")],
    )


TRUST = {
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]
}
MAY_TRACE = {
    "PolicyName": "traces",
    "PolicyDocument": {
        "Statement": [
            {"Effect": "Allow", "Action": ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "Resource": "*"}
        ]
    },
}


def function_of(**more: Any) -> Template:
    """A sound function; the name in capitals of each property is Lambda's."""
    properties = {
        "Code": {"S3Bucket": "code", "S3Key": "app.zip"},
        "Handler": "app.handler",
        "Runtime": newest("python"),
        "Architectures": ["arm64"],
        "Role": att("Role", "Arn"),
        "MemorySize": 256,
        "Timeout": 10,
        "ReservedConcurrentExecutions": 10,
        "TracingConfig": {"Mode": "Active"},
        "LoggingConfig": {"LogFormat": "JSON", "ApplicationLogLevel": "ERROR", "SystemLogLevel": "WARN"},
        "DeadLetterConfig": {"TargetArn": att("DeadLetters", "Arn")},
    }
    return resource("AWS::Lambda::Function", **{**properties, **more})


def service() -> Template:
    """A queue, a stream, a rule and an API that invoke a function each, or the same one."""
    resources = {
        "Topic": resource("AWS::SNS::Topic", KmsMasterKeyId="alias/alarms"),
        "Role": resource("AWS::IAM::Role", AssumeRolePolicyDocument=TRUST, Policies=[MAY_TRACE]),
        "Work": function_of(),
        "WorkLogs": resource("AWS::Logs::LogGroup", LogGroupName=sub("/aws/lambda/${Work}"), RetentionInDays=30),
        "WorkEvents": resource(
            "AWS::Lambda::EventInvokeConfig",
            FunctionName=ref("Work"),
            Qualifier="$LATEST",
            MaximumRetryAttempts=1,
            MaximumEventAgeInSeconds=600,
        ),
        "WorkErrors": alarm("AWS/Lambda", "Errors", FunctionName=ref("Work")),
        "WorkThrottles": alarm("AWS/Lambda", "Throttles", FunctionName=ref("Work")),
        "WorkDuration": alarm("AWS/Lambda", "Duration", FunctionName=ref("Work")),
        "WorkAge": alarm("AWS/Lambda", "IteratorAge", FunctionName=ref("Work")),
        "DeadLetters": resource("AWS::SQS::Queue"),
        "DeadLettersWait": alarm(
            "AWS/SQS", "ApproximateNumberOfMessagesVisible", QueueName=att("DeadLetters", "QueueName")
        ),
        "Queue": resource(
            "AWS::SQS::Queue",
            QueueName=sub("${AWS::StackName}-work"),
            VisibilityTimeout=60,
            RedrivePolicy={"deadLetterTargetArn": att("DeadLetters", "Arn"), "maxReceiveCount": 5},
        ),
        "QueueAge": alarm("AWS/SQS", "ApproximateAgeOfOldestMessage", QueueName=sub("${AWS::StackName}-work")),
        "FromQueue": resource(
            "AWS::Lambda::EventSourceMapping",
            EventSourceArn=att("Queue", "Arn"),
            FunctionName=ref("Work"),
            FunctionResponseTypes=["ReportBatchItemFailures"],
            ScalingConfig={"MaximumConcurrency": 5},
        ),
        "Table": resource("AWS::DynamoDB::Table", StreamSpecification={"StreamViewType": "NEW_IMAGE"}),
        "FromTable": resource(
            "AWS::Lambda::EventSourceMapping",
            EventSourceArn=att("Table", "StreamArn"),
            FunctionName=att("Work", "Arn"),
            StartingPosition="LATEST",
            MaximumRetryAttempts=3,
            BisectBatchOnFunctionError=True,
            DestinationConfig={"OnFailure": {"Destination": att("DeadLetters", "Arn")}},
        ),
        "EveryDay": resource(
            "AWS::Events::Rule",
            ScheduleExpression="rate(1 day)",
            Targets=[{"Id": "work", "Arn": att("Work", "Arn"), "DeadLetterConfig": {"Arn": att("DeadLetters", "Arn")}}],
        ),
        "EveryDayMay": resource(
            "AWS::Lambda::Permission",
            Action="lambda:InvokeFunction",
            FunctionName=ref("Work"),
            Principal="events.amazonaws.com",
            SourceArn=att("EveryDay", "Arn"),
        ),
        "Api": resource("AWS::ApiGateway::RestApi", Name="things"),
        "Get": resource(
            "AWS::ApiGateway::Method",
            RestApiId=ref("Api"),
            ResourceId=att("Api", "RootResourceId"),
            HttpMethod="GET",
            AuthorizationType="AWS_IAM",
            Integration={
                "Type": "AWS_PROXY",
                "IntegrationHttpMethod": "POST",
                "Uri": sub(
                    "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
                    "${Work.Arn}/invocations"
                ),
            },
        ),
        "ApiVersion": {**resource("AWS::ApiGateway::Deployment", RestApiId=ref("Api")), "DependsOn": "Get"},
        "Stage": resource(
            "AWS::ApiGateway::Stage",
            RestApiId=ref("Api"),
            DeploymentId=ref("ApiVersion"),
            StageName="v1",
            TracingEnabled=True,
            MethodSettings=[{"ResourcePath": "/*", "HttpMethod": "*", "LoggingLevel": "ERROR"}],
        ),
        "Api5xx": alarm("AWS/ApiGateway", "5XXError", ApiName="things", Stage="v1"),
        "Api4xx": alarm("AWS/ApiGateway", "4XXError", ApiName="things"),
        "ApiLatency": alarm("AWS/ApiGateway", "Latency", ApiName="things"),
        "Watch": resource(
            "AWS::Config::ConfigRule", Source={"Owner": "AWS", "SourceIdentifier": "LAMBDA_CONCURRENCY_CHECK"}
        ),
        "Recorder": resource("AWS::Config::ConfigurationRecorder", RoleARN="arn:aws:iam::123456789012:role/config"),
    }
    return {"AWSTemplateFormatVersion": "2010-09-09", "Resources": copy.deepcopy(resources)}


def check(folder: Path, template: Template | str, *rules: str) -> list[Finding]:
    """What rules find in a template: all of categories 4 and 5 where none is named."""
    name = "template.yaml" if isinstance(template, str) else "template.json"
    (folder / name).write_text(template if isinstance(template, str) else json.dumps(template, indent=2))
    chosen = {key: rule for key, rule in load_rules().items() if key in rules or (not rules and key[2] in "45")}
    return run_rules(read_case(folder / name), chosen)


def properties(template: Template, name: str) -> dict[str, Any]:
    """The properties of a resource, to be changed."""
    found: dict[str, Any] = template["Resources"][name]["Properties"]
    return found


def put(name: str, **values: Any) -> Edit:
    """An edit that sets properties of a resource."""
    return lambda template: properties(template, name).update(values)


def drop(name: str, *keys: str) -> Edit:
    """An edit that removes properties of a resource, or all of it."""

    def edit(template: Template) -> None:
        if not keys:
            del template["Resources"][name]
        for key in keys:
            del properties(template, name)[key]

    return edit


def add(name: str, value: Template) -> Edit:
    """An edit that adds a resource."""
    return lambda template: template["Resources"].update({name: value})


def edited(*edits: Edit) -> Template:
    """The sound service with edits."""
    template = service()
    for edit in edits:
        edit(template)
    return template
