"""The bootstrap stacks: what pipelines, CloudFormation and the service's roles may do; what an account needs once."""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import cfnlint
import pytest
from deployment import Stack, deploy, resolve, samconfig, statements
from rendering import document, findings, render, sound

from generator.project import load_project
from generator.render.pipeline import ACTIONS, CONDITIONED, COVERED, UNLIMITED, resource_types, stack_policies
from generator.spec.load import spec_from

DATA = Path(cfnlint.__file__).parent / "data"
ACCOUNT = "123456789012"

FUNCTIONS: list[dict[str, Any]] = [
    {
        "name": "create-order",
        "secrets": ["db-password"],
        "triggers": [{"type": "api", "method": "POST", "path": "/orders"}],
        "permissions": [
            {"dynamodb": {"table": "orders", "access": "readwrite"}},
            {"s3": {"bucket": "invoices", "prefix": "2026/", "access": "write"}},
            {"sqs": {"queue": "fulfilment"}},
            {"sns": {"topic": "order-events"}},
            {"events": {"bus": "shop"}},
            {"ssm": {"parameter": "/${Environment}/shared/endpoint"}},
            {"secrets": {"secret": "${Environment}/database"}},
            {"kms": {"key": f"arn:aws:kms:us-west-2:{ACCOUNT}:key/0d0a1b2c-0000-4000-8000-000000000000"}},
            {"invoke": {"function": "fulfil"}},
            {"dynamodb": {"table": "/shared/customers-table", "access": "read"}},
        ],
    },
    {
        "name": "fulfil",
        "triggers": [
            {"type": "sqs", "queue": "fulfilment"},
            {"type": "dynamodb", "table": "orders"},
            {"type": "schedule", "expression": "rate(5 minutes)"},
            {"type": "sns", "topic": "order-events"},
            {"type": "eventbridge", "bus": "shop", "pattern": {"source": ["shop"]}},
            {"type": "s3", "bucket": "invoices"},
        ],
    },
]
EVERYTHING: dict[str, Any] = {
    "api": {"authorization": "cognito"},
    "functions": FUNCTIONS,
    "tables": [{"name": "orders", "partition_key": {"name": "id"}}],
    "queues": [{"name": "fulfilment"}],
    "topics": [{"name": "order-events"}],
    "buckets": [{"name": "invoices"}],
    "event_buses": [{"name": "shop"}],
    "pipeline": {"provider": "github", "repository": "acme/orders"},
}
SPARE = {"functions": [{"name": "tool", "triggers": []}], "pipeline": {"repository": "acme/orders"}}
REGIONS = "us-west-2,eu-west-1"


@cache
def iam() -> dict[str, Any]:
    """IAM's service authorization reference, as cfn-lint keeps it."""
    text = (DATA / "AdditionalSpecs/Policies.json").read_text("utf-8")
    return {service: entry["Actions"] for service, entry in json.loads(text).items()}


def limits(action: str) -> list[str]:
    """The resource types that an action can be limited to; KeyError where IAM has no such action."""
    service, _, name = action.partition(":")
    found: list[str] = iam()[service][name.lower()].get("Resources") or []
    return found


@cache
def handlers() -> dict[str, set[str]]:
    """What the CloudFormation handlers of each type that we know are said to call."""
    found: dict[str, set[str]] = {}
    for path in (DATA / "schemas/resources").glob("*.json"):
        schema = json.loads(path.read_text("utf-8"))
        if schema["typeName"] in ACTIONS:
            verbs = (verb for kind, verb in schema["handlers"].items() if kind != "list")
            found[schema["typeName"]] = {action for verb in verbs for action in verb["permissions"]}
    return found


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return render(document(**EVERYTHING), tmp_path_factory.mktemp("bootstrap"))


def pipeline(project: Path, environment: str = "dev", **parameters: str) -> Stack:
    given = {"Environment": environment, "Regions": REGIONS, **parameters}
    return resolve(project, "bootstrap/pipeline.yaml", environment, **given)


