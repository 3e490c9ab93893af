"""YAML text as a tree: from the parser's events, as only they tell where an alias and a property stand."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from dataclasses import replace
from typing import Any

import yaml

from generator.merge.structure.tree import MAP, SCALAR, SEQ, Member, Node, Tree, UnreadableError

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_resolver: Any = yaml.resolver.Resolver()
_YAML = "tag:yaml.org,2002:"
_TEXT = {f"{_YAML}str", f"{_YAML}timestamp", f"{_YAML}binary"}
_MAX_DEPTH = 100
_END: Any = (yaml.MappingEndEvent, yaml.SequenceEndEvent)
_SCALAR: Any = yaml.ScalarEvent
_ALIAS: Any = yaml.AliasEvent
_BLANK = re.compile(r"(?:[ \t\n]+|(?<![^ \t\n])#[^\n]*)*")
_PROPERTIES = re.compile(r"[ \t]*(?:[!&][^ \t\n]*[ \t]*)*(?:(?<=[ \t])#[^\n]*)?(?=\n)")
_AFTER = re.compile(r"[ \t]*(?:(?<=[ \t])#[^\n]*)?(?:\n|\Z)")
_TO_COMMA = re.compile(r"(?:[ \t\n]+|(?<=[ \t\n])#[^\n]*)*(?=,)")
_COLON = re.compile(r"[ \t]*:")
_COMMENT_AFTER = re.compile(r"[ \t]*(?<=[ \t])#[^\n]*")


def read_yaml(text: str) -> Tree:
    """Read one YAML document whose lines end with a line feed each; UnreadableError where it is not that."""
    try:
        events: list[Any] = list(yaml.parse(text, Loader=_Loader))[1:]
        return _Reader(text, iter(events)).document()
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise UnreadableError(" ".join(str(error).split())) from error


class _Reader:
    def __init__(self, text: str, events: Iterator[Any]) -> None:
        self._text = text
        self._pending: Any = None
        self._events = events
        self._depth = 0

    def document(self) -> Tree:
        if not isinstance(next(self._events), yaml.DocumentStartEvent):
            raise UnreadableError("there is no document")
        node, start, end = self._node(next(self._events), 0)
        next(self._events)
        if isinstance(next(self._events), yaml.DocumentStartEvent):
            raise UnreadableError("there are several documents")
        if node.kind == SCALAR or node.flow:
            return Tree(self._text[:start], node, self._text[end:])
        return _with_ends(node, self._text[end:])

    def _node(self, event: Any, since: int) -> tuple[Node, int, int]:
        """The node, where its text begins and where it ends; a block container begins where its lines do."""
        start = event.start_mark.index
        if isinstance(event, _ALIAS):
            return Node(SCALAR, ("alias", event.anchor), event_text(self._text, event)), start, event.end_mark.index
        if isinstance(event, _SCALAR):
            return self._scalar(event)
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise UnreadableError("it is nested too deeply")
        kind = MAP if isinstance(event, yaml.MappingStartEvent) else SEQ
        tag = _long_name(event.tag)
        result = self._flow(event, kind, tag) if event.flow_style else self._block(kind, tag, since)
        self._depth -= 1
        return result

    def _scalar(self, event: Any) -> tuple[Node, int, int]:
        start, end = event.start_mark.index, event.end_mark.index
        raw = self._text[start:end]
        if event.style in ("|", ">") and "\n" in raw:
            header = raw.split("\n", 1)[0]
            if "+" not in header.split("#", 1)[0]:
                raw = raw.rstrip("\n \t") + "\n" if raw.rstrip("\n \t") != header.rstrip() else raw
                raw = self._text[start : self._line_end(start + len(raw) - 1)]
        return Node(SCALAR, _scalar_meaning(event), raw), start, start + len(raw)

    def _line_end(self, position: int) -> int:
        found = self._text.find("\n", position)
        return len(self._text) if found < 0 else found + 1

    def _block(self, kind: str, tag: str | None, since: int) -> tuple[Node, int, int]:
        members: list[Member] = []
        end = since
        begin = since
        inline = False
        column = 0
        depth = self._depth
        for child in self._events:
            if isinstance(child, _END):
                break
            key, mark, after = self._marker(child, kind, end)
            line = self._text.rfind("\n", 0, mark) + 1
            if not members:
                column = mark - line
                inline = line < since or bool(self._text[line:mark].strip())
                begin = mark if inline else since
            lead, tail = ("", "") if inline and not members else _gap(self._text[end:line], column, bool(members))
            if depth > 1 and not _is_blank(lead + tail):
                raise UnreadableError("a tag or an anchor stands where a comment is expected")
            if tail:
                members[-1] = _sunk(replace(members[-1], tail=tail))
            member, end = self._entry(key, after)
            indent = " " * column if inline and not members else self._text[line:mark]
            members.append(replace(member, lead=lead, head=indent + self._text[mark:after]))
        keys = [member.key for member in members]
        if kind == MAP and len(set(keys)) < len(keys):
            raise UnreadableError("a key is written twice")
        return Node(kind, tag, members=tuple(members), column=column, inline=inline), begin, end

    def _marker(self, child: Any, kind: str, end: int) -> tuple[Hashable, int, int]:
        """An entry's key, where key or dash begins, and where the value may begin."""
        if kind == MAP:
            return self._key(child)
        blank = _BLANK.match(self._text, end)
        mark = blank.end() if blank else end
        if self._text[mark : mark + 1] != "-":
            raise UnreadableError("an item has no dash where one should be")
        self._pending = child
        return None, mark, mark + 1

    def _key(self, event: Any) -> tuple[Hashable, int, int]:
        if not isinstance(event, _SCALAR) or event.style in ("|", ">") or event.tag or event.anchor:
            raise UnreadableError("a key is more than a word")
        start = event.start_mark.index
        blank = _COLON.match(self._text, event.end_mark.index)
        if blank is None or self._text[start : start + 1] in ("?", "*"):
            raise UnreadableError("a key is more than a word")
        before = self._text.rfind("\n", 0, start) + 1
        if self._text[before:start].rstrip(" \t").endswith("?"):
            raise UnreadableError("a key is more than a word")
        self._pending = next(self._events)
        return event.value, start, blank.end()

    def _entry(self, key: Hashable, after: int) -> tuple[Member, int]:
        """The member without lead and head, and where its last line ends."""
        event = self._pending
        if not isinstance(event, (yaml.AliasEvent, yaml.ScalarEvent)) and not event.flow_style:
            properties = _PROPERTIES.match(self._text, after)
            body = properties.end() + 1 if properties else after
            node, begin, end = self._node(event, body)
            return Member(key, "", "", self._text[after:begin], node), end
        node, start, end = self._node(event, after)
        if node.raw.endswith("\n"):
            return Member(key, "", "", self._text[after:start], node), end
        rest = _AFTER.match(self._text, end)
        if rest is None:
            raise UnreadableError("something follows a value in its line")
        return Member(key, "", "", self._text[after:start], node, rest[0]), rest.end()

    def _flow(self, event: Any, kind: str, tag: str | None) -> tuple[Node, int, int]:
        start, position = event.start_mark.index, event.end_mark.index
        opening = self._text[start:position]
        members: list[Member] = []
        trailing = False
        for child in self._events:
            if isinstance(child, _END):
                stop = child.end_mark.index
                break
            key: Hashable = None
            mark = child.start_mark.index
            if kind == MAP:
                key, mark, after = self._key(child)
                node, value, end = self._node(self._pending, after)
            else:
                after = mark
                node, value, end = self._node(child, mark)
            comma = _TO_COMMA.match(self._text, end)
            post, trailing = (comma[0], True) if comma else ("", False)
            follow = end + len(post) + trailing
            comment = _COMMENT_AFTER.match(self._text, follow)
            tail = comment[0] if comment else ""
            head, gap = self._text[mark:after], self._text[after:value]
            members.append(Member(key, self._text[position:mark], head, gap, node, post, tail))
            position = follow + len(tail)
        keys = [member.key for member in members]
        if kind == MAP and len(set(keys)) < len(keys):
            raise UnreadableError("a key is written twice")
        closing = self._text[position:stop]
        return Node(kind, tag, "", tuple(members), True, _column(members), opening, closing, trailing), start, stop


