"""`cookiecutter PATH`: the same bytes, the same checks of answers, and what it does where little is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from generator.merge.state import record
from generator.render import render_project
from generator.spec.answers import Answers
from generator.spec.load import spec_from

REPOSITORY = Path(__file__).resolve().parents[2]
FUNCTIONS = ["orders:python3.13:GET /orders/{id}", "nightly:python3.14:rate(1 hour)"]
BLOCKER = """
import importlib.util, sys
real = importlib.util.find_spec
GONE = {"pydantic", "cfnlint", "samcli", "samtranslator", "networkx"}
importlib.util.find_spec = lambda name, *rest: None if name.split(".")[0] in GONE else real(name, *rest)
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in GONE:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Refuse())
"""


def cookiecutter(
    folder: Path, *answers: str, path: str | None = None, bare: bool = False, beside: Path = REPOSITORY
) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(beside)}
    if bare:
        site = folder.parent / "bare"
        site.mkdir(exist_ok=True)
        (site / "sitecustomize.py").write_text(BLOCKER)
        env["PYTHONPATH"] = f"{site}{os.pathsep}{beside}"
        env["PATH"] = path or "/nowhere"
    command = [sys.executable, "-m", "cookiecutter", str(REPOSITORY), "--no-input", "-o", str(folder), *answers]
    return subprocess.run(command, env=env, cwd=folder, capture_output=True, text=True, check=False)


def tree(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


@pytest.fixture
def expected(tmp_path: Path) -> dict[str, bytes]:
    answers = Answers("orders", functions=FUNCTIONS, allow_cidrs=["10.0.0.0/8"], authorization="cognito")
    render_project(spec_from(answers.document(), "the answers"), tmp_path / "expected")
    record(tmp_path / "expected")
    return tree(tmp_path / "expected")


RICH = ("project_slug=orders", f"functions={'; '.join(FUNCTIONS)}", "allowed_cidrs=10.0.0.0/8", "authorization=cognito")


def test_the_same_answers_give_the_same_bytes(folder: Path, expected: dict[str, bytes]) -> None:
    done = cookiecutter(folder, *RICH)
    assert done.returncode == 0, done.stderr
    assert tree(folder / "orders") == expected
    assert "cfn-lint (expanded): 7 templates, 0 findings" in done.stderr


def test_a_bare_cookiecutter_renders_the_same_and_says_what_it_did_not_check(
    folder: Path, expected: dict[str, bytes]
) -> None:
    done = cookiecutter(folder, *RICH, bare=True)
    assert done.returncode == 0, done.stderr
    assert tree(folder / "orders") == expected
    assert "sam was not found" in done.stderr
    assert "cfn-lint was not found" in done.stderr


@pytest.mark.parametrize("verdict", [0, 1])
def test_a_bare_cookiecutter_asks_the_tools_it_finds(folder: Path, verdict: int) -> None:
    tools = folder.parent / "tools"
    tools.mkdir()
    for name in ("sam", "cfn-lint"):
        (tools / name).write_text(f'#!/bin/sh\necho "{name} $*" >> {folder.parent}/called\nexit {verdict}\n')
        (tools / name).chmod(0o755)
    done = cookiecutter(folder, *RICH, bare=True, path=f"{tools}:/usr/bin:/bin")
    called = (folder.parent / "called").read_text()
    assert called.count("sam validate") == 12
    assert "cfn-lint" in called
    assert (done.returncode == 0) is (verdict == 0)
    assert (folder / "orders").exists() is (verdict == 0)


@pytest.mark.parametrize("bare", [False, True])
@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("project_slug=../evil", "is not a name"),
        ("project_slug=/tmp/evil", "is not a name"),
        ("environments=Dev", "environments[0].name"),
        ("functions=hello:python3.14:DROP TABLE", "is not a trigger"),
        ("functions=hello:ruby9", "is not a runtime"),
        ("allowed_cidrs=0.0.0.0/0", "public: true"),
        ("api_name=x'y", "is not an API name"),
        ("owner=$(id)", "is not a tag value"),
        ("region=us-west", "is not a region"),
        ("account=12", "12 digits"),
    ],
)
def test_bad_answers_are_refused_with_a_sentence(folder: Path, answer: str, told: str, bare: bool) -> None:
    done = cookiecutter(folder, answer, bare=bare)
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert told in said
    assert "Traceback" not in said
    assert list(folder.iterdir()) == []
    assert not (folder.parent / "evil").exists()


@pytest.mark.parametrize(
    "description",
    ["#% if x", "'; touch here; ' << 7 * 7 >> {{ 7 * 7 }}", '"""; raise SystemExit(7) $(touch here)'],
)
def test_an_answer_never_becomes_code(folder: Path, description: str) -> None:
    done = cookiecutter(folder, "project_slug=orders", f"description={description}")
    assert done.returncode == 0, done.stderr
    assert not list(folder.rglob("here"))
    import yaml

    assert yaml.safe_load((folder / "orders/samgen.yaml").read_text("utf-8"))["service"]["description"] == description


def test_another_samgen_beside_cookiecutter_is_refused(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(REPOSITORY / "generator", other / "generator", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("cookiecutter.json", "runtimes", "hooks"):
        (other / name).symlink_to(REPOSITORY / name)
    done = cookiecutter(folder, "project_slug=orders", beside=other)
    assert done.returncode != 0
    assert f"Another samgen than this template's stands in {other / 'generator'}" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(folder.iterdir()) == []
