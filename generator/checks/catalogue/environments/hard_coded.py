"""SG301: environments that are written out where a parameter should say them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.checks.case import Case
from generator.checks.facts.configuration import (
    deployed_stacks,
    means_environment,
    place_of,
    reads_a_file,
    root_of,
    subject_of,
)
from generator.checks.facts.texts import PLACEHOLDER, Text, texts
from generator.checks.facts.words import CERTAIN, ENVIRONMENTS, parts
from generator.checks.rule import Problem, about, rule
from generator.findings import Severity
from generator.project import Deployment, Resource, Template
from generator.project.deployment import NAME_PROPERTIES

_ADDRESS = re.compile(r"\b[a-z][a-z0-9+.]+://([^/?#\s:]+)")
# Hosts that belong to others and are called so in every environment.
_OTHERS = ("dev.azure.com", "dev.mysql.com")
_NAMES = {*NAME_PROPERTIES.values(), "StageName", "BucketName", "Bucket", "ExportName"} - {"Name"}


@rule(
    "SG301",
    "What differs between environments is a parameter, and samconfig.toml gives every one of them its value.",
    Severity.WARNING,
    "Make it a parameter of the root template and set it in each environment's parameter_overrides.",
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html",
)
def hard_coded(case: Case) -> Iterator[Problem]:
    """An environment written out in a name, an ARN or a URL; parameters that an environment has no value for."""
    certain = CERTAIN | _declared_environments(case)
    written = list(_written(case, certain))
    # What is called wrongly follows from what is written wrongly, where something is.
    yield from written or _names_of_another(case, certain)
    yield from _missing_values(case)


def _written(case: Case, certain: set[str]) -> Iterator[Problem]:
    for template in case.project.templates:
        for text in texts(template, "Resources", "Globals"):
            word = _environment_in(template, text, certain)
            if word:
                message = f"{text.resource} has the environment {word} written out in {_shown(text.value)}."
                place = (template.name, *template.line_of_text(word, *text.path))
                yield Problem(place, message, subject_of(case, template, text.path))


def _declared_environments(case: Case) -> set[str]:
    """What the project itself calls its environments."""
    found = {environment.name.lower() for environment in case.config.environments} - {"default"}
    for environment in case.config.environments:
        found |= {value.lower() for name, value in environment.parameters.items() if means_environment(name)}
    return {name for name in found if name}


def _environment_in(template: Template, text: Text, certain: set[str]) -> str:
    """The environment that a text has written out where it is a name, an ARN or an address; empty if none."""
    if text.branch or any(means_environment(name.strip("${}")) for name in PLACEHOLDER.findall(text.value)):
        return ""  # chosen by the environment already
    key = text.keys[-1] if text.keys else ""
    if means_environment(key) and text.value.lower() in certain | ENVIRONMENTS:
        return text.value
    value = PLACEHOLDER.sub("_", text.value)
    if value.startswith("arn:"):
        found = parts(value.split(":", 5)[-1])
    elif address := _ADDRESS.match(value):
        found = _parts_of_address(address[1], value[address.end() :])
    elif key in _NAMES or (key == "Name" and NAME_PROPERTIES.get(_type(template, text)) == "Name"):
        found = parts(value)
    else:
        return ""
    return next((part for part in found if part in certain), "")


def _parts_of_address(host: str, rest: str) -> list[str]:
    """The words of a host below its domain, and of an API's stage."""
    if host.endswith(_OTHERS):
        return []
    stage = rest.lstrip("/").partition("/")[0] if ".execute-api." in host else ""
    return [*parts(".".join(host.split(".")[:-2])), *parts(stage)]


def _type(template: Template, text: Text) -> str:
    kind = template.resources.get(text.resource, {}).get("Type") if len(text.keys) == 1 else None
    return {
        "AWS::Serverless::Api": "AWS::ApiGateway::RestApi",
        "AWS::Serverless::HttpApi": "AWS::ApiGatewayV2::Api",
    }.get(str(kind), str(kind))


def _names_of_another(case: Case, certain: set[str]) -> Iterator[Problem]:
    """Names that are those of another environment once the parameters have their values."""
    for deployment in case.deployments:
        own = {part for name in (deployment.environment.name, *environment_values(deployment)) for part in parts(name)}
        if not own & certain or deployment.environment.name == "default":
            continue
        for stack in deployed_stacks(deployment):
            for resource in stack.resources.values():
                found = parts(resource.name or "")
                other = next((part for part in found if part in certain), "")
                if other and not own.intersection(found) and not _is_written(resource, other):
                    message = (
                        f"{resource.owner} is called {resource.name} in the environment {deployment.environment.name}."
                    )
                    yield about(resource, message, NAME_PROPERTIES[resource.type])


def _is_written(resource: Resource, word: str) -> bool:
    """Whether the template itself has the word in the name, which is a finding already."""
    definition = resource.stack.template.resources.get(resource.owner, {}).get("Properties")
    key = NAME_PROPERTIES[resource.type]
    return word in parts(str(definition.get(key))) if isinstance(definition, dict) else False


def environment_values(deployment: Deployment) -> list[str]:
    """What the environment's parameters say that it is called."""
    return [value for name, value in deployment.environment.parameters.items() if means_environment(name)]


def _missing_values(case: Case) -> Iterator[Problem]:
    root = root_of(case.project)
    if root is None:
        return
    for environment, _ in case.configured:
        if reads_a_file(environment):
            continue
        for name, definition in root.section("Parameters").items():
            if "Default" not in definition and name not in environment.parameters:
                message = f"The environment {environment.name} sets no value for {name}, which has no default."
                place = place_of(case.config, environment.name, "parameter_overrides")
                yield Problem(place, message, severity=Severity.ERROR)


def _shown(value: str) -> str:
    text = " ".join(value.split())
    return text if len(text) < 80 else f"{text[:77]}…"  # noqa: PLR2004 (as much as a line takes)
