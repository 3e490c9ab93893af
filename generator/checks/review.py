"""The verdict of every rule and every tool on projects: each finding once, and what is accepted or known apart."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import networkx as nx

from generator.checks.baseline import Baseline
from generator.checks.case import Case
from generator.checks.rule import Rule
from generator.checks.run import TOOL, as_finding, problems, read_case
from generator.checks.select import ADOPTING, ALWAYS, Selection
from generator.checks.suppress import Owner, Suppressed, Suppressions
from generator.findings import Finding, Severity
from generator.project import Neighbours, Project, load_project
from generator.project.graph import stack_graph
from generator.project.template import MAX_BYTES, relative_name
from generator.staging import printable
from generator.validate.pool import say_alive

if TYPE_CHECKING:
    from generator.validate import Report, Validator

_RANK = {Severity.INFO: 0, Severity.WARNING: 1, Severity.ERROR: 2}
_SOURCE_LIMIT = 1_000_000
# So many projects a process, and each process takes whole ones; fewer would leave one process with the largest alone.
_ENOUGH = 2


@dataclass(frozen=True)
class Reviewed:
    """Everything that was found in one project, and what reports say of it: never its data, as there may be many.

    Attributes:
        root: its folder.
        label: where it lies, as seen from the current folder; `.` for that folder itself.
        prefix: what stands before its files' names where several projects are told of; else empty.
        findings: what is wrong: neither accepted nor known.
        suppressed: what its templates accept.
        known: what the baseline lists.
        failures: rules that broke down, a sentence each.
        templates: the names of its templates, the root first, each with its file where that can be shown.
        stacks: its stacks and what they hand to each other, as `generator.project.graph.stack_graph` makes it.
    """

    root: Path
    label: str
    prefix: str = ""
    findings: tuple[Finding, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
    known: tuple[Finding, ...] = ()
    failures: tuple[str, ...] = ()
    templates: Mapping[str, Path | None] = field(default_factory=dict)
    stacks: nx.DiGraph[str] = field(default_factory=nx.DiGraph, compare=False)

    def shown(self, file: str) -> str:
        """How a report calls a file: by its path from the project's root."""
        return f"{self.prefix}{file}"

    def located(self, file: str) -> str:
        """A file's path from the current folder, for readers that know only the repository; with forward slashes."""
        if self.label == "." or self.label.split("/")[0] == ".." or Path(self.label).is_absolute():
            return file
        return f"{self.label}/{file}"

    def source(self, file: str) -> str:
        """The text of a file that a finding names; empty where it cannot be shown."""
        if file not in self.templates:
            return _read_inside(self.root, file)
        path = self.templates[file]
        return _read(path, MAX_BYTES) if path is not None else ""


@dataclass(frozen=True)
class Review:
    """The whole verdict.

    Attributes:
        projects: every project, in the order in which they were named.
        rules: the rules that were asked for.
        threshold: the least severity that fails.
        compared: whether there is a baseline.
        gone: how many findings of the baseline are not there any more.
    """

    projects: tuple[Reviewed, ...]
    rules: Mapping[str, Rule]
    threshold: Severity = Severity.WARNING
    compared: bool = False
    gone: int = 0

    @property
    def ok(self) -> bool:
        """Whether nothing fails."""
        return not any(self.fails(finding) for project in self.projects for finding in project.findings)

    @property
    def failures(self) -> list[str]:
        """Rules that broke down, a sentence each."""
        return [failure for project in self.projects for failure in project.failures]

    def fails(self, finding: Finding) -> bool:
        """Whether a finding matters enough to fail."""
        return _RANK[finding.severity] >= _RANK[self.threshold]


def _no_name(_finding: Finding) -> None:
    return None


