"""The table of what scanners may object to, and what stands in the templates' Metadata."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from generator.project import expand, load_project
from scripts import examples
from scripts.scan.failure import TABLE, Failure, Suppression, compare, suppressions

ROWS = suppressions(TABLE.read_text("utf-8"))
FOUND = Failure("checkov", "CKV_1", "stacks/functions/template.yaml#HelloFunction", "No", "minimal")
ACCEPTED = Suppression("checkov", "CKV_1", "stacks/functions*/template.yaml#*Function", "Because")


def test_every_row_of_the_table_is_read_and_has_a_reason() -> None:
    lines = [line for line in TABLE.read_text("utf-8").splitlines() if line.startswith("| ")]
    assert len(ROWS) == len(lines) - 1 > 10
    assert all(len(row.reason) > 10 for row in ROWS)
    assert len({(row.tool, row.rule, row.place) for row in ROWS}) == len(ROWS)


def test_what_is_listed_is_accepted() -> None:
    assert compare([FOUND], [ACCEPTED]) == ([], [])


@pytest.mark.parametrize(
    "row",
    [
        Suppression("guard", "CKV_1", ACCEPTED.place, "Another tool"),
        Suppression("checkov", "CKV_2", ACCEPTED.place, "Another rule"),
        Suppression("checkov", "CKV_1", "stacks/api/template.yaml#*", "Another place"),
    ],
    ids=lambda row: row.reason,
)
def test_what_is_not_listed_and_what_is_stale_is_named(row: Suppression) -> None:
    assert compare([FOUND], [row]) == ([FOUND], [row])


def in_metadata(resource: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Tool, rule and reason of each suppression of a resource."""
    metadata = resource.get("Metadata", {})
    for skip in metadata.get("checkov", {}).get("skip", []):
        yield "checkov", skip["id"], skip["comment"]
    for skip in metadata.get("cfn_nag", {}).get("rules_to_suppress", []):
        yield "cfn_nag", skip["id"], skip["reason"]
    for rule in metadata.get("cfn-lint", {}).get("config", {}).get("ignore_checks", []):
        yield "cfn-lint", rule, "in the table"


@pytest.fixture(scope="module", params=[spec.parent.name for spec in examples.specs()])
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    spec = examples.EXAMPLES / request.param / "samgen.yaml"
    return examples.render(spec, tmp_path_factory.mktemp("examples"))


def test_what_a_template_suppresses_is_listed(project: Path) -> None:
    found = 0
    for template in load_project(project).templates:
        data = expand(template, "us-west-2").data
        assert data is not None
        for name, resource in data["Resources"].items():
            if resource["Type"] == "AWS::Lambda::EventInvokeConfig":  # SAM copies the function's Metadata here too
                continue
            for tool, rule, reason in in_metadata(resource):
                failure = Failure(tool, rule, f"{template.name}#{name}")
                assert any(row.covers(failure) for row in ROWS), failure
                assert reason
                found += 1
    assert found


def test_the_examples_counts_are_shown(project: Path) -> None:
    shown = examples.counts(project)
    assert re.match(r"\d+ files, \d+ templates, \d+ resources of \d+ types \(\d+ functions, \d+ alarms\), 0", shown)
