"""`samgen check` of several projects: whichever processes share the work, the report is the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from doors import Door, Run

TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  Function{number}:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      Runtime: python3.13
      CodeUri: src/
      Timeot: {number}
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      KmsMasterKeyId: !Ref Missing{number}
"""
NUMBER = 5


@pytest.fixture
def projects(samgen: Door) -> list[str]:
    names = [f"p{number}" for number in range(NUMBER)]
    for number, name in enumerate(names):
        folder = samgen.folder / name
        folder.mkdir()
        (folder / "template.yaml").write_text(TEMPLATE.replace("{number}", str(number)), encoding="utf-8")
    return names


@pytest.mark.parametrize("form", ["text", "html"])
def test_the_same_bytes_for_any_number_of_processes(samgen: Door, projects: list[str], form: str) -> None:
    one, two = (samgen("check", *projects, "--format", form, "--jobs", jobs) for jobs in "12")

    assert one.code == 1
    assert "Missing4" in one.out
    assert two == one


def test_each_projects_report_is_that_of_the_project_alone(samgen: Door, projects: list[str]) -> None:
    together = samgen("check", *projects, "--jobs", "2").out.splitlines()
    last = projects[-1]
    alone = [f"{last}/{line}" for line in samgen("check", last, "--jobs", "2").out.splitlines()]

    assert [line for line in together if line.startswith(f"{last}/")] == alone


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_the_first_project_that_is_none_is_told_of(samgen: Door, projects: list[str], jobs: str) -> None:
    for empty in ("none", "neither"):
        (samgen.folder / empty).mkdir()

    run: Run = samgen("check", *projects[:3], "none", "neither", *projects[3:], "--jobs", jobs)

    assert (run.code, run.out) == (2, "")
    assert str(Path("none")) in run.err
    assert "neither" not in run.err


def test_a_folder_of_services_is_as_many_projects(samgen: Door, projects: list[str]) -> None:
    """A samconfig.toml beside a template is its own: the service is deployed by itself."""
    for name in projects[:2]:
        settings = 'version = 0.1\n[default.deploy.parameters]\nstack_name = "s"\n'
        (samgen.folder / name / "samconfig.toml").write_text(settings, encoding="utf-8")
    named = samgen("check", *projects, "--jobs", "2")

    assert samgen("check", "--jobs", "2") == named
    assert samgen("check", ".", "p1", "--jobs", "2").out == named.out


@pytest.mark.parametrize("keeps", ["template.yaml", "shared/queue.yaml"])
def test_a_folder_is_one_project_where_a_template_belongs_to_no_service(
    samgen: Door, projects: list[str], keeps: str
) -> None:
    (samgen.folder / projects[0] / "samconfig.toml").write_text("version = 0.1\n", encoding="utf-8")
    (samgen.folder / keeps).parent.mkdir(exist_ok=True)
    (samgen.folder / keeps).write_text(TEMPLATE.replace("{number}", "9"), encoding="utf-8")
    run = samgen("check", "--format", "json", "--jobs", "1")
    (project,) = json.loads(run.out)["projects"]

    assert set(project["templates"]) == {keeps, *(f"{name}/template.yaml" for name in projects)}
