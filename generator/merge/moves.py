"""Files that the user has moved, told by what is in them; needs no version control."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from generator.merge.files import File, Files

# Shorter files are too often equal by chance to tell that one is the other, moved.
_TELLING = 40
# Of an edited file so much is still what it was, and that much less is like what else it could be; of shorter ones,
# too little is left to tell.
_SURE, _APART, _ENOUGH = 0.6, 0.05, 200
# A comparison of each with each takes long where a project brings thousands of files.
_PAIRS = 10_000
_LARGE = 500_000


@dataclass(frozen=True)
class Followed:
    """Where files of the template are now.

    Attributes:
        places: the template's names of files that the user has moved, with the user's.
        perhaps: names of files that are gone, with the files that each may have become: too many, or too different.
    """

    places: dict[str, str]
    perhaps: dict[str, tuple[str, ...]]


def followed(base: Files, ours: Files) -> Followed:
    """Find the files of `base` that stand at another place in `ours`, changed or not; only what is sure.

    A file that is unchanged is followed where its content is unique on both sides. One that was edited as well is
    followed where it is of the same kind, most of its lines are the same, each of the two is clearly more like the
    other than like any other that is gone or new, and it is no copy of a file that still stands in its place.
    """
    gone = [name for name in base if name not in ours and len(base[name].data) >= _TELLING]
    added = [name for name in ours if name not in base and len(ours[name].data) >= _TELLING]
    places = _unchanged(base, ours, gone, added)
    gone = [name for name in gone if name not in places]
    added = [name for name in added if name not in places.values()]
    if not gone or len(gone) * len(added) > _PAIRS:
        return Followed(places, {})
    likes = _likes(base, ours, gone, added)
    perhaps = {}
    for name in gone:
        found = [place for place in added if (name, place) in likes]
        best = max(found, key=lambda place: likes[name, place], default=None)
        if best is None:
            continue
        if _is_clear(likes, name, best) and not _is_copy(base, ours, best, likes[name, best]):
            places[name] = best
        else:
            perhaps[name] = tuple(found)
    return Followed(places, perhaps)


def _unchanged(base: Files, ours: Files, gone: list[str], added: list[str]) -> dict[str, str]:
    old = Counter(base[name].data for name in gone)
    new = Counter(ours[name].data for name in added)
    places = {ours[name].data: name for name in added}
    found = {name: base[name].data for name in gone}
    return {name: places[data] for name, data in found.items() if old[data] == 1 and new[data] == 1}


def _likes(base: Files, ours: Files, gone: list[str], added: list[str]) -> dict[tuple[str, str], float]:
    """How much gone and added files of one kind are the same, where that is most of them."""
    old = {name: _lines(base[name]) for name in gone}
    new = {place: _lines(ours[place]) for place in added}
    pairs = ((name, place) for name in gone for place in added if _kind(name) == _kind(place))
    found = {(name, place): _likeness(old[name], new[place]) for name, place in pairs}
    return {pair: likeness for pair, likeness in found.items() if likeness >= _SURE}


def _is_clear(likes: Mapping[tuple[str, str], float], name: str, place: str) -> bool:
    """Whether neither of the two is nearly as much like any other."""
    rivals = [likeness for pair, likeness in likes.items() if (pair[0] == name) != (pair[1] == place)]
    return likes[name, place] >= max(rivals, default=0.0) + _APART


def _is_copy(base: Files, ours: Files, place: str, likeness: float) -> bool:
    """Whether a new file is as much like one of the template that is still where it was."""
    lines = _lines(ours[place])
    others = (name for name in base if name in ours and _kind(name) == _kind(place))
    return any(_likeness(_lines(base[name]), lines) >= likeness for name in others)


def _kind(name: str) -> str:
    return PurePosixPath(name).suffix


def _lines(file: File) -> Counter[bytes]:
    """The lines of a text, however often each; none of what is no text or too large to compare."""
    if b"\0" in file.data or len(file.data) > _LARGE:
        return Counter()
    return Counter(line for line in map(bytes.strip, file.data.splitlines()) if line)


def _likeness(one: Counter[bytes], other: Counter[bytes]) -> float:
    """How much of two files is the same, by the length of their lines: 1 for all, 0 for nothing."""
    sizes = _weight(one), _weight(other)
    return 2 * _weight(one & other) / sum(sizes) if min(sizes) >= _ENOUGH else 0.0


def _weight(bag: Counter[bytes]) -> int:
    return sum(len(line) * number for line, number in bag.items())
