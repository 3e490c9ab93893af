"""As few rows of choices as cover every allowed set of so many; rows that are known already are kept.

Which rows cover a matrix best takes seconds to minutes to work out, and every new choice would give other ones. So the
rows of the snapshots stay as long as they are allowed, and only what they leave uncovered gets new ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product
from math import prod
from sys import intern

from generator.errors import InputError

MOST = 200_000
"""So many sets of choices are covered; more take hours to work out."""

Row = Mapping[str, str]
"""The choice of each axis."""


def cover(axes: Mapping[str, Sequence[str]], exclude: Sequence[Row], strength: int, known: Sequence[Row]) -> list[Row]:
    """The rows, sorted; the same for the same input.

    Args:
        axes: the choices of each axis.
        exclude: what does not go together.
        strength: how many choices at a time.
        known: rows to begin with, where they are rows of these axes.

    Raises:
        InputError: there are fewer axes than that, or too many choices, or everything is excluded.
    """
    if not axes:
        return []
    if len(axes) < strength:
        raise InputError(f"The matrix has {len(axes)} axes: --strength is at most that.")
    if (number := _sets(axes, strength)) > MOST:
        raise InputError(
            f"The matrix asks for {number:,} sets of {strength} choices, and {MOST:,} are the most: "
            "give it fewer axes or choices, or a lower --strength."
        )
    # In the order of the axes, in which a row's choices are put together; files may have sorted them.
    kept = [{axis: intern(row[axis]) for axis in axes} for row in known if _is_row(row, axes) and allows(row, exclude)]
    if kept and not missing(axes, exclude, strength, kept):
        return sorted(kept, key=str)
    if len(axes) == 1 or strength == 1:
        return _each_once(axes, exclude)
    return sorted(_made(axes, exclude, strength, kept), key=str)


def _sets(axes: Mapping[str, Sequence[str]], strength: int) -> int:
    """How many sets of so many choices there are, each of another axis."""
    counts = [1] + [0] * strength
    for choices in axes.values():
        for size in range(strength, 0, -1):
            counts[size] += counts[size - 1] * len(choices)
    return counts[strength]


def missing(axes: Mapping[str, Sequence[str]], exclude: Sequence[Row], strength: int, rows: Sequence[Row]) -> list[Row]:
    """The allowed sets of choices that no row has."""
    return coverage(axes, exclude, strength, rows)[1]


def coverage(
    axes: Mapping[str, Sequence[str]], exclude: Sequence[Row], strength: int, rows: Sequence[Row]
) -> tuple[int, list[Row]]:
    """How many sets of choices rows have, and the allowed ones that none has."""
    covered = 0
    found: list[Row] = []
    columns = {axis: [row[axis] for row in rows] for axis in axes}
    for names in combinations(axes, min(strength, len(axes))):
        seen = set(zip(*(columns[name] for name in names), strict=True))
        covered += len(seen)
        if len(seen) == prod(len(axes[name]) for name in names):
            continue
        for values in product(*(axes[name] for name in names)):
            chosen = dict(zip(names, values, strict=True))
            if values not in seen and allows(chosen, exclude):
                found.append(chosen)
    return covered, found


def allows(row: Row, exclude: Sequence[Row]) -> bool:
    """Whether nothing in a row is excluded."""
    return not any(all(row.get(axis) == choice for axis, choice in rule.items()) for rule in exclude)


def _is_row(row: Row, axes: Mapping[str, Sequence[str]]) -> bool:
    return row.keys() == axes.keys() and all(choice in axes[axis] for axis, choice in row.items())


def _made(
    axes: Mapping[str, Sequence[str]], exclude: Sequence[Row], strength: int, kept: Sequence[Row]
) -> Iterator[Row]:
    from covertable import make

    # Covertable takes a dot in a name for a path; numbers stand for the names.
    numbered = {axis: f"a{number}" for number, axis in enumerate(axes)}
    rules = [
        {
            "operator": "not",
            "condition": {
                "operator": "and",
                "conditions": [{"operator": "eq", "left": numbered[a], "value": c} for a, c in rule.items()],
            },
        }
        for rule in exclude
    ]
    rows: list[dict[str, str]] = make(
        {numbered[axis]: list(choices) for axis, choices in axes.items()},
        strength=strength,
        constraints=rules,
        presets=[{numbered[axis]: choice for axis, choice in row.items()} for row in kept],
    )
    if not rows:
        raise InputError("The matrix excludes everything.")
    return ({axis: row[number] for axis, number in numbered.items()} for row in rows)


def _each_once(axes: Mapping[str, Sequence[str]], exclude: Sequence[Row]) -> list[Row]:
    longest = max(len(choices) for choices in axes.values())
    rows = [{axis: choices[n % len(choices)] for axis, choices in axes.items()} for n in range(longest)]
    return [row for row in rows if allows(row, exclude)]
