"""Staging: a project appears whole or not at all, whatever the disk or a signal does."""

# What is tested is the body of a `with`: several statements under pytest.raises.
# ruff: noqa: PT012

from __future__ import annotations

import errno
import os
import resource
import shutil
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from generator import staging
from generator.errors import InputError
from generator.staging import Stopped, check_target, printable, staged


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def _fill(project: Path) -> None:
    project.mkdir()
    (project / "template.yaml").write_text("Resources: {}\n", encoding="utf-8")


def test_the_project_appears_by_publishing(tmp_path: Path) -> None:
    target = tmp_path / "orders"
    with staged(target) as stage:
        _fill(stage.project)
        assert not target.exists()
        assert stage.project.parent.parent == tmp_path
        assert stat.S_IMODE(stage.project.parent.stat().st_mode) == 0o700
        stage.publish()
        assert (target / "template.yaml").is_file()
    assert _names(tmp_path) == ["orders"]


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002])
def test_the_projects_mode_is_the_users(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        with staged(tmp_path / "orders") as stage:
            _fill(stage.project)
            stage.publish()
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "orders").stat().st_mode) == 0o777 & ~mask


def test_without_publishing_nothing_is_left(tmp_path: Path) -> None:
    with staged(tmp_path / "orders") as stage:
        _fill(stage.project)
    assert _names(tmp_path) == []


def test_work_can_be_done_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    (tmp_path / "elsewhere").mkdir()
    with staged(tmp_path / "target" / "orders", beside=tmp_path / "elsewhere") as stage:
        assert stage.project.is_relative_to(tmp_path / "elsewhere")
        assert _names(tmp_path / "target") == []
    assert _names(tmp_path / "elsewhere") == []


@pytest.mark.parametrize("error", [RuntimeError("x"), KeyboardInterrupt(), SystemExit(1), InputError("x")], ids=repr)
def test_an_error_leaves_nothing(tmp_path: Path, error: BaseException) -> None:
    with pytest.raises(type(error)), staged(tmp_path / "orders") as stage:
        _fill(stage.project)
        raise error
    assert _names(tmp_path) == []


@pytest.mark.parametrize("kind", ["file", "folder", "full folder", "link", "dangling link", "pipe"])
def test_what_exists_is_refused(tmp_path: Path, kind: str) -> None:
    target = tmp_path / "orders"
    _make(kind, target)
    with pytest.raises(InputError, match="exists already"), staged(target):
        pytest.fail("the body must not run")
    assert _names(tmp_path) == ["orders"]


@pytest.mark.parametrize("kind", ["file", "folder", "full folder", "link", "dangling link", "pipe"])
def test_what_appears_meanwhile_is_not_overwritten(tmp_path: Path, kind: str) -> None:
    target = tmp_path / "orders"
    with pytest.raises(InputError, match="exists already"), staged(target) as stage:
        _fill(stage.project)
        _make(kind, target)
        before = target.lstat()
        stage.publish()
    assert _names(tmp_path) == ["orders"]
    assert target.lstat() == before


@pytest.mark.parametrize("kind", ["file", "full folder", "link", "dangling link"])
def test_what_appears_in_the_last_moment_is_not_overwritten(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "orders"
    with pytest.raises(InputError, match="exists already"), staged(target) as stage:
        _fill(stage.project)
        monkeypatch.setattr(staging, "_refuse_existing", lambda target: _make(kind, target))
        stage.publish()
    assert _names(tmp_path) == ["orders"]
    assert not (target / "template.yaml").exists()


def _make(kind: str, target: Path) -> None:
    if kind == "file":
        target.touch()
    elif kind == "pipe":
        os.mkfifo(target)
    elif kind == "dangling link":
        target.symlink_to("nowhere")
    elif kind == "link":
        target.symlink_to(os.devnull)
    else:
        target.mkdir()
        if kind == "full folder":
            (target / "kept").touch()


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("missing/orders", "the folder .*missing does not exist"),
        ("file/orders", "file is not a folder"),
        ("file/deeper/orders", "file/deeper is not a folder"),
        ("loop/orders", "loop cannot be used: Too many levels of symbolic links"),
        ("x" * 300 + "/orders", "cannot be used: File name too long"),
        ("nul\0/orders", "cannot be used: embedded null byte"),
        ("..", "is not the name of a folder"),
        ("", "is not the name of a folder"),
    ],
)
def test_a_place_that_cannot_be_used_is_refused(tmp_path: Path, target: str, message: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(InputError, match=message):
        check_target(tmp_path / target if target else Path())
    assert _names(tmp_path) == ["file", "loop"]


def test_a_folder_that_is_not_writable_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Asked of the system, as permission bits do not bind root.
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(InputError, match="is not writable"):
        check_target(tmp_path / "orders")


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (errno.ENOSPC, "no space is left"),
        (errno.EDQUOT, "quota"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "may not write"),
        (errno.ENAMETOOLONG, "too long"),
        (errno.EIO, "input/output error"),
    ],
)
def test_what_a_disk_refuses_is_one_sentence(tmp_path: Path, number: int, message: str) -> None:
    with pytest.raises(InputError, match=f"nothing was written to .*: .*{message}"), staged(tmp_path / "x") as stage:
        _fill(stage.project)
        raise OSError(number, os.strerror(number))
    assert _names(tmp_path) == []


