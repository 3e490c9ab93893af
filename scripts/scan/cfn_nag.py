"""Cfn_nag's rules on the resource types that samgen generates, each by its documented meaning.

Cfn_nag itself is a Ruby gem, which none of our package sources has. This is no port of it: each rule is the
sentence that cfn_nag's list gives it, read strictly. Suppressions in a resource's Metadata are not applied, so
that what is suppressed is seen and has to be listed. docs/scanners.md says what could not be verified.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Properties = Mapping[str, Any]
Check = Callable[[Properties], bool]
Statement = dict[str, Any]


@dataclass(frozen=True)
class Rule:
    """One rule: a property of resources of one type that is objected to."""

    id: str
    meaning: str
    kind: str
    objects: Check
    """Whether the rule objects to a resource's properties."""


def violations(template: Mapping[str, Any]) -> Iterator[tuple[Rule, str]]:
    """Every rule that objects to a resource of a template, with the resource's logical id."""
    for name, resource in template["Resources"].items():
        for rule in RULES:
            if rule.kind == resource["Type"] and rule.objects(resource.get("Properties", {})):
                yield rule, name
    kinds = {resource["Type"] for resource in template["Resources"].values()}
    for name, resource in template["Resources"].items():
        for rule, kind, companion in COMPANIONS:
            if resource["Type"] == kind and companion not in kinds:
                yield rule, name


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _allowed(document: Any) -> list[Statement]:
    statements = _listed(document.get("Statement")) if isinstance(document, dict) else []
    return [statement for statement in statements if statement.get("Effect") == "Allow"]


def _permissions(properties: Properties) -> list[Statement]:
    return [s for policy in properties.get("Policies", []) for s in _allowed(policy["PolicyDocument"])]


def _trust(properties: Properties) -> list[Statement]:
    return _allowed(properties.get("AssumeRolePolicyDocument", {}))


def _policy(properties: Properties) -> list[Statement]:
    return _allowed(properties.get("PolicyDocument", {}))


def _key_policy(properties: Properties) -> list[Statement]:
    return _allowed(properties.get("KeyPolicy", {}))


def _any(of: Callable[[Properties], list[Statement]], objects: Callable[[Statement], bool]) -> Check:
    return lambda properties: any(objects(statement) for statement in of(properties))


def _has(key: str) -> Callable[[Statement], bool]:
    return lambda statement: key in statement


def _wild_action(statement: Statement) -> bool:
    return any("*" in str(action) for action in _listed(statement.get("Action")))


def _all_actions(statement: Statement) -> bool:
    return any(str(a) == "*" or str(a).endswith(":*") for a in _listed(statement.get("Action")))


def _wild_resource(statement: Statement) -> bool:
    return "*" in _listed(statement.get("Resource"))


def _passes_any_role(statement: Statement) -> bool:
    actions = {str(action).lower() for action in _listed(statement.get("Action"))}
    return _wild_resource(statement) and bool(actions & {"iam:passrole", "iam:*", "*"})


def _wild_principal(statement: Statement) -> bool:
    principal = statement.get("Principal")
    values = principal.values() if isinstance(principal, dict) else [principal]
    return any("*" in _listed(value) for value in values)


def _lacks(*path: str) -> Check:
    def lacks(properties: Properties) -> bool:
        value: Any = properties
        for key in path:
            value = value.get(key) if isinstance(value, Mapping) else None
        return value in (None, "", [], {})

    return lacks


def _sets(key: str) -> Check:
    return lambda properties: key in properties


def _managed(*words: str) -> Check:
    def named(properties: Properties) -> bool:
        arns = [str(arn) for arn in _listed(properties.get("ManagedPolicyArns"))]
        return any(word in arn for arn in arns for word in words)

    return named


def _stage_setting(key: str, bad: Callable[[Any], bool]) -> Check:
    return lambda properties: any(bad(setting.get(key)) for setting in _listed(properties.get("MethodSettings")))


