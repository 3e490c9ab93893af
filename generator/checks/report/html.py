"""The review as one page that needs nothing else: scorecard, stacks, findings by category and rule, what passed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from itertools import groupby

from generator import __version__
from generator.checks.report.excerpt import Excerpts
from generator.checks.report.graph import picture
from generator.checks.report.scorecard import CATEGORIES, Score, category_of, counted, scorecard
from generator.checks.report.style import STYLE
from generator.checks.review import Review, Reviewed
from generator.checks.rule import Rule
from generator.findings import Finding, Severity
from generator.staging import printable

# More findings than this stand folded: a list of rules, each with its count.
_UNFOLDED = 40
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_COLUMNS = ("Rules", "Errors", "Warnings", "Notes", "Suppressed", "Known")
_COUNTED = ("Resources", *_COLUMNS[1:])
_SEVERAL = 2
_NOUNS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def html(review: Review) -> str:
    """The page: no scripts, nothing from elsewhere, every text of the project escaped."""
    scores = scorecard(review)
    parts = [
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n',
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
        f"<title>samgen check: {_text(_names(review))}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n",
        f"<header>\n<h1>samgen check: {_text(_names(review))}</h1>\n{_verdict(review)}</header>\n",
        *_bar(review),
        "<main>\n",
    ]
    parts += [f'<p class="bad">{_text(failure)}</p>\n' for failure in review.failures]
    parts += _scorecard(review, scores)
    parts += _projects(review)
    counts = Counter(finding.severity for project in review.projects for finding in project.findings)
    for number, project in enumerate(review.projects, 1):
        parts += _Section(review, project, f"p{number}", counts).parts()
    parts.append("</main>\n</body>\n</html>\n")
    return "".join(parts)


def _names(review: Review) -> str:
    if len(review.projects) > 1:
        return counted(len(review.projects), "project")
    return "".join(project.root.name for project in review.projects)


def _resources(project: Reviewed) -> int:
    """How many resources stand in the project's own templates."""
    return sum(node["resources"] or 0 for node in project.stacks.nodes.values())


def _verdict(review: Review) -> str:
    findings = [finding for project in review.projects for finding in project.findings]
    kind, word = ("good", "passed") if review.ok else ("bad", "not passed")
    found = counted(len(findings), "finding") + (f" ({_severities(findings)})" if findings else "")
    looked = [
        counted(len(review.projects), "project"),
        counted(sum(len(project.templates) for project in review.projects), "template"),
        counted(sum(_resources(project) for project in review.projects), "resource"),
        counted(len(review.rules), "rule"),
    ]
    return (
        f'<p class="verdict {kind}"><strong>{word}</strong><span>: {found}</span></p>\n'
        f'<p class="soft">{", ".join(looked)}; fails from severity {review.threshold.value} upwards. '
        f"samgen {_text(__version__)}</p>\n"
    )


def _severities(findings: Iterable[Finding]) -> str:
    counts = Counter(finding.severity for finding in findings)
    return ", ".join(counted(counts[severity], noun) for severity, noun in _NOUNS.items() if counts[severity])


def _bar(review: Review) -> Iterator[str]:
    """Where to go, and which findings to see; works without scripts."""
    yield '<nav class="bar" aria-label="Parts of the report">\n<a href="#scorecard">Scorecard</a>\n'
    if len(review.projects) > 1:
        yield '<a href="#projects">Projects</a>\n'
    elif review.projects:
        yield '<a href="#p1-stacks">Stacks</a>\n<a href="#p1-findings">Findings</a>\n'
    counts = Counter(finding.severity for project in review.projects for finding in project.findings)
    if counts:
        yield '<span class="filter"><span>Show:</span>\n'
        for severity, noun in ((severity, noun) for severity, noun in _NOUNS.items() if counts[severity]):
            yield f'<label><input type="checkbox" id="show-{severity.value}" checked> '
            yield f"{counted(counts[severity], noun)}</label>\n"
        yield "</span>\n"
    yield "</nav>\n"


