"""The command line itself: help, version, wrong usage, and a quick start."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from doors import Door


def test_the_version_is_printed(samgen: Door) -> None:
    from generator import __version__

    run = samgen("--version")
    assert (run.code, run.out, run.err) == (0, f"samgen {__version__}\n", "")


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["new", "--help"], ["schema", "--help"]])
def test_help_is_printed(samgen: Door, arguments: list[str]) -> None:
    run = samgen(*arguments)
    assert (run.code, run.err) == (0, "")
    assert "Usage: samgen" in run.out


def test_every_flag_has_help(samgen: Door) -> None:
    text = samgen("new", "--help", COLUMNS="200").out
    for flag in ("--environment", "--function", "--allow-cidr", "--public", "--spec", "--dry-run", "--skip-validation"):
        assert flag in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nwe"], "No such command 'nwe'"),
        (["--nope"], "No such option: --nope"),
        (["new", "--zzzz"], "No such option: --zzzz: 'samgen new --help' lists what is possible."),
        (["schema", "extra"], "unexpected extra argument"),
    ],
)
def test_wrong_usage_is_one_message(samgen: Door, arguments: list[str], message: str) -> None:
    assert message in samgen.refuses(*arguments)


def test_the_schema_is_the_packages(samgen: Door) -> None:
    from generator.spec.schema import schema_text

    run = samgen("schema")
    assert (run.code, run.err) == (0, "")
    assert run.out == schema_text()
    assert json.loads(run.out)["title"] == "samgen.yaml"


def test_the_start_loads_nothing_heavy(samgen: Door) -> None:
    code = (
        "import sys, generator.cli; "
        "print(sorted({'pydantic', 'yaml', 'cfnlint', 'samtranslator', 'cookiecutter', 'jinja2', 'questionary', "
        "'prompt_toolkit', 'networkx', 'multiprocessing'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=dict(samgen.environment), capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
