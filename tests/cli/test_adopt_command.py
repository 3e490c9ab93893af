"""`samgen adopt`: what is written, what is not touched, and what is refused."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from doors import InProcess

from generator.merge.files import read_files
from generator.spec.load import load_spec

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: hello, Handler: app.handler, Runtime: python3.13}
"""
CODE = "CodeUri: hello, Handler: app.handler, Runtime: python3.13"
IMAGE = "111122223333.dkr.ecr.us-east-1.amazonaws.com/shop:1"


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small SAM project."""
    folder = tmp_path / "greeter"
    (folder / "hello").mkdir(parents=True)
    (folder / "template.yaml").write_text(TEMPLATE, encoding="utf-8")
    (folder / "hello" / "app.py").write_text("def handler(event, context): ...\n", encoding="utf-8")
    return folder


def test_samgen_yaml_is_written_and_nothing_else_touched(project: Path, samgen_here: InProcess) -> None:
    before = tree(project)
    run = samgen_here("adopt", str(project))
    assert run.code == 0
    after = tree(project)
    assert {name for name in after if name not in before} == {"samgen.yaml"}
    assert {name: after[name] for name in before} == before
    assert load_spec(project / "samgen.yaml").functions[0].name == "hello"
    assert "template.yaml:4: The code of Hello is hello (app.handler)" in run.err
    assert "Wrote" in run.err


def test_a_dry_run_writes_nothing(project: Path, samgen_here: InProcess) -> None:
    before = tree(project)
    run = samgen_here("adopt", str(project), "--dry-run")
    assert (run.code, tree(project)) == (0, before)
    assert "service:\n  name: greeter\n" in run.out


def test_json_has_the_spec_and_the_remarks(project: Path, samgen_here: InProcess) -> None:
    run = samgen_here("adopt", str(project), "--json")
    data = json.loads(run.out)
    assert (run.code, data["written"], run.err) == (0, True, "")
    assert data["spec"]["functions"][0]["runtime"] == "python3.13"
    assert {"file", "line", "message"} == set(data["remarks"][0])


def test_the_adopted_project_can_be_compared_with_what_an_update_would_make(
    project: Path, samgen_here: InProcess
) -> None:
    assert samgen_here("adopt", str(project)).code == 0
    run = samgen_here("diff", str(project))
    assert run.code == 1
    assert "template.yaml" in run.out


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({}, "has no template.yaml"),
        ({"template.yaml": "Resources: {Topic: {Type: 'AWS::SNS::Topic'}}\n"}, "is no SAM template"),
        ({"template.yaml": "Resources: [\n"}, "template.yaml:2"),
        ({"template.yaml": ""}, "The file is empty"),
        ({"template.yaml": TEMPLATE, "template.json": "{}"}, "has template.yaml and template.json"),
        ({"template.yaml": TEMPLATE, "samgen.yaml": ""}, "has a samgen.yaml already"),
        ({"template.yaml": TEMPLATE, "samconfig.toml": "a = [\n"}, "samconfig.toml:"),
        (
            {"template.yaml": TEMPLATE.replace(CODE, f"PackageType: Image, ImageUri: {IMAGE}")},
            "has no function",
        ),
        ({"a/template.yaml": TEMPLATE, "b/template.yaml": TEMPLATE}, "has no template.yaml"),
    ],
)
def test_hostile_input_is_one_sentence_and_nothing_written(
    files: dict[str, str], sentence: str, samgen_here: InProcess, tmp_path: Path
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    before = tree(tmp_path)
    run = samgen_here("adopt", str(tmp_path))
    assert run.code == 2
    assert sentence in run.err
    assert len(run.err.splitlines()) == 1
    assert tree(tmp_path) == before


def test_a_dangling_link_in_its_place_is_somebodys(project: Path, samgen_here: InProcess) -> None:
    (project / "samgen.yaml").symlink_to("nowhere")
    run = samgen_here("adopt", str(project))
    assert run.code == 2
    assert os.readlink(project / "samgen.yaml") == "nowhere"  # noqa: PTH115
    assert not (project / "nowhere").exists()


def test_no_such_folder(samgen_here: InProcess, tmp_path: Path) -> None:
    run = samgen_here("adopt", str(tmp_path / "nowhere"))
    assert (run.code, len(run.err.splitlines())) == (2, 1)


def test_an_adopted_project_is_updated_beside_what_is_there(project: Path, samgen_here: InProcess) -> None:
    (project / "README.md").write_text("# Ours\n", encoding="utf-8")
    (project / "template.yaml").write_text(f"Description: Greets\n{TEMPLATE.strip()}\n", encoding="utf-8")
    assert samgen_here("adopt", str(project)).code == 0
    before = read_files(project)
    refused = samgen_here("update", str(project))
    assert refused.code == 2
    assert "--base" in refused.err
    arguments = ("update", str(project), "--base", "none", "--skip-validation")
    assert samgen_here(*arguments).code == 1
    assert samgen_here("update", str(project), "--abort").code == 0
    assert read_files(project) == before
    run = samgen_here(*arguments, "--json")
    told = json.loads(run.out)
    assert told["removed"] == []
    after = read_files(project)
    for name, file in before.items():
        missing = set(file.data.splitlines()) - set(after[name].data.splitlines())
        assert not missing, (name, missing)
    for conflict in told["conflicts"]:
        path = project / conflict["file"]
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text("".join(line for line in lines if "# samgen update:" not in line), encoding="utf-8")
        if conflict["kind"] == "text":
            path.write_bytes(before[conflict["file"]].data)
    assert samgen_here("update", str(project), "--continue").code == 0
    assert "Nothing to update" in samgen_here("update", str(project), "--skip-validation").err
    function = json.loads(samgen_here("diff", str(project), "--json").out)
    assert function["changed"] is False


def test_a_template_that_sam_refuses_is_told(tmp_path: Path, samgen_here: InProcess) -> None:
    text = "Transform: AWS::Serverless-2016-10-31\nResources:\n  My_Fn:\n    Type: AWS::Serverless::Function\n"
    (tmp_path / "template.yaml").write_text(
        f"{text}    Properties: {{InlineCode: a, Handler: a.b, Runtime: python3.13}}\n"
    )
    run = samgen_here("adopt", str(tmp_path))
    assert (run.code, run.out) == (2, "")
    assert "template.yaml:3: SAM refuses the template" in run.err
    assert not (tmp_path / "samgen.yaml").exists()
