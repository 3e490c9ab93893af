"""Loading a project: which templates belong to it, and how they nest."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.errors import InputError
from generator.project import load_project

LEAF = """\
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Topic:
    Type: AWS::SNS::Topic
"""


def stack(*locations: str, kind: str = "AWS::Serverless::Application", key: str = "Location") -> str:
    lines = ["Transform: AWS::Serverless-2016-10-31", "Resources:"]
    for number, location in enumerate(locations):
        lines += [f"  S{number}:", f"    Type: {kind}", f"    Properties: {{{key}: {location}}}"]
    return "\n".join(lines) + "\n"


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return root


def test_children_and_templates_beside_them(tmp_path: Path) -> None:
    nested = stack("../b/template.yaml", kind="AWS::CloudFormation::Stack", key="TemplateURL")
    write(
        tmp_path,
        {
            "template.yaml": stack("stacks/a/template.yaml", "stacks/b/template.yaml"),
            "stacks/a/template.yaml": nested,
            "stacks/b/template.yaml": LEAF,
            "bootstrap/template.yaml": LEAF,
            "bootstrap/other.json": '{"Resources": {"A": {"Type": "AWS::SNS::Topic"}}}',
            "openapi.yaml": "openapi: 3.0.1\ninfo: {title: Resources of AWS::X}\n",
            ".aws-sam/build/template.yaml": LEAF,
            "node_modules/x/template.yaml": LEAF,
            "env/pyvenv.cfg": "",
            "env/template.yaml": LEAF,
        },
    )

    project = load_project(tmp_path)

    assert [template.name for template in project.templates] == [
        "template.yaml",
        "stacks/a/template.yaml",
        "stacks/b/template.yaml",
        "bootstrap/other.json",
        "bootstrap/template.yaml",
    ]
    nesting = [(link.parent.name, link.logical_id, link.child.name) for link in project.links if link.child]
    assert nesting == [
        ("template.yaml", "S0", "stacks/a/template.yaml"),
        ("stacks/a/template.yaml", "S0", "stacks/b/template.yaml"),
        ("template.yaml", "S1", "stacks/b/template.yaml"),
    ]
    assert project.findings == []
    assert project.template("stacks/b/template.yaml").resources.keys() == {"Topic"}


def test_a_file_is_loaded_with_its_children_only(tmp_path: Path) -> None:
    write(tmp_path, {"main.yaml": stack("child.yaml"), "child.yaml": LEAF, "other/template.yaml": LEAF})

    assert [t.name for t in load_project(tmp_path / "main.yaml").templates] == ["main.yaml", "child.yaml"]


def test_remote_and_missing_children(tmp_path: Path) -> None:
    locations = ("https://example.com/t.yaml", "{ApplicationId: a, SemanticVersion: 1.0.0}", "none.yaml")
    project = load_project(write(tmp_path, {"template.yaml": stack(*locations)}))

    assert [(link.remote, link.child) for link in project.links] == [(True, None), (True, None), (False, None)]
    assert project.links[2].location == "none.yaml"
    assert '"ApplicationId"' in project.links[1].location


def test_a_child_outside_of_the_project(tmp_path: Path) -> None:
    write(tmp_path, {"app/template.yaml": stack("../shared/t.yaml"), "shared/t.yaml": LEAF})

    assert load_project(tmp_path / "app").templates[1].name == "../shared/t.yaml"


@pytest.mark.parametrize(
    ("files", "chain"),
    [
        ({"template.yaml": stack("template.yaml")}, "template.yaml → template.yaml"),
        (
            {"template.yaml": stack("b.yaml"), "b.yaml": stack("template.yaml")},
            "template.yaml → b.yaml → template.yaml",
        ),
    ],
)
def test_templates_that_nest_in_each_other(tmp_path: Path, files: dict[str, str], chain: str) -> None:
    project = load_project(write(tmp_path, files))

    assert [finding.rule for finding in project.findings] == ["link-cycle"]
    assert chain in project.findings[0].message
    assert project.findings[0].line == 5


def test_a_broken_template_is_a_finding_of_the_project(tmp_path: Path) -> None:
    project = load_project(write(tmp_path, {"template.yaml": stack("b.yaml"), "b.yaml": "Resources: ["}))

    assert [(f.file, f.rule) for f in project.findings] == [("b.yaml", "yaml")]
    assert project.links[0].child is project.templates[1]


def test_no_project(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        load_project(tmp_path / "nowhere")
    with pytest.raises(InputError, match="no CloudFormation template"):
        load_project(tmp_path)
