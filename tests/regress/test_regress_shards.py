"""Parts of a run: shards, which add up to the whole, and a run that somebody stops, which the next one goes on with."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Queue:
    Type: AWS::SQS::Queue
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    Properties:
      MessageRetentionPeriod: {{ cookiecutter.retention }}
      DelaySeconds: {{ cookiecutter.delay }}
"""
ANSWERS = {"project_slug": "queue", "retention": ["60", "120", "180"], "delay": ["0", "1", "2"]}
NUMBER = 9
ALLOWED = 2
# Once it may, it lets no more projects be rendered until somebody says so.
HOOK = f"""\
#!/bin/sh
echo . >> "$COUNTED"
[ -e "$GO" ] || [ "$(wc -l < "$COUNTED")" -le {ALLOWED} ] || sleep 60
"""
PATIENCE = 120.0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    project = tmp_path / "template" / "{{ cookiecutter.project_slug }}"
    project.mkdir(parents=True)
    (project / "template.yaml").write_text(TEMPLATE, encoding="utf-8")
    (tmp_path / "template" / "cookiecutter.json").write_text(json.dumps(ANSWERS), encoding="utf-8")
    return tmp_path


def start(folder: Path, *options: str) -> subprocess.Popen[str]:
    named = {"COUNTED": "counted", "GO": "go", "HOME": "home"}
    return subprocess.Popen(
        [sys.executable, "-m", "generator", "regress", "--template", "template", "--cache", "cache", *options],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **{name: str(folder / path) for name, path in named.items()}},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        # A terminal's Ctrl-C reaches a whole group of processes.
        start_new_session=True,
    )


def report(folder: Path, *options: str) -> dict[str, Any]:
    process = start(folder, "--snapshots", "kept", "--format", "json", *options)
    said, told = process.communicate(timeout=PATIENCE)
    assert process.returncode in (0, 1, 4), told
    return dict(json.loads(said))


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def edit(folder: Path, old: str, new: str) -> None:
    path = folder / "template" / "{{ cookiecutter.project_slug }}" / "template.yaml"
    path.write_text(TEMPLATE.replace(old, new), encoding="utf-8")


def told_of(*reports: dict[str, Any]) -> set[tuple[str, str, str]]:
    """Every finding and change, of each combination that it is told of."""
    return {
        (name, kind, json.dumps({key: value for key, value in entry.items() if key != "combinations"}, sort_keys=True))
        for said in reports
        for kind in ("findings", "changes")
        for entry in said[kind]
        for name in entry["combinations"]
    }


def test_shards_find_together_what_one_run_finds(folder: Path) -> None:
    report(folder, "--update", "--severity", "error", "--jobs", "1")
    edit(folder, "DelaySeconds: {{", "DelaySeconds: 1{{")
    whole = report(folder, "--jobs", "1")
    shards = [report(folder, "--shard", f"{number}/4") for number in (1, 2, 3, 4)]
    again = report(folder, "--shard", "2/4")

    sizes = [len(shard["combinations"]) for shard in shards]
    assert (sum(sizes), max(sizes) - min(sizes)) == (NUMBER, 1)
    assert set().union(*(shard["combinations"] for shard in shards)) == set(whole["combinations"])
    assert again == shards[1]
    assert told_of(*shards) == told_of(whole)
    assert {kind for _, kind, _ in told_of(whole)} == {"findings", "changes"}


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_run_that_is_stopped_goes_on_where_it_was(folder: Path, jobs: str) -> None:
    (folder / "go").touch()
    report(folder, "--update", "--severity", "error", "--jobs", "1")
    kept = contents(folder / "kept")
    assert kept
    edit(folder, "DelaySeconds: {{", "DelaySeconds: 1{{")
    (folder / "template" / "hooks").mkdir()
    hook = folder / "template" / "hooks" / "pre_gen_project.sh"
    hook.write_text(HOOK, encoding="utf-8")
    hook.chmod(0o755)
    (folder / "go").unlink()
    before = len(outcomes(folder))
    process = start(folder, "--snapshots", "kept", "--update", "--severity", "error", "--jobs", jobs)
    wait_for(process, lambda: len(outcomes(folder)) >= before + 1 + ALLOWED)
    os.killpg(process.pid, signal.SIGINT)
    said, told = process.communicate(timeout=PATIENCE)

    assert process.returncode == 128 + signal.SIGINT, told
    assert "Traceback" not in said + told
    assert contents(folder / "kept") == kept
    assert [path.name for path in folder.iterdir() if "kept" in path.name] == ["kept"]
    (folder / "go").touch()
    after = report(folder, "--jobs", "1")
    assert (after["from_cache"], len(after["combinations"])) == (ALLOWED, NUMBER)
    assert len(after["changes"]) == len(ANSWERS["delay"])


def outcomes(folder: Path) -> list[Path]:
    """What the cache has: an outcome each, and for each set of snapshots the combinations that are planned."""
    return list((folder / "cache").glob("??/*.json.gz"))


def wait_for(process: subprocess.Popen[str], condition: Any) -> None:
    until = time.monotonic() + PATIENCE
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until, "It did not come so far."
        time.sleep(0.05)
