"""What stands beside a value in its line, its comment and its anchor, wherever its notation has a place for them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from generator.merge.structure.tree import SCALAR, Member, Node

# Tag and anchor before a value.
_PROPERTIES = re.compile(r"(?:[!&][^ \t\n]*(?:[ \t\n]+|\Z))*")
_ANCHOR = re.compile(r"(?:^|(?<=[ \t\n]))&[^ \t\n]+")
_REMARK = re.compile(r"(?:^|(?<=[ \t\n]))#[^\n]*")
_BESIDE = re.compile(r"[ \t]*(?:^|(?<=[ \t\n]))#[^\n]*")


def is_long_text(node: Node) -> bool:
    """Whether it is a text below its `|` or `>`."""
    begin = properties_of(node.raw)
    return node.kind == SCALAR and "\n" in node.raw and node.raw[len(begin) : len(begin) + 1] in ("|", ">")


def text_at_end(member: Member, column: int) -> tuple[Node, int] | None:
    """The text below `|` or `>` in which an entry ends, and the column from which lines are part of it; else None.

    Args:
        member: an entry outside brackets.
        column: where it begins.
    """
    node = member.node
    while not member.tail.strip() and not node.flow and node.members:
        column = node.column or 0
        member = node.members[-1]
        node = member.node
    if member.tail.strip() or not is_long_text(node):
        return None
    lines = node.raw.split("\n")
    header = lines[0][len(properties_of(lines[0])) :].split("#", 1)[0]
    step = next((int(sign) for sign in header if sign.isdigit()), 0)
    depths = [len(line) - len(line.lstrip(" ")) for line in lines[1:] if line.strip()]
    return node, column + step if step or not depths else min(depths)


def properties_of(text: str) -> str:
    """Tag and anchor at a value's beginning, with the space after them."""
    found = _PROPERTIES.match(text)
    return found[0] if found else ""


def remark_of(member: Member) -> str:
    """The comment beside a value in a block; empty for none."""
    return " ".join(text.rstrip() for piece in _places(member) for text in _REMARK.findall(piece))


def with_remark(member: Member, remark: str) -> Member:
    """The member with another comment beside its value."""
    if remark == remark_of(member):
        return member
    gap = _BESIDE.sub("", member.gap)
    beside = f"  {remark}" if remark else ""
    node = member.node
    if is_long_text(node):
        header, rest = node.raw.split("\n", 1)
        return replace(member, gap=gap, node=replace(node, raw=f"{_BESIDE.sub('', header)}{beside}\n{rest}"))
    if _is_block(node):
        return replace(member, gap=f"{gap.rstrip()}{beside}\n", node=replace(node, inline=False))
    if "\n" in gap and gap != member.gap:
        gap = " "
    return replace(member, gap=gap, post=f"{beside}\n")


def anchor_of(member: Member) -> str:
    """The anchor of a value, with its sign; empty for none."""
    node = member.node
    text = member.gap if _is_block(node) else properties_of(node.raw or node.opening)
    found = _ANCHOR.search(_BESIDE.sub("", text))
    return found[0] if found else ""


def anchors_in(node: Node) -> set[str]:
    """The anchors of values inside a container."""
    found: set[str] = set()
    for member in node.members:
        found |= {anchor_of(member)} | anchors_in(member.node)
    return found


def with_anchor(member: Member, anchor: str) -> Member:
    """The member with an anchor at its value, where that has none and may have one."""
    node = member.node
    if not anchor or anchor_of(member) or node.raw.startswith("*"):
        return member
    if _is_block(node):
        gap = "\n" if node.inline else member.gap
        return replace(member, gap=f" {anchor}{gap}", node=replace(node, inline=False))
    gap = member.gap or " "
    if node.kind == SCALAR:
        return replace(member, gap=gap, node=replace(node, raw=f"{anchor} {node.raw}".rstrip(" ")))
    return replace(member, gap=gap, node=replace(node, opening=f"{anchor} {node.opening}"))


def comments_in(member: Member) -> Iterator[str]:
    """The comments beside a value and inside it."""
    yield from (piece.strip() for piece in _places(member) if "#" in piece or "/" in piece)
    yield from (line.strip() for line in member.node.closing.split("\n")[:-1] if line.strip())
    for inner in member.node.members:
        yield from (piece.strip() for piece in (inner.lead, inner.tail) if piece.strip())
        yield from comments_in(inner)


def _places(member: Member) -> tuple[str, str, str]:
    node = member.node
    header = node.raw.split("\n", 1)[0] if is_long_text(node) else ""
    return member.gap, header, member.post


def _is_block(node: Node) -> bool:
    return node.kind != SCALAR and not node.flow
