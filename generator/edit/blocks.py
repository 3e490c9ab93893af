"""Adds to and takes from blocks: lists and mappings of which each part has lines of its own."""

from __future__ import annotations

import re
from typing import Any

import yaml

from generator.edit.lines import Lines
from generator.edit.nodes import content_end
from generator.edit.style import Style


def append_item(text: str, key: yaml.ScalarNode, listed: yaml.SequenceNode, item: Any, style: Style) -> str:
    """The text with one more item at the end of a list, below the comments that end it."""
    lines = Lines(text)
    dash = listed.start_mark.column
    width = max(2, listed.value[0].start_mark.column - dash) if _same_line(listed) else 2
    place = lines.after_comments(_last_line(listed.value[-1], lines), key.start_mark.column)
    new = style.item(key.value, item, dash, width)
    # A comment at the end of the list is not about the new item.
    if _are_apart(listed, lines) or lines.comment_column(place - 1) == dash:
        new.insert(0, "")
    return lines.with_lines(place, new)


def put_pair(text: str, mapping: yaml.MappingNode, pair: tuple[str, Any], style: Style, order: list[str]) -> str:
    """The text with one more key of a mapping, where the order of the model's keys places it."""
    lines = Lines(text)
    key, value = pair
    column = mapping.start_mark.column
    ranks = {name: rank for rank, name in enumerate(order)}
    before = [place for place, (k, _) in enumerate(mapping.value) if ranks.get(k.value, 0) < ranks.get(key, 0)]
    anchor = max(before, key=lambda place: ranks.get(mapping.value[place][0].value, 0), default=-1)
    place = lines.after_comments(_last_line(mapping.value[anchor][1], lines), column)
    new = style.pair(key, value, column, block=isinstance(value, list))
    beside = [key for key, _ in mapping.value[max(anchor, 1) : max(anchor, 0) + 2]]
    if any(lines.is_blank(_above(lines.at(key.start_mark.index), lines, column) - 1) for key in beside):
        new.insert(0, "")
    return lines.with_lines(place, new)


def remove_item(text: str, listed: yaml.SequenceNode, place: int) -> str:
    """The text without an item of a list that has others, and without the comments directly above it."""
    lines = Lines(text)
    item = listed.value[place]
    dash = listed.start_mark.column
    first = _first_line(item, lines, dash)
    end = lines.after_comments(_last_line(item, lines), dash)
    if place > 0:
        return lines.without_lines(_after_blanks_above(first, lines), end)
    while lines.is_blank(end):
        end += 1
    return lines.without_lines(first, end)


def remove_pair(text: str, mapping: yaml.MappingNode, place: int) -> str:
    """The text without a key of a mapping that is not its first, and without the comments directly above it."""
    lines = Lines(text)
    key, value = mapping.value[place]
    first = _after_blanks_above(_above(lines.at(key.start_mark.index), lines, key.start_mark.column), lines)
    end = lines.after_comments(_last_line(value, lines), key.start_mark.column)
    return lines.without_lines(first, end)


def empty_list(text: str, key: yaml.ScalarNode, listed: yaml.SequenceNode) -> str:
    """The text with `[]` instead of a list's only item."""
    lines = Lines(text)
    first = _first_line(listed.value[0], lines, listed.start_mark.column)
    end = lines.after_comments(_last_line(listed.value[0], lines), listed.start_mark.column)
    without = lines.without_lines(first, end)
    colon = text.index(":", key.end_mark.index) + 1
    return f"{without[:colon]} []{without[colon:]}"


def _same_line(listed: yaml.SequenceNode) -> bool:
    return bool(listed.start_mark.line == listed.value[0].start_mark.line)


def _last_line(node: yaml.Node, lines: Lines) -> int:
    return lines.at(max(content_end(node, lines.text) - 1, 0))


def _first_line(item: yaml.Node, lines: Lines, dash: int) -> int:
    """The first line of a list's item, whose dash may stand in a line of its own, with the comments above it."""
    first = lines.at(item.start_mark.index)
    while first > 0 and not re.match(rf" {{{dash}}}-", lines.content(first)):
        first -= 1
    return _above(first, lines, dash)


def _above(first: int, lines: Lines, column: int) -> int:
    """The first line of a part with the comments directly above it, in the same column."""
    while lines.comment_column(first - 1) == column:
        first -= 1
    return first


def _after_blanks_above(first: int, lines: Lines) -> int:
    while lines.is_blank(first - 1):
        first -= 1
    return first


def _are_apart(listed: yaml.SequenceNode, lines: Lines) -> bool:
    """Whether a blank line stands between the list's last two items."""
    if len(listed.value) < 2:  # noqa: PLR2004 (two items)
        return False
    return lines.is_blank(_first_line(listed.value[-1], lines, listed.start_mark.column) - 1)
