"""SG106: secrets that stand in a template, or end up in clear in a function's configuration."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from math import log2
from typing import Any

from generator.checks.case import Case, literal, truth
from generator.checks.facts.configuration import subject_of
from generator.checks.facts.statements import put, spot
from generator.checks.facts.texts import DEPTH
from generator.checks.facts.words import PASSWORDS, means_secret, significant
from generator.checks.rule import Problem, rule
from generator.findings import Severity
from generator.project import Resource, Stack

FUNCTION = "AWS::Lambda::Function"
_MEND = "Keep it as a SecureString parameter or in Secrets Manager, and read it at run time."

# What is a secret whatever it is called: tokens and keys of services, web tokens, private keys, addresses with one.
_TOKEN = re.compile(
    r"\b(AKIA|ASIA)[A-Z0-9]{16}\b"
    r"|\bgh[pousr]_[A-Za-z0-9]{36}|\bgithub_pat_[A-Za-z0-9_]{22,}|\bglpat-[A-Za-z0-9_-]{20}"
    r"|\bxox[abeprs]-[A-Za-z0-9-]{10,}|\bhooks\.slack\.com/services/[A-Z0-9]+/[A-Z0-9]+/[A-Za-z0-9]{16,}"
    r"|\bdiscord(app)?\.com/api/webhooks/\d+/[\w-]{30,}"
    r"|\b[rs]k_(live|test)_[A-Za-z0-9]{16,}|\bwhsec_[A-Za-z0-9]{24,}|\bsk-(proj-|ant-)?[A-Za-z0-9_-]{32,}"
    r"|\bAIza[A-Za-z0-9_-]{35}|\bGOCSPX-[A-Za-z0-9_-]{20,}|\bya29\.[A-Za-z0-9_-]{20,}"
    r"|\bnpm_[A-Za-z0-9]{36}|\bpypi-AgEI[A-Za-z0-9_-]{20,}|\bdop_v1_[a-f0-9]{64}|\bhv[sb]\.[A-Za-z0-9_-]{24,}"
    r"|\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}"
    r"|\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.|-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|\b[a-z][a-z0-9+.-]*://[^/\s:@<>{}$]*:[^/\s:@<>{}$*]+@"
    r"|(?i:\b(accountkey|password|pwd|sharedaccesskey)=(?![\s;<{$*])[^;\s]{4,};)"
)
_HEADER = re.compile(r"(Bearer|Basic) [A-Za-z0-9+/._~-]{8,}=*")
# The length and the alphabet of AWS's secret keys, which have no mark of their own.
_SECRET_KEY = re.compile(r"(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])[A-Za-z0-9/+]{40}")
_ENTROPY = 4.2  # bits a character; names and paths have less
_RESOLVED = re.compile(r"\{\{\s*resolve:(secretsmanager|ssm-secure):")
# Values that point somewhere or switch something: paths, ARNs, addresses, numbers, booleans, words in brackets.
_HARMLESS = re.compile(
    r"(?i)^(/.*|alias/.*|arn:.*|[a-z][a-z0-9+.-]*://.*|[0-9.,:]*|true|false|yes|no|on|off|none|null|<.*>|\{\{.*"
    r"|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$"
)
_NUMBER = re.compile(r"[0-9]{4,}")
_CIPHERS = {"cipher", "crypto", "encryption"}

# Properties of other resources that are secrets by what they are.
_PROPERTIES: dict[str, tuple[str, ...]] = {
    "AWS::AmazonMQ::Broker": ("Users.*.Password",),
    "AWS::Amplify::App": ("AccessToken", "OauthToken", "BasicAuthConfig.Password"),
    "AWS::ApiGateway::ApiKey": ("Value",),
    "AWS::CodeBuild::SourceCredential": ("Token",),
    "AWS::CodePipeline::Pipeline": ("Stages.*.Actions.*.Configuration.OAuthToken",),
    "AWS::CodePipeline::Webhook": ("AuthenticationConfiguration.SecretToken",),
    "AWS::Cognito::UserPoolIdentityProvider": ("ProviderDetails.client_secret",),
    "AWS::DMS::Endpoint": ("Password",),
    "AWS::DirectoryService::MicrosoftAD": ("Password",),
    "AWS::DirectoryService::SimpleAD": ("Password",),
    "AWS::DocDB::DBCluster": ("MasterUserPassword",),
    "AWS::ElastiCache::ReplicationGroup": ("AuthToken",),
    "AWS::ElastiCache::User": ("Passwords.*",),
    "AWS::Events::Connection": (
        "AuthParameters.ApiKeyAuthParameters.ApiKeyValue",
        "AuthParameters.BasicAuthParameters.Password",
        "AuthParameters.OAuthParameters.ClientParameters.ClientSecret",
    ),
    "AWS::IAM::User": ("LoginProfile.Password",),
    "AWS::MemoryDB::User": ("AuthenticationMode.Passwords.*",),
    "AWS::OpenSearchService::Domain": ("AdvancedSecurityOptions.MasterUserOptions.MasterUserPassword",),
    "AWS::RDS::DBCluster": ("MasterUserPassword",),
    "AWS::RDS::DBInstance": ("MasterUserPassword",),
    "AWS::Redshift::Cluster": ("MasterUserPassword",),
    "AWS::RedshiftServerless::Namespace": ("AdminUserPassword",),
    "AWS::SecretsManager::Secret": ("SecretString",),
}
# Lists of variables of others than functions, as names and values.
_LISTED: dict[str, tuple[str, ...]] = {
    "AWS::CodeBuild::Project": ("Environment.EnvironmentVariables.*",),
    "AWS::ECS::TaskDefinition": ("ContainerDefinitions.*.Environment.*",),
    "AWS::Batch::JobDefinition": ("ContainerProperties.Environment.*",),
}
# And as properties of their names.
_MAPPED = {"AWS::ApiGateway::Stage": "Variables", "AWS::ApiGatewayV2::Stage": "StageVariables"}
_SCANNED = ("Globals", "Mappings", "Resources", "Outputs")


@rule(
    "SG106",
    "No secret stands in a template or in a function's variables.",
    Severity.ERROR,
    _MEND,
    "https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-securestring.html",
)
def secrets(case: Case) -> Iterator[Problem]:
    """Variables with secrets, secrets as literals of other resources, and defaults of parameters that are secret."""
    found = list(_by_names(case))
    yield from found
    said = {problem.place for problem in found}
    for template in case.project.templates:
        for path, text in _texts({name: template.data.get(name) for name in _SCANNED}):
            if not _TOKEN.search(text):
                continue
            place = template.place(*path)
            if place not in said:
                owner = path[1] if len(path) > 1 else path[0]
                subject = subject_of(case, template, path)
                yield Problem(place, f"{owner} has a key, a token or a password in clear.", subject)


def _by_names(case: Case) -> Iterator[Problem]:
    for deployment in case.deployments:
        for stack in deployment.stacks:
            yield from _defaults(stack)
        for function in deployment.of_type(FUNCTION):
            yield from _variables(function)
        for resource in deployment.of_type(*_PROPERTIES):
            yield from _properties(resource)
        for resource in deployment.of_type(*_LISTED, *_MAPPED):
            yield from _others_variables(resource)


def _texts(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every text of a template as it is written, code and descriptions too."""
    if isinstance(value, str):
        yield path, value
    elif len(path) < DEPTH and isinstance(value, (dict, list)):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _texts(item, (*path, key))


