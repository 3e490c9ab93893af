"""The template's members in the notation of the user's container: its indentation, brackets and commas."""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import replace

from generator.merge.structure.beside import properties_of, text_at_end
from generator.merge.structure.tree import MAP, SCALAR, SEQ, Meaning, Member, Node, shift_member, shift_node, shift_text

_COMMENT = re.compile(r"[ \t]+#[^\n]*\n\Z")
# What a plain text may not have inside brackets.
_UNSAFE = re.compile(r"[,\[\]{}#\n]|[:?-](?=[ \t]|\Z)|^[|>]|^\Z")
# What JSON leaves as it is and YAML reads as a line's end or not at all.
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_LINE_ENDS = re.compile(r"[ \t]*\n")


def adapt(member: Member, source: Node, target: Node) -> Member:
    """A member of one container as it would stand in another."""
    if source.flow == target.flow:
        columns = 0
        if target.column is not None and source.column is not None:
            columns = target.column - source.column
        return shift_member(member, columns, block=not source.flow)
    head = member.head.strip()
    if target.flow:
        gap = " " if source.kind == MAP else ""
        return Member(member.key, " ", head if source.kind == MAP else "", gap, _in_brackets(member))
    column = target.column or 0
    head = " " * column + (head if source.kind == MAP else "-")
    node = member.node
    if node.kind == SCALAR and "\n" in node.raw:
        node = replace(node, raw=_quoted(node))
    shifted = shift_node(node, column - (source.column or column))
    above = "".join(f"{' ' * column}{line.strip()}\n" for line in member.lead.split("\n") if line.strip())
    beside = " ".join((member.post + member.tail).split())
    return Member(member.key, above, head, " ", shifted, f"  {beside}\n" if beside else "\n")


def respaced(merged: Mapping[Hashable, Member], before: Mapping[Hashable, Member], ours: Node, theirs: Node) -> Node:
    """The user's container with the merged members; between brackets white space follows the user's."""
    members = list(merged.values())
    if not ours.flow:
        return replace(ours, members=tuple(_settled(_blank_lines(members, merged, before), ours)))
    if not members:
        return replace(ours, members=(), trailing=False)
    if not ours.members and theirs.flow:
        return _open(replace(theirs, members=tuple(members), opening=ours.opening or theirs.opening))
    leads = [member.lead for member in ours.members] or ["", " "]
    first = _after_comments(leads[0])
    other = _after_comments(leads[1]) if len(leads) > 1 else first if "\n" in first else " "
    original = next(iter(before), None)
    for index, key in enumerate(merged):
        if members[index].lead.strip() or (key in before and index and key != original):
            continue
        if key in before and not index and key == original:
            continue
        members[index] = replace(members[index], lead=other if index else first)
    return _open(replace(ours, members=tuple(members)))


def with_brackets(member: Member) -> Member:
    """A member whose block is empty, as YAML has to write it: `{}` or `[]` in its key's line."""
    comment = _COMMENT.search(member.gap)
    post = comment[0] if comment else "\n"
    gap = member.gap[: comment.start()] if comment else member.gap
    opening, closing = ("{", "}") if member.node.kind == MAP else ("[", "]")
    node = replace(member.node, flow=True, inline=False, opening=opening, closing=closing)
    return replace(member, gap=f"{gap.rstrip()} ", node=node, post=post)


def _in_brackets(member: Member) -> Node:
    """A block's value as it may stand inside brackets; comments have no place there."""
    node = member.node
    if node.kind == SCALAR:
        return replace(node, raw=_plain_in_brackets(node))
    if node.flow:
        return node
    before = " ".join(properties_of(member.gap.lstrip()).split())
    opening, closing = ("{", "}") if node.kind == MAP else ("[", "]")
    inner = [adapt(entry, node, replace(node, flow=True)) for entry in node.members]
    spaced = tuple(replace(entry, lead=" " if index else "") for index, entry in enumerate(inner))
    return Node(node.kind, node.plain, "", spaced, True, None, f"{before} {opening}".lstrip(), closing)


