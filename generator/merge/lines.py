"""Three-way merge of texts by lines, where a file has no structure to go by; needs no git."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

Lines = Sequence[str]
OURS, THEIRS = "<<<<<<< yours", ">>>>>>> template"
MIDDLE = "======="


def merge_lines(base: str, ours: str, theirs: str) -> tuple[str, int]:
    """The merged text, with markers around what both changed differently, and how many conflicts it has."""
    merged: list[str] = []
    conflicts = 0
    for found in _chunks(*(text.splitlines(keepends=True) for text in (base, ours, theirs))):
        if isinstance(found, list):
            merged += found
            continue
        mine, other = found
        conflicts += 1
        end = "\r\n" if any(line.endswith("\r\n") for line in mine) else "\n"
        merged += [OURS + end, *_ended(mine, end), MIDDLE + end, *_ended(other, end), THEIRS + end]
    return "".join(merged), conflicts


def _ended(lines: list[str], end: str) -> list[str]:
    return [line if line.endswith("\n") else line + end for line in lines]


def _chunks(base: Lines, ours: Lines, theirs: Lines) -> Iterator[list[str] | tuple[list[str], list[str]]]:
    """What is decided as a list, and what both changed as a pair."""
    at = mine_at = other_at = 0
    for start, mine_start, other_start, length in _common(base, ours, theirs):
        yield from _decide(list(base[at:start]), list(ours[mine_at:mine_start]), list(theirs[other_at:other_start]))
        yield list(ours[mine_start : mine_start + length])
        at, mine_at, other_at = start + length, mine_start + length, other_start + length


def _decide(base: list[str], mine: list[str], other: list[str]) -> Iterator[list[str] | tuple[list[str], list[str]]]:
    if other in (mine, base):
        yield mine
    elif mine == base:
        yield other
    else:
        first = _same(mine, other)
        last = min(_same(mine[::-1], other[::-1]), len(mine) - first, len(other) - first)
        yield mine[:first]
        yield mine[first : len(mine) - last], other[first : len(other) - last]
        yield mine[len(mine) - last :]


def _same(mine: list[str], other: list[str]) -> int:
    return next((n for n, (a, b) in enumerate(zip(mine, other, strict=False)) if a != b), min(len(mine), len(other)))


def _common(base: Lines, ours: Lines, theirs: Lines) -> Iterator[tuple[int, int, int, int]]:
    """Runs of lines that all three have: where each has them, and how many; ends with an empty one."""
    mine = SequenceMatcher(None, base, ours, autojunk=False).get_matching_blocks()
    other = SequenceMatcher(None, base, theirs, autojunk=False).get_matching_blocks()
    i = j = 0
    while i < len(mine) and j < len(other):
        a, b = mine[i], other[j]
        start, end = max(a.a, b.a), min(a.a + a.size, b.a + b.size)
        if start < end:
            yield start, a.b + start - a.a, b.b + start - b.a, end - start
        if a.a + a.size < b.a + b.size:
            i += 1
        else:
            j += 1
    yield len(base), len(ours), len(theirs), 0
