"""A YAML or JSON document with CloudFormation's short tags: its data, and where each part of it stands.

What SAM and cfn-lint would read is what is read here; what would make either of them crash, loop or
guess (a key written twice, an alias to itself, a bomb of aliases, absurd nesting) is a `DocumentError`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

# CloudFormation's own documents are some twenty levels deep. libyaml's composer recurses in C and
# crashes the interpreter on absurd nesting, so depth is counted on the event stream beforehand.
MAX_DEPTH = 100
MAX_NODES = 250_000

_YAML = "tag:yaml.org,2002:"
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_scalars: Any = yaml.constructor.SafeConstructor()
_CONSTRUCT = {
    f"{_YAML}int": _scalars.construct_yaml_int,
    f"{_YAML}float": _scalars.construct_yaml_float,
    f"{_YAML}bool": _scalars.construct_yaml_bool,
    f"{_YAML}null": _scalars.construct_yaml_null,
}
# Dates stay the strings they are to CloudFormation (`Version: 2012-10-17`).
_TEXT = {f"{_YAML}str", f"{_YAML}timestamp", f"{_YAML}binary"}
_JSON_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)")


class DocumentError(Exception):
    """Why a document cannot be read: a sentence, its 1-based place and the way out."""

    def __init__(self, message: str, line: int = 1, column: int = 1, mend: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column
        self.mend = mend


class Document:
    """Parsed text: `data` as plain Python, `problems` that do not prevent reading on, positions."""

    def __init__(self, text: str, *, is_json: bool = False) -> None:
        """Parse `text`; raises DocumentError when it cannot be read at all."""
        self.problems: list[DocumentError] = []
        # Paths where a long `Fn::GetAtt: A.B` was brought into list form.
        self.dotted: list[tuple[Any, ...]] = []
        self._active: set[int] = set()
        # The entries of mappings that were walked through, by the node's identity, and the node that it is.
        self._entries: dict[int, tuple[Node, dict[str, tuple[Any, Node]]]] = {}
        self._count = 0
        try:
            self._root, parsed = _compose(text, is_json)
            data = self._build(self._root) if self._root is not None else None
        except RecursionError as error:
            raise DocumentError("The document is nested too deeply.", mend="Flatten it.") from error
        self.data = data if parsed is None else parsed
        try:
            self._normalize(self.data, ())
        except RecursionError as error:
            raise DocumentError("The document is nested too deeply.", mend="Flatten it.") from error

    @property
    def size(self) -> int:
        """How many values it has; what an alias refers to counts each time."""
        return self._count

    def place(self, path: Sequence[Any]) -> tuple[int, int]:
        """1-based line and column of the deepest part of `path` that exists."""
        mark = self._walk(path)[0]
        return mark.line + 1, mark.column + 1

    def span(self, path: Sequence[Any]) -> tuple[int, int]:
        """1-based first and last line of the deepest part of `path` that exists."""
        mark, node = self._walk(path)
        return mark.line + 1, max(mark.line, node.end_mark.line) + 1

    def _walk(self, path: Sequence[Any]) -> tuple[Any, Node]:
        node: Any = self._root
        mark = node.start_mark
        untagged = False
        for part in path:
            if not untagged and (name := _long_name(node.tag)):
                # `!Sub x` is the data {"Fn::Sub": x}: that key and its value are the same node.
                if part != name:
                    break
                untagged = True
                continue
            step = self._step(node, part)
            if step is None:
                break
            mark, node = step
            untagged = False
        return mark, node

    def _step(self, node: Any, part: Any) -> tuple[Any, Node] | None:
        """The part of a node, as `_child` finds it; a search through a thousand resources is done once for all."""
        if not (isinstance(part, str) and isinstance(node, MappingNode)):
            return _child(node, part)
        known = self._entries.get(id(node))
        if known is None or known[0] is not node:
            entries: dict[str, tuple[Any, Node]] = {}
            for key, value in node.value:
                if isinstance(key, ScalarNode) and key.tag != f"{_YAML}merge":
                    entries.setdefault(key.value, (key.start_mark, value))
            known = self._entries[id(node)] = (node, entries)
        return known[1].get(part) or _child(node, part)

    def _build(self, node: Node) -> Any:
        self._count += 1
        if self._count > MAX_NODES:
            raise _at(node, f"The aliases expand to more than {MAX_NODES} values.", "Write them out.")
        if id(node) in self._active:
            raise _at(node, "An alias refers to a part that contains it.", "Write the part out.")
        self._active.add(id(node))
        try:
            name = _long_name(node.tag)
            value = self._value(node, tagged=name is not None)
        finally:
            self._active.discard(id(node))
        if name is None:
            return value
        if name == "Fn::GetAtt" and isinstance(value, str):
            value = value.split(".", 1)
        return {name: value}

    def _value(self, node: Node, *, tagged: bool) -> Any:
        if isinstance(node, ScalarNode):
            return node.value if tagged else _scalar(node)
        if not tagged and node.tag not in (f"{_YAML}map", f"{_YAML}seq"):
            raise _at(node, f"The tag {node.tag} means nothing to CloudFormation.", "Remove it.")
        if isinstance(node, SequenceNode):
            return [self._build(item) for item in node.value]
        return self._mapping(node)

    def _mapping(self, node: Any) -> dict[Any, Any]:
        merged: dict[Any, Any] = {}
        own: dict[Any, Any] = {}
        lines: dict[Any, int] = {}
        for key_node, value_node in node.value:
            if key_node.tag == f"{_YAML}merge":
                merged.update(self._merged(value_node))
                continue
            key = _key(key_node)
            if key in own:
                message = f"The key {key!r} is written twice; the first is on line {lines[key]}."
                self.problems.append(_at(key_node, message, "Remove or rename one of them."))
            lines[key] = key_node.start_mark.line + 1
            own[key] = self._build(value_node)
        return {**merged, **own}

    def _merged(self, node: Any) -> dict[Any, Any]:
        parts = node.value if isinstance(node, SequenceNode) else [node]
        result: dict[Any, Any] = {}
        for part in reversed(parts):
            value = self._build(part)
            if not isinstance(value, dict):
                raise _at(part, "Only a mapping can be merged with `<<`.", "Point it at a mapping.")
            result.update(value)
        return result

    def _normalize(self, value: Any, path: tuple[Any, ...]) -> None:
        if isinstance(value, dict):
            target = value.get("Fn::GetAtt")
            if isinstance(target, str):
                value["Fn::GetAtt"] = target.split(".", 1)
                self.dotted.append((*path, "Fn::GetAtt"))
            for key, child in value.items():
                self._normalize(child, (*path, key))
        elif isinstance(value, list):
            for index, child in enumerate(value):
                self._normalize(child, (*path, index))


def _compose(text: str, is_json: bool) -> tuple[Node | None, Any]:
    """The node tree and, for JSON, the data as JSON reads it; data None means: build it from the tree."""
    parsed = None
    if is_json or text.lstrip()[:1] == "{":
        try:
            parsed = json.loads(text)
            # JSON strings hold no raw tab, and YAML knows no surrogate pairs: neither moves a column.
            text = _JSON_ESCAPE.sub(_plain_escape, text).replace("\t", " ")
        except ValueError as error:
            if is_json and isinstance(error, json.JSONDecodeError):
                raise DocumentError(f"Not valid JSON: {error.msg}.", error.lineno, error.colno) from error
    try:
        _check_depth(text)
        return yaml.compose(text, Loader=_Loader), parsed
    except yaml.MarkedYAMLError as error:
        raise _syntax(error, text) from error
    except yaml.YAMLError as error:
        raise DocumentError(f"Not valid YAML: {_one_line(str(error))}.") from error
    except ValueError as error:
        raise DocumentError(f"Not valid YAML: {_one_line(str(error))}.") from error


def _plain_escape(match: re.Match[str]) -> str:
    return "______" if match[1].startswith("u") else match[0]


def _check_depth(text: str) -> None:
    depth = 0
    events: Iterator[Any] = yaml.parse(text, Loader=_Loader)
    for event in events:
        if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            depth += 1
            if depth > MAX_DEPTH:
                raise _at(event, f"The document is nested deeper than {MAX_DEPTH} levels.", "Flatten it.")
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            depth -= 1


def _syntax(error: yaml.MarkedYAMLError, text: str) -> DocumentError:
    mark: Any = error.problem_mark or error.context_mark
    problem = _one_line(error.problem or str(error))
    mend = ""
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    if "cannot start any token" in problem and "\t" in text.splitlines()[line - 1][: column + 1]:
        problem, mend = "a tab cannot indent YAML", "Indent with spaces."
    return DocumentError(f"Not valid YAML: {problem}.", line, column, mend)


def _one_line(text: str) -> str:
    return " ".join(text.split()).rstrip(".")


def _at(node: Any, message: str, mend: str) -> DocumentError:
    return DocumentError(message, node.start_mark.line + 1, node.start_mark.column + 1, mend)


def _long_name(tag: str) -> str | None:
    """`!Ref` → `Ref`, `!Sub` → `Fn::Sub`; None for what is no short form."""
    if not tag.startswith("!"):
        return None
    return tag[1:] if tag in ("!Ref", "!Condition") else f"Fn::{tag[1:]}"


def _scalar(node: ScalarNode) -> Any:
    if node.tag in _TEXT:
        return node.value
    construct = _CONSTRUCT.get(node.tag)
    try:
        if construct is not None:
            return construct(node)
    except (ValueError, KeyError, IndexError, OverflowError):
        pass
    raise _at(node, f"The value {node.value!r} cannot be read as {node.tag}.", "Quote it.")


def _key(node: Node) -> Any:
    if not isinstance(node, ScalarNode) or _long_name(node.tag):
        raise _at(node, "A key must be a plain word.", "Quote or rename it.")
    key = _scalar(node)
    if key is None:
        raise _at(node, "A key is empty.", "Name it, or quote it if it is the word null.")
    return key


def _child(node: Any, part: Any) -> tuple[Any, Node] | None:
    if isinstance(node, SequenceNode):
        if isinstance(part, int) and 0 <= part < len(node.value):
            child = node.value[part]
            return child.start_mark, child
        return None
    if not isinstance(node, MappingNode):
        return None
    merges: list[Any] = []
    for key_node, value_node in node.value:
        if key_node.tag == f"{_YAML}merge":
            merges += value_node.value if isinstance(value_node, SequenceNode) else [value_node]
        elif isinstance(key_node, ScalarNode) and _same_key(key_node, part):
            return key_node.start_mark, value_node
    found = (_child(merged, part) for merged in merges)
    return next((step for step in found if step is not None), None)


def _same_key(node: ScalarNode, part: Any) -> bool:
    return bool(node.value == part) or (not isinstance(part, str) and _scalar(node) == part)
