"""Changes as text for a person: what is worst first, a line a resource and a file, values as before → after."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from generator.changes.model import (
    ABSENT,
    Changes,
    Consequence,
    Danger,
    EnvironmentChanges,
    Notice,
    ResourceChange,
)
from generator.project.load import NESTING
from generator.staging import printable

WORDS = {
    Consequence.REPLACE: "replaced",
    Consequence.MAY_REPLACE: "may be replaced",
    Consequence.DELETE: "deleted",
    Consequence.UPDATE: "updated in place",
    Consequence.PUBLISH: "published anew",
    Consequence.CREATE: "new",
    Consequence.RECORD: "noted, not touched",
}
_SIGNS = {Consequence.CREATE: "+", Consequence.DELETE: "-", Consequence.REPLACE: "!", Consequence.MAY_REPLACE: "!"}
_FILES = {"added": "+", "removed": "-", "changed": "~"}
_LOUD = (Danger.LOST, Danger.FAILS)
_SYMBOL = re.compile(r"<[^<>#]*#([\w.:]+)>")
_WIDTH = 64
# So many new or deleted resources of a stack are listed, and so many properties of a resource.
_MOST = 12

_Found = list[tuple[str, ResourceChange]]


def as_lines(changes: Changes) -> Iterator[str]:
    """The report, line by line; nothing in it can move a terminal's cursor."""
    yield from map(printable, _lines(changes))


def _lines(changes: Changes) -> Iterator[str]:
    if not changes.changed:
        yield "Nothing to do: the projects are the same."
        return
    yield _summary(changes)
    if changes.conflicts or changes.migrations:
        yield ""
    for migration in changes.migrations:
        yield f"MIGRATION: {migration}"
    for conflict in changes.conflicts:
        yield f"CONFLICT: {conflict}"
    yield from _warnings(changes.environments)
    compared = [environment for environment in changes.environments if environment.state == "compared"]
    yield from _resources(compared)
    if changes.files:
        yield ""
        yield "Files"
    for file in changes.files:
        numbers = f"  +{file.added} -{file.removed}" if file.diff else ""
        yield f"  {_FILES[file.action]} {file.path}{numbers}"


def _summary(changes: Changes) -> str:
    """One line: how many resources meet which fate, worst first, and how many files."""
    fates: dict[Consequence, set[tuple[str, str]]] = {}
    for environment in changes.environments:
        for resource in environment.resources:
            if not _is_passage(resource):
                fates.setdefault(resource.consequence, set()).add((resource.stack, resource.logical_id))
    ordered = sorted(fates, key=lambda consequence: -consequence.rank)
    counted = [f"{len(fates[consequence])} {WORDS[consequence]}" for consequence in ordered]
    resources = f"Resources: {', '.join(counted)}. " if counted else "Resources: none changes. "
    return f"{resources}Files: {len(changes.files)}."


def _warnings(environments: Sequence[EnvironmentChanges]) -> Iterator[str]:
    found: dict[Notice, list[str]] = {}
    for environment in environments:
        for warning in environment.warnings:
            found.setdefault(warning, []).append(environment.name)
    said = [environment for environment in environments if environment.state == "added"]
    if found or said:
        yield ""
    for warning in sorted(found, key=lambda warning: warning.danger.rank):
        label = "WARNING" if warning.danger in _LOUD else "Note"
        yield f"{label}: {_shown(warning.message)}{_where(found[warning], environments)}"
    for environment in said:
        yield f"Note: the environment {environment.name} is new: deploying it makes everything."


