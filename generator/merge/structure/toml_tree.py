"""TOML text as a tree: its tables one after the other as entries of the root, each with its own keys.

A table's header is its key. Tables of an array (`[[x]]`) are told apart by their number.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterator

import tomlkit
from tomlkit.exceptions import TOMLKitError

from generator.merge.structure.tree import MAP, SCALAR, SEQ, Member, Node, Tree, UnreadableError
from generator.merge.structure.yaml_tree import split_head

_BLANK = re.compile(r"(?:[ \t\n]+|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_WORD = r"(?:[A-Za-z0-9_-]+|\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*')"
_KEY = re.compile(rf"{_WORD}(?:[ \t]*\.[ \t]*{_WORD})*")
_HEADER = re.compile(rf"(\[\[?)[ \t]*({_KEY.pattern})[ \t]*\]\]?([ \t]*(?:#[^\n]*)?(?:\n|\Z))")
_EQUALS = re.compile(r"[ \t]*=")
_AFTER = re.compile(r"[ \t]*(?:#[^\n]*)?(?:\n|\Z)")
_COMMENT = re.compile(r"[ \t]*#[^\n]*")
_PLAIN = re.compile(
    r'"""(?:[^\\]|\\.)*?"""+|\'\'\'.*?\'\'\'+|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|'
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9:.]+(?:Z|[+-][0-9:]+)?|[^\s,\[\]{}#=]+",
    re.DOTALL,
)


def read_toml(text: str) -> Tree:
    """Read TOML whose lines end with a line feed each; UnreadableError where it is none."""
    try:
        tomlkit.parse(text)
        reader = _Reader(text)
        return reader.document()
    except (TOMLKitError, ValueError, RecursionError) as error:
        raise UnreadableError(str(error)) from error


def refuse_other_tables(*trees: Tree) -> None:
    """UnreadableError where one document has a table at what is a key's value in another: they stand in two places."""
    found = [(set(_tables(tree)), set(_keys(tree))) for tree in trees]
    tables = set().union(*(side for side, _ in found))
    keys = set().union(*(side for _, side in found))
    if any(table[:depth] in keys for table in tables for depth in range(1, len(table) + 1)):
        raise UnreadableError("a table here is a value there")


def _tables(tree: Tree) -> Iterator[tuple[str, ...]]:
    return (member.key[1] for member in tree.root.members if isinstance(member.key, tuple) and member.key)


def _keys(tree: Tree) -> Iterator[tuple[str, ...]]:
    for member in tree.root.members:
        table = member.key[1] if isinstance(member.key, tuple) and member.key else ()
        yield from ((*table, *inner.key) for inner in member.node.members if isinstance(inner.key, tuple))


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._arrays: Counter[str] = Counter()

    def document(self) -> Tree:
        lead = self._lead(0)
        head, lead = split_head(lead)
        position = len(head) + len(lead)
        members: list[Member] = []
        # The keys before the first table: an entry without a key of its own, also where there are none.
        node = Node(MAP, column=0)
        if not _HEADER.match(self._text, position):
            node, position = self._table(len(head))
            lead = self._lead(position)
            position += len(lead)
        members.append(Member((), "", "", "", node))
        while found := _HEADER.match(self._text, position):
            key = _name(found[2])
            if found[1] == "[[":
                self._arrays[str(key)] += 1
            # Only the arrays that it stands in tell one from another: a new item elsewhere changes no name.
            number = tuple(self._arrays[str(key[:depth])] for depth in range(1, len(key) + 1))
            node, end = self._table(found.end())
            header = found[0].removesuffix(found[3])
            members.append(Member((found[1], key, number), lead, header, found[3], node))
            lead = self._lead(end)
            position = end + len(lead)
        if position < len(self._text):
            raise UnreadableError("something is neither a table nor a key")
        if len({member.key for member in members}) < len(members):
            raise UnreadableError("a table is written twice")
        return Tree(head, Node(MAP, members=tuple(members), column=0), lead)

    def _lead(self, position: int) -> str:
        found = _BLANK.match(self._text, position)
        end = found.end() if found else position
        if end < len(self._text):
            end = self._text.rfind("\n", position, end) + 1 or position
        return self._text[position:end]

    def _table(self, position: int) -> tuple[Node, int]:
        members: list[Member] = []
        while True:
            lead = self._lead(position)
            begin = position + len(lead)
            mark = self._space(begin)
            found = _KEY.match(self._text, mark)
            equals = _EQUALS.match(self._text, found.end()) if found else None
            if found is None or equals is None:
                if found is not None:
                    raise UnreadableError("a key has no value")
                return Node(MAP, members=tuple(members), column=0), position
            value = self._space(equals.end())
            node, end = self._node(value)
            rest = _AFTER.match(self._text, end)
            if rest is None:
                raise UnreadableError("something follows a value in its line")
            head, gap = self._text[begin : equals.end()], self._text[equals.end() : value]
            members.append(Member(_name(found[0]), lead, head, gap, node, rest[0]))
            position = rest.end()

    def _node(self, position: int) -> tuple[Node, int]:
        begin = self._text[position : position + 1]
        if begin in ("{", "["):
            return self._container(position, MAP if begin == "{" else SEQ)
        found = _PLAIN.match(self._text, position)
        if found is None:
            raise UnreadableError("a value is missing")
        value = tomlkit.value(found[0]).unwrap()
        plain: Hashable = ("str", value) if isinstance(value, str) else (type(value).__name__, repr(value))
        return Node(SCALAR, plain, found[0]), found.end()

    def _container(self, start: int, kind: str) -> tuple[Node, int]:
        close = "}" if kind == MAP else "]"
        position = start + 1
        members: list[Member] = []
        trailing = False
        while self._text[(mark := self._blank(position)) : mark + 1] != close:
            key: Hashable = None
            after = mark
            if kind == MAP:
                found = _KEY.match(self._text, mark)
                equals = _EQUALS.match(self._text, found.end()) if found else None
                if found is None or equals is None:
                    raise UnreadableError("a key has no value")
                key, after = _name(found[0]), equals.end()
            value = self._space(after)
            node, end = self._node(value)
            comma = self._blank(end)
            trailing = self._text[comma : comma + 1] == ","
            post = self._text[end:comma] if trailing else ""
            follow = comma + 1 if trailing else end
            comment = _COMMENT.match(self._text, follow)
            tail = comment[0] if comment else ""
            head, gap = self._text[mark:after], self._text[after:value]
            members.append(Member(key, self._text[position:mark], head, gap, node, post, tail))
            position = follow + len(tail)
        closing = self._text[position : mark + 1]
        column = next((len(m.lead) - m.lead.rfind("\n") - 1 for m in members if "\n" in m.lead), None)
        return Node(kind, None, "", tuple(members), True, column, self._text[start], closing, trailing), mark + 1

    def _space(self, position: int) -> int:
        found = _SPACE.match(self._text, position)
        return found.end() if found else position

    def _blank(self, position: int) -> int:
        found = _BLANK.match(self._text, position)
        return found.end() if found else position


def _name(written: str) -> tuple[str, ...]:
    parts = re.findall(_WORD, written)
    return tuple(str(tomlkit.value(part).unwrap()) if part[0] in "\"'" else part for part in parts)
