"""Adds to and takes from what stands in brackets and braces: `[a, b]`, `{ a: 1 }`."""

from __future__ import annotations

import re

import yaml

from generator.edit.lines import Lines
from generator.edit.nodes import content_end


def append_part(text: str, holder: yaml.CollectionNode, part: str) -> str:
    """The text with one more part at the end of a list or mapping in brackets."""
    if not holder.value:
        place = int(holder.start_mark.index) + 1
        return text[:place] + part + text[place:]
    lines = Lines(text)
    start, end = _bounds(holder.value[-1], text)
    previous = _bounds(holder.value[-2], text)[1] if len(holder.value) > 1 else int(holder.start_mark.index)
    if lines.at(previous) == lines.at(start):
        return f"{text[:end]}, {part}{text[end:]}"
    # Each part has a line of its own; a comment behind the last one stays where it is.
    content = lines.content(lines.at(start))
    indent = content[: len(content) - len(content.lstrip(" \t"))]
    comma = _comma_after(text, end)
    line = lines.at((comma or end) - 1)
    if lines.at(int(holder.end_mark.index) - 1) == line:
        return f"{text[:end]},{lines.ending}{indent}{part}{text[end:]}"
    new = lines.with_lines(line + 1, [indent + part + ("," if comma else "")])
    return new if comma else f"{new[:end]},{new[end:]}"


def remove_part(text: str, holder: yaml.CollectionNode, place: int) -> str:
    """The text without a part of a list or mapping in brackets."""
    start, end = _bounds(holder.value[place], text)
    comma = _comma_after(text, end)
    is_last = place + 1 == len(holder.value)
    if place == 0 and is_last:
        return text[:start] + text[comma or end :]
    lines = Lines(text)
    first, last = lines.at(start), lines.at((comma or end) - 1)
    if _fills_lines(lines, start, comma or end):
        without = lines.without_lines(first, last + 1)
        if is_last and comma is None:
            before = _comma_after(text, _bounds(holder.value[place - 1], text)[1]) or 0
            without = without[: before - 1] + without[before:]
        return without
    if is_last:
        return text[: _bounds(holder.value[place - 1], text)[1]] + text[end:]
    return text[:start] + text[_bounds(holder.value[place + 1], text)[0] :]


def _bounds(part: yaml.Node | tuple[yaml.Node, yaml.Node], text: str) -> tuple[int, int]:
    first, last = part if isinstance(part, tuple) else (part, part)
    return int(first.start_mark.index), content_end(last, text)


def _comma_after(text: str, end: int) -> int | None:
    """Where the comma behind a part ends, over spaces, line breaks and comments."""
    found = re.compile(r"(?:\s|(?<=\s)#[^\r\n]*)*,").match(text, end)
    return found.end() if found else None


def _fills_lines(lines: Lines, start: int, end: int) -> bool:
    """Whether nothing but a comment stands beside a part in its lines."""
    before = lines.text[lines.start(lines.at(start)) : start]
    after = lines.content(lines.at(end - 1))[end - lines.start(lines.at(end - 1)) :].strip()
    return not before.strip() and (not after or after.startswith("#"))
