"""The few steps that every edit of a samgen.yaml is made of, and what they do to a plain document."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from generator.spec.problems import Path


@dataclass(frozen=True)
class Append:
    """One more item at the end of the list at a path; the list is made where its key is missing."""

    path: Path
    item: Any


@dataclass(frozen=True)
class Put:
    """A key that the mapping at a path does not have yet."""

    path: Path
    key: str
    value: Any


@dataclass(frozen=True)
class Replace:
    """Another name at a path."""

    path: Path
    value: str


@dataclass(frozen=True)
class Delete:
    """An item of the list at a path away.

    Attributes:
        keeps_key: whether an empty list means something else than none, so that `[]` stays of the last item.
    """

    path: Path
    place: int
    keeps_key: bool = False


Step = Append | Put | Replace | Delete


def applied(document: dict[str, Any], steps: Sequence[Step]) -> dict[str, Any]:
    """A copy of a plain document after the steps, one after the other."""
    changed = deepcopy(document)
    for step in steps:
        _apply(changed, step)
    return changed


def _apply(document: dict[str, Any], step: Step) -> None:
    parent = at(document, step.path[:-1])
    if isinstance(step, Append):
        parent.setdefault(step.path[-1], []).append(deepcopy(step.item))
    elif isinstance(step, Put):
        at(document, step.path)[step.key] = deepcopy(step.value)
    elif isinstance(step, Replace):
        parent[step.path[-1]] = step.value
    else:
        del parent[step.path[-1]][step.place]


def at(document: Any, path: Path) -> Any:
    """What stands at a path of a document."""
    for step in path:
        document = document[step]
    return document
