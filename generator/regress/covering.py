"""As few rows of choices as cover every allowed set of so many; rows that are known already are kept.

Which rows cover a matrix best takes seconds to minutes to work out, and every new choice would give other ones. So the
rows of the snapshots stay as long as they are allowed, and only what they leave uncovered gets new ones.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from itertools import combinations, product
from math import prod
from sys import intern

from generator.errors import InputError

MOST = 200_000
"""So many sets of choices are covered; more take hours to work out."""

_PAIRS = 2

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
        InputError: there are fewer axes than that, or too many choices, or no row is allowed.
    """
    if not axes:
        return []
    if len(axes) == 1 and strength == _PAIRS:
        # What nobody asked for otherwise: of one axis every choice once.
        strength = 1
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
    # What Covertable does with single choices leaves some out where others are excluded.
    made = _each_once(axes, exclude, kept) if strength == 1 else _made(axes, exclude, strength, kept)
    if not made:
        raise InputError("The matrix excludes everything.")
    return sorted(made, key=str)


def _sets(axes: Mapping[str, Sequence[str]], strength: int) -> int:
    """How many sets of so many choices there are, each of another axis."""
    counts = [1] + [0] * strength
    for choices in axes.values():
        for size in range(strength, 0, -1):
            counts[size] += counts[size - 1] * len(choices)
    return counts[strength]


def missing(axes: Mapping[str, Sequence[str]], exclude: Sequence[Row], strength: int, rows: Sequence[Row]) -> list[Row]:
    """The sets of choices that a row could have, and none of these does."""
    return coverage(axes, exclude, strength, rows)[1]


def coverage(
    axes: Mapping[str, Sequence[str]], exclude: Sequence[Row], strength: int, rows: Sequence[Row]
) -> tuple[int, list[Row]]:
    """How many sets of choices rows have, and those that none of them has and another could."""
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
            if values not in seen and completed(chosen, axes, exclude) is not None:
                found.append(chosen)
    return covered, found


def allows(row: Row, exclude: Sequence[Row]) -> bool:
    """Whether nothing in a row is excluded."""
    return not any(all(row.get(axis) == choice for axis, choice in rule.items()) for rule in exclude)


def completed(
    chosen: Row, axes: Mapping[str, Sequence[str]], exclude: Sequence[Row], wanted: Container[tuple[str, str]] = ()
) -> Row | None:
    """A row that has these choices; None where there is none, be it that rules of other axes leave none together.

    Args:
        chosen: the choices, of some of the axes.
        axes: the choices of each axis.
        exclude: what does not go together.
        wanted: choices that are taken before others, where they can be.
    """
    row = dict(chosen)
    named = {axis for rule in exclude for axis in rule}
    left = [axis for axis in axes if axis not in row]
    # Of an axis that no rule names, the first choice will do.
    ordered = {axis: _in_order(axis, axes[axis], wanted) for axis in left}
    if not (allows(row, exclude) and _chosen(row, {axis: ordered[axis] for axis in left if axis in named}, exclude)):
        return None
    return {axis: row[axis] if axis in row else ordered[axis][0] for axis in axes}


def _in_order(axis: str, choices: Sequence[str], wanted: Container[tuple[str, str]]) -> list[str]:
    return sorted(choices, key=lambda choice: (axis, choice) not in wanted)


def _chosen(row: dict[str, str], ordered: Mapping[str, Sequence[str]], exclude: Sequence[Row]) -> bool:
    """Choose for each axis, going back where nothing is left to choose; whether there is such a row."""
    axes, tried, place = list(ordered), [0] * len(ordered), 0
    rules = {axis: [rule for rule in exclude if axis in rule] for axis in axes}
    while 0 <= place < len(axes):
        axis = axes[place]
        for choice in ordered[axis][tried[place] :]:
            tried[place] += 1
            row[axis] = choice
            if allows(row, rules[axis]):
                place += 1
                break
        else:
            del row[axis]
            tried[place] = 0
            place -= 1
    return place >= 0


def _is_row(row: Row, axes: Mapping[str, Sequence[str]]) -> bool:
    return row.keys() == axes.keys() and all(choice in axes[axis] for axis, choice in row.items())


def _made(axes: Mapping[str, Sequence[str]], exclude: Sequence[Row], strength: int, kept: Sequence[Row]) -> list[Row]:
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
    return [{axis: row[number] for axis, number in numbered.items()} for row in rows]


def _each_once(axes: Mapping[str, Sequence[str]], exclude: Sequence[Row], kept: Sequence[Row]) -> list[Row]:
    """Rows that have every choice which some row can have."""
    rows = list(kept)
    wanted = dict.fromkeys((axis, choice) for axis, choices in axes.items() for choice in choices)
    for row in rows:
        _take(row, wanted)
    while wanted:
        axis, choice = next(iter(wanted))
        del wanted[axis, choice]
        fresh = completed({axis: choice}, axes, exclude, wanted)
        if fresh is not None:
            rows.append(fresh)
            _take(fresh, wanted)
    return rows


def _take(row: Row, wanted: dict[tuple[str, str], None]) -> None:
    for chosen in row.items():
        wanted.pop(chosen, None)
