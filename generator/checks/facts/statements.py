"""Statements of policies, wherever a template has them, and where the author wrote each; no rule of its own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from generator.checks.case import as_list, literal
from generator.checks.rule import Place, Problem
from generator.project import Deployment, Resource
from generator.project.evaluate import UNKNOWN, is_known

ROLE = "AWS::IAM::Role"
MANAGED = "AWS::IAM::ManagedPolicy"
Path = tuple[str | int, ...]
_NAMESPACE = 3  # an ARN's fields before its region
_NUMBERED = re.compile(r"RolePolicy(\d+)$")
# Stands in a path where the rest of it is within a text of JSON, which has no lines of its own.
_AS_TEXT = "(text)"

# What can do something: the property with its policies, or with its one.
_WITH_POLICIES = {ROLE, "AWS::IAM::User", "AWS::IAM::Group"}
_POLICIES = {
    "AWS::IAM::Policy": "PolicyDocument",
    MANAGED: "PolicyDocument",
    "AWS::IAM::RolePolicy": "PolicyDocument",
    "AWS::IAM::UserPolicy": "PolicyDocument",
    "AWS::IAM::GroupPolicy": "PolicyDocument",
    "AWS::SSO::PermissionSet": "InlinePolicy",
}
# What something can be done to, and where it says by whom.
OF_RESOURCES: dict[str, tuple[str, ...]] = {
    "AWS::DynamoDB::Table": ("ResourcePolicy", "PolicyDocument"),
    "AWS::ECR::Repository": ("RepositoryPolicyText",),
    "AWS::EFS::FileSystem": ("FileSystemPolicy",),
    "AWS::Events::EventBus": ("Policy",),
    "AWS::Events::EventBusPolicy": ("Statement",),
    "AWS::KMS::Key": ("KeyPolicy",),
    "AWS::Kinesis::ResourcePolicy": ("ResourcePolicy",),
    "AWS::OpenSearchService::Domain": ("AccessPolicies",),
    "AWS::S3::AccessPoint": ("Policy",),
    "AWS::S3::BucketPolicy": ("PolicyDocument",),
    "AWS::SNS::TopicInlinePolicy": ("PolicyDocument",),
    "AWS::SNS::TopicPolicy": ("PolicyDocument",),
    "AWS::SQS::QueueInlinePolicy": ("PolicyDocument",),
    "AWS::SQS::QueuePolicy": ("PolicyDocument",),
    "AWS::SecretsManager::ResourcePolicy": ("ResourcePolicy",),
}
IDENTITIES = (*sorted(_WITH_POLICIES), *sorted(_POLICIES))
RESOURCES = tuple(sorted(OF_RESOURCES))

# Conditions on these keys say who may call, or for whom.
_CALLERS = (
    "aws:principal",
    "aws:source",
    "aws:calledvia",
    "aws:vpcsource",
    "aws:userid",
    "aws:username",
    "elasticfilesystem:access",
    "kms:calleraccount",
    "kms:encryptioncontext",
    "kms:viaservice",
    "s3:dataaccesspoint",
    "sns:endpoint",
    "lambda:",
    "sts:externalid",
)


@dataclass(frozen=True, eq=False)
class Statement:
    """One statement of a policy.

    Attributes:
        resource: the resource that has it.
        path: where it stands in the resource's properties.
        body: the statement, evaluated.
    """

    resource: Resource
    path: Path
    body: dict[str, Any]

    @property
    def allows(self) -> bool:
        """Whether it allows something; a denial harms nobody."""
        return literal(self.body.get("Effect")) == "Allow"

    @property
    def actions(self) -> list[str]:
        """The actions that it names and that are known."""
        return [text for action in as_list(self.body.get("Action")) if (text := literal(action)) is not None]

    @property
    def resources(self) -> list[str]:
        """The resources that it names, as text; symbols among them."""
        return [item for item in as_list(self.body.get("Resource")) if isinstance(item, str)]

    @property
    def keys(self) -> frozenset[str]:
        """The condition keys that it asks for, in lower case."""
        conditions = self.body.get("Condition")
        tests = conditions.values() if isinstance(conditions, dict) else ()
        return frozenset(str(key).lower() for test in tests if isinstance(test, dict) for key in test)

    @property
    def conditional(self) -> bool:
        """Whether a condition, or one that is not known, says who may call or for whom."""
        conditions = self.body.get("Condition")
        if conditions is not None and not isinstance(conditions, dict):
            return True
        for operator, test in (conditions or {}).items():
            for key, value in test.items() if isinstance(test, dict) else ():
                # What only excludes somebody, or takes anybody, says nothing.
                says = "Not" not in str(operator) and not any(map(_means_anybody, as_list(value)))
                if says and str(key).lower().startswith(_CALLERS):
                    return True
        return False

    @property
    def services(self) -> list[str]:
        """The services that it trusts, without their domain: `lambda`, `logs.eu-west-1`."""
        principal = self.body.get("Principal")
        named = as_list(principal.get("Service")) if isinstance(principal, dict) else []
        return [text.partition(".amazonaws.")[0] for item in named if (text := literal(item)) is not None]

    @property
    def of_everybody(self) -> bool:
        """Whether it speaks of everybody in the world, or of all but some."""
        if "NotPrincipal" in self.body:
            return True
        principal = self.body.get("Principal")
        named = as_list(principal.get("AWS")) if isinstance(principal, dict) else as_list(principal)
        return any(literal(item) == "*" for item in named)

    @property
    def of_a_template(self) -> bool:
        """Whether SAM wrote it, of one of its policy templates: the author can only name what the template asks for."""
        if is_written(self.resource) or self.path[:1] != ("Policies",):
            return False
        written = self.resource.stack.template.resources.get(self.resource.owner, {})
        found: Any = written.get("Properties")
        for step in _before_sam(self.resource, self.path)[:2]:
            try:
                found = found[step]
            except (KeyError, IndexError, TypeError):
                return True
        if isinstance(found, dict) and any(map(_means_all, found.values())):
            return False
        return not (isinstance(found, list) or (isinstance(found, dict) and "Statement" in found))

    def problem(self, message: str, key: str = "", **more: Any) -> Problem:
        """A problem of it, where the author wrote it or the key of it."""
        return put(self.resource, message, *self.path, *((key,) if key else ()), **more)


def identity_statements(resource: Resource) -> Iterator[Statement]:
    """What a role, a user, a group or a policy may do."""
    if resource.type in _WITH_POLICIES:
        for index, policy in enumerate(as_list(resource.get("Policies"))):
            document = policy.get("PolicyDocument") if isinstance(policy, dict) else None
            yield from statements(resource, document, ("Policies", index, "PolicyDocument"))
    elif resource.type in _POLICIES:
        name = _POLICIES[resource.type]
        yield from statements(resource, resource.get(name), (name,))


def resource_statements(resource: Resource) -> Iterator[Statement]:
    """What may be done to what a resource's policy belongs to."""
    path = OF_RESOURCES.get(resource.type, ())
    if path == ("Statement",):
        body = resource.get(*path)
        if isinstance(body, dict):
            yield Statement(resource, path, body)
        elif body is None and resource.get("Principal") is not None:
            yield Statement(resource, (), _of_bus(resource))
    elif path:
        yield from statements(resource, resource.get(*path), path)


