"""Snapshots of any data come back as they were, shards are a partition, and a comparison is mirrored when swapped."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.regress.compare import Comparison, Kind, compare
from generator.regress.matrix import Combination
from generator.regress.plan import part_of, shard_of
from generator.regress.report.bundles import bundles
from generator.regress.sharing import share, whole
from generator.regress.sheets import Packed, Sheets
from generator.regress.snapshot import DIGEST, Part, digest
from generator.regress.store import Snapshots, read_snapshots, write_snapshots

# Texts that are pieces, lines and names: long, of several lines, like the marks of pieces, halves of characters.
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=12),
    st.sampled_from(["$", "$lines", "$whole", "", "a" * 150, "line\n" * 40, "\ud800", "\r\n" * 90, "é" * 160]),
)
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), TEXTS)
VALUES: st.SearchStrategy[Any] = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=12
)
NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)
PARTS = st.builds(
    Part,
    st.sampled_from(["template.yaml", "a/b é.yml", "a\udcff", "%2F", ".."]),
    st.sampled_from(["Resources", "File", ""]),
    NAMES,
)
RESOURCES = st.fixed_dictionaries({"Type": st.sampled_from(["AWS::SQS::Queue", "Custom::A/B", ".."]), "P": VALUES})
CONTENT = st.dictionaries(PARTS, VALUES | RESOURCES, min_size=1, max_size=5)
# Several combinations have the same parts, as in life.
SOME = st.lists(CONTENT, min_size=1, max_size=3).flatmap(
    lambda few: st.dictionaries(st.sampled_from(["a", "b", "c", "..", "%", "é"]), st.sampled_from(few), max_size=5)
)
# Two sides that have much in common: of few names and few values there are changes, renamed parts and equal ones.
FEW_PARTS = st.builds(Part, st.just("template.yaml"), st.just("Resources"), st.sampled_from("ABCD"))
SIDES = st.lists(VALUES | RESOURCES, min_size=1, max_size=4).flatmap(
    lambda pool: st.tuples(
        *[
            st.dictionaries(
                st.sampled_from("xyz"), st.dictionaries(FEW_PARTS, st.sampled_from(pool), min_size=1), max_size=3
            )
        ]
        * 2
    )
)
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def snapshots(content: dict[str, dict[Part, Any]]) -> Snapshots:
    found = Snapshots()
    for name, parts in content.items():
        found.add(name, {"axis": name}, parts)
    return found


def content_of(found: Snapshots) -> dict[str, dict[Part, Any]]:
    return {name: {part: found.value(name, part) for part in parts} for name, parts in found.parts.items()}


@QUICK
@given(VALUES)
def test_shared_pieces_make_the_whole_again(value: Any) -> None:
    pieces: dict[str, Any] = {}
    shared = share(value, pieces)
    on_disk = json.loads(json.dumps([shared, pieces]))

    assert whole(on_disk[0], on_disk[1]) == value
    assert digest(whole(*on_disk)) == digest(value)


@QUICK
@given(SOME)
def test_snapshots_come_back_and_are_the_same_bytes(content: dict[str, dict[Part, Any]]) -> None:
    found = snapshots(content)
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder, "kept")
        write_snapshots(kept, found)
        first = {path: path.read_bytes() for path in kept.rglob("*") if path.is_file()}
        again = read_snapshots(kept)
        write_snapshots(kept, again)

        assert content_of(again) == content
        assert again.choices == {name: {"axis": name} for name in content}
        assert {path: path.read_bytes() for path in kept.rglob("*") if path.is_file()} == first
        assert [path.name for path in Path(folder).iterdir()] == ["kept"]
    assert compare(found, again).same


@QUICK
@given(SOME, SOME)
def test_numbers_are_never_given_twice(one: dict[str, dict[Part, Any]], other: dict[str, dict[Part, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder, "kept")
        write_snapshots(kept, snapshots(one))
        before = read_snapshots(kept).numbers
        later = snapshots(other)
        later.numbers.update(before)
        write_snapshots(kept, later)
        after = read_snapshots(kept).numbers

    assert {name: after[name] for name in set(one) & set(other)} == {
        name: before[name] for name in set(one) & set(other)
    }
    fresh = [after[name] for name in set(other) - set(one)]
    assert len(set(fresh)) == len(fresh)
    assert not set(fresh) & set(before.values())


@QUICK
@given(st.dictionaries(PARTS, st.text("abc", min_size=DIGEST, max_size=DIGEST), max_size=8))
def test_sheets_hold_what_they_are_given(parts: dict[Part, str]) -> None:
    sheets = Sheets()
    bound = sheets.bind(parts)

    assert dict(bound) == parts
    assert len(bound) == len(parts)
    assert set(bound.files) == {part.file for part in parts}
    other = sheets.bind(dict(reversed(parts.items())))
    assert all(other.files[file] is sheet for file, sheet in bound.files.items())


@QUICK
@given(st.dictionaries(TEXTS, VALUES, max_size=4))
def test_packed_data_is_a_copy_of_what_it_was(data: dict[str, Any]) -> None:
    packed = Packed()
    packed.update(data)

    assert dict(packed) == data
    assert all(packed[key] == value for key, value in data.items())


@QUICK
@given(st.sets(NAMES, max_size=40), st.integers(1, 12), st.randoms(use_true_random=False))
def test_shards_are_equal_parts_of_the_whole(names: set[str], of: int, random: Any) -> None:
    every = [Combination(name, {}) for name in names]
    parts = [part_of(random.sample(every, len(every)), shard_of(f"{number}/{of}")) for number in range(1, of + 1)]

    assert sorted(c.name for part in parts for c in part) == sorted(names)
    sizes = {len(part) for part in parts}
    assert max(sizes) - min(sizes) <= 1
    assert {c.name for c in part_of(every, None)} == names


def names_and_digests(found: Snapshots) -> dict[str, dict[Part, str]]:
    return {name: dict(parts) for name, parts in found.parts.items()}


def told(comparison: Comparison, *, mirrored: bool = False) -> set[tuple[Any, ...]]:
    """Every change of every combination, without how changes are put together; or as the other side has it.

    Which of two equal items of a list went is told one way there and another way back: of edits only whether there are
    any.
    """
    other = {Kind.ADDED: Kind.REMOVED, Kind.REMOVED: Kind.ADDED} if mirrored else {}
    found = set()
    for change in comparison.changes:
        part, renamed = change.part, change.renamed
        if mirrored and renamed:
            part, renamed = part._replace(name=renamed), part.name
        for name in change.combinations:
            found.add((name, other.get(change.kind, change.kind), part, renamed, bool(change.edits)))
    assert len(found) == sum(len(change.combinations) for change in comparison.changes)
    return found


@QUICK
@given(SIDES)
def test_a_comparison_is_mirrored(sides: tuple[dict[str, dict[Part, Any]], ...]) -> None:
    before, after = map(snapshots, sides)
    there, back = compare(before, after), compare(after, before)

    assert compare(before, before).same
    assert (there.added, there.removed) == (back.removed, back.added)
    assert there.same == back.same
    if names_and_digests(before) == names_and_digests(after):
        assert there.same
    assert told(there) == told(back, mirrored=True)
    # Each of them is told in one bundle, and no other.
    in_bundles = [change for bundle in bundles(there) for change in bundle.changes]
    assert sorted(map(id, in_bundles)) == sorted(map(id, there.changes))
