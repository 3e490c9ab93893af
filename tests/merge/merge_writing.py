"""Documents of `merge_documents` written as YAML, JSON and TOML, with a list of the comments that had a place."""

from __future__ import annotations

import json
import textwrap
from dataclasses import dataclass, field

from merge_documents import Document, Entry, Path, Value

Slot = tuple[Path, str]


@dataclass
class Written:
    """A document's text.

    Attributes:
        text: all of it.
        comments: the comments that have a place in it, by the entry that they belong to and where they stand.
        blocks: the texts of entries outside brackets, by their path; of lists' items only where they have a key.
        tables: TOML's tables.
    """

    text: str = ""
    comments: dict[Slot, str] = field(default_factory=dict)
    blocks: dict[Path, str] = field(default_factory=dict)
    tables: set[Path] = field(default_factory=set)

    def note(self, path: Path, slot: str, text: str) -> str:
        """A comment that has found its place."""
        if text:
            self.comments[path, slot] = text
        return text


def write(language: str, document: Document) -> Written:
    """The document in a language."""
    writers: dict[str, type[_Writer]] = {"yaml": _Yaml, "json": _Json, "toml": _Toml}
    return writers[language]().document(document)


class _Writer:
    sign = "#"

    def __init__(self) -> None:
        self.written = Written()

    def above(self, path: Path, entry: Entry, indent: str) -> str:
        text = self.written.note(path, "above", entry.above)
        return "\n" * entry.blank + (f"{indent}{self.sign} {text}\n" if text else "")

    def beside(self, path: Path, slot: str, text: str) -> str:
        return f"  {self.sign} {self.written.note(path, slot, text)}\n" if text else "\n"

    def rows(self, value: Value, path: Path, indent: str, deeper: str) -> str:
        """The entries between brackets, with a line each."""
        text = "\n"
        for number, entry in enumerate(value.entries):
            here = (*path, entry.key)
            comma = "," if number + 1 < len(value.entries) else ""
            text += self.above(here, entry, deeper)
            text += deeper + self.key(value, entry) + self.flow(entry.value, here, deeper) + comma
            text += self.beside(here, "beside", entry.beside)
        end = self.written.note(path, "end", value.end)
        return text + (f"{deeper}{self.sign} {end}\n" if end else "") + indent

    def document(self, document: Document) -> Written:
        raise NotImplementedError

    def key(self, value: Value, entry: Entry) -> str:
        raise NotImplementedError

    def flow(self, value: Value, path: Path, indent: str) -> str:
        raise NotImplementedError


class _Yaml(_Writer):
    def document(self, document: Document) -> Written:
        body = self.block(document.root, (), "") if document.root.entries else "{}\n"
        end = f"# {self.written.note((), 'end', document.root.end)}\n" if document.root.end else ""
        self.written.text = document.head + body + end + document.foot
        return self.written

    def block(self, value: Value, path: Path, indent: str, *, inline: bool = False) -> str:
        text = ""
        for number, entry in enumerate(value.entries):
            here = (*path, entry.key)
            first = inline and not number
            lead = "" if first else self.above(here, entry, indent)
            body = (
                indent
                + ("-" if value.kind == "seq" else self.key(value, entry).rstrip())
                + self.after(entry, here, indent)
            )
            if entry.key and not first:
                self.written.blocks[here] = body
            text += lead + body
        if value.end and path and not inline and not (value.kind == "seq" and value.rows):
            text += f"{indent}# {self.written.note(path, 'end', value.end)}\n"
        return text[len(indent) :] if inline else text

    def after(self, entry: Entry, path: Path, indent: str) -> str:
        """What follows the colon or the dash, to the end of the last line."""
        value = entry.value
        before = _properties(value)
        if value.kind == "scalar" and value.style in ("literal", "folded") and not value.tag:
            sign, lines = _long(str(value.plain), value.style, f"{indent}  ")
            return f" {before}{sign}{self.beside(path, 'beside', entry.beside)}{lines}"
        if value.kind == "scalar" and value.plain is None and value.style == "single":
            return f" {before}".rstrip() + self.beside(path, "beside", entry.beside)
        if value.kind == "scalar" or value.flow or not value.entries:
            return f" {self.flow(value, path, indent)}".rstrip() + self.beside(path, "beside", entry.beside)
        deeper = f"{indent}  "
        if not entry.key or (entry.key in "PQRS" and not before and not entry.beside):
            return f" {self.block(value, path, deeper, inline=True)}" if not before else self.below(entry, path, deeper)
        return self.below(entry, path, indent if value.kind == "seq" and value.rows else deeper)

    def below(self, entry: Entry, path: Path, indent: str) -> str:
        before = f" {_properties(entry.value)}".rstrip()
        return before + self.beside(path, "beside", entry.beside) + self.block(entry.value, path, indent)

    def key(self, value: Value, entry: Entry) -> str:
        if value.kind == "seq":
            return ""
        quoted = entry.quoted or entry.key in ("1", "on")
        return f"{json.dumps(entry.key, ensure_ascii=False)}: " if quoted else f"{entry.key}: "

    def flow(self, value: Value, path: Path, indent: str) -> str:
        before = _properties(value)
        if value.kind == "scalar":
            return (before + _short(value)).rstrip()
        opening, closing = "{}" if value.kind == "map" else "[]"
        if value.rows and value.entries:
            return before + opening + self.rows(value, path, indent, f"{indent}  ") + closing
        inner = [self.key(value, e) + self.flow(e.value, (*path, e.key), indent) for e in value.entries]
        return before + opening + ", ".join(text.strip() for text in inner) + closing


