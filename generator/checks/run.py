"""Runs rules over a project: from a path to findings, each once, whatever environments it shows in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from generator.checks import load_rules
from generator.checks.case import Case
from generator.checks.facts.made import is_of_the_tool
from generator.checks.facts.shown import shown
from generator.checks.rule import Problem, Rule
from generator.errors import InputError
from generator.findings import Finding
from generator.project import Neighbours, Project, SamConfig, deployments, load_project, read_samconfig

TOOL = "samgen check"
VALIDITY = 2


def read_case(
    path: Path | Project,
    findings: Iterable[Finding] = (),
    environment: str | None = None,
    neighbours: Neighbours | None = None,
) -> Case:
    """Read a project and what each of its environments makes of it, or a single one of them.

    Args:
        path: what `generator.project.load_project` takes, or what it gave.
        findings: what the tools say of it.
        environment: the one environment to look at; None for all.
        neighbours: the projects whose exports it can import.

    Raises:
        InputError: there is no project, or no such environment in it.
    """
    project = path if isinstance(path, Project) else load_project(path)
    config = read_samconfig(project.root)
    others = (neighbours or Neighbours(())).imports
    return Case(
        project, config, tuple(deployments(project, _only(config, environment, project.root), others)), tuple(findings)
    )


def _only(config: SamConfig, environment: str | None, root: Path) -> SamConfig:
    if environment is None:
        return config
    chosen = tuple(known for known in config.environments if known.name == environment)
    if not chosen:
        if not config.environments:
            raise InputError(
                f"There is no environment {environment!r}: no samconfig.toml in {root} deploys one. "
                "Leave out --environment, or add its table."
            )
        names = ", ".join(known.name for known in config.environments)
        raise InputError(f"samconfig.toml has no environment {environment!r}; its environments: {names}.")
    return replace(config, environments=chosen)


def run_rules(case: Case, rules: Mapping[str, Rule] | None = None) -> list[Finding]:
    """What the rules find, sorted by place; a finding that shows in several environments is one."""
    chosen = load_rules() if rules is None else rules
    found = {as_finding(rule, problem) for rule in chosen.values() for problem in problems(rule, case)}
    return sorted(found)


def problems(rule: Rule, case: Case) -> Iterator[Problem]:
    """What a rule objects to, without what nobody can mend: how the CDK writes the resources that it needs itself."""
    for problem in rule.check(case):
        if problem.subject is None or not is_of_the_tool(problem.subject) or rule.category == VALIDITY:
            yield problem


def as_finding(rule: Rule, problem: Problem) -> Finding:
    """What a rule objects to, as every tool's findings are."""
    severity = problem.severity or rule.severity
    message = shown(problem.message, problem.subject)
    return Finding(*problem.place, rule.id, severity, message, problem.mend or rule.mend, TOOL)
