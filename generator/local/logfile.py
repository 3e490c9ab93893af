"""The end of the emulator's log, which every error about it shows."""

from __future__ import annotations

import os
from pathlib import Path

from generator.local.workplace import Workplace

LINES = 15
_BYTES = 20_000


def tail(path: Path, lines: int = LINES) -> list[str]:
    """The last lines of a file; none where it cannot be read."""
    try:
        with path.open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - _BYTES))
            return file.read().decode("utf-8", errors="replace").splitlines()[-lines:]
    except OSError:
        return []


def last_lines(workplace: Workplace) -> str:
    """The end of the emulator's log, for an error."""
    lines = tail(workplace.log)
    if not lines:
        return "Its log is empty."
    return "\n".join([f"The end of {workplace.log}:", *(f"  {line}" for line in lines)])
