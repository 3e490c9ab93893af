"""What becomes of findings before they are shown: each once, the tools' beside the rules', broken rules told of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from reviews import LINK, RULES, TEMPLATE, found, make_rule, review, write

from generator.checks import load_rules
from generator.checks.case import Case
from generator.checks.report.scorecard import CATEGORIES, category_of, scorecard
from generator.checks.rule import Problem
from generator.checks.select import Selection, selection
from generator.errors import InputError
from generator.findings import Finding, Severity

LINT = Finding("template.yaml", 6, 7, "E3012", Severity.ERROR, "QueueName is no number.", "", "cfn-lint")


def adopts(case: Case) -> Iterator[Problem]:
    for finding in case.findings:
        yield Problem(
            (finding.file, finding.line, finding.column), f"{finding.message.rstrip('.')} (cfn-lint {finding.rule})."
        )


def test_findings_are_sorted_by_place(tmp_path: Path) -> None:
    assert found(review(write(tmp_path))) == [("SG101", 6), ("SG404", 7), ("SG801", 10)]


def test_what_a_rule_adopts_is_not_said_twice(tmp_path: Path) -> None:
    rules = {**RULES, "SG203": make_rule("SG203", adopts)}
    write(tmp_path)

    assert ("E3012", 6) in found(review(tmp_path, tools=[LINT]))
    assert [rule for rule, _ in found(review(tmp_path, rules=rules, tools=[LINT]))] == [
        "SG101", "SG203", "SG404", "SG801",
    ]  # fmt: skip


def test_what_is_adopted_and_not_asked_for_is_not_said_at_all(tmp_path: Path) -> None:
    rules = {**RULES, "SG203": make_rule("SG203", adopts)}
    seen = review(write(tmp_path), rules=rules, tools=[LINT], select=Selection(ignore=("SG2",)))

    assert {rule for rule, _ in found(seen)} == {"SG101", "SG404", "SG801"}


def test_what_has_an_id_of_the_catalogue_is_asked_for_by_either(tmp_path: Path) -> None:
    rules = {**RULES, "SG203": make_rule("SG203", adopts)}
    write(tmp_path)

    def by(select: str, ignore: str = "", *, name: str = "SG203") -> list[str]:
        chosen = selection([select], [ignore], rules)
        some = rules if name == "SG203" else RULES
        seen = review(tmp_path, rules=some, tools=[LINT], select=chosen, names=lambda _: name)
        return [rule for rule, _ in found(seen)]

    assert by("SG2") == ["SG203"]
    assert by("E3012") == ["E3012"]
    assert by("SG2,E3012") == ["SG203"]
    assert by("", "SG1,SG203,SG4,SG8") == []
    assert by("SG101,E", name="SG101") == ["SG101"]  # the same line
    assert by("SG404,E", name="SG404") == ["E3012", "SG404"]  # another


def test_a_selection(tmp_path: Path) -> None:
    write(tmp_path)

    def by(select: str = "", ignore: str = "") -> list[str]:
        chosen = selection([select], [ignore], RULES)
        return [rule for rule, _ in found(review(tmp_path, select=chosen, tools=[LINT]))]

    assert by("SG1") == ["SG101"]
    assert by("sg404, SG801") == ["SG404", "SG801"]
    assert by("E3012") == by("E3") == ["E3012"]
    assert by(ignore="SG1,E") == ["SG404", "SG801"]
    assert by("SG4", "SG404") == []


@pytest.mark.parametrize("word", ["SG999", "SG1011", "security", "SG", "*", "E30122", ""])
def test_a_word_that_is_no_id(word: str) -> None:
    if not word:
        assert selection([word], (), RULES) == Selection()
        return
    with pytest.raises(InputError, match="samgen check --list"):
        selection([word], (), RULES)


def test_a_file_that_cannot_be_read_is_told_of_whatever_is_asked_for(tmp_path: Path) -> None:
    unreadable = Finding("template.yaml", 1, 1, "yaml", Severity.ERROR, "This is not YAML.", "", "sam validate")
    seen = review(write(tmp_path), tools=[unreadable], select=Selection(("SG9",)))

    assert found(seen) == [("yaml", 1)]
    assert not seen.ok
    without = review(tmp_path, tools=[unreadable], select=Selection(ignore=("SG2",)), names=lambda _: "SG201")
    assert ("yaml", 1) in found(without)


def test_a_samconfig_that_cannot_be_read_is_a_finding(tmp_path: Path) -> None:
    write(write(tmp_path), "[dev\n", "samconfig.toml")
    seen = review(tmp_path, select=Selection(("SG9",)))

    assert [(f.file, f.rule) for f in seen.projects[0].findings] == [("samconfig.toml", "samconfig")]


def test_a_rule_that_breaks_down_is_told_of_and_the_others_go_on(tmp_path: Path) -> None:
    def breaks(case: Case) -> Iterator[Problem]:
        raise RecursionError("too deep")
        yield

    seen = review(write(tmp_path), rules={"SG001": make_rule("SG001", breaks), **RULES})

    assert found(seen) == [("SG101", 6), ("SG404", 7), ("SG801", 10)]
    assert seen.failures == [f"SG001 failed in {tmp_path.name} (RecursionError: too deep)."]


def test_the_least_severity_that_fails(tmp_path: Path) -> None:
    write(tmp_path)

    assert not review(tmp_path, threshold=Severity.ERROR).ok
    assert review(tmp_path, threshold=Severity.ERROR, select=Selection(("SG404",))).ok
    assert not review(tmp_path, select=Selection(("SG404",))).ok
    assert review(tmp_path, select=Selection(("SG801",))).ok
    assert not review(tmp_path, threshold=Severity.INFO, select=Selection(("SG801",))).ok


def test_a_project_that_is_named_twice_is_reviewed_once(tmp_path: Path) -> None:
    write(tmp_path)

    assert len(review(tmp_path, tmp_path / ".").projects) == 1


def test_files_of_several_projects_can_be_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    seen = review(write(tmp_path / "one"), write(tmp_path / "two" / "inner"))

    assert [project.shown("template.yaml") for project in seen.projects] == [
        "one/template.yaml",
        "two/inner/template.yaml",
    ]
    alone = review(tmp_path / "one").projects[0]
    assert (alone.shown("template.yaml"), alone.located("template.yaml")) == ("template.yaml", "one/template.yaml")


def test_no_text_of_a_project_reaches_a_report_with_control_characters(tmp_path: Path) -> None:
    said = "one\x1b[2J two\n::error::three \ud800 \u202e four"
    hostile = Finding("a\nb.yaml", 1, 1, "E0000", Severity.ERROR, said, said, "cfn-lint")
    (finding,) = review(write(tmp_path), tools=[hostile], select=Selection(("E",))).projects[0].findings

    text = f"{finding.file}{finding.message}{finding.mend}"
    assert text.isprintable()
    text.encode("utf-8")


def test_the_scorecard_has_the_ten_categories(tmp_path: Path) -> None:
    scores = {score.code: score for score in scorecard(review(write(tmp_path), tools=[LINT]))}

    assert list(scores) == ["SG1", "SG2", "SG3", "SG4", "SG5", "SG6", "SG7", "SG8", "SG9", "SG0"]
    assert (scores["SG1"].errors, scores["SG1"].failing, scores["SG1"].rules) == (1, 1, 1)
    assert (scores["SG2"].errors, scores["SG2"].rules) == (1, 0)  # what cfn-lint says
    assert (scores["SG8"].infos, scores["SG8"].failing) == (1, 0)
    assert scores["SG9"].as_json()["ok"] is True


def test_every_rule_has_a_category_and_a_link_to_aws() -> None:
    for identifier, rule in load_rules().items():
        assert category_of(identifier) == rule.category
        assert rule.category in CATEGORIES
        assert rule.link.startswith("https://docs.aws.amazon.com/")
        assert rule.sentence.endswith(".")
        assert rule.mend.endswith(".")
    assert LINK.startswith("https://docs.aws.amazon.com/")


def test_an_excerpt_comes_from_within_the_project(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    project = review(write(tmp_path / "p")).projects[0]

    assert project.source("template.yaml") == TEMPLATE
    assert project.source("../secret.txt") == ""
    assert project.source("nowhere.yaml") == ""
    assert project.source("a\0b") == ""
