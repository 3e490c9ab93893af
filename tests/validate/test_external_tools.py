"""Validation with the commands alone, as a hook runs it where samgen is not installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sample_projects import sound

from generator.validate.external import validate_with_tools

ALONE = """
import sys
for name in ("yaml", "cfnlint", "samcli", "samtranslator", "pydantic", "typer", "boto3", "networkx"):
    sys.modules[name] = None
from generator.validate.external import validate_with_tools
from pathlib import Path
sys.exit(validate_with_tools(Path(sys.argv[1]), print))
"""


def run(project: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> tuple[int, str]:
    monkeypatch.setenv("PATH", path)
    lines: list[str] = []
    code = validate_with_tools(project, lines.append)
    return code, "\n".join(lines)


def fake_tool(file: Path, script: str) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


SCRIPTS = str(Path(sys.executable).parent)


def test_it_needs_nothing_but_the_standard_library(tmp_path: Path) -> None:
    project = sound(tmp_path / "p")
    done = subprocess.run(
        [sys.executable, "-c", ALONE, str(project)],
        env={"PATH": SCRIPTS, "PYTHONPATH": ":".join(sys.path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "sam validate --template-file template.yaml --region us-west-2: ok",
        "sam validate --template-file template.yaml --region us-west-2 --lint: ok",
        "cfn-lint -- template.yaml: ok",
    ]


def test_findings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tools = tmp_path / "bin"
    fake_tool(tools / "cfn-lint", "echo 'E1020 bad reference'; exit 2")
    fake_tool(tools / "sam", "exit 0")
    code, said = run(sound(tmp_path / "p"), monkeypatch, f"{tools}:/bin")

    assert code == 1
    assert "cfn-lint -- template.yaml: failed\n  E1020 bad reference" in said


def test_missing_tools_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, said = run(sound(tmp_path / "p"), monkeypatch, str(tmp_path))

    assert code == 0
    assert "sam was not found" in said
    assert "cfn-lint was not found" in said


def test_no_template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(tmp_path, monkeypatch, SCRIPTS)[0] == 1


def test_every_template_below_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_tool(tmp_path / "bin" / "cfn-lint", "exit 0")
    for folder in ("p", "p/stacks/a", "p/.aws-sam/build", "p/node_modules/x"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "template.yaml").write_text("Resources: {}\n")

    _, said = run(tmp_path / "p", monkeypatch, str(tmp_path / "bin"))
    assert "cfn-lint -- template.yaml stacks/a/template.yaml: ok" in said
