"""How two texts differ, as hunks: what is gone and what is new in one place, and the lines around it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

AROUND = 3
_SLOW = 4_000_000


@dataclass(frozen=True)
class Hunk:
    """One place in which two texts differ; lines are without their line feeds.

    Attributes:
        gone: the lines that were there.
        new: the lines that are there now.
        above: a few lines before, which both have.
        below: a few lines after.
        line: the number of the first line that is gone, from 1.
        now: the same in the text as it is now.
    """

    gone: tuple[str, ...]
    new: tuple[str, ...]
    above: tuple[str, ...] = ()
    below: tuple[str, ...] = ()
    line: int = 1
    now: int = 1

    def unified(self) -> Iterator[str]:
        """The lines of a unified diff; that the text does not end in a line feed shows as an empty line gone or new."""
        start, now = self.line - len(self.above), self.now - len(self.above)
        same = len(self.above) + len(self.below)
        yield f"@@ -{start},{same + len(self.gone)} +{now},{same + len(self.new)} @@"
        for sign, lines in ((" ", self.above), ("-", self.gone), ("+", self.new), (" ", self.below)):
            yield from (f"{sign}{line}" for line in lines)


def hunks(before: str, after: str) -> Iterator[Hunk]:
    """The places in which two texts differ, in order; no two of them show the same line around them."""
    old, new = _lines(before, after), _lines(after, before)
    found = [code for code in _opcodes(old, new) if code[0] != "equal"]
    shown = 0
    for place, (_, a, b, c, d) in enumerate(found):
        end = found[place + 1][1] if place + 1 < len(found) else len(old)
        below = old[b : min(b + AROUND, end)]
        above = old[max(shown, a - AROUND) : a]
        yield Hunk(tuple(old[a:b]), tuple(new[c:d]), tuple(above), tuple(below), a + 1, c + 1)
        shown = b + len(below)


def _lines(text: str, other: str) -> list[str]:
    """The lines of a text; an end without a line feed is told only where it is another one."""
    lines = text.split("\n")
    return lines[:-1] if text.endswith("\n") and other.endswith("\n") else lines


def _opcodes(old: Sequence[str], new: Sequence[str]) -> Sequence[tuple[str, int, int, int, int]]:
    if len(old) * len(new) <= _SLOW:
        return SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    # Beyond this the comparison takes minutes: what is between the first and the last difference is one.
    most = min(len(old), len(new))
    first = next((place for place in range(most) if old[place] != new[place]), most)
    last = next((place for place in range(most - first) if old[-1 - place] != new[-1 - place]), most - first)
    return [("replace", first, len(old) - last, first, len(new) - last)]
