"""One samgen at a time in a project, by a lock that ends with its process whatever happens."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from generator.errors import InputError


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep others from changing a project meanwhile; InputError where one is at it. A folder that is none is left."""
    try:
        import fcntl
    except ImportError:  # pragma: no cover - Windows, where whoever writes still sees another's change
        yield
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        # There is no such folder, or none that can be read, which whoever reads it explains.
        yield
        return
    try:
        # Some network file systems have no locks.
        with suppress(OSError):
            _lock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def _lock(handle: int, how: int) -> None:
    import fcntl

    try:
        fcntl.flock(handle, how)
    except BlockingIOError:
        raise InputError("another samgen is changing this project: try again when it is done") from None
