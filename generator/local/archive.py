"""Folders of code as what the emulator gets of them: a digest, and an archive."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import lru_cache
from pathlib import Path

# Neither is part of what is built: they belong to other tools, are written by running, or are an editor's for a moment.
_PASSED_OVER = frozenset(
    ["__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".venv", ".aws-sam", ".git", ".hypothesis"]
)
_OF_EDITORS = ("*~", ".*.sw?", ".#*", "#*#", "4913", ".goutputstream-*", "*___jb_tmp___", "*___jb_old___", "*.kate-swp")


@dataclass(frozen=True)
class Built:
    """Code that was built.

    Attributes:
        folders: where it is: one folder, or what it requires and then its own, whose files go over the former's.
        digest: of every file in them.
        excluded: patterns of names that are left out of the last folder.
    """

    folders: tuple[Path, ...]
    digest: str
    excluded: tuple[str, ...] = ()

    def archive(self) -> bytes:
        """The folders as an archive; the same files give the same bytes.

        It is not compressed: the way to the emulator is short, and botocore takes a second to compress.
        """
        *below, top = self.folders
        over = dict(files(top, self.excluded))
        if not below:
            return _zipped(tuple(over.items()))
        status = below[0].stat()
        names, base = _base(below[0], (status.st_ino, status.st_mtime_ns))
        if names & over.keys():
            return _zipped(tuple({**dict(files(below[0])), **over}.items()))
        return _zipped(tuple(over.items()), base)


@lru_cache(maxsize=2)
def _base(folder: Path, _made: tuple[int, int]) -> tuple[frozenset[str], bytes]:
    """The names and the archive of what functions have in common, kept for the next function, or change of one.

    What is built is never changed in its folder, but made anew with it.
    """
    found = tuple(files(folder))
    return frozenset(name for name, _file in found), _zipped(found)


def _zipped(found: tuple[tuple[str, Path], ...], base: bytes = b"") -> bytes:
    buffer = io.BytesIO(base)
    with zipfile.ZipFile(buffer, "a" if base else "w", zipfile.ZIP_STORED) as archive:
        for name, file in found:
            content = _content(file)
            if content is not None:
                entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
                entry.external_attr = (file.stat().st_mode & 0o777) << 16
                archive.writestr(entry, content)
    return buffer.getvalue()


Builds = Mapping[tuple[str, str], Built]
"""What was built, by the template's name and the logical id in it."""


def digest(texts: Iterable[str], places: Iterable[Path], excluded: tuple[str, ...] = ()) -> str:
    """A digest of texts and of every file below some places."""
    whole = hashlib.sha256()
    for text in texts:
        whole.update(text.encode() + b"\0")
    for place in places:
        for name, file in files(place, excluded):
            content = _content(file)
            if content is not None:
                whole.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
    return whole.hexdigest()[:32]


def files(place: Path, excluded: tuple[str, ...] = ()) -> Iterator[tuple[str, Path]]:
    """Every file below a folder by its relative name, in order; of a file that file.

    Args:
        place: the folder or file.
        excluded: patterns of names of files and folders that do not count.
    """
    patterns = (*_OF_EDITORS, *excluded)
    if place.is_file():
        yield place.name, place
        return
    for folder, subfolders, names in os.walk(place):
        subfolders[:] = sorted(name for name in subfolders if name not in _PASSED_OVER and not _is_any(name, patterns))
        for name in sorted(names):
            file = Path(folder, name)
            if not _is_any(name, patterns) and file.is_file():
                yield file.relative_to(place).as_posix(), file


def _is_any(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatch(name, pattern) for pattern in patterns)


def _content(file: Path) -> bytes | None:
    """What is in a file; None where it is gone since it was listed, as when an editor puts another in its place."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None
