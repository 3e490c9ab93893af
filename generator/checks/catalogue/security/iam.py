"""SG101: who may do more than the work needs, judged wherever the permission is written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from generator.checks.case import Case, as_list, literal
from generator.checks.facts.arns import read_arn
from generator.checks.facts.statements import (
    IDENTITIES,
    RESOURCES,
    ROLE,
    Statement,
    identity_statements,
    is_written,
    managed_policy,
    put,
    resource_statements,
    trust_statements,
)
from generator.checks.facts.targets import of_a_url
from generator.checks.rule import Problem, rule
from generator.findings import Severity
from generator.project import Deployment, Resource
from generator.project.deployment import ACCOUNT
from generator.project.evaluate import is_known
from generator.spec.lintdata import iam_actions

FUNCTION = "AWS::Lambda::Function"
PERMISSION_SET = "AWS::SSO::PermissionSet"
_ARN_FIELDS = 6
HANDING_OVER = "iam:passrole"
SHOWN = 3
"""How many actions of a statement a message names."""

# AWS's policies that allow everything, or everything of a service, on everything.
_ALMIGHTY = re.compile(
    r"(AdministratorAccess.*|.*PowerUser(Access)?|(System|Database|Network)Administrator|.*FullAccess(_v\d+)?"
    r"|SecretsManagerReadWrite|AWSLambdaExecute|ReadOnlyAccess|Amazon(DynamoDB|Kinesis|S3|SNS|SQS|SSM)ReadOnlyAccess)"
)
# A name that stands for every one of its kind: `*`, `table/*`, `function:*`, `*/*`.
_ANY_NAME = re.compile(r"([A-Za-z-]+[:/])?[*?]+(?:[:/](?:[*?]+|[a-z]+))*")
# Kinds of resources that a call may name and need not: a role that is limited to them cannot make the ordinary call.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/iam-cw-condition-keys-namespace.html
_OPTIONAL = {
    "ce:billingview",
    "cloudwatch:dataset",
    "comprehend:document-classifier-endpoint",
    "comprehend:entity-recognizer-endpoint",
    "polly:lexicon",
    "rekognition:projectversion",
    "translate:parallel-data",
    "translate:terminology",
}
# Lambda refuses the role of a function in a VPC whose interfaces are limited.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
_NOT_LIMITED = {
    "ec2:assignprivateipaddresses",
    "ec2:createnetworkinterface",
    "ec2:deletenetworkinterface",
    "ec2:detachnetworkinterface",
    "ec2:unassignprivateipaddresses",
}
# A condition on one of these limits what an action is done to as a resource would.
_LIMITING = (
    *("aws:resource", "ec2:resourcetag", "ecs:cluster", "kms:resourcealiases", "lambda:functionarn"),
    *("s3:existingobjecttag", "secretsmanager:resourcetag", "ssm:resourcetag"),
)
# What data and work go to by a name that its author gives. Others may have names that nobody knows beforehand.
_NAMED = {"dynamodb", "events", "firehose", "kinesis", "kms", "secretsmanager", "sns", "sqs", "ssm", "states"}
# Services that say for whom they take a role, each by its own chapter on the confused deputy. Not here: those that do
# not (API Gateway, EC2, CloudFormation) and identity providers, which are no services.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
_SAY_WHEN_TAKING = {
    "appsync",
    "bedrock",
    "codebuild",
    "codedeploy",
    "codepipeline",
    "config",
    "dms",
    "ecs-tasks",
    "firehose",
    "glue",
    "iot",
    "logs",
    "pipes",
    "sagemaker",
    "scheduler",
    "ssm",
    "states",
    "transcribe",
    "transfer",
    "vpc-flow-logs",
}
# Identity providers that everybody has an account with.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html
_SHARED_PROVIDERS = (
    "token.actions.githubusercontent.com",
    "gitlab.com",
    "app.terraform.io",
    "agent.buildkite.com",
)
_ANY_SUBJECT = ("*", "repo:*", "project_path:*", "organization:*")
# Services that say for whom they call a queue, a topic, a bucket, a key or a function.
_SAY_WHEN_CALLING = {
    "cloudfront",
    "cloudtrail",
    "cloudwatch",
    "config",
    "cognito-idp",
    "delivery.logs",
    "events",
    "iot",
    "logging.s3",
    "s3",
    "secretsmanager",
    "ses",
    "sns",
}
# And those that do so when they invoke a function.
_SAY_WHEN_INVOKING = _SAY_WHEN_CALLING | {"bedrock", "lambda.alarms.cloudwatch", "logs"}


@rule(
    "SG101",
    "Nobody may do more than the work needs: actions and resources are named, a role is one function's.",
    Severity.ERROR,
    "Name the actions that the code calls and the ARNs that it calls them on; give each function a role of its own.",
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
)
def least_privilege(case: Case) -> Iterator[Problem]:
    """Statements, managed policies and trusts that are wider than they need to be, and roles that are shared."""
    for deployment in case.deployments:
        boundaries = _boundaries(deployment)
        for resource in deployment.of_type(*IDENTITIES):
            if resource not in boundaries:
                for statement in identity_statements(resource):
                    yield from _too_wide(statement)
            yield from _almighty(resource)
        for role in deployment.of_type(ROLE):
            for statement in trust_statements(role):
                yield from _trust(statement)
        for resource in deployment.of_type(*RESOURCES):
            for statement in resource_statements(resource):
                yield from _callers(statement)
        for permission in deployment.of_type("AWS::Lambda::Permission"):
            yield from _permission(permission)
        yield from _public_layers(deployment)
        yield from _shared(deployment)


def _too_wide(statement: Statement) -> Iterator[Problem]:
    """What a statement allows without naming it."""
    if not statement.allows:
        return
    owner = statement.resource.owner
    for key in ("NotAction", "NotResource"):
        if key in statement.body:
            yield statement.problem(f"{owner} allows everything but what its {key} names.", key)
    named = [action for action in statement.actions if _everything_of_a_service(action)]
    for action in named:
        what = "every action of every service" if action.strip("*?:") == "" else f"every action of a service, {action}"
        yield statement.problem(f"{owner} allows {what}.", "Action")
    if any(key.startswith(_LIMITING) for key in statement.keys):
        return
    breadths = {_breadth(text) for text in statement.resources}
    if Severity.ERROR in breadths:
        yield from _unlimited(statement, named, "on everything", Severity.ERROR)
    elif Severity.WARNING in breadths and not statement.of_a_template:
        yield from _unlimited(statement, named, "on everything of its kind in the account", Severity.WARNING)


def _unlimited(statement: Statement, named: list[str], on: str, severity: Severity) -> Iterator[Problem]:
    """The actions that the statement's resources could limit, and do not: said once for all of them."""
    owner = statement.resource.owner
    limited = {action: _can_be_limited(action) for action in statement.actions if action not in named}
    wide = [action for action, example in limited.items() if example and example != HANDING_OVER]
    if HANDING_OVER in limited.values():
        message = f"{owner} allows to hand any role to a service, although it can be limited to a resource."
        yield statement.problem(message, "Resource", severity=severity)
    if wide:
        it = "it" if len(wide) == 1 else "each of them"
        message = f"{owner} allows {_listed(wide)} {on}, although {it} can be limited to a resource."
        yield statement.problem(message, "Resource", severity=severity)


