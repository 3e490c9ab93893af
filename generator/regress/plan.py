"""Which combinations a run has: those of the snapshots as long as they cover the matrix, else made and kept."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from generator.regress.cache import Cache
from generator.regress.matrix import Choices, Combination, Matrix
from generator.regress.store import read_choices


def plan(matrix: Matrix, strength: int, snapshots: Path | None, cache: Cache) -> list[Combination]:
    """Every combination, the fixed ones first; the same for the same matrix and snapshots.

    Raises:
        InputError: the matrix cannot be covered, or the snapshots cannot be read.
    """
    known = read_choices(snapshots) if snapshots is not None else []
    made_by = version("covertable")
    key = cache.key("rows", made_by, matrix.choices, list(matrix.exclude), strength, known)
    rows: list[Choices] | None = cache.read(key)
    found = matrix.combinations(strength, known if rows is None else rows)
    if rows is None:
        cache.write(key, [dict(combination.choices) for combination in found if combination.choices])
    return found
