"""Our reading of cfn_nag's rules: each finds what it is about, and nothing in a resource that is as it should be."""

from __future__ import annotations

from typing import Any

import pytest

from scripts.scan.cfn_nag import COMPANIONS, RULES, violations

ALLOW = {
    "Effect": "Allow",
    "Principal": {"Service": "sns.amazonaws.com"},
    "Action": "sqs:SendMessage",
    "Resource": "arn",
}


def document(**changes: Any) -> dict[str, Any]:
    statement = {key: value for key, value in {**ALLOW, **changes}.items() if value is not None}
    return {"Version": "2012-10-17", "Statement": [statement]}


def trust(**changes: Any) -> dict[str, Any]:
    return {"AssumeRolePolicyDocument": document(**{"Action": "sts:AssumeRole", "Resource": None, **changes})}


def role(**changes: Any) -> dict[str, Any]:
    policy = {"PolicyName": "p", "PolicyDocument": document(**{"Principal": None, **changes})}
    return {**trust(), "Policies": [policy]}


def policy(**changes: Any) -> dict[str, Any]:
    return {"PolicyDocument": document(**changes)}


ROLE, STAGE = "AWS::IAM::Role", "AWS::ApiGateway::Stage"
QUEUES, TOPICS, BUCKETS = "AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy", "AWS::S3::BucketPolicy"
FUNCTION, TABLE, BUCKET = "AWS::Lambda::Function", "AWS::DynamoDB::Table", "AWS::S3::Bucket"
PERMISSION = "AWS::Lambda::Permission"

# A resource of each type to which no rule objects.
GOOD: dict[str, dict[str, Any]] = {
    ROLE: role(),
    "AWS::IAM::Policy": policy(),
    "AWS::IAM::ManagedPolicy": policy(),
    QUEUES: policy(),
    TOPICS: policy(),
    BUCKETS: policy(),
    PERMISSION: {"Action": "lambda:InvokeFunction", "Principal": "sns.amazonaws.com"},
    FUNCTION: {
        "Role": {"Fn::GetAtt": ["R", "Arn"]},
        "VpcConfig": {"SubnetIds": ["a"]},
        "ReservedConcurrentExecutions": 1,
    },
    "AWS::KMS::Key": {"EnableKeyRotation": True, "KeyPolicy": document()},
    "AWS::SNS::Topic": {"KmsMasterKeyId": "k"},
    "AWS::SQS::Queue": {"KmsMasterKeyId": "k"},
    TABLE: {
        "BillingMode": "PAY_PER_REQUEST",
        "SSESpecification": {"KMSMasterKeyId": "k"},
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
    },
    BUCKET: {"LoggingConfiguration": {"x": 1}, "BucketEncryption": {"x": 1}},
    "AWS::Logs::LogGroup": {"KmsKeyId": "k", "RetentionInDays": 1},
    "AWS::Cognito::UserPool": {"MfaConfiguration": "OPTIONAL"},
    STAGE: {"AccessLogSetting": {"x": 1}, "MethodSettings": [{"DataTraceEnabled": False}]},
    "AWS::ApiGateway::Method": {"AuthorizationType": "AWS_IAM", "HttpMethod": "GET"},
    "AWS::ApiGateway::DomainName": {"SecurityPolicy": "TLS_1_2"},
    "AWS::WAFv2::WebACL": {"DefaultAction": {"Block": {}}},
    "AWS::CloudWatch::Alarm": {},
    "AWS::CodeDeploy::DeploymentGroup": {},
    "AWS::ApiGateway::ApiKey": {},
    "AWS::SecretsManager::Secret": {"KmsKeyId": "k"},
    "AWS::ApiGateway::Deployment": {},
    "AWS::ApiGateway::UsagePlan": {},
}

POLICY, MANAGED = "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"
CHANGES: list[tuple[str, str, dict[str, Any]]] = [
    ("F4", "F5", {"Action": "s3:*"}),
    ("F39", "F40", {"Action": "iam:PassRole", "Resource": "*"}),
    ("W12", "W13", {"Resource": "*"}),
    ("W16", "W17", {"NotAction": "a:b", "Action": None}),
    ("W22", "W23", {"NotResource": "arn", "Resource": None}),
]
IDENTITY = [(first, POLICY, policy(**changes)) for first, _, changes in CHANGES]
IDENTITY += [(second, MANAGED, policy(**changes)) for _, second, changes in CHANGES]

