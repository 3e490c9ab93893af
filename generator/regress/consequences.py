"""What CloudFormation would do to a service that is deployed already, where a change of the template reaches it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from generator.changes.model import Consequence
from generator.changes.schemas import schema_of
from generator.changes.stateful import is_stateful
from generator.regress.compare import Change, Kind

REGION = "us-east-1"
"""Whose schemas are asked: those of the region with the most types; which properties replace is the same everywhere."""

# What SAM makes of its own types, where properties keep their names.
# https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources.html
_MADE = {
    "AWS::Serverless::Function": "AWS::Lambda::Function",
    "AWS::Serverless::Api": "AWS::ApiGateway::RestApi",
    "AWS::Serverless::HttpApi": "AWS::ApiGatewayV2::Api",
    "AWS::Serverless::SimpleTable": "AWS::DynamoDB::Table",
    "AWS::Serverless::StateMachine": "AWS::StepFunctions::StateMachine",
    "AWS::Serverless::LayerVersion": "AWS::Lambda::LayerVersion",
    "AWS::Serverless::Application": "AWS::CloudFormation::Stack",
}
_RECORDS = {"Metadata", "DependsOn", "DeletionPolicy", "UpdateReplacePolicy", "Condition"}


@dataclass(frozen=True)
class Effect:
    """What a change does.

    Attributes:
        consequence: what CloudFormation does to the resource.
        loses: whether it holds data, which would be lost or left behind.
    """

    consequence: Consequence
    loses: bool = False

    @property
    def words(self) -> str:
        """The effect in words; empty where nothing happens."""
        said = _WORDS[self.consequence]
        return f"{said}, WITH THE DATA THAT IT HOLDS" if self.loses else said


_WORDS = {
    Consequence.RECORD: "stays as it is",
    Consequence.CREATE: "is created",
    Consequence.PUBLISH: "is published anew",
    Consequence.UPDATE: "is updated in place",
    Consequence.DELETE: "is deleted",
    Consequence.MAY_REPLACE: "may be replaced",
    Consequence.REPLACE: "is replaced",
}


def effect_of(change: Change) -> Effect | None:
    """What a change does; None for what is no resource."""
    if change.part.section != "Resources" or not change.type:
        return None
    kind = _MADE.get(change.type, change.type)
    found = _consequence(change, kind)
    bad = found in (Consequence.DELETE, Consequence.REPLACE, Consequence.MAY_REPLACE)
    return Effect(found, bad and is_stateful(kind))


def _consequence(change: Change, kind: str) -> Consequence:
    if change.kind is Kind.ADDED:
        return Consequence.CREATE
    if change.kind is Kind.REMOVED:
        return Consequence.DELETE
    if change.kind is Kind.RENAMED:
        # To CloudFormation the old one is gone, and there is a new one.
        return Consequence.REPLACE
    return max((_of_edit(kind, edit.path, edit.before, edit.after) for edit in change.edits), key=lambda c: c.rank)


def _of_edit(kind: str, path: tuple[Any, ...], before: Any, after: Any) -> Consequence:
    if path[:1] == ("Type",):
        return Consequence.REPLACE
    if path and path[0] in _RECORDS:
        return Consequence.RECORD
    inner = tuple(path[1:])
    return schema_of(REGION, kind).change(inner, _around(inner, before), _around(inner, after))


def _around(path: tuple[Any, ...], value: Any) -> Any:
    """A value in the properties that it stands in, of which nothing else is asked."""
    for step in reversed(path):
        value = {step: value}
    return value
