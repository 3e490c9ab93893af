"""`samgen add` in a terminal: the questions of `samgen new`, checked against the project."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pexpect
import pytest
from doors import Door

ENTER, DOWN, CONTROL_C = "\r", "\x1b[B", "\x03"
TEXT = "service: {name: shop}\n\nfunctions:\n  - name: sell  # sells\n"
Terminal = Callable[..., Any]


@pytest.fixture
def terminal(samgen: Door) -> Iterator[Terminal]:
    """Opens terminals in a project, and closes them whatever happens."""
    (samgen.folder / "samgen.yaml").write_text(TEXT, encoding="utf-8")
    opened: list[Any] = []

    def start(*arguments: str) -> Any:
        program, *rest = samgen.command(*arguments)
        opened.append(
            pexpect.spawn(
                program,
                rest,
                cwd=str(samgen.folder),
                env=dict(samgen.environment),
                dimensions=(50, 160),
                encoding="utf-8",
                timeout=30,
            )
        )
        return opened[-1]

    yield start
    for child in opened:
        child.close(force=True)


def talk(child: Any, *pairs: tuple[str, str]) -> int:
    for question, answer in pairs:
        child.expect(re.escape(question))
        child.send(answer)
    child.expect(pexpect.EOF)
    child.close()
    return int(child.exitstatus)


def test_a_function_is_asked_for_as_new_asks(samgen: Door, terminal: Terminal) -> None:
    code = talk(
        terminal("add", "function"),
        ("Name of the function", "sell" + ENTER),
        ("is there already", "refund" + ENTER),
        ("refund: runtime", ENTER),
        ("refund: what invokes it?", ENTER),
        ("refund: method", DOWN + ENTER),
        ("refund: path", "/sell" + ENTER),
        ("Make this change?", ENTER),
    )
    text = (samgen.folder / "samgen.yaml").read_text("utf-8")
    assert code == 0
    assert text.startswith(TEXT)
    assert "- name: refund\n" in text
    assert "path: /sell" in text


def test_ctrl_c_in_the_middle_of_a_question_writes_nothing(samgen: Door, terminal: Terminal) -> None:
    code = talk(terminal("add", "function"), ("Name of the function", "ref" + CONTROL_C))
    assert code == 130
    assert (samgen.folder / "samgen.yaml").read_text("utf-8") == TEXT
    assert samgen.listing() == ["samgen.yaml"]


def test_declining_writes_nothing(samgen: Door, terminal: Terminal) -> None:
    code = talk(
        terminal("add", "permission"),
        ("Which function?", ENTER),
        ("works with what?", ENTER),
        ("may do what?", ENTER),
        ("which table?", "/shared/table" + ENTER),
        ("Make this change?", "n"),
    )
    assert code == 1
    assert (samgen.folder / "samgen.yaml").read_text("utf-8") == TEXT


def test_what_was_named_is_not_asked_for(samgen: Door, terminal: Terminal) -> None:
    code = talk(terminal("add", "secret", "sell"), ("name of the secret", "pin" + ENTER), ("Make this change?", "y"))
    assert code == 0
    assert (samgen.folder / "samgen.yaml").read_text("utf-8") == f"{TEXT}    secrets:\n      - pin\n"
