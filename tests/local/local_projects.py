"""Fixtures: the examples rendered, and `samgen local` as users have it."""

from __future__ import annotations

import contextlib
import io
import json
import os
import queue
import shutil
import subprocess
import sys
import threading
import unittest.mock
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from generator.cli import main
from generator.errors import ToolError
from generator.local import emulator
from generator.local.workplace import Workplace
from generator.render import render_project
from generator.spec.load import parse_spec
from generator.spec.request_models import load_models

ROOT = Path(__file__).parents[2]

LIMIT = 60.0

Render = Callable[[str, Path], Path]


# What the example does not use: a Lambda authorizer, and an API key with its usage plan.
EVERY_AUTHORIZATION = {
    'path: "/orders/{id}" }': 'path: "/orders/{id}", authorization: lambda }',
    "  authorization: cognito\n": "  authorization: cognito\n  api_key: true\n",
}


def render_example(name: str, target: Path, changes: Mapping[str, str] = MappingProxyType({})) -> Path:
    """An example as a project, with changes to the text of its spec."""
    folder = ROOT / "examples" / name
    text = (folder / "samgen.yaml").read_text(encoding="utf-8")
    for before, after in changes.items():
        assert before in text
        text = text.replace(before, after)
    spec = parse_spec(text.encode(), "samgen.yaml")
    render_project(spec, target, load_models(spec, folder))
    return target


@dataclass
class Local:
    """`samgen local` for one project."""

    project: Path

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command and do not wait for it."""
        command = [sys.executable, "-m", "generator", "local", *arguments]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=self.project, env=environment, text=True, stdout=pipe, stderr=pipe)

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Run a command in this process, which has loaded what it needs; its code and what it printed."""
        out, err = io.StringIO(), io.StringIO()
        argv = ["samgen", "local", *arguments, "--project", str(self.project)]
        with (
            unittest.mock.patch.object(sys, "argv", argv),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
            pytest.raises(SystemExit) as ended,
        ):
            main()
        return int(ended.value.code or 0), out.getvalue(), err.getvalue()

    def __call__(self, *arguments: str, code: int = 0) -> str:
        """Run a command that ends with a code; what it printed on stdout, on stderr where it failed."""
        ended, out, err = self.run(*arguments)
        assert ended == code, err
        return err if code else out

    def json(self, *arguments: str, code: int = 0) -> Any:
        """Run a command that prints JSON."""
        ended, out, err = self.run(*arguments, "--json")
        assert ended == code, err
        return json.loads(out)

    @property
    def state(self) -> Any:
        """The record of the first environment."""
        return Workplace(self.project, "dev").load()


class Watching:
    """The command, and what it prints: reports on stdout, the rest on stderr."""

    def __init__(self, local: Local) -> None:
        self.local = local
        self.process = local.start("up", "--watch", "--json")
        self._reports: queue.Queue[str] = queue.Queue()
        self._messages: queue.Queue[str] = queue.Queue()
        for pipe, lines in ((self.process.stdout, self._reports), (self.process.stderr, self._messages)):
            threading.Thread(
                target=lambda pipe=pipe, lines=lines: [lines.put(line) for line in pipe], daemon=True
            ).start()

    def report(self) -> Any:
        return json.loads(self._reports.get(timeout=LIMIT))

    def message(self, part: str) -> str:
        """The next message that has a part in it."""
        while part not in (line := self._messages.get(timeout=LIMIT)):
            pass
        return line

    def answer(self) -> Any:
        """What the function says now."""
        event = self.local.project / "events" / "hello" / "get_hello.json"
        return json.loads(self.local.json("invoke", "hello", "--event", str(event))["payload"]["body"])["message"]

    @property
    def code(self) -> Path:
        return self.local.project / "src" / "hello" / "app.py"


TINY = """\
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  EchoFunction:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: tiny-echo
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.12
      AutoPublishAlias: live
      Environment: { Variables: { WORD: one } }
"""
TINY_CONFIG = """\
version = 0.1
[dev.deploy.parameters]
stack_name = "tiny"
region = "eu-central-1"
capabilities = "CAPABILITY_IAM"
"""


def write_tiny(root: Path) -> Local:
    """A project that nobody generated, with nothing to install: it is up in two seconds."""
    (root / "src").mkdir(parents=True)
    (root / "template.yaml").write_text(TINY)
    (root / "samconfig.toml").write_text(TINY_CONFIG)
    code = "import os\n\n\ndef handler(event, context):\n    return [os.environ['WORD'], event]\n"
    (root / "src" / "app.py").write_text(code)
    return Local(root)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory, installed: emulator.Installation) -> Iterator[Local]:
    """That project; it is not up yet, and it is down at the end."""
    yield from _ended(write_tiny(tmp_path_factory.mktemp("tiny") / "tiny"))


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> emulator.Installation:
    """The emulator; without it there is nothing to test live, which is fine anywhere but in CI."""
    worker = getattr(request.config, "workerinput", None)
    if worker and "loadfile" not in " ".join(worker["mainargv"]):
        # The tests of a file share an emulator and a project, step by step: on several workers they are not theirs.
        pytest.skip("Live tests want one worker a file: pytest -n auto --dist loadfile -m live")
    workplace = Workplace(tmp_path_factory.mktemp("probe"), "dev")
    try:
        return emulator.find(workplace)
    except ToolError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def minimal(tmp_path_factory: pytest.TempPathFactory, installed: emulator.Installation) -> Iterator[Local]:
    """The smallest example; it is not up yet, and it is down at the end."""
    yield from _local("minimal", tmp_path_factory)


@pytest.fixture(scope="module")
def orders(tmp_path_factory: pytest.TempPathFactory, installed: emulator.Installation) -> Iterator[Local]:
    """The example with every kind of trigger, and here with every kind of authorization."""
    yield from _local("orders", tmp_path_factory, EVERY_AUTHORIZATION)


def _local(name: str, folders: pytest.TempPathFactory, changes: Mapping[str, str] | None = None) -> Iterator[Local]:
    yield from _ended(Local(render_example(name, folders.mktemp(name) / name, changes or {})))


def _ended(local: Local) -> Iterator[Local]:
    yield local
    local("down", "--purge")
    assert list((local.project / ".aws-sam").iterdir()) == []
    shutil.rmtree(local.project, ignore_errors=True)
