"""Values that come from one notation into another, and what stands beside them: each was broken once."""

from __future__ import annotations

import pytest

from generator.merge.structure import UnreadableError, merge_document

# By name: what was rendered last, what the user made of it, what is rendered now, and the merged text.
_CLEAN = {
    "a block comes into the user's brackets as brackets": (
        "a: {b: x}\n",
        "a: {b: x, mine: 1}\n",
        "a:\n  # why\n  b:\n  - x\n  - |\n    t\n",
        'a: {b: [x, "t\\n"], mine: 1}\n',
    ),
    "empty containers, texts and functions in brackets": (
        "a: 1\nb:\n  - !Ref A\n",
        "a: 1\nb: [ !Ref A, c ]\n",
        "a: 1\nb:\n  - !Ref A\n  - !Sub d, e\n  - !If [x, y]\n  -\n  - - {}\n    - >2\n        f\n      g\n",
        'a: 1\nb: [ !Ref A, !Sub "d, e", !If [x, y], null, [{}, "  f\\ng\\n"], c ]\n',
    ),
    "brackets come into the user's block with their comments": (
        "a:\n  b: 1\n",
        "a:\n  # mine\n  b: 1\n  c: 2\n",
        "a: {\n  b: 1,\n  # why\n  n: 1  # beside\n}\n",
        "a:\n  # mine\n  b: 1\n  # why\n  n: 1  # beside\n  c: 2\n",
    ),
    "brackets in one line have no place for comments": (
        "a: [1, 2]\n",
        "a: [1, 2, 3]\n",
        "a: [\n  1,  # one\n  2,\n  4\n  # end\n]\n",
        "a: [1, 2, 4, 3]\n",
    ),
    "a comment beside a value goes to the list that replaces it": (
        "a:\n  b: 1\n",
        "a:\n  b: 1  # mine\n",
        "a:\n  b:\n    - 1\n",
        "a:\n  b:  # mine\n    - 1\n",
    ),
    "a comment beside a list goes to the value that replaces it": (
        "a:\n  - 1\n",
        "a:  # mine\n  - 1\n",
        "a: 1\n",
        "a: 1  # mine\n",
    ),
    "the document's mark stays above the first entry": (
        "---\na: 1\nb: 2\n",
        "---\na: 1\nb: 2\nc: 3\n",
        "---\nnew: 1\na: 1\nb: 2\n",
        "---\nnew: 1\na: 1\nb: 2\nc: 3\n",
    ),
    "a deeper comment is no part of a text above it": (
        "a: 1\nb: 2\n",
        "a: 1\n    # mine\nb: 2\n",
        "a: |\n  x\nb: 2\n",
        "a: |\n  x\n# mine\nb: 2\n",
    ),
    "a blank line is no part of a text that keeps its last ones": (
        "a: 1\nb: 2\n# end\n",
        "a: 1\n\nb: 2\n# end\n",
        "a: 1\nn: |+\n  x\nb: 2\n# end\n",
        "a: 1\nn: |+\n  x\nb: 2\n# end\n",
    ),
    "texts of functions are merged by lines": (
        "a: !Sub |\n  one\n  two\n  three\n",
        "a: !Sub |\n  mine\n  two\n  three\n",
        "a: !Sub |\n  one\n  two\n  theirs\n",
        "a: !Sub |\n  mine\n  two\n  theirs\n",
    ),
    "an anchor stays with the value": (
        "a: 1\nb: {x: 1}\n",
        "a: &m 1\nb: {x: &n 1}\nc: [*m, *n]\n",
        "a:\n  - 5\nb: {x: [5]}\n",
        "a: &m\n  - 5\nb: {x: &n [5]}\nc: [*m, *n]\n",
    ),
    "a comment at a block's end stays in it": (
        "a:\n  b:\n    c: 1\n",
        "a:\n  b:\n    c: 1\n    # mine\n",
        "a:\n  b:\n    c: 1\n  d: 2\n",
        "a:\n  b:\n    c: 1\n    # mine\n  d: 2\n",
    ),
    "what both have added to a list is there once": (
        "a: [x, y]\n",
        "a: [x, n, y]\n",
        "a: [n, y]\n",
        "a: [n, y]\n",
    ),
    "a dash is no change of what the template removes": (
        "a: 1\nb:\n  - c\n  - d\n",
        "a: 1\nb: [c, d]\n",
        "a: 2\nb:\n  - d\n",
        "a: 2\nb: [d]\n",
    ),
}


