"""The ten categories of the catalogue, and what is found in each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from generator.checks.review import Review
from generator.findings import Finding, Severity

CATEGORIES = {
    1: "Security",
    2: "Template validity",
    3: "Environments",
    4: "Monitoring",
    5: "Resources",
    6: "API Gateway",
    7: "Versions and deployment",
    8: "Names",
    9: "Regions and accounts",
    10: "Organisation",
}
_OURS = re.compile(r"SG\d{3}")
_VALIDITY, _ORGANISATION = 2, 10


@dataclass
class Score:
    """One line of the scorecard.

    Attributes:
        number: the category, 1 to 10.
        title: what it is called.
        rules: how many of its rules were asked for.
        errors: findings that are errors, and so on.
        failing: findings that fail the review.
    """

    number: int
    title: str
    rules: int = 0
    errors: int = 0
    warnings: int = 0
    infos: int = 0
    suppressed: int = 0
    known: int = 0
    failing: int = 0

    @property
    def code(self) -> str:
        """How `--select` calls the category."""
        return f"SG{self.number % 10}"

    @property
    def findings(self) -> int:
        """Findings of any severity."""
        return self.errors + self.warnings + self.infos

    def as_json(self) -> dict[str, object]:
        """The line as JSON-ready data."""
        return {
            "category": self.code,
            "title": self.title,
            "rules": self.rules,
            "errors": self.errors,
            "warnings": self.warnings,
            "infos": self.infos,
            "suppressed": self.suppressed,
            "known": self.known,
            "ok": not self.failing,
        }


def category_of(identifier: str) -> int:
    """The category of a rule; what SAM and cfn-lint say is of the templates' validity."""
    if _OURS.fullmatch(identifier):
        return int(identifier[2]) or _ORGANISATION
    return _ORGANISATION if identifier == "suppression" else _VALIDITY


def scorecard(review: Review) -> list[Score]:
    """A line a category, in the catalogue's order."""
    scores = {number: Score(number, title) for number, title in CATEGORIES.items()}
    for identifier in review.rules:
        scores[category_of(identifier)].rules += 1
    for project in review.projects:
        for finding in project.findings:
            _count(scores[category_of(finding.rule)], finding, review)
        for accepted in project.suppressed:
            scores[category_of(accepted.finding.rule)].suppressed += 1
        for finding in project.known:
            scores[category_of(finding.rule)].known += 1
    return list(scores.values())


def counted(number: int, noun: str) -> str:
    """`1 finding`, `2 findings`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def summary(review: Review) -> Iterator[str]:
    """The scorecard as lines of text, then one of the whole."""
    for score in scorecard(review):
        line = f"{score.code}  {score.title:24} {counted(score.rules, 'rule'):>8}  {counted(score.findings, 'finding')}"
        line += f", {score.suppressed} suppressed" if score.suppressed else ""
        yield line + (f", {score.known} known" if score.known else "")


def _count(score: Score, finding: Finding, review: Review) -> None:
    score.errors += finding.severity is Severity.ERROR
    score.warnings += finding.severity is Severity.WARNING
    score.infos += finding.severity is Severity.INFO
    score.failing += review.fails(finding)
