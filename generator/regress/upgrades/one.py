"""One upgrade path: a project as a snapshot has it, edited by its user, merged with what is rendered now."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from generator.changes.values import path_text
from generator.errors import InputError
from generator.merge.conflicts import Conflict
from generator.merge.files import SPEC, File, Files
from generator.merge.migrations import Migrated, Migration, migrate
from generator.merge.project import merge_project
from generator.merge.versions import UNKNOWN
from generator.regress.snapshot import Parts, parts_of
from generator.regress.upgrades.edits import Edited, edit, tell
from generator.regress.upgrades.rebuild import Entries, Entry, rebuild

_MOST = 3

CONFLICT, LOST, DIFFERENT, REFUSED = "conflict", "lost", "different", "refused"
"""What goes wrong: the merge asks the user; an edit is gone; something else than what is rendered now came out; the
project's samgen.yaml cannot be read any more."""


@dataclass(frozen=True)
class Trouble:
    """What goes wrong in an upgrade.

    Attributes:
        kind: `conflict`, `lost`, `different` or `refused`.
        file: path from the project's root.
        path: where in it; empty for the whole.
        message: one sentence.
    """

    kind: str
    file: str
    path: str
    message: str


@dataclass(frozen=True)
class Task:
    """What an upgrade starts from.

    Attributes:
        base: the parts of the files that are looked at, as the snapshot has them.
        now: the same as they are rendered now.
        deleted: the name of the file that the user deletes.
        migrated: whether the template is samgen's own, which has migrations.
        models: where a spec's request models are, if the project's own samgen.yaml is to be rendered in place of `now`:
            it is not what a new project of this kind has.
    """

    base: Entries
    now: Entries
    deleted: str = ""
    migrated: bool = False
    models: Path | None = None


def upgrade(task: Task) -> list[Trouble]:
    """What goes wrong; nothing where every edit is kept and the rest is what is rendered now."""
    from generator.merge.migrations import history

    migrations = history.MIGRATIONS if task.migrated else ()
    base, entries = rebuild(task.base), task.now
    if task.models is not None:
        try:
            entries = _rendered(base[SPEC], migrations, task.models)
        except InputError as error:
            return [Trouble(REFUSED, SPEC, "", str(error))]
    base.pop(SPEC, None)
    now = {name: file for name, file in rebuild(entries).items() if name != SPEC}
    # Migrations are taken whatever version has rendered the snapshot: taken twice, they change nothing more.
    moved = migrate(base, {}, UNKNOWN, migrations).base
    edited = edit(base, _staying(base, moved, now), task.deleted)
    migrated = migrate(base, edited.files, UNKNOWN, migrations)
    merge = merge_project(migrated.base, migrated.ours, now)
    gone = set(merge.removed)
    merged = {name: file for name, file in {**migrated.ours, **merge.written}.items() if name not in gone}
    conflicts = (*migrated.conflicts, *merge.conflicts)
    return [*_conflicts(conflicts), *_wrong(edited, migrated, now, merged, {one.file for one in conflicts})]


def _rendered(spec_file: File, migrations: Sequence[Migration], models: Path) -> Entries:
    """What `samgen update` renders for a project's own samgen.yaml."""
    from generator.project import load_project
    from generator.render import render_project
    from generator.spec.load import parse_spec
    from generator.spec.request_models import load_models

    spec = parse_spec(migrate({}, {SPEC: spec_file}, UNKNOWN, migrations).ours[SPEC].data, SPEC)
    with tempfile.TemporaryDirectory(prefix="samgen-regress-") as folder:
        target = Path(folder, spec.service.name)
        render_project(spec, target, load_models(spec, models))
        return entries_of(parts_of(load_project(target)))


def entries_of(parts: Parts) -> dict[str, list[Entry]]:
    """Parts by file."""
    found: dict[str, list[Entry]] = {}
    for part, value in parts.items():
        found.setdefault(part.file, []).append((part.section, part.name, value))
    return found


def _staying(base: Files, moved: Files, now: Files) -> dict[str, File]:
    """The files that the template still has, as it has them; of what a migration follows, as they were."""
    followed = {name: file for name, file in base.items() if moved.get(name) != file}
    return {**{name: now[name] for name in base if name in now}, **followed}


def _conflicts(conflicts: Sequence[Conflict]) -> Iterator[Trouble]:
    for conflict in conflicts:
        yield Trouble(CONFLICT, conflict.file, conflict.path, conflict.message)


def _wrong(edited: Edited, migrated: Migrated, now: Files, merged: Files, asked: set[str]) -> Iterator[Trouble]:
    """What is not as it should be, in files without a conflict."""
    deleted = migrated.base.keys() - migrated.ours.keys()
    found: dict[str, int] = {}
    for name in sorted(now.keys() - asked - deleted):
        if name not in merged:
            yield Trouble(LOST, name, "", "the file is rendered and is not in the updated project")
            continue
        told = tell(name, now[name], merged[name])
        found[name] = told.mine
        for path, _, _ in told.others[:_MOST]:
            yield Trouble(DIFFERENT, name, path_text(path), "the updated project has something else than is rendered")
    for name in sorted(merged.keys() - now.keys() - asked):
        yield Trouble(DIFFERENT, name, "", "the updated project has a file that is not rendered any more")
    for name in sorted(deleted & merged.keys()):
        yield Trouble(LOST, name, "", "the user has deleted the file and has it again")
    yield from _lost(edited, found, asked)


def _lost(edited: Edited, found: dict[str, int], asked: set[str]) -> Iterator[Trouble]:
    told = "{} of {} edits of the user are not in the updated project"
    moved = {name: number for name, number in edited.edits.items() if number and name not in {*found, *asked}}
    for name, number in sorted(edited.edits.items()):
        if name in found and found[name] < number:
            yield Trouble(LOST, name, "", told.format(number - found[name], number))
    # Of what a migration has moved the edits are at another place; which, only it knows.
    elsewhere = sum(number for name, number in found.items() if name not in edited.edits)
    number = sum(moved.values())
    if elsewhere < number and not asked:
        yield Trouble(LOST, min(moved), "", told.format(number - elsewhere, number))
