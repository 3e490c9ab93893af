"""SG202 beyond cfn-lint: functions and mappings that do not exist."""

from __future__ import annotations

from pathlib import Path

import pytest
from written_projects import findings

TEMPLATE = """
Mappings: { Sizes: { small: { memory: 128 } } }
Parameters: { Size: { Type: String } }
Resources:
  Work:
    Type: AWS::Lambda::Function
    Properties:
      MemorySize: %s
"""


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("!FindInMap [Size, small, memory]", "no mapping Size"),
        ("!FindInMap [Sizes, large, memory]", "no key large in Sizes"),
        ("!FindInMap [Sizes, small, cpu]", "no key cpu in Sizes"),
        ("!FindMap [Sizes, small, memory]", "Fn::FindMap is no function"),
    ],
)
def test_what_does_not_exist_is_found(value: str, words: str, tmp_path: Path) -> None:
    (found,) = findings(tmp_path, "SG202", TEMPLATE % value)

    assert words in found.message
    assert found.line == 7


@pytest.mark.parametrize(
    "value",
    [
        "!FindInMap [Sizes, small, memory]",
        "!FindInMap [Sizes, !Ref Size, memory]",
        "!FindInMap [Sizes, large, memory, { DefaultValue: 128 }]",
        "{ 'Fn::Length': [a] }",
    ],
)
def test_what_exists_or_may_exist_is_not(value: str, tmp_path: Path) -> None:
    assert findings(tmp_path, "SG202", TEMPLATE % value) == []


def test_what_a_macro_adds_is_not_known(tmp_path: Path) -> None:
    template = "Transform: Ours\n" + TEMPLATE.lstrip() % "!FindInMap [Theirs, small, memory]"

    assert findings(tmp_path, "SG202", template) == []
