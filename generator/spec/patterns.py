"""The pattern of an EventBridge rule: what of it EventBridge would take.

Standard library only, as the hooks call it where pydantic is not installed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from generator.spec.names import check_text, shown

_LIMIT = 2_048
_DEPTH = 20
_NUMBERS = {"<", "<=", "=", ">", ">="}


def check_pattern(value: dict[str, object]) -> dict[str, object]:
    """Return a pattern whose leaves are lists of what they match; ValueError says where another is not.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
    """
    if len(json.dumps(value)) > _LIMIT:
        raise ValueError(f"the pattern has more than {_LIMIT:,} characters, which is EventBridge's limit")
    _check_fields(value, 0)
    return value


def _check_fields(fields: dict[str, object], depth: int) -> None:
    if depth > _DEPTH:
        raise ValueError("the pattern is nested too deeply")
    for key, inner in fields.items():
        check_text(key)
        if key == "$or":
            _check_alternatives(inner, depth)
        elif key.startswith("$") or not key:
            raise ValueError(f"an event has no field {shown(key)}")
        elif isinstance(inner, dict) and inner:
            _check_fields(inner, depth + 1)
        elif isinstance(inner, list) and inner:
            for wanted in inner:
                _check_wanted(wanted, key)
        else:
            raise ValueError(f"{shown(key)} has to hold a list of what it matches: {key[:30]}: [value]")


def _check_alternatives(value: object, depth: int) -> None:
    if not isinstance(value, list) or len(value) < 2 or not all(isinstance(item, dict) and item for item in value):  # noqa: PLR2004
        raise ValueError("$or has to hold a list of two or more patterns")
    for item in value:
        _check_fields(item, depth + 1)


def _check_wanted(wanted: object, key: str) -> None:
    """A value that is matched as it is, or one of EventBridge's comparisons."""
    if isinstance(wanted, str):
        check_text(wanted, _LIMIT)
    elif isinstance(wanted, dict):
        _check_comparison(wanted, key)
    elif isinstance(wanted, list):
        raise ValueError(f"{shown(key)} matches values, not lists: write them beside each other")


def _check_comparison(wanted: dict[str, object], key: str) -> None:
    if len(wanted) != 1:
        raise ValueError(f"a comparison of {shown(key)} has one operator, such as prefix: value")
    ((operator, operand),) = wanted.items()
    check = _OPERATORS.get(operator)
    if check is None:
        raise ValueError(f"EventBridge has no operator {shown(operator)}; choose from {', '.join(_OPERATORS)}")
    if not check(operand):
        raise ValueError(f"the operator {operator} of {shown(key)} cannot be used with {shown(operand)}")


def _is_text(operand: object) -> bool:
    return isinstance(operand, str) and bool(operand) and bool(check_text(operand, _LIMIT))


def _is_text_or_case(operand: object) -> bool:
    inner = operand.get("equals-ignore-case") if isinstance(operand, dict) and len(operand) == 1 else operand
    return _is_text(inner)


def _is_unwanted(operand: object) -> bool:
    """One value, several of a kind, or a comparison of texts."""
    if isinstance(operand, dict):
        allowed = {"prefix", "suffix", "equals-ignore-case", "wildcard"}
        return len(operand) == 1 and set(operand) <= allowed and all(map(_is_texts, operand.values()))
    return _is_texts(operand) or _is_number(operand) or _is_list_of(operand, _is_number)


def _is_texts(operand: object) -> bool:
    return _is_text(operand) or _is_list_of(operand, _is_text)


def _is_list_of(operand: object, check: Callable[[object], bool]) -> bool:
    return isinstance(operand, list) and bool(operand) and all(check(item) for item in operand)


def _is_number(operand: object) -> bool:
    return isinstance(operand, int | float) and not isinstance(operand, bool)


def _is_range(operand: object) -> bool:
    """`[">", 0, "<=", 5]`: one comparison or two, each with a number."""
    if not isinstance(operand, list) or len(operand) not in {2, 4}:
        return False
    signs = all(isinstance(sign, str) and sign in _NUMBERS for sign in operand[::2])
    return signs and all(map(_is_number, operand[1::2]))


def _is_cidr(operand: object) -> bool:
    return isinstance(operand, str) and re.fullmatch(r"[0-9a-fA-F.:]{2,45}/\d{1,3}", operand) is not None


_OPERATORS: dict[str, Callable[[object], bool]] = {
    "prefix": _is_text_or_case,
    "suffix": _is_text_or_case,
    "equals-ignore-case": _is_text,
    "wildcard": _is_text,
    "anything-but": _is_unwanted,
    "numeric": _is_range,
    "exists": lambda operand: isinstance(operand, bool),
    "cidr": _is_cidr,
}