def _default_allow(properties: Properties) -> bool:
    action = properties.get("DefaultAction", {})
    branches = action["Fn::If"][1:] if "Fn::If" in action else [action]
    return any("Allow" in branch for branch in branches)


def _no_basic_logging(properties: Properties) -> bool:
    """Whether the template itself does not show that the role may write logs."""
    role = properties.get("Role")
    return not (isinstance(role, dict) and "Fn::GetAtt" in role)


def _policy_rules() -> Iterator[Rule]:
    """The same questions to every kind of policy, under the ids that cfn_nag gives each."""
    role, policy, managed = "AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"
    queue, topic, bucket = "AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy", "AWS::S3::BucketPolicy"
    yield Rule("F2", "trust policy allows * action", role, _any(_trust, _wild_action))
    yield Rule("F6", "trust policy allows NotPrincipal", role, _any(_trust, _has("NotPrincipal")))
    yield Rule("W14", "trust policy allows NotAction", role, _any(_trust, _has("NotAction")))
    for kind, of, ids in ((role, _permissions, "F3 F38 W11 W15 W21"), (policy, _policy, "F4 F39 W12 W16 W22")):
        yield from _identity(kind, of, ids)
    yield from _identity(managed, _policy, "F5 F40 W13 W17 W23")
    for kind, ids in ((queue, "F7 F20 F21 W18"), (topic, "F8 - F18 W19"), (bucket, "F9 F15 F16 W20")):
        not_principal, action, principal, not_action = ids.split()
        yield Rule(not_principal, "policy allows NotPrincipal", kind, _any(_policy, _has("NotPrincipal")))
        if action != "-":
            yield Rule(action, "policy allows * action", kind, _any(_policy, _all_actions))
        yield Rule(principal, "policy allows * principal", kind, _any(_policy, _wild_principal))
        yield Rule(not_action, "policy allows NotAction", kind, _any(_policy, _has("NotAction")))
    for kind, rule in ((policy, "F11"), (managed, "F12")):
        yield Rule(rule, "policy is attached to a user", kind, lambda properties: bool(properties.get("Users")))


def _identity(kind: str, of: Callable[[Properties], list[Statement]], ids: str) -> Iterator[Rule]:
    action, pass_role, resource, not_action, not_resource = ids.split()
    yield Rule(action, "permissions allow * action", kind, _any(of, _wild_action))
    yield Rule(pass_role, "permissions allow PassRole on * resource", kind, _any(of, _passes_any_role))
    yield Rule(resource, "permissions allow * resource", kind, _any(of, _wild_resource))
    yield Rule(not_action, "permissions allow NotAction", kind, _any(of, _has("NotAction")))
    yield Rule(not_resource, "permissions allow NotResource", kind, _any(of, _has("NotResource")))


ELEVATED = ("PowerUserAccess", "IAMFullAccess", "FullAccess")

