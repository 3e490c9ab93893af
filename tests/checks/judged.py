"""What the rules say of a project on disk, together with the tools where a rule repeats what they say."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from generator.checks import load_rules
from generator.checks.run import read_case, run_rules
from generator.checks.select import ADOPTING
from generator.findings import Finding
from generator.validate import Validator


@cache
def validator() -> Validator:
    """One for all, as it loads cfn-lint; it ends with this process."""
    return Validator(jobs=1)


def judge(project: Path, *rules: str) -> list[Finding]:
    """What rules find, all of them where none is named; the tools are asked where a rule repeats what they say."""
    registry = load_rules()
    chosen = {identifier: registry[identifier] for identifier in rules or registry}
    said = validator().validate(project).findings if set(chosen) & set(ADOPTING) else ()
    return run_rules(read_case(project, said), chosen)
