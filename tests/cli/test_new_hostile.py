"""Hostile answers: each is refused with one message and nothing on disk, or is only text in the project."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from doors import InProcess
from hypothesis import given, settings
from hypothesis import strategies as st

HOSTILE = {
    "quote": "a'b",
    "double-quote": 'a"b',
    "backtick": "a`id`",
    "newline": "a\nb: c",
    "carriage-return": "a\rb",
    "cookiecutter-value": "<<cookiecutter>>",
    "cookiecutter-line": "#% include 'x'",
    "cookiecutter-note": "<# x #>",
    "jinja-value": "{{ 7 * 7 }}",
    "jinja-line": "{% raw %}",
    "substitution": "${AWS::Region}",
    "dynamic-reference": "{{resolve:ssm:x}}",
    "yaml-tag": "!Ref Parameter",
    "python-tag": "!!python/object/apply:os.system [id]",
    "shell": "$(touch pwned); rm -rf .",
    "parent": "../x",
    "absolute": "/etc/x",
    "backslash": "..\\x",
    "dot": ".",
    "dots": "..",
    "right-to-left": "a\u202eb",
    "zero-width": "a\u200bb",
    "homoglyph": "ord\u0435rs",
    "full-width": "\uff41bc",
    "surrogate": "a\udcffb",
    "null": "a\0b",
    "escape": "a\x1b[31mb",
    "long": "a" * 10_000,
    "space": " ",
    "emoji": "\U0001f600",
}
RESERVED = ["con", "nul", "aux", "prn", "com1", "lpt9"]
# Fields of free text take what is visible on one line; all others take none of the above.
STRICT: dict[str, Callable[[str], tuple[str, ...]]] = {
    "name": lambda value: ("--", value),
    "environment": lambda value: ("-e", value, "--", "orders"),
    "function": lambda value: ("-f", value, "--", "orders"),
    "api-name": lambda value: (f"--api-name={value}", "orders"),
    "authorization": lambda value: (f"--authorization={value}", "orders"),
    "cidr": lambda value: (f"--allow-cidr={value}", "orders"),
    "region": lambda value: (f"--region={value}", "orders"),
    "account": lambda value: (f"--account={value}", "orders"),
    "environment's region": lambda value: (f"-edev:{value}", "orders"),
    "function's runtime": lambda value: (f"-fhello:{value}", "orders"),
    "function's trigger": lambda value: (f"-fhello::{value}", "orders"),
    "function's path": lambda value: (f"-fhello::GET /{value}\\", "orders"),
}


def _assert_refused(run: Any, folder: str) -> None:
    assert run.code == 2, run
    assert run.out == ""
    first, *others = run.err.rstrip("\n").split("\n")
    assert first
    assert all(line.startswith("  ") for line in others)
    assert all(c.isprintable() or c == "\n" for c in run.err)
    assert len(run.err) < 2_000
    assert list(Path(folder).iterdir()) == []


# Nothing but spaces between the colons of a short form takes the default.
OPTIONAL = {"environment's region", "function's runtime", "function's trigger"}
CASES = [(field, kind) for field in STRICT for kind in HOSTILE if (field not in OPTIONAL or kind != "space")]


@pytest.mark.parametrize(("field", "kind"), CASES)
def test_a_field_with_a_grammar_refuses_it(field: str, kind: str, samgen_here: InProcess) -> None:
    with tempfile.TemporaryDirectory() as folder:
        flags = ("--no-input", "--skip-validation", "--no-git", "-o", folder)
        _assert_refused(samgen_here("new", *flags, *STRICT[field](HOSTILE[kind])), folder)


@pytest.mark.parametrize("name", RESERVED)
def test_names_that_windows_reserves_are_refused(name: str, samgen_here: InProcess) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for field in ("name", "environment", "function"):
            flags = ("--no-input", "--skip-validation", "--no-git", "-o", folder)
            _assert_refused(samgen_here("new", *flags, *STRICT[field](name)), folder)


@pytest.mark.parametrize("name", ["-x", "--public=yes", "-", "--", "9lives", "a--b", "a-", "A", "a_b", "a.b"])
def test_a_name_is_a_name(name: str, samgen_here: InProcess) -> None:
    with tempfile.TemporaryDirectory() as folder:
        flags = ("--no-input", "--skip-validation", "--no-git", "-o", folder)
        _assert_refused(samgen_here("new", *flags, name), folder)
        if name != "--":
            _assert_refused(samgen_here("new", *flags, "--", name), folder)


def _made_or_refused(run: Any, folder: str, description: str | None = None, owner: str | None = None) -> None:
    """Either a clean refusal, or a project in which the text is text and nothing else."""
    if run.code == 2:
        _assert_refused(run, folder)
        return
    assert run.code == 0, run
    (project,) = Path(folder).iterdir()
    spec = yaml.safe_load((project / "samgen.yaml").read_text(encoding="utf-8"))
    if description is not None:
        assert spec["service"]["description"] == description
    if owner is not None:
        assert spec["service"]["owner"] == owner
    for path in project.rglob("*.json"):
        json.loads(path.read_text(encoding="utf-8"))
    for path in project.rglob("*.py"):
        compile(path.read_text(encoding="utf-8"), str(path), "exec")
    for path in project.rglob("template.yaml"):
        assert {"Resources", "AWSTemplateFormatVersion"} <= set(yaml.load(path.read_text("utf-8"), _Plain))  # noqa: S506


class _Plain(yaml.CSafeLoader):
    """Reads CloudFormation's short forms as their text."""


