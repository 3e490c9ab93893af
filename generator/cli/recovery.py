"""What a command does with the paths that it is given before it reads anything there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

Paths = TypeVar("Paths", Path, Sequence[Path])


def recovered(paths: Paths) -> Paths:
    """The paths, after an update that was killed in a project around them is finished or taken back.

    Every command that reads or writes a project's files passes its paths through this, so that none sees one half done.
    """
    from generator.merge.transaction import recover_around

    for path in (paths,) if isinstance(paths, Path) else paths:
        recover_around(path)
    return paths
