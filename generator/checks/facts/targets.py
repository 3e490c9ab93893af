"""Which function, and which alias or version of it, a reference means."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from generator.checks.case import literal, truth
from generator.project import Deployment, Resource
from generator.project.evaluate import is_known

FUNCTION = "AWS::Lambda::Function"
ALIAS = "AWS::Lambda::Alias"
VERSION = "AWS::Lambda::Version"
_INVOCATION = re.compile(r":lambda:path/[^/]+/functions/(.+?)/invocations")
_QUALIFIER = 7


def of_a_url(permission: Resource) -> bool:
    """Whether a permission only lets people call a function's URL; who may call it is found where the URL is made.

    Besides lambda:InvokeFunctionUrl a URL needs lambda:InvokeFunction, limited to calls by way of it.
    https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
    """
    by_url = truth(permission.get("InvokedViaFunctionUrl")) is True
    return by_url or literal(permission.get("FunctionUrlAuthType")) == "NONE"


@dataclass(frozen=True, eq=False)
class Target:
    """A function as something names it.

    Attributes:
        function: the function, where the project has it.
        name: what else it is known by.
        qualifier: the alias or version; empty for the function itself, which is its newest code.
    """

    function: Resource | None
    name: str
    qualifier: str

    def same(self, other: Target) -> bool:
        """Whether both mean the same alias of the same function."""
        if self.function is not None or other.function is not None:
            return self.function is other.function and self.qualifier == other.qualifier
        return self.name == other.name and self.qualifier == other.qualifier


def is_invocation(uri: str) -> bool:
    """Whether an address is the one by which API Gateway invokes functions."""
    return ":lambda:path/" in uri


def target_of(deployment: Deployment, reference: Any) -> Target | None:
    """What an ARN, a name or an invocation address means; None where it is no function or not known."""
    if not isinstance(reference, str) or not is_known(reference):
        return None
    match = _INVOCATION.search(reference)
    text = match[1] if match else reference
    found = deployment.find(text, FUNCTION, ALIAS, VERSION)
    if found is None:
        name = _name(text)
        return Target(None, name, _qualifier(text)) if name else None
    if found.type == FUNCTION:
        return Target(found, found.logical_id, _qualifier(text))
    function = deployment.find(found.get("FunctionName"), FUNCTION)
    alias = literal(found.get("Name")) if found.type == ALIAS else None
    return Target(function, str(found.get("FunctionName")), alias or str(found.symbol))


def aliases_of(deployment: Deployment, function: Resource) -> list[Resource]:
    """The aliases of a function, in whichever stack."""
    found = _aliases.get(deployment)
    if found is None:
        found = {}
        for alias in deployment.of_type(ALIAS):
            owner = deployment.find(alias.get("FunctionName"), FUNCTION)
            if owner is not None:
                found.setdefault(owner, []).append(alias)
        _aliases[deployment] = found
    return found.get(function, [])


# Looked up once a deployment: every function and every caller of it asks.
_aliases: WeakKeyDictionary[Deployment, dict[Resource, list[Resource]]] = WeakKeyDictionary()


def _qualifier(text: str) -> str:
    if text.startswith("<"):
        rest = text.partition(">")[2]
    elif text.startswith("arn:"):
        rest = ":" + ":".join(text.split(":")[_QUALIFIER:])
    else:
        rest = ":" + text.rpartition("function:")[2].partition(":")[2]
    qualifier = rest[1:] if rest.startswith(":") else ""
    return "" if qualifier == "$LATEST" else qualifier


def _name(text: str) -> str:
    """The name in a function's ARN or partial ARN; empty where the text is none."""
    parts = text.split(":")
    if text.startswith("arn:") and len(parts) >= _QUALIFIER and parts[2] == "lambda" and parts[5] == "function":
        return parts[6]
    return "" if text.startswith(("arn:", "<")) or "/" in text else text.rpartition("function:")[2].partition(":")[0]
