"""What the template's hooks do when cookiecutter is called directly: the same checks as `samgen new`.

Runs under cookiecutter's own Python, with the answers as data. Prints, as there is no command line above it.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from generator.errors import SamgenError
from generator.merge.state import record
from generator.render.engine import render_units
from generator.render.names import template_names
from generator.spec.lintdata import runtime_lifecycle

_VALIDATORS = ("cfnlint", "samcli", "samtranslator", "networkx")


def _say(message: str) -> None:
    print(message, file=sys.stderr)  # noqa: T201 (a hook has no other way to speak)


def pre_gen_project(answers: Mapping[str, Any]) -> int:
    """Check the answers; returns the hook's exit code, 1 where they cannot be used."""
    try:
        template_names(answers)
    except SamgenError as error:
        _say(str(error))
        return 1
    return 0


def post_gen_project(answers: Mapping[str, Any]) -> int:
    """Complete and validate the project in the current folder; returns the hook's exit code."""
    project = Path.cwd()
    try:
        render_units(answers, project)
        record(project)
        return _validate(project)
    except SamgenError as error:
        _say(str(error))
        return 1


def _validate(project: Path) -> int:
    missing = [name for name in _VALIDATORS if find_spec(name) is None]
    if missing:
        from generator.validate.external import validate_with_tools

        if runtime_lifecycle() is None:
            _say("cfn-lint's data was not found: whether Lambda still supports the runtimes was not checked.")
        return validate_with_tools(project, _say)
    from generator.validate import validate_project

    report = validate_project(project)
    for finding in report.findings:
        _say(finding.as_text())
    for check in report.checks:
        _say(f"{check.name}: {check.templates} templates, {check.findings} findings")
    return 0 if report.ok else 1