def _plain_in_brackets(node: Node) -> str:
    before = properties_of(node.raw)
    rest = node.raw[len(before) :]
    if rest[:1] in ("'", '"', "*") and "\n" not in rest:
        return node.raw
    if not before.strip() and not rest:
        return "null"
    return _quoted(node) if _UNSAFE.search(rest) else node.raw


def _quoted(node: Node) -> str:
    """A scalar in one line, between quotes."""
    text = json.dumps(_text_of(node.plain), ensure_ascii=False)
    text = _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    return " ".join([*properties_of(node.raw).split(), text])


def _text_of(plain: Meaning) -> str:
    """A scalar's text by what it means, be it the argument of a function."""
    if not isinstance(plain, tuple):
        return ""
    kind, value = plain
    if kind == MAP:
        ((_, argument),) = value
        return _text_of(argument)
    return ".".join(map(_text_of, value)) if kind == SEQ else str(value)


def _after_comments(lead: str) -> str:
    """The white space right before an entry between brackets, without the comments above it."""
    return lead[lead.rfind("\n") :] if lead.strip() and "\n" in lead else "" if lead.strip() else lead


def _open(node: Node) -> Node:
    """A flow container in which nothing stands in a comment's line that is not part of it."""
    members = list(node.members)
    closing = node.closing
    fresh = "\n" + " " * (node.column or 0)
    for index, member in enumerate(members):
        if not member.tail.lstrip(" \t").startswith(("#", "//")):
            continue
        if index + 1 == len(members):
            closing = closing if _LINE_ENDS.match(closing) else fresh + closing.lstrip(" \t")
        elif not _LINE_ENDS.match(members[index + 1].lead):
            members[index + 1] = replace(members[index + 1], lead=fresh + members[index + 1].lead.lstrip(" \t"))
    return replace(node, members=tuple(members), closing=closing)


def _settled(members: Iterable[Member], container: Node) -> list[Member]:
    """The members of a block, with comments where they are no part of a text of several lines above them."""
    column = container.column or 0
    result: list[Member] = []
    for member in members:
        lead = below(member.lead, result[-1], column) if result else member.lead
        tail = below(member.tail, replace(member, tail=""), column)
        result.append(replace(member, lead=lead, tail=tail) if (lead, tail) != (member.lead, member.tail) else member)
    if container.inline and result and result[0].lead:
        result[0] = replace(result[0], lead=_moved(result[0].lead.lstrip("\n"), column))
    return result


def below(lines: str, member: Member, column: int) -> str:
    """Blank lines and comments that stand below an entry, so that they are no part of a text in which it ends."""
    if not lines or (found := text_at_end(member, column)) is None:
        return lines
    text, depth = found
    if "+" in text.raw.split("\n", 1)[0].split("#", 1)[0]:
        lines = lines.lstrip("\n")
    return _moved(lines, column) if _depth_of(lines) >= depth else lines


def _moved(lines: str, column: int) -> str:
    """Comments moved to the left, the first down to a column."""
    deeper = _depth_of(lines) - column
    return shift_text(lines, -deeper, first=True) if deeper > 0 else lines


def _depth_of(lines: str) -> int:
    first = next((line for line in lines.split("\n") if line.strip()), "")
    return len(first) - len(first.lstrip(" "))


def _blank_lines(
    members: list[Member], merged: Mapping[Hashable, Member], before: Mapping[Hashable, Member]
) -> list[Member]:
    """No blank line above the first member where none was above the one that is gone."""
    if not members or not before:
        return members
    first = next(iter(before))
    if first not in merged and not before[first].lead.startswith("\n") and members[0].lead.startswith("\n"):
        members[0] = replace(members[0], lead=members[0].lead.lstrip("\n"))
    return members