def _resources(environments: Sequence[EnvironmentChanges]) -> Iterator[str]:
    """Each resource once, with the environments that it changes in."""
    groups: dict[tuple[Any, ...], _Found] = {}
    for environment in environments:
        for resource in environment.resources:
            if not _is_passage(resource):
                shape = tuple((p.path, p.consequence, p.because) for p in resource.properties)
                key = (-resource.consequence.rank, resource.stack, resource.logical_id, resource.type, shape)
                groups.setdefault(key, []).append((environment.name, resource))
    if any(_values_of(found[0][1]) != _values_of(other) for found in groups.values() for _, other in found[1:]):
        yield ""
        yield "Where environments have values of their own, the first one's are shown; --environment NAME shows others."
    for (_, stack), keys in groupby(sorted(groups, key=lambda key: key[:3]), key=lambda key: key[:2]):
        listed = [groups[key] for key in keys]
        consequence = listed[0][0][1].consequence
        yield ""
        yield f"{stack}: {WORDS[consequence]}"
        most = _MOST if consequence in (Consequence.CREATE, Consequence.DELETE) else len(listed)
        for found in listed[:most]:
            yield from _resource(found, environments)
        if len(listed) > most:
            yield f"  … {len(listed) - most} more"


def _values_of(resource: ResourceChange) -> list[str]:
    return [_values(change.before, change.after) for change in resource.properties]


def _resource(found: _Found, environments: Sequence[EnvironmentChanges]) -> Iterator[str]:
    first = found[0][1]
    sign = _SIGNS.get(first.consequence, "~")
    name = f" {first.name}" if first.name else ""
    names = list(dict.fromkeys(name for name, _ in found))
    yield f"  {sign} {first.logical_id}  {first.type}{name}{_where(names, environments)}"
    if first.consequence in (Consequence.CREATE, Consequence.DELETE):
        return
    lines = list(_properties(first))
    yield from lines[:_MOST]
    if len(lines) > _MOST:
        yield f"      … {len(lines) - _MOST} more properties"


def _properties(resource: ResourceChange) -> Iterator[str]:
    """A line a property; those that get the same value, or follow the same resource, share one."""
    alike: dict[tuple[str, Consequence], list[str]] = {}
    for change in resource.properties:
        cause = f" follows {_shown(change.because)}" if change.because else f": {_values(change.before, change.after)}"
        alike.setdefault((cause, change.consequence), []).append(change.path)
    for (text, consequence), paths in alike.items():
        fate = f"  ({WORDS[consequence]})" if consequence is not resource.consequence else ""
        more = f"  (and {len(paths) - 1} more like it)" if len(paths) > 1 else ""
        yield f"      {paths[0]}{text}{fate}{more}"


def _values(before: Any, after: Any) -> str:
    if before is ABSENT:
        return f"+ {_cut(_text(after), 0)}"
    if after is ABSENT:
        return f"- {_cut(_text(before), 0)}"
    old, new = _text(before), _text(after)
    start = next((place for place, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), None)
    start = min(len(old), len(new)) if start is None else start
    return f"{_cut(old, start)} → {_cut(new, start)}"


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return _shown(text)


def _cut(text: str, start: int) -> str:
    """A long text around the place from which on it differs."""
    if len(text) <= _WIDTH:
        return text or '""'
    begin = max(0, min(start - _WIDTH // 3, len(text) - _WIDTH))
    return f"{'…' if begin else ''}{text[begin : begin + _WIDTH]}{'…' if begin + _WIDTH < len(text) else ''}"


def _shown(text: str) -> str:
    """A text in which what a resource will be called is its logical id."""
    return _SYMBOL.sub(r"\1", text).replace("<?>", "?")


def _where(names: Sequence[str], environments: Sequence[EnvironmentChanges]) -> str:
    """The environments, unless it is so in each that is looked at."""
    everywhere = {environment.name for environment in environments}
    return f"  [{', '.join(names)}]" if set(names) != everywhere else ""


def _is_passage(resource: ResourceChange) -> bool:
    """Whether it is a nested stack that only hands values on: its own resources are listed."""
    return (
        resource.type in NESTING
        and resource.consequence in (Consequence.UPDATE, Consequence.RECORD)
        and all(change.path.startswith(("Parameters", "Tags", "TemplateURL")) for change in resource.properties)
    )
