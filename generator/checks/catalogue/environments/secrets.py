"""SG302 and SG304: variables whose key comes to none, and secrets that are passed or stored in clear."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.checks.case import Case, literal
from generator.checks.facts.configuration import (
    place_of,
    root_of,
)
from generator.checks.facts.variables import KEY, names_a_key, unencrypted_variables
from generator.checks.facts.words import means_secret
from generator.checks.rule import Place, Problem, about, rule
from generator.findings import Severity
from generator.project import Deployment, Template
from generator.project.evaluate import Symbol
from generator.project.samconfig import UNNAMED


@rule(
    "SG302",
    "The key that encrypts a function's variables is one of the project's own in every environment.",
    Severity.WARNING,
    "Give KmsKeyArn the ARN of a customer-managed key in every environment.",
    "https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html",
)
def unencrypted(case: Case) -> Iterator[Problem]:
    """Functions with variables whose KmsKeyArn comes to nothing, or to AWS's own key; SG102 says where there is none.

    That a key is written and comes to none is a matter of the environments: each may give it another value.
    """
    said: set[Place] = set()
    for deployment, function in unencrypted_variables(case):
        place = function.place("Environment")
        if place in said or not names_a_key(function):
            continue
        said.add(place)
        key = literal(function.get(KEY))
        what = f"{key}, which is AWS's own" if key else "empty"
        message = f"The KmsKeyArn that encrypts the variables of {function.owner} is {what}{_in(deployment)}."
        yield about(function, message, "Environment")


def _in(deployment: Deployment) -> str:
    name = deployment.environment.name
    return f" in the environment {name}" if name != UNNAMED else ""


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
            elif _is_looked_up(name, definition):
                yield _looked_up(template, name)
    root = root_of(case.project)
    for environment, _ in case.configured:
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


def _is_looked_up(name: str, definition: dict[str, Any]) -> bool:
    """Whether CloudFormation looks a secret up in Parameter Store, where it finds none that is encrypted."""
    return means_secret(name) and str(definition.get("Type")).startswith("AWS::SSM::Parameter::Value<")


def _looked_up(template: Template, name: str) -> Problem:
    """A secret that stands in clear in Parameter Store, and in what CloudFormation tells of the stack.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html
    """
    message = f"The secret {name} is looked up in Parameter Store, where CloudFormation reads no SecureString."
    return Problem(template.place("Parameters", name), message, severity=Severity.WARNING)


def _secret_parameter(template: Template, name: str, definition: dict[str, Any]) -> Problem:
    place = template.place("Parameters", name)
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
                place = link.parent.place("Resources", link.logical_id, "Properties", "Parameters", name)
                message = f"{link.logical_id} passes the secret {name} in clear."
                yield Problem(place, message)


def _stored_secrets(case: Case) -> Iterator[Problem]:
    for _, parameter in case.of_type("AWS::SSM::Parameter"):
        name, value = parameter.get("Name"), literal(parameter.get("Value"))
        last = str(name).rpartition("/")[2] if isinstance(name, str) and not isinstance(name, Symbol) else ""
        if (
            value
            and "{{resolve:" not in value
            and not value.startswith("arn:")
            and means_secret(last or parameter.owner)
        ):
            message = f"{parameter.owner} keeps a secret as a plain String; CloudFormation cannot make a SecureString."
            yield about(parameter, message, "Type")