def allowed(documents: list[dict[str, Any]], action: str, resource: str) -> list[dict[str, Any]]:
    """The statements that allow an action on a resource, whatever their conditions."""
    return [
        statement
        for policy in documents
        for statement in statements(policy)
        if action in statement["Action"] and any(fnmatch.fnmatchcase(resource, r) for r in statement["Resource"])
    ]


def policies(stack: Stack) -> dict[str, dict[str, Any]]:
    """The managed policies' documents by logical id."""
    return {name: p["PolicyDocument"] for name, p in stack.of_type("AWS::IAM::ManagedPolicy").items()}


def of_stacks_role(stack: Stack) -> list[dict[str, Any]]:
    """The documents of the role that CloudFormation takes."""
    documents = policies(stack)
    attached = stack.of_type("AWS::IAM::Role")["StacksRole"]["ManagedPolicyArns"]
    return [documents[reference.strip("<>")] for reference in attached]


def every_document(stack: Stack) -> Iterator[dict[str, Any]]:
    yield from policies(stack).values()
    for role in stack.of_type("AWS::IAM::Role").values():
        yield from (inline["PolicyDocument"] for inline in role.get("Policies", []))


# What the tables say


@pytest.mark.parametrize("kind", sorted(ACTIONS))
def test_the_actions_of_a_type_are_those_of_its_handlers(kind: str) -> None:
    beyond = {
        # Nested templates with a transform are expanded through change sets, and tagged.
        "AWS::CloudFormation::Stack": {
            *(f"cloudformation:{verb}ChangeSet" for verb in ("Create", "Describe", "Execute")),
            "cloudformation:TagResource",
            "cloudformation:UntagResource",
        },
        # An alias that CodeDeploy moves is a revision of the application.
        "AWS::CodeDeploy::Application": {"codedeploy:GetApplicationRevision", "codedeploy:RegisterApplicationRevision"},
    }
    assert set(ACTIONS[kind].split()) - beyond.get(kind, set()) <= handlers()[kind]


@pytest.mark.parametrize("kind", sorted(ACTIONS))
def test_a_type_can_be_made_read_and_removed(kind: str) -> None:
    """Handlers may call more; whatever makes, reads or removes the thing itself is there."""
    service = ACTIONS[kind].split()[0].partition(":")[0]
    name = kind.rpartition("::")[2]
    needed = {a for a in handlers()[kind] if a.partition(":")[0] == service and a.endswith(name)}
    not_ours = {"dynamodb:ImportTable"}
    assert needed - not_ours <= set(ACTIONS[kind].split())


def test_iam_knows_every_action_and_what_limits_it() -> None:
    actions = {action for text in ACTIONS.values() for action in text.split()}
    assert {a for a in actions if not limits(a)} - CONDITIONED == UNLIMITED
    for action in CONDITIONED:
        limits(action)


def test_the_stacks_hold_nothing_else(project: Path) -> None:
    spec = spec_from(document(**EVERYTHING), "the document")
    own = {"AWS::IAM::Role", "AWS::KMS::Key", "AWS::KMS::Alias"}
    made = {r["Type"] for stack in deploy(project).stacks.values() for r in stack.resources.values()}
    assert {COVERED.get(kind, kind) for kind in made} - own <= resource_types(spec)


def test_what_the_spec_does_not_have_is_not_allowed() -> None:
    spec = spec_from(document(**SPARE), "the document")
    actions = {a for policy in stack_policies(spec) for grant in policy.grants for a in grant.actions}
    services = {action.partition(":")[0] for action in actions}
    assert services.isdisjoint({"apigateway", "wafv2", "cognito-idp", "dynamodb", "s3", "events", "scheduler"})
    assert not any("EventSourceMapping" in action for action in actions)
    everything = stack_policies(spec_from(document(**EVERYTHING), "the document"))
    assert {"apigateway:POST", "dynamodb:CreateTable", "s3:CreateBucket"} <= {
        a for policy in everything for grant in policy.grants for a in grant.actions
    }


