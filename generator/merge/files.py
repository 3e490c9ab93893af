"""A project's files as data: names with forward slashes, bytes, and whether they may be run."""

from __future__ import annotations

import os
from collections.abc import Mapping, Set
from dataclasses import dataclass
from pathlib import Path

from generator.errors import InputError
from generator.staging import printable

SPEC = "samgen.yaml"
"""The user's own: what is rendered is made of it, so there is nothing to merge into it."""

# Never the template's, and too many or too private to read: what git, package managers and builds keep.
SKIPPED = frozenset(
    {".git", ".aws-sam", "node_modules", "__pycache__", ".venv", "venv", ".pytest_cache", ".mypy_cache"}
)
_LARGE = 10_000_000


@dataclass(frozen=True)
class File:
    """A regular file."""

    data: bytes
    executable: bool = False


Files = Mapping[str, File]


def read_files(root: Path, also: Set[str] = frozenset()) -> dict[str, File]:
    """The regular files of a project, by their path from its root; links are left out, as no template has any.

    Args:
        root: the project's folder.
        also: files that are read however large they are; other large ones are left out, as no template has any.
    """
    found: dict[str, File] = {}
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in SKIPPED and not Path(folder, name).is_symlink())
        for name in sorted(files):
            path = Path(folder, name)
            relative = path.relative_to(root).as_posix()
            if path.is_symlink() or not path.is_file():
                continue
            if relative in also or path.stat().st_size <= _LARGE:
                found[relative] = _read(path)
    return found


def _read(path: Path) -> File:
    try:
        return File(path.read_bytes(), bool(path.stat().st_mode & 0o100))
    except OSError as error:
        raise InputError(f"{printable(path)} cannot be read: {error.strerror or error}") from None
