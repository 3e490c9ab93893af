"""Random documents as models, and random edits of them: what `merge_writing` writes as YAML, JSON and TOML."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

Path = tuple[str, ...]
Plain = str | int | bool | None
NAMES = ["Alpha", "Beta", "Gamma", "Delta", "Type", "Name", "with space", "x-y", "ünïcode", "1", "on"]
_TEXTS = ["a", "b c", "3", "true", "", "# no comment", "é: ü", "x, y", "[z]", "{{r:x}}", "it's", "a: b", "- c", "null"]
_LONG = ["line\nbreak\n", "one\n\n  two\n", "# hash\nx\n", "end without", "many\nwords\nhere\n\n", "  deep\nx\n"]
_TAGS = ["Ref", "Sub", "GetAtt", "ImportValue"]


@dataclass
class Value:
    """A value and how it is written.

    Attributes:
        kind: what it is.
        plain: a scalar's value.
        style: how a scalar is written where its language has a choice.
        tag: CloudFormation's short form, without the sign.
        anchor: YAML's name for it.
        entries: a container's entries or items.
        flow: whether it is written with brackets; `rows`, with a line an entry.
        rows: see there.
        end: a comment after a container's last entry.
    """

    kind: Literal["scalar", "map", "seq"]
    plain: Plain = None
    style: str = "plain"
    tag: str = ""
    anchor: str = ""
    entries: list[Entry] = field(default_factory=list)
    flow: bool = False
    rows: bool = False
    end: str = ""


@dataclass
class Entry:
    """An entry of a mapping, or an item of a list, whose key is its place's name only to this test."""

    key: str
    value: Value
    quoted: bool = False
    blank: int = 0
    above: str = ""
    beside: str = ""


@dataclass
class Document:
    """A document: its root, and what stands around it."""

    root: Value
    head: str = ""
    foot: str = ""
    unit: str = "  "
    dash: str = ""


class Chance(random.Random):
    """Randomness with the few questions that are asked here."""

    def one_in(self, number: int) -> bool:
        """True once in so many times."""
        return self.randrange(number) == 0

    def document(self) -> Document:
        """A document as a template has it."""
        head = self.choice(["", "# A document\n\n", "---\n", "# Head\n\n---\n", "# near\n"])
        root = self.mapping(0, at_least=2)
        root.flow = False
        _close_up(root)
        return Document(root, head, self.choice(["", "", "# the end\n", "\n# the end\n"]))

    def scalar(self) -> Value:
        """A scalar in some style."""
        if self.one_in(5):
            return Value("scalar", self.choice(_LONG), self.choice(["literal", "folded", "double"]))
        if self.one_in(6):
            return Value("scalar", self.choice(["A", "A.Arn", "${A}-b", "x: y"]), tag=self.choice(_TAGS))
        plain: Plain = self.choice([*_TEXTS, *range(-2, 9), True, False, None])
        return Value("scalar", plain, self.choice(["plain", "plain", "single", "double"]))

    def mapping(self, depth: int, at_least: int = 0) -> Value:
        """A mapping, often in a block."""
        keys = self.sample(NAMES, self.randint(at_least, 4))
        return self._noted(Value("map", entries=[self.entry(key, depth + 1) for key in keys]))

    def list_(self, depth: int) -> Value:
        """A list of scalars, of lists, of mappings that are known by a key; or a function's arguments."""
        kind = self.choice(["scalar", "scalar", "keyed", "lists"])
        if kind == "keyed":
            return self._noted(
                Value("seq", entries=[self.keyed(sid, depth) for sid in self.sample("PQRS", self.randint(0, 3))])
            )
        value = self._noted(Value("seq", entries=[self.item(kind, depth) for _ in range(self.randint(0, 3))]))
        if len(value.entries) == 3 and self.one_in(3):
            value.tag = "If"
        return value

    def item(self, kind: str, depth: int) -> Entry:
        """An item of a list."""
        if kind == "lists" and depth < 3:
            return Entry(
                "", self._noted(Value("seq", entries=[Entry("", self.scalar()) for _ in range(self.randint(0, 2))]))
            )
        return Entry("", self.scalar())

    def keyed(self, sid: str, depth: int) -> Entry:
        """An item that is known by its `Sid`."""
        value = self._noted(Value("map", entries=[Entry("Sid", Value("scalar", sid)), self.entry("V", depth + 2)]))
        return self._spaced(Entry(sid, value))

    def entry(self, key: str, depth: int) -> Entry:
        """An entry of a mapping with any value."""
        return self._spaced(Entry(key, self.value(depth)))

    def value(self, depth: int) -> Value:
        """Any value."""
        kinds = ["scalar"] * (1 + depth) + ["list"] + (["map"] * 3 if depth < 4 else [])
        kind = self.choice(kinds)
        return self.scalar() if kind == "scalar" else self.list_(depth) if kind == "list" else self.mapping(depth)

    def _noted(self, value: Value) -> Value:
        value.flow, value.rows = self.one_in(3), self.one_in(3)
        if self.one_in(8):
            value.end = self.note("end")
        return value

    def _spaced(self, entry: Entry) -> Entry:
        entry.blank = self.choice([0, 0, 0, 1, 2])
        if self.one_in(5):
            entry.above = self.note("above")
        if self.one_in(6):
            entry.beside = self.note("beside")
        return entry

    def note(self, word: str) -> str:
        """A comment that stands nowhere else."""
        return f"{word} {self.randrange(10**9)}."


