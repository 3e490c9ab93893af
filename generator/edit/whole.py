"""A change of samgen.yaml and the update of its project as one: planned, reviewed, and put into place together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from generator.edit.change import Edited
from generator.errors import InputError
from generator.merge import transaction
from generator.merge.files import SPEC, File, Files, read_files
from generator.merge.migrations import history, migrate
from generator.merge.state import RENDERED, pack, read_record
from generator.merge.update import Plan, plan


def is_updatable(project: Path) -> bool:
    """Whether what was rendered last is recorded; a folder with nothing but a samgen.yaml has no such record."""
    return (project / RENDERED).is_file()


def refuse_outdated(project: Path, spec: bytes) -> None:
    """Refuse with an InputError a samgen.yaml that a newer samgen has, or that an update has to migrate first."""
    if not is_updatable(project):
        return
    recorded = read_record(project)
    if migrate({}, {SPEC: File(spec)}, recorded.version, history.MIGRATIONS).taken:
        raise InputError(f"{SPEC} is written for samgen {recorded.version}: run 'samgen update' first")


def settle(project: Path) -> None:
    """Finish what a killed command has left half done, before anything of the project is read.

    InputError where conflicts of an update wait for the user, who would lose sight of them.
    """
    if not is_updatable(project):
        return
    transaction.recover(project)
    if transaction.unfinished(project) is not None:
        raise InputError("an update is unfinished: run 'samgen update --continue' when its conflicts are resolved")


def planned(project: Path, edited: Edited, moves: Sequence[tuple[str, str]], work: Path) -> Plan:
    """What the change makes of the project; writes only into `work`.

    Files that move do so before the merge, in the project and in what was rendered last, so that a function's code
    is merged with that of its new name.
    """
    recorded = read_record(project)
    before = read_files(project, also=recorded.files.keys() | {RENDERED})
    staged = {**_moved(before, moves), SPEC: replace(before[SPEC], data=edited.new)}
    staged[RENDERED] = File(pack(replace(recorded, files=_moved(recorded.files, moves))))
    for name, file in staged.items():
        path = work / "staged" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.data)
        path.chmod(0o755 if file.executable else 0o644)
    found = plan(work / "staged", work)
    after = {**found.merged(), RENDERED: File(pack(found.rendered))}
    merge = replace(
        found.merge,
        written={name: file for name, file in after.items() if file != before.get(name)},
        removed=tuple(sorted(before.keys() - after.keys())),
    )
    return Plan(project, before, recorded, found.rendered, merge)


def put(plan: Plan) -> None:
    """Put a planned change into its project, all or nothing; killed at any moment, the next command finishes it."""
    merge = plan.merge
    transaction.apply(plan.project, plan.before, merge.written, merge.removed, merge.conflicts)


def _moved(files: Files, moves: Sequence[tuple[str, str]]) -> dict[str, File]:
    """The files under the names that they get: a move is of a file, or of a folder with all that is in it."""
    found = {}
    for name, file in files.items():
        for source, target in moves:
            if name == source or name.startswith(f"{source}/"):
                found[target + name[len(source) :]] = file
                break
        else:
            found[name] = file
    return found
