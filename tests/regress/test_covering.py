"""Covering arrays, for any matrix: every set of choices that goes together is there, and nothing that does not."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.errors import InputError
from generator.regress.covering import allows, completed, cover, coverage

Row = dict[str, str]


@dataclass(frozen=True)
class Case:
    """A matrix, and rows that it allows, in the order of all of them."""

    axes: dict[str, list[str]]
    exclude: list[Row]
    strength: int
    rows: list[Row]

    def sets(self, rows: Sequence[Mapping[str, str]]) -> set[tuple[tuple[str, str], ...]]:
        """The sets of choices that rows have."""
        return {
            tuple((axis, row[axis]) for axis in names)
            for row in rows
            for names in itertools.combinations(self.axes, self.strength)
        }


@st.composite
def cases(draw: st.DrawFn) -> Case:
    sizes = draw(st.lists(st.integers(1, 4), min_size=1, max_size=5))
    # A dot in a name is not a path, and names of choices may be those of another axis.
    axes = {f"axis.{n}": [f"c{c}" for c in range(size)] for n, size in enumerate(sizes)}
    rule = st.lists(st.sampled_from(sorted(axes)), min_size=min(2, len(axes)), max_size=3, unique=True)
    exclude = [
        {axis: draw(st.sampled_from(axes[axis])) for axis in names} for names in draw(st.lists(rule, max_size=5))
    ]
    every = [dict(zip(axes, choices, strict=True)) for choices in itertools.product(*axes.values())]
    strength = draw(st.integers(1, min(4, len(axes))))
    return Case(axes, exclude, strength, [row for row in every if allows(row, exclude)])


@settings(max_examples=150, deadline=None)
@given(cases(), st.data())
def test_all_that_goes_together_is_covered_and_nothing_else(case: Case, data: st.DataObject) -> None:
    if not case.rows:
        with pytest.raises(InputError, match="excludes everything"):
            cover(case.axes, case.exclude, case.strength, [])
        return
    known = data.draw(st.lists(st.sampled_from(case.rows), max_size=4))
    found = cover(case.axes, case.exclude, case.strength, known)

    assert all(row in case.rows for row in found)
    assert case.sets(found) == case.sets(case.rows)
    # Those of the snapshots stay, the same input gives the same rows, and what covers all is not made anew.
    assert all(row in found for row in known)
    assert cover(case.axes, case.exclude, case.strength, known) == found
    assert cover(case.axes, case.exclude, case.strength, found) == found


@settings(max_examples=60, deadline=None)
@given(cases(), st.data())
def test_what_is_missing_is_what_another_row_could_have(case: Case, data: st.DataObject) -> None:
    some = data.draw(st.lists(st.sampled_from(case.rows), max_size=4)) if case.rows else []
    covered, missing = coverage(case.axes, case.exclude, case.strength, some)

    assert covered == len(case.sets(some))
    assert {tuple(chosen.items()) for chosen in missing} == case.sets(case.rows) - case.sets(some)
    for chosen in missing:
        assert completed(chosen, case.axes, case.exclude) in case.rows


def test_what_is_no_row_of_the_matrix_any_more_is_left_out() -> None:
    axes = {"a": ["1", "2"], "b": ["1", "2"]}
    known = [{"a": "1", "b": "1"}, {"a": "3", "b": "1"}, {"a": "1"}, {"a": "1", "b": "2", "c": "1"}]
    found = cover(axes, [{"a": "2", "b": "2"}], 2, [*known, {"b": "2", "a": "2"}])

    assert found == [{"a": "1", "b": "1"}, {"a": "1", "b": "2"}, {"a": "2", "b": "1"}]
