"""The upgrade paths of all snapshots: the same path of many combinations taken once, and known from a run before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.merge.files import SPEC
from generator.regress.cache import Cache
from generator.regress.matrix import Combination
from generator.regress.rendering import Progress, Template, merging_version
from generator.regress.sheets import Sheet
from generator.regress.snapshot import FILE
from generator.regress.spread import spread
from generator.regress.store import Snapshots
from generator.regress.upgrades.one import Task, Trouble, upgrade
from generator.regress.upgrades.rebuild import Entry

_Sheets = Mapping[str, Sheet]


@dataclass(frozen=True)
class Upgrade:
    """What goes wrong where projects are updated, and every combination that has it.

    Attributes:
        trouble: what goes wrong.
        combinations: the names of the combinations, sorted.
    """

    trouble: Trouble
    combinations: tuple[str, ...]


@dataclass(frozen=True)
class _Start:
    """Where an upgrade starts, by digests: what is the same is one path."""

    base: _Sheets
    now: _Sheets
    deleted: str
    models: Path | None


def upgrade_all(
    before: Snapshots,
    after: Snapshots,
    combinations: Sequence[Combination],
    *,
    template: Template,
    cache: Cache,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> tuple[Upgrade, ...]:
    """Update each combination's project from its snapshot to what is rendered now, with edits of a user.

    Raises:
        ToolError: a process ended, or did not answer.
    """
    paths: dict[str, tuple[_Start, list[str]]] = {}
    for combination in combinations:
        name = combination.name
        if name in before.parts and name in after.parts:
            start = _start(before.parts[name].files, after.parts[name].files, combination, own=template.root is None)
            if start is not None:
                paths.setdefault(_key(cache, start, template), (start, []))[1].append(name)
    grouped: dict[Trouble, list[str]] = {}
    known = {key: found for key in paths if (found := _read(cache, key)) is not None}
    left = [key for key in paths if key not in known]
    tasks = (_task(paths[key][0], before, after, template) for key in left)
    for number, (index, found) in enumerate(
        spread("samgen regress", _prepare, tasks, number=len(left), jobs=jobs), start=1
    ):
        known[left[index]] = found
        cache.write(left[index], [[one.kind, one.file, one.path, one.message] for one in found])
        if progress is not None:
            progress("updated", number, len(left))
    for key, troubles in known.items():
        for trouble in dict.fromkeys(troubles):
            grouped.setdefault(trouble, []).extend(paths[key][1])
    found_all = (Upgrade(trouble, tuple(sorted(names))) for trouble, names in grouped.items())
    return tuple(sorted(found_all, key=lambda one: (one.trouble.file, one.trouble.path, one.trouble.message)))


def _prepare() -> Any:
    return upgrade


def _start(base: _Sheets, now: _Sheets, combination: Combination, *, own: bool) -> _Start | None:
    """Of a project only the files that differ: the others are what they were, whatever the user made of them."""
    changed = {name for name in base.keys() | now.keys() if base.get(name) != now.get(name)}
    if not changed:
        return None
    wholes = (name for name, sheet in base.items() if any(part.section == FILE for part in sheet))
    deleted = max(wholes, default="")
    if own and SPEC in changed and SPEC in base:
        # A project keeps its samgen.yaml: what it is updated to is not what a new project of this kind has.
        return _Start(base, {}, deleted, combination.folder)
    return _Start(
        {name: base[name] for name in sorted(changed & base.keys())},
        {name: now[name] for name in sorted(changed & now.keys())},
        deleted if deleted in changed else "",
        None,
    )


def _key(cache: Cache, start: _Start, template: Template) -> str:
    version = merging_version() if start.models is None else template.version()
    models = None if start.models is None else [start.models.as_posix()]
    return cache.key(
        "upgrade", version, template.root is None, *map(_listed, (start.base, start.now)), start.deleted, models
    )


def _listed(sheets: _Sheets) -> list[Any]:
    return [
        [file, sorted([part.section, part.name, key] for part, key in sheet.items())]
        for file, sheet in sorted(sheets.items())
    ]


def _read(cache: Cache, key: str) -> list[Trouble] | None:
    try:
        return [Trouble(*map(str, one)) for one in cache.read(key)]
    except TypeError:
        return None


def _task(start: _Start, before: Snapshots, after: Snapshots, template: Template) -> tuple[Task]:
    base, now = _entries(start.base, before), _entries(start.now, after)
    return (Task(base, now, start.deleted, template.root is None, start.models),)


def _entries(sheets: _Sheets, snapshots: Snapshots) -> dict[str, list[Entry]]:
    return {
        file: [(part.section, part.name, snapshots.variants[key]) for part, key in sheet.items()]
        for file, sheet in sheets.items()
    }
