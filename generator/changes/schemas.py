"""What CloudFormation does about a change, from the resource schemas of AWS that cfn-lint carries."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from generator.changes.model import Consequence
from generator.changes.values import Path, same
from generator.project import Resource
from generator.project.evaluate import is_known
from generator.project.names import NAME_PROPERTIES

Pointer = tuple[str, ...]


@dataclass(frozen=True)
class Schema:
    """What a type's schema says about changes.

    Attributes:
        known: whether there is a schema.
        create_only: properties whose change replaces.
        conditional: properties whose change may replace.
        read_only: properties that nobody can set.
        identifier: what tells two resources of the type apart.
        updatable: whether the type can be updated at all.
    """

    known: bool = False
    create_only: tuple[Pointer, ...] = ()
    conditional: tuple[Pointer, ...] = ()
    read_only: tuple[Pointer, ...] = ()
    identifier: tuple[Pointer, ...] = ()
    updatable: bool = True

    def consequence(self, path: Path) -> Consequence:
        """What a change at a path leads to, by the schema alone."""
        if not self.known or not self.updatable:
            return Consequence.REPLACE if self.known else Consequence.MAY_REPLACE
        if any(_within(path, pointer) for pointer in self.create_only):
            return Consequence.REPLACE
        if any(_within(path, pointer) for pointer in self.conditional):
            return Consequence.MAY_REPLACE
        return Consequence.UPDATE

    def change(self, path: Path, before: Any, after: Any) -> Consequence:
        """What a change at a path leads to; `before` and `after` are all properties.

        A part that replaces may lie deeper than the path, where a whole object comes or goes.
        """
        found = self.consequence(path)
        for pointers, worse in ((self.create_only, Consequence.REPLACE), (self.conditional, Consequence.MAY_REPLACE)):
            for pointer in pointers:
                if worse.rank <= found.rank or not _above(path, pointer):
                    continue
                if not same(_at(before, pointer), _at(after, pointer)):
                    found = worse
        return found


@lru_cache(maxsize=1024)
def schema_of(region: str, kind: str) -> Schema:
    """The schema of a type in a region; an unknown one where there is none (a custom type, a module)."""
    from cfnlint.schema import PROVIDER_SCHEMA_MANAGER  # half a second, and only where something changed

    if kind.startswith("Custom::") or kind == "AWS::CloudFormation::CustomResource":
        # Whether it is replaced is up to the function behind it; only another function is another resource.
        return Schema(known=True, create_only=(("ServiceToken",),), conditional=((),))
    try:
        data = PROVIDER_SCHEMA_MANAGER.get_resource_schema(region, kind).schema
    except Exception:  # cfn-lint's own errors, which its versions name differently
        return Schema()
    handlers = data.get("handlers")
    return Schema(
        True,
        _pointers(data, "createOnlyProperties"),
        _pointers(data, "conditionalCreateOnlyProperties"),
        _pointers(data, "readOnlyProperties"),
        _pointers(data, "primaryIdentifier"),
        not (isinstance(handlers, dict) and "create" in handlers and "update" not in handlers),
    )


def identity(resource: Resource, schema: Schema) -> tuple[Any, ...] | None:
    """What no other resource of the type may share, where the template fixes it: a physical name, mostly."""
    named = NAME_PROPERTIES.get(resource.type)
    if named is not None and ((named,) in schema.create_only or (named,) in schema.identifier):
        pointers: tuple[Pointer, ...] = ((named,),)
    elif schema.identifier and not set(schema.identifier) & set(schema.read_only):
        pointers = schema.identifier
    else:
        return None
    values = tuple(value for pointer in pointers for value in _at(resource.properties, pointer))
    fixed = all(isinstance(value, (str, int)) and is_known(value) for value in values)
    return values if fixed and len(values) == len(pointers) else None


def _pointers(data: dict[str, Any], key: str) -> tuple[Pointer, ...]:
    listed = data.get(key) or ()
    return tuple(tuple(pointer.removeprefix("/properties/").split("/")) for pointer in listed)


def _within(path: Path, pointer: Pointer) -> bool:
    """Whether a path is what a pointer names, or lies below."""
    return len(path) >= len(pointer) and _agree(path, pointer)


def _above(path: Path, pointer: Pointer) -> bool:
    return len(path) < len(pointer) and _agree(path, pointer)


def _agree(path: Path, pointer: Pointer) -> bool:
    return all(wanted == "*" or str(step) == wanted for step, wanted in zip(path, pointer, strict=False))


def _at(value: Any, pointer: Pointer) -> list[Any]:
    """All that stands where a pointer leads; `*` is every item."""
    found = [value]
    for step in pointer:
        following: list[Any] = []
        for item in found:
            if step == "*" and isinstance(item, (list, dict)):
                following.extend(item.values() if isinstance(item, dict) else item)
            elif isinstance(item, dict) and step in item:
                following.append(item[step])
        found = following
    return found
