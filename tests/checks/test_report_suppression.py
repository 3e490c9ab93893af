"""Suppression in a template: with a reason, for one id, at one resource or the whole file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from reviews import RULES, TEMPLATE, found, review, write

from generator.checks.report import VIEWS
from generator.checks.review import Review
from generator.checks.select import Selection
from generator.findings import Finding, Severity

ENTRY = "{id: SG404, reason: Nobody reads it.}"


def with_metadata(entries: str, *, at: str = "Topic") -> str:
    """The sample template with entries at a resource, or at the top of the file."""
    lines = f"Metadata: {{samgen: {{suppress: [{entries}]}}}}\n"
    if not at:
        return lines + TEMPLATE
    return TEMPLATE.replace(f"  {at}:\n", f"  {at}:\n    {lines}")


def suppressed(of: Review) -> list[tuple[str, str]]:
    return [(item.finding.rule, item.reason) for project in of.projects for item in project.suppressed]


def complaints(of: Review) -> list[str]:
    return [f.message for project in of.projects for f in project.findings if f.rule == "suppression"]


@pytest.mark.parametrize("at", ["Topic", ""])
def test_a_finding_is_suppressed_at_its_resource_or_in_its_file(tmp_path: Path, at: str) -> None:
    seen = review(write(tmp_path, with_metadata(ENTRY, at=at)))

    assert suppressed(seen) == [("SG404", "Nobody reads it.")]
    assert [rule for rule, _ in found(seen)] == ["SG101", "SG801"]
    assert complaints(seen) == []


@pytest.mark.parametrize(
    ("only", "accepted"), [("Topic", True), ("wrong", True), ("is wrong", True), ("Top", False), ("another", False)]
)
def test_an_entry_may_hold_for_what_names_one_thing_alone(tmp_path: Path, only: str, accepted: bool) -> None:
    entry = f"{{id: SG404, only: {only}, reason: Nobody reads it.}}"
    seen = review(write(tmp_path, with_metadata(entry, at="")))

    assert suppressed(seen) == ([("SG404", "Nobody reads it.")] if accepted else [])
    missing = f"Nothing of SG404 that names {only} is found in the template: the suppression has no use."
    assert complaints(seen) == ([] if accepted else [missing])


@pytest.mark.parametrize("only", ["''", "' '", "7", "[Topic]", "null"])
def test_what_alone_it_holds_for_is_said_in_words(tmp_path: Path, only: str) -> None:
    seen = review(write(tmp_path, with_metadata(f"{{id: SG404, only: {only}, reason: Nobody reads it.}}")))

    assert suppressed(seen) == []
    assert complaints(seen) == ["The suppression of SG404 does not say in words what alone it holds for."]


def test_in_json_on_one_line(tmp_path: Path) -> None:
    resource = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "news"}}
    accepted = {**resource, "Metadata": {"samgen": {"suppress": [{"id": "SG404", "reason": "Fine."}]}}}
    write(tmp_path, json.dumps({"Resources": {"A": resource, "B": accepted, "C": resource}}), "template.json")
    seen = review(tmp_path, select=Selection(("SG404",)))

    assert [f.message for f in seen.projects[0].findings] == ["A is wrong.", "C is wrong."]
    assert suppressed(seen) == [("SG404", "Fine.")]


def test_another_resources_suppression_does_not_help(tmp_path: Path) -> None:
    seen = review(write(tmp_path, with_metadata(ENTRY, at="Queue")))

    assert suppressed(seen) == []
    assert complaints(seen) == ["Nothing of SG404 is found in Queue: the suppression has no use."]
    assert not seen.ok


def test_a_tools_finding_is_suppressed_by_the_resource_that_it_stands_in(tmp_path: Path) -> None:
    text = with_metadata("{id: W1234, reason: Known.}")
    inside = Finding("template.yaml", 10, 7, "W1234", Severity.WARNING, "Inside.", "", "cfn-lint")
    outside = Finding("template.yaml", 4, 5, "W1234", Severity.WARNING, "Outside.", "", "cfn-lint")
    seen = review(write(tmp_path, text), tools=[inside, outside], select=Selection(("W",)))

    assert suppressed(seen) == [("W1234", "Known.")]
    assert found(seen) == [("W1234", 4)]


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ("{id: SG404}", "The suppression of SG404 says no reason, so it suppresses nothing."),
        ("{id: SG404, reason: ' '}", "The suppression of SG404 says no reason, so it suppresses nothing."),
        ("{id: SG404, reason: [a]}", "The suppression of SG404 says no reason, so it suppresses nothing."),
        ("SG404", "The suppression of SG404 says no reason, so it suppresses nothing."),
        ("{reason: Why not.}", "The suppression says no id."),
        ("[1]", "The suppression says no id."),
        ("~", "The suppression says no id."),
    ],
)
def test_without_a_reason_nothing_is_suppressed(tmp_path: Path, entries: str, message: str) -> None:
    seen = review(write(tmp_path, with_metadata(entries)))

    assert suppressed(seen) == []
    assert complaints(seen) == [message]
    assert ("SG404", 7) in found(seen)
    (finding,) = (f for f in seen.projects[0].findings if f.rule == "suppression")
    assert finding.line == 8


@pytest.mark.parametrize("value", ["{samgen: 1}", "{samgen: {suppress: SG404}}", "{samgen: {}}", "{samgen: [a]}"])
def test_a_list_that_is_none(tmp_path: Path, value: str) -> None:
    seen = review(write(tmp_path, f"Metadata: {value}\n{TEMPLATE}"))

    assert complaints(seen) == ["Metadata.samgen has no list suppress."]


@pytest.mark.parametrize("value", ["1", "[a]", "{cfn-lint: {}}", "{samgen: ~}", "~"])
def test_metadata_of_others_is_left_alone(tmp_path: Path, value: str) -> None:
    assert complaints(review(write(tmp_path, f"Metadata: {value}\n{TEMPLATE}"))) == []


def test_an_id_that_no_rule_has(tmp_path: Path) -> None:
    seen = review(write(tmp_path, with_metadata("{id: SG999, reason: Because.}")))

    assert complaints(seen) == ["There is no rule SG999 to suppress."]


def test_what_was_not_looked_for_is_not_called_unused(tmp_path: Path) -> None:
    write(tmp_path, with_metadata("{id: SG901, reason: Because.}"))

    assert complaints(review(tmp_path)) == ["Nothing of SG901 is found in Topic: the suppression has no use."]
    assert complaints(review(tmp_path, select=Selection(("SG4", "suppression")))) == []
    assert complaints(review(tmp_path, select=Selection(ignore=("suppression",)))) == []


@pytest.mark.parametrize("form", sorted(VIEWS))
def test_every_report_but_annotations_lists_what_is_suppressed(tmp_path: Path, form: str) -> None:
    report = VIEWS[form](review(write(tmp_path, with_metadata(ENTRY)), rules=RULES))

    assert ("Nobody reads it." in report) is (form != "github")
