"""A rule of the catalogue: its id, what it says, how to mend it, and the function that looks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from generator.checks.case import Case
from generator.findings import Severity
from generator.project import Resource

Place = tuple[str, int, int]
"""File, line and column."""


@dataclass(frozen=True)
class Problem:
    """One thing that a rule objects to.

    Attributes:
        place: where it stands.
        message: one sentence: what is wrong.
        subject: the resource that it is about, whose Metadata may suppress it.
        severity: another severity than the rule's own.
        mend: another way to mend it than the rule's own.
    """

    place: Place
    message: str
    subject: Resource | None = None
    severity: Severity | None = None
    mend: str = ""


def about(resource: Resource, message: str, *path: str | int, **more: Any) -> Problem:
    """A problem of a resource, at one of its properties where the author wrote that."""
    return Problem(resource.place(*path), message, resource, **more)


Check = Callable[[Case], Iterator[Problem]]


@dataclass(frozen=True)
class Rule:
    """A rule.

    Attributes:
        id: its id in the catalogue (`SG101`); stable once released.
        sentence: what it looks for, in one sentence.
        severity: how much a finding of it matters.
        mend: how to mend what it finds, in one sentence.
        link: the AWS documentation that it follows.
        check: yields every problem of a project.
    """

    id: str
    sentence: str
    severity: Severity
    mend: str
    link: str
    check: Check

    @property
    def category(self) -> int:
        """The category of the catalogue: 1 to 10."""
        return int(self.id[2]) or 10


RULES: dict[str, Rule] = {}
"""Every rule by its id; the modules of this package add theirs when they are imported."""


def rule(identifier: str, sentence: str, severity: Severity, mend: str, link: str) -> Callable[[Check], Check]:
    """Make a function the rule of an id."""

    def add(check: Check) -> Check:
        if identifier in RULES:
            raise ValueError(f"{identifier} has a rule already")
        RULES[identifier] = Rule(identifier, sentence, severity, mend, link, check)
        return check

    return add
