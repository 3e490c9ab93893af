"""Where members stand after a merge: the user's order, new ones beside the neighbour that they have in the template."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence

Keys = Sequence[Hashable]


def merge_order(base: Keys, ours: Keys, theirs: Keys, *, matters: bool) -> tuple[list[Hashable], bool]:
    """All keys of ours and theirs in one order, and whether both changed the order differently.

    Args:
        base: the keys as they were.
        ours: the user's.
        theirs: the template's.
        matters: whether the order means something, as in a list; of a mapping the user's is kept.
    """
    shared = set(base) & set(ours) & set(theirs)
    before, mine, other = ([key for key in keys if key in shared] for keys in (base, ours, theirs))
    if matters and mine == before and other != before:
        return _woven(theirs, ours), False
    return _woven(ours, theirs), matters and mine not in (before, other) and other != before


def _woven(first: Keys, second: Keys) -> list[Hashable]:
    result = list(first)
    known = set(first)
    for index, key in enumerate(second):
        if key in known:
            continue
        result.insert(_place(result, second, index), key)
        known.add(key)
    return result


def _place(result: list[Hashable], keys: Keys, index: int) -> int:
    if (before := _first(reversed(keys[:index]), result)) is not None:
        return before + 1
    after = _first(iter(keys[index + 1 :]), result)
    return len(result) if after is None else after


def _first(keys: Iterable[Hashable], result: list[Hashable]) -> int | None:
    present = set(result)
    return next((result.index(key) for key in keys if key in present), None)
