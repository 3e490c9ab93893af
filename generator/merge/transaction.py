"""A merge put into a project as a whole: killed at any moment, it is finished or taken back by the next command.

Everything new and everything old lies in one folder of the project, with a journal, before the first file changes.
That folder appears by one rename. What stands there afterwards says what to do: a journal that is `applying` is
finished, one that is `aborting` is taken back, one that is `unfinished` waits for the user.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.errors import InputError
from generator.merge.conflicts import Conflict
from generator.merge.files import File
from generator.staging import printable

FOLDER = ".samgen/update"
APPLYING, UNFINISHED, ABORTING = "applying", "unfinished", "aborting"
_JOURNAL = "journal.json"


@dataclass(frozen=True)
class Unfinished:
    """An update that waits for the user.

    Attributes:
        conflicts: what could not be decided.
        files: the files that it has changed.
    """

    conflicts: tuple[Conflict, ...]
    files: tuple[str, ...]


def apply(
    project: Path,
    before: Mapping[str, File],
    written: Mapping[str, File],
    removed: Sequence[str],
    conflicts: Sequence[Conflict],
) -> None:
    """Write and remove files of a project, all or none.

    InputError where something cannot be written; the project is as it was.

    Args:
        project: the project's folder.
        before: its files as the merge has seen them; refused where one has changed since.
        written: files to be written.
        removed: files to be removed.
        conflicts: where there are some, the update stays unfinished until `finish` or `abort`.
    """
    try:
        _apply(project, before, written, removed, conflicts)
    except OSError as error:
        left = (project / FOLDER).exists()
        then = "mend that, and 'samgen update' takes the rest back" if left else "every file is as it was"
        raise InputError(f"the project cannot be written: {error.strerror or error}; {then}") from None


def _apply(
    project: Path,
    before: Mapping[str, File],
    written: Mapping[str, File],
    removed: Sequence[str],
    conflicts: Sequence[Conflict],
) -> None:
    (project / FOLDER).parent.mkdir(exist_ok=True)
    with _alone(project):
        _recover(project)
        if (project / FOLDER).exists():
            raise InputError("an update is unfinished: finish it with --continue, or take it back with --abort")
        _refuse_changed(project, before, {*written, *removed})
        _store(project, before, written, removed, conflicts)
        try:
            _recover(project)
        except BaseException:
            _abort(project)
            raise


def _refuse_changed(project: Path, before: Mapping[str, File], names: Set[str]) -> None:
    for name in sorted(names):
        if _leads_elsewhere(project, name):
            raise InputError(f"{name} is a link, or in a folder that is one: put the file itself there")
        if _current(project / name) != before.get(name):
            raise InputError(f"{name} has changed while the update was prepared: run it again")
        _refuse_read_only(project, name)


def _store(
    project: Path,
    before: Mapping[str, File],
    written: Mapping[str, File],
    removed: Sequence[str],
    conflicts: Sequence[Conflict],
) -> None:
    """Put everything old and new on the disk, then give it its name: from then on it is to be finished."""
    names = sorted({*written, *removed})
    folder = Path(tempfile.mkdtemp(prefix="update-", dir=project / ".samgen"))
    try:
        entries = [_stored(folder, n, name, before.get(name), written.get(name)) for n, name in enumerate(names)]
        _write(folder / ".gitignore", File(b"*\n"))
        _note(folder, {"phase": APPLYING, "entries": entries, "conflicts": [c.as_json() for c in conflicts]})
        folder.rename(project / FOLDER)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    _sync(project / ".samgen")


def recover(project: Path) -> None:
    """Finish what a killed run has left; called before anything else is done with a project.

    Waits for a run that goes on in another process.
    """
    if (project / FOLDER).parent.is_dir():
        with _alone(project):
            _recover(project)


def recover_around(path: Path) -> None:
    """Finish what a killed run has left in the project that a path leads into, before anything of it is read.

    Raises:
        InputError: the project may not be written to.
    """
    place = path.absolute()
    for folder in (place, *place.parents):
        try:
            if any((folder / ".samgen").glob("update*")):
                recover(folder)
        except OSError as error:
            told = f"an update of {printable(folder)} was interrupted and cannot be finished: {error.strerror or error}"
            raise InputError(told) from error


@contextmanager
def _alone(project: Path) -> Iterator[None]:
    """While no other process changes the project; the lock of one that is killed is gone with it."""
    number = os.open(project / ".samgen", os.O_RDONLY)
    try:
        fcntl.flock(number, fcntl.LOCK_EX)
        yield
    finally:
        os.close(number)


def _recover(project: Path) -> None:
    for left in (project / ".samgen").glob("update-*"):
        shutil.rmtree(left, ignore_errors=True)
    journal = _journal(project)
    if journal is None or journal["phase"] == UNFINISHED:
        return
    side = "new" if journal["phase"] == APPLYING else "old"
    for entry in journal["entries"]:
        _put(project, entry, side)
    if side == "new" and journal["conflicts"]:
        _note(project / FOLDER, {**journal, "phase": UNFINISHED})
    else:
        _forget(project)


def unfinished(project: Path) -> Unfinished | None:
    """The update that waits for the user; None for none."""
    journal = _journal(project)
    if journal is None:
        return None
    conflicts = tuple(Conflict(**conflict) for conflict in journal["conflicts"])
    return Unfinished(conflicts, tuple(entry["name"] for entry in journal["entries"]))


def finish(project: Path) -> None:
    """Keep what the user has made of an unfinished update."""
    with _alone(project):
        _forget(project)


def abort(project: Path) -> None:
    """Give every file of an unfinished update back the bytes that it had before."""
    if not (project / FOLDER).parent.is_dir():
        raise InputError("there is no unfinished update")
    with _alone(project):
        _abort(project)


def _abort(project: Path) -> None:
    journal = _journal(project)
    if journal is None:
        raise InputError("there is no unfinished update")
    _note(project / FOLDER, {**journal, "phase": ABORTING})
    _recover(project)


def _stored(folder: Path, number: int, name: str, old: File | None, new: File | None) -> dict[str, object]:
    entry: dict[str, object] = {"name": name}
    for side, file in (("old", old), ("new", new)):
        if file is not None:
            _write(folder / f"{number}.{side}", file)
            entry[side] = f"{number}.{side}"
    return entry


def _refuse_read_only(project: Path, name: str) -> None:
    """Refuse what would end in the middle: a folder in which no file can be made, replaced or removed."""
    for place in (project / FOLDER, project / name):
        folder = place.parent
        while not folder.exists():
            folder = folder.parent
        if not os.access(folder, os.W_OK | os.X_OK):
            raise InputError(f"{printable(folder)} is read-only: make it writable, and try again; nothing was changed")


def _put(project: Path, entry: Mapping[str, str], side: str) -> None:
    target = project / entry["name"]
    if side not in entry:
        target.unlink(missing_ok=True)
        _remove_empty(target.parent, project)
        return
    source = project / FOLDER / entry[side]
    file = File(source.read_bytes(), bool(source.stat().st_mode & 0o100))
    if _current(target) == file:
        # It may stand where nothing can be written, which is why the rest is taken back.
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    mode = target.stat().st_mode & 0o777 if target.exists() else None
    beside = project / FOLDER / "next"
    _write(beside, file, mode)
    beside.replace(target)


def _write(path: Path, file: File, mode: int | None = None) -> None:
    """Write a file to the disk itself; with the mode that it had, but for whether it may be run."""
    with path.open("wb") as held:
        held.write(file.data)
        held.flush()
        os.fsync(held.fileno())
    readable = path.stat().st_mode & 0o666 if mode is None else mode & 0o666
    path.chmod(readable | (readable & 0o444) >> 2 if file.executable else readable)


def _remove_empty(folder: Path, project: Path) -> None:
    while folder != project and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def _current(path: Path) -> File | None:
    if path.is_symlink() or not path.is_file():
        return None
    return File(path.read_bytes(), bool(path.stat().st_mode & 0o100))


def _leads_elsewhere(project: Path, name: str) -> bool:
    parts = name.split("/")
    return any((project / "/".join(parts[:depth])).is_symlink() for depth in range(1, len(parts) + 1))


def _journal(project: Path) -> dict[str, Any] | None:
    try:
        journal: dict[str, Any] = json.loads((project / FOLDER / _JOURNAL).read_bytes())
    except FileNotFoundError:
        return None
    except ValueError:
        raise InputError(f"{FOLDER}/{_JOURNAL} cannot be read: restore the project from version control") from None
    return journal


def _note(folder: Path, journal: Mapping[str, object]) -> None:
    _write(folder / "journal.next", File(json.dumps(journal, indent=1).encode()))
    (folder / "journal.next").replace(folder / _JOURNAL)
    _sync(folder)


def _forget(project: Path) -> None:
    """End a transaction: by one rename, as removing takes longer than a kill."""
    folder = project / FOLDER
    gone = Path(tempfile.mkdtemp(prefix="update-", dir=folder.parent))
    folder.rename(gone / "done")
    _sync(folder.parent)
    shutil.rmtree(gone, ignore_errors=True)


def _sync(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
