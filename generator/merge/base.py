"""What a project's edits are told from: the record of what was rendered last, or what its user names in its place."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from generator import __version__
from generator.errors import InputError
from generator.merge.commits import commit_of_generation, files_of_commit
from generator.merge.files import SPEC, Files
from generator.merge.state import (
    RENDERED,
    BrokenRecordError,
    MissingRecordError,
    Rendered,
    read_record,
    rendered_files,
    usable,
)
from generator.merge.versions import UNKNOWN
from generator.staging import printable

NOTHING = Rendered(UNKNOWN, {})
"""Nothing is known to be rendered: all that differs is a conflict."""
NOW = Rendered(__version__, {})
"""What is rendered now was rendered last: all that differs is an edit."""


def find_base(project: Path, where: str | None = None) -> Rendered:
    """What was rendered last into a project.

    Args:
        project: the project's folder.
        where: in the place of its record: a folder, a commit of the project's repository, `none` or `now`.

    Raises:
        InputError: there is no record, or none that can be used, or nothing where one was said to be.
    """
    if where is None:
        try:
            return read_record(project)
        except (MissingRecordError, BrokenRecordError) as error:
            raise InputError(f"{error}: {_help(project)}") from None
    with suppress(MissingRecordError, BrokenRecordError):
        # Naming a base is no way around a newer samgen.
        read_record(project)
    if where in _WORDS:
        return _WORDS[where]
    if (folder := Path(where)).is_dir():
        if (folder / RENDERED).is_file():
            return read_record(folder)
        return _checked(rendered_files(folder), where)
    return _of_commit(project, where)


_WORDS = {"none": NOTHING, "now": NOW}


def _of_commit(project: Path, commit: str) -> Rendered:
    files = files_of_commit(project, commit)
    if RENDERED in files:
        return usable(files[RENDERED].data)
    return _checked(files, commit)


def _checked(files: Files, where: str) -> Rendered:
    if SPEC not in files:
        raise InputError(f"--base {printable(where)}: there is no {SPEC}, so samgen has not rendered a project there")
    return Rendered(UNKNOWN, files)


def _help(project: Path) -> str:
    commit = commit_of_generation(project)
    if commit is not None:
        return f"restore it from version control, or name the commit that samgen has generated: --base {commit}"
    return "restore it from version control, or say with --base what was: a commit, a folder, 'none' or 'now' (--help)"