def _variables(function: Resource) -> Iterator[Problem]:
    named = function.get("Environment", "Variables")
    for name, value in named.items() if isinstance(named, dict) else ():
        text = value if isinstance(value, str) else ""
        if _RESOLVED.search(text):
            what = "is resolved when the stack is deployed, and stands in clear in the function's configuration"
        elif _is_secret(name, value):
            what = "looks like a secret in clear"
        else:
            continue
        yield _at_variable(function, str(name), f"The variable {name} of {function.owner} {what}.")


def _others_variables(resource: Resource) -> Iterator[Problem]:
    message = f"A variable of {resource.owner} looks like a secret in clear."
    for path, entry in _at(resource, _LISTED.get(resource.type, ())):
        kind = entry.get("Type") if isinstance(entry, dict) else None
        if (
            isinstance(entry, dict)
            and kind in (None, "PLAINTEXT")
            and _is_secret(entry.get("Name"), entry.get("Value"))
        ):
            yield put(resource, message, *path)
    named = resource.get(_MAPPED[resource.type]) if resource.type in _MAPPED else None
    for name, value in named.items() if isinstance(named, dict) else ():
        if _is_secret(name, value):
            yield put(resource, message, _MAPPED[resource.type], name)


def _is_secret(name: Any, value: Any) -> bool:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else literal(value)
    if not text:
        return False
    if _TOKEN.search(text) or _HEADER.match(text) or _is_secret_key(text):
        return True
    # A name with a symbol in it is made of what CloudFormation calls something.
    if not _is_called_secret(str(name)) or "<" in text or " " in text.strip():
        return False
    last = significant(str(name))[-1]
    if last in PASSWORDS and _NUMBER.fullmatch(text):
        return True
    # The name of a secret in Secrets Manager has folders, as a rule.
    return not _HARMLESS.match(text) and not (last in {"secret", "secrets"} and "/" in text)