def _of_bus(policy: Resource) -> dict[str, Any]:
    """The statement that a bus's policy of the older form stands for: an account, or everybody of an organisation."""
    condition = policy.get("Condition")
    test = condition if isinstance(condition, dict) else {}
    body = {"Effect": "Allow", "Action": policy.get("Action"), "Principal": {"AWS": policy.get("Principal")}}
    return {**body, "Condition": {test.get("Type"): {test.get("Key"): test.get("Value")}}} if test else body


def trust_statements(role: Resource) -> Iterator[Statement]:
    """Who may take a role."""
    yield from statements(role, role.get("AssumeRolePolicyDocument"), ("AssumeRolePolicyDocument",))


def statements(resource: Resource, document: Any, path: Path) -> Iterator[Statement]:
    """The statements of a policy document, which may be JSON; none where it is no document."""
    if literal(document) is not None:
        try:
            document, path = json.loads(document), (*path, _AS_TEXT)
        except ValueError:
            return
    found = document.get("Statement") if isinstance(document, dict) else None
    if isinstance(found, dict):
        yield Statement(resource, (*path, "Statement"), found)
    for index, body in enumerate(found if isinstance(found, list) else ()):
        if isinstance(body, dict):
            yield Statement(resource, (*path, "Statement", index), body)


