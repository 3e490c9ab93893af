"""The matrix of samgen's own spec: an axis for each option that the schema limits, and those of matrix.yaml.

The schema knows the choices of an option; it does not know what goes together with it. An axis of matrix.yaml with the
same name stands in for the one from the schema, so that an option that is added to the spec is covered at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from generator.regress.matrix import Matrix, load_matrix, written
from generator.spec.schema import fields_of

OWN = Path(__file__).with_name("matrix.yaml")

# Where a model's fields stand in a document of the matrix: in its first environment and its first function.
_PLACES: dict[str, Any] = {
    "Api": lambda part: {"api": part},
    "Environment": lambda part: {"environments": [{"name": "dev", **part}]},
    "Function": lambda part: {"functions": [{"name": "hello", **part}]},
    "Pipeline": lambda part: {"pipeline": part},
}


def own_matrix(further: Path | None = None) -> Matrix:
    """The matrix of the spec; a file's axes and fixed combinations are added, or stand in for those of the same name.

    Raises:
        InputError: the file is no matrix.
    """
    own = load_matrix(OWN)
    axes = {**dict(_from_schema()), **own.axes}
    if further is None:
        return Matrix(axes, own.base, own.exclude, own.fixed)
    added = load_matrix(further, axes)
    fixed = {combination.name: combination for combination in (*own.fixed, *added.fixed)}
    kept = [rule for rule in own.exclude if not set(rule) & set(added.axes)]
    return Matrix({**axes, **added.axes}, added.base or own.base, (*kept, *added.exclude), tuple(fixed.values()))


def _from_schema() -> Iterator[tuple[str, Mapping[str, Any]]]:
    for kind, place in _PLACES.items():
        for name, definition in fields_of(kind).items():
            values = _values(definition)
            if values:
                yield f"{kind.lower()}.{name}", {written(value): place({name: value}) for value in values}


def _values(definition: Mapping[str, Any]) -> list[Any]:
    """Every value of an enumeration, both of a flag, and of a number the least, the usual and the most."""
    if "enum" in definition:
        return list(definition["enum"])
    if definition.get("type") == "boolean":
        return [False, True]
    if definition.get("type") == "integer" and {"minimum", "maximum"} <= set(definition):
        values = [definition["minimum"], definition.get("default"), definition["maximum"]]
        return list(dict.fromkeys(value for value in values if value is not None))
    return []
