"""Reviews of small projects by rules that the tests make themselves: no tool runs, and no rule of the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import cast

from generator.checks.baseline import Baseline
from generator.checks.case import Case
from generator.checks.review import Review, Reviewer
from generator.checks.rule import Problem, Rule, about
from generator.checks.select import Selection
from generator.findings import Finding, Severity
from generator.project import Project
from generator.validate import Check, Report, Validator

LINK = "https://docs.aws.amazon.com/lambda/latest/dg/welcome.html"

TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: orders
  Topic:
    Type: AWS::SNS::Topic
    Properties:
      TopicName: news
"""


def flags(kind: str, *path: str, message: str = "{} is wrong.") -> object:
    """A check that objects to every resource of a type."""

    def check(case: Case) -> Iterator[Problem]:
        for _, resource in case.of_type(kind):
            yield about(resource, message.format(resource.owner), *path)

    return check


def nothing(case: Case) -> Iterator[Problem]:
    """A check that objects to nothing."""
    yield from ()


def make_rule(identifier: str, check: object, severity: Severity = Severity.WARNING, mend: str = "Mend it.") -> Rule:
    """A rule that is in no registry."""
    return Rule(identifier, f"What {identifier} is for.", severity, mend, LINK, check)  # type: ignore[arg-type]


RULES = {
    rule.id: rule
    for rule in (
        make_rule("SG101", flags("AWS::SQS::Queue", "QueueName"), Severity.ERROR),
        make_rule("SG404", flags("AWS::SNS::Topic")),
        make_rule("SG801", flags("AWS::SNS::Topic", "TopicName", message="{} may be named better."), Severity.INFO),
        make_rule("SG901", nothing),
    )
}


class Tools:
    """Stands where SAM and cfn-lint would, and says what a test tells it to."""

    forked = False
    jobs = 1

    def __init__(self, findings: Sequence[Finding] = ()) -> None:
        self._findings = tuple(findings)

    def start(self) -> None:
        pass

    def validate(self, _project: Project) -> Report:
        return Report((), (Check("links", 1, len(self._findings), 0.0),), self._findings)


def write(folder: Path, text: str = TEMPLATE, name: str = "template.yaml") -> Path:
    """Write a template into a folder, which is made; the folder."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return folder


def review(
    *projects: Path,
    rules: dict[str, Rule] | None = None,
    select: Selection | None = None,
    tools: Sequence[Finding] = (),
    threshold: Severity = Severity.WARNING,
    baseline: Baseline | None = None,
    names: Callable[[Finding], str | None] = lambda _: None,
) -> Review:
    """Review projects as `samgen check` does."""
    validator = cast("Validator", Tools(tools))
    reviewer = Reviewer(validator, RULES if rules is None else rules, select or Selection(), None, threshold, names)
    return reviewer.review(projects, baseline)


def found(of: Review) -> list[tuple[str, int]]:
    """Id and line of each finding."""
    return [(finding.rule, finding.line) for project in of.projects for finding in project.findings]
