"""Which combinations a run has: those of the snapshots as long as they cover the matrix, else made and kept."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from generator.errors import InputError
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
    rows = _rows(cache.read(key))
    found = matrix.combinations(strength, known if rows is None else rows)
    if rows is None:
        cache.write(key, [dict(combination.choices) for combination in found if combination.choices])
    return found


def _rows(data: Any) -> list[Choices] | None:
    """Rows of a cache; None where it has none, or something else."""
    if isinstance(data, list) and all(isinstance(row, dict) for row in data):
        return data
    return None


def shard_of(text: str | None) -> tuple[int, int] | None:
    """The number of a part and of how many, written I/N; None for None.

    Raises:
        InputError: it is written otherwise.
    """
    if text is None:
        return None
    found = re.fullmatch(r"([1-9]\d{0,3})/([1-9]\d{0,3})", text)
    if not found or int(found[1]) > int(found[2]):
        raise InputError(f"--shard {text!r} is not I/N, such as 1/4.")
    return int(found[1]), int(found[2])


def part_of(combinations: Sequence[Combination], shard: tuple[int, int] | None) -> list[Combination]:
    """The combinations of a shard, of equal parts that are always the same; all for None."""
    number, of = shard or (1, 1)
    return sorted(combinations, key=lambda combination: combination.name)[number - 1 :: of]
