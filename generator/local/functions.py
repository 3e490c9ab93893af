"""What the emulator's CloudFormation leaves out of a function: its dead-letter queue, key and reserved concurrency."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from generator.local.aws import Aws

# Properties of a function in CloudFormation → where the value stands in them.
_LEFT_OUT = {
    "DeadLetter": ("DeadLetterConfig", "TargetArn"),
    "Key": ("KmsKeyArn",),
    "Concurrency": ("ReservedConcurrentExecutions",),
}

MOST = 10
KEPT = 5

Settings = dict[str, dict[str, Any]]


def settings(data: Mapping[str, Any]) -> Settings:
    """Of each function, by logical id, what is left out, as the template says it."""
    found: Settings = {}
    for logical_id, resource in data["Resources"].items():
        if resource.get("Type") == "AWS::Lambda::Function":
            values = {name: _at(resource.get("Properties") or {}, path) for name, path in _LEFT_OUT.items()}
            found[logical_id] = {name: value for name, value in values.items() if value is not None}
    return found


def outputs(data: Mapping[str, Any]) -> dict[str, Any]:
    """Outputs of a stack that tell what those values are, once it is deployed."""
    told: dict[str, Any] = {}
    for logical_id, values in settings(data).items():
        told[f"{logical_id}Name"] = {"Ref": logical_id}
        told |= {f"{logical_id}{name}": value for name, value in values.items()}
    return told


def complete(aws: Aws, wanted: Settings, told: Mapping[str, str]) -> None:
    """Set what was left out, on each function and on the version that its aliases point to."""
    client = aws["lambda"]
    for logical_id, values in wanted.items():
        function = told[f"{logical_id}Name"]
        known = {name: told.get(f"{logical_id}{name}", "") for name in values}
        if known.get("Concurrency"):
            number = int(float(known["Concurrency"]))
            client.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=number)
        change: dict[str, Any] = {}
        if known.get("Key"):
            change["KMSKeyArn"] = known["Key"]
        if known.get("DeadLetter"):
            change["DeadLetterConfig"] = {"TargetArn": known["DeadLetter"]}
        if change:
            _configure(client, function, change)


def prune(aws: Aws, wanted: Settings, told: Mapping[str, str]) -> None:
    """Forget the oldest versions of functions that have many: the emulator keeps the code of each in its memory."""
    client = aws["lambda"]
    for logical_id in wanted:
        function = told[f"{logical_id}Name"]
        pages = client.get_paginator("list_versions_by_function").paginate(FunctionName=function)
        numbers = sorted(int(v["Version"]) for page in pages for v in page["Versions"] if v["Version"].isdigit())
        if len(numbers) <= MOST:
            continue
        used = {alias["FunctionVersion"] for alias in client.list_aliases(FunctionName=function).get("Aliases", [])}
        for number in numbers[:-KEPT]:
            if str(number) not in used:
                client.delete_function(FunctionName=function, Qualifier=str(number))


def _configure(client: Any, function: str, change: Mapping[str, Any]) -> None:
    """Change the function, and publish it anew for every alias whose version has it not yet.

    A published version never changes, so that what an alias points to is published a second time.
    """
    if not _has(client.get_function_configuration(FunctionName=function), change):
        client.update_function_configuration(FunctionName=function, **change)
    version = ""
    for alias in client.list_aliases(FunctionName=function).get("Aliases", []):
        current = client.get_function_configuration(FunctionName=function, Qualifier=alias["FunctionVersion"])
        if _has(current, change):
            continue
        version = version or client.publish_version(FunctionName=function)["Version"]
        client.update_alias(FunctionName=function, Name=alias["Name"], FunctionVersion=version)


def _has(configuration: Mapping[str, Any], change: Mapping[str, Any]) -> bool:
    return all(configuration.get(name) == value for name, value in change.items())


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value
