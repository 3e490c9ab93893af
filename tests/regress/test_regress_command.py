"""`samgen regress` as users have it, over a small template of a platform team's own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pexpect
import pytest

from scripts.sarif_schema import sarif_schema as schema_of_sarif

ROOT = Path(__file__).resolve().parents[2]

COOKIECUTTER = {
    "project_slug": "queue",
    "encrypted": ["yes", "no"],
    "retention": ["60", "120"],
    "fifo": False,
    "_private": ["a", "b"],
}
TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Description: A queue of the platform's
Resources:
  Queue:
    Type: AWS::SQS::Queue
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    Properties:
      MessageRetentionPeriod: {{ cookiecutter.retention }}
{%- if cookiecutter.encrypted == "yes" %}
      SqsManagedSseEnabled: true
{%- endif %}
{%- if cookiecutter.fifo %}
      FifoQueue: true
{%- endif %}
"""


@pytest.fixture
def template(tmp_path: Path) -> Path:
    root = tmp_path / "template"
    project = root / "{{ cookiecutter.project_slug }}"
    project.mkdir(parents=True)
    (root / "cookiecutter.json").write_text(json.dumps(COOKIECUTTER), encoding="utf-8")
    (project / "template.yaml").write_text(TEMPLATE, encoding="utf-8")
    return root


