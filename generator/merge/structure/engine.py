"""The three-way merge of trees. Pieces of texts are chosen, never written anew."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from dataclasses import replace

from generator.merge.conflicts import Conflict
from generator.merge.lines import merge_lines
from generator.merge.structure.beside import (
    anchor_of,
    anchors_in,
    comments_in,
    is_long_text,
    properties_of,
    remark_of,
    with_anchor,
    with_remark,
)
from generator.merge.structure.keys import identify
from generator.merge.structure.layout import adapt, below, respaced, with_brackets
from generator.merge.structure.order import merge_order
from generator.merge.structure.tree import MAP, SCALAR, Member, Node, Tree, UnreadableError, shift_text
from generator.merge.structure.yaml_tree import read_yaml

NOTE = "# samgen update: "
_NULL = ("tag:yaml.org,2002:null", "")
_SHORT = 200

Path = tuple[str, ...]
# What stands at one key on the three sides, and the containers of the user and of the template that it stands in.
_Three = tuple[Member | None, Member | None, Member | None]
_Places = tuple[Node, Node]


class Merger:
    """Merges one document.

    Args:
        comments: whether the language has comments, so that the template's value can be shown beside the user's.
        braces: whether an empty block has to be written as brackets, as in YAML.
    """

    def __init__(self, *, comments: bool, braces: bool) -> None:
        self.conflicts: list[Conflict] = []
        self._comments = comments
        self._braces = braces
        self._notes: list[str] = []

    def merge(self, base: Tree, ours: Tree, theirs: Tree) -> Tree:
        """The merged document; UnreadableError where the roots are too different to be merged."""
        roots = (base.root, ours.root, theirs.root)
        root = self._container(*roots, ()) if _alike(*roots) else None
        if root is None or (self._braces and not root.members and not root.flow):
            raise UnreadableError("there is nothing in common to merge")
        head = self._words(base.head, ours.head, theirs.head, ())
        foot = self._words(base.foot, ours.foot, theirs.foot, ())
        if root.members and not root.flow:
            foot = below(foot, root.members[-1], root.column or 0)
        if self._notes and self._comments:
            head = "".join(f"{NOTE}{line}\n" for line in self._notes) + head
        return Tree(head, root, foot)

    def _container(self, base: Node | None, ours: Node, theirs: Node, path: Path) -> Node | None:
        """The merged container; None where its members cannot be told apart or put into the user's notation."""
        if ours.kind == MAP:
            keys = tuple([member.key for member in node.members] if node else [] for node in (base, ours, theirs))
        else:
            found = identify(ours.plain or (path[-1] if path else None), base, ours, theirs)
            if found is None:
                return None
            keys = found
        sides = [
            dict(zip(names, node.members if node else (), strict=True))
            for names, node in zip(keys, (base, ours, theirs), strict=True)
        ]
        order, clash = merge_order(*keys, matters=ours.kind != MAP)
        if clash:
            self._report(path, "order", "you and the template have sorted it differently; your order was kept")
        merged: dict[Hashable, Member] = {}
        for index, key in enumerate(order):
            three = (sides[0].get(key), sides[1].get(key), sides[2].get(key))
            member = self._present(three, _below(path, key, index), (ours, theirs))
            if member is not None:
                merged[key] = member
        if base is not None and base.flow and ours.flow and theirs.flow and ours.column is not None:
            columns = (ours.column or 0) - (theirs.column or 0)
            other = shift_text(theirs.closing, columns, first=False)
            ours = replace(ours, closing=self._words(base.closing, ours.closing, other, path))
        return respaced(merged, sides[1], ours, theirs)

    def _present(self, three: _Three, path: Path, places: _Places) -> Member | None:
        """The member that a key has after the merge; None for none."""
        base, ours, theirs = three
        if ours is not None and theirs is not None:
            return self._member((base, ours, theirs), path, places)
        if ours is not None and base is not None:
            if _same(base, ours):
                return None
            self._report(path, "removed", "the template has removed it, you have changed it; yours was kept", ours)
            return self._noted(ours, places[0], ["the template has removed this"])
        if theirs is not None and base is None:
            return adapt(theirs, places[1], places[0])
        if theirs is not None and base is not None and base.node.meaning != theirs.node.meaning:
            told = "you have deleted it, the template has changed it; it stays deleted"
            self._report(path, "deleted", told, None, theirs)
        return ours

    def _member(self, three: tuple[Member | None, Member, Member], path: Path, places: _Places) -> Member:
        base, ours, theirs = three
        mine, other = places
        if (base is not None and base.text == theirs.text) or ours.text == theirs.text:
            return ours
        here = adapt(theirs, other, mine)
        if base is not None and base.text == ours.text and not mine.flow:
            return here
        outer, self._notes = self._notes, []
        member = self._value(base, ours, theirs, here, path)
        old = base or replace(ours, lead="", gap=" ", node=Node(SCALAR), post="\n", tail="")
        if not mine.flow and member.key != ():
            member = self._beside(old, ours, here, member, path)
        if anchor_of(ours) != anchor_of(old):
            member = with_anchor(member, anchor_of(ours))
        lead, tail = self._around(old, ours, here, places, path)
        member = replace(member, lead=lead, tail=tail)
        if base is not None:
            self._tell_lost_comments(base, ours, theirs, member, path)
        notes, self._notes = self._notes, outer
        return self._noted(member, mine, notes)

    def _around(self, base: Member, ours: Member, here: Member, places: _Places, path: Path) -> tuple[str, str]:
        """What stands before and after a member; brackets in one line have no place for the template's comments."""
        mine, other = places
        if mine.flow and (not other.flow or mine.column is None):
            return ours.lead, ours.tail
        tail = ours.tail
        if not _in_other_notation(ours.node, here.node):
            tail = self._words(base.tail, tail, here.tail, path)
        if mine.flow and not ours.lead.strip() and not here.lead.strip():
            return ours.lead, tail
        return self._words(base.lead, ours.lead, here.lead, path), tail

    def _noted(self, member: Member, container: Node, notes: list[str]) -> Member:
        """The member with notes above it; inside brackets they go to the next place that has lines of its own."""
        if not notes or not self._comments:
            return member
        if container.flow or member.key == ():
            self._notes += notes
            return member
        indent = " " * (container.column or 0)
        return replace(member, lead=member.lead + "".join(f"{indent}{NOTE}{note}\n" for note in notes))

    def _value(self, base: Member | None, ours: Member, theirs: Member, here: Member, path: Path) -> Member:
        """The user's member with the merged value, and what stands beside that."""
        before = base.node if base else None
        if _alike(before, ours.node, theirs.node) and not _is_rewritten(before, ours.node, here.node):
            conflicts, notes = len(self.conflicts), len(self._notes)
            node = self._container(_container_or_none(before), ours.node, theirs.node, path)
            if node is not None:
                member = replace(ours, node=node)
                return member if node.members or node.flow or not self._braces else with_brackets(member)
            del self.conflicts[conflicts:], self._notes[notes:]
        old = before.meaning if before is not None else None
        if ours.node.meaning == theirs.node.meaning or (base is not None and theirs.node.meaning == old):
            return ours
        if base is not None and ours.node.meaning == old and anchors_in(ours.node) <= {"", *anchors_in(base.node)}:
            return _taken(ours, here)
        if base is not None and (joined := _joined(base.node, ours.node, here.node)) is not None:
            return replace(ours, node=joined)
        self._report(path, "value", "you and the template have changed it differently; yours was kept", ours, theirs)
        self._notes += _shown(here, ours)
        return ours

    def _beside(self, base: Member, ours: Member, here: Member, member: Member, path: Path) -> Member:
        """The member with the comment beside its value, wherever its notation has a place for it."""
        if member is not ours or here.node.meaning in (ours.node.meaning, base.node.meaning):
            return with_remark(member, self._words(remark_of(base), remark_of(ours), remark_of(here), path))
        return member

    def _tell_lost_comments(self, base: Member, ours: Member, theirs: Member, member: Member, path: Path) -> None:
        known = {*comments_in(base), *comments_in(theirs)}
        if all(comment in known or comment in member.body for comment in comments_in(ours)):
            return
        told = "the template has replaced the value in which you have changed a comment"
        self._report(path, "comment", told, ours, theirs)

    def _words(self, base: str, ours: str, theirs: str, path: Path) -> str:
        """Comments and blank lines of three sides."""
        if theirs in (base, ours) or theirs.split() in (base.split(), ours.split()):
            return ours
        if ours == base or ours.split() == base.split():
            return theirs
        merged, conflicts = merge_lines(base, ours, theirs)
        if not conflicts:
            return merged
        told = "you and the template have changed a comment differently; yours was kept"
        self.conflicts.append(Conflict("", "/".join(path), "comment", told, _short(ours), _short(theirs)))
        return ours

    def _report(
        self, path: Path, kind: str, message: str, ours: Member | None = None, theirs: Member | None = None
    ) -> None:
        texts = [_short(side.node.text if kind == "value" else side.body) if side else "" for side in (ours, theirs)]
        self.conflicts.append(Conflict("", "/".join(path), kind, message, *texts))


