"""The review as one page that needs nothing else: scorecard, stacks, findings with their source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from generator import __version__
from generator.checks.report.graph import picture
from generator.checks.report.scorecard import Score, category_of, counted, scorecard
from generator.checks.review import Review, Reviewed
from generator.findings import Finding
from generator.staging import printable

# Their findings are about what a reader of the page may not be meant to see.
_SECRET = {"SG106", "SG304"}
_AROUND = 3
_LONGEST = 200

_STYLE = """
:root { color-scheme: light dark; --text: #1c2733; --soft: #5b6875; --back: #ffffff; --panel: #f3f5f7;
  --line: #d4dae0; --bad: #b3261e; --warn: #8a5a00; --note: #2a5d9f; --good: #1d6b3c; }
@media (prefers-color-scheme: dark) { :root { --text: #e4e9ee; --soft: #9aa7b4; --back: #14191f; --panel: #1d242c;
  --line: #37424d; --bad: #ff8a80; --warn: #f2c14e; --note: #8ab8f5; --good: #7ed29b; } }
body { margin: 0 auto; padding: 2rem 1.5rem 4rem; max-width: 70rem; background: var(--back); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.2rem; margin: 2.5rem 0 .8rem; } h3 { font-size: 1rem; }
.verdict { font-size: 1.1rem; } .soft { color: var(--soft); }
table { border-collapse: collapse; width: 100%; }
th, td { padding: .35rem .7rem; border-bottom: 1px solid var(--line); text-align: left; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
.good { color: var(--good); } .bad, .error { color: var(--bad); } .warning { color: var(--warn); }
.info { color: var(--note); }
.finding { border: 1px solid var(--line); border-radius: 6px; margin: .8rem 0; padding: .7rem 1rem; }
.finding p { margin: .2rem 0; } code, pre { font: .85rem/1.5 ui-monospace, monospace; }
pre { background: var(--panel); padding: .5rem .7rem; overflow-x: auto; margin: .6rem 0 .2rem; }
pre mark { display: block; background: none; color: inherit; font-weight: 700; border-left: 3px solid currentColor;
  margin-left: -.7rem; padding-left: calc(.7rem - 3px); }
.picture { overflow-x: auto; } svg.stacks { font: 12px system-ui, sans-serif; max-width: 100%; height: auto; }
svg.stacks rect { fill: var(--panel); stroke: currentColor; } svg.stacks text { fill: var(--soft); }
svg.stacks text.name { fill: var(--text); font-weight: 600; }
svg.stacks path { fill: none; stroke: var(--soft); stroke-width: 1.5; }
svg.stacks path.nests { stroke-dasharray: 4 4; opacity: .7; } svg.stacks path.passes { stroke: var(--note); }
"""


def html(review: Review) -> str:
    """The page: no scripts, nothing from elsewhere, every text of the project escaped."""
    parts = [
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n",
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
        f"<title>samgen check: {_text(_names(review))}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n",
        f"<header>\n<h1>samgen check: {_text(_names(review))}</h1>\n",
        f'<p class="verdict">{_verdict(review)}</p>\n',
        f'<p class="soft">samgen {_text(__version__)}, {counted(len(review.rules), "rule")}</p>\n</header>\n<main>\n',
    ]
    parts += [f'<p class="bad">{_text(failure)}</p>\n' for failure in review.failures]
    parts += _scorecard(scorecard(review))
    for project in review.projects:
        parts += _project(review, project)
    parts.append("</main>\n</body>\n</html>\n")
    return "".join(parts)


def _names(review: Review) -> str:
    return ", ".join(project.project.root.name for project in review.projects)


def _verdict(review: Review) -> str:
    number = sum(len(project.findings) for project in review.projects)
    word = '<span class="good">passed</span>' if review.ok else '<span class="bad">not passed</span>'
    return f"{word}: {counted(number, 'finding')}"


def _scorecard(scores: Iterable[Score]) -> Iterator[str]:
    yield "<h2>Scorecard</h2>\n<table>\n<thead><tr><th>Category</th><th></th>"
    for name in ("Rules", "Errors", "Warnings", "Notes", "Suppressed", "Known"):
        yield f'<th class="n">{name}</th>'
    yield "<th>Verdict</th></tr></thead>\n<tbody>\n"
    for score in scores:
        numbers = (score.rules, score.errors, score.warnings, score.infos, score.suppressed, score.known)
        cells = "".join(f'<td class="n">{number}</td>' for number in numbers)
        kind, word = ("bad", "not passed") if score.failing else ("good", "passed")
        if not score.rules and not score.findings:
            kind, word = "soft", "not checked"
        yield f'<tr><td>{score.code}</td><td>{_text(score.title)}</td>{cells}<td class="{kind}">{word}</td></tr>\n'
    yield "</tbody>\n</table>\n"


def _project(review: Review, project: Reviewed) -> Iterator[str]:
    name = project.project.root.name
    yield f'<h2>Stacks of {_text(name)}</h2>\n<div class="picture">{picture(project)}</div>\n'
    yield '<p class="soft">Dashed: nests. Solid: hands its outputs to.</p>\n'
    yield f"<h2>Findings in {_text(name)}</h2>\n"
    if not project.findings:
        yield "<p>None.</p>\n"
    sources: dict[str, list[str]] = {}
    for finding in sorted(project.findings, key=lambda f: (category_of(f.rule), f)):
        if finding.file not in sources:
            sources[finding.file] = project.source(finding.file).splitlines()
        yield _finding(review, project, finding, sources[finding.file])
    if project.suppressed:
        yield f"<h2>Suppressed in {_text(name)}</h2>\n"
    for accepted in project.suppressed:
        yield f'<div class="finding">{_head(project, accepted.finding)}<p>Reason: {_text(accepted.reason)}</p></div>\n'
    if project.known:
        yield f"<h2>Known in {_text(name)}</h2>\n"
    for finding in project.known:
        yield f'<div class="finding">{_head(project, finding)}</div>\n'


def _finding(review: Review, project: Reviewed, finding: Finding, lines: list[str]) -> str:
    rule = review.rules.get(finding.rule)
    mend = f"<p>{_text(finding.mend)}</p>" if finding.mend else ""
    link = f'<p><a href="{_text(rule.link)}">AWS documentation</a></p>' if rule is not None else ""
    return f'<div class="finding">{_head(project, finding)}{mend}{_excerpt(finding, lines)}{link}</div>\n'


def _head(project: Reviewed, finding: Finding) -> str:
    place = f"{project.shown(finding.file)}:{finding.line}:{finding.column}"
    severity = finding.severity.value
    return (
        f'<p><strong class="{severity}">{severity} {_text(finding.rule)}</strong> '
        f"<code>{_text(place)}</code></p><p>{_text(finding.message)}</p>"
    )


def _excerpt(finding: Finding, lines: list[str]) -> str:
    """The lines around a finding, its own marked."""
    if finding.rule in _SECRET:
        return '<p class="soft">The source is not shown: it may hold what is secret.</p>'
    if not 1 <= finding.line <= len(lines):
        return ""
    first = max(1, finding.line - _AROUND)
    last = min(len(lines), finding.line + _AROUND)
    width = len(str(last))
    shown = []
    for number in range(first, last + 1):
        line = f"{number:>{width}}  {_text(_short(lines[number - 1]))}"
        shown.append(f"<mark>{line}</mark>" if number == finding.line else f"{line}\n")
    return f"<pre>{''.join(shown)}</pre>"


def _short(line: str) -> str:
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def _text(text: str) -> str:
    """Text of the project, made harmless."""
    return escape(printable(text.replace("\t", "    ")))