# What the roles may do


def test_no_action_is_a_wildcard_and_none_is_unknown(project: Path) -> None:
    for policy in every_document(pipeline(project)):
        for statement in statements(policy):
            assert statement["Effect"] == "Allow"
            for action in statement["Action"]:
                assert "*" not in action
                limits(action)


def test_everything_has_a_resource_that_can_have_one(project: Path) -> None:
    for policy in every_document(pipeline(project)):
        for statement in statements(policy):
            assert "*" not in statement["Resource"] or not [a for a in statement["Action"] if limits(a)], statement


ARNS = {
    "AWS::Lambda::Function": ("lambda:CreateFunction", "lambda", "function:{FunctionName}"),
    "AWS::SQS::Queue": ("sqs:CreateQueue", "sqs", "{QueueName}"),
    "AWS::SNS::Topic": ("sns:CreateTopic", "sns", "{TopicName}"),
    "AWS::DynamoDB::Table": ("dynamodb:CreateTable", "dynamodb", "table/{TableName}"),
    "AWS::Logs::LogGroup": ("logs:CreateLogGroup", "logs", "log-group:{LogGroupName}"),
    "AWS::CloudWatch::Alarm": ("cloudwatch:PutMetricAlarm", "cloudwatch", "alarm:{AlarmName}"),
    "AWS::Events::EventBus": ("events:CreateEventBus", "events", "event-bus/{Name}"),
    "AWS::WAFv2::IPSet": ("wafv2:CreateIPSet", "wafv2", "regional/ipset/{Name}/id"),
    "AWS::WAFv2::WebACL": ("wafv2:CreateWebACL", "wafv2", "regional/webacl/{Name}/id"),
    "AWS::KMS::Alias": ("kms:CreateAlias", "kms", "{AliasName}"),
}


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_everything_that_has_a_name_can_be_made_and_that_of_others_cannot(project: Path, environment: str) -> None:
    documents = of_stacks_role(pipeline(project, environment))
    seen = set()
    for kind, (action, service, form) in ARNS.items():
        for properties in deploy(project, environment).of_type(kind).values():
            arn = f"arn:aws:{service}:us-west-2:{ACCOUNT}:{form.format(**properties)}"
            assert allowed(documents, action, arn), arn
            stranger = arn.replace(f"{environment}-orders", "stage-orders").replace(f"{environment}-MyAPI", "stage-API")
            assert stranger != arn
            assert not allowed(documents, action, stranger), stranger
            seen.add(kind)
    assert seen == set(ARNS)
    for properties in deploy(project, environment).of_type("AWS::S3::Bucket").values():
        assert allowed(documents, "s3:CreateBucket", f"arn:aws:s3:::{properties['BucketName']}")
    for name, properties in deploy(project, environment).of_type("AWS::Scheduler::Schedule").items():
        group = properties.get("GroupName", "default")
        group = f"{environment}-orders" if group.startswith("<") else group
        arn = f"arn:aws:scheduler:us-west-2:{ACCOUNT}:schedule/{group}/{properties['Name']}"
        assert allowed(documents, "scheduler:CreateSchedule", arn), name


def test_statements_hold_in_the_regions_of_the_environment_only(project: Path) -> None:
    stack = pipeline(project)
    for name, policy in policies(stack).items():
        if name in {"StacksAccessPolicy", "Boundary"}:
            continue
        for statement in statements(policy):
            assert statement["Condition"]["StringEquals"]["aws:RequestedRegion"] == REGIONS.split(","), name


