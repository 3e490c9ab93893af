"""SG201 to SG205: what SAM, cfn-lint and the links between stacks refuse.

Most of it others say first; here each of their findings gets its id of the catalogue, and is said once.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from generator.checks.case import Case, as_list
from generator.checks.facts.configuration import subject_of
from generator.checks.facts.routes import mapping
from generator.checks.facts.texts import DEPTH
from generator.checks.facts.tools import is_unfounded
from generator.checks.rule import Place, Problem, about, rule
from generator.findings import Finding, Severity
from generator.project import Resource, Template

# What each finding of a tool is in the catalogue, where it is not simply a schema's objection (SG203).
_RULES = {
    "SG201": "yaml E0000",
    # References, conditions, and who waits for whom.
    "SG202": """link-cycle link-depth link-file link-output link-parameter E1010 E1011 E1016 E1019 E1020 E1028 E1029
        E1033 E1040 E1041 E3004 E3005 E3015 E3043 E3699 E6005 E6101 E8002 W1001 W4001""",
    "SG204": "sam E0001 E1005 E3038 E3066 E3724 W3001",
    "SG205": "E3006 E3710 W3045 W3690 W3691 W3696 W3697",
    "SG206": "E1002 E1003 E2010 E2011 E3010 E3011 E3697 E6010 E6011 E7002 E7010",
    # What rules of other categories say with the whole project in view.
    "SG003": "W2001 W7001 W8001",
    "SG106": "W1011 W2010 W2501",
    "SG502": "E3505",
    "SG503": "E2531 E2533 W2531",
    "SG705": "I3011 W3011",
    "SG904": "I3042",
}
_IDS = {name: identifier for identifier, names in _RULES.items() for name in names.split()}
_LIFECYCLE = {"E3006", "E3710", "W3696", "W3697"}
_TYPE = re.compile(r"AWS::[A-Za-z0-9]+::[A-Za-z0-9]+")
_WORD = re.compile(r"[A-Za-z0-9]+")
# Who says it best comes first.
_PRECEDENCE = ("links", "sam validate", "cfn-lint", "cfn-lint (expanded)")

# Types, or all types of a service, that AWS has replaced; and by what.
_SUPERSEDED = {
    "AWS::AutoScaling::LaunchConfiguration": "AWS::EC2::LaunchTemplate",
    "AWS::CloudFront::CloudFrontOriginAccessIdentity": "AWS::CloudFront::OriginAccessControl",
    "AWS::ElasticLoadBalancing::LoadBalancer": "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::DataPipeline::Pipeline": "AWS::StepFunctions::StateMachine",
    "AWS::ElastiCache::SecurityGroup": "AWS::EC2::SecurityGroup",
    "AWS::Elasticsearch::Domain": "AWS::OpenSearchService::Domain",
    "AWS::KinesisAnalytics": "AWS::KinesisAnalyticsV2::Application",
    "AWS::RDS::DBSecurityGroup": "AWS::EC2::SecurityGroup",
    "AWS::Redshift::ClusterSecurityGroup": "AWS::EC2::SecurityGroup",
    "AWS::SDB::Domain": "AWS::DynamoDB::Table",
    "AWS::WAF": "AWS::WAFv2",
    "AWS::WAFRegional": "AWS::WAFv2",
}
# Properties that AWS has replaced, beyond those that the types' schemas call deprecated; and by what.
_REPLACED = {
    ("AWS::CloudFront::Distribution", "/DistributionConfig/DefaultCacheBehavior/ForwardedValues"): "CachePolicyId",
    ("AWS::CloudFront::Distribution", "/DistributionConfig/CacheBehaviors/*/ForwardedValues"): "CachePolicyId",
}


def catalogue_id(finding: Finding) -> str | None:
    """The id in the catalogue of what a tool has found; None where the catalogue has no place for it."""
    known = _IDS.get(finding.rule)
    if known is not None:
        return known
    # What is no error there is cfn-lint's own breakdown.
    objects = finding.severity is not Severity.INFO and finding.rule.startswith("E")
    return "SG203" if objects and finding.tool.startswith("cfn-lint") else None


@rule(
    "SG201",
    "Every file is what it says: YAML, JSON, a template.",
    Severity.ERROR,
    "Correct the syntax at the line that is named.",
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html",
)
def syntax(case: Case) -> Iterator[Problem]:
    """Files that cannot be read as templates."""
    yield from _repeated(case, "SG201")


@rule(
    "SG202",
    "Every reference has something that it means, and nothing waits for itself.",
    Severity.ERROR,
    "Correct the name, declare what it means, or break the circle.",
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html",
)
def references_(case: Case) -> Iterator[Problem]:
    """References into nothing, circles, and stacks that do not fit what they nest."""
    found = list(_repeated(case, "SG202"))
    yield from found
    lines = {problem.place[:2] for problem in found}
    for template in case.project.templates:
        for path, message in _into_nothing(template):
            place = template.place(*path)
            if place[:2] not in lines:
                yield Problem(place, message, subject_of(case, template, path))


@rule(
    "SG203",
    "Every resource has the properties that its type demands, and no others.",
    Severity.ERROR,
    "Set what the type's schema demands.",
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html",
)
def schemas(case: Case) -> Iterator[Problem]:
    """What cfn-lint objects to in the source and in its expansion."""
    yield from _repeated(case, "SG203")


@rule(
    "SG204",
    "SAM can translate every template.",
    Severity.ERROR,
    "Correct what SAM names; its specification says what each resource takes.",
    "https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification.html",
)
def translation(case: Case) -> Iterator[Problem]:
    """What SAM's translator objects to."""
    yield from _repeated(case, "SG204")


