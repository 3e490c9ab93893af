"""The baseline: what is known passes, whatever line it has moved to; what is new fails."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from reviews import TEMPLATE, found, review, write

from generator.checks.baseline import Baseline, read_baseline, write_baseline
from generator.checks.review import shown_findings
from generator.errors import InputError


def baseline_of(project: Path, file: Path) -> Baseline:
    write_baseline(file, shown_findings(review(project)))
    return read_baseline(file)


def test_what_is_known_passes(tmp_path: Path) -> None:
    known = baseline_of(write(tmp_path / "p"), tmp_path / "known.json")
    seen = review(tmp_path / "p", baseline=known)

    assert found(seen) == []
    assert [finding.rule for finding in seen.projects[0].known] == ["SG101", "SG404", "SG801"]
    assert seen.ok
    assert seen.gone == 0


def test_lines_may_move(tmp_path: Path) -> None:
    known = baseline_of(write(tmp_path / "p"), tmp_path / "known.json")
    write(tmp_path / "p", f"# One\n# more\n{TEMPLATE}")

    assert found(review(tmp_path / "p", baseline=known)) == []


def test_what_is_new_fails(tmp_path: Path) -> None:
    known = baseline_of(write(tmp_path / "p"), tmp_path / "known.json")
    write(tmp_path / "p", TEMPLATE + "  Another:\n    Type: AWS::SNS::Topic\n")
    seen = review(tmp_path / "p", baseline=known)

    assert [rule for rule, _ in found(seen)] == ["SG404", "SG801"]
    assert not seen.ok


def test_what_is_mended_is_counted(tmp_path: Path) -> None:
    known = baseline_of(write(tmp_path / "p"), tmp_path / "known.json")
    write(tmp_path / "p", TEMPLATE.partition("  Topic:")[0])

    assert review(tmp_path / "p", baseline=known).gone == 2


def test_a_baseline_is_the_same_bytes_each_time(tmp_path: Path) -> None:
    project = write(tmp_path / "p")
    baseline_of(project, tmp_path / "a.json")
    baseline_of(project, tmp_path / "b.json")

    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    assert json.loads((tmp_path / "a.json").read_text("utf-8"))["version"] == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "7",
        '{"version": "2", "findings": []}',
        '<<<<<<< HEAD\n{"version": 1, "findings": []}',
        '{"version": 1, "findings": [{"file": "a", "rule": "b", "message": "c", "count": 1e400}]}',
        '{"version": 1, "findings": 3}',
        '{"version": 1, "findings": [1]}',
        '{"version": 1, "findings": [{"file": "a"}]}',
        '{"version": 1, "findings": [{"file": "a", "rule": "b", "message": "c", "count": "x"}]}',
        "[" * 100_000,
        "\0",
    ],
)
def test_a_file_that_is_no_baseline(tmp_path: Path, text: str) -> None:
    (tmp_path / "known.json").write_text(text, encoding="utf-8")

    with pytest.raises(InputError, match="is no baseline"):
        read_baseline(tmp_path / "known.json")


def test_a_newer_baseline_is_called_that(tmp_path: Path) -> None:
    (tmp_path / "known.json").write_text('{"version": 2, "findings": []}', encoding="utf-8")

    with pytest.raises(InputError, match=r"A newer samgen wrote .* \(version 2\)"):
        read_baseline(tmp_path / "known.json")


def test_a_baseline_that_is_a_link_stays_one_and_keeps_its_mode(tmp_path: Path) -> None:
    (tmp_path / "shared.json").write_text("{}", encoding="utf-8")
    (tmp_path / "shared.json").chmod(0o640)
    (tmp_path / "known.json").symlink_to("shared.json")
    write_baseline(tmp_path / "known.json", ())

    assert (tmp_path / "known.json").is_symlink()
    assert json.loads((tmp_path / "shared.json").read_text("utf-8"))["version"] == 1
    assert (tmp_path / "shared.json").stat().st_mode & 0o777 == 0o640


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no baseline"):
        read_baseline(tmp_path / "known.json")
    with pytest.raises(InputError, match="cannot be written"):
        write_baseline(tmp_path / "nowhere" / "known.json", ())
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="is no baseline"):
        read_baseline(tmp_path / "binary.json")
