"""The three-way merge of trees. Pieces of texts are chosen, never written anew."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace

from generator.merge.conflicts import Conflict
from generator.merge.lines import merge_lines
from generator.merge.structure.keys import identify
from generator.merge.structure.layout import adapt, fits, respaced, with_brackets
from generator.merge.structure.order import merge_order
from generator.merge.structure.tree import MAP, SCALAR, Member, Node, Tree, UnreadableError, shift_text
from generator.merge.structure.yaml_tree import read_yaml

NOTE = "# samgen update: "
_NULL = ("tag:yaml.org,2002:null", "")
_SHORT = 200

Path = tuple[str, ...]
_Piece = tuple[str, Node, str]
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
        if self._notes and self._comments:
            head = "".join(f"{NOTE}{line}\n" for line in self._notes) + head
        return Tree(head, root, foot)

    def _container(self, base: Node | None, ours: Node, theirs: Node, path: Path) -> Node | None:
        """The merged container; None where its members cannot be told apart or put into the user's notation."""
        if ours.kind == MAP:
            keys = tuple([member.key for member in node.members] if node else [] for node in (base, ours, theirs))
        else:
            found = identify(path[-1] if path else None, base, ours, theirs)
            if found is None:
                return None
            keys = found
        sides = [
            dict(zip(names, node.members if node else (), strict=True))
            for names, node in zip(keys, (base, ours, theirs), strict=True)
        ]
        if not all(fits(member, theirs, ours) for key, member in sides[2].items() if sides[0].get(key) != member):
            return None
        order, clash = merge_order(*keys, matters=ours.kind != MAP)
        if clash:
            self._report(path, "order", "you and the template have sorted it differently; your order was kept")
        merged: dict[Hashable, Member] = {}
        for index, key in enumerate(order):
            three = (sides[0].get(key), sides[1].get(key), sides[2].get(key))
            member = self._present(three, _below(path, key, index), (ours, theirs))
            if member is not None:
                merged[key] = member
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
        theirs_here = adapt(theirs, other, mine)
        if base is not None and base.text == ours.text and not mine.flow:
            return theirs_here
        outer, self._notes = self._notes, []
        old = base or replace(ours, lead="", tail="")
        lead = ours.lead
        if not mine.flow or ours.lead.strip() or theirs.lead.strip():
            lead = self._words(old.lead, ours.lead, theirs_here.lead, path) if base else ours.lead
        tail = self._words(old.tail, ours.tail, theirs_here.tail, path) if base else ours.tail
        head, node, post = self._value(base, ours, theirs, theirs_here, path)
        member = Member(ours.key, lead, head, node, post, tail)
        notes, self._notes = self._notes, outer
        return self._noted(member, mine, notes)

    def _noted(self, member: Member, container: Node, notes: list[str]) -> Member:
        """The member with notes above it; inside brackets they go to the next place that has lines of its own."""
        if not notes or not self._comments:
            return member
        if container.flow or member.key == ():
            self._notes += notes
            return member
        indent = " " * (container.column or 0)
        return replace(member, lead=member.lead + "".join(f"{indent}{NOTE}{note}\n" for note in notes))

    def _value(self, base: Member | None, ours: Member, theirs: Member, here: Member, path: Path) -> _Piece:
        before = base.node if base else None
        if _alike(before, ours.node, theirs.node) and not (_unchanged(base, ours) and ours.node.flow != here.node.flow):
            conflicts, notes = len(self.conflicts), len(self._notes)
            node = self._container(_container_or_none(before), ours.node, theirs.node, path)
            if node is not None:
                return self._around(base, ours, here, node, path)
            del self.conflicts[conflicts:], self._notes[notes:]
        old = before.meaning if before is not None else None
        if ours.node.meaning == theirs.node.meaning or (base is not None and theirs.node.meaning == old):
            return self._kept(base, ours, here, path)
        if base is not None and ours.node.meaning == old:
            return self._taken(base, ours, here, path)
        if (joined := _joined(base, ours, theirs, here)) is not None:
            return joined
        self._report(path, "value", "you and the template have changed it differently; yours was kept", ours, theirs)
        self._notes += _shown(here.node)
        return ours.head, ours.node, ours.post

    def _around(self, base: Member | None, ours: Member, here: Member, node: Node, path: Path) -> _Piece:
        """A merged container with what stands around it in its lines."""
        head, post = ours.head, ours.post
        if base is not None and base.node.flow == ours.node.flow == here.node.flow and base.node.kind == node.kind:
            indent = head[: len(head) - len(head.lstrip(" \t"))]
            head = indent + self._words(base.head.lstrip(" \t"), head.lstrip(" \t"), here.head.lstrip(" \t"), path)
            post = self._words(base.post, post, here.post, path)
        if node.members or node.flow or not self._braces:
            return head, node, post
        return with_brackets(head, node)

    def _kept(self, base: Member | None, ours: Member, here: Member, path: Path) -> _Piece:
        """The user's value, with the template's comment beside it where only that has changed."""
        inline = not any("\n" in side.node.text for side in (ours, here))
        post = self._words(base.post, ours.post, here.post, path) if base and inline else ours.post
        return ours.head, ours.node, post

    def _taken(self, base: Member, ours: Member, here: Member, path: Path) -> _Piece:
        """The template's value, with the user's comment beside it."""
        head, post = here.head, here.post
        if _remarks(ours.node) != _remarks(base.node):
            told = "the template has replaced the value in which you have changed a comment"
            self._report(path, "comment", told, ours, here)
        if ours.post.split() != base.post.split():
            if "\n" not in here.node.text:
                post = self._words(base.post, ours.post, here.post, path)
            else:
                told = "the comment beside the value is gone, as the template's new value has several lines"
                self._report(path, "comment", told, ours, here)
        if ours.node.text.split() == base.node.text.split() and ours.head.split() != base.head.split():
            head = ours.head if not here.node.text.startswith("\n") and ours.head.endswith(" ") else here.head
        return head, here.node, post

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


def _unchanged(base: Member | None, ours: Member) -> bool:
    return base is not None and _same(base, ours)


def _remarks(node: Node) -> tuple[str, ...]:
    """The comments inside a container."""
    found: list[str] = []
    for member in node.members:
        pieces = (member.lead, member.head if "#" in member.head else "", member.post, member.tail)
        found += [piece.strip() for piece in pieces if piece.strip()]
        found += _remarks(member.node)
    return tuple(found)


def _joined(base: Member | None, ours: Member, theirs: Member, here: Member) -> _Piece | None:
    """A text of several lines, merged by lines; None where that leaves a conflict."""
    if base is None or any(side.node.raw[:1] not in ("|", ">") for side in (base, ours, theirs)):
        return None
    merged, conflicts = merge_lines(_outdented(base), _outdented(ours), _outdented(here))
    if conflicts:
        return None
    raw = shift_text(merged, _depth(ours), first=False)
    # Read again, for what it means; alone in a document it is indented as much as it likes.
    return ours.head, replace(read_yaml(raw).root, raw=raw), ours.post


def _depth(member: Member) -> int:
    lines = [line for line in member.node.raw.split("\n")[1:] if line.strip()]
    return min((len(line) - len(line.lstrip(" ")) for line in lines), default=0)


def _outdented(member: Member) -> str:
    return shift_text(member.node.raw, -_depth(member), first=False)


def _shown(node: Node) -> list[str]:
    text = node.text.rstrip("\n")
    lines = text.split("\n")
    if len(lines) == 1:
        return [f"the template has {text.strip()}"]
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
