"""How a samgen.yaml is written: what is added is written as what stands there already."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import yaml

from generator.spec.draft import DATA_SECTIONS

_WIDE = 1_000_000
_ITEM = "[]"
# The items of all sections look alike: a service has few of most kinds.
_SECTION_ITEM = "functions[]"
_SECTION_ITEMS = frozenset(f"{section}[]" for section in (*DATA_SECTIONS, "environments"))


class Style:
    """The manner of a document: flow or block for each key, indentation, quotes, spaces inside of braces."""

    def __init__(self, root: yaml.Node, text: str) -> None:
        self._flow: dict[str, Counter[bool]] = {}
        self._pads: dict[str, Counter[bool]] = {"{": Counter(), "[": Counter()}
        self._quotes: Counter[str] = Counter()
        self._offsets: Counter[int] = Counter()
        self._indents: Counter[int] = Counter()
        self._text = text
        self._is_json = _is_json(text)
        for key, node in _walk(root, ""):
            self._see(key, node)

    def _see(self, key: str, node: yaml.Node) -> None:
        if isinstance(node, yaml.ScalarNode):
            if node.style in {"'", '"'}:
                self._quotes[node.style] += 1
            return
        if not node.value:
            return
        flow = isinstance(node, yaml.CollectionNode) and bool(node.flow_style)
        self._flow.setdefault(_SECTION_ITEM if key in _SECTION_ITEMS else key, Counter())[flow] += 1
        if flow:
            start = int(node.start_mark.index)
            self._pads[self._text[start]][self._text[start + 1] == " "] += 1
        elif isinstance(node, yaml.MappingNode):
            for key_node, value in node.value:
                if isinstance(value, yaml.CollectionNode) and value.value and not value.flow_style:
                    kind = self._offsets if isinstance(value, yaml.SequenceNode) else self._indents
                    kind[value.start_mark.column - key_node.start_mark.column] += 1

    @property
    def offset(self) -> int:
        """How far right of its key a list's dashes stand."""
        return _most(self._offsets, 2)

    @property
    def indent(self) -> int:
        """How far right of its key a mapping stands."""
        return _most(self._indents, 2)

    def is_flow(self, key: str, value: Any) -> bool:
        """Whether a collection under a key (`[]` after it for an item of its list) is written in one line."""
        seen = self._flow.get(_SECTION_ITEM if key in _SECTION_ITEMS else key)
        if seen:
            return seen[True] > seen[False]
        mixed = any(counter[True] for counter in self._flow.values())
        inner = value.values() if isinstance(value, dict) else value
        return mixed and not any(isinstance(item, (dict, list)) for item in inner)

    def scalar(self, value: Any, *, flow: bool = True) -> str:
        """A scalar, quoted where YAML needs it there, in the quotes that the document prefers."""
        if self._is_json:
            return json.dumps(value, ensure_ascii=False)
        prefers_double = self._quotes['"'] > self._quotes["'"]
        if isinstance(value, str) and value.isdecimal():
            # An account that begins with 0 is text to samgen, and a number to other readers.
            return ('"' if prefers_double else "'") + value + ('"' if prefers_double else "'")
        text = yaml.safe_dump([value], default_flow_style=flow, allow_unicode=True, width=_WIDE).strip()
        text = text[1:-1] if flow else text[2:]
        if text.startswith("'") and prefers_double and "\\" not in text and '"' not in text:
            return '"' + text[1:-1].replace("''", "'") + '"'
        return text

    def flow(self, value: Any) -> str:
        """A value in one line."""
        if isinstance(value, dict):
            return self._enclosed("{", [f"{self.scalar(k)}: {self.flow(v)}" for k, v in value.items()], "}")
        if isinstance(value, list):
            return self._enclosed("[", [self.flow(item) for item in value], "]")
        return self.scalar(value)

    def _inline(self, value: Any) -> str:
        """A value in the line of its key or dash."""
        return self.flow(value) if isinstance(value, (dict, list)) else self.scalar(value, flow=False)

    def _enclosed(self, start: str, parts: list[str], end: str) -> str:
        seen = self._pads[start]
        pad = " " if parts and seen[True] > seen[False] else ""
        return f"{start}{pad}{', '.join(parts)}{pad}{end}"

    def pair(self, key: str, value: Any, column: int, *, block: bool = False) -> list[str]:
        """The lines of a key and its value, the key in the given column; as a block even where others are not.

        A list that an edit has made is a block, so that taking its last item away takes its key away as well.
        """
        start = f"{' ' * column}{self.scalar(key)}:"
        if not isinstance(value, (dict, list)) or not value or (not block and self.is_flow(key, value)):
            return [f"{start} {self._inline(value)}"]
        if isinstance(value, list):
            dash = column + self.offset
            return [start, *(line for item in value for line in self.item(key, item, dash))]
        return [start, *(line for k, v in value.items() for line in self.pair(k, v, column + self.indent))]

    def item(self, key: str, value: Any, dash: int, width: int = 2) -> list[str]:
        """The lines of an item of the list under a key, its dash in the given column."""
        start = " " * dash + "-".ljust(width)
        if not isinstance(value, dict) or not value or self.is_flow(key + _ITEM, value):
            return [start + self._inline(value)]
        lines = [line for k, v in value.items() for line in self.pair(k, v, dash + width)]
        return [start + lines[0][dash + width :], *lines[1:]]


def _is_json(text: str) -> bool:
    """Whether the text, as YAML may be, is JSON, which other readers may rely on."""
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _most(seen: Counter[int], default: int) -> int:
    return seen.most_common(1)[0][0] if seen else default


def _walk(node: yaml.Node, key: str) -> Iterator[tuple[str, yaml.Node]]:
    """Every node with the key that it stands under; the items of a list have `[]` after it."""
    yield key, node
    if isinstance(node, yaml.MappingNode):
        for inner, value in node.value:
            yield "", inner
            yield from _walk(value, inner.value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _walk(item, key + _ITEM)