def managed_policy(deployment: Deployment, reference: Any) -> Resource | None:
    """The managed policy that a symbol or an ARN, which may have a path, refers to."""
    found = deployment.find(reference, MANAGED)
    text = literal(reference)
    if found is not None or text is None:
        return found
    name = text.rpartition("/")[2]
    return next((policy for policy in deployment.of_type(MANAGED) if _may_be_called(policy, name)), None)


def _may_be_called(policy: Resource, name: str) -> bool:
    """Whether a policy has a name, as far as its own is known: another stack's parameters may not be."""
    own = policy.get("ManagedPolicyName")
    if not isinstance(own, str) or not own.replace(str(UNKNOWN), ""):
        return False
    return re.fullmatch(".*".join(map(re.escape, own.split(str(UNKNOWN)))), name) is not None


def policies_of(deployment: Deployment, role: Resource) -> tuple[list[Any], list[str]]:
    """Every policy of a role, in whichever stack: the documents, and what it refers to that the project has not.

    What is not known is among the documents, as UNKNOWN.
    """
    documents = [item.get("PolicyDocument") for item in as_list(role.get("Policies")) if isinstance(item, dict)]
    others: list[str] = []
    if not is_known(role.properties):
        documents.append(UNKNOWN)
    for reference in as_list(role.get("ManagedPolicyArns")):
        policy = managed_policy(deployment, reference)
        if policy is not None:
            documents.append(policy.get("PolicyDocument"))
        else:
            others.append(str(reference))
    for policy in deployment.of_type("AWS::IAM::Policy", MANAGED, "AWS::IAM::RolePolicy"):
        names = as_list(policy.get("RoleName" if policy.type == "AWS::IAM::RolePolicy" else "Roles"))
        if any(deployment.find(name, ROLE) is role for name in names):
            documents.append(policy.get("PolicyDocument"))
        elif not is_known(names):
            documents.append(UNKNOWN)
    return documents, others


def is_written(resource: Resource) -> bool:
    """Whether the author wrote the resource himself; SAM makes others."""
    return resource.logical_id in resource.stack.template.resources


def put(resource: Resource, message: str, *path: str | int, **more: Any) -> Problem:
    """A problem of a resource, at the part of a property that the author wrote; at the resource where he wrote none."""
    return Problem(spot(resource, *path), message, resource, **more)


def spot(resource: Resource, *path: str | int) -> Place:
    """Where the author wrote a property, or what SAM made it of."""
    template = resource.stack.template
    written = template.resources.get(resource.owner, {}).get("Properties")
    steps = path if resource.owner == resource.logical_id else _before_sam(resource, path)
    steps = steps[: steps.index(_AS_TEXT)] if _AS_TEXT in steps else steps
    if not steps or not isinstance(written, dict) or steps[0] not in written:
        renamed = ("DefinitionBody", *path[1:]) if path[:1] == ("Body",) else ()
        if not renamed or not isinstance(written, dict) or "DefinitionBody" not in written:
            return resource.place()
        steps = renamed
    return template.place("Resources", resource.owner, "Properties", *steps)


def _before_sam(resource: Resource, path: Path) -> Path:
    """The path of a policy in what SAM makes a role of: its documents stand in the list themselves."""
    if path[:1] != ("Policies",) or len(path) == 1:
        return path
    # SAM leaves out what is attached by name, and numbers the rest by their places in the author's list.
    number = _NUMBERED.search(str(resource.get("Policies", path[1], "PolicyName")))
    source = resource.stack.template.resources.get(resource.owner, {}).get("Properties")
    if number is None or not isinstance(source, dict):
        return ()
    start = ("Policies", int(number[1])) if isinstance(source.get("Policies"), list) else ("Policies",)
    return (*start, *(step for step in path[2:] if step != "PolicyDocument"))


def _means_all(named: Any) -> bool:
    """Whether one of the names that a policy template gets is `*`: the author has chosen all of them."""
    return isinstance(named, dict) and any(isinstance(name, str) and set(name) == {"*"} for name in named.values())


def _means_anybody(value: Any) -> bool:
    """Whether what a condition asks for is true of everybody: `*`, every address, every account's ARN."""
    text = literal(value)
    if text is None:
        return False
    if text.strip("*?") == "" or text in {"0.0.0.0/0", "::/0"}:
        return True
    fields = text.split(":", 5)
    return (
        fields[0] == "arn" and len(fields) > _NAMESPACE and all(field.strip("*") == "" for field in fields[_NAMESPACE:])
    )
