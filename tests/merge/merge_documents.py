"""Random documents in three languages, random edits of both sides, and what a merge of them has to say."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

Path = tuple[str, ...]
NAMES = ["Alpha", "Beta", "Gamma", "Delta", "Type", "Name", "with space", "x-y", "ünïcode"]
_SCALARS = st.one_of(
    st.sampled_from(["a", "b c", "3", "true", "", "# no comment", "é: ü", "x, y", "[z]", "line\nbreak\n", "{{r:x}}"]),
    st.integers(-3, 300),
    st.booleans(),
)
_LISTS = st.one_of(
    st.lists(_SCALARS, max_size=3),
    st.lists(st.fixed_dictionaries({"Sid": st.sampled_from("ABCD"), "V": _SCALARS}), max_size=3, unique_by=str),
)
_VALUES = st.recursive(
    st.one_of(_SCALARS, _SCALARS, _LISTS),
    lambda inner: st.dictionaries(st.sampled_from(NAMES), inner, min_size=1, max_size=4),
    max_leaves=12,
)
documents = st.dictionaries(st.sampled_from(NAMES), _VALUES, min_size=1, max_size=5)


@dataclass
class Edited:
    """A document after edits, with the comments that were written above its entries."""

    data: dict[str, Any]
    comments: dict[Path, str] = field(default_factory=dict)


@st.composite
def edits(draw: st.DrawFn, data: dict[str, Any], who: str) -> Edited:
    """The document after up to four edits: a changed, deleted or added entry, a comment."""
    edited = Edited(json.loads(json.dumps(data)))
    for number in range(draw(st.integers(0, 4))):
        places = [path for path, _ in entries(edited.data)]
        kind = draw(st.sampled_from(["change", "delete", "add", "comment"]))
        if kind == "add" or not places:
            parents: list[Path] = [(), *(path for path, value in entries(edited.data) if isinstance(value, dict))]
            parent = draw(st.sampled_from(parents))
            key = draw(st.sampled_from([*NAMES, f"{who}{number}"]))
            held = at(edited.data, parent)
            if key not in held:
                place = draw(st.integers(0, len(held)))
                items = [*held.items()]
                items.insert(place, (key, copy.deepcopy(draw(_VALUES))))
                held.clear()
                held.update(items)
            continue
        path = draw(st.sampled_from(places))
        held = at(edited.data, path[:-1])
        if kind == "change":
            held[path[-1]] = copy.deepcopy(draw(_VALUES))
        elif kind == "delete":
            del held[path[-1]]
        else:
            edited.comments[path] = f"{who} says {number}"
    edited.comments = {path: text for path, text in edited.comments.items() if at(edited.data, path) is not None}
    return edited


def entries(data: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every entry of every mapping that is not inside a list."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield (*path, key), value
            yield from entries(value, (*path, key))


def leaves(data: Any) -> dict[Path, Any]:
    """Every value that holds no entries."""
    return {path: value for path, value in entries(data) if not isinstance(value, dict)}


def at(data: Any, path: Path) -> Any:
    """What stands at a path; None for nothing."""
    for key in path:
        if not isinstance(data, dict) or key not in data:
            return None
        data = data[key]
    return data


def as_yaml(edited: Edited) -> str:
    """As YAML: the outer levels in blocks, some of the inner ones in brackets."""
    return "# A document\n\n" + "".join(_yaml_lines(edited.data, (), edited.comments))


def _yaml_lines(data: dict[str, Any], path: Path, comments: dict[Path, str]) -> Iterator[str]:
    indent = "  " * len(path)
    for key, value in data.items():
        here = (*path, key)
        if here in comments:
            yield f"{indent}# {comments[here]}\n"
        written = json.dumps(key, ensure_ascii=False) if " " in key else key
        if isinstance(value, dict) and value and (len(here) < 3 or any(p[: len(here)] == here for p in comments)):
            yield f"{indent}{written}:\n"
            yield from _yaml_lines(value, here, comments)
        elif isinstance(value, list) and value and len(key) % 2:
            yield f"{indent}{written}:\n"
            for item in value:
                yield from _yaml_item(item, indent)
        elif isinstance(value, str) and value.endswith("\n"):
            yield f"{indent}{written}: |\n" + "".join(f"{indent}  {line}\n" for line in value.splitlines())
        else:
            yield f"{indent}{written}: {json.dumps(value, ensure_ascii=False)}\n"


def _yaml_item(item: Any, indent: str) -> Iterator[str]:
    if not isinstance(item, dict):
        yield f"{indent}- {json.dumps(item, ensure_ascii=False)}\n"
        return
    for index, (key, value) in enumerate(item.items()):
        yield f"{indent}{'  ' if index else '- '}{key}: {json.dumps(value, ensure_ascii=False)}\n"


def as_json(edited: Edited) -> str:
    """As JSON, which has no comments."""
    return json.dumps(edited.data, indent=2, ensure_ascii=False) + "\n"


def as_toml(edited: Edited) -> str:
    """As TOML: the root's entries as tables where they can be."""
    lines = ["# A document\n\n"]
    plain = {key: value for key, value in edited.data.items() if not isinstance(value, dict)}
    lines += [line for key, value in plain.items() for line in _toml_line((key,), value, edited.comments)]
    for key, value in edited.data.items():
        if not isinstance(value, dict):
            continue
        if (key,) in edited.comments:
            lines.append(f"# {edited.comments[key,]}\n")
        lines.append(f"[{json.dumps(key, ensure_ascii=False)}]\n")
        lines += [line for name, inner in value.items() for line in _toml_line((key, name), inner, edited.comments)]
        lines.append("\n")
    return "".join(lines)


def _toml_line(path: Path, value: Any, comments: dict[Path, str]) -> Iterator[str]:
    if path in comments:
        yield f"# {comments[path]}\n"
    yield f"{json.dumps(path[-1], ensure_ascii=False)} = {_toml_value(value)}\n"


def _toml_value(value: Any) -> str:
    if isinstance(value, dict):
        inner = ", ".join(f"{json.dumps(k, ensure_ascii=False)} = {_toml_value(v)}" for k, v in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list):
        return f"[{', '.join(_toml_value(item) for item in value)}]"
    return json.dumps(value, ensure_ascii=False)
