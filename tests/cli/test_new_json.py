"""`samgen new --json` and `--dry-run`: a result for programs, and nothing written."""

from __future__ import annotations

import json

import pytest
import yaml
from doors import Door

QUICK = ("--no-input", "--skip-validation")


def test_the_object_says_what_was_made(samgen: Door) -> None:
    run = samgen("new", "orders", *QUICK, "--json")
    data = json.loads(run.out)
    project = samgen.folder / "orders"
    on_disk = sorted(
        p.relative_to(project).as_posix()
        for p in project.rglob("*")
        if p.is_file() and ".git" not in p.relative_to(project).parts
    )
    assert list(data) == [
        *("project", "path", "dry_run", "files", "spec", "validation", "git", "phases", "next_steps"),
    ]
    assert (data["project"], data["path"], data["dry_run"]) == ("orders", str(project), False)
    assert data["files"] == on_disk
    assert data["spec"] == yaml.safe_load((project / "samgen.yaml").read_text(encoding="utf-8"))
    assert data["git"]["initialized"] is True
    assert len(data["git"]["commit"]) == 40
    assert data["git"]["reason"] is None
    assert [phase["name"] for phase in data["phases"]] == ["render", "git", "write"]
    assert f"cd {project}" in data["next_steps"]


def test_skipped_validation_is_told_in_the_object_and_beside_it(samgen: Door) -> None:
    run = samgen("new", "orders", *QUICK, "--json")
    validation = json.loads(run.out)["validation"]
    assert validation["skipped"] is True
    assert validation["ok"] is None
    assert validation["checks"] == []
    assert "sam validate" in validation["not_checked"]
    assert any("NOT checked" in step for step in json.loads(run.out)["next_steps"])
    assert "NOT VALIDATED" in run.err


def test_what_an_api_needs_is_no_step_of_a_service_without_one(samgen: Door) -> None:
    steps = {
        trigger: json.loads(samgen("new", "a", "--dry-run", "--function", f"a::{trigger}", *QUICK, "--json").out)
        for trigger in ("queue jobs", "GET /a")
    }
    told = {trigger: [word in str(data["next_steps"]) for word in ("WAF", "cors")] for trigger, data in steps.items()}
    assert told == {"queue jobs": [False, False], "GET /a": [True, True]}


def test_a_refusal_leaves_stdout_empty(samgen: Door) -> None:
    samgen.refuses("new", "Orders", *QUICK, "--json")


@pytest.mark.parametrize("as_json", [[], ["--json"]])
def test_a_dry_run_writes_nothing(samgen: Door, as_json: list[str]) -> None:
    temporary = samgen.folder.parent / "tmp"
    temporary.mkdir()
    run = samgen("new", "orders", *QUICK, "--dry-run", *as_json, TMPDIR=str(temporary))
    assert run.code == 0, run.err
    assert samgen.listing() == []
    assert list(temporary.iterdir()) == []
    if as_json:
        data = json.loads(run.out)
        assert (data["path"], data["dry_run"], data["git"]["reason"]) == (None, True, "it is a dry run")
        assert "template.yaml" in data["files"]


def test_a_dry_run_shows_the_tree_with_sizes(samgen: Door) -> None:
    run = samgen("new", "orders", *QUICK, "--dry-run")
    rows = [line.split() for line in run.out.splitlines()]
    assert ["stacks/"] in rows
    assert any(row[0] == "template.yaml" and row[-1] == "bytes" and int(row[-2].replace(",", "")) for row in rows)
    assert "Dry run:" in run.err


def test_a_dry_run_refuses_what_a_run_refuses(samgen: Door) -> None:
    (samgen.folder / "orders").mkdir()
    assert "exists already" in samgen.refuses("new", "orders", *QUICK, "--dry-run")
    assert "does not exist" in samgen.refuses("new", "shop", *QUICK, "--dry-run", "-o", "missing")
