"""A document as a tree that holds every byte of its text, so that what is not changed is written as it was.

YAML, JSON and TOML are read into the same tree. A container's text is that of its members one after the other; a
member's is `lead`, `head`, `gap`, its value, `post` and `tail`. Nothing is ever formatted: a merge puts pieces of texts
together.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from functools import cached_property

# What a value means, whatever its notation: compared and hashed, never shown.
Meaning = Hashable

MAP, SEQ, SCALAR = "map", "seq", "scalar"


class UnreadableError(Exception):
    """The text has no structure that this module can keep: not valid, several documents, a key twice."""


@dataclass(frozen=True)
class Node:
    """A value.

    Attributes:
        kind: MAP, SEQ or SCALAR.
        plain: what a scalar means; for a container only its tag, as its members say the rest.
        raw: a scalar's text, with tag and anchor.
        members: a container's entries or items.
        flow: whether it is written with brackets.
        column: where its members' lines begin; None where they have none.
        opening: a flow container's text up to its bracket, with tag and anchor.
        closing: what stands between a flow container's last member and its bracket's end.
        trailing: whether a flow container has a comma after its last member.
        inline: whether a block container's first member stands in its parent's line, as in `- Sid: x`.
    """

    kind: str
    plain: Meaning = None
    raw: str = ""
    members: tuple[Member, ...] = ()
    flow: bool = False
    column: int | None = None
    opening: str = ""
    closing: str = ""
    trailing: bool = False
    inline: bool = False

    @cached_property
    def meaning(self) -> Meaning:
        """What it says, without order of keys, comments and notation."""
        if self.kind == SCALAR:
            return self.plain
        inner: Meaning
        if self.kind == MAP:
            inner = (MAP, frozenset((member.key, member.node.meaning) for member in self.members))
        else:
            inner = (SEQ, tuple(member.node.meaning for member in self.members))
        return inner if self.plain is None else (MAP, frozenset({(self.plain, inner)}))

    @cached_property
    def text(self) -> str:
        """Its bytes; those of a block container begin at a line's start unless it is `inline`."""
        if self.kind == SCALAR:
            return self.raw
        if not self.flow:
            text = "".join(member.text for member in self.members)
            return text[self.column or 0 :] if self.inline and text[: self.column].isspace() else text
        last = len(self.members) - 1
        parts = [self.opening]
        for index, member in enumerate(self.members):
            comma = "," if index < last or self.trailing else ""
            parts += [member.lead, member.head, member.gap, member.node.text, member.post, comma, member.tail]
        return "".join([*parts, self.closing])


@dataclass(frozen=True)
class Member:
    """An entry of a mapping or an item of a sequence.

    Attributes:
        key: the entry's key as text; of an item what tells it from others, once a merge has found it.
        lead: the blank lines and comments before it.
        head: its indentation, key and colon, or its dash.
        gap: what else stands before the value: white space; of a block container its tag, anchor and comment too.
        node: the value.
        post: the rest of the value's last line; in brackets what stands before the comma.
        tail: comments after it that are indented deeper; in brackets the comment after the comma.
    """

    key: Hashable
    lead: str
    head: str
    gap: str
    node: Node
    post: str = ""
    tail: str = ""

    @cached_property
    def body(self) -> str:
        """Its bytes without what stands before it."""
        return self.head + self.gap + self.node.text + self.post + self.tail

    @property
    def text(self) -> str:
        """Its bytes, outside brackets."""
        return self.lead + self.body

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Its bytes without white space and dash: whether anything but the layout differs."""
        head = "" if self.head.strip() == "-" else self.head
        return tuple((self.lead + head + self.body[len(self.head) :]).split())


@dataclass(frozen=True)
class Tree:
    """A whole document: what stands before and after its root, and the root."""

    head: str
    root: Node
    foot: str = ""
    marks: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Every byte of the document."""
        return self.head + self.root.text + self.foot


def shift_text(text: str, columns: int, *, first: bool) -> str:
    """Move lines to the right or left; the first too where the text begins at a line's start."""
    if not columns or not text:
        return text
    lines = text.split("\n")
    for index, line in enumerate(lines):
        if (index == 0 and not first) or not line.strip():
            continue
        if columns > 0:
            lines[index] = " " * columns + line
        else:
            cut = min(-columns, len(line) - len(line.lstrip(" ")))
            lines[index] = line[cut:]
    return "\n".join(lines)


def shift_node(node: Node, columns: int) -> Node:
    """The node with all its lines but the first moved; of a block container the first too."""
    if not columns:
        return node
    if node.kind == SCALAR:
        # The lines of TOML's long texts are theirs to the first column.
        fixed = node.raw.startswith(('"""', "'''"))
        return node if fixed else replace(node, raw=shift_text(node.raw, columns, first=False))
    return replace(
        node,
        members=tuple(shift_member(member, columns, block=not node.flow) for member in node.members),
        column=None if node.column is None else max(0, node.column + columns),
        opening=shift_text(node.opening, columns, first=False),
        closing=shift_text(node.closing, columns, first=False),
    )


def shift_member(member: Member, columns: int, *, block: bool) -> Member:
    """The member with its lines moved."""
    if not columns:
        return member
    return Member(
        member.key,
        shift_text(member.lead, columns, first=block),
        shift_text(member.head, columns, first=block),
        shift_text(member.gap, columns, first=False),
        shift_node(member.node, columns),
        shift_text(member.post, columns, first=False),
        shift_text(member.tail, columns, first=block),
    )
