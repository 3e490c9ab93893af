"""Category 4: each rule finds what it is for, in a template of another style than samgen's, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from monitored_service import (
    MAY_TRACE,
    TRUST,
    Edit,
    Template,
    add,
    alarm,
    att,
    check,
    drop,
    edited,
    function_of,
    put,
    ref,
    resource,
    service,
    sub,
)

from generator.spec.runtimes import newest

UNKNOWN = {"Fn::ImportValue": "somebody-elses"}
LOUD = {"LogFormat": "JSON", "ApplicationLogLevel": "DEBUG", "SystemLogLevel": "WARN"}
STAGE = {"ResourcePath": "/*", "HttpMethod": "*"}
BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"


def part_of(name: str) -> Edit:
    """An edit that lets an alarm watch one version alone."""
    version = {"Name": "ExecutedVersion", "Value": att("Version", "Version")}
    return put(name, Dimensions=[{"Name": "FunctionName", "Value": ref("Work")}, version])


BAD: list[tuple[str, tuple[Edit, ...], str]] = [
    # SG401
    ("SG401", (drop("Work", "TracingConfig"),), "Work is not traced"),
    ("SG401", (put("Work", TracingConfig={"Mode": "PassThrough"}),), "Work is not traced"),
    ("SG401", (drop("Stage", "TracingEnabled"),), "The stage Stage is not traced"),
    ("SG401", (put("Stage", TracingEnabled="false"),), "The stage Stage is not traced"),
    ("SG401", (drop("Role", "Policies"),), "Role does not let Work send"),
    ("SG401", (drop("Role", "Policies"), put("Role", ManagedPolicyArns=[BASIC])), "Role does not let Work send"),
    ("SG401", (drop("Stage"), put("ApiVersion", StageName="v1")), "The stage of ApiVersion is not traced"),
    # SG402
    ("SG402", (drop("WorkLogs"),), "Work has no log group"),
    ("SG402", (drop("WorkLogs", "RetentionInDays"),), "WorkLogs keeps its logs for ever"),
    ("SG402", (put("WorkLogs", LogGroupName="/aws/lambda/other"),), "Work has no log group"),
    (
        "SG402",
        (
            put("Work", FunctionName="work", LoggingConfig={"LogGroup": ref("WorkLogs"), "LogFormat": "JSON"}),
            put("WorkLogs", LogGroupName="/aws/lambda/wrok"),
        ),
        "which is not the group of Work",
    ),
    # SG403
    ("SG403", (drop("Watch"),), "No rule of AWS Config looks at Work"),
    ("SG403", (put("Watch", Source={"Owner": "AWS", "SourceIdentifier": "S3_BUCKET_LOGGING_ENABLED"}),), "No rule"),
    ("SG403", (drop("Recorder"),), "No template of the project makes the recorder"),
    (
        "SG403",
        (put("Recorder", RecordingGroup={"AllSupported": False, "ResourceTypes": ["AWS::S3::Bucket"]}),),
        "Recorder does not record functions",
    ),
    # SG404
    ("SG404", (drop("WorkErrors"),), "No alarm tells that Work fails"),
    (
        "SG404",
        (add("Version", resource("AWS::Lambda::Version", FunctionName=ref("Work"))), part_of("WorkErrors")),
        "No alarm tells that Work fails",
    ),
    ("SG404", (drop("WorkThrottles"),), "No alarm tells that Work is throttled"),
    ("SG404", (drop("WorkDuration"),), "No alarm tells that Work takes nearly its timeout"),
    ("SG404", (drop("WorkAge"),), "No alarm tells that Work falls behind"),
    ("SG404", (drop("QueueAge"),), "No alarm tells that messages wait in Queue"),
    ("SG404", (drop("DeadLettersWait"),), "No alarm tells that messages wait in DeadLetters"),
    ("SG404", (drop("Api5xx"),), "No alarm tells that Api answers with server errors"),
    ("SG404", (drop("Api4xx"), drop("ApiLatency")), "No alarm watches the client errors and the latency of Api"),
    ("SG404", (drop("Api5xx", "AlarmActions"),), "Nobody hears of Api5xx"),
    ("SG404", (put("Api5xx", ActionsEnabled=False),), "Api5xx has its actions turned off"),
    ("SG404", (put("Topic", KmsMasterKeyId="alias/aws/sns"),), "No alarm reaches Topic"),
    ("SG404", (put("WorkErrors", MetricName="Error"),), "WorkErrors watches Error, which AWS/Lambda does not emit"),
    ("SG404", (put("QueueAge", MetricName="AgeOfMessages"),), "QueueAge watches AgeOfMessages"),
    ("SG404", (put("Api5xx", MetricName="5xx"),), "Api5xx watches 5xx"),
    ("SG404", (put("WorkErrors", Namespace="AWS/lambda"),), "AWS/Lambda is meant"),
    (
        "SG404",
        (put("DeadLettersWait", Dimensions=[{"Name": "QueueName", "Value": ref("DeadLetters")}]),),
        "another attribute of DeadLetters than its name",
    ),
    (
        "SG404",
        (put("WorkErrors", Dimensions=[{"Name": "FunctionName", "Value": att("Work", "Arn")}]),),
        "another attribute of Work than its name",
    ),
    (
        "SG404",
        (put("WorkErrors", Dimensions=[{"Name": "FunctionName", "Value": ref("Queue")}]),),
        "a resource that does not emit AWS/Lambda",
    ),
    (
        "SG404",
        (put("Api5xx", Dimensions=[{"Name": "ApiName", "Value": "thing"}]),),
        "ApiName thing, which nothing in the project is called",
    ),
    (
        "SG404",
        (put("Api5xx", Dimensions=[{"Name": "ApiName", "Value": "things"}, {"Name": "Stage", "Value": "prod"}]),),
        "the stage prod, which no API",
    ),
    ("SG404", (put("QueueAge", Dimensions=[]),), "without QueueName, and so nothing"),
    (
        "SG404",
        (put("WorkErrors", Dimensions=[{"Name": "Function", "Value": ref("Work")}]),),
        "by Function, a dimension that it does not have",
    ),
    ("SG404", (put("WorkDuration", Threshold=10001),), "WorkDuration goes off after 10001 ms; Work ends after 10 s"),
    (
        "SG404",
        (add("Acl", resource("AWS::WAFv2::WebACL", Name="acl", Scope="REGIONAL")),),
        "No alarm tells that Acl blocks many requests",
    ),
    # SG405
    ("SG405", (put("Work", LoggingConfig=LOUD),), "Work logs its own lines at the level DEBUG"),
    ("SG405", (put("Work", LoggingConfig={"LogFormat": "JSON"}),), "Work logs Lambda's lines at the level INFO"),
    ("SG405", (drop("Work", "LoggingConfig"),), "Work logs as text, which has no levels"),
    ("SG405", (put("Work", Environment={"Variables": {"LOG_LEVEL": "debug"}}),), "by its variable LOG_LEVEL"),
    ("SG405", (drop("Stage", "MethodSettings"),), "The stage Stage logs no errors"),
    ("SG405", (put("Stage", MethodSettings=[STAGE]),), "The stage Stage logs no errors"),
    ("SG405", (put("Stage", MethodSettings=[{**STAGE, "LoggingLevel": "INFO"}]),), "at the level INFO"),
    (
        "SG405",
        (put("Stage", MethodSettings=[{**STAGE, "LoggingLevel": "ERROR", "DataTraceEnabled": "true"}]),),
        "logs whole requests",
    ),
    (
        "SG405",
        (drop("Stage"), put("ApiVersion", StageName="v1", StageDescription={"LoggingLevel": "INFO"})),
        "The stage of ApiVersion logs at the level INFO",
    ),
]

GOOD: list[tuple[str, tuple[Edit, ...]]] = [
    # SG401: a policy of its own, a wildcard, a policy of AWS that may allow anything, a role from elsewhere
    (
        "SG401",
        (
            drop("Role", "Policies"),
            add(
                "Traces",
                resource("AWS::IAM::Policy", Roles=[ref("Role")], PolicyDocument=MAY_TRACE["PolicyDocument"]),
            ),
        ),
    ),
    (
        "SG401",
        (
            drop("Role", "Policies"),
            put("Role", ManagedPolicyArns=[ref("Traces")]),
            add(
                "Traces",
                resource(
                    "AWS::IAM::ManagedPolicy",
                    PolicyDocument={"Statement": {"Effect": "Allow", "Action": "xray:Put*", "Resource": "*"}},
                ),
            ),
        ),
    ),
    (
        "SG401",
        (drop("Role", "Policies"), put("Role", ManagedPolicyArns=["arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess"])),
    ),
    ("SG401", (put("Work", Role=UNKNOWN),)),
    ("SG401", (put("Work", TracingConfig=UNKNOWN), put("Stage", TracingEnabled=UNKNOWN))),
    # SG402: the group by the name of the function, by reference, or unknown
    ("SG402", (put("Work", FunctionName="work"), put("WorkLogs", LogGroupName="/aws/lambda/work"))),
    (
        "SG402",
        (put("Work", LoggingConfig={"LogGroup": ref("WorkLogs")}), put("WorkLogs", LogGroupName="/things/work")),
    ),
    ("SG402", (put("Work", LoggingConfig={"LogGroup": UNKNOWN}),)),
    ("SG402", (put("Work", FunctionName=UNKNOWN), drop("WorkLogs"))),
    # SG403: any rule of Lambda's, or a pack that may have one
    (
        "SG403",
        (put("Watch", Source={"Owner": "CUSTOM_POLICY"}, Scope={"ComplianceResourceTypes": "AWS::Lambda::Function"}),),
    ),
    ("SG403", (drop("Watch"), add("Pack", resource("AWS::Config::ConformancePack", TemplateS3Uri="s3://a/b")))),
    # SG404: metrics of all functions, by an expression, in metric math, of what nobody knows; part of a composite
    ("SG404", (put("WorkErrors", Dimensions=[]),)),
    (
        "SG404",
        (
            drop("WorkErrors", "Namespace", "MetricName", "Dimensions"),
            put("WorkErrors", Metrics=[{"Id": "e", "Expression": 'SELECT SUM(Errors) FROM "AWS/Lambda"'}]),
        ),
    ),
    (
        "SG404",
        (
            drop("WorkErrors", "Namespace", "MetricName", "Dimensions"),
            put(
                "WorkErrors",
                Metrics=[
                    {
                        "Id": "e",
                        "MetricStat": {
                            "Metric": {
                                "Namespace": "AWS/Lambda",
                                "MetricName": "Errors",
                                "Dimensions": [{"Name": "FunctionName", "Value": ref("Work")}],
                            },
                            "Period": 60,
                            "Stat": "Sum",
                        },
                    },
                    {"Id": "r", "Expression": "e / 2"},
                ],
            ),
        ),
    ),
    ("SG404", (put("Api5xx", Dimensions=[{"Name": "ApiName", "Value": UNKNOWN}]),)),
    (
        "SG404",
        (
            drop("Api5xx", "AlarmActions"),
            put("Api5xx", AlarmName="api-5xx"),
            add(
                "Any",
                resource(
                    "AWS::CloudWatch::CompositeAlarm",
                    AlarmRule='ALARM("api-5xx") OR ALARM(other)',
                    AlarmActions=[ref("Topic")],
                ),
            ),
        ),
    ),
    (
        "SG404",
        (
            add("Own", alarm("Things", "Sold", Shop="here")),
            add("Ec2", alarm("AWS/EC2", "CPUUtilization", InstanceId="i-1")),
        ),
    ),
    ("SG404", (add("Elsewhere", alarm("AWS/Kinesis", "GetRecords.IteratorAgeMilliseconds", StreamName="theirs")),)),
    ("SG404", (put("WorkDuration", Threshold=9000, ComparisonOperator="GreaterThanThreshold"),)),
    # SG405
    ("SG405", (put("Work", LoggingConfig={"LogFormat": "Text"}, Environment={"Variables": {"LOG_LEVEL": "ERROR"}}),)),
    ("SG405", (put("Work", LoggingConfig=UNKNOWN), put("Stage", MethodSettings=UNKNOWN))),
    (
        "SG405",
        (
            put(
                "Stage",
                MethodSettings=[
                    {**STAGE, "LoggingLevel": "ERROR"},
                    {"ResourcePath": "/~1things", "HttpMethod": "GET", "ThrottlingRateLimit": 5},
                ],
            ),
        ),
    ),
]


def test_a_sound_service_has_no_finding(tmp_path: Path) -> None:
    assert [finding.as_text() for finding in check(tmp_path, service())] == []


@pytest.mark.parametrize(("rule", "edits", "words"), BAD, ids=lambda value: value if isinstance(value, str) else "")
def test_what_is_wrong_is_found(tmp_path: Path, rule: str, edits: tuple[Edit, ...], words: str) -> None:
    found = check(tmp_path, edited(*edits), rule)

    assert [finding for finding in found if words in finding.message], [finding.message for finding in found]
    assert all(finding.line > 1 for finding in found), "each finding is at a resource"


@pytest.mark.parametrize(("rule", "edits"), GOOD)
def test_what_is_right_in_another_way_passes(tmp_path: Path, rule: str, edits: tuple[Edit, ...]) -> None:
    assert [finding.message for finding in check(tmp_path, edited(*edits), rule)] == []


def test_a_finding_is_at_the_property_that_is_wrong(tmp_path: Path) -> None:
    template = edited(put("Stage", MethodSettings=[{**STAGE, "LoggingLevel": "INFO"}]))

    (found,) = check(tmp_path, template, "SG405")

    line = (tmp_path / "template.json").read_text().splitlines()[found.line - 1]
    assert line.strip() == '"LoggingLevel": "INFO"'


HTTP_API = """\
Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Runtime: NEWEST
    Architectures: [arm64]
    MemorySize: 512
    Timeout: 20
    ReservedConcurrentExecutions: 5
    Tracing: Active
    LoggingConfig: {LogFormat: JSON, ApplicationLogLevel: WARN, SystemLogLevel: WARN, LogGroup: !Ref Logs}