def test_roles_are_made_with_the_boundary_only(project: Path) -> None:
    stack = pipeline(project)
    documents = of_stacks_role(stack)
    for role in deploy(project).of_type("AWS::IAM::Role").values():
        arn = f"arn:aws:iam::{ACCOUNT}:role/{role['RoleName']}"
        for action in ("iam:CreateRole", "iam:PutRolePolicy", "iam:PutRolePermissionsBoundary"):
            for statement in allowed(documents, action, arn):
                assert statement["Condition"]["StringEquals"]["iam:PermissionsBoundary"] == "<Boundary>"
        assert allowed(documents, "iam:CreateRole", arn)
        assert allowed(documents, "iam:DeleteRole", arn)
        assert role["PermissionsBoundary"] == f"arn:aws:iam::{ACCOUNT}:policy/bootstrap/dev-orders-boundary"
    boundary = stack.of_type("AWS::IAM::ManagedPolicy")["Boundary"]
    assert boundary["Path"] + boundary["ManagedPolicyName"] == "/bootstrap/dev-orders-boundary"
    every = {a for policy in documents for s in statements(policy) for a in s["Action"]}
    assert "iam:DeleteRolePermissionsBoundary" not in every


def test_no_managed_policy_is_attached_to_a_role(project: Path) -> None:
    assert not any("ManagedPolicyArns" in role for role in deploy(project).of_type("AWS::IAM::Role").values())
    documents = of_stacks_role(pipeline(project))
    assert not allowed(documents, "iam:AttachRolePolicy", f"arn:aws:iam::{ACCOUNT}:role/dev-orders-create-order")


def test_no_deployment_reaches_the_roles_of_the_pipeline(project: Path) -> None:
    stack = pipeline(project)
    for role in stack.of_type("AWS::IAM::Role").values():
        assert role["Path"] == "/bootstrap/"
        arn = f"arn:aws:iam::{ACCOUNT}:role{role['Path']}{role['RoleName']}"
        for policy in of_stacks_role(stack):
            for statement in statements(policy):
                named = [r for r in statement["Resource"] if r.startswith("arn:aws:iam")]
                reached = any(fnmatch.fnmatchcase(arn, pattern) for pattern in named)
                assert not reached or statement["Action"] == ["iam:PassRole"], statement["Sid"]


def test_cloudformation_hands_its_role_to_the_nested_stacks(project: Path) -> None:
    """It does so as that role: without this no nested stack can be made."""
    stack = pipeline(project)
    assert deploy(project).stacks["template.yaml"].resources["Security"]["Type"] == "AWS::CloudFormation::Stack"
    role = stack.of_type("AWS::IAM::Role")["StacksRole"]
    itself = f"arn:aws:iam::{ACCOUNT}:role{role['Path']}{role['RoleName']}"
    (statement,) = allowed(of_stacks_role(stack), "iam:PassRole", itself)
    assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": "cloudformation.amazonaws.com"}}
    assert statement["Resource"] == [itself]


def test_roles_are_handed_to_named_services(project: Path) -> None:
    documents = of_stacks_role(pipeline(project))
    (passed,) = allowed(documents, "iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/dev-orders-create-order")
    trusted = {
        statement["Principal"]["Service"]
        for role in deploy(project).of_type("AWS::IAM::Role").values()
        for statement in role["AssumeRolePolicyDocument"]["Statement"]
    }
    assert trusted == set(passed["Condition"]["StringEquals"]["iam:PassedToService"])


def test_composite_alarms_can_be_read_back(project: Path) -> None:
    """CloudWatch shows them only to who may see all alarms."""
    assert allowed(
        of_stacks_role(pipeline(project)), "cloudwatch:DescribeAlarms", f"arn:aws:cloudwatch:r:{ACCOUNT}:alarm:*"
    )


