"""The guided conversation of `samgen new`, in a terminal of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pexpect
import pytest
from doors import Door, digests

UP, DOWN = "\x1b[A", "\x1b[B"
ENTER = "\r"
QUICK = ("--skip-validation", "--no-git")


class Terminal:
    """A person in front of `samgen`: waits for a question and types the answer."""

    def __init__(self, samgen: Door, *arguments: str) -> None:
        program, *rest = samgen.command(*arguments)
        self.child: Any = pexpect.spawn(
            program,
            rest,
            cwd=str(samgen.folder),
            env=dict(samgen.environment),
            dimensions=(50, 160),
            encoding="utf-8",
            timeout=30,
        )

    def answer(self, *pairs: tuple[str, str]) -> None:
        """Wait for each question and type its answer."""
        for question, answer in pairs:
            self.see(question)
            self.child.send(answer)

    def see(self, text: str) -> None:
        """Wait until the text is on the screen."""
        self.child.expect(re.escape(text))

    def end(self) -> tuple[int, str]:
        """Wait for the end; the exit code and what was on the screen since the last question."""
        self.child.expect(pexpect.EOF)
        self.child.close()
        screen = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", str(self.child.before))
        return int(self.child.exitstatus), screen


@pytest.fixture
def terminal(samgen: Door) -> Iterator[Callable[..., Terminal]]:
    """Opens terminals, and closes them whatever happens."""
    opened: list[Terminal] = []

    def start(*arguments: str) -> Terminal:
        opened.append(Terminal(samgen, *arguments))
        return opened[-1]

    yield start
    for one in opened:
        one.child.close(force=True)


DEFAULTS = (
    ("in one line?", ENTER),
    ("Which team", ENTER),
    ("Environment 1", ENTER),
    ("dev: region", ENTER),
    ("dev: AWS account", ENTER),
    ("Another environment?", "n"),
    ("Name of the API", ENTER),
    ("identify themselves?", ENTER),
    ("may it be called?", ENTER),
    ("Function 1", ENTER),
    ("hello: runtime", ENTER),
    ("hello: what invokes it?", ENTER),
    ("hello: method", ENTER),
    ("hello: path", ENTER),
    ("Another function?", ENTER),
)


def test_the_same_answers_give_the_same_bytes(samgen: Door, terminal: Callable[..., Terminal]) -> None:
    for folder in ("asked", "flags"):
        (samgen.folder / folder).mkdir()
    asked = terminal("new", "-o", "asked", *QUICK)
    asked.answer(
        ("Name of the service", "orders" + ENTER),
        ("in one line?", 'Takes "orders"' + ENTER),
        ("Which team", "shop" + ENTER),
        ("Environment 1", "test" + ENTER),
        ("test: region", "eu-central-1" + ENTER),
        ("test: AWS account", "444455556666" + ENTER),
        ("Another environment?", "y"),
        ("Environment 2", ENTER),
        ("prod: region", ENTER),
        ("prod: AWS account", ENTER),
        ("Another environment?", ENTER),
        ("Name of the API", "Shop" + ENTER),
        ("identify themselves?", DOWN + ENTER),
        ("may it be called?", DOWN + ENTER),
        ("Address ranges", "10.20.0.0/16, 203.0.113.7" + ENTER),
        ("Function 1", "create" + ENTER),
        ("create: runtime", ENTER),
        ("create: what invokes it?", ENTER),
        ("create: method", DOWN + ENTER),
        ("create: path", "/orders/{id}" + ENTER),
        ("Another function?", "y"),
        ("Function 2", "nightly" + ENTER),
        ("nightly: runtime", DOWN + ENTER),
        ("nightly: what invokes it?", DOWN + ENTER),
        ("nightly: when?", "rate(5 minutes)" + ENTER),
        ("Another function?", "y"),
        ("Function 3", "idle" + ENTER),
        ("idle: runtime", ENTER),
        ("idle: what invokes it?", UP + ENTER),
        ("Another function?", "y"),
        ("Function 4", "ship" + ENTER),
        ("ship: runtime", ENTER),
        ("ship: what invokes it?", DOWN + DOWN + ENTER),
        ("ship: which queue?", ENTER),
        ("Another function?", ENTER),
        ("may be called by", ""),
        ("Make this project?", ENTER),
    )
    code, screen = asked.end()
    assert code == 0, screen
    done = samgen(
        *("new", "orders", "-o", "flags", *QUICK, "--description", 'Takes "orders"', "--owner", "shop"),
        # Region and account are suggested as they were for the environment before.
        *("-e", "test", "-e", "prod", "--region", "eu-central-1", "--account", "444455556666", "--api-name", "Shop"),
        *("--authorization", "cognito", "--allow-cidr", "10.20.0.0/16", "--allow-cidr", "203.0.113.7"),
        *("-f", "create::POST /orders/{id}", "-f", "nightly:python3.13:rate(5 minutes)", "-f", "idle::none"),
        *("-f", "ship::queue ship-work"),
    )
    assert done.code == 0, done.err
    made = digests(samgen.folder / "asked" / "orders")
    assert len(made) > 15
    assert made == digests(samgen.folder / "flags" / "orders")


def test_defaults_all_the_way_are_the_defaults_of_no_input(samgen: Door, terminal: Callable[..., Terminal]) -> None:
    (samgen.folder / "asked").mkdir()
    asked = terminal("new", "orders", "-o", "asked", *QUICK)
    asked.answer(*DEFAULTS, ("Make this project?", ENTER))
    assert asked.end()[0] == 0
    assert samgen("new", "orders", "-e", "dev", *QUICK).code == 0
    assert digests(samgen.folder / "asked" / "orders") == digests(samgen.folder / "orders")


def test_only_what_the_flags_leave_open_is_asked(samgen: Door, terminal: Callable[..., Terminal]) -> None:
    flags = ("--owner", "shop", "-e", "dev", "--public", "--api-name", "Shop", "-f", "hello")
    asked = terminal("new", "orders", *flags, *QUICK)
    asked.answer(("in one line?", ENTER), ("identify themselves?", ENTER), ("Make this project?", "y"))
    assert asked.end()[0] == 0
    assert samgen.listing() == ["orders"]


def test_with_every_answer_given_nothing_is_asked(samgen: Door, terminal: Callable[..., Terminal]) -> None:
    flags = ("--owner", "shop", "-e", "dev", "--public", "--api-name", "Shop", "-f", "hello", "--description", "d")
    code, screen = terminal("new", "orders", *flags, "--authorization", "iam", *QUICK).end()
    assert code == 0, screen
    assert "?" not in screen


def test_no_input_asks_nothing_in_a_terminal(terminal: Callable[..., Terminal]) -> None:
    code, screen = terminal("new", "orders", "--no-input", *QUICK).end()
    assert code == 0, screen
    assert "?" not in screen


def test_wrong_answers_are_explained_and_asked_again(samgen: Door, terminal: Callable[..., Terminal]) -> None:
    (samgen.folder / "taken").mkdir()
    asked = terminal("new", *QUICK)
    asked.answer(("Name of the service", "Bad Name" + ENTER))
    asked.see("'Bad Name' is not a name: use lower-case letters")
    asked.answer(("Name of the service", ENTER))
    asked.see("is not a name")
    asked.answer(("Name of the service", "taken" + ENTER))
    asked.see("exists already")
    asked.answer(
        ("Name of the service", "orders" + ENTER),
        ("in one line?", "x" * 201 + ENTER),
        ("201 characters; at most 200", ""),
        ("in one line?", ENTER),
        ("Which team", "us & them" + ENTER),
        ("'us & them' is not a tag value", ""),
        ("Which team", ENTER),
        ("Environment 1", "a:b" + ENTER),
        ("'a:b' is not a name", ""),
        ("Environment 1", "dev" + ENTER),
        ("dev: region", ENTER),
        ("dev: AWS account", "12" + ENTER),
        ("'12' is not an AWS account id", ""),
        ("dev: AWS account", ENTER),
        ("Another environment?", "y"),
        ("Environment 2", "dev" + ENTER),
        ("'dev' is there already", ""),
        ("Environment 2", ENTER),
        ("prod: region", ENTER),
        ("prod: AWS account", ENTER),
        ("Another environment?", ENTER),
        ("Name of the API", "my api" + ENTER),
        ("'my api' is not an API name", ""),
        ("Name of the API", ENTER),
        ("identify themselves?", ENTER),
        ("may it be called?", DOWN + ENTER),
        ("Address ranges", "0.0.0.0/0" + ENTER),
        ("0.0.0.0/0 is everyone", ""),
        ("Address ranges", "10.0.0.1/8" + ENTER),
        ("did you mean 10.0.0.0/8", ""),
        ("Address ranges", "10.0.0.0/8" + ENTER),
        ("Function 1", "F" + ENTER),
        ("'F' is not a name", ""),
        ("Function 1", ENTER),
        ("hello: runtime", ENTER),
        ("hello: what invokes it?", ENTER),
        ("hello: method", ENTER),
        ("hello: path", "hello" + ENTER),
        ("'hello' is not a path", ""),
        ("hello: path", ENTER),
        ("Another function?", "y"),
        ("Function 2", "hello" + ENTER),
        ("'hello' is there already", ""),
        ("Function 2", "other" + ENTER),
        ("other: runtime", ENTER),
        ("other: what invokes it?", ENTER),
        ("other: method", ENTER),
        ("other: path", "/hello" + ENTER),
        ("the route GET /hello is there already", ""),
        ("other: path", ENTER),
        ("Another function?", ENTER),
        ("Make this project?", ENTER),
    )
    code, screen = asked.end()
    assert code == 0, screen
    assert samgen.listing() == ["orders", "taken"]


def test_opening_the_api_to_everyone_is_confirmed(samgen: Door, terminal: Callable[..., Terminal]) -> None:
    flags = ("--owner", "shop", "-e", "dev", "--api-name", "Shop", "-f", "hello", "--description", "d")
    asked = terminal("new", "orders", *flags, "--authorization", "iam", *QUICK)
    asked.answer(
        ("may it be called?", UP + ENTER),
        ("to every address of the internet?", ENTER),
        ("may it be called?", UP + ENTER),
        ("to every address of the internet?", "y"),
        ("everyone", ""),
        ("Make this project?", ENTER),
    )
    code, screen = asked.end()
    assert code == 0
    assert "is open to every address" in screen


def test_declining_writes_nothing(samgen: Door, terminal: Callable[..., Terminal]) -> None:
    asked = terminal("new", "orders", *QUICK)
    asked.answer(*DEFAULTS, ("Make this project?", "n"))
    code, screen = asked.end()
    assert code == 1
    assert "Declined: nothing was written." in screen
    assert samgen.listing() == []


# Ctrl-C everywhere; Ctrl-D, the end of input, where there is a line to be typed.
STOPS = [("\x03", 0), ("\x03", 3), ("\x03", 8), ("\x03", len(DEFAULTS)), ("\x04", 0)]


@pytest.mark.parametrize(("key", "after"), STOPS, ids=["name", "choice", "access", "review", "end-of-input"])
def test_ctrl_c_writes_nothing(samgen: Door, terminal: Callable[..., Terminal], key: str, after: int) -> None:
    asked = terminal("new", "orders", *QUICK)
    asked.answer(*DEFAULTS[:after])
    question = (*DEFAULTS, ("Make this project?", ""))[after][0]
    asked.answer((question, key))
    code, screen = asked.end()
    assert code == 130
    assert "Interrupted: nothing was written." in screen
    assert "Traceback" not in screen
    assert samgen.listing() == []


@pytest.mark.parametrize("flags", [["--region", "moon"], ["-e", "Dev"], ["--public", "--allow-cidr", "10.0.0.0/8"]])
def test_wrong_flags_are_refused_before_anything_is_asked(
    samgen: Door, terminal: Callable[..., Terminal], flags: list[str]
) -> None:
    code, screen = terminal("new", *flags, *QUICK).end()
    assert code == 2
    assert "Name of the service" not in screen
    assert samgen.listing() == []


def test_a_redirected_result_is_pure_while_questions_are_asked(samgen: Door, terminal: Callable[..., Terminal]) -> None:
    import json
    import shlex

    command = shlex.join(samgen.command("new", "--json", *QUICK))
    asked = terminal()
    asked.child.close(force=True)
    asked.child = pexpect.spawn(
        "/bin/sh",
        ["-c", f"{command} > result.json"],
        cwd=str(samgen.folder),
        env=dict(samgen.environment),
        dimensions=(50, 160),
        encoding="utf-8",
        timeout=30,
    )
    asked.answer(("Name of the service", "orders" + ENTER), *DEFAULTS, ("Make this project?", ENTER))
    assert asked.end()[0] == 0
    assert json.loads((samgen.folder / "result.json").read_text(encoding="utf-8"))["project"] == "orders"
