"""`samgen validate` as a user runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from sample_projects import broken, sound


def samgen(*arguments: object, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "generator", "validate", *map(str, arguments)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_a_sound_project(tmp_path: Path) -> None:
    done = samgen(folder=sound(tmp_path / "p"))

    assert (done.returncode, done.stdout) == (0, "")
    summary = done.stderr.splitlines()
    assert [line.split("  ")[0] for line in summary[:4]] == [
        "sam validate",
        "cfn-lint (source)",
        "cfn-lint (expanded)",
        "links",
    ]
    assert summary[4] == "Valid: template.yaml, stacks/queues.yaml."


def test_findings_as_text(tmp_path: Path) -> None:
    done = samgen(broken(tmp_path / "p", "missing output"), folder=tmp_path)

    assert done.returncode == 1
    assert done.stdout == (
        "template.yaml:20:11: error link-output: stacks/queues.yaml, which Queues nests, has no output Arn."
        " Add the output to stacks/queues.yaml.\n"
    )
    assert "Valid" not in done.stderr


def test_findings_as_json(tmp_path: Path) -> None:
    done = samgen(broken(tmp_path / "p", "hidden cycle"), "--format", "json", "--jobs", 2, folder=tmp_path)
    data = json.loads(done.stdout)

    assert (done.returncode, done.stderr) == (1, "")
    assert data["ok"] is False
    assert data["templates"] == ["template.yaml", "stacks/queues.yaml"]
    assert [check["name"] for check in data["checks"]][2] == "cfn-lint (expanded)"
    assert {finding["rule"] for finding in data["findings"]} == {"E3004"}


def test_one_template_file(tmp_path: Path) -> None:
    project = broken(tmp_path / "p", "syntax error")

    assert samgen(project / "stacks" / "queues.yaml", "--jobs", 1, folder=tmp_path).returncode == 0


def test_wrong_input(tmp_path: Path) -> None:
    done = samgen("nowhere", folder=tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.strip().endswith("name a project folder or a template file.")
    assert len(done.stderr.strip().splitlines()) == 1
    assert samgen("--jobs", 0, folder=tmp_path).returncode == 2