def _listed(actions: list[str]) -> str:
    """The first actions, and how many more there are."""
    shown, more = actions[:SHOWN], len(actions) - SHOWN
    if more > 0:
        return f"{', '.join(shown)} and {more} more {'action' if more == 1 else 'actions'}"
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))


def _everything_of_a_service(action: str) -> bool:
    service, colon, name = action.partition(":")
    return action.strip("*?") == "" or (bool(colon) and bool(name) and name.strip("*?") == "") or service == "*"


def _breadth(resource: str) -> Severity | None:
    """How bad a resource's wildcards are: an error for everything, a warning for all of a kind in one account."""
    resource = resource.replace(ACCOUNT, "1" * 12)
    if not is_known(resource) or "<" in resource:
        return None
    if resource.strip("*?") == "":
        return Severity.ERROR
    fields = resource.split(":", _ARN_FIELDS - 1)
    if fields[0] != "arn":
        return None
    name = _ANY_NAME.fullmatch(fields[5]) if len(fields) == _ARN_FIELDS else None
    # `bucket/*` is all of one bucket, `table/*` all tables.
    if name is None or (name[1] and name[1] not in _kinds(fields[2])):
        return None if any(field.strip("*") for field in fields[3:]) else Severity.ERROR
    if fields[4].strip("*") == "" or fields[5] == "role/*":
        return Severity.ERROR
    return Severity.WARNING if fields[2] in _NAMED or fields[5] == "function:*" else None


