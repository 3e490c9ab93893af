"""`samgen update`, killed: whatever command comes next finds the old project or the new one, byte for byte."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path

import pytest
from doors import Door, InProcess, digests

from generator.merge import transaction

_MOMENTS = 20
_COMMANDS = [
    ["validate", "{}"],
    ["validate", "{}/stacks/functions/template.yaml"],
    ["check", "{}/.."],
    ["diff", "{}"],
    ["adopt", "{}", "--dry-run"],
    ["local", "status", "--project", "{}"],
    ["local", "down", "--project", "{}"],
    ["add", "queue", "more", "--project", "{}", "--dry-run", "--no-input", "--skip-validation"],
    ["remove", "function", "nothing", "--project", "{}", "--dry-run", "--no-input"],
    ["rename", "function", "nothing", "other", "--project", "{}", "--dry-run", "--no-input"],
    ["update", "{}", "--dry-run", "--skip-validation"],
]


@pytest.fixture(scope="module")
def old(samgen_here: InProcess, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose samgen.yaml has changed since it was rendered."""
    folder = tmp_path_factory.mktemp("old")
    run = samgen_here("new", "orders", "--no-input", "--no-git", "--skip-validation", "--output-dir", str(folder))
    assert run.code == 0, run
    spec = folder / "orders" / "samgen.yaml"
    text = spec.read_text(encoding="utf-8").replace("memory_size: 256", "memory_size: 512")
    spec.write_text(text.replace("timeout: 10", "timeout: 20"), encoding="utf-8")
    (folder / "orders" / "docs" / "costs.md").write_text("mine\n", encoding="utf-8")
    return folder / "orders"


@pytest.fixture(scope="module")
def new(samgen_here: InProcess, old: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The files of the project after the update."""
    project = tmp_path_factory.mktemp("new") / "orders"
    shutil.copytree(old, project)
    assert samgen_here("update", str(project), "--skip-validation").code == 0
    return digests(project)


@pytest.fixture(scope="module")
def half(samgen_here: InProcess, old: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project after an update that was killed between two files."""
    project = tmp_path_factory.mktemp("half") / "orders"
    shutil.copytree(old, project)
    number = os.fork()
    if not number:
        _kill_at_file(project, 3)
        samgen_here("update", str(project), "--skip-validation")
        os._exit(0)
    assert os.WTERMSIG(os.waitpid(number, 0)[1]) == signal.SIGKILL
    return project


def _kill_at_file(project: Path, count: int) -> None:
    """Kill this process when it is to put so many files into the project."""
    left = count

    def look(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        if event == "os.rename" and str(arguments[0]).endswith("/update/next"):
            left -= str(project) in str(arguments[1])
            if left < 1:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(look)


@pytest.mark.parametrize("command", _COMMANDS, ids=lambda words: " ".join(words[:2]))
def test_the_next_command_finishes_it_first(
    samgen_here: InProcess, half: Path, new: dict[str, str], tmp_path: Path, command: list[str]
) -> None:
    project = tmp_path / "orders"
    shutil.copytree(half, project)
    assert (project / transaction.FOLDER).is_dir()
    assert digests(project) != new
    run = samgen_here(*(word.format(project) for word in command))
    assert "unexpectedly" not in run.err
    assert digests(project) == new


def test_what_cannot_be_finished_is_said(
    samgen_here: InProcess, half: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "orders"
    shutil.copytree(half, project)

    def refuse(_project: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(transaction, "recover", refuse)
    run = samgen_here("validate", str(project))
    assert (run.code, run.out) == (2, "")
    assert "was interrupted and cannot be finished: Permission denied" in run.err


@pytest.mark.slow
def test_killed_at_random_moments(samgen: Door, old: Path, new: dict[str, str]) -> None:
    before = digests(old)
    chance = random.Random(20)  # noqa: S311 (moments)
    begun = time.monotonic()
    shutil.copytree(old, samgen.folder / "whole")
    assert samgen("update", "whole", "--skip-validation").code == 0
    lasts = time.monotonic() - begun
    found = []
    for moment in range(_MOMENTS):
        project = samgen.folder / f"at{moment}"
        shutil.copytree(old, project)
        process = samgen.start("update", project.name, "--skip-validation")
        if moment % 2:
            _wait_for_files(project, process.poll)
            time.sleep(chance.uniform(0, 0.08))
        else:
            time.sleep(chance.uniform(0, lasts))
        process.kill()
        process.communicate()
        transaction.recover_around(project / "samgen.yaml")
        found.append(digests(project))
        assert found[-1] in (before, new), moment
    assert before in found
    assert new in found


def _wait_for_files(project: Path, ended: object) -> None:
    assert callable(ended)
    while ended() is None and not any((project / ".samgen").glob("update*")):
        time.sleep(0.001)
