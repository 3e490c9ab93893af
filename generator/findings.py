"""What a validator or a check reports: a finding is data, and text, JSON or SARIF are views of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import Enum


class Severity(str, Enum):
    """How much a finding matters; only errors and warnings fail a generation."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that is wrong at one place.

    Attributes:
        file: path relative to the project's root, with forward slashes.
        line: 1-based line in that file; 1 where nothing better is known.
        column: 1-based column; 1 where nothing better is known.
        rule: the id that the finding tool gives it (`E3012`, `sam`, `link-output`).
        severity: error, warning or info.
        message: one sentence: what is wrong.
        mend: one sentence: what to do about it; may be empty.
        tool: who says so: `sam validate`, `cfn-lint`, `cfn-lint (expanded)`, `links`, `cloudformation`.
    """

    file: str
    line: int
    column: int
    rule: str
    severity: Severity
    message: str
    mend: str = ""
    tool: str = ""

    def as_json(self) -> dict[str, object]:
        """The finding as JSON-ready data, keys as the attributes are named."""
        return {**asdict(self), "severity": self.severity.value}

    def as_text(self) -> str:
        """One line in the form editors link: `file:line:column: error E3012: message Mend.`"""
        place = f"{self.file}:{self.line}:{self.column}"
        hint = f" {self.mend}" if self.mend else ""
        return f"{place}: {self.severity.value} {self.rule}: {self.message}{hint}"
