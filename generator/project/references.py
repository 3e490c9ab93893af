"""Where a template's data refers to something by name: Ref, GetAtt, Sub and DependsOn."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

# `${Name}` and `${Name.Attribute}`, but not the literal `${!Name}`.
_PLACEHOLDER = re.compile(r"\$\{\s*([^!{}\s][^{}]*?)\s*\}")
_PAIR = 2


@dataclass(frozen=True)
class Reference:
    """One reference.

    Attributes:
        path: where it stands, as a path into the template's data.
        target: the logical id, parameter or pseudo parameter that is meant.
        attribute: what is read of it (`Arn`, `Outputs.TableName`); empty for the thing itself.
        text: what to look for in the source to find its exact line; empty where the path suffices.
    """

    path: tuple[Any, ...]
    target: str
    attribute: str = ""
    text: str = ""


def references(value: Any, path: tuple[Any, ...] = ()) -> Iterator[Reference]:
    """Every reference within `value`, which stands at `path`; DependsOn counts only in a resource."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from references(item, (*path, index))
    elif isinstance(value, dict):
        for key, item in value.items():
            here = (*path, key)
            if key == "Ref" and isinstance(item, str):
                yield Reference(here, item)
            elif key == "Fn::GetAtt" and _is_getatt(item):
                yield Reference(here, item[0], ".".join(str(part) for part in item[1:]))
            elif key == "Fn::Sub":
                yield from _substitutions(item, here)
            elif key == "DependsOn" and len(path) == _PAIR and path[0] == "Resources":
                yield from _dependencies(item, here)
            else:
                yield from references(item, here)


def _is_getatt(item: Any) -> bool:
    # The attribute itself may be computed ({"Ref": …}); then only the target is known.
    return isinstance(item, list) and len(item) >= _PAIR and isinstance(item[0], str)


def _substitutions(item: Any, path: tuple[Any, ...]) -> Iterator[Reference]:
    local: dict[str, Any] = {}
    text, text_path = item, path
    if isinstance(item, list) and len(item) == _PAIR:
        text, text_path = item[0], (*path, 0)
        if isinstance(item[1], dict):
            local = item[1]
            yield from references(local, (*path, 1))
    if not isinstance(text, str):
        return
    for match in _PLACEHOLDER.finditer(text):
        if match[1] not in local:
            target, _, attribute = match[1].partition(".")
            yield Reference(text_path, target, attribute, match[0])


def _dependencies(item: Any, path: tuple[Any, ...]) -> Iterator[Reference]:
    if isinstance(item, str):
        yield Reference(path, item)
    elif isinstance(item, list):
        for index, name in enumerate(item):
            if isinstance(name, str):
                yield Reference((*path, index), name)
