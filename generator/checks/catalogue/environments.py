"""Category 3 of the catalogue: what differs between environments, what must not, and where it is said."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from typing import Any

from generator.checks.case import Case, literal
from generator.checks.facts.arns import read_arn
from generator.checks.facts.configuration import (
    deployed_stacks,
    means_environment,
    place_of,
    reads_a_file,
    root_of,
    settings_of,
    subject_of,
)
from generator.checks.facts.texts import DEPTH, PLACEHOLDER, Text, texts
from generator.checks.facts.variables import unencrypted_variables
from generator.checks.facts.words import CERTAIN, ENVIRONMENTS, means_secret, parts
from generator.checks.rule import Problem, about, rule
from generator.findings import Severity
from generator.project import Deployment, Resource, Template
from generator.project.deployment import ACCOUNT, NAME_PROPERTIES
from generator.project.evaluate import Symbol, is_known
from generator.project.samconfig import ConfigEnvironment

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
        own = {part for name in (deployment.environment.name, *_environment_values(deployment)) for part in parts(name)}
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


def _environment_values(deployment: Deployment) -> list[str]:
    return [value for name, value in deployment.environment.parameters.items() if means_environment(name)]


def _missing_values(case: Case) -> Iterator[Problem]:
    root = root_of(case.project)
    if root is None:
        return
    for environment in case.config.environments:
        if reads_a_file(environment):
            continue
        for name, definition in root.section("Parameters").items():
            if "Default" not in definition and name not in environment.parameters:
                message = f"The environment {environment.name} sets no value for {name}, which has no default."
                place = place_of(case.config, environment.name, "parameter_overrides")
                yield Problem(place, message, severity=Severity.ERROR)


@rule(
    "SG302",
    "A function's variables are encrypted with a key of the project's own.",
    Severity.ERROR,
    "Set KmsKeyArn to a customer-managed key on the function or in Globals.",
    "https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html",
)
def unencrypted(case: Case) -> Iterator[Problem]:
    """Functions with variables and without a key."""
    for function in unencrypted_variables(case):
        yield about(function, f"{function.owner} has variables that no key of the project's encrypts.", "Environment")


# Names that have to be unique, and where: in a region of an account, in an account, or everywhere.
_EVERYWHERE = {"AWS::S3::Bucket"}
_IN_ACCOUNT = {"AWS::IAM::Role", "AWS::IAM::ManagedPolicy", "AWS::CloudWatch::Dashboard"}
_NOT_UNIQUE = {
    "AWS::ApiGateway::RestApi",
    "AWS::ApiGatewayV2::Api",
    "AWS::Cognito::UserPool",
    "AWS::Lambda::LayerVersion",
}
# What a name is unique within, beside account and region.
_WITHIN = {"AWS::Events::Rule": "EventBusName", "AWS::Scheduler::Schedule": "GroupName", "AWS::WAFv2::WebACL": "Scope"}


@rule(
    "SG303",
    "No two environments give the same name to what has to be unique.",
    Severity.ERROR,
    "Begin the name with the environment: !Sub ${Environment}-…; names of roles and buckets need the region as well "
    "where an environment has several.",
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-name.html",
)
def colliding(case: Case) -> Iterator[Problem]:
    """Names that two environments have in one account, and stacks of one name in one place."""
    named: dict[tuple[Any, ...], list[tuple[Deployment, Resource]]] = defaultdict(list)
    for deployment in _environments(case):
        for stack in deployed_stacks(deployment):
            for resource in stack.resources.values():
                if (key := _uniqueness(case, deployment, resource)) is not None:
                    named[key].append((deployment, resource))
    for holders in named.values():
        where = sorted({_label(deployment) for deployment, _ in holders})
        if len(where) > 1:
            for resource in {resource.place(): resource for _, resource in holders}.values():
                message = f"{resource.owner} is called {resource.name} in each of {', '.join(where)}."
                yield about(resource, message, NAME_PROPERTIES[resource.type])
    yield from _same_stack(case)


def _environments(case: Case) -> Iterator[Deployment]:
    """The deployments that are environments: those of samconfig.toml, or by the values of such a parameter."""
    for deployment in case.deployments:
        if case.config.environments or _environment_values(deployment):
            yield deployment


def _label(deployment: Deployment) -> str:
    if deployment.environment.name != "default":
        return deployment.environment.name
    return ", ".join(_environment_values(deployment)) or "default"


def _uniqueness(case: Case, deployment: Deployment, resource: Resource) -> tuple[Any, ...] | None:
    """What another resource must not have in common with it; None where nothing has to be unique or is known."""
    name = resource.name
    if name is None or resource.type in _NOT_UNIQUE or "<" in name.replace(ACCOUNT, ""):
        return None
    account = _account(case, deployment)
    if resource.type in _EVERYWHERE:
        return (resource.type, name, account if ACCOUNT in name else "")
    within = resource.get(_WITHIN.get(resource.type, ""))
    if not is_known(within) or (isinstance(within, str) and "<" in within):
        return None
    region = "" if resource.type in _IN_ACCOUNT else deployment.region
    return (resource.type, name, account, region, str(within))


def _account(case: Case, deployment: Deployment) -> str:
    """The account of an environment, as far as samconfig.toml tells; those that say nothing share one."""
    settings = settings_of(case.config, deployment.environment)
    role = read_arn(str(settings.get("role_arn", "")))
    return deployment.environment.account or (role.account if role else f"{settings.get('profile', ACCOUNT)}")


def _same_stack(case: Case) -> Iterator[Problem]:
    for first, second in combinations(case.config.environments, 2):
        one, other = (settings_of(case.config, environment) for environment in (first, second))
        name = one.get("stack_name")
        if not isinstance(name, str) or name != other.get("stack_name"):
            continue
        if (first.region, first.account) == (second.region, second.account):
            message = f"The environments {first.name} and {second.name} deploy the same stack, {name}."
            yield Problem(place_of(case.config, second.name, "stack_name"), message)


@rule(
    "SG304",
    "A secret is a SecureString parameter or in Secrets Manager, never a parameter of the template.",
    Severity.ERROR,
    "Keep it as a SecureString in Parameter Store, pass its name, and read it at run time.",
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/security-best-practices.html",
)
def secrets(case: Case) -> Iterator[Problem]:
    """Secrets that are passed as parameters, kept in samconfig.toml, or in a parameter that is not encrypted."""
    nested = {link.child.name for link in case.project.links if link.child is not None}
    for template in case.project.templates:
        for name, definition in template.section("Parameters").items():
            if template.name not in nested and _is_plain_secret(name, definition):
                yield _secret_parameter(template, name, definition)
    root = root_of(case.project)
    for environment in case.config.environments:
        for name, value in environment.parameters.items():
            if (
                root
                and value
                and _is_plain_secret(name, root.section("Parameters").get(name, {}))
                and "{{" not in value
            ):
                message = f"The environment {environment.name} has the value of {name} in clear."
                yield Problem(place_of(case.config, environment.name, "parameter_overrides", f"{name}="), message)
    yield from _passed_secrets(case)
    yield from _stored_secrets(case)


def _is_plain_secret(name: str, definition: dict[str, Any]) -> bool:
    kind = str(definition.get("Type", "String"))
    if not means_secret(name) or kind != "String" or "AllowedValues" in definition:
        return False
    return "{{resolve:" not in str(definition.get("Default", ""))


def _secret_parameter(template: Template, name: str, definition: dict[str, Any]) -> Problem:
    place = (template.name, *template.line_of("Parameters", name))
    hidden = str(definition.get("NoEcho", "")).lower() == "true"
    if hidden:
        message = f"The secret {name} is passed as a parameter; NoEcho hides it from CloudFormation's answers only."
        return Problem(place, message, severity=Severity.WARNING)
    return Problem(place, f"The secret {name} is passed as a parameter, which everyone who sees the stack can read.")


def _passed_secrets(case: Case) -> Iterator[Problem]:
    for link in case.project.links:
        properties = link.resource.get("Properties")
        passed = properties.get("Parameters") if isinstance(properties, dict) else None
        declared = link.child.section("Parameters") if link.child else {}
        for name, value in passed.items() if isinstance(passed, dict) else ():
            text = value if isinstance(value, str) else None
            if text and "{{resolve:" not in text and _is_plain_secret(str(name), declared.get(str(name), {})):
                place = link.parent.line_of("Resources", link.logical_id, "Properties", "Parameters", name)
                message = f"{link.logical_id} passes the secret {name} in clear."
                yield Problem((link.parent.name, *place), message)


def _stored_secrets(case: Case) -> Iterator[Problem]:
    for _, parameter in case.of_type("AWS::SSM::Parameter"):
        name, value = parameter.get("Name"), literal(parameter.get("Value"))
        last = str(name).rpartition("/")[2] if isinstance(name, str) and not isinstance(name, Symbol) else ""
        if value and "{{resolve:" not in value and means_secret(last or parameter.owner):
            message = f"{parameter.owner} keeps a secret as a plain String; CloudFormation cannot make a SecureString."
            yield about(parameter, message, "Type")


@rule(
    "SG305",
    "Environments differ in values only: one template, the same parameters, conditions on environments that exist.",
    Severity.WARNING,
    "Set the parameter in every environment; compare with the environments that samconfig.toml and AllowedValues name.",
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/conditions-section-structure.html",
)
def drift(case: Case) -> Iterator[Problem]:
    """Parameters that some environments set and others do not; conditions on an environment that does not exist."""
    yield from _set_by_some(case)
    for template in case.project.templates:
        yield from _mapped(case, template)
    for template in case.project.templates:
        for name, condition in template.section("Conditions").items():
            for parameter, value in _comparisons(condition):
                if not means_environment(parameter):
                    continue
                known = _values_of(case, template, parameter)
                if known and value not in known:
                    place = (template.name, *template.line_of_text(value, "Conditions", name))
                    message = f"The condition {name} asks for {value}; {parameter} is {', '.join(sorted(known))}."
                    yield Problem(place, message)


def _set_by_some(case: Case) -> Iterator[Problem]:
    root = root_of(case.project)
    declared = root.section("Parameters") if root else {}
    environments = case.config.environments
    if any(map(reads_a_file, environments)):
        return
    for name in sorted({name for environment in environments for name in environment.parameters}):
        setting = [environment for environment in environments if name in environment.parameters]
        if len(setting) == len(environments):
            continue
        if name in declared and "Default" not in declared[name]:
            continue  # a missing value, which SG301 says
        lacking = [environment.name for environment in environments if environment not in setting]
        message = f"{name} is set in {', '.join(e.name for e in setting)} and not in {', '.join(lacking)}."
        place = place_of(case.config, setting[0].name, "parameter_overrides", f"{name}=")
        severity = Severity.INFO if _changes_nothing(declared.get(name), name, setting) else None
        yield Problem(place, message, severity=severity)


def _changes_nothing(definition: dict[str, Any] | None, name: str, setting: list[ConfigEnvironment]) -> bool:
    """Whether every environment that sets it sets the default."""
    default = definition.get("Default") if definition else None
    text = str(default).lower() if isinstance(default, bool) else str(default)
    return default is not None and all(environment.parameters[name] == text for environment in setting)


def _comparisons(condition: Any) -> Iterator[tuple[str, str]]:
    """Every `!Equals [!Ref Parameter, text]` in a condition."""
    if isinstance(condition, list):
        for item in condition:
            yield from _comparisons(item)
    elif isinstance(condition, dict):
        compared = condition.get("Fn::Equals")
        if isinstance(compared, list) and len(compared) == 2:  # noqa: PLR2004 (two sides)
            for one, other in (compared, compared[::-1]):
                name = one.get("Ref") if isinstance(one, dict) else None
                if isinstance(name, str) and isinstance(other, str):
                    yield name, other
        for item in condition.values():
            yield from _comparisons(item)


def _mapped(case: Case, template: Template) -> Iterator[Problem]:
    """Mappings by environment that lack one of them, or have one that does not exist."""
    mappings = template.section("Mappings")
    for name, parameter in dict.fromkeys(_looked_up({**template.data, "Mappings": None, "Metadata": None})):
        known = _values_of(case, template, parameter) if means_environment(parameter) and name in mappings else set()
        for value in sorted(known - set(map(str, mappings.get(name, ())))):
            place = (template.name, *template.line_of("Mappings", name))
            message = f"The mapping {name} has nothing for {value}, which {parameter} can be."
            yield Problem(place, message, severity=Severity.ERROR)
        for value in sorted(set(map(str, mappings.get(name, ()))) - known) if known else ():
            place = (template.name, *template.line_of("Mappings", name, value))
            yield Problem(place, f"The mapping {name} has values for {value}, which {parameter} never is.")


def _looked_up(value: Any, depth: int = 0) -> Iterator[tuple[str, str]]:
    """Every `!FindInMap [Mapping, !Ref Parameter, key]` without a default: mapping and parameter."""
    if depth > DEPTH or not isinstance(value, (dict, list)):
        return
    if isinstance(value, dict):
        looked = value.get("Fn::FindInMap")
        if isinstance(looked, list) and len(looked) == 3:  # noqa: PLR2004 (a fourth is a default)
            name, key = looked[0], looked[1].get("Ref") if isinstance(looked[1], dict) else None
            if isinstance(name, str) and isinstance(key, str):
                yield name, key
    for item in value.values() if isinstance(value, dict) else value:
        yield from _looked_up(item, depth + 1)


def _values_of(case: Case, template: Template, parameter: str) -> set[str]:
    """Every value that a parameter of a template can have; empty where that is not known."""
    definition = template.section("Parameters").get(parameter, {})
    allowed = definition.get("AllowedValues")
    found = {str(value) for value in allowed} if isinstance(allowed, list) else set()
    for deployment in case.deployments if case.config.environments else ():
        for stack in deployment.stacks:
            value = stack.parameters.get(parameter) if stack.template is template else None
            if isinstance(value, str) and not isinstance(value, Symbol):
                if not is_known(value):
                    return found
                found.add(value)
    return found


def _shown(value: str) -> str:
    text = " ".join(value.split())
    return text if len(text) < 80 else f"{text[:77]}…"  # noqa: PLR2004 (as much as a line takes)
