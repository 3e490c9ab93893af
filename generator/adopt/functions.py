"""The section `functions`, and what of a function samgen.yaml cannot say."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from generator.adopt.data import BUCKET, BUS, QUEUE, TABLE, TOPIC
from generator.adopt.permissions import permissions
from generator.adopt.source import Source
from generator.adopt.triggers import triggers
from generator.checks.case import literal, number
from generator.checks.catalogue.security.plain_secrets import is_secret
from generator.checks.facts.routes import mapping
from generator.project import Resource
from generator.spec.values import check_variable_name

Document = dict[str, Any]
FUNCTION = "AWS::Lambda::Function"
_OTHER = {
    "VpcConfig": "runs in a VPC",
    "Layers": "uses layers",
    "FileSystemConfigs": "mounts a file system",
    "SnapStart": "uses SnapStart",
    "ImageConfig": "is a container image",
}
_NUMBERS = (
    ("memory_size", "MemorySize"),
    ("timeout", "Timeout"),
    ("reserved_concurrency", "ReservedConcurrentExecutions"),
)
_HIDDEN = "looks like a secret: list it under the function's secrets"
# What Lambda takes where nothing is said; samgen's own defaults are others.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-lambda-function.html
_DEFAULTS = {"memory_size": 128, "timeout": 3, "architecture": "x86_64"}


def functions(source: Source, routes: Iterable[tuple[Resource, Document]]) -> list[Document]:
    """The functions with their triggers; `routes` are those that the API has."""
    hooks = _hooks(source)
    listed = [f for f in source.resources(FUNCTION) if f.get("Runtime") is not None and str(f.symbol) not in hooks]
    for function in source.resources(FUNCTION):
        if str(function.symbol) in hooks:
            continue
        if function not in listed:
            source.note(function, f"{function.owner} is a container image; samgen's functions have a runtime.")
    found = {str(function.symbol): _function(source, function) for function in listed}
    for function, trigger in [*routes, *triggers(source)]:
        if str(function.symbol) in found:
            found[str(function.symbol)].setdefault("triggers", []).append(trigger)
    return [{**document, "triggers": document.get("triggers", [])} for document in found.values()]


def _function(source: Source, function: Resource) -> Document:
    found: Document = {"name": source.label(function)}
    description = _written(function, "Description")
    # What samgen writes of a function that nobody describes begins with its name.
    if isinstance(description, str) and description.strip() and not description.startswith(f"{found['name']}: "):
        found["description"] = " ".join(description.split())
    found["runtime"] = literal(function.get("Runtime"))
    found.update(_DEFAULTS)
    for key, name in _NUMBERS:
        value = number(function.get(name))
        found.update({key: int(value)} if value is not None else {})
    architecture = function.get("Architectures")
    if isinstance(architecture, list) and architecture:
        found["architecture"] = literal(architecture[0])
    secrets, allowed = permissions(source, function)
    variables = dict(_variables(source, function))
    more: Document = {"environment": variables, "secrets": secrets, "permissions": allowed}
    found.update({key: value for key, value in more.items() if value})
    _remark(source, function, str(found["name"]))
    return found


def _written(function: Resource, name: str) -> Any:
    """A property as its author wrote it: SAM puts a release's digest behind a description."""
    return mapping(function.stack.template.resources.get(function.owner, {}).get("Properties")).get(name)


def _hooks(source: Source) -> set[str]:
    """The functions that test a new version before it gets traffic: samgen brings its own."""
    found = set()
    for stack in source.main.stacks:
        for name, resource in stack.resources.items():
            policy = resource.definition.get("UpdatePolicy")
            update = mapping(mapping(policy).get("CodeDeployLambdaAliasUpdate"))
            for key in ("BeforeAllowTrafficHook", "AfterAllowTrafficHook"):
                named = mapping(update.get(key)).get("Ref")
                if named in stack.resources and name != named:
                    found.add(str(stack.resources[named].symbol))
    return found


def _variables(source: Source, function: Resource) -> Iterator[tuple[str, str]]:
    """The variables that say the same in each environment and are no names of what the project has."""
    named = function.get("Environment", "Variables")
    for name, value in named.items() if isinstance(named, dict) else ():
        text = _plain(value)
        # What samgen tells functions by variables of its own: what declared resources and secrets are called.
        told = source.main.find(value, TABLE, QUEUE, TOPIC, BUCKET, BUS, FUNCTION) is not None
        if told or _is_parameter(source, text):
            continue
        problem = _problem(source, function, str(name), text)
        if problem:
            message = f"The variable {name} of {function.owner} {problem}."
            source.note(function, message, "Environment", "Variables", str(name))
        elif text is not None and problem is not None:
            yield str(name), text


def _plain(value: Any) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else literal(value)


def _problem(source: Source, function: Resource, name: str, text: str | None) -> str | None:
    """What is wrong with a variable: nothing (empty), something, or None where it is set anyway."""
    others = _others(source, function, name)
    if any(is_secret(name, value) or source.masker.text(value) != value for value in {text or "", *others}):
        return _HIDDEN
    try:
        check_variable_name(name)
    except ValueError as error:
        return _HIDDEN if "secret" in str(error) else None
    if text is None or "<" in text:
        return "is only known when it is deployed"
    return f"differs between environments: {', '.join(sorted(others))}" if others - {text} else ""


def _is_parameter(source: Source, text: str | None) -> bool:
    return text is not None and text.startswith(f"/{source.name}/{source.service}/")


def _others(source: Source, function: Resource, name: str) -> set[str]:
    """What a variable is in each environment."""
    found = set()
    for _, deployment in source.environments:
        for other in source.deployed(deployment, FUNCTION):
            if other.logical_id == function.logical_id and other.stack.name == function.stack.name:
                value = other.get("Environment", "Variables", name)
                found.add(str(value).lower() if isinstance(value, bool) else str(value))
    return found


def _remark(source: Source, function: Resource, name: str) -> None:
    for url in source.resources("AWS::Lambda::Url"):
        if source.main.function(url.get("TargetFunctionArn")) is function:
            source.note(url, f"{function.owner} has a URL of its own; samgen.yaml has no word for that.")
    for key, words in _OTHER.items():
        if function.get(key):
            source.note(function, f"{function.owner} {words}; samgen.yaml has no word for that.", key)
    place = _written(function, "CodeUri")
    template = Path(function.stack.template.name).parent
    folder = Path(os.path.normpath(template / place)).as_posix() if isinstance(place, str) else None
    if folder != f"src/{name}":
        where = folder if folder is not None else "in the template"
        handler = literal(function.get("Handler")) or "?"
        message = f"The code of {function.owner} is {where} ({handler}); samgen's is in src/{name}: move it there."
        source.note(function, message)
