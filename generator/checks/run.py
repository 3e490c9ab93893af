"""Runs rules over a project: from a path to findings, each once, whatever environments it shows in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from generator.checks import load_rules
from generator.checks.case import Case
from generator.checks.rule import Problem, Rule
from generator.findings import Finding
from generator.project import deployments, load_project, read_samconfig

TOOL = "samgen check"


def read_case(path: Path, findings: Iterable[Finding] = ()) -> Case:
    """Read a project and what each of its environments makes of it; InputError where there is none."""
    project = load_project(path)
    config = read_samconfig(project.root)
    return Case(project, config, tuple(deployments(project, config)), tuple(findings))


def run_rules(case: Case, rules: Mapping[str, Rule] | None = None) -> list[Finding]:
    """What the rules find, sorted by place; a finding that shows in several environments is one."""
    chosen = load_rules() if rules is None else rules
    found = {_finding(rule, problem) for rule in chosen.values() for problem in rule.check(case)}
    return sorted(found)


def _finding(rule: Rule, problem: Problem) -> Finding:
    severity = problem.severity or rule.severity
    return Finding(*problem.place, rule.id, severity, problem.message, problem.mend or rule.mend, TOOL)
