"""What a scanner objects to, and the table of what is known and accepted."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

TABLE = Path(__file__).resolve().parents[2] / "docs" / "suppressions.md"


@dataclass(frozen=True, order=True)
class Failure:
    """One objection of one tool."""

    tool: str
    """The tool, as docs/suppressions.md calls it."""
    rule: str
    """The tool's id of the rule."""
    place: str
    """Where: `stacks/functions/template.yaml#HelloFunction`, or a file alone."""
    message: str = ""
    """The tool's own words."""
    project: str = ""
    """The example."""

    def __str__(self) -> str:
        return f"{self.tool} {self.rule} {self.project}/{self.place} {self.message}".rstrip()


@dataclass(frozen=True)
class Suppression:
    """A row of docs/suppressions.md."""

    tool: str
    rule: str
    place: str
    """Where, with `*` for any text."""
    reason: str

    def covers(self, failure: Failure) -> bool:
        """Whether a failure is the one that the row accepts."""
        same = (self.tool, self.rule) == (failure.tool, failure.rule)
        return same and fnmatchcase(failure.place, self.place)


def suppressions(text: str) -> list[Suppression]:
    """The rows of the document's first table."""
    rows = re.findall(r"^\| *([^|]+?) *\| *`([^|`]+)` *\| *`([^|`]+)` *\| *([^|]+?) *\|$", text, re.MULTILINE)
    return [Suppression(*row) for row in rows]


def compare(failures: Iterable[Failure], accepted: list[Suppression]) -> tuple[list[Failure], list[Suppression]]:
    """The failures that no row accepts, and the rows that accept nothing."""
    found = list(failures)
    unlisted = [failure for failure in found if not any(row.covers(failure) for row in accepted)]
    stale = [row for row in accepted if not any(row.covers(failure) for failure in found)]
    return sorted(set(unlisted)), stale