@pytest.mark.parametrize("verb", ["Create", "Update", "Delete"])
def test_event_sources_of_other_services_are_left_alone(project: Path, verb: str) -> None:
    mapping = "*" if verb == "Create" else f"arn:aws:lambda:us-west-2:{ACCOUNT}:event-source-mapping:1"
    (statement,) = allowed(of_stacks_role(pipeline(project)), f"lambda:{verb}EventSourceMapping", mapping)
    own = f"arn:aws:lambda:*:{ACCOUNT}:function:dev-orders-*"
    assert statement["Condition"] == {"ArnLike": {"lambda:FunctionArn": own}}


def test_the_boundary_holds_what_the_roles_allow(project: Path) -> None:
    boundary = [policies(pipeline(project))["Boundary"]]
    checked = 0
    for role in deploy(project).of_type("AWS::IAM::Role").values():
        for inline in role.get("Policies", []):
            for statement in statements(inline["PolicyDocument"]):
                for action in statement["Action"]:
                    for resource in statement["Resource"]:
                        arn = resource.replace("<EncryptionKey.Arn>", f"arn:aws:kms:us-west-2:{ACCOUNT}:key/1")
                        arn = arn.replace("deploymentgroup:dev-orders*", "deploymentgroup:dev-orders-Functions-1/Group")
                        arn = arn.replace(
                            "{{resolve:ssm:/shared/customers-table}}", f"arn:aws:dynamodb:r:{ACCOUNT}:table/c"
                        )
                        assert allowed(boundary, action, arn), (action, arn)
                        checked += 1
    assert checked > 40


def test_the_boundary_ends_at_the_service_s_key(tmp_path: Path) -> None:
    found = policies(pipeline(render(document(**SPARE), tmp_path)))["Boundary"]
    (statement,) = allowed([found], "kms:Decrypt", f"arn:aws:kms:us-west-2:{ACCOUNT}:key/1")
    tags = {"aws:ResourceTag/Service": "orders", "aws:ResourceTag/Environment": "dev"}
    assert statement["Condition"] == {"StringEquals": tags}


def test_what_is_of_others_may_have_another_key(tmp_path: Path) -> None:
    function = {"name": "tool", "triggers": [], "permissions": [{"ssm": {"parameter": "/shared/url"}}]}
    found = policies(pipeline(render(document(**{**SPARE, "functions": [function]}), tmp_path)))["Boundary"]
    (statement,) = allowed([found], "kms:Decrypt", f"arn:aws:kms:us-west-2:{ACCOUNT}:key/1")
    assert "Condition" not in statement


def test_the_boundary_ends_at_the_service(project: Path) -> None:
    boundary = [policies(pipeline(project))["Boundary"]]
    for action, arn in {
        "sqs:SendMessage": f"arn:aws:sqs:us-west-2:{ACCOUNT}:dev-billing-x",
        "lambda:InvokeFunction": f"arn:aws:lambda:us-west-2:{ACCOUNT}:function:prod-orders-fulfil",
        "s3:PutObject": "arn:aws:s3:::prod-orders-invoices/x",
        "ssm:GetParameter": f"arn:aws:ssm:us-west-2:{ACCOUNT}:parameter/prod/orders/db-password",
        "iam:PassRole": f"arn:aws:iam::{ACCOUNT}:role/x",
    }.items():
        assert not allowed(boundary, action, arn)


# The deploy role


