"""The review as workflow commands: GitHub shows each finding at its line of a pull request."""

from __future__ import annotations

from generator.checks.review import Review
from generator.findings import Severity

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def github(review: Review) -> str:
    """A command a finding; what is suppressed or known is not annotated."""
    lines = []
    for project in review.projects:
        for finding in project.findings:
            properties = {
                "file": project.located(finding.file),
                "line": str(finding.line),
                "col": str(finding.column),
                "title": f"samgen {finding.rule}",
            }
            said = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
            text = f"{finding.message} {finding.mend}".strip()
            lines.append(f"::{_COMMANDS[finding.severity]} {said}::{_data(text)}\n")
    return "".join(lines)


def _data(text: str) -> str:
    """A command's text: it ends at the line's end."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """A command's property: it ends at a colon or comma too."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