def event_text(text: str, event: Any) -> str:
    """The text that an event stands for."""
    return text[event.start_mark.index : event.end_mark.index]


def _with_ends(node: Node, rest: str) -> Tree:
    """What stands before the first key is the document's, down to the last blank line; likewise what follows."""
    first, *others = node.members
    head, lead = _document_head(first.lead)
    members = [replace(first, lead=lead), *others]
    _, tail = _gap(rest, 0, True)
    members[-1] = _sunk(replace(members[-1], tail=tail))
    return Tree(head, replace(node, members=tuple(members)), rest[len(tail) :])


def _document_head(lead: str) -> tuple[str, str]:
    """The document's first lines, with directives and `---`, and those that belong to its first entry."""
    lines = lead.splitlines(keepends=True)
    begin = max((number for number, line in enumerate(lines, 1) if not _is_blank(line)), default=0)
    start = "".join(lines[:begin])
    if start and "\n\n" not in lead[len(start) :]:
        return start, lead[len(start) :]
    head, rest = split_head(lead[len(start) :])
    return start + head, rest


def _is_blank(text: str) -> bool:
    return all(line.lstrip(" \t")[:1] in ("", "#") for line in text.split("\n"))


def split_head(lead: str) -> tuple[str, str]:
    """A document's own first lines, and those that belong to its first entry."""
    cut = lead.rfind("\n\n")
    cut = len(lead) if cut < 0 else cut + 2
    return lead[:cut], lead[cut:]


