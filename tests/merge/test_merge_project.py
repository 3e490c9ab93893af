"""Whole projects merged: files that come, go and move, on either side."""

from __future__ import annotations

import io
import lzma
import tarfile
from pathlib import Path

import pytest

from generator.errors import InputError
from generator.merge.files import File, read_files
from generator.merge.project import merge_project
from generator.merge.state import (
    RENDERED,
    BrokenRecordError,
    Rendered,
    pack,
    read_record,
    record,
    rendered_files,
    unpack,
)

CODE = "\n".join(f"line {number} of a handler" for number in range(12)) + "\n"


def _files(**texts: str) -> dict[str, File]:
    return {name.replace("__", "/").replace("_", "."): File(text.encode()) for name, text in texts.items()}


def test_each_side_brings_and_takes_files() -> None:
    base = _files(a_py="a = 1\n", b_py="b = 1\n", c_py="c = 1\n")
    ours = _files(a_py="a = 1\n", b_py="b = 1\n", mine_py="m = 1\n")
    theirs = _files(a_py="a = 2\n", c_py="c = 1\n", new_py="n = 1\n")
    merge = merge_project(base, ours, theirs)
    assert merge.written == _files(a_py="a = 2\n", new_py="n = 1\n")
    assert merge.removed == ("b.py",)
    assert not merge.conflicts


def test_what_one_side_removed_and_the_other_changed_is_a_conflict() -> None:
    base = _files(a_py="a = 1\n", b_py="b = 1\n")
    merge = merge_project(base, _files(b_py="b = 2\n"), _files(a_py="a = 2\n"))
    assert not merge.changes
    assert [(c.file, c.kind) for c in merge.conflicts] == [("a.py", "deleted"), ("b.py", "removed")]


def test_a_file_that_the_user_moved_is_followed() -> None:
    base = _files(src__a_py=CODE, src__b_py=CODE + "#\n")
    ours = _files(lib__a_py=CODE, src__b_py=CODE + "#\n")
    changed = CODE.replace("line 3", "line three")
    merge = merge_project(base, ours, _files(src__a_py=changed, src__b_py=CODE + "#\n"))
    assert merge.written == _files(lib__a_py=changed)
    assert not merge.conflicts
    twice = merge_project(base, {**ours, **_files(copy_py=CODE)}, _files(src__a_py=changed, src__b_py=CODE + "#\n"))
    assert [(c.file, c.kind) for c in twice.conflicts] == [("src/a.py", "deleted")]


def test_lines_are_merged_and_conflicts_marked() -> None:
    base = _files(a_py=CODE)
    mine, other = CODE.replace("line 2", "mine"), CODE.replace("line 9", "theirs")
    merge = merge_project(base, _files(a_py=mine), _files(a_py=other))
    assert merge.written == _files(a_py=mine.replace("line 9", "theirs"))
    merge = merge_project(base, _files(a_py=mine), _files(a_py=CODE.replace("line 2", "theirs")))
    text = merge.written["a.py"].data.decode()
    assert "<<<<<<< yours\nmine of a handler\n=======\ntheirs of a handler\n>>>>>>> template\n" in text
    assert [(c.file, c.kind) for c in merge.conflicts] == [("a.py", "text")]


def test_modes_and_what_is_no_text() -> None:
    base = {"run": File(b"a\n"), "logo": File(b"\0a")}
    ours = {"run": File(b"a\n", executable=True), "logo": File(b"\0mine")}
    merge = merge_project(base, ours, {"run": File(b"b\n"), "logo": File(b"\0theirs")})
    assert merge.written == {"run": File(b"b\n", executable=True)}
    assert [(c.file, c.kind) for c in merge.conflicts] == [("logo", "binary")]


def test_a_folder_of_the_users_is_never_in_the_way() -> None:
    merge = merge_project({}, _files(a__b="1", c="1"), _files(a="2", c__d="2"))
    assert not merge.written
    assert [c.file for c in merge.conflicts] == ["a", "c/d"]


def test_a_yaml_file_that_cannot_be_read_is_merged_by_lines() -> None:
    base, ours = "a: 1\n\nb: 2\n\nc: 3\n", "a: [\n\nb: 2\n\nc: 3\n"
    merge = merge_project(_files(a_yaml=base), _files(a_yaml=ours), _files(a_yaml=base.replace("3", "4")))
    assert merge.written == _files(a_yaml=ours.replace("3", "4"))


