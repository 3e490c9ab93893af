"""What a validation says: which checks ran on which templates, and what they found."""

from __future__ import annotations

from dataclasses import dataclass

from generator.findings import Finding, Severity


@dataclass(frozen=True)
class Check:
    """One check that was run.

    Attributes:
        name: `sam validate`, `cfn-lint (source)`, `cfn-lint (expanded)`, `links` or `cloudformation`.
        templates: how many templates it looked at.
        findings: how many findings it has.
        seconds: how long it worked; checks run side by side, so these do not add up to the whole.
    """

    name: str
    templates: int
    findings: int
    seconds: float

    def as_json(self) -> dict[str, object]:
        """The check as JSON-ready data, keys as the attributes are named."""
        return {
            "name": self.name,
            "templates": self.templates,
            "findings": self.findings,
            "seconds": round(self.seconds, 3),
        }


@dataclass(frozen=True)
class Report:
    """The verdict on a project.

    Attributes:
        templates: names of the templates, the root template first.
        checks: the checks in the order in which they are to be shown.
        findings: all findings, sorted by place, each once.
    """

    templates: tuple[str, ...]
    checks: tuple[Check, ...]
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether there is neither an error nor a warning."""
        return all(finding.severity is Severity.INFO for finding in self.findings)

    def as_json(self) -> dict[str, object]:
        """The report as JSON-ready data."""
        return {
            "ok": self.ok,
            "templates": list(self.templates),
            "checks": [check.as_json() for check in self.checks],
            "findings": [finding.as_json() for finding in self.findings],
        }
