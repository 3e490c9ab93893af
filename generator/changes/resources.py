"""One resource compared: which properties change, and what CloudFormation does about it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from generator.changes.code import changed_code
from generator.changes.masking import Masker
from generator.changes.model import ABSENT, Consequence, PropertyChange, ResourceChange
from generator.changes.pairing import Pair
from generator.changes.schemas import Schema, schema_of
from generator.changes.values import Difference, differences, leaves, path_text, renamed, same
from generator.project import Resource
from generator.project.evaluate import is_known

_ATTRIBUTES = ("Condition", "CreationPolicy", "DeletionPolicy", "DependsOn", "Metadata", "UpdatePolicy")
_RECORDED = (*_ATTRIBUTES, "UpdateReplacePolicy")


@dataclass(frozen=True)
class Context:
    """What comparing resources of an environment needs.

    Attributes:
        region: where it is deployed.
        files: the files that changed, relative to the project.
        stacks: stacks that are called differently, the name before and afterwards.
        masker: takes secrets out.
    """

    region: str
    files: Sequence[str]
    stacks: Mapping[str, str]
    masker: Masker


def compare(pair: Pair, context: Context) -> ResourceChange | None:
    """What happens to a resource; None where nothing does."""
    if pair.before is None or pair.after is None:
        consequence = Consequence.CREATE if pair.before is None else Consequence.DELETE
        return _described(pair, consequence, [])
    changes = [*_properties(pair.before, pair.after, context), *_attributes(pair.before, pair.after, context)]
    if not changes and not pair.published:
        return None
    consequence = max((change.consequence for change in changes), key=lambda c: c.rank, default=Consequence.UPDATE)
    return _described(pair, Consequence.PUBLISH if pair.published else consequence, changes)


def follow(pair: Pair, replaced: Mapping[str, Consequence], context: Context) -> list[PropertyChange]:
    """The properties that change because they refer to what is replaced.

    Args:
        pair: the resource.
        replaced: the symbols of replaced resources, and whether that is sure.
        context: what comparing needs.
    """
    assert pair.after is not None  # noqa: S101 (only what stays can follow)
    schema = schema_of(context.region, pair.after.type)
    found = []
    for path, text in leaves(pair.after.properties):
        cause = next((symbol for symbol in replaced if f"{symbol[:-1]}>" in text or f"{symbol[:-1]}." in text), None)
        if cause is None:
            continue
        consequence = schema.consequence(path)
        if consequence is Consequence.REPLACE and replaced[cause] is Consequence.MAY_REPLACE:
            consequence = Consequence.MAY_REPLACE
        shown = context.masker.value(pair.after.type, path, text)
        found.append(PropertyChange(path_text(path), shown, shown, consequence, cause))
    return found


def _described(pair: Pair, consequence: Consequence, changes: list[PropertyChange]) -> ResourceChange:
    resource = pair.either
    file, line, _ = resource.place()
    name = (pair.before or resource).name or ""
    return ResourceChange(
        resource.stack.template.name, resource.logical_id, resource.type, consequence, (file, line), name, changes
    )


def _properties(before: Resource, after: Resource, context: Context) -> Iterator[PropertyChange]:
    schema = schema_of(context.region, after.type)
    old = renamed(before.properties, context.stacks)
    for path, one, other in differences(old, after.properties):
        consequence = schema.change(path, old, after.properties)
        yield _change((path, one, other), consequence, after.type, context)
    yield from _unknown(before, after, schema, context)
    code = changed_code(after, context.files)
    if code is not None:
        name, number = code
        what = "1 file" if number == 1 else f"{number} files"
        yield PropertyChange(name, ABSENT, f"{what} changed", schema.consequence((name,)))


def _unknown(before: Resource, after: Resource, schema: Schema, context: Context) -> Iterator[PropertyChange]:
    """Properties of which nobody knows the value, but that are written differently."""
    first, second = before.definition.get("Properties"), after.definition.get("Properties")
    if not isinstance(first, dict) or not isinstance(second, dict):
        return
    for name, value in after.properties.items():
        old, new = first.get(name, ABSENT), second.get(name, ABSENT)
        if is_known(value) or same(old, new) or not same(before.properties.get(name), value):
            continue
        consequence = schema.consequence((name,))
        if consequence is Consequence.REPLACE:  # whether the value is another one is not known
            consequence = Consequence.MAY_REPLACE
        yield _change(((name,), _as_written(old), _as_written(new)), consequence, after.type, context)


def _as_written(value: Any) -> Any:
    return value if value is ABSENT else json.dumps(value, default=str, ensure_ascii=False)


def _attributes(before: Resource, after: Resource, context: Context) -> Iterator[PropertyChange]:
    for name in _RECORDED:
        one, other = (resource.definition.get(name, ABSENT) for resource in (before, after))
        if name == "DependsOn":
            one, other = _sorted(one), _sorted(other)
        if not same(one, other):
            yield _change(((name,), one, other), Consequence.RECORD, "", context)


def _sorted(value: Any) -> Any:
    return sorted(map(str, value)) if isinstance(value, list) else value if value is ABSENT else [value]


def _change(difference: Difference, consequence: Consequence, kind: str, context: Context) -> PropertyChange:
    path, *values = difference
    before, after = (context.masker.value(kind, path, value) for value in values)
    return PropertyChange(path_text(path), before, after, consequence)