def _properties(value: Value) -> str:
    return (f"&{value.anchor} " if value.anchor and value.style != "alias" else "") + (
        f"!{value.tag} " if value.tag else ""
    )


def _long(text: str, style: str, indent: str) -> tuple[str, str]:
    chomp = "" if text.endswith("\n") and not text.endswith("\n\n") else "+" if text.endswith("\n") else "-"
    sign = "|" if style == "literal" else ">"
    step = "2" if text.startswith((" ", "\n")) else ""
    return sign + step + chomp, textwrap.indent(text if text.endswith("\n") else text + "\n", indent)


def _short(value: Value) -> str:
    plain = value.plain
    if value.style == "alias":
        return f"*{plain}"
    if plain is None:
        return "null"
    if not isinstance(plain, str):
        return json.dumps(plain)
    if value.style == "single" and "\n" not in plain:
        return "'" + plain.replace("'", "''") + "'"
    simple = plain.isalpha() and plain not in ("true", "null")
    if value.style == "plain" and (simple or (value.tag and ": " not in plain and "$" not in plain)):
        return plain
    return json.dumps(plain, ensure_ascii=False)


class _Json(_Writer):
    sign = "//"

    def document(self, document: Document) -> Written:
        self.unit = document.unit
        self.written.text = self.flow(document.root, (), "") + "\n"
        return self.written

    def flow(self, value: Value, path: Path, indent: str) -> str:
        if value.tag and value.kind == "seq":
            inner = self.plain(value, path, indent)
            return f'{{"Fn::{value.tag}": {inner}}}'
        return self.plain(value, path, indent)

    def plain(self, value: Value, path: Path, indent: str) -> str:
        if value.kind == "scalar":
            return json.dumps(value.plain, ensure_ascii=False)
        opening, closing = "{}" if value.kind == "map" else "[]"
        if value.entries and not (value.flow and not value.rows):
            return opening + self.rows(value, path, indent, indent + self.unit) + closing
        inner = [self.key(value, e) + self.flow(e.value, (*path, e.key), indent) for e in value.entries]
        return opening + ", ".join(inner) + closing

    def key(self, value: Value, entry: Entry) -> str:
        return "" if value.kind == "seq" else f"{json.dumps(entry.key, ensure_ascii=False)}: "


class _Toml(_Writer):
    def document(self, document: Document) -> Written:
        head = document.head.replace("---\n", "")
        tables: list[tuple[Path, Entry]] = []
        text = self.keys(document.root, (), tables)
        while tables:
            path, entry = tables.pop(0)
            inner: list[tuple[Path, Entry]] = []
            self.written.tables.add(path)
            text += "\n" + self.above(path, entry, "") + f"[{'.'.join(_toml_key(key) for key in path)}]"
            text += self.beside(path, "beside", entry.beside) + self.keys(entry.value, path, inner)
            tables = inner + tables
        self.written.text = head + text + document.foot
        return self.written

    def keys(self, value: Value, path: Path, tables: list[tuple[Path, Entry]]) -> str:
        """A table's own keys; what is a table of its own is left for later."""
        text = ""
        for entry in value.entries:
            here = (*path, entry.key)
            if entry.value.kind == "map" and not entry.value.flow and len(here) < 3:
                tables.append((here, entry))
                continue
            body = self.key(value, entry) + self.flow(entry.value, here, "") + self.beside(here, "beside", entry.beside)
            text += self.above(here, entry, "") + body
            self.written.blocks[here] = body
        return text

    def key(self, value: Value, entry: Entry) -> str:
        return "" if value.kind == "seq" else f"{_toml_key(entry.key, quoted=entry.quoted)} = "

    def flow(self, value: Value, path: Path, indent: str) -> str:
        if value.kind == "scalar":
            plain = "null" if value.plain is None else value.plain
            if isinstance(plain, str) and value.style == "literal" and "'" not in plain:
                return f"'''\n{plain}'''"
            return json.dumps(plain, ensure_ascii=False)
        if value.kind == "seq":
            if value.rows and value.entries and not indent:
                return "[" + self.rows(value, path, "", "  ") + "]"
            return "[" + ", ".join(self.flow(e.value, (*path, e.key), "  ") for e in value.entries) + "]"
        inner = [self.key(value, e) + self.flow(e.value, (*path, e.key), "  ") for e in value.entries]
        return f"{{ {', '.join(inner)} }}" if inner else "{}"


def _toml_key(key: str, *, quoted: bool = False) -> str:
    bare = key.isascii() and key.replace("-", "").isalnum() and not quoted
    return key if bare else json.dumps(key, ensure_ascii=False)
