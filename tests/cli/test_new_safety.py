"""`samgen new` is all or nothing: existing targets, concurrent runs, signals, full and read-only disks."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

import pytest
from doors import Door, digests, names

QUICK = ("--no-input", "--skip-validation", "--no-git")


@pytest.mark.parametrize("kind", ["file", "folder", "dangling link"])
def test_an_existing_target_is_refused(samgen: Door, kind: str) -> None:
    target = samgen.folder / "orders"
    if kind == "file":
        target.touch()
    elif kind == "folder":
        target.mkdir()
    else:
        target.symlink_to("nowhere")
    before = target.lstat()
    refusal = samgen.refuses("new", "orders", *QUICK)
    assert refusal == f"{target} exists already: choose another name or another --output-dir"
    assert target.lstat() == before


@pytest.mark.parametrize("place", ["missing", "file", "file/below"])
def test_an_output_dir_that_is_no_folder_is_refused(samgen: Door, place: str) -> None:
    (samgen.folder / "file").touch()
    samgen.refuses("new", "orders", *QUICK, "-o", place)


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a folder that takes no others")
def test_an_output_dir_that_takes_no_folders_is_refused(samgen: Door) -> None:
    message = samgen.refuses("new", "orders", *QUICK, "--output-dir", "/proc")
    assert message.startswith(("no folder can be made in /proc: choose another", "the folder /proc is not writable"))


def test_a_current_folder_that_is_gone_is_refused(samgen: Door) -> None:
    gone = samgen.folder / "gone"
    gone.mkdir()
    command = subprocess.list2cmdline(samgen.command("new", "orders", *QUICK))
    done = subprocess.run(
        ["/bin/sh", "-c", f"cd {gone} && rmdir {gone} && exec {command}"],
        env=dict(samgen.environment),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "the current folder does not exist any more: change to another\n"


def test_of_concurrent_runs_one_wins(samgen: Door) -> None:
    runs = [samgen.start("new", "orders", *QUICK, "--owner", f"team-{number}") for number in range(4)]
    ends = [(run.communicate(timeout=60), run.returncode) for run in runs]
    winners = [number for number, (_, code) in enumerate(ends) if code == 0]
    assert len(winners) == 1, ends
    for (out, err), code in ends:
        if code != 0:
            assert (code, out) == (2, "")
            assert "exists already" in err.splitlines()[-1]
    assert samgen.listing() == ["orders"]
    # The project is the winner's, whole.
    (samgen.folder / "alone").mkdir()
    assert samgen("new", "orders", *QUICK, "--owner", f"team-{winners[0]}", "-o", "alone").code == 0
    assert digests(samgen.folder / "orders") == digests(samgen.folder / "alone" / "orders")


def _until_staged(samgen: Door) -> None:
    deadline = time.monotonic() + 30
    while not any(name.startswith(".samgen-orders-") for name in samgen.listing()):
        assert time.monotonic() < deadline, "nothing was staged"
        time.sleep(0.005)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda n: n.name)
@pytest.mark.parametrize("delay", [0, 0.3])
def test_a_signal_in_the_middle_leaves_nothing(samgen: Door, number: signal.Signals, delay: float) -> None:
    # With validation, so that there is a middle, and worker processes to be ended.
    run = samgen.start("new", "orders", "--no-input", "--json")
    _until_staged(samgen)
    time.sleep(delay)
    run.send_signal(number)
    out, err = run.communicate(timeout=30)
    assert run.returncode == 128 + number, err
    assert out == ""
    assert err.splitlines()[-1] == "Interrupted: nothing was written."
    assert "Traceback" not in err
    assert samgen.listing() == []


def test_what_a_killed_run_leaves_does_not_block_the_next(samgen: Door) -> None:
    run = samgen.start("new", "orders", "--no-input")
    _until_staged(samgen)
    run.kill()
    run.communicate(timeout=30)
    assert not (samgen.folder / "orders").exists()
    assert samgen("new", "orders", *QUICK).code == 0
    assert "orders" in samgen.listing()


@contextmanager
def _mounted(folder: Path, options: str) -> Iterator[None]:
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    if sys.platform != "linux" or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("file systems cannot be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("size", ["16k", "40k", "80k"])
def test_a_full_disk_leaves_nothing(samgen: Door, size: str) -> None:
    small = samgen.folder / "small"
    small.mkdir()
    with _mounted(small, f"size={size}"):
        refusal = samgen.refuses("new", "orders", *QUICK, "-o", "small")
        assert refusal.startswith(f"nothing was written to {small}: no space is left on the disk")
        assert names(small) == []


def test_a_disk_that_is_too_full_for_the_repository_still_takes_the_project(samgen: Door) -> None:
    small = samgen.folder / "small"
    small.mkdir()
    files = json.loads(samgen("new", "orders", *QUICK, "--dry-run", "--json").out)["files"]
    folders = {folder for file in files for folder in PurePosixPath(file).parents}
    # Room for what the project needs, and not for an object for each of its files beside them.
    with _mounted(small, f"size=64m,nr_inodes={len(files) + len(folders) + 15}"):
        run = samgen("new", "orders", "--no-input", "--skip-validation", "-o", "small")
        assert run.code == 0, run.err
        assert "No first commit: git " in run.err
        assert not (small / "orders" / ".git").exists()
        assert names(small) == ["orders"]


def test_a_read_only_disk_is_refused(samgen: Door) -> None:
    (samgen.folder / "locked").mkdir()
    with _mounted(samgen.folder / "locked", "ro"):
        assert "locked" in samgen.refuses("new", "orders", *QUICK, "-o", "locked")


def test_a_path_that_is_too_long_is_refused(samgen: Door) -> None:
    # Its own folder fits, the project's deeper files do not: 4,096 bytes are a path on Linux.
    place = samgen.folder
    while len(str(place)) < 3_800:
        place /= "d" * 200
    place = Path(str(place / ("d" * 200))[:4_020].rstrip("/"))
    inside = samgen.folder
    for part in place.relative_to(samgen.folder).parts:
        inside /= part
        inside.mkdir()
    assert "too long" in samgen.refuses("new", "orders", *QUICK, "-o", str(place))
    assert names(place) == []


def test_a_reader_that_leaves_is_no_traceback(samgen: Door) -> None:
    command = subprocess.list2cmdline(samgen.command("schema"))
    done = subprocess.run(
        ["/bin/sh", "-c", f"{command} | head -n 1"],
        env=dict(samgen.environment),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "{\n"
    assert done.stderr == ""


def test_a_result_that_cannot_be_printed_does_not_hide_the_project(samgen: Door) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            samgen.command("new", "orders", *QUICK, "--json"),
            cwd=samgen.folder,
            env=dict(samgen.environment),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 3
    expected = f"The result cannot be printed (No space left on device); {samgen.folder / 'orders'} is complete."
    assert done.stderr.splitlines()[-1] == expected
    assert samgen.listing() == ["orders"]


def test_a_signal_while_the_command_loads_is_no_traceback(tmp_path: Path) -> None:
    # Typer's import stands for whatever is loading when Ctrl-C comes.
    (tmp_path / "typer.py").write_text("raise KeyboardInterrupt\n")
    root = Path(__file__).resolve().parents[2]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join((str(tmp_path), str(root)))}
    command = [sys.executable, "-m", "generator", "--version"]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "Interrupted: nothing was written.\n")
