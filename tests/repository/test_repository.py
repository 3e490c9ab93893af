"""What a clone must hold: its fixed top level, honest dependency files, and documents that do not lie."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
import tomlkit
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

REPOSITORY = Path(__file__).resolve().parents[2]
PYTHONS = ("3.10", "3.11", "3.12", "3.13")
PIN = re.compile(r'[a-z0-9-]+==[\w.]+( ; python_version [<>]=? "[\d.]+"( and python_version [<>]=? "[\d.]+")?)?')
# Joined here, so that this file does not hold what it looks for.
_HALVES = [("py", r"pi\."), ("python", "hosted"), ("npm", "js"), ("ruby", "gems"), ("index", "-url")]
REGISTRIES = re.compile("|".join(left + right for left, right in _HALVES))


def project() -> dict[str, Any]:
    metadata: dict[str, Any] = tomlkit.parse((REPOSITORY / "pyproject.toml").read_text("utf-8")).unwrap()["project"]
    return metadata


def requirements() -> list[Requirement]:
    metadata = project()
    return [Requirement(text) for text in metadata["dependencies"] + metadata["optional-dependencies"]["dev"]]


def constraints() -> list[str]:
    return (REPOSITORY / "constraints.txt").read_text("utf-8").splitlines()


def repository_files() -> list[Path]:
    """The files that git tracks or would track."""
    if not (REPOSITORY / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY,
        capture_output=True,
        check=True,
    )
    paths = [REPOSITORY / name.decode() for name in listed.stdout.split(b"\0") if name]
    return [path for path in paths if path.is_file()]


@pytest.mark.parametrize(
    "name",
    [
        "<<cookiecutter.project_slug>>/template.yaml",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "LICENSE",
        "Makefile",
        "README.md",
        "benchmarks/new.py",
        "constraints.txt",
        "cookiecutter.json",
        "docs/design.md",
        "generator/py.typed",
        "hooks/post_gen_project.py",
        "hooks/pre_gen_project.py",
        "pyproject.toml",
        "runtimes/python",
        ".ci/run",
        ".editorconfig",
        ".github/workflows/ci.yml",
        ".gitignore",
        ".pre-commit-config.yaml",
    ],
)
def test_the_top_level_is_complete(name: str) -> None:
    assert (REPOSITORY / name).exists()


def test_the_license_is_the_whole_apache_license() -> None:
    text = (REPOSITORY / "LICENSE").read_text("utf-8")
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text
    assert project()["license"] == "Apache-2.0"


def test_cookiecutter_is_told_the_delimiters_of_the_template() -> None:
    settings = json.loads((REPOSITORY / "cookiecutter.json").read_text("utf-8"))["_jinja2_env_vars"]
    assert settings["variable_start_string"] == "<<"
    assert settings["variable_end_string"] == ">>"
    assert settings["comment_start_string"] == "<#"
    assert settings["line_statement_prefix"] == "#%"
    assert "line_comment_prefix" not in settings, "'##' would eat the headings of Markdown files"


@pytest.mark.parametrize("requirement", requirements(), ids=lambda requirement: requirement.name)
def test_a_dependency_is_bounded_below_and_above(requirement: Requirement) -> None:
    assert {">=", "<"} <= {specifier.operator for specifier in requirement.specifier}


@pytest.mark.parametrize("line", constraints())
def test_a_constraint_is_a_name_and_a_version(line: str) -> None:
    assert PIN.fullmatch(line)


@pytest.mark.parametrize("python", PYTHONS)
def test_each_python_gets_one_version_of_each_package(python: str) -> None:
    pins: dict[str, list[Requirement]] = defaultdict(list)
    for line in constraints():
        pin = Requirement(line)
        if pin.marker is None or pin.marker.evaluate({"python_version": python}):
            pins[canonicalize_name(pin.name)].append(pin)
    assert {name for name, found in pins.items() if len(found) > 1} == set()
    for requirement in requirements():
        (pin,) = pins[canonicalize_name(requirement.name)]
        (exactly,) = pin.specifier
        assert exactly.version in requirement.specifier, f"{pin} is outside of {requirement}"


def test_no_file_names_a_package_registry() -> None:
    guilty = [path for path in repository_files() if REGISTRIES.search(path.read_text("utf-8", errors="replace"))]
    assert guilty == []


def test_there_is_no_lock_file() -> None:
    names = {path.name for path in repository_files()}
    assert {name for name in names if name.endswith(".lock") or name in {"package-lock.json", "pylock.toml"}} == set()


def test_every_make_target_explains_itself() -> None:
    makefile = (REPOSITORY / "Makefile").read_text("utf-8")
    (phony,) = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    explained = re.findall(r"^([a-z-]+):.*## \S", makefile, re.MULTILINE)
    assert sorted(phony.split()) == sorted(explained)
    assert {"demo", "test", "lint", "help"} <= set(explained)


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_alone_shows_the_help() -> None:
    shown = subprocess.run(["make"], cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    assert re.search(r"^  make demo +\S", shown, re.MULTILINE)
    assert re.search(r"^  make test +\S", shown, re.MULTILINE)


def test_ci_runs_what_a_contributor_runs() -> None:
    script = REPOSITORY / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    assert "make test" in script.read_text("utf-8").splitlines()
    subprocess.run(["bash", "-n", str(script)], check=True)


def test_the_workflow_covers_every_supported_python_and_asks_for_little() -> None:
    workflow = yaml.safe_load((REPOSITORY / ".github/workflows/ci.yml").read_text("utf-8"))
    assert tuple(workflow["jobs"]["test"]["strategy"]["matrix"]["python"]) == PYTHONS
    assert workflow["permissions"] == {"contents": "read"}
    actions = [step["uses"] for job in workflow["jobs"].values() for step in job["steps"] if "uses" in step]
    assert all(re.fullmatch(r"actions/[a-z-]+@v\d+", action) for action in actions)
    assert project()["requires-python"] == f">={PYTHONS[0]}"


def test_pre_commit_accepts_its_configuration_and_needs_nothing_from_elsewhere() -> None:
    path = REPOSITORY / ".pre-commit-config.yaml"
    subprocess.run([sys.executable, "-m", "pre_commit", "validate-config", str(path)], check=True)
    assert [entry["repo"] for entry in yaml.safe_load(path.read_text("utf-8"))["repos"]] == ["local"]


def test_the_design_names_a_test_that_exists_for_every_hostile_input() -> None:
    design = (REPOSITORY / "docs" / "design.md").read_text("utf-8")
    rows = re.findall(r"^\| (.+?) \| (.+?) \| (.+?) \|$", design.partition("## Hostile input")[2], re.MULTILINE)[1:]
    assert len(rows) > 10
    for hostile, _, tests in rows:
        named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", tests)
        assert named, f"no test is named for {hostile}"
        for path, test in named:
            source = (REPOSITORY / path).read_text("utf-8")
            assert re.search(rf"^def {test}\(", source, re.MULTILINE), f"{path}::{test} does not exist"
            for kinds in re.findall(r"\(([^()]+)\)$", tests):
                assert all(f'"{kind}"' in source for kind in kinds.split(", ")), f"{path} does not know all of {kinds}"
