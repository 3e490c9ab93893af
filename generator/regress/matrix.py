"""The matrix: axes of choices, and as few combinations of them as cover every pair (or triple) of choices.

A matrix file is YAML:

    base: {service: {name: matrix}}          # what every combination has
    axes:
      authorization:                         # an axis, and what each of its choices adds
        iam: {}
        cognito: {api: {authorization: cognito}}
    exclude:                                 # what does not go together
      - {authorization: cognito, endpoint: private}
    fixed:                                   # combinations of their own: a document, or the path of a spec
      orders: examples/orders/samgen.yaml

What choices add is put together by meaning: mappings by key, lists of named things by name, other lists end to end.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generator.errors import InputError
from generator.regress.covering import cover, coverage
from generator.regress.document import read_document
from generator.staging import printable

_KEYS = {"base", "axes", "exclude", "fixed"}
_SHORT = 8

Choices = Mapping[str, str]
"""The choice of each axis."""


@dataclass(frozen=True)
class Combination:
    """One thing to render.

    Attributes:
        name: what reports and snapshots call it; the same as long as its choices are the same.
        document: the spec, or a cookiecutter template's answers; to be read, as combinations share pieces of it.
        choices: the choice of each axis; empty for a fixed combination.
        folder: where files are that the document names.
    """

    name: str
    document: Mapping[str, Any]
    choices: Choices = field(default_factory=dict)
    folder: Path = Path()


@dataclass(frozen=True)
class Matrix:
    """What is to be covered.

    Attributes:
        axes: the axes, and what each choice of them adds to the document.
        base: what every combination has.
        exclude: choices that do not go together.
        fixed: combinations of their own, in their order.
    """

    axes: Mapping[str, Mapping[str, Any]]
    base: Mapping[str, Any] = field(default_factory=dict)
    exclude: Sequence[Choices] = ()
    fixed: Sequence[Combination] = ()

    @property
    def choices(self) -> dict[str, list[str]]:
        """The choices of each axis."""
        return {axis: list(choices) for axis, choices in self.axes.items()}

    def combinations(self, strength: int = 2, known: Sequence[Choices] = ()) -> list[Combination]:
        """The fixed ones, then as few as cover every allowed set of `strength` choices; always the same.

        Args:
            strength: how many choices at a time.
            known: combinations that are kept as long as the matrix has them.

        Raises:
            InputError: the matrix has fewer axes than that, or nothing is left to choose.
        """
        rows = cover(self.choices, self.exclude, strength, known)
        return [*self.fixed, *(self._combine(row) for row in rows)]

    def _combine(self, row: Choices) -> Combination:
        document: Any = dict(self.base)
        for axis, choice in row.items():
            document = put_together(document, self.axes[axis][choice] or {})
        return Combination(_name_of(row), document, dict(row))


def load_matrix(path: Path, others: Mapping[str, Mapping[str, Any]] | None = None) -> Matrix:
    """Read a matrix file.

    Args:
        path: the file.
        others: axes that are there beside those of the file, which it may exclude choices of.

    Raises:
        InputError: it cannot be read, or is not a matrix; the message says where.
    """
    data = read_document(path)
    if unknown := sorted(set(map(str, data)) - _KEYS):
        raise InputError(f"{path}: {unknown[0]!r} is no part of a matrix; it has {', '.join(sorted(_KEYS))}.")
    axes = _mapping(data, "axes", path)
    for axis, choices in axes.items():
        if not isinstance(choices, dict) or not choices:
            raise InputError(f"{path}: axes.{axis} is not a mapping of choices to what each adds.")
        for choice, part in choices.items():
            if not isinstance(part, (dict, type(None))):
                raise InputError(f"{path}: axes.{axis}.{choice} is not a mapping.")
    named = {
        _name(axis, path): {_name(choice, path): part or {} for choice, part in choices.items()}
        for axis, choices in axes.items()
    }
    fixed = [_fixed(_name(name, path), entry, path) for name, entry in _mapping(data, "fixed", path).items()]
    return Matrix(
        named, _mapping(data, "base", path), tuple(_excluded(data, {**(others or {}), **named}, path)), tuple(fixed)
    )


def put_together(one: Any, other: Any) -> Any:
    """Two parts of a document as one: the second wins where both say something of the same thing.

    What only one of them has is not copied: a matrix has many combinations, of which each is a little different.
    """
    if isinstance(one, dict) and isinstance(other, dict):
        merged = dict(one)
        for key, value in other.items():
            merged[key] = put_together(one[key], value) if key in one else value
        return merged
    if isinstance(one, list) and isinstance(other, list):
        return _listed(one, other)
    return other


def _listed(one: list[Any], other: list[Any]) -> list[Any]:
    merged = list(one)
    for item in other:
        name = item.get("name") if isinstance(item, dict) else None
        for index, known in enumerate(merged):
            if name is not None and isinstance(known, dict) and known.get("name") == name:
                merged[index] = put_together(known, item)
                break
        else:
            merged.append(item)
    return merged


def uncovered(matrix: Matrix, found: Sequence[Combination], strength: int = 2) -> list[Choices]:
    """The allowed sets of choices that no combination has; to test the array itself."""
    return coverage_of(matrix, found, strength).missing


def coverage_of(matrix: Matrix, found: Sequence[Combination], strength: int) -> Coverage:
    """What combinations cover of a matrix."""
    rows = [combination.choices for combination in found if combination.choices]
    return Coverage(matrix.choices, strength, *coverage(matrix.choices, matrix.exclude, strength, rows))


@dataclass(frozen=True)
class Coverage:
    """What combinations cover of a matrix.

    Attributes:
        axes: the choices of each axis.
        strength: how many choices at a time.
        covered: how many sets of so many choices some combination has.
        missing: the allowed ones that none has.
    """

    axes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    strength: int = 2
    covered: int = 0
    missing: list[Choices] = field(default_factory=list)


def _name_of(row: Choices) -> str:
    text = json.dumps(row, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:_SHORT]


def _mapping(data: Mapping[str, Any], key: str, path: Path) -> dict[str, Any]:
    value = data.get(key) or {}
    if not isinstance(value, dict):
        raise InputError(f"{path}: {key} is not a mapping.")
    return value


def written(value: Any) -> str:
    """A value as YAML writes it, which is what a choice is called after: `true`, not `True`."""
    return json.dumps(value) if isinstance(value, (bool, type(None))) else str(value)


def _name(value: Any, path: Path) -> str:
    """What something of the matrix is called; reports, terminals and files show it as it is."""
    name = written(value)
    if not name.strip() or not name.isprintable():
        raise InputError(f"{path}: {name[:50]!a} is no name: it is empty, or has characters that cannot be shown.")
    return name


def _excluded(data: Mapping[str, Any], axes: Mapping[str, Mapping[str, Any]], path: Path) -> Iterator[Choices]:
    rules = data.get("exclude") or []
    if not isinstance(rules, list) or not all(isinstance(rule, dict) and len(rule) > 1 for rule in rules):
        raise InputError(f"{path}: exclude is not a list of mappings of two or more axes to choices.")
    for rule in rules:
        named = {written(axis): written(choice) for axis, choice in rule.items()}
        for axis, choice in named.items():
            if choice not in axes.get(axis, {}):
                raise InputError(
                    f"{path}: exclude names {printable(axis)}: {printable(choice)}, which is no choice of the matrix."
                )
        yield named


def _fixed(name: str, entry: Any, path: Path) -> Combination:
    if isinstance(entry, str):
        file = path.parent / entry
        return Combination(name, read_document(file), folder=file.parent)
    if not isinstance(entry, dict):
        raise InputError(f"{path}: fixed.{name} is neither a document nor the path of one.")
    return Combination(name, entry, folder=path.parent)
