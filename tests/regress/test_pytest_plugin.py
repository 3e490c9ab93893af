"""`pytest --samgen-matrix` as a platform team has it, over a small template of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., "subprocess.CompletedProcess[str]"]

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties: {InlineCode: x, Handler: a.b, Runtime: python3.13, MemorySize: {{ cookiecutter.memory }}}
{%- if cookiecutter.queue == "fifo" %}
  Queue: {Type: AWS::SQS::Queue, Properties: {FifoQueue: true}}
{%- elif cookiecutter.queue == "odd" and cookiecutter.memory == "256" %}
{{ 1 // 0 }}
{%- endif %}
"""
TESTS = """\
import pathlib, sys

def test_memory(samgen_project):
    (function,) = samgen_project.resources("AWS::Lambda::Function")
    assert function[:2] == ("template.yaml", "Hello")
    assert function[2]["Properties"]["MemorySize"] == int(samgen_project.choices["memory"])
    assert samgen_project.templates["template.yaml"]["Resources"]["Hello"]["Type"] == "AWS::Serverless::Function"
    note(samgen_project)

def test_no_queue(samgen_project):
    note(samgen_project)
    assert "AWS::SQS::Queue" not in {resource["Type"] for _, _, resource in samgen_project.resources()}

def test_findings(samgen_project):
    assert {"SG502"} <= {finding.rule for finding in samgen_project.findings}

def note(project):
    with pathlib.Path("paths").open("a") as file:
        print(project.path, file=file)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A team's repository: a template and tests."""
    project = tmp_path / "template" / "{{ cookiecutter.name }}"
    project.mkdir(parents=True)
    questions = {"name": "svc", "queue": ["none", "fifo"], "memory": ["128", "256"]}
    (project.parent / "cookiecutter.json").write_text(json.dumps(questions), encoding="utf-8")
    (project / "template.yaml").write_text(TEMPLATE, encoding="utf-8")
    (tmp_path / "test_team.py").write_text(TESTS, encoding="utf-8")
    return tmp_path


@pytest.fixture
def run(folder: Path) -> Run:
    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", "-q", *arguments],
            cwd=folder,
            env={**kept, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(folder / "cache")},
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )

    return call


def test_tests_run_over_every_combination(run: Run, folder: Path) -> None:
    done = run("--samgen-matrix", "--samgen-template", "template")

    assert done.returncode == 1, done.stdout + done.stderr
    assert "2 failed, 10 passed" in done.stdout
    failed = re.findall(r"FAILED test_team.py::(\w+)\[", done.stdout)
    assert failed == ["test_no_queue", "test_no_queue"]
    # A failure says what its combination is.
    sections = re.findall(r"-+ combination (\w+) -+\n(.*)\n(.*)\n", done.stdout)
    assert {part for _, *choices in sections for part in choices} == {"queue: fifo", "memory: 128", "memory: 256"}
    # Two tests of each of four combinations noted where it is: it was rendered once.
    noted = (folder / "paths").read_text("utf-8").split()
    assert (len(noted), len(set(noted))) == (8, 4)


def test_shards_are_parts_of_the_whole(run: Run) -> None:
    def collected(*options: str) -> list[str]:
        done = run("--samgen-matrix", "--samgen-template", "template", "--collect-only", *options)
        assert done.returncode == 0, done.stdout + done.stderr
        return re.findall(r"^test_team.py::\S+$", done.stdout, re.M)

    whole, first, second = collected(), collected("--samgen-shard", "1/2"), collected("--samgen-shard", "2/2")
    assert len(whole) == 12
    assert len(first) == len(second)
    assert sorted(first + second) == sorted(whole)


def test_without_the_option_tests_are_skipped_and_nothing_is_loaded(run: Run, folder: Path) -> None:
    conftest = (
        "import sys\ndef pytest_unconfigure(): print(sorted(n for n in sys.modules if n.startswith('generator')))\n"
    )
    (folder / "conftest.py").write_text(conftest, encoding="utf-8")
    done = run("-rs")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 skipped" in done.stdout
    assert "--samgen-matrix is not given" in done.stdout
    assert "['generator', 'generator.regress', 'generator.regress.plugin']" in done.stdout


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--samgen-template", "nowhere"), "nowhere is no cookiecutter template: it has no cookiecutter.json."),
        (("--samgen-template", "template", "--samgen-shard", "3/2"), "'3/2' is not I/N, such as 1/4."),
        (("--samgen-template", "template", "--samgen-matrix-file", "nowhere"), "nowhere is no file."),
        (("--samgen-template", "template", "--samgen-strength", "9"), "invalid choice: 9"),
    ],
)
def test_a_wrong_option_is_a_usage_error(run: Run, options: tuple[str, ...], told: str) -> None:
    done = run("--samgen-matrix", *options)

    assert done.returncode == 4
    assert told in done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_a_combination_that_does_not_render_is_a_failure(run: Run, folder: Path) -> None:
    questions = {"name": "svc", "queue": ["none", "odd"], "memory": ["128", "256"]}
    (folder / "template" / "cookiecutter.json").write_text(json.dumps(questions), encoding="utf-8")
    done = run("--samgen-matrix", "--samgen-template", "template", "-k", "no_queue")

    assert re.search(r"3 passed, .*1 error", done.stdout), done.stdout
    assert re.search(r"\w{8} does not render: template does not render: integer division", done.stdout)
    assert "Traceback" not in done.stdout


def test_the_example_of_the_docs_works(run: Run, folder: Path) -> None:
    page = (ROOT / "docs" / "regress.md").read_text("utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", page, re.S)
    (folder / "test_team.py").write_text(example, encoding="utf-8")
    template = folder / "template" / "{{ cookiecutter.name }}" / "template.yaml"
    template.write_text(TEMPLATE + "  Kept: {Type: AWS::DynamoDB::Table, DeletionPolicy: Retain}\n", encoding="utf-8")

    assert run("--samgen-matrix", "--samgen-template", "template").returncode == 0
    template.write_text(TEMPLATE + "  Lost: {Type: AWS::DynamoDB::Table}\n", encoding="utf-8")
    done = run("--samgen-matrix", "--samgen-template", "template")
    assert done.returncode == 1
    assert "template.yaml: Lost" in done.stdout
