"""Keeps what other programs say out of samgen's own output: a template's hooks print where and what they like."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def hushed() -> Iterator[Callable[[], str]]:
    """Turn this process's standard output and error, and those of the programs that it starts, into a file.

    Yields:
        what has been said so far.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    with tempfile.TemporaryFile() as file:

        def said() -> str:
            sys.stdout.flush()
            sys.stderr.flush()
            file.seek(0)
            text = file.read().decode("utf-8", "replace")
            file.seek(0, os.SEEK_END)
            return text

        kept = [(number, os.dup(number)) for number in (1, 2)]
        try:
            for number, _ in kept:
                os.dup2(file.fileno(), number)
            yield said
        finally:
            said()
            for number, copy in kept:
                os.dup2(copy, number)
                os.close(copy)
