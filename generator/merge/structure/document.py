"""The door: three texts in, the merged text and its conflicts out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from types import MappingProxyType

import yaml

from generator.merge.conflicts import Conflict
from generator.merge.structure.engine import Merger
from generator.merge.structure.json_tree import indent_unit, read_json, reindent
from generator.merge.structure.toml_tree import read_toml, refuse_other_tables
from generator.merge.structure.tree import MAP, SCALAR, SEQ, Meaning, Node, Tree, UnreadableError
from generator.merge.structure.yaml_tree import read_yaml

_READERS: Mapping[str, Callable[[str], Tree]] = MappingProxyType(
    {"yaml": read_yaml, "json": read_json, "toml": read_toml}
)
_ENDINGS = {".yaml": "yaml", ".yml": "yaml", ".json": "json", ".toml": "toml"}
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Merged:
    """A merged document: its text, and what could not be decided."""

    text: str
    conflicts: tuple[Conflict, ...] = ()


def language_of(name: str) -> str | None:
    """`yaml`, `json` or `toml` for a file that has structure by its name; None for another."""
    return _ENDINGS.get(PurePosixPath(name).suffix.lower())


def merge_document(language: str, base: str, ours: str, theirs: str) -> Merged:
    """Merge a document three ways.

    Args:
        language: `yaml`, `json` or `toml`.
        base: what was rendered last.
        ours: what the user made of it; its line ends, indentation and missing last line feed are kept.
        theirs: what is rendered now.

    Raises:
        UnreadableError: one of the texts has no structure that can be kept; merge it by lines.
    """
    if ours in (base, theirs):
        return Merged(theirs)
    if theirs == base:
        return Merged(ours)
    texts = [_Text(text) for text in (base, ours, theirs)]
    plain = [text.plain for text in texts]
    if language == "json":
        plain = _indented_alike(plain)
    read = _READERS[language]
    for text in texts:
        text.refuse_if_its_end_matters(read)
    merger = Merger(comments=language != "json", braces=language == "yaml")
    trees = [_whole(read(text), text) for text in plain]
    if language == "toml":
        refuse_other_tables(*trees)
    tree = merger.merge(*trees)
    _verify(language, tree.root, tree.text)
    return Merged(texts[1].like(tree.text, read), tuple(merger.conflicts))


class _Text:
    """A text as it is merged: without byte order mark, every line ended by one line feed."""

    def __init__(self, text: str) -> None:
        self._mark = text.startswith("\ufeff")
        self._returns = "\r\n" in text and text.count("\r\n") == text.count("\n")
        self.plain = text.removeprefix("\ufeff")
        if self._returns:
            self.plain = self.plain.replace("\r\n", "\n")
        self._ended = not self.plain or self.plain.endswith("\n")
        if not self._ended:
            self.plain += "\n"

    def refuse_if_its_end_matters(self, read: Callable[[str], Tree]) -> None:
        """UnreadableError where the line feed that is missing at the end is missing in the last value too."""
        if not self._ended and _bare(read(self.plain[:-1]).root) != _bare(read(self.plain).root):
            raise UnreadableError("it ends in a text without the line feed that others have")

    def like(self, text: str, read: Callable[[str], Tree]) -> str:
        """Another text in the form that this one had."""
        if not self._ended and _bare(read(text.removesuffix("\n")).root) == _bare(read(text).root):
            text = text.removesuffix("\n")
        if self._returns:
            text = text.replace("\n", "\r\n")
        return f"\ufeff{text}" if self._mark else text


def _whole(tree: Tree, text: str) -> Tree:
    if tree.text != text:
        raise UnreadableError("it is written in a way that cannot be kept")
    return tree


def _indented_alike(plain: list[str]) -> list[str]:
    """The template's JSON with the user's indentation, so that whoever reformats does not part from it."""
    units = [indent_unit(text) for text in plain]
    return [
        reindent(text, unit, units[1]) if unit and units[1] and unit != units[1] else text
        for text, unit in zip(plain, units, strict=True)
    ]


def _verify(language: str, root: Node, merged: str) -> None:
    """Refuse a text that does not say what the merge has decided: a merge by lines is better then."""
    if _bare(_READERS[language](merged).root) != _bare(root):
        raise UnreadableError("the pieces do not make the document that they should")
    if language == "yaml":
        try:
            yaml.compose(merged, Loader=_Loader)
        except (yaml.YAMLError, RecursionError) as error:
            raise UnreadableError(str(error)) from error


def _bare(node: Node) -> Meaning:
    """A meaning with its order."""
    if node.kind == SCALAR:
        return node.plain
    inner = [(member.key if node.kind == MAP else None, _bare(member.node)) for member in node.members]
    return (MAP if node.kind == MAP else SEQ, node.plain, tuple(inner))