@dataclass(frozen=True)
class Reviewer:
    """Reviews projects.

    Attributes:
        validator: gives the verdict of SAM, cfn-lint and the links.
        rules: every rule there is.
        selection: which findings are asked for.
        environment: the one environment to look at; None for all.
        threshold: the least severity that fails.
        names: the catalogue's id of what a tool finds; None where it has none.
    """

    validator: Validator
    rules: Mapping[str, Rule]
    selection: Selection = field(default_factory=Selection)
    environment: str | None = None
    threshold: Severity = Severity.WARNING
    names: Callable[[Finding], str | None] = _no_name

    def review(self, paths: Sequence[Path], baseline: Baseline | None = None) -> Review:
        """Review the projects at the paths, each once.

        Raises:
            InputError: there is no project at a path, or no such environment in it.
            ToolError: a tool is missing, broke down, or did not answer in time.
        """
        distinct = list({os.path.realpath(path): path for path in paths}.values())  # also of a link to itself
        jobs = self.validator.jobs
        if jobs > 1 and len(distinct) >= _ENOUGH * jobs:
            found = self._in_workers(distinct, jobs)
        else:
            found = [self._judge(*answer) for answer in self._answers(distinct)]
        several = len(found) > 1
        projects = tuple(_place(project, several, baseline) for project in _once(found))
        wanted = {identifier: rule for identifier, rule in self.rules.items() if self.selection.takes(identifier)}
        gone = baseline.gone if baseline is not None else 0
        return Review(projects, wanted, self.threshold, baseline is not None, gone)

    def review_loaded(self, project: Project) -> Reviewed:
        """What is found in one project that is loaded already, by itself.

        Raises:
            InputError: there is no such environment in it.
            ToolError: a tool is missing, broke down, or did not answer in time.
        """
        return self._judge(self._read(project, Neighbours((project.root,))), self.validator.validate(project))

    def _in_workers(self, paths: Sequence[Path], jobs: int) -> list[Reviewed]:
        """Let each process review whole projects, so that only what is found goes from one to another."""
        from generator.validate.pool import Crew, deal

        self.validator.close()
        crew = Crew(TOOL, partial(self._prepare, Neighbours(paths)), jobs)
        try:
            return deal(crew, [(path,) for path in paths], self.validator.patience)
        finally:
            crew.end()

    def _prepare(self, neighbours: Neighbours) -> Callable[[Path], Reviewed]:
        from generator.validate import Validator
        from generator.validate.work import load_here

        load_here()
        alone = replace(self, validator=Validator(jobs=1))
        return lambda path: alone._judge(*next(alone._answers([path], neighbours)))

    def _read(self, project: Project, neighbours: Neighbours) -> Case:
        return read_case(project, environment=self.environment, neighbours=neighbours)

    def _answers(self, paths: Sequence[Path], neighbours: Neighbours | None = None) -> Iterator[tuple[Case, Report]]:
        """What each project is, and what the tools say of it."""
        self.validator.start()
        neighbours = Neighbours(paths) if neighbours is None else neighbours
        if not self.validator.forked:
            for path in paths:
                project = load_project(path)
                yield self._read(project, neighbours), self.validator.validate(project)
            return
        # A single thread, so that the tools look at one project after the other, as they stand.
        with ThreadPoolExecutor(1) as waiting:
            try:
                projects = [load_project(path) for path in paths]
                asked: list[Future[Report]] = [waiting.submit(self.validator.validate, each) for each in projects]
                for project, answer in zip(projects, asked, strict=True):
                    yield self._read(project, neighbours), answer.result()
            except BaseException:
                waiting.shutdown(wait=False, cancel_futures=True)
                # Ends the processes that the thread waits for, and so the thread.
                self.validator.close()
                raise

    def _judge(self, case: Case, report: Report) -> Reviewed:
        case = replace(case, findings=report.findings)
        found: dict[Finding, set[Owner]] = {}
        failures: list[str] = []
        ran: dict[str, bool] = dict.fromkeys(self.rules, False)
        for identifier, rule in self.rules.items():
            if not self.selection.runs(identifier):
                continue
            try:
                _run(rule, case, found)
                say_alive()
                ran[identifier] = self.selection.takes(identifier) and self.environment is None
            except Exception as error:
                failures.append(f"{identifier} failed in {case.project.root.name} ({type(error).__name__}: {error}).")
        rest = list(self._not_adopted((*report.findings, *case.config.findings), found))
        found.update({finding: set() for finding in rest})
        suppressions = Suppressions(case.project)
        suppressed: list[Suppressed] = []
        opened: set[Finding] = set()
        for finding in sorted(found):
            reason = suppressions.reason(finding, found[finding])
            if not self.selection.takes(finding.rule):
                continue
            if reason is None:
                opened.add(_clean(finding))
            else:
                suppressed.append(Suppressed(_clean(finding), _printable(reason)))
        for finding in (*suppressions.findings, *suppressions.unused(ran)):
            if self.selection.takes(finding.rule):
                opened.add(_clean(finding))
        label = printable(relative_name(case.project.root, Path.cwd()))
        return Reviewed(
            case.project.root,
            label,
            findings=tuple(sorted(opened)),
            suppressed=tuple(suppressed),
            failures=tuple(map(_printable, failures)),
            templates={t.name: t.path if t.source else None for t in case.project.templates},
            stacks=stack_graph(case.project),
        )

    def _not_adopted(self, findings: Iterable[Finding], found: Iterable[Finding]) -> Iterator[Finding]:
        """The tools' findings that no rule says in their place."""
        by_line = _by_line(found)
        for finding in findings:
            identifier = self.names(finding)
            if identifier is not None and not self.selection.takes(identifier):
                # Not asked for under the catalogue's id; perhaps under the tool's.
                if finding.rule in ALWAYS or (self.selection.select and self.selection.takes(finding.rule)):
                    yield finding
            elif identifier in ADOPTING and identifier in self.rules:
                continue
            elif not any(_says(other, finding, identifier) for other in by_line.get((finding.file, finding.line), ())):
                yield finding


