"""Good templates in styles that samgen does not write: nothing in them is against categories 1 and 8."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from generator.checks import load_rules
from generator.checks.run import read_case, run_rules
from generator.findings import Severity

FOLDER = Path(__file__).resolve().parent / "good_security"
RULES = {identifier: rule for identifier, rule in load_rules().items() if rule.category in (1, 8)}


@pytest.mark.parametrize("file", sorted(FOLDER.iterdir()), ids=lambda file: file.stem)
def test_a_good_template_passes(file: Path, tmp_path: Path) -> None:
    shutil.copy(file, tmp_path / file.name)
    case = read_case(tmp_path)
    assert case.deployments
    assert all(stack.template.readable for stack in case.deployments[0].stacks)
    assert any(resource.type == "AWS::Lambda::Function" for resource in case.deployments[0].resources())

    found = [finding.as_text() for finding in run_rules(case, RULES) if finding.severity is not Severity.INFO]
    assert found == []


def test_these_are_the_rules_of_two_categories() -> None:
    assert sorted(RULES) == [*(f"SG10{number}" for number in range(1, 8)), *(f"SG80{number}" for number in range(1, 5))]
