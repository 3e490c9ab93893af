"""The review as one JSON object."""

from __future__ import annotations

import json as library
from dataclasses import replace
from typing import Any

from generator import __version__
from generator.checks.report.scorecard import scorecard
from generator.checks.review import Review, Reviewed
from generator.findings import Finding


def json(review: Review) -> str:
    """The verdict, the scorecard, and every finding of every project."""
    data = {
        "samgen": __version__,
        "ok": review.ok,
        "scorecard": [score.as_json() for score in scorecard(review)],
        "failures": review.failures,
        "projects": [_project(project) for project in review.projects],
    }
    return library.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _project(project: Reviewed) -> dict[str, Any]:
    return {
        "path": project.label,
        "templates": [project.shown(template) for template in project.templates],
        "findings": [_finding(project, finding) for finding in project.findings],
        "suppressed": [
            {**_finding(project, accepted.finding), "reason": accepted.reason} for accepted in project.suppressed
        ],
        "known": [_finding(project, finding) for finding in project.known],
    }


def _finding(project: Reviewed, finding: Finding) -> dict[str, object]:
    return replace(finding, file=project.shown(finding.file)).as_json()
