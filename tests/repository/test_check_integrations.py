"""The pre-commit hook and the GitHub Action that other repositories use."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from generator.cli import app

REPOSITORY = Path(__file__).resolve().parents[2]
ACTION = REPOSITORY / "action.yml"
HOOKS = REPOSITORY / ".pre-commit-hooks.yaml"
PAGE = (REPOSITORY / "docs" / "check.md").read_text("utf-8")


def action() -> dict[str, Any]:
    data = yaml.safe_load(ACTION.read_text("utf-8"))
    assert isinstance(data, dict)
    return data


def script() -> str:
    """What the action's last step runs."""
    return str(action()["runs"]["steps"][-1]["run"])


def test_pre_commit_accepts_the_hook() -> None:
    subprocess.run([sys.executable, "-m", "pre_commit", "validate-manifest", str(HOOKS)], check=True)
    (hook,) = yaml.safe_load(HOOKS.read_text("utf-8"))

    assert hook["entry"] == "samgen check"
    assert f"id: {hook['id']}" in PAGE
    for name in ("template.yaml", "stacks/a.yml", "a.json", "x/samconfig.toml", "a.template"):
        assert re.search(hook["files"], name)
    assert not re.search(hook["files"], "src/app.py")


def test_the_action_is_one_by_its_schema() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-actions", str(ACTION)]
    subprocess.run(command, check=True)


def test_no_input_becomes_a_part_of_a_script() -> None:
    for step in action()["runs"]["steps"]:
        assert "${{" not in step.get("run", "")
        if "uses" in step:
            assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", step["uses"])


def test_the_page_knows_every_input_of_the_action() -> None:
    said = PAGE.partition("The inputs are")[2]

    assert all(f"`{name}`" in said for name in action()["inputs"])


def run(folder: Path, **inputs: str) -> list[str]:
    """The arguments that `samgen` gets from the action."""
    program = folder / "samgen" / "bin" / "samgen"
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text('#!/usr/bin/env bash\nprintf "%s\\0" "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    defaults = {name: str(given["default"]) for name, given in action()["inputs"].items()}
    values = {**defaults, **inputs}
    step = action()["runs"]["steps"][-1]
    wanted = {key: re.fullmatch(r"\$\{\{ inputs\.([\w-]+) \}\}", text) for key, text in step["env"].items()}
    environment = {key: values[match[1]] for key, match in wanted.items() if match}
    assert len(environment) == len(wanted)
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-euo", "pipefail", "-c", script()],
        env={"PATH": "/usr/bin:/bin", "RUNNER_TEMP": str(folder), **environment},
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split("\0")[:-1]


def test_the_action_without_inputs(tmp_path: Path) -> None:
    assert run(tmp_path) == ["check", "--format=github", "--severity=warning", "--", "."]


def test_the_action_passes_every_input_on(tmp_path: Path) -> None:
    given = run(
        tmp_path, paths="a\n\nb c\n", output="o.sarif", select="SG1", ignore="SG2", environment="dev", baseline="k"
    )

    assert given == [
        "check", "--format=github", "--severity=warning", "--output=o.sarif", "--select=SG1", "--ignore=SG2",
        "--environment=dev", "--baseline=k", "--", "a", "b c",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["$(touch made)", "`touch made`", "; touch made", '"; touch made; "', "--list", "*"])
def test_hostile_inputs_stay_text(tmp_path: Path, text: str) -> None:
    given = run(tmp_path, paths=text, select=text)

    assert given[-1] == text
    assert f"--select={text}" in given
    assert not (tmp_path / "made").exists()


def test_the_page_knows_every_option() -> None:
    command = typer.main.get_command(app).commands["check"]  # type: ignore[attr-defined]
    options = {name for parameter in command.params for name in parameter.opts if name.startswith("--")}

    assert options >= {"--format", "--baseline"}
    assert [name for name in sorted(options - {"--help"}) if name not in PAGE] == []