def _alike(base: Node | None, ours: Node, theirs: Node) -> bool:
    """Whether the three are containers of one kind, so that their members can be merged."""
    if ours.kind == SCALAR or ours.kind != theirs.kind or ours.plain != theirs.plain:
        return False
    return base is None or base.meaning == _NULL or (base.kind == ours.kind and base.plain == ours.plain)


def _container_or_none(node: Node | None) -> Node | None:
    return None if node is None or node.kind == SCALAR else node


def _same(base: Member, ours: Member) -> bool:
    return base.words == ours.words and base.node.meaning == ours.node.meaning


def _in_other_notation(ours: Node, theirs: Node) -> bool:
    """Whether comments at the end stand inside the brackets of one and below the block of the other."""
    return ours.kind == theirs.kind != SCALAR and ours.flow != theirs.flow


def _is_rewritten(base: Node | None, ours: Node, here: Node) -> bool:
    """Whether only the template has touched the container, and has written it in another notation."""
    return base is not None and ours.flow != here.flow and base.text.split() == ours.text.split()


def _taken(ours: Member, here: Member) -> Member:
    """The user's member with the template's value."""
    aligned = not (ours.gap.strip() or "\n" in ours.gap + here.gap or here.node.inline) and ours.gap
    return replace(ours, gap=ours.gap if aligned else here.gap, node=here.node, post=here.post)


