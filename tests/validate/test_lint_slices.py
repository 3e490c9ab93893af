"""Resources that were sound before are not looked at again, and nothing that cfn-lint says is missed for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from generator.validate import slices
from generator.validate.lint import Linter, linter

REGION = "us-west-2"
TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Name: {{Type: String, Default: work}}
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties: {{QueueName: !Ref Name, {queue}}}
  Rule:
    Type: AWS::Events::Rule
    Properties:
      ScheduleExpression: {schedule}
      Targets: [{{Id: queue, Arn: !GetAtt Queue.Arn}}]
  Topic: {{Type: AWS::SNS::Topic, Properties: {{TopicName: {topic}}}}}
"""
SOUND = {"queue": "DelaySeconds: 1", "schedule": "rate(1 day)", "topic": "news"}


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> Linter:
    monkeypatch.setattr(slices, "_sound", set())
    slices.keep(None)
    lint = linter()
    # What other tests of this process have it keep would be known.
    lint.keep(None)
    lint._known.clear()
    return lint


def said(lint: Linter, folder: Path, **changes: str) -> set[tuple[str, int]]:
    (folder / "t.yaml").write_text(TEMPLATE.format(**{**SOUND, **changes}), encoding="utf-8")
    return {(hit.rule, hit.line) for hit in lint.source(folder, "t.yaml", REGION)}


def test_this_version_is_one_whose_rules_were_read() -> None:
    """After an update of cfn-lint: read its rules for what they ask beyond a slice, then name the version."""
    assert slices.knows_rules()


def test_only_rules_of_types_left_out_keep_something_between_resources(fresh: Linter) -> None:
    keeping = {
        keyword.split("/")[1]
        for rule in fresh._rules.data.values()
        if type(rule).initialize.__qualname__.split(".")[0] not in ("CloudFormationLintRule", "RuleScheduleExpression")
        for keyword in getattr(rule, "keywords", ())
        if keyword.startswith("Resources/")
    }

    assert keeping
    assert all(kind.startswith(slices.APART) for kind in keeping)


def test_a_sound_resource_is_known_in_another_template(fresh: Linter, tmp_path: Path) -> None:
    assert said(fresh, tmp_path) == set()
    first = len(slices._sound)
    assert said(fresh, tmp_path, topic="others") == set()

    # Of the second template only the topic is another one.
    assert first > 1
    assert len(slices._sound) == first + 1


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"queue": "DelaySeconds: 100000"}, "E3034"),
        ({"queue": "Delay: 1"}, "E3002"),
        ({"schedule": "rate(1 days)"}, "E3027"),
        ({"topic": "!Ref Nowhere"}, "E1020"),
        ({"topic": "[a]"}, "E3012"),
    ],
)
def test_what_is_wrong_is_told_every_time(fresh: Linter, tmp_path: Path, change: dict[str, str], rule: str) -> None:
    said(fresh, tmp_path)
    first = said(fresh, tmp_path, **change)
    again = said(fresh, tmp_path, **change, **({} if "topic" in change else {"topic": "others"}))

    assert rule in {found for found, _ in first}
    assert first == again


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "cache" / "sound"
    slices.keep(path)
    yield path
    slices.keep(None)


def test_what_one_process_found_sound_others_and_later_ones_know(fresh: Linter, tmp_path: Path, ledger: Path) -> None:
    assert said(fresh, tmp_path) == set()
    slices.exchange()
    found = set(slices._sound)
    with ledger.open("ab") as file:  # somebody else adds what they found, and is stopped in the midst of it
        file.write(b"x" * 32 + b"y" * 7)
    slices.exchange()
    assert slices._sound == {*found, b"x" * 32}

    slices._sound.clear()
    slices.keep(ledger)
    assert slices._sound == {*found, b"x" * 32}
    slices._sound.clear()
    assert "E3034" in {rule for rule, _ in said(fresh, tmp_path, queue="DelaySeconds: 100000")}
    slices.exchange()
    assert found & slices._sound


def test_a_ledger_that_cannot_be_written_costs_time_only(fresh: Linter, tmp_path: Path, ledger: Path) -> None:
    ledger.unlink()
    ledger.mkdir()
    slices.keep(ledger)

    assert said(fresh, tmp_path) == set()
    slices.exchange()
    assert slices._sound


def test_what_a_resource_refers_to_is_part_of_its_slice() -> None:
    template: dict[str, Any] = {
        "Parameters": {"Name": {"Type": "String"}, "Other": {"Type": "String"}},
        "Resources": {
            "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Ref": "Name"}}},
            "Policy": {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [{"Ref": "Queue"}]}},
            "Topic": {"Type": "AWS::SNS::Topic"},
        },
    }
    before = {name: slices.Slices(template).of(name) for name in template["Resources"]}
    template["Parameters"]["Name"]["Type"] = "Number"
    after = {name: slices.Slices(template).of(name) for name in template["Resources"]}

    assert {name for name in before if before[name] != after[name]} == {"Queue", "Policy"}
