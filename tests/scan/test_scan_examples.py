"""The part of `make scan` that needs no tool of its own, on both examples."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from scripts import examples
from scripts.scan import expanded, tools
from scripts.scan.failure import TABLE, compare, suppressions


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> list[expanded.Expanded]:
    folder = tmp_path_factory.mktemp("scan")
    projects = [examples.render(spec, folder / "examples") for spec in examples.specs()]
    return [expanded.write(project, folder / "scan" / project.name) for project in projects]


def test_cfn_nags_rules_object_to_what_is_listed_and_to_nothing_else(scanned: list[expanded.Expanded]) -> None:
    listed = [row for row in suppressions(TABLE.read_text("utf-8")) if row.tool == "cfn_nag"]
    found = [replace(failure, project=one.name) for one in scanned for failure in tools.nag(one)]
    unlisted, stale = compare(found, listed)
    assert not unlisted, "\n".join(map(str, unlisted))
    assert not stale


def test_the_openapi_document_is_resolved(scanned: list[expanded.Expanded]) -> None:
    for one in scanned:
        assert one.openapi is not None
        text = one.openapi.read_text("utf-8")
        assert "Fn::" not in text
        assert '"Ref"' not in text


def test_every_parameter_has_a_value_of_prod(scanned: list[expanded.Expanded]) -> None:
    for one in scanned:
        values = one.parameters()
        assert values["Environment"] == "prod"
        assert values["AllowedIpv4Cidrs"]
        assert values["DeploymentPreference"].startswith("Canary")


def test_a_tool_that_is_not_there_is_no_pass(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="cannot be run"):
        tools.run(tmp_path / "no-such-tool")
