"""Texts in snapshots: every byte comes back, the same paragraphs stand once, and differences are told as a diff."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.project import load_project
from generator.regress.compare import compare
from generator.regress.report.words import diff, lines
from generator.regress.sharing import share, whole
from generator.regress.snapshot import FILE, Part, parts_of
from generator.regress.store import Snapshots, read_snapshots, write_snapshots
from generator.regress.textdiff import hunks

PARAGRAPHS = st.sampled_from(
    ["", "$", "$$x", "$0123456789ab", "short", "a line\n" * 9, "x" * 60, "x" * 200, "\r", "\n"]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(PARAGRAPHS, max_size=12).map("\n\n".join))
def test_a_text_comes_back(text: str) -> None:
    pieces: dict[str, object] = {}
    kept = json.loads(json.dumps([share({"text": text}, pieces), pieces]))

    assert whole(*kept) == {"text": text}


@pytest.mark.parametrize("key", ["$", "$lines", "$text", "$whole"])
def test_what_looks_like_a_piece_is_left_whole(key: str) -> None:
    assert whole(share({key: ["a"]}, {}), {}) == {key: ["a"]}


def test_what_many_texts_have_stands_once() -> None:
    common = "\n\n".join(
        f"Paragraph {number} of many, which all of the texts have.\nIt goes on." for number in range(60)
    )
    texts = [f"{common}\n\nOf text {number} alone.\n" for number in range(50)]
    pieces: dict[str, object] = {}
    shared = [share(text, pieces) for text in texts]

    assert len(json.dumps([shared, pieces])) < 10 * len(common)


@settings(max_examples=100, deadline=None)
@given(*[st.lists(st.sampled_from("abc"), max_size=9).map("\n".join)] * 2)
def test_hunks_make_one_text_of_the_other(before: str, after: str) -> None:
    rest = before.split("\n") if not (before.endswith("\n") and after.endswith("\n")) else before.split("\n")[:-1]
    for hunk in reversed(list(hunks(before, after))):
        start = hunk.line - 1
        assert tuple(rest[start : start + len(hunk.gone)]) == hunk.gone
        rest[start : start + len(hunk.gone)] = hunk.new

    assert "\n".join(rest).rstrip("\n") == after.rstrip("\n")


def project(folder: Path, **files: bytes) -> Snapshots:
    """A project of these files as a snapshot, by way of a disk."""
    root = folder / "project"
    root.mkdir(parents=True)
    template = b'AWSTemplateFormatVersion: "2010-09-09"\nResources: {T: {Type: AWS::SNS::Topic}}\n'
    for name, data in {"template.yaml": template, **files}.items():
        (root / name).write_bytes(data)
    found = Snapshots()
    found.add("one", {}, parts_of(load_project(root)))
    write_snapshots(folder / "kept", found)
    return read_snapshots(folder / "kept")


def test_what_is_no_text_is_only_told_to_be_another(tmp_path: Path) -> None:
    same = b"same\n\n" * 40
    before = project(tmp_path / "a", picture=b"\0a", latin=b"\xe9a", long=b"a" * 1_000_001, text=same + b"x")
    after = project(tmp_path / "b", picture=b"\0b", latin=b"\xe9b", long=b"b" * 1_000_001, text=same + b"x\n")
    found = {change.part.file: change for change in compare(before, after).changes}

    assert {name: list(lines(change)) for name, change in found.items() if name != "text"} == {
        "picture": [],
        "latin": [],
        "long": [],
    }
    # A line feed at the end is told, too.
    assert diff(found["text"], 100).splitlines()[-2:] == [" x", "+"]
    assert before.value("one", Part("text", FILE, ""))["text"].encode() == same + b"x"


def test_a_long_diff_is_cut_and_says_so(tmp_path: Path) -> None:
    before = project(tmp_path / "a", text=b"a\n" * 300)
    after = project(tmp_path / "b", text=b"b\n" * 300)
    (change,) = compare(before, after).changes

    shown = diff(change, 50).splitlines()
    assert (len(shown), shown[-1]) == (51, "… and 551 lines more")
