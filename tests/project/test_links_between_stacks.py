"""What parents and children must agree on; each disagreement is found at its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.project import check_links, load_project

CHILD = """\
AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Name: {Type: String}
  Input: {Type: String, Default: none}
  Mode: {Type: String, Default: slow, AllowedValues: [slow, "true", 3]}
Resources:
  Topic: {Type: AWS::SNS::Topic, Properties: {DisplayName: !Sub "${Name}${Input}${Mode}"}}
Outputs:
  Arn: {Value: !Ref Topic}
"""
PARENT = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  A:
    Type: AWS::Serverless::Application
    Properties:
      Location: child.yaml
      Parameters:
        Name: a
        Mode: true
  B:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: child.yaml
      Parameters:
        Name: !Sub "${A.Outputs.Arn}-${!literal}-${AWS::Region}"
        Mode: 3
Outputs:
  Arn: {Value: !GetAtt A.Outputs.Arn}
"""


def found(root: Path, parent: str, child: str | None = CHILD) -> list[tuple[str, int, str]]:
    (root / "template.yaml").write_text(parent)
    if child is not None:
        (root / "child.yaml").write_text(child)
    findings = check_links(load_project(root))
    assert all(f.tool == "links" and f.mend and f.file == "template.yaml" for f in findings)
    return [(f.rule, f.line, f.message) for f in findings]


def test_stacks_that_agree(tmp_path: Path) -> None:
    assert found(tmp_path, PARENT) == []


@pytest.mark.parametrize(
    ("old", "new", "rule", "line", "said"),
    [
        ("Location: child.yaml", "Location: none.yaml", "link-file", 6, "'none.yaml', which does not exist"),
        ("Location: child.yaml", "Location: .", "link-file", 6, "does not exist"),
        ("        Name: a\n", "", "link-parameter", 7, "does not pass Name"),
        ("        Mode: true", "        Mod: x", "link-parameter", 9, "does not declare"),
        ("Mode: true", "Mode: fast", "link-parameter", 9, "does not allow"),
        ("${A.Outputs.Arn}", "${A.Outputs.Arm}", "link-output", 15, "no output Arm"),
        ("!GetAtt A.Outputs.Arn", "!GetAtt A.Outputs.X", "link-output", 18, "no output X"),
        ("!GetAtt A.Outputs.Arn", '{"Fn::GetAtt": A.Outputs.X}', "link-output", 18, "no output X"),
        ("Mode: true", "Input: !GetAtt B.Outputs.Arn", "link-cycle", 9, "A → B → A"),
        ("    Type: AWS::Serverless::Application", "    Type: AWS::Serverless::Application\n    DependsOn: B",
         "link-cycle", 5, "A → B → A"),
        ("Mode: true", "Input: !GetAtt A.Outputs.Arn", "link-cycle", 9, "A → A"),
    ],
)  # fmt: skip
def test_stacks_that_disagree(tmp_path: Path, *, old: str, new: str, rule: str, line: int, said: str) -> None:
    assert old in PARENT
    findings = found(tmp_path, PARENT.replace(old, new, 1))

    assert [(finding[0], finding[1]) for finding in findings] == [(rule, line)]
    assert said in findings[0][2]


def test_a_cycle_through_an_ordinary_resource(tmp_path: Path) -> None:
    queue = "  Q:\n    Type: AWS::SQS::Queue\n    Properties: {QueueName: !GetAtt B.Outputs.Arn}\n"
    parent = PARENT.replace("        Mode: true\n", "        Input: !Ref Q\n" + queue)

    assert [finding[0] for finding in found(tmp_path, parent)] == ["link-cycle"]


def test_an_unreadable_child(tmp_path: Path) -> None:
    findings = found(tmp_path, PARENT, "Resources: [")

    assert [finding[:2] for finding in findings] == [("link-file", 6), ("link-file", 13)]


def test_what_only_the_deployment_knows_is_not_judged(tmp_path: Path) -> None:
    parent = PARENT.replace("Location: child.yaml", "Location: https://example.com/t.yaml")
    parent = parent.replace("A.Outputs.Arn", "A.Outputs.Whatever")
    parent = parent.replace("        Name: !Sub", "        Fn::Transform: {Name: X}\n        Name: !Sub")

    assert found(tmp_path, parent) == []


def test_a_misspelled_name_is_guessed(tmp_path: Path) -> None:
    (tmp_path / "child.yaml").write_text(CHILD)
    (tmp_path / "template.yaml").write_text(PARENT.replace("Mode: true", "Moed: slow"))

    assert [f.mend for f in check_links(load_project(tmp_path))] == ["Did you mean Mode?"]
