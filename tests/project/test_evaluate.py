"""Intrinsics evaluated: what is known, what stands for itself, and what nobody can know."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.project.evaluate import NO_VALUE, UNKNOWN, Scope, Symbol, is_known

TEMPLATE: dict[str, Any] = {
    "Mappings": {"Sizes": {"prod": {"Memory": 512}, "dev": {"Memory": 128}}},
    "Conditions": {
        "IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
        "IsDev": {"Fn::Not": [{"Condition": "IsProd"}]},
        "Either": {"Fn::Or": [{"Condition": "IsProd"}, {"Condition": "IsDev"}]},
        "Both": {"Fn::And": [{"Condition": "IsProd"}, {"Condition": "IsDev"}]},
        "Nobody": {"Fn::Equals": [{"Ref": "Secret"}, "x"]},
        "Circle": {"Condition": "Circle"},
    },
    "Resources": {"Table": {"Type": "AWS::DynamoDB::Table"}},
}
VALUES = {"Stage": "prod", "Secret": UNKNOWN, "Ids": ["a", "b"], "AWS::Region": "eu-west-1"}
TABLE = Symbol("s", "Table")


def evaluate(value: Any, imports: dict[str, Any] | None = None) -> Any:
    return Scope("s", VALUES, TEMPLATE, imports=imports).evaluate(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Ref": "Stage"}, "prod"),
        ({"Ref": "Ids"}, ["a", "b"]),
        ({"Ref": "Table"}, "<s#Table>"),
        ({"Fn::GetAtt": ["Table", "Arn"]}, "<s#Table.Arn>"),
        ({"Fn::GetAtt": "Table.Stream.Arn"}, "<s#Table.Stream.Arn>"),
        ({"Fn::Sub": "${Stage}-${AWS::Region}-${!Stage}"}, "prod-eu-west-1-${Stage}"),
        ({"Fn::Sub": ["${A}/${Table.Arn}", {"A": {"Ref": "Stage"}}]}, "prod/<s#Table.Arn>"),
        ({"Fn::Join": ["-", ["a", {"Ref": "Stage"}, 1, True]]}, "a-prod-1-true"),
        ({"Fn::Select": [1, {"Ref": "Ids"}]}, "b"),
        ({"Fn::Select": ["0", {"Fn::Split": [",", "x,y"]}]}, "x"),
        ({"Fn::FindInMap": ["Sizes", {"Ref": "Stage"}, "Memory"]}, 512),
        ({"Fn::If": ["IsProd", 1, 2]}, 1),
        ({"Fn::If": ["IsDev", 1, {"Ref": "Stage"}]}, "prod"),
        ({"Fn::If": ["Nobody", "same", "same"]}, "same"),
        ({"Fn::ImportValue": "shared"}, "value"),
        ({"a": {"Ref": "AWS::NoValue"}, "b": [{"Fn::If": ["IsDev", 1, {"Ref": "AWS::NoValue"}]}, 2]}, {"b": [2]}),
        ({"Fn::Base64": "x"}, "x"),
        ({"Ref": "Stage", "Other": 1}, {"Ref": "Stage", "Other": 1}),
    ],
)
def test_what_is_known(value: Any, expected: Any) -> None:
    assert evaluate(value, {"shared": "value"}) == expected


@pytest.mark.parametrize(
    "value",
    [
        {"Ref": "Secret"},
        {"Ref": "Nothing"},
        {"Fn::GetAtt": ["Nothing", "Arn"]},
        {"Fn::GetAtt": 5},
        {"Fn::If": ["Nobody", 1, 2]},
        {"Fn::If": ["IsProd"]},
        {"Fn::Select": [7, ["a"]]},
        {"Fn::Select": ["x", ["a"]]},
        {"Fn::Split": [",", {"Ref": "Secret"}]},
        {"Fn::FindInMap": ["Sizes", "test", "Memory"]},
        {"Fn::ImportValue": "other"},
        {"Fn::Transform": {"Name": "AWS::Include"}},
        {"Fn::Sub": 5},
        {"Fn::Join": "x"},
        {"Fn::GetAZs": ""},
    ],
)
def test_what_nobody_knows(value: Any) -> None:
    assert evaluate(value) is UNKNOWN


def test_a_text_around_something_unknown_is_not_known() -> None:
    assert not is_known(evaluate({"Fn::Sub": "arn:${Secret}:x"}))
    assert is_known(evaluate({"Fn::Sub": "${Table.Arn}/*"}))


def test_a_symbol_alone_stays_one() -> None:
    for value in ({"Ref": "Table"}, {"Fn::Sub": "${Table}"}):
        found = evaluate(value)
        assert isinstance(found, Symbol)
        assert (found.stack, found.logical_id, found.attribute) == ("s", "Table", "")
    assert evaluate({"Ref": "Table"}) == TABLE


def test_unknown_equals_nothing() -> None:
    assert (
        Scope("s", VALUES, {"Conditions": {"X": {"Fn::Equals": [{"Ref": "Secret"}, {"Ref": "Secret"}]}}}).condition("X")
        is None
    )


@pytest.mark.parametrize(
    ("name", "holds"),
    [
        ("IsProd", True),
        ("IsDev", False),
        ("Either", True),
        ("Both", False),
        ("Nobody", None),
        ("Circle", None),
        ("No", None),
    ],
)
def test_conditions(name: str, holds: bool | None) -> None:
    assert Scope("s", VALUES, TEMPLATE).condition(name) is holds


NAMES = st.sampled_from(["Stage", "Table", "Secret", "Ids", "IsProd", "Nobody", "AWS::NoValue", "Sizes", "x"])
KEYS = st.sampled_from(
    [
        "Ref",
        "Condition",
        "Other",
        *(f"Fn::{n}" for n in ("If", "Sub", "Join", "Select", "Split", "Equals", "Not", "And")),
    ]
)
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | NAMES | st.just("${Stage}-${Table.Arn}${"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=2),
    max_leaves=12,
)


@given(ANYTHING)
def test_anything_is_evaluated(value: Any) -> None:
    found = evaluate(value)
    assert found is NO_VALUE or isinstance(is_known(found), bool)


def test_what_is_nested_without_end_is_unknown() -> None:
    value: Any = "x"
    for _ in range(5_000):
        value = [value]
    assert not is_known(evaluate(value))
