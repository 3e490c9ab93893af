"""SG106: secrets that stand in a template, or end up in clear in a function's configuration."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from generator.checks.case import Case, literal, truth
from generator.checks.facts.statements import put, spot
from generator.checks.rule import Problem, rule
from generator.findings import Severity
from generator.project import Resource, Stack

FUNCTION = "AWS::Lambda::Function"
_MEND = "Keep it as a SecureString parameter or in Secrets Manager, and read it at run time."

# Names that say that the value is a secret, unless they end in what only points to one.
_SECRET = re.compile(
    r"(?i)(passw(or)?d|passphrase|secret|token|api_?key|private_?key|access_?key|credential|client_?secret|signing_?key)"
)
_POINTER = re.compile(
    r"(?i)(_|-|(?<=[a-z])(?=[A-Z]))("
    r"arns?|ids?|names?|paths?|parameters?|params?|urls?|uris?|endpoints?|hosts?|headers?|files?|tables?|buckets?|"
    r"queues?|topics?|ttl|seconds|minutes|hours|days|ms|age|expiry|expiration|timeout|lifetime|length|size|limit|count|"
    r"types?|algorithms?|issuers?|audiences?|regions?|versions?|prefix|suffix|enabled|required|rotation|ref|store|"
    r"functions?|provider|stage|scopes?|fields?|claims?|label|cookie|keys"
    r")$"
)
# What is a secret whatever it is called: AWS, GitHub, GitLab, Slack, Stripe, Google and JSON web tokens, private keys.
_TOKEN = re.compile(
    r"\b(AKIA|ASIA)[A-Z0-9]{16}\b"
    r"|\bgh[pousr]_[A-Za-z0-9]{36}|\bgithub_pat_[A-Za-z0-9_]{22,}|\bglpat-[A-Za-z0-9_-]{20}"
    r"|\bxox[abprs]-[A-Za-z0-9-]{10,}|\b[rs]k_live_[A-Za-z0-9]{16,}|\bAIza[A-Za-z0-9_-]{35}"
    r"|\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.|-----BEGIN [A-Z ]*PRIVATE KEY-----"
)
_IN_URL = re.compile(r"^[a-z][a-z0-9+.-]*://[^/\s:@]+:[^/\s:@]+@")
_RESOLVED = re.compile(r"\{\{\s*resolve:(secretsmanager|ssm-secure):")
# Values that point somewhere or switch something: paths, ARNs, addresses, numbers, booleans, words in brackets.
_HARMLESS = re.compile(
    r"(?i)^(/.*|arn:.*|[a-z][a-z0-9+.-]*://.*|[0-9.,:]*|true|false|yes|no|on|off|none|null|<.*>|\{\{.*)$"
)

# Properties of other resources that are secrets by what they are.
_PROPERTIES: dict[str, tuple[str, ...]] = {
    "AWS::ApiGateway::ApiKey": ("Value",),
    "AWS::DocDB::DBCluster": ("MasterUserPassword",),
    "AWS::ElastiCache::ReplicationGroup": ("AuthToken",),
    "AWS::RDS::DBCluster": ("MasterUserPassword",),
    "AWS::RDS::DBInstance": ("MasterUserPassword",),
    "AWS::Redshift::Cluster": ("MasterUserPassword",),
    "AWS::SecretsManager::Secret": ("SecretString",),
}


@rule(
    "SG106",
    "No secret stands in a template or in a function's variables.",
    Severity.ERROR,
    _MEND,
    "https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-securestring.html",
)
def secrets(case: Case) -> Iterator[Problem]:
    """Variables with secrets, secrets as literals of other resources, and defaults of parameters that are secret."""
    for deployment in case.deployments:
        for stack in deployment.stacks:
            yield from _defaults(stack)
        for function in deployment.of_type(FUNCTION):
            yield from _variables(function)
        for resource in deployment.of_type(*_PROPERTIES):
            yield from _properties(resource)


def _variables(function: Resource) -> Iterator[Problem]:
    named = function.get("Environment", "Variables")
    for name, value in named.items() if isinstance(named, dict) else ():
        text = value if isinstance(value, str) else ""
        if _RESOLVED.search(text):
            what = "is resolved when the stack is deployed, and stands in clear in the function's configuration"
        elif _is_secret(str(name), value):
            what = "looks like a secret in clear"
        else:
            continue
        yield _at_variable(function, str(name), f"The variable {name} of {function.owner} {what}.")


def _is_secret(name: str, value: Any) -> bool:
    text = literal(value)
    if not text:
        return False
    if _TOKEN.search(text) or _IN_URL.match(text):
        return True
    # A name with a symbol in it is made of what CloudFormation calls something.
    called = bool(_SECRET.search(name)) and not _POINTER.search(name)
    return called and not _HARMLESS.match(text) and "<" not in text and " " not in text.strip()


def _at_variable(function: Resource, name: str, message: str) -> Problem:
    """At the variable, also where all functions of a template share it."""
    template = function.stack.template
    path = ("Environment", "Variables", name)
    written = template.resources.get(function.owner, {})
    shared = template.data.get("Globals")
    if not _has(written.get("Properties"), path) and isinstance(shared, dict) and _has(shared.get("Function"), path):
        return Problem((template.name, *template.line_of("Globals", "Function", *path)), message, function)
    return put(function, message, *path)


def _has(data: Any, path: tuple[str, ...]) -> bool:
    for step in path:
        if not isinstance(data, dict) or step not in data:
            return False
        data = data[step]
    return True


def _properties(resource: Resource) -> Iterator[Problem]:
    for name in _PROPERTIES[resource.type]:
        text = literal(resource.get(name))
        if text and not text.startswith("{{") and "<" not in text:
            yield Problem(spot(resource, name), f"{name} of {resource.owner} is a secret in clear.", resource)


def _defaults(stack: Stack) -> Iterator[Problem]:
    template = stack.template
    for name, definition in template.section("Parameters").items():
        default = definition.get("Default")
        if truth(definition.get("NoEcho")) and isinstance(default, (str, int)) and str(default).strip():
            place = (template.name, *template.line_of("Parameters", name, "Default"))
            message = f"The parameter {name} is not shown (NoEcho), but its default stands here for all to read."
            yield Problem(place, message, mend="Remove the default; better still, read the secret at run time.")