def _scorecard(review: Review, scores: Iterable[Score]) -> Iterator[str]:
    yield '<h2 id="scorecard">Scorecard</h2>\n<div class="wide"><table class="card">\n'
    yield "<thead><tr><th>Category</th>"
    for name in _COLUMNS:
        yield f'<th class="n {name.lower()}">{name}</th>'
    yield "<th>Verdict</th></tr></thead>\n<tbody>\n"
    for score in scores:
        numbers = (score.rules, score.errors, score.warnings, score.infos, score.suppressed, score.known)
        cells = "".join(_cell(column, number) for column, number in zip(_COLUMNS, numbers, strict=True))
        kind, word = ("bad", "not passed") if score.failing else ("good", "passed")
        if not score.rules and not score.findings:
            kind, word = "soft", "not checked"
        where, title = _where(review, score.number), _text(score.title)
        title = f'<a href="#{where}">{title}</a>' if where else title
        yield f'<tr><td>{score.code} {title}</td>{cells}<td class="{kind}">{word}</td></tr>\n'
    yield "</tbody>\n</table></div>\n"


def _where(review: Review, category: int) -> str:
    """The category in the first project that has something in it; empty where several have nothing."""
    having = (
        number
        for number, project in enumerate(review.projects, 1)
        if any(category_of(finding.rule) == category for finding in project.findings)
    )
    first = next(having, 1 if len(review.projects) == 1 else 0)
    return f"p{first}-SG{category % 10}" if first else ""


def _projects(review: Review) -> Iterator[str]:
    """One line for each of several projects."""
    if len(review.projects) < _SEVERAL:
        return
    yield '<h2 id="projects">Projects</h2>\n<div class="wide"><table class="card">\n<thead><tr><th>Project</th>'
    yield "".join(f'<th class="n {name.lower()}">{name}</th>' for name in _COUNTED)
    yield "<th>Verdict</th></tr></thead>\n<tbody>\n"
    for number, project in enumerate(review.projects, 1):
        counts = Counter(finding.severity for finding in project.findings)
        numbers = (
            _resources(project),
            *(counts[severity] for severity in _NOUNS),
            len(project.suppressed),
            len(project.known),
        )
        cells = "".join(_cell(column, count) for column, count in zip(_COUNTED, numbers, strict=True))
        failing = any(review.fails(finding) for finding in project.findings)
        kind, word = ("bad", "not passed") if failing else ("good", "passed")
        title = f'<a href="#p{number}-stacks">{_text(project.label)}</a>'
        yield f'<tr><td>{title}</td>{cells}<td class="{kind}">{word}</td></tr>\n'
    yield "</tbody>\n</table></div>\n"


def _cell(column: str, number: int) -> str:
    return f'<td class="n {column.lower()}{"" if number else " zero"}">{number}</td>'


