"""The verdict as one page that needs nothing else: coverage, findings, changes side by side, each told once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape

from generator import __version__
from generator.changes.model import Consequence
from generator.checks.report.style import STYLE as COMMON
from generator.regress.compare import Change, Edit, Kind, text_of
from generator.regress.report.bundles import Bundle, bundles, named
from generator.regress.report.sidebyside import lines_beside, side_by_side
from generator.regress.report.style import STYLE
from generator.regress.report.words import counted, hint, place, problem, subject
from generator.regress.verdict import Found, Verdict
from generator.staging import printable

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
# More changes than this stand folded; and so many edits, names or sets are shown of one.
_UNFOLDED = 12
_MOST_EDITS, _MOST_NAMES, _MOST_SETS, _MOST_PARTS = 40, 600, 60, 12
_MILD = (Consequence.RECORD, Consequence.CREATE)


def as_html(verdict: Verdict) -> str:
    """The page: no scripts, nothing from elsewhere, every text of a project escaped."""
    found = bundles(verdict.comparison)
    parts = [
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n',
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
        f"<title>samgen regress</title>\n<style>{COMMON}{STYLE}</style>\n</head>\n<body>\n",
        f"<header>\n<h1>samgen regress</h1>\n{_verdict(verdict, found)}</header>\n",
        *_bar(verdict, found),
        "<main>\n",
        *_findings(verdict),
        *_changes(verdict, found),
        *_upgrades(verdict),
        *_combinations(verdict),
        *_coverage(verdict),
        "</main>\n</body>\n</html>\n",
    ]
    return "".join(parts)


def _verdict(verdict: Verdict, found: Sequence[Bundle]) -> str:
    if not verdict.sound:
        kind, word = "bad", "not sound"
    elif verdict.comparison is None:
        kind, word = "good", "sound"
    else:
        kind, word = ("good", "sound, and as the snapshots say") if verdict.same else ("bad", "sound, but different")
    said = [counted(len(verdict.found), "finding"), counted(len(found), "change")]
    if loud := sum(bundle.loud for bundle in found):
        said.append(f"{loud} of them lose data")
    if verdict.upgrades:
        said.append(f"{counted(len(verdict.upgrades), 'update')} that go wrong")
    if verdict.refused:
        said.append(f"{sum(map(len, verdict.refused.values()))} not rendered")
    coverage = verdict.coverage
    sets = f"{coverage.covered:,} sets of {counted(coverage.strength, 'choice')}"
    return (
        f'<p class="verdict {kind}"><strong>{word}</strong><span>: {", ".join(said)}</span></p>\n'
        f'<p class="soft">{counted(len(verdict.combinations), "combination")}, {verdict.known} known from before; '
        f"{sets}; fails from severity {verdict.threshold.value} upwards. samgen {_text(__version__)}</p>\n"
    )


def _bar(verdict: Verdict, found: Sequence[Bundle]) -> Iterator[str]:
    yield '<nav class="bar" aria-label="Parts of the report">\n<a href="#findings">Findings</a>\n'
    if verdict.comparison is not None:
        yield '<a href="#changes">Changes</a>\n'
    if verdict.upgrades is not None:
        yield '<a href="#updates">Updates</a>\n'
    yield '<a href="#coverage">Coverage</a>\n'
    if any(bundle.loud for bundle in found):
        yield '<span class="filter"><label><input type="checkbox" id="only-loud"> only what loses data</label></span>\n'
    yield "</nav>\n"


def _findings(verdict: Verdict) -> Iterator[str]:
    yield '<h2 id="findings">Findings</h2>\n'
    for reason, combinations in verdict.refused.items():
        yield f'<div class="finding error"><strong>not rendered</strong><p>{_text(reason)}</p>'
        yield f"{_where(combinations, verdict)}</div>\n"
    for found in verdict.found:
        yield _finding(found, verdict)
    if not (verdict.found or verdict.refused):
        yield "<p>None.</p>\n"


def _finding(found: Found, verdict: Verdict) -> str:
    finding = found.finding
    severity = finding.severity.value
    at = f"{verdict.located(finding.file)}:{finding.line}"
    mend = f"<p>{_text(finding.mend)}</p>" if finding.mend else ""
    return (
        f'<div class="finding {severity}"><strong>{severity} {_text(finding.rule)}</strong> '
        f"<code>{_text(at)}</code><p>{_text(finding.message)}</p>{mend}{_where(found.combinations, verdict)}</div>\n"
    )


def _changes(verdict: Verdict, found: Sequence[Bundle]) -> Iterator[str]:
    if verdict.comparison is None:
        return
    yield f'<h2 id="changes">Changes <span class="count">{len(found)}</span></h2>\n'
    if not found:
        yield "<p>None.</p>\n"
    for bundle in found:
        yield _change(bundle, verdict, opened=len(found) <= _UNFOLDED or bundle.loud)


def _change(bundle: Bundle, verdict: Verdict, *, opened: bool) -> str:
    first, several = bundle.first, len(bundle.changes) > 1
    distinct = {(change.part, change.renamed) for change in bundle.changes}
    title = f"{len(distinct)} of {first.type or first.part.section}" if len(distinct) > 1 else subject(first)
    became = f"is now called {first.renamed}" if first.kind is Kind.RENAMED else first.kind.value
    effect = f'; <span class="effect">it {_text(bundle.effect.words)}</span>' if bundle.effect is not None else ""
    body = f"<p><code>{_text(named(_once(bundle.changes), _MOST_PARTS))}</code></p>\n" if several else ""
    return (
        f'<details class="change {_kind(bundle)}"{" open" if opened else ""}>'
        f"<summary><code>{_text(first.part.file)}</code> <strong>{_text(title)}</strong> {_text(became)}{effect} "
        f'<span class="badge">{len(bundle.combinations)}</span></summary>\n'
        f"{_where(bundle.combinations, verdict)}{body}{''.join(_edits(first))}</details>\n"
    )


def _once(changes: Sequence[Change]) -> list[Change]:
    return list({(change.part, change.renamed): change for change in changes}.values())


def _kind(bundle: Bundle) -> str:
    if bundle.loud:
        return "loud"
    if bundle.effect is None:
        return "file"
    return bundle.effect.consequence.name.lower() if bundle.effect.consequence in _MILD else "update"


def _edits(change: Change) -> Iterator[str]:
    if change.kind is Kind.CHANGED and not change.edits:
        yield '<p class="soft">The file is another one; it is no text, or a very long one.</p>\n'
    edits: Sequence[Edit] = change.edits if change.kind is not Kind.RENAMED else ()
    for edit in edits[:_MOST_EDITS]:
        if edit.hunk is not None:
            yield f'<p class="soft">from line {edit.hunk.line}, now {edit.hunk.now}</p>\n'
            above, below = list(edit.hunk.above), list(edit.hunk.below)
            yield lines_beside([*above, *edit.hunk.gone, *below], [*above, *edit.hunk.new, *below])
            continue
        if edit.path:
            yield f"<p><code>{_text(place(edit))}</code></p>\n"
        yield side_by_side(*(_told(change, value) for value in (edit.before, edit.after)))
    if len(edits) > _MOST_EDITS:
        yield f"<p>And {len(edits) - _MOST_EDITS} places more.</p>\n"


def _told(change: Change, value: object) -> object:
    """A value as it is shown: of a file its text."""
    text = text_of(change.part, value)
    return value if text is None else text


def _where(combinations: Sequence[str], verdict: Verdict) -> str:
    """In which combinations, and what tells them from others; the names themselves folded."""
    shared = hint(combinations, verdict)
    of = f"in {len(combinations)} of {len(verdict.combinations)} combinations"
    items = "".join(f"<li><code>{_text(name)}</code></li>" for name in combinations[:_MOST_NAMES])
    more = f"<li>and {len(combinations) - _MOST_NAMES} more</li>" if len(combinations) > _MOST_NAMES else ""
    said = f"{of}{f', all that have {_text(shared)}' if shared else ''}"
    return f'<details><summary class="soft">{said}</summary><ul class="names">{items}{more}</ul></details>\n'


def _upgrades(verdict: Verdict) -> Iterator[str]:
    if verdict.upgrades is None:
        return
    yield f'<h2 id="updates">Updates of edited projects <span class="count">{len(verdict.upgrades)}</span></h2>\n'
    if not verdict.upgrades:
        yield "<p>None goes wrong.</p>\n"
    for upgrade in verdict.upgrades:
        yield f'<div class="finding warning"><strong>{_text(upgrade.trouble.kind)}</strong>'
        yield f"<p>{_text(problem(upgrade.trouble))}</p>{_where(upgrade.combinations, verdict)}</div>\n"


def _combinations(verdict: Verdict) -> Iterator[str]:
    if verdict.comparison is None:
        return
    for title, listed in (("New", verdict.comparison.added), ("Gone", verdict.comparison.removed)):
        if listed:
            items = "".join(f"<li><code>{_text(name)}</code></li>" for name in listed[:_MOST_NAMES])
            yield f"<details><summary>{title}: {counted(len(listed), 'combination')}</summary>"
            yield f'<ul class="names">{items}</ul></details>\n'


def _coverage(verdict: Verdict) -> Iterator[str]:
    coverage = verdict.coverage
    yield '<h2 id="coverage">Coverage</h2>\n'
    yield f"<p>{coverage.covered:,} allowed sets of {counted(coverage.strength, 'choice')} are in some combination; "
    yield f"{len(coverage.missing):,} are in none.</p>\n"
    for choices in coverage.missing[:_MOST_SETS]:
        text = ", ".join(f"{axis}: {choice}" for axis, choice in choices.items())
        yield f'<span class="chip uncovered">{_text(text)}</span>\n'
    yield '<div class="wide"><table><thead><tr><th>Axis</th><th>Choices, and in how many of the combinations</th>'
    yield "</tr></thead>\n<tbody>\n"
    for axis, every in coverage.axes.items():
        counts = Counter(chosen.get(axis) for chosen in verdict.combinations.values())
        chips = "".join(f'<span class="chip">{_text(choice)} <b>{counts[choice]}</b></span> ' for choice in every)
        yield f"<tr><td>{_text(axis)}</td><td>{chips}</td></tr>\n"
    yield "</tbody>\n</table></div>\n"
    fixed = [name for name, choices in verdict.combinations.items() if not choices]
    if fixed:
        yield f"<p>Beside them by name: {_text(', '.join(fixed))}.</p>\n"


def _text(text: object) -> str:
    """Text of a template, made harmless."""
    return escape(printable(str(text)))