@rule(
    "SG205",
    "Every type exists, and AWS has not replaced it or one of its properties that is used.",
    Severity.ERROR,
    "Use the type or property that came after.",
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html",
)
def types(case: Case) -> Iterator[Problem]:
    """Types that do not exist, services that end, and properties that are deprecated."""
    found = _findings(case)
    yield from _repeated(case, "SG205")
    said = {name for finding in found if finding.rule in _LIFECYCLE for name in _TYPE.findall(finding.message)}
    for deployment in case.deployments:
        for resource in deployment.resources():
            if resource.type not in said:
                yield from _superseded(resource)
            yield from _deprecated(resource)


# What the tools say, once


def _findings(case: Case) -> list[Finding]:
    """All that was found before the rules looked, those first who say it best."""
    order = {tool: position for position, tool in enumerate(_PRECEDENCE)}
    every = {*case.findings, *case.project.findings}
    return sorted(every, key=lambda finding: (order.get(finding.tool, len(order)), finding))


def _repeated(case: Case, identifier: str) -> Iterator[Problem]:
    findings = _findings(case)
    owners = _Owners(case)
    circles: list[tuple[str, set[str]]] = []
    for finding in findings:
        if catalogue_id(finding) != identifier or _is_said(owners, finding, findings) or is_unfounded(case, finding):
            continue
        if finding.rule == "E3004":
            names = {finding.file, *_WORD.findall(finding.message)} & _resource_names(case, finding.file)
            if any(file == finding.file and names & members for file, members in circles):
                _join(circles, finding.file, names)
                continue
            circles.append((finding.file, names))
        place = (finding.file, finding.line, finding.column)
        by_lint = finding.tool.startswith("cfn-lint")
        message = f"{finding.message.rstrip('.')} (cfn-lint {finding.rule})." if by_lint else finding.message
        subject = owners.resource(finding)
        yield Problem(place, message, subject, severity=finding.severity, mend=finding.mend)


def _is_said(owners: _Owners, finding: Finding, findings: Iterable[Finding]) -> bool:
    """Whether a tool that comes first says the same."""
    if finding.rule == "link-file":
        # A child that cannot be read is said where it cannot be read.
        return any(other.rule == "yaml" and f" {other.file}, which" in finding.message for other in findings)
    if not finding.tool.startswith("cfn-lint"):
        return False
    identifier = catalogue_id(finding)
    for other in findings:
        if other.file != finding.file or other.tool.startswith("cfn-lint"):
            continue
        if other.rule == "sam" and (finding.rule == "E0001" or identifier == "SG203"):
            if finding.rule == "E0001" or owners.name(other) == owners.name(finding) != "":
                return True
        elif other.line == finding.line and catalogue_id(other) == identifier:
            return True
    return False


class _Owners:
    """Which of the author's resources a line belongs to; looked up once a template."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._templates = {template.name: template for template in case.project.templates}
        self._starts: dict[str, list[tuple[int, str]]] = {}

    def name(self, finding: Finding) -> str:
        """The resource's logical id; empty where the line belongs to none."""
        starts = self._starts_in(finding.file)
        position = bisect_right(starts, (finding.line, "\U0010ffff")) - 1
        return starts[position][1] if position >= 0 else ""

    def resource(self, finding: Finding) -> Resource | None:
        """The resource in the first environment that has it."""
        name = self.name(finding)
        for deployment in self._case.deployments if name else ():
            for stack in deployment.stacks:
                if stack.template.name == finding.file and name in stack.resources:
                    return stack.resources[name]
        return None

    def _starts_in(self, file: str) -> list[tuple[int, str]]:
        """The line on which each resource begins, and those on which other sections do, without a name."""
        if file not in self._starts:
            template = self._templates.get(file)
            sections = [(template.line_of(str(key))[0], "") for key in template.data] if template else []
            named = [(template.line_of("Resources", key)[0], key) for key in template.resources] if template else []
            self._starts[file] = sorted(sections + named)
        return self._starts[file]


def _join(circles: list[tuple[str, set[str]]], file: str, names: set[str]) -> None:
    for name, members in circles:
        if name == file and names & members:
            members.update(names)


def _resource_names(case: Case, file: str) -> set[str]:
    return {name for template in case.project.templates if template.name == file for name in template.resources}


# SG202

