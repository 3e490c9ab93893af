"""The reports that programs read: well-formed whatever a template says, with the right numbers, and as documented."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from generator.findings import Finding, Severity
from generator.regress.compare import Change, Comparison, Edit, Kind, compare
from generator.regress.matrix import Coverage
from generator.regress.report import VIEWS
from generator.regress.snapshot import Part
from generator.regress.store import Snapshots
from generator.regress.verdict import Found, Verdict

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "regress.md"
HOSTILE = "100%0A\r\n::error::x\n::set-output name=a::b, c: ]]></failure><x>&\"'\x00\x1b[31m\u202e\ud800"
NAMES = [f"c{number:03}" for number in range(100)]
QUEUE = {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 1, "Tags": [{"Key": "a", "Value": HOSTILE}]}}


def snapshots(delay: int, names: list[str]) -> Snapshots:
    found = Snapshots()
    queue = {**QUEUE, "Properties": {**QUEUE["Properties"], "DelaySeconds": delay}}  # type: ignore[dict-item]
    for number, name in enumerate(names):
        extra = {Part("notes.txt", "File", ""): {"sha256": str(delay)}} if number < 10 else {}
        found.add(name, {"axis": HOSTILE, "n": str(number % 2)}, {Part("t.yaml", "Resources", HOSTILE): queue, **extra})
    return found


@pytest.fixture(scope="module")
def verdict() -> Verdict:
    """A hundred combinations that differ in one property, ten of them in a file, and what else may be told."""
    before, after = snapshots(1, [*NAMES, "gone"]), snapshots(2, [*NAMES, "new"])
    worse = Finding("t.yaml", 3, 1, "SG1,x:y", Severity.ERROR, HOSTILE, HOSTILE, "samgen")
    mild = Finding("t.yaml", 4, 1, "SG2", Severity.INFO, "mild", "", "samgen")
    choices = {**after.choices, "broken": {"axis": HOSTILE, "n": "0"}}
    return Verdict(
        choices,
        7,
        [Found(worse, tuple(NAMES[:3])), Found(mild, tuple(NAMES))],
        {f"does not render: {HOSTILE}": ("broken",)},
        compare(before, after),
        Severity.WARNING,
        Coverage({"axis": [HOSTILE], "n": ["0", "1"]}, 2, 1, [{"axis": HOSTILE, "n": "1"}]),
    )


def test_junit_has_a_case_a_combination_and_a_failure_for_each_that_fails(verdict: Verdict) -> None:
    document = VIEWS["junit"](verdict)
    suite = ET.fromstring(document)  # noqa: S314 - our own
    failed = {case.get("name", "").split(":")[0] for case in suite if case.find("failure") is not None}

    assert (suite.get("tests"), suite.get("failures")) == ("102", "102")
    assert len(suite) == 102
    assert failed == {*NAMES, "new", "broken"}
    (first,) = [case for case in suite if case.get("name", "").startswith("c000:")]
    text = first.findtext("failure") or ""
    # The finding, the property and the file; of the mild finding nothing.
    assert "SG1,x:y" in text
    assert "Properties.DelaySeconds: 1 → 2" in text
    assert "notes.txt: File changed" in text
    assert "mild" not in text


def test_junit_of_what_is_as_it_was_fails_nothing() -> None:
    kept = snapshots(1, NAMES)
    suite = ET.fromstring(VIEWS["junit"](Verdict(kept.choices, 0, [], {}, compare(kept, kept))))  # noqa: S314

    assert (suite.get("tests"), suite.get("failures"), suite.findall(".//failure")) == ("100", "0", [])


def test_annotations_are_a_line_each_whatever_is_in_them(verdict: Verdict) -> None:
    lines = VIEWS["github"](verdict).splitlines()

    # What does not render, two findings, a combination more and one less, two changes.
    assert len(lines) == 7
    pattern = r"::(error|warning|notice) (file=[^,:\s]+,)?title=[^:,]*::[^\r\n]*"
    assert all(re.fullmatch(pattern, line) and line.isprintable() for line in lines), lines
    assert "title=SG1%2Cx%3Ay::" in lines[1]
    # As it was written, but for what no terminal should get: GitHub decodes what follows a percent sign once.
    said = lines[1].split("::", 2)[2].replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")
    assert said.startswith("t.yaml: 100%0A")
    assert "\n::error::x\n::set-output name=a::b, c: ]]></failure>" in said


def test_json_is_as_documented_and_always_the_same(verdict: Verdict) -> None:
    text = VIEWS["json"](verdict)
    data: dict[str, Any] = json.loads(text)
    (table,) = re.findall(r"\n## The report as JSON\n.*?\n\n((?:\|[^\n]*\n)+)", DOCUMENT.read_text("utf-8"), re.DOTALL)
    documented = {tuple(re.findall(r"`([a-z_]+)`", line.split("|")[1])) for line in table.splitlines()[2:]}
    names = {name for row in documented for name in row}

    assert text == VIEWS["json"](verdict)
    (first, second) = data["changes"]
    assert {*data, *first} <= names
    assert names <= {*data, *second, *second["edits"][0], *data["refused"][0], *data["findings"][0]}
    by_file = {change["file"]: change for change in (first, second)}
    assert by_file["t.yaml"]["combinations"] == NAMES
    assert by_file["t.yaml"]["name"] == HOSTILE
    assert by_file["t.yaml"]["edits"] == [{"path": ["Properties", "DelaySeconds"], "before": 1, "after": 2}]
    assert (by_file["t.yaml"]["consequence"], by_file["t.yaml"]["loses_data"]) == ("update", False)
    assert by_file["notes.txt"]["combinations"] == NAMES[:10]
    assert (data["added"], data["removed"], data["compared"]) == (["new"], ["gone"], True)
    assert data["uncovered"] == [{"axis": HOSTILE, "n": "1"}]


def test_every_report_is_text_that_a_file_takes(verdict: Verdict) -> None:
    for view in VIEWS.values():
        view(verdict).encode("utf-8")


def test_what_loses_data_is_an_error_to_github() -> None:
    change = Change(
        Kind.REMOVED, Part("t.yaml", "Resources", "T"), "AWS::DynamoDB::Table", (Edit((), {}, None),), ("a",)
    )
    verdict = Verdict({"a": {}}, 0, [], {}, Comparison((change,), (), ()))

    assert VIEWS["github"](verdict).startswith(
        "::error title=snapshot%2C data is lost::t.yaml: T (AWS::DynamoDB::Table)"
    )
