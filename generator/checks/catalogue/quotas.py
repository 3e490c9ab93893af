"""SG206: CloudFormation's quotas, and those of what gets a template's texts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from generator.checks.case import Case, as_list, literal
from generator.checks.facts.routes import mapping, place_of
from generator.checks.rule import Place, Problem, rule
from generator.findings import Severity
from generator.project import Resource, Stack
from generator.project.evaluate import is_known

Quota = tuple[int, str]
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
_TEMPLATE: Quota = (1_048_576, "bytes")
_DESCRIPTION: Quota = (1_024, "bytes")
_VALUE: Quota = (4_096, "bytes")
_NAME: Quota = (255, "characters")
_SECTIONS: dict[str, Quota] = {
    "Resources": (500, "entries"),
    "Parameters": (200, "entries"),
    "Outputs": (200, "entries"),
    "Mappings": (200, "entries"),
}
# Warn from here on, in percent.
_FULL = 80
# Policies, without white space. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_POLICIES: dict[tuple[str, str], Quota] = {
    ("AWS::IAM::ManagedPolicy", "PolicyDocument"): (6_144, "characters"),
    ("AWS::IAM::Role", "AssumeRolePolicyDocument"): (2_048, "characters"),
    ("AWS::KMS::Key", "KeyPolicy"): (32_768, "bytes"),
    ("AWS::S3::BucketPolicy", "PolicyDocument"): (20_480, "bytes"),
    ("AWS::SNS::TopicPolicy", "PolicyDocument"): (30_720, "bytes"),
}
# The sum of the inline policies of each.
_INLINE: dict[str, Quota] = {
    "AWS::IAM::Role": (10_240, "characters"),
    "AWS::IAM::User": (2_048, "characters"),
    "AWS::IAM::Group": (5_120, "characters"),
}
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
_VARIABLES: Quota = (4_096, "bytes")
_LAYERS: Quota = (5, "layers")


@rule(
    "SG206",
    "Nothing is larger than CloudFormation or the service that gets it takes.",
    Severity.ERROR,
    "Split the template or the policy, or shorten what is too long.",
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html",
)
def quotas(case: Case) -> Iterator[Problem]:
    """What is over a quota, and what has little room left below it."""
    for deployment in case.deployments:
        for stack in deployment.stacks:
            yield from _template_sizes(stack)
            for resource in stack.resources.values():
                yield from _resource_sizes(resource)


def _template_sizes(stack: Stack) -> Iterator[Problem]:
    template, name = stack.template, stack.template.name
    size = max(len(template.source.encode()), len(_compact(stack.data)))
    yield from _sized((name, 1, 1), None, name, size, _TEMPLATE)
    description = template.data.get("Description")
    if isinstance(description, str):
        place = template.place("Description")
        yield from _sized(place, None, f"The description of {name}", len(description.encode()), _DESCRIPTION)
    for section, quota in _SECTIONS.items():
        entries = mapping(stack.data.get(section))
        place = template.place(section)
        yield from _sized(place, None, f"The section {section} of {name}", len(entries), quota)
        for key in mapping(template.data.get(section)):
            where = template.place(section, key)
            yield from _sized(where, None, f"The name {str(key)[:20]}…", len(str(key)), _NAME)
    for key, parameter in template.section("Parameters").items():
        default = parameter.get("Default")
        if isinstance(default, str):
            where = template.place("Parameters", key, "Default")
            yield from _sized(where, None, f"The default of {key}", len(default.encode()), _VALUE)


def _resource_sizes(resource: Resource) -> Iterator[Problem]:
    for (kind, key), quota in _POLICIES.items():
        if resource.type == kind and isinstance(resource.get(key), dict):
            size = _policy_size(resource.get(key))
            yield from _sized(place_of(resource, key), resource, f"{key} of {resource.owner}", size, quota)
    if resource.type in _INLINE:
        documents = [mapping(item).get("PolicyDocument") for item in as_list(resource.get("Policies"))]
        size = sum(_policy_size(document) for document in documents if isinstance(document, dict))
        what = f"The inline policies of {resource.owner}"
        yield from _sized(place_of(resource, "Policies"), resource, what, size, _INLINE[resource.type])
    if resource.type == "AWS::Lambda::Function":
        variables = mapping(resource.get("Environment", "Variables"))
        size = sum(len(str(key).encode()) + _length(value) for key, value in variables.items())
        place = place_of(resource, "Environment", "Variables")
        what = f"The environment variables of {resource.owner}"
        yield from _sized(place, resource, what, size, _VARIABLES)
        layers = as_list(resource.get("Layers"))
        if len(layers) > _LAYERS[0]:
            yield from _sized(place_of(resource, "Layers"), resource, resource.owner, len(layers), _LAYERS)


def _sized(place: Place, subject: Resource | None, what: str, size: int, quota: Quota) -> Iterator[Problem]:
    limit, unit = quota
    if size * 100 < limit * _FULL:
        return
    if size > limit:
        yield Problem(place, f"{what} has {size:,} {unit}; the quota is {limit:,}.", subject)
    else:
        message = f"{what} has {size:,} of the {limit:,} {unit} that it may have."
        yield Problem(place, message, subject, severity=Severity.WARNING)


def _policy_size(document: dict[str, Any]) -> int:
    return len(_compact(document))


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), default=str, ensure_ascii=False)


def _length(value: Any) -> int:
    text = literal(value)
    if text is None and not isinstance(value, (dict, list)):
        text = str(value) if is_known(value) else ""
    return len((text or "").encode())
