"""The views of a review: each is a function from the review to the text of a report."""

from __future__ import annotations

from collections.abc import Callable

from generator.checks.report import github, html, json, junit, sarif, text
from generator.checks.review import Review

__all__ = ["VIEWS"]

VIEWS: dict[str, Callable[[Review], str]] = {
    "text": text.text,
    "json": json.json,
    "sarif": sarif.sarif,
    "junit": junit.junit,
    "github": github.github,
    "html": html.html,
}
"""Each view by the name of its form; the same review gives the same text."""