# For every rule and type, a resource to which it objects.
BAD: list[tuple[str, str, dict[str, Any]]] = [
    ("F2", ROLE, trust(Action="*")),
    ("F6", ROLE, trust(NotPrincipal={"AWS": "x"}, Principal=None)),
    ("W14", ROLE, trust(NotAction="sts:X", Action=None)),
    ("F3", ROLE, role(Action=["sqs:SendMessage", "sqs:*"])),
    ("F38", ROLE, role(Action="iam:PassRole", Resource="*")),
    ("W11", ROLE, role(Resource=["arn", "*"])),
    ("W15", ROLE, role(NotAction="a:b", Action=None)),
    ("W21", ROLE, role(NotResource="arn", Resource=None)),
    ("W43", ROLE, {**trust(), "ManagedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"]}),
    (
        "W44",
        ROLE,
        {**trust(), "ManagedPolicyArns": [{"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/IAMFullAccess"}]},
    ),
    *IDENTITY,
    ("F11", "AWS::IAM::Policy", {**policy(), "Users": ["u"]}),
    ("F12", "AWS::IAM::ManagedPolicy", {**policy(), "Users": ["u"]}),
    ("F7", QUEUES, policy(NotPrincipal="x", Principal=None)),
    ("F20", QUEUES, policy(Action="sqs:*")),
    ("F21", QUEUES, policy(Principal="*")),
    ("W18", QUEUES, policy(NotAction="a:b", Action=None)),
    ("F8", TOPICS, policy(NotPrincipal="x", Principal=None)),
    ("F18", TOPICS, policy(Principal={"AWS": "*"})),
    ("W19", TOPICS, policy(NotAction="a:b", Action=None)),
    ("F9", BUCKETS, policy(NotPrincipal="x", Principal=None)),
    ("F15", BUCKETS, policy(Action="*")),
    ("F16", BUCKETS, policy(Principal={"AWS": ["a", "*"]})),
    ("W20", BUCKETS, policy(NotAction="a:b", Action=None)),
    ("F13", PERMISSION, {**GOOD[PERMISSION], "Principal": "*"}),
    ("F45", PERMISSION, {**GOOD[PERMISSION], "EventSourceToken": "t"}),
    ("W24", PERMISSION, {**GOOD[PERMISSION], "Action": "lambda:GetFunction"}),
    ("W58", FUNCTION, {**GOOD[FUNCTION], "Role": {"Fn::Sub": "arn:x"}}),
    ("W89", FUNCTION, {**GOOD[FUNCTION], "VpcConfig": None}),
    ("W92", FUNCTION, {**GOOD[FUNCTION], "ReservedConcurrentExecutions": None}),
    ("F19", "AWS::KMS::Key", {"KeyPolicy": document()}),
    ("F76", "AWS::KMS::Key", {"EnableKeyRotation": True, "KeyPolicy": document(Principal="*")}),
    ("W47", "AWS::SNS::Topic", {}),
    ("W48", "AWS::SQS::Queue", {}),
    ("W73", TABLE, {**GOOD[TABLE], "BillingMode": None}),
    ("W74", TABLE, {**GOOD[TABLE], "SSESpecification": {"SSEEnabled": True}}),
    ("W78", TABLE, {**GOOD[TABLE], "PointInTimeRecoverySpecification": None}),
    ("F14", BUCKET, {**GOOD[BUCKET], "AccessControl": "PublicReadWrite"}),
    ("W31", BUCKET, {**GOOD[BUCKET], "AccessControl": "PublicRead"}),
    ("W35", BUCKET, {**GOOD[BUCKET], "LoggingConfiguration": None}),
    ("W41", BUCKET, {**GOOD[BUCKET], "BucketEncryption": None}),
    ("W84", "AWS::Logs::LogGroup", {"RetentionInDays": 1}),
    ("W86", "AWS::Logs::LogGroup", {"KmsKeyId": "k"}),
    ("F78", "AWS::Cognito::UserPool", {"MfaConfiguration": "OFF"}),
    ("W69", STAGE, {**GOOD[STAGE], "AccessLogSetting": None}),
    ("CW4200", STAGE, {**GOOD[STAGE], "MethodSettings": [{"DataTraceEnabled": True}]}),
    ("W59", "AWS::ApiGateway::Method", {"AuthorizationType": "NONE", "HttpMethod": "GET"}),
    ("W62", "AWS::ApiGateway::DomainName", {"SecurityPolicy": "TLS_1_0"}),
    ("F665", "AWS::WAFv2::WebACL", {"DefaultAction": {"Fn::If": ["Public", {"Allow": {}}, {"Block": {}}]}}),
    ("W28", "AWS::CloudWatch::Alarm", {"AlarmName": "a"}),
    ("W28", ROLE, {**role(), "RoleName": "r"}),
    ("W28", "AWS::IAM::ManagedPolicy", {**policy(), "ManagedPolicyName": "m"}),
    ("W28", "AWS::CodeDeploy::DeploymentGroup", {"DeploymentGroupName": "g"}),
    ("W28", "AWS::ApiGateway::ApiKey", {"Name": "k"}),
    ("W77", "AWS::SecretsManager::Secret", {}),
]


def resource(kind: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {"Type": kind, "Properties": {key: value for key, value in properties.items() if value is not None}}


def found(resources: dict[str, Any]) -> list[tuple[str, str]]:
    return sorted((rule.id, name) for rule, name in violations({"Resources": resources}))


def test_nothing_is_wrong_with_what_is_right() -> None:
    assert found({f"R{n}": resource(kind, good) for n, (kind, good) in enumerate(GOOD.items())}) == []


@pytest.mark.parametrize(("rule", "kind", "properties"), BAD, ids=lambda value: value if isinstance(value, str) else "")
def test_a_rule_finds_what_it_is_about(rule: str, kind: str, properties: dict[str, Any]) -> None:
    company = {f"R{n}": resource(other, good) for n, (other, good) in enumerate(GOOD.items()) if other != kind}
    assert (rule, "Bad") in found({**company, "Bad": resource(kind, properties)})


def test_every_rule_has_such_a_resource() -> None:
    assert {(rule.id, rule.kind) for rule in RULES} == {(rule, kind) for rule, kind, _ in BAD}


@pytest.mark.parametrize(("rule", "kind", "companion"), COMPANIONS, ids=lambda value: str(getattr(value, "id", "")))
def test_what_has_to_stand_beside_a_resource(rule: Any, kind: str, companion: str) -> None:
    alone = {"It": resource(kind, GOOD[kind])}
    assert (rule.id, "It") in found(alone)
    assert (rule.id, "It") not in found({**alone, "Beside": resource(companion, GOOD[companion])})


def test_the_page_says_a_verdict_for_every_rule() -> None:
    from scripts.scan.failure import TABLE as SUPPRESSIONS

    page = (SUPPRESSIONS.parent / "scanners.md").read_text("utf-8")
    for rule in {rule.id for rule in RULES} | {rule.id for rule, _, _ in COMPANIONS}:
        assert any(rule in line.split("|")[1] for line in page.splitlines() if line.count("|") == 4), rule
