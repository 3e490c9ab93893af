"""A merge is put into a project as a whole, or not at all."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from generator.errors import InputError
from generator.merge import transaction
from generator.merge.conflicts import Conflict
from generator.merge.files import File, read_files

CONFLICT = Conflict("a", "", "text", "both changed it")
WRITTEN = {"a": File(b"new a\n"), "new/c": File(b"c\n", executable=True), "run": File(b"run\n")}
REMOVED = ["old/b"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "orders"
    (root / "old").mkdir(parents=True)
    (root / "a").write_bytes(b"old a\n")
    (root / "a").chmod(0o640)
    (root / "old" / "b").write_bytes(b"b\n")
    (root / "run").write_bytes(b"run\n")
    (root / "run").chmod(0o755)
    (root / "mine").write_bytes(b"mine\n")
    return root


def _state(root: Path) -> dict[str, tuple[bytes, int]]:
    return {name: (file.data, (root / name).stat().st_mode) for name, file in read_files(root).items()}


def test_all_is_written_and_nothing_is_left_behind(project: Path) -> None:
    transaction.apply(project, read_files(project), WRITTEN, REMOVED, [])
    after = _state(project)
    assert {name: state[0] for name, state in after.items()} == {
        "a": b"new a\n",
        "mine": b"mine\n",
        "new/c": b"c\n",
        "run": b"run\n",
    }
    assert [after[name][1] & 0o777 for name in ("a", "run")] == [0o640, 0o644]
    assert after["new/c"][1] & 0o100
    assert not (project / "old").exists()
    assert list((project / ".samgen").iterdir()) == []


def test_a_conflict_waits_and_abort_restores_every_byte(project: Path) -> None:
    before = _state(project)
    transaction.apply(project, read_files(project), WRITTEN, REMOVED, [CONFLICT])
    waiting = transaction.unfinished(project)
    assert waiting is not None
    assert waiting.conflicts == (CONFLICT,)
    (project / "a").write_bytes(b"half resolved\n")
    with pytest.raises(InputError, match="unfinished"):
        transaction.apply(project, read_files(project), WRITTEN, [], [])
    transaction.recover(project)
    assert transaction.unfinished(project) is not None
    transaction.abort(project)
    assert _state(project) == before
    assert not (project / "new").exists()
    with pytest.raises(InputError, match="no unfinished"):
        transaction.abort(project)


def test_finish_keeps_what_the_user_has_resolved(project: Path) -> None:
    transaction.apply(project, read_files(project), WRITTEN, REMOVED, [CONFLICT])
    (project / "a").write_bytes(b"resolved\n")
    transaction.finish(project)
    assert transaction.unfinished(project) is None
    assert (project / "a").read_bytes() == b"resolved\n"


def test_a_file_that_changes_meanwhile_is_not_overwritten(project: Path) -> None:
    seen = read_files(project)
    (project / "a").write_bytes(b"just saved\n")
    before = _state(project)
    with pytest.raises(InputError, match="a has changed"):
        transaction.apply(project, seen, WRITTEN, REMOVED, [])
    assert _state(project) == before


def _killed(project: Path, kind: str, moment: int) -> bool:
    """Apply or abort in a process that is killed before so many steps on the disk; whether it was."""
    number = os.fork()
    if number:
        return os.WTERMSIG(os.waitpid(number, 0)[1]) == signal.SIGKILL
    left = moment
    files = read_files(project)

    def count(event: str, _arguments: object) -> None:
        nonlocal left
        if event in {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod"}:
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    if kind == "abort":
        transaction.abort(project)
    else:
        transaction.apply(project, files, WRITTEN, REMOVED, [CONFLICT] if kind == "conflict" else [])
    os._exit(0)


@pytest.mark.parametrize("kind", ["clean", "conflict", "abort"])
def test_killed_at_any_moment_it_is_the_old_or_the_new_project(tmp_path: Path, project: Path, kind: str) -> None:
    old = _state(project)
    new_project = tmp_path / "new"
    _copy(project, new_project)
    transaction.apply(new_project, read_files(new_project), WRITTEN, REMOVED, [])
    new = _state(new_project)
    seen = set()
    for moment in range(0, 120, 5):
        root = tmp_path / f"{moment}"
        _copy(project, root)
        if kind == "abort":
            transaction.apply(root, read_files(root), WRITTEN, REMOVED, [CONFLICT])
        killed = _killed(root, kind, moment)
        transaction.recover(root)
        state = {name: held for name, held in _state(root).items() if not name.startswith(".samgen/update/")}
        assert state in (old, new), moment
        assert (state == new) or transaction.unfinished(root) is None
        seen.add((killed, state == new))
    assert (True, False) in seen
    assert (True, True) in seen


def _copy(source: Path, target: Path) -> None:
    for name, file in read_files(source).items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_bytes(file.data)
        os.chmod(target / name, (source / name).stat().st_mode & 0o777)  # noqa: PTH101


def test_a_folder_that_is_read_only_is_refused_before_anything_is_written(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _state(project)
    # Not by its mode, which does not hold for root.
    monkeypatch.setattr(os, "access", lambda path, _: Path(path) != project / "old")
    with pytest.raises(InputError, match="old is read-only: make it writable, and try again; nothing was changed"):
        transaction.apply(project, read_files(project), WRITTEN, REMOVED, [])
    assert _state(project) == before


def test_what_fails_half_way_is_taken_back_where_that_can_be(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _state(project)
    write = transaction._write

    def refuse(path: Path, file: File, mode: int | None = None) -> None:
        # One file can neither be written nor restored, and need not be restored.
        if path.name == "next" and file.data in (b"run\n", b"old run\n"):
            raise PermissionError(13, "Permission denied")
        write(path, file, mode)

    monkeypatch.setattr(transaction, "_write", refuse)
    with pytest.raises(InputError, match="Permission denied; every file is as it was"):
        transaction.apply(project, read_files(project), WRITTEN, REMOVED, [])
    assert _state(project) == before
    assert list((project / ".samgen").iterdir()) == []


def test_what_cannot_be_taken_back_is_told_and_done_by_the_next_command(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _state(project)
    with monkeypatch.context() as patched:
        put = transaction._put
        done: list[str] = []

        def fail(project: Path, entry: Mapping[str, str], side: str) -> None:
            done.append(entry["name"])
            if len(done) > 1:
                raise OSError(5, "Input/output error")
            put(project, entry, side)

        patched.setattr(transaction, "_put", fail)
        with pytest.raises(InputError, match="Input/output error; mend that, and 'samgen update' takes the rest back"):
            transaction.apply(project, read_files(project), WRITTEN, REMOVED, [])
    transaction.recover(project)
    assert _state(project) == before
