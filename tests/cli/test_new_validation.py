"""`samgen new` with its validation: what is told of it, and that a finding stops everything."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from doors import Door, InProcess

import generator.render
from generator.spec.model import ServiceSpec
from generator.spec.request_models import Models
from generator.validate import Report, Validator

CHECKS = ["sam validate", "cfn-lint (source)", "cfn-lint (expanded)", "links"]


def test_a_project_is_validated_before_it_appears(samgen: Door) -> None:
    run = samgen("new", "orders", "--no-input", "--json")
    assert run.code == 0, run.err
    validation = json.loads(run.out)["validation"]
    assert (validation["ok"], validation["skipped"], validation["findings"]) == (True, False, [])
    assert [check["name"] for check in validation["checks"]] == CHECKS
    assert all(check["templates"] >= 5 and check["findings"] == 0 for check in validation["checks"])


def test_the_checks_are_told(samgen: Door) -> None:
    run = samgen("new", "orders", "--no-input", "-e", "dev", "-e", "far:eu-west-1")
    assert run.code == 0, run.err
    for check in CHECKS:
        assert any(
            line.split("  ")[1] == check and "0 findings" in line for line in run.err.splitlines() if "  " in line
        )
    assert "NOT VALIDATED" not in run.err


def test_further_regions_are_validated_too(
    tmp_path: Path, samgen_here: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    regions = []

    def validate(_self: Validator, _path: Path, *, region: str) -> Report:
        regions.append(region)
        return Report((), (), ())

    monkeypatch.setattr(Validator, "validate", validate)
    spec = tmp_path / "samgen.yaml"
    spec.write_text(
        "service: {name: orders}\nenvironments:\n- {name: dev}\n"
        "- {name: prod, region: eu-west-1, further_regions: [{name: eu-west-2}, {name: us-west-2}]}\n"
    )
    run = samgen_here("new", "--spec", str(spec), "--dry-run")
    assert run.code == 0, run.err
    assert regions == ["us-west-2", "eu-west-1", "eu-west-2"]


def test_the_checks_that_skip_validation_names_are_those_that_run() -> None:
    from generator.cli.report import CHECKS as NAMED

    assert list(NAMED) == CHECKS


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A template with a fault: two findings in the root template."""
    render = generator.render.render_project

    def spoiled(spec: ServiceSpec, destination: Path, models: Models | None = None) -> None:
        render(spec, destination)
        with (destination / "template.yaml").open("a", encoding="utf-8") as file:
            file.write("Rubbish: true\n")

    monkeypatch.setattr(generator.render, "render_project", spoiled)


def test_a_finding_stops_everything(broken: None, tmp_path: Path, samgen_here: InProcess) -> None:
    run = samgen_here("new", "orders", "--no-input", "-o", str(tmp_path))
    assert (run.code, run.out) == (1, "")
    lines = run.err.splitlines()
    assert any(line.startswith("template.yaml:") and ": error E" in line for line in lines)
    assert "so nothing was written" in lines[-1]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("dry_run", [[], ["--dry-run"]])
def test_findings_are_in_the_object(broken: None, tmp_path: Path, samgen_here: InProcess, dry_run: list[str]) -> None:
    run = samgen_here("new", "orders", "--no-input", "--json", "-o", str(tmp_path), *dry_run)
    assert run.code == 1
    data = json.loads(run.out)
    assert data["path"] is None
    assert data["next_steps"] == []
    assert data["validation"]["ok"] is False
    assert data["validation"]["findings"][0]["file"] == "template.yaml"
    assert data["git"]["commit"] is None
    assert list(tmp_path.iterdir()) == []


def test_skipping_validation_is_the_only_way_around(broken: None, tmp_path: Path, samgen_here: InProcess) -> None:
    run = samgen_here("new", "orders", "--no-input", "--no-git", "--skip-validation", "-o", str(tmp_path))
    assert run.code == 0
    assert "NOT VALIDATED (--skip-validation): " + ", ".join(CHECKS) in run.err


def test_a_fault_of_the_generator_is_told_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, samgen_here: InProcess
) -> None:
    def fail(spec: ServiceSpec, destination: Path, models: Models | None = None) -> None:
        destination.mkdir()
        raise RuntimeError("a fault")

    monkeypatch.setattr(generator.render, "render_project", fail)
    flags = ("--no-input", "--skip-validation", "-o", str(tmp_path))
    run = samgen_here("new", "orders", *flags)
    assert (run.code, run.out) == (3, "")
    assert run.err == "samgen failed unexpectedly (RuntimeError: a fault); --debug shows where.\n"
    assert list(tmp_path.iterdir()) == []
    assert "Traceback" in samgen_here("new", "orders", "--debug", *flags).err
