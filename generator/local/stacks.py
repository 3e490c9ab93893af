"""The order in which the stacks of a project are deployed, and what of each the emulator can make."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from generator.errors import InputError
from generator.local.packages import Package
from generator.project import Template, expand
from generator.project.evaluate import is_known
from generator.project.load import NESTING

# Changes of an alias go through CodeDeploy, which the emulator has not: there it moves at once.
_UPDATE = "CodeDeployLambdaAliasUpdate"
_NAMED = re.compile(r"\$\{([A-Za-z0-9]+)(?:\.[^}]*)?\}")


@dataclass(frozen=True)
class Ready:
    """A template as the emulator gets it.

    Attributes:
        data: the expanded template without what the emulator does not know.
        skipped: what it does not know: logical id → type.
    """

    data: dict[str, Any]
    skipped: dict[str, str]


def expanded(
    template: Template,
    parameters: Mapping[str, Any],
    region: str,
    sources: Mapping[str, tuple[Package, str]],
) -> dict[str, Any]:
    """A template as CloudFormation would get it, with its code where the emulator finds it.

    Args:
        template: the author's template.
        parameters: what the stack is given.
        region: where it is deployed.
        sources: by logical id, the code that was built and its address (`s3://bucket/key`).

    Raises:
        InputError: SAM refuses the template.
    """
    data = copy.deepcopy(template.as_written())
    for logical_id, (package, address) in sources.items():
        resource = data["Resources"][logical_id]
        resource.setdefault("Properties", {})[package.property] = _location(resource["Type"], address)
    if "Transform" not in data:
        return data
    for name, definition in (data.get("Parameters") or {}).items():
        value = parameters.get(name)
        if isinstance(value, str) and is_known(value):
            definition["Default"] = value
    # Without its document the template is taken as it stands here: it has been turned back already.
    result = expand(replace(template, data=data, _document=None), region)
    if result.data is None:
        reason = result.findings[0].message if result.findings else "SAM gives no reason."
        raise InputError(f"{template.name} cannot be expanded: {reason}")
    return result.data


def _location(kind: str, address: str) -> Any:
    if "Serverless" in kind:
        return address
    bucket, _, key = address.removeprefix("s3://").partition("/")
    return {"S3Bucket": bucket, "S3Key": key}


def children(data: Mapping[str, Any]) -> list[str]:
    """The stacks that a template nests, each after those whose outputs it takes, or that it waits for.

    Raises:
        InputError: they wait for each other.
    """
    nested = {name: resource for name, resource in _resources(data).items() if resource.get("Type") in NESTING}
    waits = {name: {other for other in _named(resource) if other in nested} for name, resource in nested.items()}
    order: list[str] = []
    while len(order) < len(nested):
        ready = [name for name in nested if name not in order and waits[name] <= set(order)]
        if not ready:
            raise InputError(f"These stacks wait for each other: {', '.join(n for n in nested if n not in order)}.")
        order += ready
    return order


def own(data: Mapping[str, Any]) -> dict[str, Any]:
    """A template without the stacks that it nests, and without what it says of them: outputs and rules."""
    nested = set(children(data))
    rest = {name: resource for name, resource in _resources(data).items() if name not in nested}
    outputs = {k: v for k, v in (data.get("Outputs") or {}).items() if not nested & set(_named(v))}
    return {**{k: v for k, v in data.items() if k != "Rules"}, "Resources": rest, "Outputs": outputs}


def ready(data: Mapping[str, Any], types: frozenset[str], region: str, account: str) -> Ready:
    """An expanded template without what the emulator does not know, and without references to it."""
    resources = copy.deepcopy(_resources(data))
    only_tls = _without_tls(resources)
    skipped = {
        name: str(resource.get("Type"))
        for name, resource in resources.items()
        if resource.get("Type") not in types and not str(resource.get("Type")).startswith("Custom::")
    }
    skipped |= {name: f"{resources[name]['Type']} that wants TLS" for name in only_tls}
    stand_in = _StandIn(skipped, f"arn:aws:not-emulated:{region}:{account}")
    kept: dict[str, Any] = {}
    for name, resource in resources.items():
        if name in skipped:
            continue
        waits = resource.pop("DependsOn", [])
        waits = [other for other in ([waits] if isinstance(waits, str) else waits) if other not in skipped]
        if _UPDATE in (resource.get("UpdatePolicy") or {}):
            del resource["UpdatePolicy"]
        kept[name] = {**stand_in.instead(resource), **({"DependsOn": waits} if waits else {})}
    rest = {name: part for name, part in data.items() if name not in {"Resources", "Transform", "Metadata"}}
    return Ready({**stand_in.instead(rest), "Resources": kept}, skipped)


def _without_tls(resources: Mapping[str, dict[str, Any]]) -> list[str]:
    """Take statements that deny plain HTTP out of policies; the names of policies that say nothing else.

    The emulator answers on the loopback device in plain HTTP and evaluates `aws:SecureTransport`, so that they would
    deny everything.
    """
    emptied = []
    for name, resource in resources.items():
        document = (resource.get("Properties") or {}).get("PolicyDocument")
        if not isinstance(document, dict) or not isinstance(document.get("Statement"), list):
            continue
        statements = document["Statement"]
        document["Statement"] = [statement for statement in statements if not _wants_tls(statement)]
        if statements and not document["Statement"]:
            emptied.append(name)
    return emptied


def _wants_tls(statement: Any) -> bool:
    if not isinstance(statement, dict) or statement.get("Effect") != "Deny":
        return False
    condition = statement.get("Condition")
    bools = condition.get("Bool") if isinstance(condition, dict) else None
    return isinstance(bools, dict) and str(bools.get("aws:SecureTransport")).lower() == "false"


class _StandIn:
    """Puts a text where something refers to a resource that is not there."""

    def __init__(self, skipped: Mapping[str, str], arn: str) -> None:
        self._skipped = skipped
        self._arn = arn

    def instead(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.instead(item) for item in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((key, inner),) = value.items()
            if key == "Ref" and inner in self._skipped:
                return f"not-emulated-{inner}"
            if key == "Fn::GetAtt":
                name = (inner.split(".") if isinstance(inner, str) else inner)[0]
                return f"{self._arn}:{name}" if name in self._skipped else value
            if key == "Fn::Sub":
                return {key: self._text(inner)}
        return {key: self.instead(item) for key, item in value.items()}

    def _text(self, inner: Any) -> Any:
        if isinstance(inner, list) and inner:
            return [self._text(inner[0]), *(self.instead(item) for item in inner[1:])]
        if not isinstance(inner, str):
            return inner
        return _NAMED.sub(lambda found: f"{self._arn}:{found[1]}" if found[1] in self._skipped else found[0], inner)


def _resources(data: Mapping[str, Any]) -> dict[str, Any]:
    section = data.get("Resources")
    return {k: v for k, v in section.items() if isinstance(v, dict)} if isinstance(section, dict) else {}


def _named(value: Any) -> Iterator[str]:
    """The names that a part of a template refers to."""
    if isinstance(value, list):
        for item in value:
            yield from _named(item)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key in {"Ref", "Fn::GetAtt", "DependsOn"}:
                names = [inner] if isinstance(inner, str) else inner
                yield from ([name.partition(".")[0] for name in names if isinstance(name, str)])
            elif key == "Fn::Sub":
                text = inner[0] if isinstance(inner, list) and inner else inner
                yield from (found[1] for found in _NAMED.finditer(text if isinstance(text, str) else ""))
                yield from _named(inner[1:] if isinstance(inner, list) else [])
            else:
                yield from _named(inner)