_FUNCTIONS = {
    *(
        "And",
        "Base64",
        "Cidr",
        "Contains",
        "EachMemberEquals",
        "EachMemberIn",
        "Equals",
        "FindInMap",
        "GetAZs",
        "GetAtt",
    ),
    *("GetStackOutput", "If", "ImportValue", "Join", "Length", "Not", "Or", "RefAll", "Select", "Split", "Sub"),
    *("ToJsonString", "Transform", "ValueOf", "ValueOfAll"),
}
# What other macros understand, and what they add, is not known.
_TRANSFORMS = {"AWS::Serverless-2016-10-31", "AWS::LanguageExtensions"}


def _into_nothing(template: Template) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Functions that do not exist, and mappings or keys of them that do not: where, and what is said."""
    if any(not isinstance(name, str) or name not in _TRANSFORMS for name in as_list(template.data.get("Transform"))):
        return
    mappings = template.section("Mappings")
    # What a transform fills in is not known.
    complete = "Fn::Transform" not in mapping(template.data.get("Mappings")) and not any(map(_is_looped, mappings))
    for path, key, value in _intrinsics({name: template.data.get(name) for name in _EVALUATED}):
        name = key.removeprefix("Fn::")
        if name not in _FUNCTIONS and not name.startswith("ForEach::"):
            yield path, f"{key} is no function of CloudFormation."
        elif name == "FindInMap" and complete and isinstance(value, list) and len(value) == 3:  # noqa: PLR2004
            missing = _missing_in(mappings, value)
            if missing:
                yield path, missing


_EVALUATED = ("Globals", "Resources", "Conditions", "Outputs")


def _intrinsics(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str, Any]]:
    if len(path) > DEPTH or not isinstance(value, (dict, list)):
        return
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        if key == "Metadata":
            continue
        if isinstance(key, str) and key.startswith("Fn::"):
            yield (*path, key), key, item
        yield from _intrinsics(item, (*path, key))


def _is_looped(name: str) -> bool:
    return name.startswith("Fn::ForEach")


def _missing_in(mappings: dict[str, Any], names: list[Any]) -> str:
    """What a look-up asks for that is not there; empty where it is, or where that is not known."""
    found: Any = mappings
    what = "mapping"
    for name in names:
        if not isinstance(name, (str, int)):
            return ""
        if not isinstance(found, dict) or name not in {*found, *map(str, found)}:
            return f"There is no {what} {name}{' in ' + str(names[0]) if what == 'key' else ''}."
        found, what = found.get(name, found.get(str(name))), "key"
    return ""


# SG205


def _superseded(resource: Resource) -> Iterator[Problem]:
    service = resource.type.rpartition("::")[0]
    successor = _SUPERSEDED.get(resource.type) or _SUPERSEDED.get(service)
    if successor is not None:
        message = f"{resource.owner} is of the type {resource.type}, which {successor} has replaced."
        yield Problem(_type_place(resource), message, resource, severity=Severity.WARNING)


def _type_place(resource: Resource) -> Place:
    template = resource.stack.template
    return template.place("Resources", resource.owner, "Type")


def _deprecated(resource: Resource) -> Iterator[Problem]:
    replaced = {path: instead for (kind, path), instead in _REPLACED.items() if kind == resource.type}
    for pattern in (*deprecated_properties(resource.type), *replaced):
        for path in _paths(resource.properties, tuple(pattern.split("/")[1:])):
            name = ".".join(str(step) for step in path)
            instead = f"; {replaced[pattern]} has replaced it" if pattern in replaced else ""
            message = f"{resource.owner} sets {name}, which AWS has deprecated{instead}."
            yield about(resource, message, *path, severity=Severity.WARNING)


@cache
def deprecated_properties(kind: str) -> tuple[str, ...]:
    """The properties of a type that its schema calls deprecated, as `/Name/*/Name`, by cfn-lint's data."""
    folder = _schemas()
    name = _schema_names().get(kind)
    if folder is None or name is None:
        return ()
    try:
        text = (folder / "resources" / f"{name}.json").read_bytes()
    except OSError:
        return ()
    # Reading is quick, parsing is not, and few types have any.
    if b'"deprecatedProperties"' not in text:
        return ()
    found = mapping(json.loads(text)).get("deprecatedProperties")
    return tuple(str(path).removeprefix("/properties") for path in as_list(found))


@cache
def _schemas() -> Path | None:
    """The folder of cfn-lint's schemas; its files are read, as importing it takes half a second."""
    found = find_spec("cfnlint")
    return None if found is None or found.origin is None else Path(found.origin).parent / "data" / "schemas"


@cache
def _schema_names() -> dict[str, str]:
    """The file of each type's schema, of the region that has all of them."""
    folder = _schemas()
    file = folder / "providers" / "us-east-1.json" if folder else None
    return mapping(json.loads(file.read_bytes())) if file is not None and file.is_file() else {}


def _paths(value: Any, pattern: tuple[str, ...], path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if not pattern:
        yield path
        return
    first, rest = pattern[0], pattern[1:]
    if first == "*" and isinstance(value, list):
        for index, item in enumerate(value):
            yield from _paths(item, rest, (*path, index))
    elif isinstance(value, dict) and first in value:
        yield from _paths(value[first], rest, (*path, first))
