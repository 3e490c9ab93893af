"""Patterns of EventBridge rules: what EventBridge takes passes, anything else is refused with its field."""

from __future__ import annotations

from typing import Any

import pytest
from spec_documents import accepted, refused, with_triggers

GOOD: list[dict[str, Any]] = [
    {"source": ["shop"]},
    {"source": ["a", "b"], "detail-type": ["x: # y"], "detail": {"deep": {"er": [1, True, None, 1.5]}}},
    {"detail": {"name": [{"prefix": "a"}, {"suffix": {"equals-ignore-case": ".PNG"}}, {"wildcard": "a*b"}]}},
    {"detail": {"kind": [{"anything-but": ["a", "b"]}, {"anything-but": {"prefix": "x"}}, {"anything-but": 5}]}},
    {"detail": {"size": [{"numeric": [">", 0, "<=", 5]}], "ip": [{"cidr": "10.0.0.0/24"}], "no": [{"exists": False}]}},
    {"$or": [{"source": ["a"]}, {"detail": {"b": [1]}}]},
]
BAD: dict[str, tuple[Any, str]] = {
    "nothing": ({}, "must have at least 1 item"),
    "no list": ({"source": "shop"}, "has to hold a list"),
    "an empty list": ({"source": []}, "has to hold a list"),
    "an empty field": ({"detail": {}}, "has to hold a list"),
    "a list in a list": ({"source": [["a"]]}, "matches values, not lists"),
    "an unknown operator": ({"source": [{"like": "a"}]}, "has no operator 'like'; choose from prefix"),
    "two operators": ({"source": [{"prefix": "a", "suffix": "b"}]}, "has one operator"),
    "no operator": ({"source": [{}]}, "has one operator"),
    "a prefix of numbers": ({"source": [{"prefix": 5}]}, "prefix of 'source' cannot be used with '5'"),
    "half a range": ({"detail": {"n": [{"numeric": [">"]}]}}, "numeric of 'n'"),
    "a sign that is none": ({"detail": {"n": [{"numeric": ["~", 1]}]}}, "numeric of 'n'"),
    "exists that is no truth": ({"detail": {"n": [{"exists": "yes"}]}}, "exists of 'n'"),
    "one alternative": ({"$or": [{"source": ["a"]}]}, "two or more patterns"),
    "an operator as a field": ({"$and": [1]}, "an event has no field '$and'"),
    "a substitution": ({"source": ["${AWS::Region}"]}, "looks like one of CloudFormation's variables"),
    "a dynamic reference": ({"source": [{"prefix": "{{resolve:ssm:x}}"}]}, "{{resolve:"),
    "too long": ({"source": ["x" * 2_100]}, "more than 2,048 characters"),
}


@pytest.mark.parametrize("pattern", GOOD)
def test_a_pattern_that_eventbridge_takes(pattern: dict[str, Any]) -> None:
    spec = accepted(with_triggers({"type": "eventbridge", "pattern": pattern}))
    (trigger,) = spec.functions[0].triggers
    assert trigger.type == "eventbridge"
    assert trigger.pattern == pattern


@pytest.mark.parametrize("name", BAD)
def test_a_pattern_that_it_does_not_take(name: str) -> None:
    pattern, says = BAD[name]
    problems = refused(with_triggers({"type": "eventbridge", "pattern": pattern}))
    assert list(problems) == ["functions[0].triggers[0].pattern"]
    assert says in problems["functions[0].triggers[0].pattern"]
