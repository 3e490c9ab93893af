"""Does a change in a project's folder: samgen.yaml, and the files of a function that is renamed, all or nothing.

The only module that knows how a changed samgen.yaml becomes a changed project.
"""

from __future__ import annotations

import os
import re
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path

from generator.edit import whole
from generator.edit.change import Edited, Maker, edited
from generator.edit.consequences import Consequence, consequences
from generator.errors import FindingsError, InputError
from generator.findings import Finding, Severity
from generator.merge.alone import alone
from generator.merge.update import Plan, new_findings
from generator.spec.request_models import load_models, model_files
from generator.staging import printable

FILE = "samgen.yaml"
NEXT = "samgen update"
"""The command that brings the rest of a project up to date."""


@dataclass(frozen=True)
class Applied:
    """What came of a change.

    Attributes:
        edited: the change of samgen.yaml.
        path: the file.
        consequences: what a deployment after it does.
        moves: the files and folders that move, relative to the project.
        written: whether the disk has changed.
        plan: what becomes of the rest of the project; None in a folder with nothing but a samgen.yaml.
        findings: the warnings that the project did not have before.
    """

    edited: Edited
    path: Path
    consequences: list[Consequence]
    moves: list[tuple[str, str]] = field(default_factory=list)
    written: bool = False
    plan: Plan | None = None
    findings: list[Finding] = field(default_factory=list)


def read(folder: Path) -> tuple[Path, bytes]:
    """A project's samgen.yaml, links followed, and its bytes; InputError where there is none, or of another version."""
    path = folder / FILE
    try:
        real = path.resolve(strict=True)
        with real.open("rb") as file:
            data = file.read()
    except FileNotFoundError:
        raise InputError(_no_project(folder)) from None
    except (OSError, RuntimeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"{printable(path)} cannot be read: {reason}") from None
    whole.refuse_outdated(folder, data)
    return real, data


def _no_project(folder: Path) -> str:
    absolute = folder.absolute()
    above = next((parent for parent in absolute.parents if (parent / FILE).is_file()), None)
    hint = f"--project {printable(above)}" if above else "the project's folder with --project, or make one: samgen new"
    return f"there is no {FILE} in {printable(absolute)}: name {hint}"


def change_project(folder: Path, make: Maker, *, dry_run: bool = False, review: bool = True) -> Applied:
    """Change a project's samgen.yaml, move the files of a function that gets another name, and update the project.

    Args:
        folder: the project's.
        make: the change.
        dry_run: whether nothing is to be written, nor reviewed.
        review: whether the project is to be reviewed before it is written.

    Raises:
        InputError: the change is refused, or somebody else changes the project; nothing is written.
        FindingsError: the project would have errors that it does not have now; nothing is written.
    """
    with nullcontext() if dry_run else alone(folder), tempfile.TemporaryDirectory(prefix="samgen-edit-") as work:
        if not dry_run:
            whole.settle(folder)
        path, data = read(folder)
        done = edited(data, FILE, make)
        # A route may name a model that is not there, which only the folder can say.
        models = load_models(done.after, folder)
        told = consequences(done, {**{name: {} for name in model_files(done.before)}, **models})
        moves = list(_moves(folder, *done.change.moves)) if done.change.moves else []
        plan = whole.planned(folder, done, moves, Path(work)) if whole.is_updatable(folder) else None
        if dry_run:
            return Applied(done, path, told, moves, plan=plan)
        _refuse_read_only(path)
        if plan is not None:
            findings = _reviewed(plan, Path(work)) if review else []
            whole.put(plan)
            return Applied(done, path, told, moves, written=True, plan=plan, findings=findings)
        with _moved(folder, moves):
            _write(path, data, done.new)
        return Applied(done, path, told, moves, written=True)


def _reviewed(plan: Plan, work: Path) -> list[Finding]:
    """What the project would have warnings of that it does not have now; FindingsError where it would have errors."""
    found = new_findings(plan, work)
    if errors := [finding for finding in found if finding.severity == Severity.ERROR]:
        number = "1 error" if len(errors) == 1 else f"{len(errors)} errors"
        raise FindingsError(f"The changed project would have {number} more, so nothing was written.", errors)
    return found


def _refuse_read_only(path: Path) -> None:
    if not path.stat().st_mode & stat.S_IWUSR or not os.access(path, os.W_OK):
        raise InputError(f"{printable(path)} is read-only: make it writable, and try again")


def _write(path: Path, old: bytes, new: bytes) -> None:
    """Put the new bytes in the place of the old, at once."""
    temporary = None
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{FILE}-", delete=False) as file:
            temporary = Path(file.name)
            file.write(new)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(stat.S_IMODE(path.stat().st_mode))
        if path.read_bytes() != old:
            raise InputError(f"{printable(path)} was changed meanwhile: try again")
        temporary.replace(path)
    except OSError as error:
        raise InputError(f"{printable(path)} cannot be written: {error.strerror}; nothing was changed") from None
    finally:
        if temporary is not None:
            with suppress(OSError):
                temporary.unlink()


def _moves(folder: Path, old: str, new: str) -> Iterator[tuple[str, str]]:
    """The files that are a function's own by their name: its code, its events, its unit tests."""
    pairs = [(f"{top}/{old}", f"{top}/{new}") for top in ("src", "events")]
    for file in sorted((folder / "tests" / "unit").glob("*")):
        # test_place_order.py in Python, place-order.test.ts in Node.js.
        if match := re.fullmatch(r"(test_)?(.+?)((?:\.test|_test)?\.[a-z]+)", file.name):
            name = {old: new, old.replace("-", "_"): new.replace("-", "_")}.get(match[2])
            if name is not None and (match[1] or match[3].count(".") > 1 or "_test" in match[3]):
                pairs.append((f"tests/unit/{file.name}", f"tests/unit/{match[1] or ''}{name}{match[3]}"))
    for source, target in pairs:
        if not os.path.lexists(folder / source):
            continue
        if os.path.lexists(folder / target):
            raise InputError(
                f"{printable(source)} cannot become {printable(target)}, which exists: move one of them away"
            )
        yield source, target


@contextmanager
def _moved(folder: Path, moves: list[tuple[str, str]]) -> Iterator[None]:
    """Move files, and back again where what follows fails."""
    done: list[tuple[str, str]] = []
    try:
        for source, target in moves:
            done.append((source, target))
            (folder / source).rename(folder / target)
        yield
    except BaseException as error:
        for source, target in reversed(done):
            if not os.path.lexists(folder / source):
                (folder / target).rename(folder / source)
        if isinstance(error, OSError):
            raise InputError(
                f"{printable(done[-1][0])} cannot be moved: {error.strerror}; nothing was changed"
            ) from None
        raise
