"""SG301: environments that are written out where a parameter should say them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from generator.checks.case import Case
from generator.checks.facts.configuration import (
    deployed_stacks,
    means_environment,
    place_of,
    reads_a_file,
    root_of,
    subject_of,
)
from generator.checks.facts.made import is_made
from generator.checks.facts.texts import PLACEHOLDER, Text, texts
from generator.checks.facts.words import CERTAIN, ENVIRONMENTS, parts
from generator.checks.rule import Problem, about, rule
from generator.findings import Severity
from generator.project import Deployment, Resource, Template
from generator.project.deployment import NAME_PROPERTIES

_ADDRESS = re.compile(r"\b([a-z][a-z0-9+.]+)://(?:[^/?#\s@]+@)?([^/?#\s:]+)")
# What Linux calls a disk, a pipe or a stream.
_DEVICE = re.compile(r"/dev/(sd|hd|xvd|nvme|fd|shm|std|null|u?random|zero)")
_ARN = re.compile(r"^arn:(?:[^:]*:){4}(.*)", re.DOTALL)
_IMAGE = re.compile(r"\.dkr\.ecr\.[^/]+/(.+)")
_RESOLVED = re.compile(r"\{\{\s*resolve:[a-z-]+:([^}]+)\}\}")
_HOST = re.compile(r"[\w-]+(\.[\w-]+){2,}(:[0-9]+)?")
# Hosts that belong to others and are called so in every environment.
_OTHERS = ("dev.azure.com", "dev.mysql.com")
_NAMES = {*NAME_PROPERTIES.values(), "StageName", "BucketName", "Bucket", "AutoPublishAlias"} - {"Name"}
# What ends like a name and is none that AWS would know something by.
_NO_NAMES = {"AttributeName", "HeaderName", "IndexName", "KeyName"}
_NAMED = {*(kind for kind, key in NAME_PROPERTIES.items() if key == "Name"), "AWS::Lambda::Alias"}
_DOMAINS = {"DomainName", "HostedZoneName", "Aliases"}
# What code reads as its settings.
_SETTINGS = {"Variables", "StageVariables", "EnvironmentVariables", "DefinitionSubstitutions"}


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
        for text in () if is_made(template) else texts(template, "Resources", "Globals", "Outputs"):
            if text.path[0] == "Outputs" and "Export" not in text.path:
                continue
            word = _environment_in(template, text, certain)
            if word:
                whose = " of ".join(filter(None, (_key(template, text), text.resource)))
                message = f'{whose} has the environment {word} written out in "{_shown(text.value)}".'
                place = template.place_of_text(word, *text.path)
                yield Problem(place, message, subject_of(case, template, text.path))


def _declared_environments(case: Case) -> set[str]:
    """What the project itself calls its environments."""
    found = {environment.name.lower() for environment in case.config.environments} - {"default"}
    for environment in case.config.environments:
        found |= {value.lower() for name, value in environment.parameters.items() if means_environment(name)}
    return {name for name in found if name}


def _environment_in(template: Template, text: Text, certain: set[str]) -> str:
    """The environment that a text has written out where it is a name, an ARN or an address; empty if none."""
    if any(means_environment(name.strip("${}")) for name in PLACEHOLDER.findall(text.value)):
        return ""  # chosen by the environment already
    # What is live is often the only stage or alias there is.
    if means_environment(_key(template, text)) and text.value.lower() in certain | ENVIRONMENTS - {"live"}:
        return text.value
    return next((part for part in _parts(template, text) if part in certain), "")


def _key(template: Template, text: Text) -> str:
    """What a text is the value of: a property, a variable, a tag."""
    key = text.keys[-1] if text.keys else ""
    if key != "Value" or not text.path:
        return key
    entry: Any = template.data
    for step in text.path[: text.path.index("Value", 2)]:
        entry = entry[step]
    return str(entry.get("Key", entry.get("Name", key))) if isinstance(entry, dict) else key


def _parts(template: Template, text: Text) -> list[str]:
    """The words of what a text names; none where it is only said."""
    value = PLACEHOLDER.sub("_", text.value)
    if _DEVICE.match(value):
        return []
    if address := _ADDRESS.search(value):
        return _parts_of_address(address[1], address[2], value[address.end() :])
    # What refers to something does so wherever it stands.
    for pattern in (_RESOLVED, _ARN, _IMAGE):
        if found := pattern.search(value):
            return parts(found[1])
    key = text.keys[-1] if text.keys else ""
    if key in _DOMAINS or (_type(template, text).startswith("AWS::Route53::") and key == "Name"):
        return parts(".".join(value.rstrip(".").split(".")[:-2]))
    if "Fn::ImportValue" in text.path or text.path[0] == "Outputs" or _is_name(template, text, key):
        return parts(value)
    return _parts_of_setting(value) if _SETTINGS.intersection(text.keys) else []


def _is_name(template: Template, text: Text, key: str) -> bool:
    if key == "Name":
        return _type(template, text) in _NAMED
    return key in _NAMES or (key.endswith("Name") and key not in _NO_NAMES)


def _parts_of_setting(value: str) -> list[str]:
    """The words of a setting that is a host or looks like a name of several words."""
    if _HOST.fullmatch(value):
        return parts(".".join(value.split(".")[:-2]))
    found = parts(value) if not re.search(r"[\s,;=]", value) else []
    return found if len(found) > 1 else []


def _parts_of_address(scheme: str, host: str, rest: str) -> list[str]:
    """The words of a host below its domain, of an API's stage, of a bucket or a queue."""
    if host.endswith(_OTHERS):
        return []
    if scheme == "s3":
        return parts(host)
    path = rest.lstrip("/").split("/")
    of_aws = {".execute-api." in host: path[:1], host.startswith("s3."): path[:1], host.startswith("sqs."): path[1:2]}
    named = of_aws.get(True, []) if ".amazonaws.com" in host else []
    return [*parts(".".join(host.split(".")[:-2])), *parts(" ".join(named))]


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