class _Section:
    """What the page tells of one project."""

    def __init__(self, review: Review, project: Reviewed, anchor: str, counts: Mapping[Severity, int]) -> None:
        self._review = review
        self._project = project
        self._anchor = anchor
        self._open = _unfolded(counts)
        self._excerpts = Excerpts(project)

    def parts(self) -> Iterator[str]:
        """Stacks, findings, and what is accepted or known."""
        name = _text(self._project.root.name)
        yield f'<h2 id="{self._anchor}-stacks">Stacks of {name}</h2>\n{picture(self._project)}'
        yield f'<h2 id="{self._anchor}-findings">Findings in {name}</h2>\n'
        if not self._project.findings:
            yield "<p>None.</p>\n"
        for number, title in CATEGORIES.items():
            yield from self._category(number, title)
        yield from self._listed("Suppressed", [(x.finding, x.reason) for x in self._project.suppressed])
        yield from self._listed("Known", [(finding, "") for finding in self._project.known])

    def _category(self, number: int, title: str) -> Iterator[str]:
        findings = [finding for finding in self._project.findings if category_of(finding.rule) == number]
        if not findings and len(self._review.projects) > 1:
            return  # what passed is the same list for each of them
        said = _severities(findings) or "no findings"
        code = f"SG{number % 10}"
        heading = f'{code} {_text(title)} <span class="count">{said}</span>'
        yield f'<h3 id="{self._anchor}-{code}">{heading}</h3>\n'
        for identifier, group in groupby(sorted(findings, key=lambda f: (f.rule, f)), key=lambda f: f.rule):
            yield self._rule(identifier, list(group))
        found = {finding.rule for finding in findings}
        rules = [r for r in self._review.rules.values() if r.category == number and r.id not in found]
        if rules:
            items = "".join(f"<li><code>{_text(rule.id)}</code> {_text(rule.sentence)}</li>\n" for rule in rules)
            summary = f"{counted(len(rules), 'rule')} without findings"
            yield f'<details class="passed"><summary class="soft">{summary}</summary>\n<ul>\n{items}</ul></details>\n'

    def _rule(self, identifier: str, findings: Sequence[Finding]) -> str:
        rule = self._review.rules.get(identifier)
        severities = {finding.severity for finding in findings}
        worst = next(severity for severity in _NOUNS if severity in severities).value
        only = f" only-{worst}" if len(severities) == 1 else ""
        shown = " open" if severities & self._open else ""
        sentence = rule.sentence if rule is not None else f"What {findings[0].tool} says."
        summary = f'<strong>{_text(identifier)}</strong> {_text(sentence)} <span class="badge">{len(findings)}</span>'
        body = "".join(self._finding(rule, finding) for finding in findings)
        return (
            f'<details class="rule {worst}{only}"{shown}><summary class="{worst}">{summary}</summary>\n'
            f"{_help(rule)}{body}</details>\n"
        )

    def _finding(self, rule: Rule | None, finding: Finding) -> str:
        own = finding.mend and (rule is None or finding.mend != rule.mend)
        mend = f"<p>{_text(finding.mend)}</p>" if own else ""
        return f"{self._head(finding)}{mend}{self._excerpts.around(finding)}</div>\n"

    def _head(self, finding: Finding, identifier: str = "") -> str:
        place = f"{self._project.shown(finding.file)}:{finding.line}:{finding.column}"
        severity = finding.severity.value
        return (
            f'<div class="finding {severity}"><strong>{severity} {_text(identifier)}</strong> '
            f"<code>{_text(place)}</code><p>{_text(finding.message)}</p>"
        )

    def _listed(self, title: str, findings: Sequence[tuple[Finding, str]]) -> Iterator[str]:
        if not findings:
            return
        yield f"<h2>{title} in {_text(self._project.root.name)}</h2>\n"
        yield f"<details{' open' if len(findings) <= _UNFOLDED else ''}><summary>{counted(len(findings), 'finding')}"
        yield "</summary>\n"
        for finding, reason in findings:
            said = f"<p>Reason: {_text(reason)}</p>" if reason else ""
            yield f"{self._head(finding, finding.rule)}{said}</div>\n"
        yield "</details>\n"


def _unfolded(counts: Mapping[Severity, int]) -> set[Severity]:
    """The severities whose findings stand open: the worst ones, as long as they are few enough to read."""
    total, unfolded = 0, set()
    for severity in _NOUNS:
        total += counts[severity]
        if total <= _UNFOLDED:
            unfolded.add(severity)
    return unfolded


def _help(rule: Rule | None) -> str:
    if rule is None:
        return ""
    return f'<p>{_text(rule.mend)} <a href="{_text(rule.link)}" rel="noreferrer">AWS documentation</a></p>\n'


def _text(text: str) -> str:
    """Text of the project, made harmless."""
    return escape(printable(text))
