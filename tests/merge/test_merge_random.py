"""Random edits of a user and of the template: each survives, or is a reported conflict; never silence."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import tomlkit
import yaml
from merge_documents import Chance, Document, Path, Value, edited, uncommented, walk
from merge_writing import write

from generator.merge.structure import UnreadableError, merge_document
from generator.merge.structure.document import Merged

_CASES = {"yaml": 1200, "json": 600, "toml": 400}
_MISSING = object()
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Tags(_Loader):  # type: ignore[misc]
    """Reads CloudFormation's short forms as what they are."""


def _tagged(loader: Any, suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return (suffix, loader.construct_scalar(node))
    return {f"!{suffix} {place}": value for place, value in enumerate(loader.construct_sequence(node, deep=True))}


_Tags.add_multi_constructor("!", _tagged)


@dataclass
class _Case:
    language: str
    base: Document
    user: Document
    template: Document

    def __post_init__(self) -> None:
        self.written = [write(self.language, side) for side in (self.base, self.user, self.template)]
        self.texts = [written.text for written in self.written]


def case_of(language: str, seed: int) -> _Case:
    """A document, what a user has made of it and what a newer template has."""
    chance = Chance(seed)
    base = chance.document()
    if language == "json":
        base = uncommented(base)
    user, template = edited(chance, base, "user"), edited(chance, base, "template")
    if language == "json":
        template = uncommented(template)
    case = _Case(language, base, user, template)
    if chance.one_in(5):
        case.texts[1] = case.texts[1].removesuffix("\n")
    if chance.one_in(5):
        case.texts[1] = case.texts[1].replace("\n", "\r\n")
    return case


@pytest.mark.parametrize("language", ["yaml", "json", "toml"])
@pytest.mark.parametrize("part", range(4))
def test_every_edit_survives_or_is_reported(language: str, part: int) -> None:
    for seed in range(part, _CASES[language], 4):
        check(case_of(language, seed), f"seed {seed}")


def check(case: _Case, name: str) -> None:
    """Merge a case and look at everything that a user may expect."""
    try:
        merged = merge_document(case.language, *case.texts)
    except UnreadableError:
        assert _is_left_to_lines(case), name
        return
    told = "\n=====\n".join([name, *case.texts, merged.text, *map(str, merged.conflicts)])
    text = merged.text.replace("\r\n", "\n")
    _check_values(case, text, merged, told)
    _check_comments(case, text, merged, told)
    _check_bytes(case, text, merged, told)
    again = merge_document(case.language, case.texts[2], merged.text, case.texts[2])
    assert again == Merged(merged.text)
    for same in (case.texts[0], case.texts[2]):
        assert merge_document(case.language, same, case.texts[1], same) == Merged(case.texts[1])


def _is_left_to_lines(case: _Case) -> bool:
    """Nothing would be left of a YAML document, or it ends in a text that lacks its end; or a key of TOML is a table
    here and a value there.
    """
    if (
        case.language == "yaml"
        and not case.texts[1].endswith("\n")
        and re.search(r"[|>][-+\d]*(  #.*)?\r?\n", case.texts[1])
    ):
        return True
    roots = [{entry.key for entry in side.root.entries} for side in (case.user, case.template)]
    if case.language == "toml":
        tables = set().union(*(written.tables for written in case.written))
        return any(
            table[: len(path)] == path for written in case.written for path in written.blocks for table in tables
        )
    return case.language == "yaml" and not roots[0] & roots[1]


def _read(language: str, text: str) -> Any:
    if language == "yaml":
        return yaml.load(text, Loader=_Tags)  # noqa: S506 (a safe loader)
    if language == "json":
        return json.loads(re.sub(r"(?m)//[^\n\"]*$", "", text))
    return tomlkit.parse(text).unwrap()


def _told_apart(data: Any) -> Any:
    """The data without what Python takes for equal: true and 1."""
    if isinstance(data, dict):
        return {key: _told_apart(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_told_apart(item) for item in data]
    return ("bool", data) if isinstance(data, bool) else data


def _is_keyed(data: Any) -> bool:
    return isinstance(data, list) and all(isinstance(item, dict) and "Sid" in item for item in data)


def _lists(data: Any, path: Path = ()) -> set[Path]:
    """The paths of lists whose items cannot be told apart by their `Sid`."""
    if isinstance(data, list) and not _is_keyed(data):
        return {path}
    inner = {item["Sid"]: item for item in data} if isinstance(data, list) else data
    if not isinstance(inner, dict):
        return set()
    return set().union(*(_lists(value, (*path, str(key))) for key, value in inner.items()))


def _leaves(data: Any, whole: set[Path], path: Path = ()) -> dict[Path, Any]:
    """Every value that holds no entries; items of a list are entries where each has its `Sid`."""
    if _is_keyed(data) and data and path not in whole:
        data = {item["Sid"]: item for item in data}
    if isinstance(data, dict) and (data or not path):
        return {
            at: leaf for key, value in data.items() for at, leaf in _leaves(value, whole, (*path, str(key))).items()
        }
    return {path: data}


def _check_values(case: _Case, text: str, merged: Merged, told: str) -> None:
    read = [_told_apart(_read(case.language, side.replace("\r\n", "\n"))) for side in (*case.texts, text)]
    whole = set().union(*map(_lists, read))
    base, ours, theirs, found = (_leaves(side, whole) for side in read)
    for path in base.keys() | ours.keys() | theirs.keys() | found.keys():
        old, mine, other, now = (side.get(path, _MISSING) for side in (base, ours, theirs, found))
        if path[0] == "alias" or _is_emptied(path, base, ours, theirs, found):
            continue
        if _reported(path, merged):
            assert now in (mine, other) or isinstance(now, list), (path, told)
        elif all("\n" in str(side) for side in (old, mine, other)) and mine != old != other != mine:
            _check_lines(old, mine, other, now, told)
        elif isinstance(now, list) and mine != old != other != mine:
            _check_list(old, mine, other, now, told)
        else:
            assert now == (other if mine == old else mine), (path, told)
            assert mine == old or other in (old, mine), (path, told)


def _is_emptied(path: Path, *sides: dict[Path, Any]) -> bool:
    """Whether it is an empty container on one side, and one with entries on another."""
    leaves = [side[path] for side in sides if path in side]
    return all(leaf in ({}, [], None) for leaf in leaves) and any(
        len(other) > len(path) and other[: len(path)] == path for side in sides for other in side
    )


def _reported(path: Path, merged: Merged) -> bool:
    """Whether a conflict was reported at a path, above it or below it; a list is taken as a whole."""
    for conflict in merged.conflicts:
        place = conflict.path.replace(".", "/").split("/") if conflict.path else []
        if all(a == b or a in ("", *"PQRSTUVW") or a[0] == "!" for a, b in zip(path, place, strict=False)):
            return True
    return False


def _check_lines(old: Any, mine: Any, other: Any, now: Any, told: str) -> None:
    """What either side has added to a text of several lines is there."""
    for side in (mine, other):
        assert all(word in now.split() for word in side.split() if word not in old.split()), told


def _scalars(data: Any) -> Iterator[str]:
    if isinstance(data, (list, dict)):
        for item in data.values() if isinstance(data, dict) else data:
            yield from _scalars(item)
    elif "\n" not in str(data):  # of a text of several lines, both sides may have changed some
        yield repr(data)


def _check_list(old: Any, mine: Any, other: Any, now: list[Any], told: str) -> None:
    """What either side has added is there, what either has removed is not, however deep in lists."""
    before, ours, theirs, after = (
        Counter(_scalars(side)) if isinstance(side, list) else Counter() for side in (old, mine, other, now)
    )
    # A list inside a list that both have changed is two lists then: each is new.
    nested = any(
        isinstance(item, (list, dict)) for side in (old, mine, other) if isinstance(side, list) for item in side
    )
    for item in before | ours | theirs | after:
        changed = (ours[item] - before[item], theirs[item] - before[item])
        if nested and (min(changed) < 0 or 0 not in changed):
            continue
        if 0 in changed or changed[0] == changed[1]:
            assert after[item] == before[item] + (sum(changed) if 0 in changed else changed[0]), told


def _check_comments(case: _Case, text: str, merged: Merged, told: str) -> None:
    base, user, template = case.written
    for path, slot in base.comments.keys() | user.comments.keys() | template.comments.keys():
        old, mine, other = (side.comments.get((path, slot), "") for side in case.written)
        if _reported(path, merged):
            continue
        if mine and (mine != old or other == old):
            assert mine in text, (path, slot, mine, told)
        elif other and other != old and mine == old and _has_place(case, path, slot):
            assert other in text, (path, slot, other, told)
        elif path[:1] == tuple(entry.key for entry in case.user.root.entries[:1]):
            continue  # what stands above the first entry may be the document's own
        elif old and not (mine and other) and all(path in side.blocks for side in case.written):
            assert slot == "end" or old not in text, (path, slot, old, told)


def _has_place(case: _Case, path: Path, slot: str) -> bool:
    """Whether the template's comment has a place in what the user made of it: not in what the user wrote with brackets,
    nor in what only the user or both have written anew.
    """
    if "" in path or case.language == "json":
        return False
    if slot == "end" and case.language == "toml" and _is_in_one_line(case.user, path):
        return False
    if slot == "end" and not all(_is_block(side, path) for side in (case.base, case.user, case.template)):
        return False
    if all(path in side.blocks for side in case.written):
        return True
    above = path[:-1]
    return (
        path not in case.written[1].blocks
        and not _at(case.base, path)
        and (
            all(
                _is_block(side, above) and (not above or above in written.blocks)
                for side, written in zip((case.base, case.user, case.template), case.written, strict=True)
            )
        )
    )


def _at(document: Document, path: Path) -> Value | None:
    if not path:
        return document.root
    return next((entry.value for at, entry in walk(document.root) if at == path), None)


def _is_block(document: Document, path: Path) -> bool:
    value = _at(document, path)
    return value is not None and value.kind != "scalar" and not value.flow and bool(value.entries)


def _is_in_one_line(document: Document, path: Path) -> bool:
    value = _at(document, path)
    return value is not None and value.kind == "seq" and not value.rows


def _check_bytes(case: _Case, text: str, merged: Merged, told: str) -> None:
    """What the template has not touched stands as the user wrote it."""
    base, user, template = case.written
    for path, block in user.blocks.items():
        if path not in base.blocks or base.blocks[path] != template.blocks.get(path):
            continue
        if "" in path or _reported(path, merged):
            continue
        assert block.rstrip("\n") in text, (path, block, told)
