"""Files that the user has moved: followed where it is sure, told of where it is not."""

from __future__ import annotations

import time

from generator.merge.files import File
from generator.merge.moves import Followed, followed
from generator.merge.project import merge_project


def code(name: str, lines: int = 30) -> str:
    """What two functions have: much the same, with their names here and there."""
    return "".join(
        f"def step_{number}(event): return {name if number % 6 == 0 else number}\n" for number in range(lines)
    )


def files(**texts: str) -> dict[str, File]:
    return {name.replace("__", "/").replace("_", "."): File(text.encode()) for name, text in texts.items()}


def edited(text: str) -> str:
    return "# ours\n" + text.replace("step_3", "third").replace("step_9", "ninth")


def test_a_file_that_was_moved_and_edited_is_followed() -> None:
    base = files(src__a_py=code("a"))
    ours = files(lib__a_py=edited(code("a")))
    theirs = files(src__a_py=code("a") + "def last(): pass\n")
    merge = merge_project(base, ours, theirs)
    assert merge.moved == {"src/a.py": "lib/a.py"}
    assert merge.written == files(lib__a_py=edited(code("a")) + "def last(): pass\n")
    assert not merge.removed
    assert not merge.conflicts


def test_two_that_are_alike_are_told_apart_by_what_is_theirs() -> None:
    base = files(src__a_py=code("alpha"), src__b_py=code("beta"))
    ours = files(lib__one_py=edited(code("beta")), lib__two_py=edited(code("alpha")))
    assert followed(base, ours).places == {"src/a.py": "lib/two.py", "src/b.py": "lib/one.py"}


def test_one_moves_beside_another_like_it_that_stays() -> None:
    base = files(src__a_py=code("alpha"), src__b_py=code("beta"))
    ours = files(src__b_py=code("beta"), lib__a_py=edited(code("alpha")))
    assert followed(base, ours).places == {"src/a.py": "lib/a.py"}


def test_a_copy_of_what_is_still_there_is_nothing_that_moved() -> None:
    base = files(src__a_py=code("alpha"), src__b_py=code("beta"))
    ours = files(src__b_py=code("beta"), lib__b_py=edited(code("beta")))
    assert followed(base, ours) == Followed({}, {"src/a.py": ("lib/b.py",)})


def test_what_could_be_either_is_a_conflict_that_names_both() -> None:
    base = files(src__a_py=code("a"))
    ours = files(lib__a_py=edited(code("a")), old__a_py=edited(code("a")) + "\n")
    merge = merge_project(base, ours, files(src__a_py=code("a") + "# more\n"))
    assert not merge.changes
    assert [(c.file, c.kind) for c in merge.conflicts] == [("src/a.py", "deleted")]
    assert "if it became lib/a.py or old/a.py" in merge.conflicts[0].message


def test_what_is_not_changed_by_the_template_is_no_conflict() -> None:
    base = files(src__a_py=code("a"))
    ours = files(lib__a_py=edited(code("a")), old__a_py=edited(code("a")) + "\n")
    merge = merge_project(base, ours, base)
    assert not merge.changes
    assert not merge.conflicts


def test_another_kind_of_file_or_a_short_or_a_rewritten_one_is_not_followed() -> None:
    base = files(a_py=code("a"), b_py="import one\nimport two\nimport three\nimport four\n", c_py=code("c"))
    ours = files(
        a_txt=edited(code("a")), x__b_py="import one\nimport two\nimport three\n", x__c_py=code("x") + "#\n" * 99
    )
    ours["x/c.py"] = File(b"".join(b"nothing of it %d\n" % number for number in range(30)))
    assert followed(base, ours) == Followed({}, {})


def test_what_comes_to_a_folder_that_has_moved_goes_along() -> None:
    base = files(src__a__app_py=code("a"), src__a__util_py=code("util"), src__b__app_py=code("b"))
    ours = files(lib__a__app_py=edited(code("a")), lib__a__util_py=code("util"), src__b__app_py=code("b"))
    theirs = {**base, **files(src__a__new_py="new", src__b__new_py="new")}
    merge = merge_project(base, ours, theirs)
    assert merge.written == files(lib__a__new_py="new", src__b__new_py="new")


def test_what_is_no_text_is_followed_unchanged_only() -> None:
    data = bytes(range(256)) * 4
    assert followed({"a.bin": File(data)}, {"b.bin": File(data)}).places == {"a.bin": "b.bin"}
    assert followed({"a.bin": File(data)}, {"b.bin": File(data + b"x")}).places == {}


def test_thousands_of_new_files_take_no_time() -> None:
    base = {f"src/{number}.py": File(code(str(number)).encode()) for number in range(200)}
    ours = {f"lib/{number}.py": File(edited(code(f"{number}x")).encode()) for number in range(2_000)}
    start = time.process_time()
    followed(base, ours)
    assert time.process_time() - start < 10
