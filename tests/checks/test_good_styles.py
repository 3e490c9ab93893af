"""Good projects in styles that samgen does not write: a careful engineer's, who never heard of it, have no finding.

`good_projects` are whole: encrypted, watched, tagged and released step by step; every rule looks at them. `good_parts`
are parts of others, each with much of what categories 1 and 8 look at in another spelling.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from judged import judge

from generator.checks import load_rules
from generator.checks.run import read_case
from generator.findings import Severity

HERE = Path(__file__).resolve().parent
PROJECTS = sorted((HERE / "good_projects").iterdir())
PARTS = sorted((HERE / "good_parts").iterdir())
OF_PARTS = [identifier for identifier, rule in load_rules().items() if rule.category in (1, 8)]
AT_LEAST = 12


def objections(project: Path, *rules: str) -> list[str]:
    """What is found and is more than advice."""
    return [finding.as_text() for finding in judge(project, *rules) if finding.severity is not Severity.INFO]


@pytest.mark.parametrize("project", PROJECTS, ids=lambda project: project.name)
def test_a_good_project_of_another_style_passes_every_rule(project: Path) -> None:
    case = read_case(project)
    assert case.deployments
    assert all(stack.template.readable for deployment in case.deployments for stack in deployment.stacks)
    assert any(case.of_type("AWS::Lambda::Function"))

    assert objections(project, *load_rules()) == []


@pytest.mark.parametrize("file", PARTS, ids=lambda file: file.stem)
def test_a_good_part_passes(file: Path, tmp_path: Path) -> None:
    shutil.copy(file, tmp_path / file.name)
    case = read_case(tmp_path)
    assert all(stack.template.readable for stack in case.deployments[0].stacks)
    assert any(resource.type == "AWS::Lambda::Function" for resource in case.deployments[0].resources())

    assert objections(tmp_path, *OF_PARTS) == []


def test_there_are_projects_of_every_style() -> None:
    assert len(PROJECTS) >= AT_LEAST
    assert sorted(OF_PARTS) == [*(f"SG10{n}" for n in range(1, 8)), *(f"SG80{n}" for n in range(1, 5))]
