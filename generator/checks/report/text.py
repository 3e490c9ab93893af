"""The review as lines that editors link: `file:line:column: severity SG101: message mend`."""

from __future__ import annotations

from dataclasses import replace

from generator.checks.review import Review, shown_findings


def text(review: Review) -> str:
    """A line a finding, then a line for each that is suppressed, with the reason."""
    lines = [finding.as_text() for finding in shown_findings(review)]
    for project in review.projects:
        for accepted in project.suppressed:
            finding = replace(accepted.finding, file=project.shown(accepted.finding.file), mend="")
            place = f"{finding.file}:{finding.line}:{finding.column}"
            lines.append(f"{place}: suppressed {finding.rule}: {finding.message} Reason: {accepted.reason}")
    return "".join(f"{line}\n" for line in lines)