@dataclass(frozen=True)
class Run:
    """`samgen regress` over the template, as a process."""

    folder: Path
    template: Path

    def __call__(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        process = self.start(*arguments, **variables)
        out, err = process.communicate(timeout=300)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        """Begin it, in a process group of its own."""
        places = {"PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(self.folder / "cache"), "HOME": str(self.folder)}
        command = [sys.executable, "-m", "generator", "regress", "--template", str(self.template)]
        return subprocess.Popen(
            [*command, "--severity", "error", *arguments],
            cwd=self.folder,
            env={**os.environ, **places, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,
        )


@pytest.fixture
def run(tmp_path: Path, template: Path) -> Run:
    return Run(tmp_path, template)


@pytest.fixture(scope="session")
def sarif_schema(tmp_path_factory: pytest.TempPathFactory) -> Any:
    try:
        return schema_of_sarif(tmp_path_factory.mktemp("schema"))
    except RuntimeError as error:
        pytest.skip(str(error))


def edit(template: Path, old: str, new: str) -> None:
    path = template / "{{ cookiecutter.project_slug }}" / "template.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_accept_then_compare_then_find_a_change(run: Run, template: Path, tmp_path: Path) -> None:
    first = run("--snapshots", "kept", "--update")
    assert (first.returncode, first.stderr.count("Wrote kept.")) == (0, 1), first.stderr
    kept = {path: path.read_bytes() for path in (tmp_path / "kept").rglob("*") if path.is_file()}

    again = run("--snapshots", "kept")
    assert again.returncode == 0, again.stdout
    assert "4 of them known" in again.stderr
    assert "All as the snapshots say." in again.stderr
    # Accepted again, the same bytes.
    run("--snapshots", "kept", "--update", "--no-cache")
    assert {path: path.read_bytes() for path in (tmp_path / "kept").rglob("*") if path.is_file()} == kept

    edit(template, "      FifoQueue: true\n", "      FifoQueue: true\n      ContentBasedDeduplication: true\n")
    edit(template, "  Queue:\n", "  WorkQueue:\n")
    changed = run("--snapshots", "kept", "--format", "json")
    report = json.loads(changed.stdout)
    assert changed.returncode == 4
    assert (report["sound"], report["same"]) == (True, False)
    by_kind = {change["kind"]: change for change in report["changes"]}
    assert set(by_kind) == {"added", "removed", "renamed"}
    assert (by_kind["renamed"]["consequence"], by_kind["renamed"]["loses_data"]) == ("replace", True)
    assert by_kind["renamed"]["renamed"] == "WorkQueue"
    fifo = [name for name, choices in report["combinations"].items() if choices["fifo"] == "true"]
    added = [change for change in report["changes"] if change["kind"] == "added"]
    assert sorted(name for change in added for name in change["combinations"]) == sorted(fifo)


def test_a_finding_is_another_reason_than_a_change(run: Run, template: Path) -> None:
    run("--snapshots", "kept", "--update")
    edit(template, "      FifoQueue: true\n", "      FifoQueues: true\n")
    broken = run("--snapshots", "kept")

    assert broken.returncode == 1
    assert "FifoQueues" in broken.stdout
    assert "(fifo: true)" in broken.stdout
    # Findings are not accepted away.
    refused = run("--snapshots", "kept", "--update")
    assert refused.returncode == 1
    assert "The snapshots stay as they are" in refused.stderr


def test_shards_add_up_to_the_whole(run: Run) -> None:
    whole = json.loads(run("--format", "json").stdout)
    parts = [json.loads(run("--format", "json", "--shard", f"{n}/3", "--no-cache").stdout) for n in (1, 2, 3)]

    assert sorted(name for part in parts for name in part["combinations"]) == sorted(whole["combinations"])
    assert {len(part["combinations"]) for part in parts} <= {1, 2}
    matrix = json.loads(run("--github-matrix", "3").stdout)
    assert matrix == {"shard": ["1/3", "2/3", "3/3"]}


def test_reports_that_programs_read(run: Run, template: Path) -> None:
    run("--snapshots", "kept", "--update")
    edit(template, "MessageRetentionPeriod:", "DelaySeconds: 1\n      MessageRetentionPeriod:")
    suite = ET.fromstring(run("--snapshots", "kept", "--format", "junit").stdout)  # noqa: S314 - our own
    assert suite.get("tests") == suite.get("failures") == "4"
    annotations = run("--snapshots", "kept", "--format", "github").stdout.splitlines()
    (change,) = (line for line in annotations if "title=snapshot::" in line)
    assert change.startswith("::warning file=template/{{ cookiecutter.project_slug }}/template.yaml,")
    assert "Properties.DelaySeconds: nothing → 1%0A" in change


def test_code_scanning_gets_findings_and_changes(run: Run, template: Path, sarif_schema: Any) -> None:
    run("--snapshots", "kept", "--update")
    edit(template, "MessageRetentionPeriod:", "Other: 1\n      MessageRetentionPeriod:")
    edit(template, "    DeletionPolicy: Retain\n", "")
    data = json.loads(run("--snapshots", "kept", "--format", "sarif").stdout)

    jsonschema.Draft7Validator(sarif_schema).validate(data)
    (sarif,) = data["runs"]
    rules = [rule["id"] for rule in sarif["tool"]["driver"]["rules"]]
    assert all(rules[result["ruleIndex"]] == result["ruleId"] for result in sarif["results"])
    levels = {(result["ruleId"], result["level"]) for result in sarif["results"]}
    assert {("SG203", "error"), ("snapshot-changed", "warning")} <= levels
    place = "template/%7B%7B%20cookiecutter.project_slug%20%7D%7D/template.yaml"
    found = [result["locations"][0]["physicalLocation"] for result in sarif["results"] if result["ruleId"] == "SG203"]
    assert [(at["artifactLocation"]["uri"], at["region"]["startLine"]) for at in found] == [(place, 8)]


def test_since_a_revision_only_what_changed_is_looked_at(run: Run, template: Path, tmp_path: Path) -> None:
    extra = template / "{{ cookiecutter.project_slug }}" / "{% if cookiecutter.fifo %}NOTES.md{% endif %}"
    extra.write_text("first in, first out\n", encoding="utf-8")
    run("--snapshots", "kept", "--update")
    for command in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "a"]):
        subprocess.run(["git", "-C", str(template), *command], check=True, capture_output=True)

    nothing = json.loads(run("--snapshots", "kept", "--since", "HEAD", "--format", "json").stdout)
    assert (nothing["combinations"], nothing["same"]) == ({}, True)
    edit(template, "Description: A queue", "Description: The queue")
    changed = run("--snapshots", "kept", "--since", "HEAD", "--format", "json")
    assert (changed.returncode, len(json.loads(changed.stdout)["combinations"])) == (4, 4)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--shard", "4/3"], "'4/3' is not I/N"),
        (["--shard", "x"], "'x' is not I/N"),
        (["--update"], "--update needs --snapshots DIR"),
        (["--snapshots", "s", "--update", "--shard", "1/2"], "goes without --shard"),
        (["--since", "HEAD"], "--since needs --snapshots DIR"),
        (["--since", "HEAD", "--snapshots", "s"], "--since asks git in"),
        (["--matrix", "nowhere.yaml"], "nowhere.yaml is no file"),
        (["--snapshots", "template", "--update"], "template holds something else than snapshots"),
        (["--template", "."], ". is no cookiecutter template"),
        (["--strength", "4"], "The matrix has 3 axes"),
        (["--output", "no/such/folder"], "cannot be written"),
    ],
)
def test_wrong_input_is_one_sentence(run: Run, arguments: list[str], said: str) -> None:
    done = run(*arguments)

    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_damaged_snapshots_are_told(run: Run, tmp_path: Path) -> None:
    run("--snapshots", "kept", "--update")
    (tmp_path / "kept" / "variants" / "AWS%3A%3ASQS%3A%3AQueue.json").write_text("{}", encoding="utf-8")
    done = run("--snapshots", "kept")

    assert done.returncode == 2
    assert "kept is damaged" in done.stderr