def _run(rule: Rule, case: Case, found: dict[Finding, set[Owner]]) -> None:
    for problem in problems(rule, case):
        subjects = found.setdefault(as_finding(rule, problem), set())
        if problem.subject is not None:
            subjects.add((problem.subject.stack.template.name, problem.subject.owner))


def _by_line(findings: Iterable[Finding]) -> dict[tuple[str, int], list[Finding]]:
    by_line: dict[tuple[str, int], list[Finding]] = {}
    for finding in findings:
        by_line.setdefault((finding.file, finding.line), []).append(finding)
    return by_line


def _says(adopting: Finding, finding: Finding, identifier: str | None) -> bool:
    """Whether a rule's finding is what a tool says on the same line: by its id, or in the same words."""
    if adopting.rule == identifier:
        return True
    return adopting.rule in ADOPTING and finding.message.rstrip(".") in adopting.message


def _place(project: Reviewed, several: bool, baseline: Baseline | None) -> Reviewed:
    """The project among the others, without the findings that the baseline knows."""
    prefix = f"{project.label}/" if several and project.label != "." else ""
    if baseline is None:
        return replace(project, prefix=prefix)
    known = [f for f in project.findings if baseline.knows(replace(f, file=f"{prefix}{f.file}"))]
    fresh = tuple(_without(project.findings, known))
    return replace(project, prefix=prefix, findings=fresh, known=tuple(known))


def _once(projects: Iterable[Reviewed]) -> Iterator[Reviewed]:
    """The projects, without what an earlier one has told: a template may be named beside what nests it."""
    told: set[Finding] = set()
    for project in projects:
        findings, placed = [], []
        for finding in project.findings:
            placed.append(replace(finding, file=os.path.normpath(project.root / finding.file)))
            if placed[-1] not in told:
                findings.append(finding)
        told.update(placed)
        yield replace(project, findings=tuple(findings))


def _without(findings: Iterable[Finding], known: Iterable[Finding]) -> Iterator[Finding]:
    left = set(known)  # findings of a project are distinct
    return (finding for finding in findings if finding not in left)


def _clean(finding: Finding) -> Finding:
    """The finding without what no terminal, no XML and no UTF-8 may hold."""
    return replace(
        finding,
        file=printable(finding.file),
        message=_printable(finding.message),
        mend=_printable(finding.mend),
    )


def _printable(text: str) -> str:
    return printable(" ".join(text.split()))


def _read_inside(root: Path, file: str) -> str:
    path = root / file
    try:
        return _read(path, _SOURCE_LIMIT) if path.resolve().is_relative_to(root.resolve()) else ""
    except (OSError, ValueError):
        return ""


def _read(path: Path, limit: int) -> str:
    try:
        if not path.is_file() or path.stat().st_size > limit:
            return ""
        return path.read_text(encoding="utf-8", errors="replace")
    except (OSError, ValueError):
        return ""


def shown_findings(review: Review) -> Iterator[Finding]:
    """Every finding that is neither accepted nor known, its file named as reports name it."""
    for project in review.projects:
        for finding in project.findings:
            yield replace(finding, file=project.shown(finding.file))