Resources:
  Web:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth:
        DefaultAuthorizer: Tokens
        Authorizers:
          Tokens:
            IdentitySource: $request.header.Authorization
            JwtConfiguration: {issuer: "https://example.com/", audience: [things]}
  Things:
    Type: AWS::Serverless::Function
    Properties:
      Handler: index.handler
      CodeUri: src/
      Events:
        Any: {Type: HttpApi, Properties: {ApiId: !Ref Web}}
  Logs:
    Type: AWS::Logs::LogGroup
    Properties: {RetentionInDays: 14}
  Heard:
    Type: AWS::SNS::Topic
  Failing:
    Type: AWS::CloudWatch::Alarm
    Properties: &alarm
      Namespace: AWS/Lambda
      MetricName: Errors
      Dimensions: [{Name: FunctionName, Value: !Ref Things}]
      Period: 60
      EvaluationPeriods: 1
      Statistic: Sum
      Threshold: 0
      ComparisonOperator: GreaterThanThreshold
      AlarmActions: [!Ref Heard]
  Throttled: {Type: AWS::CloudWatch::Alarm, Properties: {<<: *alarm, MetricName: Throttles}}
  Slow: {Type: AWS::CloudWatch::Alarm, Properties: {<<: *alarm, MetricName: Duration, Threshold: 15000}}
  WebFailing:
    Type: AWS::CloudWatch::Alarm
    Properties: &api
      <<: *alarm
      Namespace: AWS/ApiGateway
      MetricName: 5xx
      Dimensions: [{Name: ApiId, Value: !Ref Web}]
  WebRefusing: {Type: AWS::CloudWatch::Alarm, Properties: {<<: *api, MetricName: 4xx}}
  WebSlow: {Type: AWS::CloudWatch::Alarm, Properties: {<<: *api, MetricName: Latency}}
  Watched:
    Type: AWS::Config::ConfigRule
    Properties: {Source: {Owner: AWS, SourceIdentifier: LAMBDA_INSIDE_VPC}}
  Recorder:
    Type: AWS::Config::ConfigurationRecorder
    Properties: {RoleARN: arn:aws:iam::123456789012:role/config, RecordingGroup: {AllSupported: true}}
