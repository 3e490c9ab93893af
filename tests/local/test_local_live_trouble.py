"""What may happen to a laptop, live: a port that is taken, an emulator that hangs or dies, a disk that is full."""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from local_projects import Local

from generator.local import emulator
from generator.local.aws import Aws
from generator.local.cloudformation import CloudFormation
from generator.local.functions import KEPT, MOST
from generator.local.workplace import State

pytestmark = [pytest.mark.live, pytest.mark.slow]
pytest_plugins = ["local_projects"]


def works(local: Local) -> None:
    """Whatever happened before, the project comes up and answers."""
    local("up")
    assert local.json("invoke", "echo")["payload"] == ["one", {}]


@pytest.fixture(scope="module")
def once(tiny: Local) -> Local:
    works(tiny)
    return tiny


@pytest.fixture
def up(once: Local) -> Iterator[Local]:
    """The project as it runs; after whatever happens in a test, the next `up` works."""
    yield once
    works(once)


def runs(state: State) -> bool:
    try:
        os.kill(state.pid, 0)
    except ProcessLookupError:
        return False
    return emulator._runs(state)


def test_a_port_that_is_taken_meanwhile_is_left_to_whom_it_belongs(up: Local) -> None:
    up("down")
    port = up.state.port
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        works(up)
        assert up.state.port != port


def test_an_emulator_that_was_killed_comes_back_at_its_address(up: Local) -> None:
    before = up.state
    os.kill(before.pid, signal.SIGKILL)
    assert up.json("status", code=1)[0]["status"] == "down"
    assert "Nothing runs here" in up("logs", "echo", code=2)
    works(up)
    assert up.state.port == before.port


def test_a_record_that_cannot_be_read_is_no_obstacle(up: Local) -> None:
    before = up.state
    (up.project / ".aws-sam" / "local" / "dev" / "state.json").write_text("{")
    works(up)
    # What it named is forgotten, so that nobody else ends it.
    emulator.stop(before)


def test_an_emulator_that_hangs_is_replaced(up: Local) -> None:
    before = up.state
    os.kill(before.pid, signal.SIGSTOP)
    assert up.json("status", code=1)[0]["status"] == "down"
    assert "Nothing runs here; start it with 'samgen local up'" in up("invoke", "echo", code=2)
    works(up)
    assert not runs(before)


def test_an_emulator_that_hangs_is_taken_down(up: Local) -> None:
    before = up.state
    os.kill(before.pid, signal.SIGSTOP)
    up("down")
    assert not runs(before)


def test_an_emulator_that_dies_in_a_deployment_is_told_with_its_last_words(
    up: Local, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = up.project / "src" / "app.py"
    code.write_text(code.read_text() + "\n")
    apply = CloudFormation.apply

    def dying(self: CloudFormation, *arguments: Any) -> None:
        os.kill(up.state.pid, signal.SIGKILL)
        apply(self, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(CloudFormation, "apply", dying)
        told = up("up", code=3)
    assert "The emulator does not answer" in told
    assert "emulator.log:" in told


@pytest.mark.parametrize("name", [".state.json.part", ".emulator.json.part"])
def test_a_disk_that_is_full_is_one_sentence(up: Local, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    write = Path.write_text

    def full(self: Path, *arguments: Any, **options: Any) -> int:
        if self.name == name:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(self, *arguments, **options)

    up("down", "--purge")
    launch = emulator._launch
    started: list[subprocess.Popen[bytes]] = []

    def noted(*arguments: Any) -> subprocess.Popen[bytes]:
        started.append(launch(*arguments))
        return started[-1]

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", full)
        patch.setattr(emulator, "_launch", noted)
        told = up("up", code=3)
    # Nothing is left that no record names.
    assert [process.wait(timeout=20) for process in started] == [-signal.SIGKILL] * len(started)
    assert told.splitlines()[-1].endswith("(No space left on device); 'samgen local down --purge' makes room.")


def test_a_record_of_another_project_ends_nothing_there(up: Local) -> None:
    """As after a crash, when numbers of processes are given out anew."""
    other = replace(up.state, token=up.state.token[::-1])
    assert not emulator.stop(other)
    assert runs(up.state)


def test_a_change_that_cannot_be_read_changes_nothing(up: Local) -> None:
    template = up.project / "template.yaml"
    sound = template.read_text()
    template.write_text("Resources: [\n")
    try:
        assert up("up", code=2).startswith("template.yaml:")
        assert up.json("invoke", "echo")["payload"] == ["one", {}]
    finally:
        template.write_text(sound)


def test_many_changes_do_not_fill_the_memory(up: Local) -> None:
    """The emulator keeps each archive and the code of each version: only the last ones are left there."""
    code = up.project / "src" / "app.py"
    sound = code.read_text()
    for number in range(MOST + 2):
        code.write_text(f"{sound}# {number}\n")
        up("up")
    code.write_text(sound)
    works(up)
    aws = Aws(up.state)
    assert len(aws["s3"].list_objects_v2(Bucket=up.state.token, Prefix="code/")["Contents"]) == 1
    versions = aws["lambda"].list_versions_by_function(FunctionName="tiny-echo")["Versions"]
    assert KEPT < len(versions) <= MOST + 1