def _is_called_secret(name: str) -> bool:
    return means_secret(name) or (len(found := significant(name)) > 1 and found[-1] == "key" and found[-2] in _CIPHERS)


def _is_secret_key(text: str) -> bool:
    if not _SECRET_KEY.fullmatch(text):
        return False
    shares = [count / len(text) for count in Counter(text).values()]
    return -sum(share * log2(share) for share in shares) > _ENTROPY


def _at_variable(function: Resource, name: str, message: str) -> Problem:
    """At the variable, also where all functions of a template share it."""
    template = function.stack.template
    path = ("Environment", "Variables", name)
    written = template.resources.get(function.owner, {})
    shared = template.data.get("Globals")
    if not _has(written.get("Properties"), path) and isinstance(shared, dict) and _has(shared.get("Function"), path):
        return Problem(template.place("Globals", "Function", *path), message, function)
    return put(function, message, *path)


def _has(data: Any, path: tuple[str, ...]) -> bool:
    for step in path:
        if not isinstance(data, dict) or step not in data:
            return False
        data = data[step]
    return True


def _properties(resource: Resource) -> Iterator[Problem]:
    for path, value in _at(resource, _PROPERTIES[resource.type]):
        text = literal(value)
        if text and not text.startswith("{{") and "<" not in text:
            name = next(step for step in reversed(path) if isinstance(step, str))
            yield Problem(spot(resource, *path), f"{name} of {resource.owner} is a secret in clear.", resource)


def is_secret(name: str, value: Any) -> bool:
    """Whether something of that name and value is a secret in clear, as this rule judges variables."""
    return _is_secret(name, value)


def secret_properties(kind: str) -> tuple[str, ...]:
    """The properties of a type that are secrets by what they are; `*` is every item of a list."""
    return _PROPERTIES.get(kind, ())


def without_tokens(text: str, mask: str) -> str:
    """A text with a mask in the place of keys, tokens and addresses with a password."""
    return _TOKEN.sub(mask, text)


Path = tuple[str | int, ...]


def _at(resource: Resource, patterns: tuple[str, ...]) -> Iterator[tuple[Path, Any]]:
    """What stands at the paths, of which `*` is every item of a list."""
    for pattern in patterns:
        found: list[tuple[Path, Any]] = [((), resource.properties)]
        for step in pattern.split("."):
            found = [((*path, key), item) for path, value in found for key, item in _below(value, step)]
        yield from found


def _below(value: Any, step: str) -> list[tuple[str | int, Any]]:
    if step == "*":
        return list(enumerate(value)) if isinstance(value, list) else []
    return [(step, value[step])] if isinstance(value, dict) and step in value else []


def _defaults(stack: Stack) -> Iterator[Problem]:
    template = stack.template
    for name, definition in template.section("Parameters").items():
        default = definition.get("Default")
        if not isinstance(default, (str, int)) or isinstance(default, bool) or not str(default).strip():
            continue
        if truth(definition.get("NoEcho")):
            place = template.place("Parameters", name, "Default")
            message = f"The parameter {name} is not shown (NoEcho), but its default stands here for all to read."
            yield Problem(place, message, mend="Remove the default; better still, read the secret at run time.")
        elif _is_plain_secret(name, definition):
            place = template.place("Parameters", name, "Default")
            yield Problem(place, f"The default of {name} looks like a secret in clear.")


def _is_plain_secret(name: str, definition: dict[str, Any]) -> bool:
    if "AllowedValues" in definition or str(definition.get("Type", "String")) != "String":
        return False
    return _is_secret(name, definition.get("Default"))
