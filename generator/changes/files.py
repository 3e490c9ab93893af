"""The files of two folders compared: what is added, removed, changed, with a unified diff of text."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from generator.changes.model import FileChange
from generator.errors import InputError

# What tools make and nobody keeps in a repository.
_SKIPPED = {
    *(".git", ".hg", ".svn", ".aws-sam", ".venv", "venv", "node_modules", "__pycache__", "cdk.out"),
    *(".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis", ".tox", ".nox", ".DS_Store"),
}
_MOST_BYTES = 1_000_000
"""Of a larger file no diff is made."""
_CONTEXT = 3
_KEY = b"PRIVATE KEY-----"


def project_files(root: Path) -> Iterator[Path]:
    """The files of a project, relative to it, in order; links are files, and what tools make is left out."""
    for folder, subfolders, names in os.walk(root, onerror=_refuse):
        here = Path(folder)
        links = [name for name in subfolders if (here / name).is_symlink()]
        subfolders[:] = sorted(
            name
            for name in subfolders
            if name not in _SKIPPED and name not in links and not (here / name / "pyvenv.cfg").exists()
        )
        for name in sorted([*names, *links]):
            path = here / name
            if name not in _SKIPPED and (path.is_symlink() or path.is_file()):
                yield path.relative_to(root)


def file_changes(before: Path, after: Path, mask: Callable[[str], str]) -> list[FileChange]:
    """What differs between the files of two folders.

    Args:
        before: a folder.
        after: another.
        mask: takes secrets out of a line.

    Raises:
        InputError: a file or folder cannot be read.
    """
    old, new = ({path.as_posix() for path in project_files(root)} for root in (before, after))
    found = []
    for name in sorted(old | new):
        one = _content(before / name) if name in old else None
        other = _content(after / name) if name in new else None
        if one != other:
            found.append(_change(name, one, other, mask))
    return found


def _change(name: str, before: bytes | None, after: bytes | None, mask: Callable[[str], str]) -> FileChange:
    action = "added" if before is None else "removed" if after is None else "changed"
    old, new = _lines(before), _lines(after)
    if any(_KEY in (content or b"") for content in (before, after)):
        old = None  # no line of a private key is shown
    if old is None or new is None:
        return FileChange(name, action)
    first = "/dev/null" if before is None else f"a/{name}"
    second = "/dev/null" if after is None else f"b/{name}"
    lines = list(difflib.unified_diff(old, new, first, second, n=_CONTEXT))
    added = sum(line.startswith("+") for line in lines[2:])
    removed = sum(line.startswith("-") for line in lines[2:])
    shown = [line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines]
    return FileChange(name, action, added, removed, "".join(mask(line) for line in shown))


def _content(path: Path) -> bytes:
    try:
        return os.fsencode(f"link to {path.readlink()}\n") if path.is_symlink() else path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}.") from None


def _lines(content: bytes | None) -> list[str] | None:
    """The lines of a text; None for what is none."""
    if content is None:
        return []
    if len(content) > _MOST_BYTES or b"\0" in content:
        return None
    try:
        return content.decode("utf-8").splitlines(keepends=True)
    except UnicodeDecodeError:
        return None


def _refuse(error: OSError) -> None:
    raise InputError(f"{error.filename} cannot be read: {error.strerror or error}.")
