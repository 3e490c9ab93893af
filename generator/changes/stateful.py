"""Resources that hold something, and what becomes of it when one is deleted or replaced."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

from generator.changes.model import Consequence, Danger, Notice
from generator.changes.schemas import identity, schema_of
from generator.project import Resource
from generator.project.load import NESTING

# What is lost, in words; of other types that cfn-lint takes for stateful it is "what it holds".
_LOSS = {
    "AWS::Cognito::UserPool": ("user pool", "all users and their passwords"),
    "AWS::DynamoDB::GlobalTable": ("table", "all items"),
    "AWS::DynamoDB::Table": ("table", "all items"),
    "AWS::EFS::FileSystem": ("file system", "all files"),
    "AWS::FSx::FileSystem": ("file system", "all files"),
    "AWS::KMS::Key": ("key", "everything encrypted with it, once the key's waiting period is over"),
    "AWS::Kinesis::Stream": ("stream", "all records that are not read yet"),
    "AWS::Logs::LogGroup": ("log group", "all logs"),
    "AWS::S3::Bucket": ("bucket", "all objects"),
    "AWS::SQS::Queue": ("queue", "all messages that are not read yet"),
    "AWS::SecretsManager::Secret": ("secret", "the secret's value"),
}
_SNAPSHOT_BY_DEFAULT = ("AWS::RDS::DBCluster", "AWS::RDS::DBInstance")
_RETAINED = ("Retain", "RetainExceptOnCreate")


@cache
def _types() -> dict[str, Any]:
    """The types that cfn-lint takes for stateful."""
    text = (resources.files("cfnlint.data") / "AdditionalSpecs" / "StatefulResources.json").read_text("utf-8")
    return dict(json.loads(text)["ResourceTypes"])


def is_stateful(kind: str) -> bool:
    """Whether resources of a type hold data that is not in the template."""
    return kind in _types() and kind not in NESTING


def words(resource: Resource) -> str:
    """What it is, in words: `The table dev-orders (stacks/data/template.yaml, Orders)`."""
    kind = _LOSS.get(resource.type, (resource.type.rpartition("::")[2], ""))[0]
    name = f" {resource.name}" if resource.name else ""
    return f"The {kind}{name} ({resource.stack.template.name}, {resource.logical_id})"


def policy(resource: Resource, attribute: str) -> str:
    """What a template wants done with the old resource: `Delete` where it says nothing and AWS does nothing else."""
    value = resource.definition.get(attribute)
    if isinstance(value, str):
        return value
    in_cluster = "DBClusterIdentifier" in resource.properties
    snapshot = attribute == "DeletionPolicy" and resource.type in _SNAPSHOT_BY_DEFAULT and not in_cluster
    return "Snapshot" if snapshot else "Delete"


def deletion_warning(resource: Resource, *, kept_with_stack: bool) -> Notice | None:
    """What to say about a stateful resource that the template does not have any more; None for any other."""
    if not is_stateful(resource.type):
        return None
    wanted = "Retain" if kept_with_stack else policy(resource, "DeletionPolicy")
    return _warning(resource, "is deleted", "DeletionPolicy", wanted)


def replacement_warnings(before: Resource, after: Resource, consequence: Consequence, region: str) -> list[Notice]:
    """What to say about a replaced resource: that its name stands in the way, or what is lost."""
    sure = consequence is Consequence.REPLACE
    if (name := _taken(before, after, region)) is not None:
        # CloudFormation refuses it and rolls back, so nothing is lost either.
        must = "has to be replaced" if sure else "may have to be replaced"
        message = (
            f"{words(after)} {must}, but keeps its fixed name {name}: CloudFormation makes the new one first, and the "
            f"name is taken. {'The' if sure else 'Then the'} deployment fails; give it another name."
        )
        return [Notice(Danger.FAILS, message, after.stack.template.name, after.logical_id)]
    if not is_stateful(before.type):
        return []
    policies = {policy(resource, "UpdateReplacePolicy") for resource in (before, after)}
    # Where one of the two templates would not keep it, nothing promises that it is kept.
    wanted = policies.pop() if len(policies) == 1 else "Delete"
    return [_warning(before, "is replaced" if sure else "may be replaced", "UpdateReplacePolicy", wanted)]


def _taken(before: Resource, after: Resource, region: str) -> str | None:
    """The name that a replacement would have to share with what it replaces; None where it need not."""
    schema = schema_of(region, after.type)
    name = identity(after, schema)
    # A name with what is replaced itself in it is another one afterwards.
    if name is None or any("#" in str(part) and "<" in str(part) for part in name):
        return None
    return "/".join(map(str, name)) if name == identity(before, schema) else None


def _warning(resource: Resource, verb: str, attribute: str, wanted: str) -> Notice:
    loss = _LOSS.get(resource.type, ("", ""))[1] or "what it holds"
    place = (resource.stack.template.name, resource.logical_id)
    if wanted in _RETAINED:
        message = f"{words(resource)} {verb}: the old one is left behind with {loss}, outside of any stack ({wanted})."
        return Notice(Danger.LEFT, message, *place)
    if wanted == "Snapshot":
        message = f"{words(resource)} {verb}: a snapshot is left behind; what comes after it is lost."
        return Notice(Danger.LEFT, message, *place)
    rest = ""
    if _types()[resource.type].get("DeleteRequiresEmptyResource"):
        rest = " While it is not empty, AWS refuses to delete it."
    message = f"{words(resource)} {verb}: {loss} would be lost, as no {attribute} keeps the old one.{rest}"
    return Notice(Danger.LOST, message, *place)
