"""Where members stand after a merge: the user's order, new ones beside the neighbour that they have in the template."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

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
    """The first's keys, and those that only the second has: each after the one before it, else before the one after."""
    known = set(first)
    anchor = begin = next((key for key in second if key in known), None)
    before: list[Hashable] = []
    after: dict[Hashable, list[Hashable]] = {}
    reached = False
    for key in second:
        if key in known:
            anchor, reached = key, True
        else:
            (after.setdefault(anchor, []) if reached else before).append(key)
    result: list[Hashable] = []
    for key in first:
        result += [*(before if reached and key == begin else []), key, *after.get(key, [])]
    return result if reached else [*result, *before]
