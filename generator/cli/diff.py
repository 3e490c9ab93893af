"""`samgen diff`: what an update would do to a project, or what differs between two."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from generator.cli.options import Base
from generator.cli.output import result, result_json
from generator.cli.recovery import recovered
from generator.errors import InputError

if TYPE_CHECKING:
    from generator.changes import Changes


def command(
    path: Annotated[Path, typer.Argument(help="The project's folder.")] = Path(),
    *,
    against: Annotated[
        Optional[Path],  # noqa: UP045 - Typer reads it on Python 3.10
        typer.Option(metavar="FOLDER", help="Compare with this folder instead: PATH is before, FOLDER after."),
    ] = None,
    environment: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(metavar="NAME", help="Only this environment of samconfig.toml."),
    ] = None,
    base: Base = None,
    patch: Annotated[bool, typer.Option("--patch", help="Show the changed lines of each file too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON; docs/diff.md describes it.")] = False,
) -> None:
    """Say what an update would do: to files, and to each resource in AWS; nothing is written.

    Exit code 0: nothing to do; 1: something to do; 2: wrong input; 3: a tool failed.
    """
    changes = _changes(recovered(path), against and recovered(against), environment, base)
    if as_json:
        result_json(changes.as_json())
    else:
        _show(changes, patch=patch)
    if changes.changed:
        raise typer.Exit(1)


def _changes(path: Path, against: Path | None, environment: str | None, base: str | None) -> Changes:
    from generator.changes import compare_projects

    if against is not None:
        if base is not None:
            raise InputError("--base is about an update, --against about two folders: leave one of them out")
        return compare_projects(path, against, environment)
    from generator.changes.after import updated

    with updated(path, base) as after:
        changes = compare_projects(path, after.folder, environment)
        changes.conflicts = list(after.conflicts)
        changes.migrations = list(after.migrations)
        return changes


def _show(changes: Changes, *, patch: bool) -> None:
    from generator.changes.text import as_lines
    from generator.staging import printable

    for line in as_lines(changes):
        result(line)
    for file in changes.files if patch else ():
        if file.diff:
            result("")
            for line in file.diff.splitlines():
                # A file may hold what would move the cursor of a terminal.
                result("\t".join(map(printable, line.split("\t"))))
