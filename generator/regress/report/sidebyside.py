"""Two values beside each other, line by line, as HTML."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from html import escape
from typing import Any

from generator.staging import printable

_MOST_LINES = 400
_AROUND = 3
_LONGEST = 400

_Row = tuple[str, str, str]
"""What happened to a line, the line before and the line after."""


def side_by_side(before: Any, after: Any) -> str:
    """A table of two columns; of long values what is different and a few lines around it."""
    return lines_beside(_lines_of(before), _lines_of(after))


def lines_beside(old: Sequence[str], new: Sequence[str]) -> str:
    """The same of lines."""
    rows = list(_folded(list(_rows(old, new))))
    body = "".join(_as_html(row) for row in rows[:_MOST_LINES])
    if len(rows) > _MOST_LINES:
        body += f'<tr><td colspan="2" class="soft">… and {len(rows) - _MOST_LINES} lines more</td></tr>\n'
    return f'<div class="wide"><table class="diff"><tbody>\n{body}</tbody></table></div>\n'


def _lines_of(value: Any) -> list[str]:
    if value is None:
        return []
    text = value if isinstance(value, str) and "\n" in value else json.dumps(value, indent=2, ensure_ascii=False)
    return text.splitlines()


def _rows(old: Sequence[str], new: Sequence[str]) -> Iterator[_Row]:
    # Beyond this the comparison takes minutes; such values are shown as they are.
    if len(old) * len(new) > 4_000_000:  # noqa: PLR2004
        old, new = old[:_MOST_LINES], new[:_MOST_LINES]
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        for place in range(max(b - a, d - c)):
            left = old[a + place] if a + place < b else ""
            right = new[c + place] if c + place < d else ""
            yield kind, left, right


def _folded(rows: Sequence[_Row]) -> Iterator[_Row]:
    """The rows without the equal ones that are far from any other."""
    near: set[int] = set()
    for place, row in enumerate(rows):
        if row[0] != "equal":
            near.update(range(place - _AROUND, place + _AROUND + 1))
    skipped = False
    for place, row in enumerate(rows):
        if place in near:
            skipped = False
            yield row
        elif not skipped:
            skipped = True
            yield "gap", "…", "…"


_CLASSES = {
    "equal": ("same", "same"),
    "gap": ("soft", "soft"),
    "insert": ("none", "new"),
    "delete": ("gone", "none"),
    "replace": ("gone", "new"),
}


def _as_html(row: _Row) -> str:
    kind, left, right = row
    classes = _CLASSES[kind]
    cells = "".join(
        f'<td class="{name}"><code>{escape(printable(_short(text)))}</code></td>'
        for name, text in zip(classes, (left, right), strict=True)
    )
    return f"<tr>{cells}</tr>\n"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
