"""The catalogue's rules that see one template, as custom rules of cfn-lint.

    cfn-lint --append-rules generator.checks.cfnlint_rules --template template.yaml

SG101 is E9101 there where it is an error, W9101 where a warning, and I9101 where a note; SG001 is W91001, as category 0
is the tenth. cfn-lint makes a rule of every class of this module that is one; they are made here, none by hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from cfnlint.rules import CloudFormationLintRule, RuleMatch

from generator.checks import load_rules
from generator.checks.case import Case
from generator.checks.rule import Problem, Rule
from generator.checks.run import as_finding, problems
from generator.checks.suppress import Suppressions
from generator.findings import Finding, Severity
from generator.project import ConfigEnvironment, Project, SamConfig, Template, deployments, read_template
from generator.project.evaluate import UNKNOWN

ALONE = frozenset(
    {
        *("SG101", "SG102", "SG104", "SG106", "SG206", "SG301", "SG302", "SG304", "SG501", "SG502", "SG603"),
        *("SG803", "SG804", "SG901", "SG902", "SG904", "SG001", "SG002", "SG005"),
    }
)
"""Rules whose findings stay true whatever other templates, parameters and samconfig.toml say."""

TOGETHER = {
    "SG103": "the web ACL may be associated by another stack",
    "SG105": "the address ranges are an environment's",
    "SG107": "a bucket's policy may stand in another stack",
    **dict.fromkeys(("SG201", "SG202", "SG203", "SG204", "SG205"), "cfn-lint says it itself, or it is about links"),
    "SG303": "it compares environments",
    "SG305": "it compares environments",
    **dict.fromkeys(("SG401", "SG405", "SG504", "SG506"), "another stack may make a function one of CloudFront's"),
    **dict.fromkeys(("SG402", "SG403", "SG404"), "log group, rule or alarm may be in another stack"),
    "SG503": "cfn-lint says most of it itself",
    "SG505": "another stack may say where failures go",
    **dict.fromkeys(("SG601", "SG602", "SG604", "SG605", "SG606"), "another stack may add to the API"),
    **dict.fromkeys(("SG701", "SG702", "SG703"), "another stack may publish and shift versions"),
    "SG704": "it is about samconfig.toml",
    "SG705": "it asks for every environment",
    "SG801": "a parent passes the environment's name",
    "SG802": "a parent passes the environment's name",
    "SG903": "the region is an environment's",
    "SG003": "cfn-lint says half of it, and a parent may constrain the rest",
    "SG004": "a parent or samconfig.toml may set the tags",
}
"""Why each other rule needs the whole project: `samgen check` runs it."""

_LETTERS = {Severity.ERROR: "E", Severity.WARNING: "W", Severity.INFO: "I"}


class _Verdict(NamedTuple):
    template: Template
    findings: list[tuple[Finding, str]]
    failures: dict[str, Exception]


def lint_id(identifier: str, severity: Severity) -> str:
    """What cfn-lint calls a rule's findings of a severity: `E9101` for `SG101`."""
    category = int(identifier[2]) or 10
    return f"{_LETTERS[severity]}9{category}{identifier[3:]}"


def review_alone(path: Path) -> list[Finding]:
    """What the rules of `ALONE` find in one template, without what its Metadata accepts.

    Nothing beside the file is read but what it names; parameters have no value, as nobody knows what is passed.
    """
    return [finding for finding, _ in _verdict_of(path).findings]


def _verdict_of(path: Path) -> _Verdict:
    path = path.absolute()
    state = path.stat()
    return _verdict(path, state.st_mtime_ns, state.st_size)


# Every rule of cfn-lint asks of the same file, one after the other.
@lru_cache(maxsize=1)
def _verdict(path: Path, _modified: int, _size: int) -> _Verdict:
    template = read_template(path, path.parent)
    project = Project(path.parent, [template], [], list(template.findings))
    unknown: dict[str, str] = dict.fromkeys(template.section("Parameters"), UNKNOWN)
    environment = ConfigEnvironment("default", parameters=unknown)
    deployed = tuple(deployments(project, SamConfig((environment,)))) if template.readable else ()
    case = Case(project, SamConfig(), deployed)
    suppressions = Suppressions(project)
    found: dict[Finding, str] = {}
    failures: dict[str, Exception] = {}
    for identifier, rule in _rules().items() if template.readable else ():
        try:
            objections = list(problems(rule, case))
        except Exception as error:
            failures[identifier] = error
            continue
        for problem in objections:
            finding = as_finding(rule, problem)
            owner = _owner(template, problem)
            if finding.file == template.name and suppressions.reason(finding, [(template.name, owner)]) is None:
                found[finding] = owner
    return _Verdict(template, sorted(found.items()), failures)


def _rules() -> dict[str, Rule]:
    return {identifier: rule for identifier, rule in load_rules().items() if identifier in ALONE}


def _owner(template: Template, problem: Problem) -> str:
    """The resource that a problem is about, or stands in; empty where there is none."""
    if problem.subject is not None:
        return problem.subject.owner
    starts = [(template.line_of(section), "") for section in template.data]
    starts += [(template.line_of("Resources", name), name) for name in template.resources]
    return max((start for start in starts if start[0] <= problem.place[1:]), default=((1, 1), ""))[1]


def _matches(rule: Rule, severity: Severity, filename: str | None) -> Iterator[Any]:
    path = Path(filename) if filename else None
    if path is None or not path.is_file():
        return  # standard input: nothing says where its files would be
    verdict = _verdict_of(path)
    if rule.id in verdict.failures and severity is rule.severity:
        raise verdict.failures[rule.id]
    for finding, owner in verdict.findings:
        if finding.rule == rule.id and finding.severity is severity:
            place = ["Resources", owner] if owner else ["Resources"]
            line, column = finding.line - 1, finding.column - 1
            message = f"{finding.message} {finding.mend} ({rule.id})"
            yield RuleMatch(place, message, location=(line, column, line, column + 1))


def _rule_class(rule: Rule, severity: Severity) -> type:
    """A rule of cfn-lint for a rule's findings of one severity."""

    def match(_self: object, cfn: Any) -> Iterator[Any]:
        return _matches(rule, severity, cfn.filename)

    identifier = lint_id(rule.id, severity)
    attributes = {
        "id": identifier,
        "shortdesc": rule.sentence,
        "description": rule.mend,
        "source_url": rule.link,
        "tags": ["samgen", rule.id],
        "match": match,
        "__module__": __name__,
    }
    return type(f"Samgen{identifier}", (CloudFormationLintRule,), attributes)


_CLASSES = [_rule_class(rule, severity) for rule in _rules().values() for severity in Severity]
# cfn-lint looks for classes among the module's names.
globals().update({made.__name__: made for made in _CLASSES})
