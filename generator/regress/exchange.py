"""One folder in the place of another, wholly or not at all: whoever is killed, and however many do it at once."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def held(folder: Path, *, alone: bool) -> Iterator[None]:
    """Keep others from exchanging a folder meanwhile, and take up what one that was killed has left.

    Args:
        folder: the folder, which need not be there.
        alone: whether nobody else may even read it.

    Raises:
        OSError: the folder that it stands in cannot be used.
    """
    if not folder.parent.is_dir():
        yield
        return
    handle = os.open(folder.parent, os.O_RDONLY)
    try:
        # Some network file systems have no locks, and some systems none at all.
        with suppress(OSError, ImportError):
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        _recover(folder)
        yield
    finally:
        os.close(handle)


def fresh(folder: Path) -> Path:
    """An empty folder beside another, to be put in its place; whoever holds the other has it for himself.

    Raises:
        OSError: it cannot be made.
    """
    path = folder.parent / f".{folder.name}.new"
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


def exchange(path: Path, folder: Path) -> None:
    """Put a folder in the place of another; between two renames there is a moment without either.

    Raises:
        OSError: it cannot be put there; what was there still is.
    """
    old = _old(folder)
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    try:
        path.rename(folder)
    except OSError:
        _recover(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _recover(folder: Path) -> None:
    """Undo what was killed in that moment."""
    old = _old(folder)
    if old.is_dir() and not folder.exists():
        old.rename(folder)


def _old(folder: Path) -> Path:
    return folder.parent / f".{folder.name}.old"