def test_the_record_is_the_same_bytes_and_gives_back_every_file(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.py").write_bytes(CODE.encode())
    (tmp_path / "run").write_bytes(b"\0\r\n")
    (tmp_path / "run").chmod(0o755)
    record(tmp_path)
    first = (tmp_path / RENDERED).read_bytes()
    record(tmp_path)
    assert (tmp_path / RENDERED).read_bytes() == first
    assert (
        read_record(tmp_path).files
        == rendered_files(tmp_path)
        == {
            "run": File(b"\0\r\n", executable=True),
            "src/a.py": File(CODE.encode()),
        }
    )
    assert RENDERED in read_files(tmp_path)


@pytest.mark.parametrize("data", [b"", b"no archive", pack(Rendered("0.1", {"a": File(b"a")}))[:-9]])
def test_a_record_that_is_not_whole_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(InputError, match="missing"):
        read_record(tmp_path)
    (tmp_path / ".samgen").mkdir()
    (tmp_path / RENDERED).write_bytes(data)
    with pytest.raises(InputError, match="cannot be read"):
        read_record(tmp_path)


def test_a_record_leads_nowhere_else() -> None:
    with pytest.raises(ValueError, match="not inside"):
        unpack(pack(Rendered("0.1", {"../a": File(b"a")})))


def test_a_yaml_file_that_cannot_be_put_together_keeps_the_users() -> None:
    base, ours = "a: 1\n", "a: [\n"
    merge = merge_project(_files(a_yaml=base), _files(a_yaml=ours), _files(a_yaml="a: 2\n"))
    assert not merge.written
    assert [(c.file, c.kind) for c in merge.conflicts] == [("a.yaml", "value")]


_ABOUT = b'{"version": "0.1.0"}'
_HOSTILE = {
    "a way out": ([("project/../../a", tarfile.REGTYPE)], _ABOUT),
    "an absolute path": ([("project//etc/a", tarfile.REGTYPE)], _ABOUT),
    "a path of another system": ([("project/..\\a", tarfile.REGTYPE)], _ABOUT),
    "a repository's insides": ([("project/.git/config", tarfile.REGTYPE)], _ABOUT),
    "a link": ([("project/a", tarfile.SYMTYPE)], _ABOUT),
    "a hard link": ([("project/a", tarfile.LNKTYPE)], _ABOUT),
    "a pipe": ([("project/a", tarfile.FIFOTYPE)], _ABOUT),
    "a list": ([], b"[1]"),
    "a number": ([], b'{"version": 1}'),
    "a deep one": ([], b"[" * 100_000),
    "no JSON": ([], b"\xff"),
    "an empty version": ([], b'{"version": ""}'),
}


@pytest.mark.parametrize("name", _HOSTILE)
def test_a_hostile_record_is_refused_in_a_sentence(tmp_path: Path, name: str) -> None:
    entries, about = _HOSTILE[name]
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w", format=tarfile.PAX_FORMAT) as archive:
        first = tarfile.TarInfo("samgen.json")
        first.size = len(about)
        archive.addfile(first, io.BytesIO(about))
        for path, kind in entries:
            entry = tarfile.TarInfo(path)
            entry.type, entry.linkname = kind, "/etc/passwd"
            archive.addfile(entry)
    (tmp_path / ".samgen").mkdir()
    (tmp_path / RENDERED).write_bytes(lzma.compress(held.getvalue()))
    with pytest.raises(
        BrokenRecordError, match=r"cannot be read \((.* is not inside|.* is no file|the version|.*decode)"
    ):
        read_record(tmp_path)


@pytest.mark.parametrize("version", ["99.0\x1b[31m", "9" * 6_000])
def test_a_newer_version_is_told_as_a_terminal_may_show_it(tmp_path: Path, version: str) -> None:
    (tmp_path / ".samgen").mkdir()
    (tmp_path / RENDERED).write_bytes(pack(Rendered(version, {})))
    with pytest.raises(InputError, match="install that or a newer one") as error:
        read_record(tmp_path)
    assert str(error.value).isprintable()
    assert len(str(error.value)) < 200


def test_a_newer_record_is_refused_as_such_whatever_it_holds(tmp_path: Path) -> None:
    held = io.BytesIO(lzma.decompress(pack(Rendered("99.0", {}))))
    with tarfile.open(fileobj=held, mode="a", format=tarfile.PAX_FORMAT) as archive:
        entry = tarfile.TarInfo("project/a")
        entry.type, entry.linkname = tarfile.SYMTYPE, "b"
        archive.addfile(entry)
    (tmp_path / ".samgen").mkdir()
    (tmp_path / RENDERED).write_bytes(lzma.compress(held.getvalue()))
    with pytest.raises(InputError, match=r"rendered by samgen 99\.0, this is"):
        read_record(tmp_path)


def test_a_record_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".samgen").mkdir()
    packer = lzma.LZMACompressor()
    parts = [packer.compress(bytes(1_000_000)) for _ in range(100)]
    (tmp_path / RENDERED).write_bytes(b"".join([*parts, packer.flush()]))
    with pytest.raises(BrokenRecordError, match="too large"):
        read_record(tmp_path)