@cache
def _kinds(service: str) -> frozenset[str]:
    """What the names of a service's kinds of resources begin with: `table/`, `function:`."""
    resources = ((iam_actions() or {}).get(service) or {}).get("Resources", {})
    arns = (read_arn(text) for kind in resources.values() for text in kind.get("ARNFormats", ()))
    return frozenset(arn.resource.removesuffix(".*") for arn in arns if arn is not None and arn.resource != ".*")


def _can_be_limited(action: str) -> str:
    """The action, or the first that its wildcards mean, that IAM can limit to a resource; empty if there is none.

    Nor is there one where wildcards mean reading things most of which cannot be limited, as with `ec2:Describe*`:
    the rest are written with them, and naming them all instead would make the policy no tighter.
    """
    data = iam_actions() or {}
    service, _, name = action.lower().partition(":")
    known = data.get(service)
    actions: dict[str, Any] = known.get("Actions", {}) if isinstance(known, dict) else {}
    wild = "*" in name or "?" in name
    meant = [each for each in actions if fnmatchcase(each, name)] if wild else [name]
    limited = [each for each in meant if _takes_a_resource(service, each, actions)]
    if wild and name.startswith(_LOOKING) and 2 * len(limited) < len(meant):
        return ""
    return f"{service}:{limited[0]}" if limited else ""


_LOOKING = ("describe", "list")


def _takes_a_resource(service: str, name: str, actions: dict[str, Any]) -> bool:
    kinds = {f"{service}:{kind}" for kind in actions.get(name, {}).get("Resources", [])}
    return bool(kinds - _OPTIONAL) and f"{service}:{name}" not in _NOT_LIMITED


def _boundaries(deployment: Deployment) -> set[Resource]:
    """Policies that only bound what others allow; they allow nothing themselves."""
    identities = list(deployment.of_type(ROLE, "AWS::IAM::User"))
    bounding = {managed_policy(deployment, identity.get("PermissionsBoundary")) for identity in identities}
    attached = {
        managed_policy(deployment, arn) for each in identities for arn in as_list(each.get("ManagedPolicyArns"))
    }
    return {policy for policy in bounding - attached if policy is not None and not as_list(policy.get("Roles"))}


def _almighty(resource: Resource) -> Iterator[Problem]:
    key = "ManagedPolicies" if resource.type == PERMISSION_SET else "ManagedPolicyArns"
    for index, arn in enumerate(as_list(resource.get(key))):
        text = literal(arn)
        name = text.rpartition("/")[2] if text else ""
        if text and (":aws:policy/" in text or "/" not in text) and _ALMIGHTY.fullmatch(name):
            message = f"{resource.owner} has AWS's policy {name}, which allows far more than a function needs."
            if is_written(resource):
                yield put(resource, message, key, index)
            else:  # SAM made the role; the author names the policy at the function
                template = resource.stack.template
                place = template.place_of_text(name, "Resources", resource.owner, "Properties", "Policies")
                yield Problem(place, message, resource)


def _trust(statement: Statement) -> Iterator[Problem]:
    role = statement.resource
    # In a role that SAM makes nobody can write a condition.
    if not statement.allows or not is_written(role):
        return
    if statement.of_everybody and not statement.conditional:
        yield statement.problem(f"Everybody in the world may take the role {role.owner}.", "Principal")
    yield from _shared_provider(statement)
    if statement.conditional:
        return
    mend = "Add a condition on aws:SourceAccount or aws:SourceArn."
    for service in statement.services:
        message = (
            f"The trust policy of {role.owner} lets {service}.amazonaws.com take the role on behalf of any account, "
            "as no condition names this one."
        )
        if service.partition(".")[0] in _SAY_WHEN_TAKING:
            yield statement.problem(message, "Principal", severity=Severity.WARNING, mend=mend)
        elif service == "lambda":  # only this account can hand its role to Lambda
            message = f"The trust policy of {role.owner} names no function for which Lambda may take the role."
            yield statement.problem(message, "Principal", severity=Severity.INFO, mend=mend)