def edited(chance: Chance, document: Document, who: str) -> Document:
    """The document after some edits of the user, who also writes it anew, or of the template."""
    result = copy.deepcopy(document)
    for number in range(chance.choice([0, 1, 1, 2, 2, 3, 4])):
        containers = [result.root, *(entry.value for _, entry in walk(result.root) if entry.value.kind != "scalar")]
        _edit(chance, chance.choice(containers), f"{who}{number}")
    if who == "user":
        result.unit = chance.choice(["  ", "  ", "    ", "\t"])
        if chance.one_in(6):
            result.head = chance.choice(["---\n", "# mine\n\n", "# mine\n"])
        if chance.one_in(8):
            result.root.entries.append(_alias(chance, result))
    return result


def _edit(chance: Chance, container: Value, name: str) -> None:
    kind = chance.choice(["change", "change", "delete", "add", "above", "beside", "end", "notation", "retext"])
    if kind == "add" or not container.entries:
        _add(chance, container, name)
        return
    place = chance.randrange(len(container.entries))
    entry = container.entries[place]
    fixed = entry.key == "Sid"
    if kind == "change" and not fixed:
        entry.value = chance.value(3)
    elif kind == "delete" and not fixed and container.tag != "If":
        del container.entries[place]
    elif kind in ("above", "beside"):
        setattr(entry, kind, "" if getattr(entry, kind) and chance.one_in(3) else chance.note(f"{name} {kind}"))
    elif kind == "end":
        container.end = "" if container.end and chance.one_in(3) else chance.note(f"{name} end")
    elif kind == "notation":
        entry.quoted, entry.value.flow, entry.value.rows = chance.one_in(2), chance.one_in(2), chance.one_in(2)
        entry.blank = chance.randrange(3)
    elif kind == "retext" and isinstance(entry.value.plain, str) and "\n" in entry.value.plain:
        entry.value.plain = chance.choice([f"{name}\n{entry.value.plain}", f"{entry.value.plain.rstrip()}\n{name}\n"])


def _add(chance: Chance, container: Value, name: str) -> None:
    if container.tag == "If":
        return
    if container.kind == "map":
        free = [key for key in [*NAMES, name] if all(entry.key != key for entry in container.entries)]
        new = chance.entry(chance.choice(free), 3)
    elif all(entry.key for entry in container.entries):
        free = [sid for sid in "PQRSTUVW" if all(entry.key != sid for entry in container.entries)]
        new = chance.keyed(chance.choice(free), 3)
    else:
        new = chance.item("lists" if container.entries[0].value.kind == "seq" else "scalar", 3)
    container.entries.insert(chance.randint(0, len(container.entries)), new)


def _alias(chance: Chance, document: Document) -> Entry:
    """An entry that says the same as another one by YAML's alias."""
    found = chance.choice([entry for _, entry in walk(document.root)] or [Entry("", Value("scalar"))])
    found.value.anchor = "mine"
    return Entry("alias", Value("scalar", "mine", style="alias" if found.key else "plain"))


def _close_up(value: Value) -> None:
    """No blank line above a container's first entry: they belong to what stands above it."""
    for _, entry in walk(value):
        if entry.value.entries:
            entry.value.entries[0].blank = 0


def uncommented(document: Document) -> Document:
    """The document without its comments."""
    for _, entry in walk(document.root):
        entry.above = entry.beside = entry.value.end = ""
    document.root.end = ""
    return document


def walk(value: Value, path: Path = ()) -> Iterator[tuple[Path, Entry]]:
    """Every entry and item below a value; items without a key of their own have none in their path."""
    for entry in value.entries:
        here = (*path, entry.key)
        yield here, entry
        yield from walk(entry.value, here)
