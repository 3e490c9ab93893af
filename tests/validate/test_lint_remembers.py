"""What the linter has said of a template it says again without looking, where nothing else has a part in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from generator.validate.lint import Hit, Linter, linter

QUEUE = """\
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Queue: {Type: AWS::SQS::Queue, Properties: {KmsMasterKeyId: !Ref Key}}
"""
ROOT = """\
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Child: {Type: "AWS::CloudFormation::Stack", Properties: {TemplateURL: child.yaml, Parameters: {Name: a}}}
"""
CHILD = """\
AWSTemplateFormatVersion: "2010-09-09"
Parameters: {Name: {Type: String}}
Resources: {Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: !Ref Name}}}
"""
REGION = "us-west-2"


def write(folder: Path, **files: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text, encoding="utf-8")
    return folder


def rules(hits: list[Hit]) -> set[str]:
    return {hit.rule for hit in hits}


@pytest.fixture
def fresh() -> Linter:
    lint = linter()
    lint._known.clear()
    return lint


def test_the_same_template_elsewhere_is_not_linted_again(tmp_path: Path, fresh: Linter) -> None:
    first = fresh.source(write(tmp_path / "a", t_yaml=QUEUE), "t.yaml", REGION)
    known = len(fresh._known)
    second = fresh.source(write(tmp_path / "b", t_yaml=QUEUE), "t.yaml", REGION)

    assert (first, known, len(fresh._known)) == (second, 1, 1)
    assert first


@pytest.mark.parametrize("what", ["text", "settings", "region"])
def test_a_difference_counts(tmp_path: Path, fresh: Linter, what: str) -> None:
    folder = write(tmp_path / "a", t_yaml=QUEUE)
    assert fresh.source(folder, "t.yaml", REGION)

    if what == "text":
        write(folder, t_yaml=QUEUE.replace("!Ref Key", "alias/mine"))
        assert fresh.source(folder, "t.yaml", REGION) == []
    elif what == "settings":
        (folder / ".cfnlintrc").write_text("ignore_checks: [E]\n", encoding="utf-8")
        assert fresh.source(folder, "t.yaml", REGION) == []
    else:
        fresh.source(folder, "t.yaml", "eu-west-1")
        assert len(fresh._known) == 2


def test_what_nests_is_known_where_its_children_take_and_give_the_same(tmp_path: Path, fresh: Linter) -> None:
    folder = write(tmp_path / "a", t_yaml=ROOT, child_yaml=CHILD)
    first = fresh.source(folder, "t.yaml", REGION)
    known = len(fresh._known)
    write(folder, child_yaml=CHILD.replace("Topic:", "News:"))
    assert (fresh.source(folder, "t.yaml", REGION), len(fresh._known)) == (first, known)

    write(folder, child_yaml=CHILD.replace("Name: {", "Other: {Type: String}, Name: {"))
    assert "E3043" in rules(fresh.source(folder, "t.yaml", REGION))
    # What is not there, or cannot be read, is looked for each time.
    (folder / "child.yaml").unlink()
    assert "E3043" not in rules(fresh.source(folder, "t.yaml", REGION))
    os.mkfifo(folder / "child.yaml")
    assert "E3043" not in rules(fresh.source(folder, "t.yaml", REGION))
    (folder / "child.yaml").unlink()
    write(folder, child_yaml=CHILD.replace("Name: {", "Other: {Type: String}, Name: {"))
    assert "E3043" in rules(fresh.source(folder, "t.yaml", REGION))


@pytest.mark.parametrize("written", ["AWS::CloudFormation::Stack", "AWS::CloudFormation\\x3a:Stack"])
def test_what_nests_is_linted_each_time(tmp_path: Path, fresh: Linter, written: str) -> None:
    root = ROOT.replace("AWS::CloudFormation::Stack", written)
    folder = write(tmp_path / "a", t_yaml=root, child_yaml=CHILD)
    before = rules(fresh.source(folder, "t.yaml", REGION))
    write(folder, child_yaml=CHILD.replace("Name: {", "Other: {"))

    assert rules(fresh.source(folder, "t.yaml", REGION)) - before


def test_the_expansion_counts_and_the_current_folder_stays(tmp_path: Path, fresh: Linter) -> None:
    folder = write(tmp_path / "a", t_yaml=QUEUE)
    here = os.getcwd()  # noqa: PTH109
    topic = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"Nmae": "x"}}}}

    assert fresh.expanded(folder, "t.yaml", REGION, topic) == fresh.expanded(folder, "t.yaml", REGION, topic) != []
    assert fresh.expanded(folder, "t.yaml", REGION, {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}) == []
    assert os.getcwd() == here  # noqa: PTH109
