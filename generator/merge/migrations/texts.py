"""Edits of YAML texts for migrations: each changes the characters that it is about, and no other.

Texts are without a byte order mark. What cannot be read is given back as it is, for the merge to deal with.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import yaml

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SHORT = {"!Ref": "Ref", "!GetAtt": "Fn::GetAtt", "!Sub": "Fn::Sub"}
_HEAD = "Resources:\n"
Pair = tuple[yaml.Node, yaml.Node]


def rename_key(text: str, path: Sequence[str], new: str) -> str:
    """The text with another name for the keys at a path, `*` for each item of a list.

    A mapping that has a key of the new name already is left alone.
    """
    *above, old = path
    places = []
    for mapping in _mappings(_composed(text), above):
        keys = {key.value: key for key, _ in mapping.value if isinstance(key, yaml.ScalarNode)}
        if old in keys and new not in keys:
            places.append(_span(keys[old]))
    return _with(text, [(start, end, text[start:end].replace(old, new)) for start, end in places])


def resource_ids(text: str) -> list[str]:
    """The logical ids of a template's resources, in order; none where it cannot be read."""
    return [str(key.value) for key, _ in _resources(_composed(text))]


def rename_resources(text: str, names: Mapping[str, str]) -> str:
    """The template with other logical ids, by the old ones, for resources and for whatever refers to them."""
    if not names:
        return text
    root = _composed(text)
    old = "|".join(map(re.escape, names))
    # Of `AWS::Name` and of a name's own part, it is another thing.
    word, inside = re.compile(rf"(?<![\w:])({old})(?!\w)"), re.compile(rf"(?<=\$\{{)({old})(?=[.}}])")
    edits = []
    for node, is_text in [*((key, False) for key, _ in _resources(root)), *_references(root, set())]:
        start, end = _span(node)
        pattern, most = (inside, 0) if is_text else (word, 1)
        edits.append((start, end, pattern.sub(lambda match: names[match[1]], text[start:end], count=most)))
    return _with(text, edits)


@dataclass(frozen=True)
class Cut:
    """A resource taken out of a template.

    Attributes:
        rest: the template without it.
        block: its lines, with the comments directly above it; each ends in a line feed.
    """

    rest: str
    block: str


def cut_resource(text: str, logical_id: str) -> Cut | None:
    """Take a resource out of a template; None where it has no lines of its own there, or stands there alone."""
    found = _resources(_composed(text))
    place = next((place for place, (key, _) in enumerate(found) if key.value == logical_id), None)
    if place is None or len(found) == 1 or not _have_lines(found, text):
        return None
    lines = _lines(text)
    column = found[0][0].start_mark.column
    first = _above(lines, _line(found[place], text), column)
    end = _end(lines, found, place, text)
    block = lines[first:end]
    while block and not block[-1].strip():
        block.pop()
    return Cut("".join(lines[:first] + lines[end:]), "".join(block).removesuffix("\n") + "\n")


def add_resource(text: str, block: str) -> str | None:
    """The template with the lines of a resource after its last.

    None where it has no resources with lines of their own, or one of the same logical id.
    """
    found = _resources(_composed(text))
    ids = {key.value for key, _ in found}
    if not found or not _have_lines(found, text) or ids & set(resource_ids(_HEAD + block)):
        return None
    lines = _lines(text)
    column = found[0][0].start_mark.column
    end = _end(lines, found, len(found) - 1, text)
    while end > 0 and not lines[end - 1].strip():
        end -= 1
    if not lines[end - 1].endswith("\n"):
        lines[end - 1] += "\n"
    apart = len(found) == 1 or not lines[_above(lines, _line(found[-1], text), column) - 1].strip()
    own = _lines(block.replace("\r\n", "\n"))
    indent = len(own[0]) - len(own[0].lstrip(" "))
    own = [" " * column + line[indent:] if line.strip() else line for line in own]
    if "\r\n" in text and text.count("\r\n") == text.count("\n"):
        own = [line.replace("\n", "\r\n") for line in own]
    blank = ["\r\n" if lines[end - 1].endswith("\r\n") else "\n"] if apart else []
    return "".join([*lines[:end], *blank, *own, *lines[end:]])


