"""The forms of a verdict's report."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from generator.regress.report.github import as_github
from generator.regress.report.html import as_html
from generator.regress.report.json import as_json
from generator.regress.report.junit import as_junit
from generator.regress.report.sarif import as_sarif
from generator.regress.report.text import as_text
from generator.regress.verdict import Verdict

VIEWS: Mapping[str, Callable[[Verdict], str]] = {
    "text": as_text,
    "json": as_json,
    "junit": as_junit,
    "github": as_github,
    "sarif": as_sarif,
    "html": as_html,
}
