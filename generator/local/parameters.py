"""Secrets of functions: SecureString parameters, which CloudFormation cannot create, filled for this machine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from generator.errors import InputError
from generator.local.aws import Aws
from generator.project import Deployment
from generator.project.evaluate import is_known

FILE = ".env"
PLACEHOLDER = "placeholder"
_ARN = re.compile(r"arn:[^:]*:ssm:[^:]*:[^:]*:parameter(/[A-Za-z0-9_./-]+)")


def names(deployment: Deployment) -> list[str]:
    """The parameters that roles may read by their names, and that no stack makes."""
    made = {resource.name for resource in deployment.of_type("AWS::SSM::Parameter")}
    found = {
        match[1]
        for statement in _statements(deployment)
        if any(str(action).startswith("ssm:GetParameter") for action in _list(statement.get("Action")))
        for resource in _list(statement.get("Resource"))
        if isinstance(resource, str) and is_known(resource) and (match := _ARN.fullmatch(resource))
    }
    return sorted(found - made)


def variable(name: str) -> str:
    """What a parameter is called in the file: `/dev/orders/payment-api-key` is PAYMENT_API_KEY."""
    return re.sub(r"[^A-Z0-9]", "_", name.rpartition("/")[2].upper())


def seed(aws: Aws, deployment: Deployment) -> list[dict[str, str]]:
    """Give every parameter the value that the file has for it, or a placeholder; what each got.

    Raises:
        InputError: the file cannot be read.
    """
    values = read(deployment.project.root / FILE)
    told = []
    for name in names(deployment):
        value = values.get(variable(name))
        aws["ssm"].put_parameter(Name=name, Value=value or PLACEHOLDER, Type="SecureString", Overwrite=True)
        told.append({"name": name, "variable": variable(name), "source": FILE if value else PLACEHOLDER})
    return told


def read(path: Path) -> dict[str, str]:
    """The values of a file of lines `NAME=value`; none where there is no file.

    Raises:
        InputError: it cannot be read.
    """
    if not path.is_file():
        return {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: {error}.") from error
    values = {}
    for line in lines:
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and not name.startswith("#"):
            values[name.strip()] = _unquoted(value.strip())
    return values


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"" else value


def _statements(deployment: Deployment) -> Iterator[dict[str, Any]]:
    for resource in deployment.of_type("AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        documents = [
            resource.get("PolicyDocument"),
            *(p.get("PolicyDocument") for p in _list(resource.get("Policies"))),
        ]
        for document in documents:
            for statement in _list((document or {}).get("Statement")):
                if isinstance(statement, dict) and statement.get("Effect") == "Allow":
                    yield statement


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