def _composed(text: str) -> yaml.Node | None:
    try:
        node: yaml.Node | None = yaml.compose(text, Loader=_Loader)
    except (yaml.YAMLError, RecursionError):
        return None
    return node


def _mappings(root: yaml.Node | None, path: Sequence[str]) -> Iterator[yaml.MappingNode]:
    """The mappings at a path."""
    if not path:
        if isinstance(root, yaml.MappingNode):
            yield root
    elif path[0] == "*" and isinstance(root, yaml.SequenceNode):
        for item in root.value:
            yield from _mappings(item, path[1:])
    elif isinstance(root, yaml.MappingNode):
        for key, value in root.value:
            if key.value == path[0]:
                yield from _mappings(value, path[1:])


def _resources(root: yaml.Node | None) -> list[Pair]:
    return [pair for mapping in _mappings(root, ["Resources"]) for pair in mapping.value]


def _references(node: yaml.Node | None, seen: set[int], key: str = "") -> Iterator[tuple[yaml.Node, bool]]:
    """The nodes that name a resource, and whether they are texts in which a name stands in `${}`."""
    if node is None or id(node) in seen:
        return
    # What an alias repeats stands in the text once.
    seen.add(id(node))
    kind = _SHORT.get(node.tag, key)
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            yield from _references(value, seen, str(name.value))
    elif isinstance(node, yaml.SequenceNode):
        for place, item in enumerate(node.value):
            # Of GetAtt the first names a resource, of Sub it is the text; DependsOn lists names.
            named = kind == "DependsOn" or (place == 0 and kind in {"Fn::GetAtt", "Fn::Sub"})
            yield from _references(item, seen, kind if named else "")
    elif kind in {"Ref", "Fn::GetAtt", "DependsOn", "Fn::Sub"}:
        yield node, kind == "Fn::Sub"


def _span(node: yaml.Node) -> tuple[int, int]:
    return node.start_mark.index, node.end_mark.index


def _lines(text: str) -> list[str]:
    """The lines with their ends; only a line feed ends one, as Python knows more ends than YAML."""
    return [line for line in re.split(r"(?<=\n)", text) if line]


def _line(pair: Pair, text: str) -> int:
    return text.count("\n", 0, pair[0].start_mark.index)


def _with(text: str, edits: Sequence[tuple[int, int, str]]) -> str:
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _have_lines(found: Sequence[Pair], text: str) -> bool:
    """Whether each resource begins a line of its own, all in one column."""
    columns = {key.start_mark.column for key, _ in found}
    lines = _lines(text)
    starts = (lines[_line(pair, text)][: pair[0].start_mark.column] for pair in found)
    return len(columns) == 1 and not any(start.strip() for start in starts) and not any(_is_flow(v) for _, v in found)


def _is_flow(value: yaml.Node) -> bool:
    return isinstance(value, yaml.CollectionNode) and bool(value.flow_style)


def _above(lines: Sequence[str], first: int, column: int) -> int:
    """The first line of a resource with the comments directly above it, in the same column."""
    while first > 0 and lines[first - 1].startswith(" " * column + "#"):
        first -= 1
    return first


def _end(lines: Sequence[str], found: Sequence[Pair], place: int, text: str) -> int:
    """The line after a resource and the blank lines below it."""
    column = found[place][0].start_mark.column
    if place + 1 < len(found):
        return _above(lines, _line(found[place + 1], text), column)
    end = _line(found[place], text) + 1
    while end < len(lines) and (not lines[end].strip() or lines[end].startswith(" " * (column + 1))):
        end += 1
    return end