"""
HTTP_API = HTTP_API.replace("NEWEST", str(newest("nodejs")))
VPC = "      VpcConfig: {SubnetIds: [subnet-1], SecurityGroupIds: [sg-1]}\n"
URL = "      FunctionUrlConfig: {AuthType: AWS_IAM}\n"


@pytest.mark.parametrize("more", ["", VPC, URL], ids=["plain", "vpc", "url"])
def test_an_http_api_of_sam_passes(tmp_path: Path, more: str) -> None:
    text = HTTP_API.replace("      CodeUri: src/\n", f"      CodeUri: src/\n{more}")

    assert [finding.as_text() for finding in check(tmp_path, text)] == []


def test_a_container_image_passes(tmp_path: Path) -> None:
    image = "      PackageType: Image\n      ImageUri: 123456789012.dkr.ecr.us-east-1.amazonaws.com/a:1\n"
    text = HTTP_API.replace("      Handler: index.handler\n      CodeUri: src/\n", image)
    text = text.replace(f"    Runtime: {newest('nodejs')}\n", "")

    assert [finding.as_text() for finding in check(tmp_path, text)] == []


def test_an_http_api_of_sam_is_watched_by_its_own_metrics(tmp_path: Path) -> None:
    text = HTTP_API.replace("MetricName: 5xx", "MetricName: 5XXError")

    messages = {finding.message for finding in check(tmp_path, text, "SG404")}

    assert any("WebFailing watches 5XXError" in message for message in messages)
    assert any("Web answers with server errors" in message for message in messages)


def test_a_setting_of_globals_is_found_where_it_stands(tmp_path: Path) -> None:
    text = HTTP_API.replace("Tracing: Active", "Tracing: PassThrough")

    (found,) = check(tmp_path, text, "SG401")

    assert text.splitlines()[found.line - 1].strip() == "Tracing: PassThrough"


def test_a_function_at_the_edge_needs_none_of_it(tmp_path: Path) -> None:
    behavior = {
        "LambdaFunctionAssociations": [{"EventType": "viewer-request", "LambdaFunctionARN": ref("EdgeVersion")}]
    }
    bare = function_of()
    for name in ("TracingConfig", "LoggingConfig", "ReservedConcurrentExecutions", "Architectures"):
        del bare["Properties"][name]
    template = edited(
        add("Edge", bare),
        add("EdgeVersion", resource("AWS::Lambda::Version", FunctionName=ref("Edge"))),
        add("Cdn", resource("AWS::CloudFront::Distribution", DistributionConfig={"DefaultCacheBehavior": behavior})),
    )

    assert check(tmp_path, template, "SG401", "SG402", "SG405", "SG504", "SG506") == []


def test_two_functions_share_a_log_group(tmp_path: Path) -> None:
    shared = {"LoggingConfig": {"LogGroup": ref("WorkLogs")}}
    template = edited(put("Work", **shared), add("Other", function_of(**shared)))

    (found,) = check(tmp_path, template, "SG402")

    assert found.message == "Other shares the log group WorkLogs with Work."


def test_a_websocket_stage_has_levels_too(tmp_path: Path) -> None:
    template = edited(
        add("Chat", resource("AWS::ApiGatewayV2::Api", Name="chat", ProtocolType="WEBSOCKET")),
        add("ChatStage", resource("AWS::ApiGatewayV2::Stage", ApiId=ref("Chat"), StageName="v1")),
    )

    assert [finding.message for finding in check(tmp_path, template, "SG405")] == [
        "The stage of ChatStage logs no errors: its logging is off."
    ]


def test_an_alarm_of_another_stack_counts(tmp_path: Path) -> None:
    whole = service()
    alarms: Template = {"Parameters": {"Name": {"Type": "String"}}, "Resources": {}}
    del whole["Resources"]["WorkErrors"]
    alarms["Resources"]["WorkErrors"] = alarm("AWS/Lambda", "Errors", FunctionName=ref("Name"))
    alarms["Resources"]["WorkErrors"]["Properties"]["AlarmActions"] = [sub("arn:aws:sns:${AWS::Region}:1:t")]
    whole["Resources"]["Alarms"] = resource(
        "AWS::CloudFormation::Stack", TemplateURL="alarms.json", Parameters={"Name": ref("Work")}
    )
    (tmp_path / "alarms.json").write_text(json.dumps(alarms))

    assert check(tmp_path, whole, "SG404") == []


def test_a_role_of_another_shape_is_no_crash(tmp_path: Path) -> None:
    template = edited(put("Role", AssumeRolePolicyDocument=TRUST, Policies="all", ManagedPolicyArns={"a": 1}))

    check(tmp_path, template, "SG401")
