"""Versions of samgen in their order."""

from __future__ import annotations

import itertools

import pytest

from generator.merge.versions import UNKNOWN, version_key

IN_ORDER = [
    *("nonsense", UNKNOWN, "0.0.1", "0.1.0.dev3", "0.1.0rc1", "0.1.0", "0.1.0+local", "0.1.1", "0.2", "0.10.0"),
    *("1.0.0rc1", "1.0", "99.0.0"),
]


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(IN_ORDER, 2)))
def test_an_earlier_version_is_less(one: str, other: str) -> None:
    assert version_key(one) < version_key(other)


def test_zeros_at_the_end_say_nothing() -> None:
    assert version_key("1.0") == version_key("1.0.0") == version_key("1")


@pytest.mark.parametrize("text", ["9" * 5000, "²", "", "1..2", "\0", "1.0\n2", "٣"])
def test_whatever_a_record_says_can_be_compared(text: str) -> None:
    assert version_key(text) <= version_key("99999999999") or version_key(text) > version_key("0.1.0")