def test_a_terminal_sees_how_far_it_is_and_keeps_nothing_of_it(template: Path, tmp_path: Path) -> None:
    command = ["-m", "generator", "regress", "--template", str(template), "--severity", "error", "--no-cache"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "80", "NO_COLOR": "1"}
    child = pexpect.spawn(sys.executable, command, cwd=str(tmp_path), env=environment, timeout=120, encoding="utf-8")
    child.expect(r"4/4\s+\S+/s\s+00:00")
    child.expect(pexpect.EOF)

    # The cursor is shown again, and the bar's line is wiped.
    assert "00:00\r\n\x1b[?25h\r\x1b[1A\x1b[2K" in child.before


# Lets three combinations through, and the others when a file is there: none of this is part of the template's version.
HOOK = """\
import os, pathlib, time
folder = pathlib.Path(os.environ["GATE"])
(folder / str(os.getpid())).touch()
while len(list(folder.iterdir())) > 3 and not (folder / "open").exists():
    time.sleep(0.05)
"""


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_an_interrupted_run_goes_on_where_it_was(template: Path, run: Run, tmp_path: Path, jobs: str) -> None:
    (template / "hooks").mkdir()
    (template / "hooks" / "pre_gen_project.py").write_text(HOOK, encoding="utf-8")
    gate = tmp_path / "gate"
    gate.mkdir()
    arguments = ("--snapshots", "kept", "--update", "--jobs", jobs)
    process = run.start(*arguments, GATE=str(gate))
    deadline = time.monotonic() + 120
    while len(list(gate.iterdir())) < 4 and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(1)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)

    assert process.returncode == 130, err
    assert "Traceback" not in out + err
    assert len(err.strip().splitlines()) == 1, err
    assert not (tmp_path / "kept").exists()
    (gate / "open").touch()
    again = run(*arguments, GATE=str(gate))
    assert again.returncode == 0, again.stderr
    (known,) = re.findall(r"4 combinations, (\d) of them known", again.stderr)
    assert int(known) == 3 if jobs == "1" else int(known) >= 2


def test_what_hooks_say_is_told_where_they_fail_and_nowhere_else(template: Path, run: Run) -> None:
    (template / "hooks").mkdir()
    hook = template / "hooks" / "post_gen_project.py"
    says = 'import os, sys\nprint("Enjoy!")\nos.system("echo a tool; echo trouble >&2")\n'
    hook.write_text(says, encoding="utf-8")
    done = run("--format", "json")
    assert json.loads(done.stdout)
    assert "trouble" not in done.stderr

    hook.write_text(f"{says}sys.exit('no licence')\n", encoding="utf-8")
    failed = run("--jobs", "1")
    assert failed.returncode == 1
    assert "no licence" in failed.stdout
    assert "Enjoy" not in failed.stdout + failed.stderr