RULES: tuple[Rule, ...] = (
    *_policy_rules(),
    Rule("W43", "role has AdministratorAccess", "AWS::IAM::Role", _managed("AdministratorAccess")),
    Rule("W44", "role has an elevated managed policy", "AWS::IAM::Role", _managed(*ELEVATED)),
    Rule("F13", "principal is *", "AWS::Lambda::Permission", lambda p: p.get("Principal") == "*"),
    Rule("F45", "event source token in plain text", "AWS::Lambda::Permission", _sets("EventSourceToken")),
    Rule(
        "W24",
        "permission for another action than InvokeFunction",
        "AWS::Lambda::Permission",
        lambda p: p.get("Action") != "lambda:InvokeFunction",
    ),
    Rule("W58", "no permission to write logs in sight", "AWS::Lambda::Function", _no_basic_logging),
    Rule("W89", "function outside of a VPC", "AWS::Lambda::Function", _lacks("VpcConfig")),
    Rule("W92", "no reserved concurrency", "AWS::Lambda::Function", _lacks("ReservedConcurrentExecutions")),
    Rule("F19", "key does not rotate", "AWS::KMS::Key", lambda p: p.get("EnableKeyRotation") is not True),
    Rule("F76", "key policy allows * principal", "AWS::KMS::Key", _any(_key_policy, _wild_principal)),
    Rule("W47", "topic without key", "AWS::SNS::Topic", _lacks("KmsMasterKeyId")),
    Rule("W48", "queue without key", "AWS::SQS::Queue", _lacks("KmsMasterKeyId")),
    Rule("W73", "table without billing mode", "AWS::DynamoDB::Table", _lacks("BillingMode")),
    Rule("W74", "table without a customer's key", "AWS::DynamoDB::Table", _lacks("SSESpecification", "KMSMasterKeyId")),
    Rule(
        "W78",
        "table without point-in-time recovery",
        "AWS::DynamoDB::Table",
        _lacks("PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled"),
    ),
    Rule(
        "F14",
        "public read-write access control list",
        "AWS::S3::Bucket",
        lambda p: p.get("AccessControl") == "PublicReadWrite",
    ),
    Rule("W31", "public read access control list", "AWS::S3::Bucket", lambda p: p.get("AccessControl") == "PublicRead"),
    Rule("W35", "bucket without access log", "AWS::S3::Bucket", _lacks("LoggingConfiguration")),
    Rule("W41", "bucket without encryption", "AWS::S3::Bucket", _lacks("BucketEncryption")),
    Rule("W84", "log group without key", "AWS::Logs::LogGroup", _lacks("KmsKeyId")),
    Rule("W86", "log group without retention", "AWS::Logs::LogGroup", _lacks("RetentionInDays")),
    Rule(
        "F78",
        "user pool without MFA",
        "AWS::Cognito::UserPool",
        lambda p: p.get("MfaConfiguration") not in {"ON", "OPTIONAL"},
    ),
    Rule("W69", "stage without access log", "AWS::ApiGateway::Stage", _lacks("AccessLogSetting")),
    Rule(
        "CW4200",
        "stage traces requests' data into logs",
        "AWS::ApiGateway::Stage",
        _stage_setting("DataTraceEnabled", lambda value: value is not False),
    ),
    Rule(
        "W59",
        "method without authorization",
        "AWS::ApiGateway::Method",
        lambda p: p.get("AuthorizationType", "NONE") == "NONE" and p.get("HttpMethod") != "OPTIONS",
    ),
    Rule(
        "W62",
        "domain answers older TLS than 1.2",
        "AWS::ApiGateway::DomainName",
        lambda p: not str(p.get("SecurityPolicy", "")).startswith(("TLS_1_2", "SecurityPolicy_TLS")),
    ),
    Rule("F665", "web ACL allows by default", "AWS::WAFv2::WebACL", _default_allow),
    Rule("W28", "resource with an explicit name", "AWS::CloudWatch::Alarm", _sets("AlarmName")),
    Rule("W28", "resource with an explicit name", "AWS::IAM::Role", _sets("RoleName")),
    Rule("W28", "resource with an explicit name", "AWS::IAM::ManagedPolicy", _sets("ManagedPolicyName")),
    Rule("W28", "resource with an explicit name", "AWS::CodeDeploy::DeploymentGroup", _sets("DeploymentGroupName")),
    Rule("W28", "resource with an explicit name", "AWS::ApiGateway::ApiKey", _sets("Name")),
    Rule("W77", "secret without key", "AWS::SecretsManager::Secret", _lacks("KmsKeyId")),
)

# What has to stand beside a resource of a type, in the same template.
_COMPANY = (
    ("W51", "bucket without a bucket policy", "AWS::S3::Bucket", "AWS::S3::BucketPolicy"),
    ("W64", "stage without usage plan", "AWS::ApiGateway::Stage", "AWS::ApiGateway::UsagePlan"),
    ("W68", "deployment without usage plan", "AWS::ApiGateway::Deployment", "AWS::ApiGateway::UsagePlan"),
)
COMPANIONS: tuple[tuple[Rule, str, str], ...] = tuple(
    (Rule(rule, meaning, kind, lambda _: False), kind, companion) for rule, meaning, kind, companion in _COMPANY
)
