"""The verdict for a person: findings, then changes, each once, with the combinations that have it."""

from __future__ import annotations

from collections.abc import Iterator

from generator.regress.report.bundles import Bundle, bundles, named
from generator.regress.report.words import lines, title, where, wrong
from generator.regress.verdict import Verdict
from generator.staging import printable

_MOST_EDITS, _MOST_LINES, _MOST_PARTS, _MOST_NAMES = 12, 40, 8, 10


def as_text(verdict: Verdict) -> str:
    """Lines of text; empty where there is nothing to tell."""
    return "".join(f"{printable(line)}\n" for told in _lines(verdict) for line in told.split("\n"))


def _lines(verdict: Verdict) -> Iterator[str]:
    for reason, names in verdict.refused.items():
        yield f"refused: {reason.strip()}"
        yield f"  {where(names, verdict)}"
    for found in verdict.found:
        yield found.finding.as_text()
        yield f"  {where(found.combinations, verdict)}"
    if verdict.comparison is None:
        return
    for word, listed in (("new", verdict.comparison.added), ("gone", verdict.comparison.removed)):
        if listed:
            more = f" and {len(listed) - _MOST_NAMES} more" if len(listed) > _MOST_NAMES else ""
            yield f"combinations that are {word}: {', '.join(listed[:_MOST_NAMES])}{more}"
    for bundle in bundles(verdict.comparison):
        yield from _change(bundle, verdict)
    for upgrade in verdict.upgrades or ():
        yield wrong(upgrade)
        yield f"  {where(upgrade.combinations, verdict)}"


def _change(bundle: Bundle, verdict: Verdict) -> Iterator[str]:
    parts = list({(change.part, change.renamed): change for change in bundle.changes}.values())
    if len(parts) > 1:
        yield f"{len(parts)} parts alike, such as {title(bundle.first)}"
        yield f"  {named(parts, _MOST_PARTS)}"
    else:
        yield title(bundle.first)
    told = list(lines(bundle.first))
    most = _MOST_LINES if any(edit.hunk for edit in bundle.first.edits) else _MOST_EDITS
    yield from (f"  {line}" for line in told[:most])
    if len(told) > most:
        yield f"  … and {len(told) - most} more"
    yield f"  {where(bundle.combinations, verdict)}"
