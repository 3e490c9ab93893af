"""No wildcard action in a policy of an identity; each `Resource: "*"` is on docs/iam.md and cannot be limited."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from example_projects import EXAMPLES, ROOT, project
from test_matrix import CASES, combined, pairwise

from generator.project import load_project
from generator.render import render_project
from generator.spec import lintdata
from generator.spec.load import spec_from
from generator.spec.request_models import model_files

ROLES = {
    "AWS::IAM::Role",
    "AWS::IAM::Policy",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::UserPolicy",
    "AWS::IAM::GroupPolicy",
}
POLICIES = {"AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy", "AWS::Events::EventBusPolicy"}
PAGE = (ROOT / "docs" / "iam.md").read_text("utf-8")


@dataclass(frozen=True)
class Statement:
    """A statement of a policy, actions and resources as lists."""

    template: str
    owner: str
    sid: str
    effect: str
    actions: tuple[str, ...]
    everything: bool
    keys: frozenset[str]


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def statements(folder: Path, identities: bool) -> Iterator[Statement]:
    """Every statement in a project's templates: of what acts, or of what is acted on."""
    for template in load_project(folder).templates:
        for name, resource in template.section("Resources").items():
            properties = resource.get("Properties", {})
            if identities and resource["Type"] in ROLES:
                documents = [policy["PolicyDocument"] for policy in properties.get("Policies", [])]
                documents += [properties["PolicyDocument"]] if "PolicyDocument" in properties else []
            elif not identities and resource["Type"] in POLICIES | {"AWS::KMS::Key"}:
                documents = [properties.get("PolicyDocument") or properties["KeyPolicy"]]
            else:
                continue
            for document in documents:
                for statement in document["Statement"]:
                    yield _statement(template.name, name, statement)


def _statement(template: str, owner: str, statement: dict[str, Any]) -> Statement:
    actions = tuple(map(str, listed(statement.get("Action", []))))
    everything = "*" in listed(statement.get("Resource", []))
    effect = statement["Effect"]
    return Statement(template, owner, statement.get("Sid", ""), effect, actions, everything, frozenset(statement))


def rows(heading: str) -> list[tuple[str, ...]]:
    section = PAGE.partition(f"## {heading}")[2].partition("\n## ")[0]
    found = [
        [cell.strip().strip("`") for cell in line.split("|")[1:-1]] for line in section.splitlines() if "|" in line
    ]
    return [tuple(row) for row in found[2:]]


UNLIMITED = rows('Every `Resource: "*"`')
OF_RESOURCES = rows("Policies of resources")


def cannot_be_limited(action: str) -> bool:
    service, _, name = action.partition(":")
    data = lintdata.iam_actions()
    assert data is not None
    return "Resources" not in data[service]["Actions"][name.lower()]


def check_identities(folder: Path, asked_for: frozenset[str] = frozenset()) -> set[tuple[str, ...]]:
    """Hold a project to the page; returns the rows that it needs."""
    used: set[tuple[str, ...]] = set()
    found = list(statements(folder, identities=True))
    assert len(found) > 3
    for statement in found:
        where = f"{statement.template}#{statement.owner} {statement.sid}"
        assert not {"NotAction", "NotResource"} & statement.keys, where
        if statement.effect == "Allow":
            assert not [action for action in statement.actions if "*" in action or "?" in action], where
        for action in statement.actions if statement.everything and statement.effect == "Allow" else ():
            assert cannot_be_limited(action), f"{where}: {action} can be limited"
            covering = {
                row for row in UNLIMITED
                if row[2] == action and fnmatchcase(statement.template, row[0]) and fnmatchcase(statement.owner, row[1])
            }  # fmt: skip
            assert covering or action in asked_for, f"{where}: {action} is not on docs/iam.md"
            used |= covering
    return used


def test_the_page_lists_what_the_examples_need_and_no_more() -> None:
    used = set[tuple[str, ...]]().union(*(check_identities(project(name)) for name in EXAMPLES))
    assert sorted(UNLIMITED) == sorted(used)
    assert all(reason for *_, reason in UNLIMITED)


DOCUMENTS = [*(data for _, data in CASES), *(combined(row) for row in pairwise())]


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(4))
def test_every_option_keeps_to_the_page(chunk: int, tmp_path: Path) -> None:
    checked = 0
    for number, data in enumerate(DOCUMENTS[chunk::4]):
        spec = spec_from(data, "the document")
        asked_for = {a for f in spec.functions for p in f.permissions for a in p.actions or []}
        models = {name: {"type": "object"} for name in model_files(spec)}
        render_project(spec, tmp_path / str(number), models)
        check_identities(tmp_path / str(number), frozenset(asked_for))
        checked += 1
    assert checked > 20


@pytest.mark.parametrize("example", EXAMPLES)
def test_policies_of_resources_name_their_actions_too(example: str) -> None:
    for statement in statements(project(example), identities=False):
        wild = [action for action in statement.actions if "*" in action]
        if wild:
            row = next(
                row for row in OF_RESOURCES
                if row[2] == statement.sid
                and fnmatchcase(statement.template, row[0])
                and fnmatchcase(statement.owner, row[1])
            )  # fmt: skip
            assert all(action in row[3] for action in wild)
            assert statement.effect == "Deny" or row[1] == "EncryptionKey"


def test_managed_policies_are_listed() -> None:
    known = {policy for _, policy, _ in rows("Managed policies")}
    for example in EXAMPLES:
        for template in load_project(project(example)).templates:
            for resource in template.section("Resources").values():
                for arn in listed(resource.get("Properties", {}).get("ManagedPolicyArns", [])):
                    if ":policy/" in str(arn):  # the others are managed here
                        assert re.split("[/}]", str(arn).rstrip("'}"))[-1] in known, arn


def test_a_wildcard_would_be_noticed() -> None:
    assert cannot_be_limited("xray:PutTraceSegments")
    assert not cannot_be_limited("dynamodb:GetItem")
    assert _statement("t", "o", {"Effect": "Allow", "Action": "s3:*", "Resource": ["a", "*"]}).everything