def test_the_deploy_role_does_little(project: Path) -> None:
    role = pipeline(project).of_type("AWS::IAM::Role")["DeployRole"]
    (inline,) = role["Policies"]
    found = {action for statement in statements(inline["PolicyDocument"]) for action in statement["Action"]}
    assert {a for a in found if not a.startswith(("cloudformation:", "s3:"))} == {
        "iam:PassRole",
        "lambda:InvokeFunction",
    }
    assert not {a for a in found if a.startswith("cloudformation:Delete")} - {"cloudformation:DeleteChangeSet"}
    document_ = [inline["PolicyDocument"]]
    (passed,) = [s for s in statements(inline["PolicyDocument"]) if "iam:PassRole" in s["Action"]]
    assert passed["Resource"] == ["<StacksRole.Arn>"]
    assert passed["Condition"] == {"StringEquals": {"iam:PassedToService": "cloudformation.amazonaws.com"}}
    stack = f"arn:aws:cloudformation:us-west-2:{ACCOUNT}:stack"
    assert allowed(document_, "cloudformation:CreateChangeSet", f"{stack}/dev-orders/id")
    for stranger in ("prod-orders/id", "dev-orderly/id", "bootstrap-dev-orders/id", "sam-bootstrap/id"):
        assert not allowed(document_, "cloudformation:ExecuteChangeSet", f"{stack}/{stranger}")
    assert allowed(document_, "s3:PutObject", f"arn:aws:s3:::sam-artifacts-{ACCOUNT}-us-west-2/dev-orders/x")
    assert not allowed(document_, "s3:PutObject", f"arn:aws:s3:::sam-artifacts-{ACCOUNT}-us-west-2/prod-orders/x")


def test_github_is_trusted_for_one_environment_of_one_repository(project: Path) -> None:
    role = pipeline(project, "prod").of_type("AWS::IAM::Role")["DeployRole"]
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    host = "token.actions.githubusercontent.com"
    assert statement == {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{host}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {f"{host}:aud": "sts.amazonaws.com", f"{host}:sub": "repo:acme/orders:environment:prod"}
        },
    }


def test_gitlab_is_trusted_for_the_main_branch_of_one_project(tmp_path: Path) -> None:
    spec = {**SPARE, "pipeline": {"provider": "gitlab", "repository": "acme/shop/orders"}}
    role = pipeline(render(document(**spec), tmp_path)).of_type("AWS::IAM::Role")["DeployRole"]
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/gitlab.com"}
    assert statement["Condition"] == {
        "StringEquals": {
            "gitlab.com:aud": "sts.amazonaws.com",
            "gitlab.com:sub": "project_path:acme/shop/orders:ref_type:branch:ref:main",
        }
    }


def test_only_cloudformation_takes_the_stacks_role(project: Path) -> None:
    role = pipeline(project).of_type("AWS::IAM::Role")["StacksRole"]
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "cloudformation.amazonaws.com"}


def test_the_key_is_known_by_its_tags(project: Path) -> None:
    stack = pipeline(project)
    nested = deploy(project).stacks["template.yaml"].resources["Security"]["Properties"]["Tags"]
    tags = {tag["Key"]: tag["Value"] for tag in nested}
    for statement in allowed(of_stacks_role(stack), "kms:CreateKey", "*"):
        wanted = statement["Condition"]["StringEquals"]
        assert wanted["aws:RequestTag/Service"] == tags["Service"]
        assert wanted["aws:RequestTag/Environment"] == tags["Environment"]
    for action in ("kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:Decrypt", "kms:CreateGrant"):
        for statement in allowed(of_stacks_role(stack), action, f"arn:aws:kms:us-west-2:{ACCOUNT}:key/1"):
            assert statement["Condition"]["StringEquals"]["aws:ResourceTag/Service"] == "orders"


def test_a_tag_can_be_taken_off_the_key_but_not_those_that_say_whose_it_is(project: Path) -> None:
    key = f"arn:aws:kms:us-west-2:{ACCOUNT}:key/1"
    (statement,) = allowed(of_stacks_role(pipeline(project)), "kms:UntagResource", key)
    assert statement["Condition"]["StringEquals"]["aws:ResourceTag/Service"] == "orders"
    assert statement["Condition"]["ForAllValues:StringNotEquals"] == {"aws:TagKeys": ["Service", "Environment"]}


# Sizes


def size(policy: Mapping[str, Any]) -> int:
    """A policy's characters as IAM counts them: without white space."""
    return len("".join(json.dumps(policy, separators=(",", ":")).split()))