_Plain.add_multi_constructor("!", lambda _loader, suffix, node: f"!{suffix} {node.value}")


@pytest.mark.parametrize("kind", HOSTILE)
def test_free_text_is_text_or_refused(kind: str, samgen_here: InProcess) -> None:
    value = HOSTILE[kind]
    for field, known in (("--description", {"description": value}), ("--owner", {"owner": value})):
        with tempfile.TemporaryDirectory() as folder:
            flags = ("--no-input", "--skip-validation", "--no-git", "-o", folder)
            _made_or_refused(samgen_here("new", *flags, f"{field}={value}", "orders"), folder, **known)


def test_a_description_of_every_visible_trick_passes_all_checks(samgen_here: InProcess) -> None:
    text = "'\"`<<x>> #% if <# y #> {{ 7 }} {% z %} ${ AWS::Region } ${ !Ref A $(id) %x \\n & <b> | # : - é 中"
    with tempfile.TemporaryDirectory() as folder:
        run = samgen_here("new", "--no-input", "--no-git", "-o", folder, "--description", text, "orders")
        assert run.code == 0, run.err
        _made_or_refused(run, folder, description=text)


@given(st.text(min_size=1, max_size=60), st.sampled_from(["orders", None]))
@settings(max_examples=60, deadline=None)
def test_any_text_is_refused_or_makes_a_project(samgen_here: InProcess, text: str, name: str | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        flags = ("--no-input", "--skip-validation", "--no-git", "-o", folder)
        if name is None:
            _made_or_refused(samgen_here("new", *flags, "--", text), folder)
        else:
            _made_or_refused(samgen_here("new", *flags, f"--description={text}", name), folder, description=text)


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=40))
@settings(max_examples=25, deadline=None)
def test_any_visible_text_is_refused_or_makes_a_project(samgen_here: InProcess, text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        flags = ("--no-input", "--skip-validation", "--no-git", "-o", folder)
        run = samgen_here("new", *flags, f"--description={text}", f"--owner={text}", "orders")
        _made_or_refused(run, folder, description=text, owner=text)
        if run.code == 2:
            run = samgen_here("new", *flags, f"--description={text}", "orders")
            _made_or_refused(run, folder, description=text)
