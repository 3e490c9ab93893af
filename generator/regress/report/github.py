"""The verdict as annotations of a workflow run."""

from __future__ import annotations

from collections.abc import Iterator

from generator.findings import Severity
from generator.regress.report.bundles import bundles, named
from generator.regress.report.words import lines, title, where, wrong
from generator.regress.verdict import Verdict
from generator.staging import printable

_MOST_LINES, _MOST_PARTS = 20, 12
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def as_github(verdict: Verdict) -> str:
    """Workflow commands, a line each."""
    return "".join(f"{line}\n" for line in _lines(verdict))


def _lines(verdict: Verdict) -> Iterator[str]:
    for reason, names in verdict.refused.items():
        yield f"::error title=refused::{_escaped(f'{reason} ({where(names, verdict)})')}"
    for found in verdict.found:
        finding = found.finding
        text = f"{finding.file}: {finding.message} {finding.mend} ({where(found.combinations, verdict)})"
        yield f"::{_LEVELS[finding.severity]} title={_property(finding.rule)}::{_escaped(text)}"
    if verdict.comparison is not None:
        # GitHub shows ten annotations of a kind; new combinations are one.
        for level, word, listed in (
            ("notice", "new", verdict.comparison.added),
            ("warning", "gone", verdict.comparison.removed),
        ):
            if listed:
                yield f"::{level} title=combinations that are {word}::{_escaped(', '.join(listed))}"
        for bundle in bundles(verdict.comparison):
            told = [title(bundle.first), *list(lines(bundle.first))[:_MOST_LINES]]
            if len(bundle.changes) > 1:
                told.append(f"The same: {named(bundle.changes, _MOST_PARTS)}")
            level, kind = ("error", "snapshot, data is lost") if bundle.loud else ("warning", "snapshot")
            file = verdict.located(bundle.first.part.file)
            at = f"file={_property(file)}," if file != bundle.first.part.file else ""
            text = "\n".join([*told, where(bundle.combinations, verdict)])
            yield f"::{level} {at}title={_property(kind)}::{_escaped(text)}"
    for upgrade in verdict.upgrades or ():
        file = verdict.located(upgrade.trouble.file)
        at = f"file={_property(file)}," if file != upgrade.trouble.file else ""
        text = f"{wrong(upgrade)} ({where(upgrade.combinations, verdict)})"
        yield f"::warning {at}title=update::{_escaped(text)}"


def _escaped(text: str) -> str:
    text = "\n".join(printable(line) for line in text.split("\n"))
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
