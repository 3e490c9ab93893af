"""Statements of policies, wherever a template has them, and where the author wrote each; no rule of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from generator.checks.case import as_list, literal
from generator.checks.rule import Place, Problem
from generator.project import Resource

ROLE = "AWS::IAM::Role"
Path = tuple[str | int, ...]

# What can do something: the property with its policies, or with its one.
_WITH_POLICIES = {ROLE, "AWS::IAM::User", "AWS::IAM::Group"}
_POLICIES = {
    "AWS::IAM::Policy",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::RolePolicy",
    "AWS::IAM::UserPolicy",
    "AWS::IAM::GroupPolicy",
}
# What something can be done to.
OF_RESOURCES = {
    "AWS::Events::EventBusPolicy": "Statement",
    "AWS::KMS::Key": "KeyPolicy",
    "AWS::S3::BucketPolicy": "PolicyDocument",
    "AWS::SNS::TopicPolicy": "PolicyDocument",
    "AWS::SQS::QueuePolicy": "PolicyDocument",
    "AWS::SecretsManager::ResourcePolicy": "ResourcePolicy",
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
                says = "Not" not in str(operator) and any(literal(item) != "*" for item in as_list(value))
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
        """Whether it speaks of everybody in the world."""
        principal = self.body.get("Principal")
        named = as_list(principal.get("AWS")) if isinstance(principal, dict) else as_list(principal)
        return any(literal(item) == "*" for item in named)

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
        yield from statements(resource, resource.get("PolicyDocument"), ("PolicyDocument",))


def resource_statements(resource: Resource) -> Iterator[Statement]:
    """What may be done to what a resource's policy belongs to."""
    name = OF_RESOURCES.get(resource.type)
    if name == "Statement":
        body = resource.get(name)
        if isinstance(body, dict):
            yield Statement(resource, (name,), body)
    elif name is not None:
        yield from statements(resource, resource.get(name), (name,))


def trust_statements(role: Resource) -> Iterator[Statement]:
    """Who may take a role."""
    yield from statements(role, role.get("AssumeRolePolicyDocument"), ("AssumeRolePolicyDocument",))


def statements(resource: Resource, document: Any, path: Path) -> Iterator[Statement]:
    """The statements of a policy document; none where it is no document."""
    found = document.get("Statement") if isinstance(document, dict) else None
    if isinstance(found, dict):
        yield Statement(resource, (*path, "Statement"), found)
    for index, body in enumerate(found if isinstance(found, list) else ()):
        if isinstance(body, dict):
            yield Statement(resource, (*path, "Statement", index), body)


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
    steps = path if resource.owner == resource.logical_id else _before_sam(path)
    if not steps or not isinstance(written, dict) or steps[0] not in written:
        renamed = ("DefinitionBody", *path[1:]) if path[:1] == ("Body",) else ()
        if not renamed or not isinstance(written, dict) or "DefinitionBody" not in written:
            return resource.place()
        steps = renamed
    line, column = template.line_of("Resources", resource.owner, "Properties", *steps)
    return template.name, line, column


def _before_sam(path: Path) -> Path:
    """The path of a policy in what SAM makes a role of: its documents stand in the list themselves."""
    return tuple(step for step in path if step != "PolicyDocument") if path[:1] == ("Policies",) else path
