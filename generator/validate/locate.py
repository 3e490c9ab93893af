"""From an expansion back to its source: which resource of the author's a finding is about."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from generator.findings import Finding
from generator.project.expand import owner_of
from generator.project.template import Template
from generator.validate.lint import Hit

SOURCE_TOOL = "cfn-lint"
EXPANDED_TOOL = "cfn-lint (expanded)"

# A local path where AWS wants an address: `sam build` and `sam package` replace it.
_LOCAL_CODE = "W3002"
# SAM resolves the references that made `Fn::Sub` needed.
_NEEDLESS_SUB = "W1020"
# SAM uses up references, so "never used" is only true of the source; and what SAM does not touch
# has been linted there.
_ONLY_SOURCE = {"Parameters", "Mappings", "Conditions", "Rules", "Metadata", "Transform", "Description"}
_ATTRIBUTES = {"E1010", "E6101"}
_UNKNOWN_ACTION = "W3037"
_ACTION = re.compile(r'"[a-z0-9-]+:([A-Za-z]+)"')
# Where cfn-lint follows a nested stack, it finds what the links check says more plainly.
_SAID_BY_LINKS = {
    "E3004": "link-cycle",
    "E3043": "link-parameter",
    "E6101": "link-output",
    "E1010": "link-output",
    "E1019": "link-output",
}


def source_finding(template: Template, hit: Hit) -> Finding:
    """A finding of cfn-lint on the source, as it stands."""
    return Finding(template.name, hit.line, hit.column, hit.rule, hit.severity, hit.message, "", SOURCE_TOOL)


def without_blind(hits: Iterable[Hit]) -> list[Hit]:
    """What cfn-lint says of a source that SAM expands, without what it cannot know there.

    To types of SAM that it has no attributes of, such as `AWS::Serverless::GraphQLApi`, no `Fn::GetAtt` leads; in the
    expansion they are CloudFormation's, and what has no meaning has none there either.
    """
    return [hit for hit in hits if hit.rule not in _ATTRIBUTES or " is not one of [] in [" not in hit.message]


def with_owners_metadata(template: Template, data: dict[str, Any]) -> dict[str, Any]:
    """The expansion with each resource's suppressions put back, which SAM drops.

    A generated resource has those of the resource that it was generated from.
    """
    data = {**data, "Resources": dict(data.get("Resources", {}))}
    resources = data["Resources"]
    for logical_id, resource in resources.items():
        owner = template.resources.get(owner_of(template, logical_id) or "")
        metadata = owner.get("Metadata") if owner else None
        if isinstance(metadata, dict) and "cfn-lint" in metadata and isinstance(resource, dict):
            own = dict(resource.get("Metadata") or {})
            own.setdefault("cfn-lint", copy.deepcopy(metadata["cfn-lint"]))
            resources[logical_id] = {**resource, "Metadata": own}
    return data


def expanded_findings(
    template: Template, hits: Iterable[Hit], on_source: Iterable[Hit], links: Iterable[Finding]
) -> Iterator[Finding]:
    """What only the expansion shows, at the lines of the source.

    Args:
        template: the source.
        hits: what cfn-lint says about the expansion.
        on_source: what it says about the source, which is not said twice.
        links: what the links check says, likewise.
    """
    said = {(hit.rule, _subject(template, hit.path)) for hit in on_source}
    linked = [finding for finding in links if finding.file == template.name]
    for hit in hits:
        if (
            hit.rule in {_LOCAL_CODE, _NEEDLESS_SUB}
            or _is_sams_own(template, hit)
            or (hit.path and hit.path[0] in _ONLY_SOURCE)
        ):
            continue
        if (hit.rule, _subject(template, hit.path)) in said or _is_linked(template, hit, linked):
            continue
        place = template.place(*_source_path(template, hit.path))
        message = _naming_generated(template, hit)
        yield Finding(*place, hit.rule, hit.severity, message, "", EXPANDED_TOOL)


def _subject(template: Template, path: tuple[str | int, ...]) -> tuple[str | int | None, ...]:
    if len(path) > 1 and path[0] == "Resources":
        return ("Resources", owner_of(template, str(path[1])))
    return tuple(path[:2])


def _source_path(template: Template, path: tuple[str | int, ...]) -> tuple[str | int, ...]:
    if len(path) < 2 or path[0] != "Resources":  # noqa: PLR2004
        return path
    owner = owner_of(template, str(path[1]))
    if owner is None:
        return ("Resources",)
    # Of a generated resource only the owner is known; its properties are not the owner's.
    return ("Resources", owner, *path[2:]) if owner == path[1] else ("Resources", owner)


def _is_linked(template: Template, hit: Hit, linked: Iterable[Finding]) -> bool:
    rule = _SAID_BY_LINKS.get(hit.rule)
    same = [finding for finding in linked if finding.rule == rule]
    if rule == "link-cycle":
        # cfn-lint says it once a member of the cycle, links once a cycle, naming the members.
        return any(str(hit.path[1]) in finding.message.split() for finding in same if len(hit.path) > 1)
    _, line, _ = template.place(*_source_path(template, hit.path))
    return any(finding.line == line for finding in same)


def _is_sams_own(template: Template, hit: Hit) -> bool:
    """Whether an action that IAM does not know is one of SAM's own policies: SQSPollerPolicy has two of them."""
    if hit.rule != _UNKNOWN_ACTION or not _is_generated(template, hit):
        return False
    unknown = hit.message.partition(" ")[0].strip("'")
    return unknown in _actions_of_policies()


@cache
def _actions_of_policies() -> frozenset[str]:
    """The actions in SAM's policy templates, as cfn-lint writes them: small, and without their services."""
    from samtranslator.policy_templates_data import POLICY_TEMPLATES_FILE

    text = Path(POLICY_TEMPLATES_FILE).read_text(encoding="utf-8")
    return frozenset(name.lower() for name in _ACTION.findall(text))


def _is_generated(template: Template, hit: Hit) -> bool:
    return len(hit.path) > 1 and hit.path[0] == "Resources" and hit.path[1] not in template.resources


def _naming_generated(template: Template, hit: Hit) -> str:
    if _is_generated(template, hit):
        return f"In {hit.path[1]}, which SAM generates: {hit.message}"
    return hit.message
