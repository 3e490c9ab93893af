"""Our verdict is that of the commands `sam validate` and `cfn-lint`, on good and on bad templates."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sample_projects import BROKEN, ROOT, sound

from generator.validate import Report, validate_project

SCRIPTS = Path(sys.executable).parent
ENVIRONMENT = {**os.environ, "SAM_CLI_TELEMETRY": "0", "AWS_REGION": "us-west-2"}
TRANSLATED = ("template", "syntax-error", "unknown-reference", "translator", "hidden-cycle", "missing-child")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder with the sound template and, beside it, each broken one."""
    folder = sound(tmp_path_factory.mktemp("verdict") / "p")
    for how, (old, new, _) in BROKEN.items():
        (folder / f"{how.replace(' ', '-')}.yaml").write_text(ROOT.replace(old, new, 1))
    return folder


@pytest.fixture(scope="module")
def report(project: Path) -> Report:
    return validate_project(project)


def run(folder: Path, tool: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(SCRIPTS / tool), *arguments]
    return subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False)


def unreadable(report: Report) -> set[str]:
    return {finding.file for finding in report.findings if finding.rule == "yaml"}


def test_sam_validate(project: Path, report: Report) -> None:
    def accepted(name: str) -> bool:
        command = ("validate", "--template-file", f"{name}.yaml", "--region", "us-west-2")
        return run(project, "sam", *command).returncode == 0

    with ThreadPoolExecutor(2) as threads:
        theirs = dict(zip(TRANSLATED, threads.map(accepted, TRANSLATED), strict=True))
    refused = {finding.file for finding in report.findings if finding.tool == "sam validate"}

    assert {name: f"{name}.yaml" not in refused for name in TRANSLATED} == theirs
    assert set(theirs.values()) == {True, False}


def test_cfn_lint(project: Path, report: Report) -> None:
    done = run(project, "cfn-lint", "--format", "json", "--", *report.templates)
    theirs = {
        (match["Filename"], match["Rule"]["Id"], start["LineNumber"], start["ColumnNumber"])
        for match in json.loads(done.stdout)
        for start in [match["Location"]["Start"]]
    }
    ours = {(f.file, f.rule, f.line, f.column) for f in report.findings if f.tool == "cfn-lint"}

    # We do not ask cfn-lint about what cannot be read; it says as much in words of its own.
    assert unreadable(report) == {file for file, rule, _, _ in theirs if rule == "E0000"}
    assert ours == {match for match in theirs if match[1] != "E0000"}
    assert len({rule for _, rule, _, _ in ours}) >= 6