@pytest.mark.parametrize("name", _CLEAN)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_both_changes_arrive(name: str, end: str) -> None:
    base, ours, theirs, expected = _CLEAN[name]
    merged = merge_document("yaml", base, ours.replace("\n", end), theirs)
    assert merged.text == expected.replace("\n", end)
    assert not merged.conflicts


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "merged", "conflict"),
    [
        (
            "a: !If\n  - A\n  - 1\n  - 2\n",
            "a: !If\n  - A\n  - 3\n  - 2\n",
            "a: !If\n  - A\n  - 4\n  - 2\n",
            "a: !If\n  - A\n  # samgen update: the template has 4\n  - 3\n  - 2\n",
            ("a/1", "value"),
        ),
        (
            "a: {b: 1}\n",
            "a: {b: &m 1}\nc: *m\n",
            "a: 5\n",
            "# samgen update: the template has 5\na: {b: &m 1}\nc: *m\n",
            ("a", "value"),
        ),
        ("a: [\n  1\n]\n", "a: [\n  1\n  # mine\n]\n", "a: 5\n", "a: 5\n", ("a", "comment")),
        (
            "a: 1\n",
            "a: 2  # mine\n",
            "a: 3  # theirs\n",
            "# samgen update: the template has 3  # theirs\na: 2  # mine\n",
            ("a", "value"),
        ),
    ],
    ids=["arguments of a short form", "an anchor inside", "a comment in brackets", "comments beside both values"],
)
def test_what_cannot_be_both_is_told(base: str, ours: str, theirs: str, merged: str, conflict: tuple[str, str]) -> None:
    found = merge_document("yaml", base, ours, theirs)
    assert found.text == merged
    assert [(told.path, told.kind) for told in found.conflicts] == [conflict]


def test_items_in_toml_are_known_by_their_natural_key() -> None:
    mine, other = (f'a = [{{ Sid = "A", V = {number} }}]\n' for number in (1, 2))
    merged = merge_document("toml", "a = []\n", mine, other)
    assert merged.text == f"# samgen update: the template has 2\n{mine}"
    assert [conflict.path for conflict in merged.conflicts] == ["a/A/V"]


def test_a_new_table_of_an_array_renames_no_other_table() -> None:
    base = "[[g]]\nn = 1\n\n[b]\nx = 1\n"
    theirs = base.replace("[b]", "[[g]]\nn = 2\n\n[b]").replace("x = 1", "x = 2")
    merged = merge_document("toml", base, f"{base}y = 1\n", theirs)
    assert merged.text == f"{theirs}y = 1\n"
    assert not merged.conflicts


def test_a_table_of_toml_that_is_a_value_elsewhere_is_left_to_lines() -> None:
    with pytest.raises(UnreadableError):
        merge_document("toml", "a = 1\n", "[a]\nb = 1\n", "# why\na = 1\n")


def test_the_users_bytes_stay_where_a_container_was_emptied() -> None:
    base = "a = { b = 1 }\nc = 1\n"
    assert merge_document("toml", base, "a = {}\nc = 1\n", base.replace("c", "# c\nc")).text == "a = {}\n# c\nc = 1\n"


def test_a_large_document_is_merged_in_one_pass() -> None:
    def written(memory: int) -> str:
        return "Resources:\n" + "".join(
            f"  F{number}:\n    Type: T\n    Properties:\n      MemorySize: {memory}  # x\n" for number in range(300)
        )

    added = "".join(f"  New{number}:\n    Type: T\n" for number in range(300))
    ours = written(1).replace("  F9:\n", "  Mine:\n    Type: T\n  F9:\n")
    expected = written(2).replace("  F9:\n", "  Mine:\n    Type: T\n  F9:\n") + added
    assert merge_document("yaml", written(1), ours, written(2) + added).text == expected
