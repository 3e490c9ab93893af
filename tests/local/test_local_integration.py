"""The generated project's integration tests, live: they pass, and what breaks the service makes the right ones fail."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest
from local_projects import ROOT, render_example

from generator.local import emulator

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(sys.version_info < (3, 11), reason="the project's scripts need Python 3.11, and say so"),
]
pytest_plugins = ["local_projects"]

LIMIT = 600
SKIPPED = "the emulator does not hand on the outcome of an alias"


class Project:
    """A rendered example, and the commands that its developers have."""

    def __init__(self, name: str, folder: Path) -> None:
        self.root = render_example(name, folder / name)
        self._commands = folder / "bin"
        self._commands.mkdir()
        samgen = self._commands / "samgen"
        python = shlex.quote(sys.executable)
        samgen.write_text(f'#!/bin/sh\nPYTHONPATH={shlex.quote(str(ROOT))} exec {python} -m generator "$@"\n')
        samgen.chmod(0o755)

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the project."""
        path = os.pathsep.join([str(self._commands), os.environ["PATH"]])
        environment = {key: value for key, value in os.environ.items() if key not in {"PYTHONPATH", "COVERAGE_FILE"}}
        return subprocess.run(
            command,
            cwd=self.root,
            env={**environment, "PATH": path, "PYTEST_ADDOPTS": "-p no:cacheprovider", "NO_COLOR": "1"},
            capture_output=True,
            text=True,
            check=False,
            timeout=LIMIT,
        )

    def integration(self, *words: str) -> dict[str, str]:
        """Run the integration tests; what became of each: `passed`, `skipped` or `failed`, with why."""
        report = self.root / "report.xml"
        arguments = shlex.join([f"--junitxml={report}", *words])
        done = self.run("make", "integration", f"PYTHON={sys.executable}", f"ARGS={arguments}")
        assert report.exists(), done.stdout + done.stderr
        found = dict(_outcome(case) for case in ET.parse(report).iter("testcase"))  # noqa: S314
        found = {name: text for name, text in found.items() if "empty parameter set" not in text}
        assert (done.returncode == 0) is not any(text.startswith(("failure", "error")) for text in found.values())
        report.unlink()
        return found

    def edit(self, name: str, pattern: str, replacement: str = "") -> None:
        """Change exactly one place of a template."""
        file = self.root / name
        text, count = re.subn(pattern, replacement, file.read_text("utf-8"), flags=re.DOTALL)
        assert count == 1, (name, pattern, count)
        file.write_text(text, "utf-8")


def _outcome(case: ET.Element) -> tuple[str, str]:
    ends = [child for child in case if child.tag in {"failure", "error", "skipped"}]
    return str(case.get("name")), f"{ends[0].tag}: {ends[0].get('message')}" if ends else "passed"


def project(name: str, folder: Path) -> Iterator[Project]:
    """An example that is gone at the end, with its emulator."""
    made = Project(name, folder)
    yield made
    made.run("samgen", "local", "down", "--purge")
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def minimal(tmp_path_factory: pytest.TempPathFactory, installed: emulator.Installation) -> Iterator[Project]:
    yield from project("minimal", tmp_path_factory.mktemp("integration-minimal"))


@pytest.fixture(scope="module")
def orders(tmp_path_factory: pytest.TempPathFactory, installed: emulator.Installation) -> Iterator[Project]:
    """The example with every trigger; it is up already when its tests start."""
    for made in project("orders", tmp_path_factory.mktemp("integration-orders")):
        done = made.run("samgen", "local", "up")
        assert done.returncode == 0, done.stderr
        yield made


def test_the_tests_of_the_smallest_example_pass_and_stop_what_they_started(minimal: Project) -> None:
    found = minimal.integration()
    assert set(found.values()) == {"passed"}, found
    # Its API, its role, its grant; there is nothing else.
    assert {"test_it_answers_who_may_call[GET /hello]", "test_a_function_may_do_what_it_is_for[hello]"} <= set(found)
    assert minimal.run("samgen", "local", "status").returncode == 1


@pytest.fixture(scope="module")
def sound(orders: Project) -> dict[str, str]:
    """What became of the tests of the larger example."""
    return orders.integration()


def test_the_tests_of_every_trigger_and_authorization_pass(sound: dict[str, str], orders: Project) -> None:
    bad = {name: text for name, text in sound.items() if text != "passed"}
    assert {name: SKIPPED in text for name, text in bad.items()} == {
        "test_it_reaches_its_function[function apologize]": True
    }, bad
    kinds = ("schedule", "sqs", "dynamodb", "s3", "sns", "eventbridge")
    assert {kind: sum(f"[{kind} " in name for name in sound) for kind in kinds} == dict.fromkeys(kinds, 1)
    assert orders.run("samgen", "local", "status").returncode == 0


# What is broken, and the integration tests that have to fail of it.
BREAKAGES = {
    "permission": (
        (
            "stacks/security/template.yaml",
            r" +- Sid: Declared2\n( +[A-Z][^\n-]+\n){2}[^\n]+fulfilment\"\]\n",
        ),
        {"test_a_function_may_do_what_it_is_for[place-order]"},
    ),
    "validator": (
        ("stacks/api/template.yaml", r" +x-amazon-apigateway-request-validator: all\n"),
        {"test_it_refuses_a_body_that_its_model_does[POST /orders]"},
    ),
    "redrive policy": (
        ("stacks/data/template.yaml", r" +RedrivePolicy:\n +deadLetterTargetArn: !GetAtt Fulfilment[^\n]+\n[^\n]+\n"),
        {
            "test_a_queue_names_its_dead_letter_queue[orders-fulfilment]",
            "test_a_message_that_fails_is_kept[orders-fulfilment]",
        },
    ),
    "grant": (
        ("stacks/functions/template.yaml", r"  NotifyTopic1Permission:\n(    [^\n]+\n)+\n"),
        {"test_what_invokes_a_function_is_allowed_to[notify ${Environment}-orders-announcements]"},
    ),
}
AFFECTED = "may_do or refuses_a_body or dead_letter or message_that_fails or is_allowed_to or neighbours"


@pytest.fixture(scope="module")
def broken(orders: Project, sound: dict[str, str]) -> dict[str, str]:
    """The same tests after all breakages at once: each stack is deployed once more, and no test belongs to two."""
    for (name, pattern), _tests in BREAKAGES.values():
        orders.edit(name, pattern)
    found = orders.integration("-k", AFFECTED)
    assert set(found) <= set(sound)
    return found


@pytest.mark.parametrize("breakage", BREAKAGES)
def test_what_is_broken_fails_its_test(breakage: str, broken: dict[str, str], sound: dict[str, str]) -> None:
    for name in BREAKAGES[breakage][1]:
        assert sound[name] == "passed"
        assert broken[name].startswith("failure"), broken[name]


def test_what_is_not_broken_still_passes(broken: dict[str, str]) -> None:
    named = {name for _edit, tests in BREAKAGES.values() for name in tests}
    assert {name for name, text in broken.items() if text != "passed"} == named
