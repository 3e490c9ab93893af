"""Two evaluated values compared, part by part."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from generator.changes.model import ABSENT
from generator.project.evaluate import UNKNOWN

Path = tuple["str | int", ...]
Difference = tuple[Path, Any, Any]

# What tells the items of a list apart, in the order in which it is tried.
_KEYS = ("Key", "Sid", "Name", "Id", "AttributeName", "IndexName", "PolicyName", "Field", "DomainName")


class Named(str):
    """A step of a path that is the name of a list's item."""


def differences(before: Any, after: Any, path: Path = ()) -> Iterator[Difference]:
    """The smallest parts that differ; ABSENT where there is nothing.

    Items of a list are paired by what names them (`Key`, `Sid`, `Name`), otherwise by being alike, and text that is
    JSON is compared as what it says.
    """
    if same(before, after):
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys([*before, *after]):
            # Not their own `get`: of what is known in part only, it says that anything may be there.
            old, new = dict.get(before, key, ABSENT), dict.get(after, key, ABSENT)
            yield from differences(old, new, (*path, key))
    elif isinstance(before, list) and isinstance(after, list):
        yield from _lists(before, after, path)
    elif (documents := _documents(before, after)) is not None:
        yield from differences(*documents, path)
    else:
        yield path, before, after


def same(before: Any, after: Any) -> bool:
    """Whether two values are the same to CloudFormation, which makes text of numbers and truth values."""
    if before is after:
        return True
    if isinstance(before, (dict, list)) or isinstance(after, (dict, list)):
        if type(before) is type(after) or (isinstance(before, dict) and isinstance(after, dict)):
            return len(before) == len(after) and all(
                same(old, new) and key_old == key_new
                for (key_old, old), (key_new, new) in zip(_items(before), _items(after), strict=True)
            )
        return False
    if UNKNOWN in (before, after) or ABSENT in (before, after):
        return False
    return _text(before) == _text(after)


def _items(value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return sorted(((str(key), item) for key, item in value.items()), key=lambda pair: pair[0])
    return [(str(place), item) for place, item in enumerate(value)]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _documents(before: Any, after: Any) -> tuple[Any, Any] | None:
    """What two texts say, where both are JSON."""
    found = []
    for text in (before, after):
        if not isinstance(text, str) or not text.lstrip().startswith(("{", "[")):
            return None
        try:
            found.append(json.loads(text))
        except (ValueError, RecursionError):
            return None
    old, new = found
    # Written differently, they say the same: the text itself is what differs.
    return None if same(old, new) else (old, new)


def _lists(before: list[Any], after: list[Any], path: Path) -> Iterator[Difference]:
    names = _names(before, after)
    if names is not None:
        old, new = names
        if list(old) != list(new) and dict.fromkeys(sorted(old)) == dict.fromkeys(sorted(new)):
            yield from _reordered(before, after, path) if same_items(before, after) else ()
        for key in dict.fromkeys([*old, *new]):
            yield from differences(old.get(key, ABSENT), new.get(key, ABSENT), (*path, Named(key)))
        return
    if same_items(before, after):
        yield from _reordered(before, after, path)
        return
    gone, come = _unpaired(before, after), _unpaired(after, before)
    for place in range(max(len(gone), len(come))):
        old_place, old_item = gone[place] if place < len(gone) else (None, ABSENT)
        new_place, new_item = come[place] if place < len(come) else (None, ABSENT)
        number = new_place if new_place is not None else old_place
        yield from differences(old_item, new_item, (*path, number if number is not None else 0))


def _reordered(before: list[Any], after: list[Any], path: Path) -> Iterator[Difference]:
    yield path, before, after


def same_items(before: list[Any], after: list[Any]) -> bool:
    """Whether two lists hold the same in another order."""
    return len(before) == len(after) and not _unpaired(before, after) and not _unpaired(after, before)


def _unpaired(items: list[Any], others: list[Any]) -> list[tuple[int, Any]]:
    """The items that have no partner in the other list, with their places."""
    rest = list(others)
    found = []
    for place, item in enumerate(items):
        match = next((index for index, other in enumerate(rest) if same(item, other)), None)
        if match is None:
            found.append((place, item))
        else:
            del rest[match]
    return found


def _names(before: list[Any], after: list[Any]) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Both lists by what names their items; None where nothing does."""
    for key in _KEYS:
        found = []
        for items in (before, after):
            named = {item[key]: item for item in items if isinstance(item, dict) and isinstance(item.get(key), str)}
            if len(named) != len(items):
                break
            found.append(named)
        else:
            return found[0], found[1]
    return None


def path_text(path: Path) -> str:
    """A path as people write it: `Tags[Owner].Value`, `KeySchema[0].AttributeName`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, (Named, int)) else f".{step}" if text else str(step)
    return text


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Every text in a value, with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from leaves(item, (*path, str(key)))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from leaves(item, (*path, place))


def renamed(value: Any, names: Mapping[str, str]) -> Any:
    """A value in which the symbols of stacks that are called differently have the new names."""
    if not names:
        return value
    if isinstance(value, str):
        text = str(value)
        for old, new in names.items():
            text = text.replace(f"<{old}#", f"<{new}#").replace(f"<stack {old}>", f"<stack {new}>")
        return value if text == value else text
    if isinstance(value, dict):
        return type(value)((key, renamed(item, names)) for key, item in value.items())
    return [renamed(item, names) for item in value] if isinstance(value, list) else value
