"""JSON text as a tree, also with the comments and trailing commas that editors and TypeScript allow in theirs."""

from __future__ import annotations

import json
import re
from collections.abc import Hashable

from generator.merge.structure.tree import MAP, SCALAR, SEQ, Member, Node, Tree, UnreadableError

_BLANK = re.compile(r"(?:[ \t\n\r]+|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_WORD = re.compile(r"-?[0-9][0-9eE+.\-]*|true|false|null")
_AFTER = re.compile(r"[ \t]*(?://[^\n]*|/\*[^\n]*?\*/)(?=[ \t]*\n)")
_INDENT = re.compile(r"^[ \t]+", re.MULTILINE)
_MAX_DEPTH = 100


def read_json(text: str) -> Tree:
    """Read JSON; UnreadableError where it is none."""
    reader = _Reader(text)
    start = reader.blank(0)
    try:
        node, end = reader.node(start, 0)
    except ValueError as error:
        raise UnreadableError(str(error)) from error
    if reader.blank(end) < len(text):
        raise UnreadableError("something follows the document")
    return Tree(text[:start], node, text[end:])


def indent_unit(text: str) -> str | None:
    """With what JSON is indented: the first indented line's white space."""
    found = _INDENT.search(text)
    return found[0] if found else None


def reindent(text: str, before: str, after: str) -> str:
    """JSON with another indentation; no string can be hurt, as none has a line break."""

    def changed(match: re.Match[str]) -> str:
        times, rest = divmod(len(match[0]), len(before))
        return after * times + match[0][:rest] if match[0] == before * times + match[0][:rest] else match[0]

    return _INDENT.sub(changed, text)


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text

    def blank(self, position: int) -> int:
        found = _BLANK.match(self._text, position)
        return found.end() if found else position

    def node(self, position: int, depth: int) -> tuple[Node, int]:
        if depth > _MAX_DEPTH:
            raise UnreadableError("it is nested too deeply")
        begin = self._text[position : position + 1]
        if begin in ("{", "["):
            return self._container(position, MAP if begin == "{" else SEQ, depth)
        found = (_STRING if begin == '"' else _WORD).match(self._text, position)
        if found is None:
            raise UnreadableError("it is not JSON")
        value = json.loads(found[0], strict=False)
        plain: Hashable = ("str", value) if isinstance(value, str) else (type(value).__name__, repr(value))
        return Node(SCALAR, plain, found[0]), found.end()

    def _container(self, start: int, kind: str, depth: int) -> tuple[Node, int]:
        close = "}" if kind == MAP else "]"
        position = start + 1
        members: list[Member] = []
        trailing = True
        while self._text[(mark := self.blank(position)) : mark + 1] != close:
            if not trailing:
                raise UnreadableError("a comma is missing")
            key, after = self._key(mark) if kind == MAP else (None, mark)
            value = self.blank(after)
            node, end = self.node(value, depth + 1)
            comma = self.blank(end)
            trailing = self._text[comma : comma + 1] == ","
            post = self._text[end:comma] if trailing else ""
            follow = comma + 1 if trailing else end
            comment = _AFTER.match(self._text, follow)
            tail = comment[0] if comment else ""
            head, gap = self._text[mark:after], self._text[after:value]
            members.append(Member(key, self._text[position:mark], head, gap, node, post, tail))
            position = follow + len(tail)
        if kind == MAP and len({member.key for member in members}) < len(members):
            raise UnreadableError("a key is written twice")
        closing = self._text[position : mark + 1]
        column = next((len(m.lead) - m.lead.rfind("\n") - 1 for m in members if "\n" in m.lead), None)
        opening = self._text[start : start + 1]
        comma_last = bool(members) and trailing
        return Node(kind, None, "", tuple(members), True, column, opening, closing, comma_last), mark + 1

    def _key(self, mark: int) -> tuple[Hashable, int]:
        found = _STRING.match(self._text, mark)
        colon = self.blank(found.end()) if found else 0
        if found is None or self._text[colon : colon + 1] != ":":
            raise UnreadableError("it is not JSON")
        return str(json.loads(found[0], strict=False)), colon + 1