def _sunk(member: Member) -> Member:
    """The member with comments that follow it in the innermost block that they are part of by their indentation."""
    node = member.node
    if not member.tail or node.flow or not node.members:
        return member
    rest, deeper = _gap(member.tail, node.column or 0, True)
    if not deeper:
        return member
    *others, last = node.members
    last = _sunk(replace(last, tail=last.tail + deeper))
    return replace(member, node=replace(node, members=(*others, last)), tail=rest)


def _gap(text: str, column: int, has_previous: bool) -> tuple[str, str]:
    """Lines between two members: those of the next, and those that end the one before as they are indented deeper."""
    if not has_previous:
        return text, ""
    used = position = 0
    for line in text.splitlines(keepends=True):
        position += len(line)
        if not line.strip():
            continue
        if len(line) - len(line.lstrip(" ")) <= column:
            break
        used = position
    return text[used:], text[:used]


def _column(members: list[Member]) -> int | None:
    for member in members:
        if "\n" in member.lead:
            return len(member.lead) - member.lead.rfind("\n") - 1
    return None


def _long_name(tag: str | None) -> str | None:
    if tag is None or not tag.startswith("!"):
        return None
    return tag[1:] if tag in ("!Ref", "!Condition") else f"Fn::{tag[1:]}"


def _scalar_meaning(event: Any) -> Hashable:
    name = _long_name(event.tag)
    if name is not None:
        value: Hashable = ("str", event.value)
        if name == "Fn::GetAtt":
            value = (SEQ, tuple(("str", part) for part in event.value.split(".", 1)))
        return (MAP, frozenset({(name, value)}))
    tag = event.tag or _resolver.resolve(yaml.ScalarNode, event.value, event.implicit)
    if tag in _TEXT:
        return ("str", event.value)
    if tag == f"{_YAML}null":
        return (tag, "")
    return (tag, event.value.lower() if tag == f"{_YAML}bool" else event.value)