def largest() -> dict[str, Any]:
    """Names as long as they may be, every kind of resource, 40 functions with permissions of their own."""
    raw = [
        {
            "actions": [f"{service}:{action}"],
            "resources": [f"arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:{number:012}:{'x' * 60}{number}"],
            "reason": "Because the other team has it.",
        }
        for number in range(10)
        for service, action in (("dynamodb", "GetItem"), ("sqs", "SendMessage"))
    ]
    # A bucket's name holds the account and the region as well, which leaves no room for long names.
    first = [permission for permission in FUNCTIONS[0]["permissions"] if "s3" not in permission]
    second = [trigger for trigger in FUNCTIONS[1]["triggers"] if trigger["type"] != "s3"]
    functions = [
        {**FUNCTIONS[0], "name": "create-order", "permissions": first},
        {**FUNCTIONS[1], "name": "f", "triggers": second},
        *({"name": f"f{n}", "triggers": [], "permissions": raw, "reserved_concurrency": 1} for n in range(38)),
    ]
    first[:] = [p for p in first if "invoke" not in p] + [{"invoke": {"function": "f"}}]
    environments = [{"name": "dev" + "e" * 13}, {"name": "prod"}]
    return {
        **EVERYTHING,
        "service": {"name": "s" * 30},
        "buckets": [],
        "functions": functions,
        "environments": environments,
    }


@pytest.mark.parametrize("spec", [SPARE, EVERYTHING, largest()], ids=["spare", "everything", "largest"])
def test_policies_and_names_fit_into_iam(spec: dict[str, Any], tmp_path: Path) -> None:
    project = render({**document(), **spec}, tmp_path)
    environment = next(name for name in samconfig(project) if name.startswith("dev"))
    six = ",".join(f"ap-southeast-{number}" for number in range(1, 7))
    stack = pipeline(project, environment, Regions=six)
    for name, policy in policies(stack).items():
        assert size(policy) <= 6_144, name
    for name, role in stack.of_type("AWS::IAM::Role").items():
        assert len(role["RoleName"]) <= 64
        assert sum(size(inline["PolicyDocument"]) for inline in role.get("Policies", [])) <= 10_240, name
        assert len(role.get("ManagedPolicyArns", [])) <= 10
    assert len((project / "bootstrap/pipeline.yaml").read_bytes()) <= 51_200
    assert len((project / "bootstrap/template.yaml").read_bytes()) <= 51_200


# The account


