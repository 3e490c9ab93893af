"""The template's members in the notation of the user's container: its indentation, brackets and commas."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from dataclasses import replace

from generator.merge.structure.tree import MAP, SCALAR, Member, Node, shift_member, shift_node

_COMMENT = re.compile(r"[ \t]+#[^\n]*\n\Z")
# What a plain text may not have inside brackets.
_UNSAFE = re.compile(r"[,\[\]{}#\n]|: |^[|>]")


def fits(member: Member, source: Node, target: Node) -> bool:
    """Whether a member can be written in the target's notation."""
    if source.flow == target.flow or not target.flow:
        return True
    node = member.node
    return node.flow or (node.kind == SCALAR and not _UNSAFE.search(node.raw))


def adapt(member: Member, source: Node, target: Node) -> Member:
    """A member of one container as it would stand in another."""
    if source.flow == target.flow:
        columns = 0
        if target.column is not None and source.column is not None:
            columns = target.column - source.column
        return shift_member(member, columns, block=not source.flow)
    head = member.head.strip()
    if target.flow:
        head = head if source.kind == MAP else ""
        return Member(member.key, " ", f"{head} " if head else "", member.node, "", "")
    column = target.column or 0
    start = f"{head} " if source.kind == MAP else "- "
    shifted = shift_node(member.node, column - (source.column or column))
    return Member(member.key, "", " " * column + start, shifted, "\n", "")


def respaced(merged: Mapping[Hashable, Member], before: Mapping[Hashable, Member], ours: Node, theirs: Node) -> Node:
    """The user's container with the merged members; between brackets white space follows the user's."""
    members = list(merged.values())
    if not ours.flow:
        return replace(ours, members=tuple(_blank_lines(members, merged, before)), flow=False)
    if not ours.members and theirs.flow:
        return replace(theirs, members=tuple(members), opening=ours.opening or theirs.opening)
    if not members:
        return replace(ours, members=(), trailing=False)
    leads = [member.lead for member in ours.members] or ["", " "]
    first = leads[0]
    other = leads[1] if len(leads) > 1 else first if "\n" in first else " "
    original = next(iter(before), None)
    for index, key in enumerate(merged):
        if members[index].lead.strip() or (key in before and index and key != original):
            continue
        if key in before and not index and key == original:
            continue
        members[index] = replace(members[index], lead=other if index else first)
    return replace(ours, members=tuple(members))


def with_brackets(head: str, node: Node) -> tuple[str, Node, str]:
    """An empty block as YAML has to write it: `{}` or `[]` in its key's line."""
    comment = _COMMENT.search(head)
    post = comment[0] if comment else "\n"
    head = head[: comment.start()] if comment else head.rstrip()
    opening, closing = ("{", "}") if node.kind == MAP else ("[", "]")
    return f"{head.rstrip()} ", replace(node, flow=True, inline=False, opening=opening, closing=closing), post


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