def _joined(base: Node, ours: Node, theirs: Node) -> Node | None:
    """A text of several lines, merged by lines; None where that leaves a conflict."""
    sides = (base, ours, theirs)
    if not all(is_long_text(side) and not re.search("[0-9]", _header(side)) for side in sides):
        return None
    merged, conflicts = merge_lines(*(_outdented(side) for side in sides))
    if conflicts:
        return None
    raw = shift_text(merged, _depth(ours), first=False)
    try:
        # Read again, for what it means; alone in a document it is indented as much as it likes.
        return replace(read_yaml(raw).root, raw=raw)
    except UnreadableError:
        return None


def _header(node: Node) -> str:
    return node.raw.split("\n", 1)[0][len(properties_of(node.raw)) :].split("#", 1)[0]


def _depth(node: Node) -> int:
    lines = [line for line in node.raw.split("\n")[1:] if line.strip()]
    return min((len(line) - len(line.lstrip(" ")) for line in lines), default=0)


def _outdented(node: Node) -> str:
    return shift_text(node.raw, -_depth(node), first=False)


def _shown(member: Member, ours: Member) -> list[str]:
    text = member.node.text.rstrip("\n")
    remark = remark_of(member)
    lines = text.split("\n")
    if len(lines) == 1:
        beside = f"  {remark}" if remark and remark != remark_of(ours) else ""
        return [f"the template has {text.strip()}{beside}"]
    depth = min(len(line) - len(line.lstrip(" ")) for line in lines[1:] if line.strip())
    first = lines[0][depth:] if lines[0][:depth].isspace() else lines[0]
    rest = [line[depth:] if line[:depth].isspace() else line for line in lines[1:]]
    return ["the template has", *(f"  {line}".rstrip() for line in [first, *rest])]


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _SHORT else words[: _SHORT - 1] + "…"


def _below(path: Path, key: Hashable, index: int) -> Path:
    """The path of a member; keys before TOML's first table have no table in theirs."""
    return path if key == () else (*path, _label(key, index))


def _label(key: Hashable, index: int) -> str:
    """A key as a person reads it in a path."""
    if isinstance(key, str):
        return key
    if isinstance(key, int):
        return str(key)
    return "/".join(_texts(key)) or str(index)


def _texts(key: Hashable) -> Sequence[str]:
    if not isinstance(key, tuple):
        return []
    if key and key[0] in ("[", "[["):
        return [".".join(key[1])]
    if all(isinstance(part, str) for part in key):
        return [".".join(key)]
    return [part[1] for part in key if isinstance(part, tuple) and len(part) == 2 and part[0] == "str"]  # noqa: PLR2004
