"""The matrix: what it covers, what it leaves out, and what is no matrix."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.errors import InputError
from generator.regress.axes import own_matrix
from generator.regress.matrix import Matrix, load_matrix, put_together, uncovered
from generator.spec.load import spec_from
from generator.spec.schema import fields_of

AXES: dict[str, dict[str, Any]] = {
    "color": {"red": {}, "green": {"color": "g"}, "blue": {"color": "b"}},
    "size": {"small": {}, "large": {"size": 9}},
    "shape.of.it": {"round": {}, "square": {"list": [{"name": "a", "x": 1}]}, "long": {"list": [{"name": "b"}]}},
}


def written(folder: Path, text: str) -> Path:
    path = folder / "matrix.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("strength", [1, 2, 3])
def test_every_set_of_choices_is_there(strength: int) -> None:
    matrix = Matrix(AXES)
    found = matrix.combinations(strength)

    assert uncovered(matrix, found, strength) == []
    assert {1: 3, 2: 9, 3: 18}[strength] <= len(found) <= {1: 3, 2: 12, 3: 18}[strength]
    assert found == matrix.combinations(strength)
    assert len({combination.name for combination in found}) == len(found)


def test_choices_are_put_together_by_meaning() -> None:
    document = put_together(
        {"api": {"a": 1}, "functions": [{"name": "x", "timeout": 1}], "cidrs": [1]},
        {"api": {"b": 2}, "functions": [{"name": "x", "memory": 2}, {"name": "y"}], "cidrs": [2], "new": {}},
    )

    assert document == {
        "api": {"a": 1, "b": 2},
        "functions": [{"name": "x", "timeout": 1, "memory": 2}, {"name": "y"}],
        "cidrs": [1, 2],
        "new": {},
    }


def test_every_combination_of_the_spec_is_a_spec() -> None:
    combinations = own_matrix().combinations()
    before = [json.dumps(combination.document) for combination in combinations]
    for combination in combinations:
        spec_from(dict(combination.document), combination.name)

    # They share pieces, which therefore nobody may change.
    assert [json.dumps(combination.document) for combination in combinations] == before


@pytest.mark.parametrize("kind", ["Api", "Environment", "Function", "Pipeline"])
def test_every_option_with_a_few_values_is_an_axis(kind: str) -> None:
    """One that is added to the spec is covered at once, or says in matrix.yaml what goes with it."""
    axes = own_matrix().axes
    few = {name for name, field in fields_of(kind).items() if "enum" in field or field.get("type") == "boolean"}

    assert {f"{kind.lower()}.{name}" for name in few} <= set(axes)


def test_a_file_adds_to_the_spec_and_stands_in_for_it(tmp_path: Path) -> None:
    text = """
        axes:
          api.health: {always: {}}
          mine: {one: {}, two: {service: {owner: me}}}
        fixed:
          small: {service: {name: small}}
    """
    matrix = own_matrix(written(tmp_path, text))

    assert list(matrix.axes["api.health"]) == ["always"]
    assert list(matrix.axes["mine"]) == ["one", "two"]
    assert [combination.name for combination in matrix.combinations(1)][:1] == ["small"]


def test_a_file_excludes_choices_of_the_spec(tmp_path: Path) -> None:
    text = "axes: {mine: {one: {}, two: {}}}\nexclude: [{mine: two, api.api_key: true}, {mine: one, route: none}]"
    found = own_matrix(written(tmp_path, text)).combinations(1)

    assert {c.choices["api.api_key"] for c in found if c.choices["mine"] == "two"} == {"false"}
    assert {c.choices["mine"] for c in found if c.choices["route"] == "none"} == {"two"}


def test_values_are_read_as_in_samgen_yaml(tmp_path: Path) -> None:
    text = "base: {a: yes, b: 012345678901, c: 2020-01-01, d: 12:30:45, e: true, f: 7, g: 1.5, h: null, i: 1e3}"

    base = load_matrix(written(tmp_path, text)).base
    assert list(base.values()) == ["yes", "012345678901", "2020-01-01", "12:30:45", True, 7, 1.5, None, "1e3"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is not a mapping"),
        ("- 1", "is not a mapping"),
        ("axes: [1]", "axes is not a mapping"),
        ("axes: {a: 1}", "axes.a is not a mapping of choices"),
        ("axes: {a: {}}", "axes.a is not a mapping of choices"),
        ("axes: {a: {b: 1}}", "axes.a.b is not a mapping"),
        ("axis: {}", "'axis' is no part of a matrix"),
        ("exclude: {a: b}", "exclude is not a list"),
        ("exclude: [{a: b, c: d}]", "exclude names a: b"),
        ("fixed: {a: 1}", "fixed.a is neither"),
        ("fixed: {a: nowhere.yaml}", "nowhere.yaml is no file"),
        ("a: [", "not valid YAML"),
        ("a: &a {}\nb: *a", "aliases are not taken here"),
        ("a: !!python/object:os.system {}", "not valid YAML"),
        ("\x00", "not valid YAML"),
    ],
)
def test_what_is_no_matrix_is_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        load_matrix(written(tmp_path, text))

    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_matrix_of_a_generated_file_reads_back(tmp_path: Path) -> None:
    path = written(tmp_path, yaml.safe_dump({"axes": AXES, "exclude": [{"color": "red", "size": "large"}]}))
    matrix = load_matrix(path)

    assert matrix.axes == AXES
    assert all(c.choices["size"] == "small" for c in matrix.combinations() if c.choices["color"] == "red")
