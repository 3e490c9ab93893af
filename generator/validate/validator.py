"""Runs all checks on a project: side by side in worker processes, or one after the other."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from generator.findings import Finding
from generator.validate.pool import Crew, can_fork
from generator.validate.report import Check, Report
from generator.validate.work import Answers, by_crews, in_turn, prepare_linting, prepare_translating

if TYPE_CHECKING:
    from generator.project import Project, Template
    from generator.validate.aws import AwsValidator

DEFAULT_REGION = "us-west-2"
MAX_JOBS = 4
# How long a worker may take for one task before it counts as hung.
PATIENCE = 300.0

Say = Callable[[str], None]


class Validator:
    """Validates projects; from its construction on, SAM and cfn-lint are being loaded beside you.

    Constructing it costs two forks. Whoever has something else to do before there is a project to
    validate constructs it first:

        with Validator() as validator:
            render(...)
            report = validator.validate(path)

    Args:
        jobs: how many processes lint; 1 does everything in this process. As many as there are
            processors by default, four at most; 1 where processes cannot be forked safely.
        patience: seconds that one template may take before its process counts as hung.
        ahead: whether to load from the construction on; else the first `validate` begins with it.
    """

    def __init__(self, *, jobs: int | None = None, patience: float = PATIENCE, ahead: bool = True) -> None:
        self._jobs = jobs if jobs is not None else min(_processors(), MAX_JOBS)
        self.patience = patience
        self._crews: tuple[Crew, Crew] | None = None
        if ahead:
            self.start()

    def __enter__(self) -> Validator:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def forked(self) -> bool:
        """Whether other processes do the work, so that this one is free while it waits."""
        return self._crews is not None

    @property
    def jobs(self) -> int:
        """How many processes there may be that do the same work; 1 where they cannot be forked."""
        return self._jobs if self.forked or can_fork() else 1

    def close(self) -> None:
        """End the worker processes; a later `validate` starts new ones."""
        crews, self._crews = self._crews, None
        for crew in crews or ():
            crew.end()

    def validate(
        self,
        path: Path | Project,
        *,
        region: str = DEFAULT_REGION,
        aws: AwsValidator | None = None,
        progress: Say | None = None,
    ) -> Report:
        """Validate the project folder or template file at `path`.

        Args:
            path: what `generator.project.load_project` takes, or what it gave.
            region: where it is to be deployed.
            aws: asks CloudFormation too, over the network; see `generator.validate.aws`.
            progress: is told, in a sentence, when a check is done.

        Raises:
            InputError: there is no project at `path`, or cfn-lint refuses its configuration.
            ToolError: a tool is missing, broke down, or did not answer in time.
        """
        from generator.project import Project, check_links, load_project

        self.start()
        project = path if isinstance(path, Project) else load_project(path)
        try:
            if self._crews is None:
                answers = in_turn(project, region)
            else:
                answers = by_crews(project, region, self._crews, self.patience)
        except BaseException:
            # Whatever came in between, Ctrl-C included: the workers are in the middle of something.
            self.close()
            raise
        start = time.perf_counter()
        links = check_links(project) + [f for f in project.findings if f.tool == "links"]
        answers.links_seconds = time.perf_counter() - start
        return _report(project, answers, links, aws, progress or _ignore)

    def start(self) -> None:
        """Start the worker processes unless they run already, or cannot be forked."""
        if self._crews is None and self._jobs > 1 and can_fork():
            translators = Crew("sam validate", prepare_translating)
            self._crews = (translators, Crew("cfn-lint", prepare_linting, self._jobs))


def validate_project(
    path: Path,
    *,
    region: str = DEFAULT_REGION,
    jobs: int | None = None,
    aws: AwsValidator | None = None,
    progress: Say | None = None,
) -> Report:
    """Validate one project; for the arguments see `Validator` and `Validator.validate`."""
    with Validator(jobs=jobs) as validator:
        return validator.validate(path, region=region, aws=aws, progress=progress)


def _report(project: Project, answers: Answers, links: list[Finding], aws: AwsValidator | None, say: Say) -> Report:
    from generator.validate.locate import expanded_findings, source_finding, without_blind

    checks: list[Check] = []
    findings: set[Finding] = set()

    def add(name: str, found: Iterable[Finding], templates: int, seconds: float) -> None:
        distinct = set(found)
        findings.update(distinct)
        checks.append(Check(name, templates, len(distinct), seconds))
        say(f"{name}: {_count(templates, 'template')}, {_count(len(distinct), 'finding')}")

    templates = project.templates
    readable = [template for template in templates if template.readable]
    add("sam validate", _refusals(project, answers), len(templates), answers.expand_seconds)
    hits = {template.name: answers.source.get(template.name, []) for template in readable}
    hits |= {name: without_blind(hits[name]) for name in hits if answers.expansions[name].data is not None}
    on_source = [source_finding(t, hit) for t in readable for hit in hits[t.name]]
    add("cfn-lint (source)", on_source, len(readable), answers.source_seconds)
    only_expanded = [
        finding
        for t in readable
        for finding in expanded_findings(t, answers.expanded.get(t.name, ()), hits[t.name], links)
    ]
    expanded = sum(expansion.data is not None for expansion in answers.expansions.values())
    add("cfn-lint (expanded)", only_expanded, expanded, answers.expanded_seconds)
    add("links", links, len(templates), answers.links_seconds)
    if aws is not None:
        start = time.perf_counter()
        found = _ask_aws(aws, readable, answers)
        add("cloudformation", found, expanded, time.perf_counter() - start)
    names = tuple(template.name for template in templates)
    return Report(names, tuple(checks), tuple(sorted(findings)))


def _refusals(project: Project, answers: Answers) -> list[Finding]:
    unreadable = [finding for finding in project.findings if finding.tool != "links"]
    return unreadable + [f for expansion in answers.expansions.values() for f in expansion.findings]


def _ask_aws(aws: AwsValidator, templates: list[Template], answers: Answers) -> list[Finding]:
    found: list[Finding] = []
    for template in templates:
        data = answers.expansions[template.name].data
        if data is not None:
            found += aws.check(template, data)
    return found


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _ignore(_sentence: str) -> None:
    return