def _shared_provider(statement: Statement) -> Iterator[Problem]:
    """Trust in an identity provider whose tokens anybody can have, whatever they are for."""
    principal, conditions = statement.body.get("Principal"), statement.body.get("Condition")
    federated = as_list(principal.get("Federated")) if isinstance(principal, dict) else []
    host = next((host for host in _SHARED_PROVIDERS for each in federated if f"/{host}" in str(each)), "")
    if not host or not is_known(conditions):
        return
    tests = [test for test in conditions.values() if isinstance(test, dict)] if isinstance(conditions, dict) else []
    subjects = [value for test in tests for key, value in test.items() if str(key).lower() == f"{host}:sub"]
    if not subjects or any(str(value).startswith(_ANY_SUBJECT) for each in subjects for value in as_list(each)):
        message = f"Everybody with a token of {host} may take the role {statement.resource.owner}."
        mend = f"Add a condition on {host}:sub that names your repository or project."
        yield statement.problem(message, "Condition" if conditions else "Principal", mend=mend)


def _callers(statement: Statement) -> Iterator[Problem]:
    if not statement.allows or statement.conditional:
        return
    # EventBridge looks at a key without saying for whom.
    # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-encryption-key-policy.html
    if {action.lower() for action in statement.actions} == {"kms:describekey"}:
        return
    for service in statement.services:
        if service in _SAY_WHEN_CALLING:
            message = f"{statement.resource.owner} lets {service} in on behalf of any account."
            mend = "Add a condition on aws:SourceArn or aws:SourceAccount."
            yield statement.problem(message, "Principal", severity=Severity.WARNING, mend=mend)


def _permission(permission: Resource) -> Iterator[Problem]:
    """A permission to invoke for a service that would say for whom; APIs have a rule of their own."""
    principal = literal(permission.get("Principal")) or ""
    service = principal.partition(".amazonaws.")[0]
    action = literal(permission.get("Action")) or ""
    if action.strip("*").removeprefix("lambda:") == "" and action:
        message = f"{permission.owner} allows every action on the function, {action}."
        yield put(permission, message, "Action", mend="Set Action to lambda:InvokeFunction.")
    given = [permission.get(key) for key in ("SourceArn", "SourceAccount", "PrincipalOrgID")]
    if any(value is not None and literal(value) != "*" for value in given):
        return
    if principal == "*" and not of_a_url(permission):
        message = f"{permission.owner} lets everybody in the world invoke the function."
        yield put(permission, message, "Principal", mend="Name the account, the role or the service that invokes it.")
    if {service, service.partition(".")[0]} & _SAY_WHEN_INVOKING:
        message = f"{permission.owner} lets {service} invoke the function on behalf of any account."
        mend = "Add SourceArn, and SourceAccount where the ARN has no account."
        yield put(permission, message, "Principal", severity=Severity.WARNING, mend=mend)


def _public_layers(deployment: Deployment) -> Iterator[Problem]:
    for permission in deployment.of_type("AWS::Lambda::LayerVersionPermission"):
        if literal(permission.get("Principal")) == "*" and permission.get("OrganizationId") is None:
            message = f"{permission.owner} lets everybody in the world read the layer."
            mend = "Name the account, or the organisation beside it."
            yield put(permission, message, "Principal", severity=Severity.WARNING, mend=mend)


def _shared(deployment: Deployment) -> Iterator[Problem]:
    """Functions whose role another one has already."""
    first: dict[str, Resource] = {}
    for function in deployment.of_type(FUNCTION):
        reference = function.get("Role")
        if not isinstance(reference, str):
            continue
        role = deployment.find(reference, ROLE)
        called = role.owner if role is not None else reference
        name: str = role.symbol if role is not None else reference
        if not is_known(reference):
            # What it is is not known, but what says it is the same.
            properties = function.definition.get("Properties")
            written = properties.get("Role") if isinstance(properties, dict) else None
            name = f"{function.stack.name} {json.dumps(written, sort_keys=True, default=str)}"
            called = "that it is given"
        other = first.setdefault(name, function)
        if other is not function:
            message = f"{function.owner} shares the role {called} with {other.owner}, and so its permissions."
            yield put(function, message, "Role", severity=Severity.WARNING)
