"""Without samconfig.toml every allowed value is looked at; loops of the language extensions are written out."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from generator.checks.run import read_case
from generator.project.evaluate import NO_VALUE, UNKNOWN, Partial, Scope, Symbol, is_known

LOOP = """
    Transform: AWS::LanguageExtensions
    Parameters: {Names: {Type: CommaDelimitedList, Default: "orders,mail-box"}}
    Resources:
      Fn::ForEach::Topics:
        - Name
        - !Ref Names
        - "Topic&{Name}":
            Type: AWS::SNS::Topic
            Properties:
              TopicName: !Ref Name
              DisplayName: !Sub "to-${Name}"
    Outputs:
      Fn::ForEach::Outputs:
        - Name
        - [a]
        - "${Name}": {Value: {"Fn::ToJsonString": {k: !Ref Name}}}
"""


def write(folder: Path, text: str) -> Path:
    (folder / "template.yaml").write_text(dedent(text), encoding="utf-8")
    return folder


def parameters(*counts: int) -> str:
    lines = [f"  P{n}: {{Type: String, AllowedValues: {list(range(count))}}}" for n, count in enumerate(counts)]
    return "Parameters:\n" + "\n".join(lines) + "\nResources: {Topic: {Type: AWS::SNS::Topic}}\n"


@pytest.mark.parametrize(
    ("counts", "environments"),
    [((3,), 4), ((2, 3), 7), ((4, 4), 17), ((3, 6), 7), ((2,) * 20, 3), ((40,), 17)],
)
def test_every_allowed_value_is_looked_at_up_to_a_limit(
    tmp_path: Path, counts: tuple[int, ...], environments: int
) -> None:
    deployments = read_case(write(tmp_path, parameters(*counts))).deployments
    assert len(deployments) == environments
    for number, count in enumerate(counts):
        seen = {d.environment.parameters.get(f"P{number}") for d in deployments} - {None}
        assert len(seen) == min(count, 16)


def test_a_loop_over_a_known_list_is_written_out(tmp_path: Path) -> None:
    (deployment,) = read_case(write(tmp_path, LOOP)).deployments
    topics = list(deployment.of_type("AWS::SNS::Topic"))
    assert [(t.logical_id, t.name, t.get("DisplayName")) for t in topics] == [
        ("Topicorders", "orders", "to-orders"),
        ("Topicmailbox", "mail-box", "to-mail-box"),
    ]
    assert topics[0].place() == ("template.yaml", 5, 3)
    assert deployment.stacks[0].outputs == {"a": '{"k":"a"}'}


@pytest.mark.parametrize("names", ["[1, {}]", "!Ref Nothing", "x", "[Name, [a]]"])
def test_a_loop_over_an_unknown_list_is_nothing(tmp_path: Path, names: str) -> None:
    text = LOOP.replace("!Ref Names", names)
    assert list(read_case(write(tmp_path, text)).of_type("AWS::SNS::Topic")) == []


def test_loops_that_multiply_end(tmp_path: Path) -> None:
    text = "Transform: AWS::LanguageExtensions\nResources:\n"
    for level in range(9):
        text += "  " * (level + 1) + f"Fn::ForEach::L{level}: [A{level}, {list(range(10))}, {{\n"
    text += '"R${A0}": {Type: "AWS::SNS::Topic"}' + "}]" * 9 + "\n"
    assert len(read_case(write(tmp_path, text)).deployments) == 1


def evaluate(value: Any) -> Any:
    return Scope("s", {"Secret": UNKNOWN, "Ids": ["a", "b"]}, {"Resources": {"T": {}}}).evaluate(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Fn::Cidr": ["10.0.0.0/16", 2, 8]}, ["10.0.0.0/24", "10.0.1.0/24"]),
        ({"Fn::Cidr": ["10.0.0.0/16", "2", "5"]}, ["10.0.0.0/27", "10.0.0.32/27"]),
        ({"Fn::Cidr": ["2001:db8::/56", 1, 64]}, ["2001:db8::/64"]),
        ({"Fn::Length": {"Ref": "Ids"}}, 2),
        ({"Fn::ToJsonString": {"a": [1, True, {"Ref": "T"}]}}, '{"a":[1,true,"<s#T>"]}'),
    ],
)
def test_what_the_newer_functions_give(value: Any, expected: Any) -> None:
    assert evaluate(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        {"Fn::Cidr": ["10.0.0.0/16", 2, 17]},
        {"Fn::Cidr": ["10.0.0.0/16", 10**9, 8]},
        {"Fn::Cidr": ["10.0.0.0/30", 200, 1]},
        {"Fn::Cidr": [{"Ref": "Secret"}, 2, 8]},
        {"Fn::Cidr": ["x", 2]},
        {"Fn::Cidr": []},
        {"Fn::Cidr": None},
        {"Fn::Select": [0, {"Fn::GetAZs": {"Ref": "AWS::Region"}}]},
        {"Fn::Length": "x"},
        {"Fn::ToJsonString": {"a": {"Ref": "Secret"}}},
        {"Fn::ToJsonString": "x"},
        {"Fn::ForEach::X": ["A", {"Ref": "Secret"}, {}]},
        {"Fn::FindInMap": [[], {}, None]},
        {"Fn::FindInMap": [{}, "a", "b"]},
    ],
)
def test_what_they_cannot_give_is_unknown(value: Any) -> None:
    assert not is_known(evaluate(value))


def test_a_mapping_with_a_loop_in_it_is_known_in_part() -> None:
    found = evaluate({"a": 1, "Fn::ForEach::X": ["A", {"Ref": "Secret"}, {}]})
    assert isinstance(found, Partial)
    assert (found["a"], found.get("a"), found["b"], found.get("b")) == (1, 1, UNKNOWN, UNKNOWN)


@pytest.mark.parametrize("value", [UNKNOWN, NO_VALUE, Symbol("s", "Table", "Arn"), Partial({"a": UNKNOWN})])
def test_values_can_be_copied_and_sent(value: Any) -> None:
    for again in (copy.copy(value), copy.deepcopy(value), pickle.loads(pickle.dumps(value))):  # noqa: S301
        assert again == value
        assert type(again) is type(value)
        if value is UNKNOWN or value is NO_VALUE:
            assert again is value
    symbol = copy.deepcopy(Symbol("s", "Table", "Arn"))
    assert (symbol.stack, symbol.logical_id, symbol.attribute) == ("s", "Table", "Arn")


def test_conditions_chained_without_end_are_unknown() -> None:
    conditions: dict[str, Any] = {f"C{n}": {"Fn::Not": [{"Condition": f"C{n + 1}"}]} for n in range(5000)}
    conditions["C5000"] = {"Fn::Equals": ["a", "a"]}
    scope = Scope("s", {}, {"Conditions": conditions})
    assert scope.condition("C5000") is True
    assert scope.condition("C4999") is False
    assert scope.condition("C0") is None


def test_functions_nested_without_end_are_unknown() -> None:
    value: Any = "x"
    for _ in range(50_000):
        value = {"Fn::Join": ["", [value]]}
    assert not is_known(evaluate(value))