def test_an_error_that_is_not_the_disks_stays_itself(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), staged(tmp_path / "x"):
        (tmp_path / "missing").read_text(encoding="utf-8")
    assert _names(tmp_path) == []


def test_a_file_size_limit_is_one_sentence(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, before[1]))
    try:
        with pytest.raises(InputError, match="file size limit"), staged(tmp_path / "orders") as stage:
            _fill(stage.project)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    assert _names(tmp_path) == []


@contextmanager
def _mounted(folder: Path, options: str) -> Iterator[None]:
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    if sys.platform != "linux" or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("file systems cannot be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    with _mounted(tmp_path, "size=64k"):
        with pytest.raises(InputError, match="no space is left"), staged(tmp_path / "orders") as stage:
            stage.project.mkdir()
            (stage.project / "large").write_bytes(bytes(1_000_000))
        assert _names(tmp_path) == []


def test_a_read_only_disk_is_refused(tmp_path: Path) -> None:
    with (
        _mounted(tmp_path, "size=64k,ro"),
        pytest.raises(InputError, match=r"not writable|read-only"),
        staged(tmp_path / "orders"),
    ):
        pytest.fail("the body must not run")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda n: n.name)
def test_a_signal_stops_and_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with pytest.raises(Stopped) as stopped, staged(tmp_path / "orders") as stage:
        _fill(stage.project)
        os.kill(os.getpid(), number)
        pytest.fail("the signal must stop the body")
    assert stopped.value.code == 128 + number
    assert _names(tmp_path) == []
    assert signal.getsignal(number) is before


def test_a_second_signal_does_not_disturb_cleaning_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    remove = shutil.rmtree

    def interrupted(folder: Path, **options: bool) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        remove(folder, ignore_errors=True)

    monkeypatch.setattr(shutil, "rmtree", interrupted)
    with pytest.raises(Stopped) as stopped, staged(tmp_path / "orders") as stage:
        _fill(stage.project)
        os.kill(os.getpid(), signal.SIGINT)
    assert stopped.value.code == 130
    assert _names(tmp_path) == []


def test_a_signal_after_publishing_comes_too_late(tmp_path: Path) -> None:
    with staged(tmp_path / "orders") as stage:
        _fill(stage.project)
        stage.publish()
        os.kill(os.getpid(), signal.SIGTERM)
    assert _names(tmp_path) == ["orders"]


def test_a_signal_at_the_end_without_publishing_stops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    remove = shutil.rmtree

    def interrupted(folder: Path, **options: bool) -> None:
        remove(folder, ignore_errors=True)
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(shutil, "rmtree", interrupted)
    with pytest.raises(Stopped), staged(tmp_path / "orders"):
        pass


def test_an_ignored_signal_stays_ignored(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with staged(tmp_path / "orders") as stage:
            _fill(stage.project)
            os.kill(os.getpid(), signal.SIGHUP)
            stage.publish()
    finally:
        signal.signal(signal.SIGHUP, before)
    assert _names(tmp_path) == ["orders"]


def test_it_works_outside_the_main_thread(tmp_path: Path) -> None:
    def work() -> None:
        with staged(tmp_path / "orders") as stage:
            _fill(stage.project)
            stage.publish()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert _names(tmp_path) == ["orders"]


def test_a_forked_child_does_not_clean_up_its_parents_folder(tmp_path: Path) -> None:
    with staged(tmp_path / "orders") as stage:
        _fill(stage.project)
        child = os.fork()
        if child == 0:
            os.kill(os.getpid(), signal.SIGTERM)
            os._exit(99)
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) == 128 + signal.SIGTERM
        assert (stage.project / "template.yaml").is_file()
        stage.publish()
    assert _names(tmp_path) == ["orders"]


def test_what_a_killed_run_left_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / ".samgen-orders-abc").mkdir()
    with staged(tmp_path / "orders") as stage:
        _fill(stage.project)
        stage.publish()
    assert _names(tmp_path) == [".samgen-orders-abc", "orders"]


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/a b/\u00e9\u4e2d", "/a b/\u00e9\u4e2d"),
        ("/a\x1b[31m", "/a\\x1b[31m"),
        ("/a\nb", "/a\\nb"),
        ("/a\u202eb", "/a\\u202eb"),
        ("/a\udcff", "/a\\udcff"),
    ],
)
def test_a_path_is_shown_without_tricks(path: str, shown: str) -> None:
    assert printable(path) == shown
