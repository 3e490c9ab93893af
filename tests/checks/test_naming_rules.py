"""The rules of category 8: names as each environment evaluates them."""

from __future__ import annotations

from pathlib import Path

import pytest
from template_samples import Sample, check, examine

HEAD = """Parameters:
  Environment: {Type: String, Default: dev, AllowedValues: [dev, prod]}
Resources:
"""
TWO = {
    "samconfig.toml": 'version = 0.1\n[dev.deploy.parameters]\nregion = "eu-west-1"\n'
    '[prod.deploy.parameters]\nregion = "eu-west-1"\n'
}


def named(kind: str, key: str, *names: str) -> str:
    text = HEAD
    for number, name in enumerate(names, start=1):
        text += f"  R{number}:\n    Type: {kind}\n    Properties:\n      {key}: {name}\n"
    return text


def table(*names: str) -> str:
    return named("AWS::DynamoDB::Table", "TableName", *names)


def queue(*names: str) -> str:
    return named("AWS::SQS::Queue", "QueueName", *names)


SAM = "Transform: AWS::Serverless-2016-10-31\n"
LONG = "a" * 60
PREFIX = [
    Sample("SG801", "a literal", table("orders"), ("TableName: orders",)),
    Sample("SG801", "another environment's", queue("prod-orders"), ("QueueName: prod-orders",)),
    Sample("SG801", "at the end", table("!Sub 'orders-${Environment}'"), ("TableName",)),
    Sample("SG801", "without a separator", table("!Sub '${Environment}orders'"), ("TableName",)),
    Sample("SG801", "a log group", named("AWS::Logs::LogGroup", "LogGroupName", "/aws/lambda/orders"), ("LogGroup",)),
    Sample("SG801", "by samconfig.toml alone", table("orders").replace(HEAD, "Resources:\n"), ("TableName",), TWO),
    Sample(
        "SG801",
        "by a stage's parameter",
        table("orders").replace(HEAD, "Parameters: {Stage: {Type: String, Default: test}}\nResources:\n"),
        ("TableName",),
    ),
    Sample("SG801", "at the beginning", table("!Sub '${Environment}-orders'", "!Join ['_', [!Ref Environment, a]]")),
    Sample(
        "SG801",
        "behind what AWS puts in front",
        named(
            "AWS::Logs::LogGroup",
            "LogGroupName",
            "!Sub '/aws/lambda/${Environment}-orders'",
            "!Sub 'aws-waf-logs-${Environment}-a'",
            "!Sub '/orders/${Environment}/a'",
        ),
    ),
    Sample("SG801", "the stack's name", queue("!Sub '${AWS::StackName}-orders'")),
    Sample("SG801", "CloudFormation's names", HEAD + "  Queue: {Type: AWS::SQS::Queue}\n"),
    Sample(
        "SG801",
        "unknown",
        "Parameters: {Name: {Type: String}, Environment: {Type: String}}\nResources:\n"
        "  Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: !Ref Name}}\n",
    ),
    Sample("SG801", "no environment at all", table("orders").replace(HEAD, "Resources:\n")),
    Sample(
        "SG801",
        "a stage that is a version",
        table("orders").replace(HEAD, "Parameters: {Stage: {Type: String, Default: v1}}\nResources:\n"),
    ),
]
REST, HTTP = "AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api"
APIS = [
    Sample("SG802", "a literal", named(REST, "Name", "OrdersAPI"), ("Name: OrdersAPI",)),
    Sample("SG802", "an HTTP API", named(HTTP, "Name", "!Sub 'Orders-${Environment}'"), ("Name:",)),
    Sample("SG802", "the environment alone", named(REST, "Name", "!Ref Environment"), ("Name:",)),
    Sample(
        "SG802",
        "a title",
        HEAD + "  Api:\n    Type: AWS::ApiGatewayV2::Api\n    Properties:\n      Body:\n"
        "        info:\n          title: Orders\n",
        ("title: Orders",),
    ),
    Sample(
        "SG802",
        "SAM's",
        SAM
        + HEAD
        + "  Api:\n    Type: AWS::Serverless::Api\n    Properties:\n      StageName: !Ref Environment\n"
        + "      Name: Orders\n      DefinitionBody: {paths: {}}\n",
        ("Name: Orders",),
    ),
    Sample("SG802", "as it should be", named(REST, "Name", "!Sub '${Environment}-OrdersAPI'")),
    Sample("SG802", "an HTTP API as it should be", named(HTTP, "Name", "!Sub '${Environment}-orders'")),
    Sample("SG802", "the stack's name", SAM + HEAD + "  Api: {Type: AWS::Serverless::HttpApi}\n"),
]
CONVENTIONS = [
    Sample(
        "SG803",
        "one with underscores",
        table("!Sub '${Environment}-orders-a'", "!Sub '${Environment}-orders-b'", "!Sub '${Environment}-orders_c'"),
        ("orders_c",),
    ),
    Sample(
        "SG803",
        "one in capitals",
        queue("!Sub '${Environment}-my-orders'", "!Sub '${Environment}-my-bills'", "!Sub '${Environment}-MyMails'"),
        ("MyMails",),
    ),
    Sample(
        "SG803",
        "both in one",
        queue("!Sub '${Environment}-a-b'", "!Sub '${Environment}-a-c'", "!Sub '${Environment}-a_b-c'"),
        ("a_b-c",),
    ),
    Sample(
        "SG803",
        "hyphens",
        table(
            "!Sub '${Environment}-orders-a'",
            "!Sub '${Environment}-orders'",
            "!Sub '${Environment}-a-${AWS::AccountId}-${AWS::Region}'",
        ),
    ),
    Sample(
        "SG803", "capitals throughout", table("!Sub '${Environment}-OrdersTable'", "!Sub '${Environment}-BillTable'")
    ),
    Sample(
        "SG803",
        "an API is called as people read it",
        queue("!Sub '${Environment}-a-b'") + "  Api: {Type: AWS::ApiGateway::RestApi, Properties: "
        "{Name: !Sub '${Environment}-OrdersAPI'}}\n",
    ),
    Sample("SG803", "symbols have no convention", queue("!Sub '${Environment}-a-b'", "!Sub '${Environment}-${R1}-c'")),
]
LEGAL = [
    Sample(
        "SG804", "a long function", named("AWS::Lambda::Function", "FunctionName", LONG + "12345"), ("FunctionName",)
    ),
    Sample(
        "SG804",
        "long where the name is longest",
        named("AWS::IAM::Role", "RoleName", f"!Sub '${{Environment}}-{LONG}'"),
        ("RoleName",),
    ),
    Sample("SG804", "a bucket in capitals", named("AWS::S3::Bucket", "BucketName", "Orders"), ("BucketName",)),
    Sample("SG804", "a bucket with underscores", named("AWS::S3::Bucket", "BucketName", "a_b_c"), ("BucketName",)),
    Sample("SG804", "a bucket like an address", named("AWS::S3::Bucket", "BucketName", "192.168.0.1"), ("BucketName",)),
    Sample("SG804", "a queue with dots", queue("a.b"), ("QueueName",)),
    Sample("SG804", "a topic with a slash", named("AWS::SNS::Topic", "TopicName", "a/b"), ("TopicName",)),
    Sample("SG804", "an alias of AWS", named("AWS::KMS::Alias", "AliasName", "alias/aws/x"), ("AliasName",)),
    Sample("SG804", "a short table", table("ab"), ("TableName",)),
    Sample("SG804", "just as long", named("AWS::Lambda::Function", "FunctionName", f"!Sub '{LONG}1234'")),
    Sample(
        "SG804",
        "legal",
        queue("!Sub '${Environment}-orders.fifo'") + "      FifoQueue: true\n  Bucket: {Type: AWS::S3::Bucket, "
        "Properties: {BucketName: !Sub '${Environment}-a-${AWS::AccountId}-${AWS::Region}'}}\n",
    ),
    Sample(
        "SG804",
        "unknown",
        "Parameters: {Name: {Type: String}}\nResources:\n"
        "  Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: !Sub '${Name}.x y'}}\n",
    ),
]
SAMPLES = [*PREFIX, *APIS, *CONVENTIONS, *LEGAL]


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_a_sample_is_judged(sample: Sample, tmp_path: Path) -> None:
    check(sample, tmp_path)


def test_a_name_is_one_finding_in_all_environments(tmp_path: Path) -> None:
    sample = Sample("SG801", "", table("orders").replace(HEAD, "Resources:\n"), files=TWO)
    (found,) = examine(sample, tmp_path)
    assert found.message == "R1 is called orders, which does not begin with its environment (dev)."


def test_a_stack_beside_the_project_has_no_environment(tmp_path: Path) -> None:
    beside = "Resources:\n  Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: artifacts}}\n"
    sample = Sample("SG801", "", table("!Sub '${Environment}-a'"), files={"bootstrap.yaml": beside})
    assert not examine(sample, tmp_path)


@pytest.mark.parametrize("value", ["17", "[]", "{a: b}", "true", "null", "!Ref Nothing", "''", "'{{resolve:ssm:a}}'"])
def test_odd_names_do_no_harm(value: str, tmp_path: Path) -> None:
    text = table(value) + f"  Api: {{Type: AWS::ApiGateway::RestApi, Properties: {{Name: {value}, Body: {value}}}}}\n"
    for rule in ("SG801", "SG802", "SG803", "SG804"):
        examine(Sample(rule, "", text), tmp_path)