def test_the_account_is_ready_for_any_service(project: Path) -> None:
    stack = resolve(project, "bootstrap/template.yaml")
    for name, bucket in stack.of_type("AWS::S3::Bucket").items():
        assert all(bucket["PublicAccessBlockConfiguration"].values()), name
        (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        wanted = "AES256" if name == "AccessLogBucket" else "aws:kms"
        assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": wanted}
        assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
        assert (
            name == "AccessLogBucket" or bucket["LoggingConfiguration"]["DestinationBucketName"] == "<AccessLogBucket>"
        )
        (policy,) = [p for p in stack.of_type("AWS::S3::BucketPolicy").values() if p["Bucket"] == f"<{name}>"]
        denied = [s for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Deny"]
        assert [s["Condition"] for s in denied] == [{"Bool": {"aws:SecureTransport": "false"}}]
    logs = stack.of_type("AWS::S3::Bucket")["AccessLogBucket"]["BucketName"]
    for bucket in deploy(project).of_type("AWS::S3::Bucket").values():
        assert bucket["LoggingConfiguration"]["DestinationBucketName"] == logs
    (recorder,) = stack.of_type("AWS::Config::ConfigurationRecorder").values()
    assert recorder["RecordingGroup"]["ResourceTypes"] == ["AWS::Lambda::Function"]
    assert stack.of_type("AWS::Config::DeliveryChannel")
    assert not stack.of_type("AWS::IAM::OIDCProvider")


def test_config_may_deliver_as_it_does(project: Path) -> None:
    role = resolve(project, "bootstrap/template.yaml").of_type("AWS::IAM::Role")["ConfigRole"]
    (deliver,) = [s for s in statements(role["Policies"][0]["PolicyDocument"]) if "s3:PutObject" in s["Action"]]
    assert "s3:PutObjectAcl" in deliver["Action"]
    assert deliver["Condition"] == {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}


def test_topics_that_trace_may_send_their_traces(project: Path) -> None:
    assert {t.get("TracingConfig") for t in deploy(project).of_type("AWS::SNS::Topic").values()} >= {"Active"}
    (policy,) = resolve(project, "bootstrap/template.yaml").of_type("AWS::XRay::ResourcePolicy").values()
    (statement,) = json.loads(policy["PolicyDocument"])["Statement"]
    assert statement["Principal"] == {"Service": "sns.amazonaws.com"}
    assert "xray:PutTraceSegments" in statement["Action"]
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


def test_what_an_account_has_is_left_out(project: Path) -> None:
    off = {"ManageConfig": "false", "ManageApiGatewayAccount": "false", "ManageTraces": "false"}
    stack = resolve(project, "bootstrap/template.yaml", **off)
    assert {r["Type"] for r in stack.resources.values()} == {"AWS::S3::Bucket", "AWS::S3::BucketPolicy"}
    assert set(stack.of_type("AWS::S3::Bucket")) == {"ArtifactBucket", "AccessLogBucket"}
    for parameter, url in {
        "ManageGitHubProvider": "https://token.actions.githubusercontent.com",
        "ManageGitLabProvider": "https://gitlab.com",
    }.items():
        found = resolve(project, "bootstrap/template.yaml", **off, **{parameter: "true"})
        (provider,) = found.of_type("AWS::IAM::OIDCProvider").values()
        assert (provider["Url"], provider["ClientIdList"]) == (url, ["sts.amazonaws.com"])


def test_every_service_shares_the_same_account_stack(project: Path, tmp_path: Path) -> None:
    other = {**SPARE, "service": {"name": "billing"}, "pipeline": {"provider": "gitlab", "repository": "a/b"}}
    billing = render({**document(), **other}, tmp_path)
    assert (billing / "bootstrap/template.yaml").read_bytes() == (project / "bootstrap/template.yaml").read_bytes()


# The matrix

FURTHER = [{"name": "eu-west-1", "role": "active"}, {"name": "ap-southeast-2"}]


@pytest.mark.parametrize("provider", ["github", "gitlab", "none"])
@pytest.mark.parametrize("regions", [[], FURTHER], ids=["one region", "three regions"])
def test_every_provider_and_number_of_regions_is_sound(provider: str, regions: list[Any], tmp_path: Path) -> None:
    environments = [{"name": "dev"}, {"name": "prod", "further_regions": regions}]
    spec = {**EVERYTHING, "environments": environments, "pipeline": {"provider": provider, "repository": "acme/orders"}}
    project = sound(document(**spec), tmp_path)
    assert (project / "bootstrap/pipeline.yaml").exists() == (provider != "none")
    assert (project / ".github").exists() == (provider == "github")
    assert (project / ".gitlab-ci.yml").exists() == (provider == "gitlab")
    roles = deploy(project, "prod").of_type("AWS::IAM::Role").values()
    assert all(("PermissionsBoundary" in role) == (provider != "none") for role in roles)
    assert {t.name for t in load_project(project).templates if t.name.startswith("bootstrap")} == {
        "bootstrap/template.yaml",
        *(["bootstrap/pipeline.yaml"] if provider != "none" else []),
    }


def test_a_pipeline_without_a_repository_is_sound(tmp_path: Path) -> None:
    project = render(document(functions=[{"name": "tool", "triggers": []}]), tmp_path)
    assert findings(project) == []
    assert (
        "Default" not in load_project(project).template("bootstrap/pipeline.yaml").section("Parameters")["Repository"]
    )
