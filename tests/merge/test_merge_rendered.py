"""Whole rendered projects: random edits of a user between two specs, file by file."""

from __future__ import annotations

import itertools
import random
import re
from dataclasses import dataclass, field
from typing import Any

import pytest
import yaml

from generator.merge.files import SPEC, File
from generator.merge.project import Merge, merge_project
from generator.merge.state import rendered_files
from generator.render import render_project
from generator.spec.load import parse_spec

_SPECS = [
    "service: {name: orders}\nfunctions: [{name: place}]\n",
    "service: {name: orders}\nfunctions: [{name: place, memory_size: 512}, {name: find, runtime: nodejs24.x}]\n",
    "service: {name: orders}\nfunctions: [{name: place, timeout: 20, secrets: [key]}]\n"
    "queues: [{name: jobs}]\nenvironments: [{name: dev}, {name: prod}]\n",
    "service: {name: orders}\nfunctions: [{name: find, runtime: nodejs24.x, timeout: 9}]\ntopics: [{name: news}]\n",
    "service: {name: orders}\nfunctions: [{name: place, memory_size: 1024}, {name: pay}]\n"
    "buckets: [{name: files}]\nenvironments: [{name: dev}, {name: stage}, {name: prod}]\n",
]
_CASES = 16
Files = dict[str, File]
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NUMBER = re.compile(r"^ +\w+: \d+$", re.MULTILINE)
_KINDS = ["delete", "add", "move", "line", "line", "comment", "resource", "number", "number"]


@pytest.fixture(scope="module")
def renderings(tmp_path_factory: pytest.TempPathFactory) -> list[Files]:
    folder = tmp_path_factory.mktemp("renderings")
    found = []
    for number, text in enumerate(_SPECS):
        render_project(parse_spec(text.encode(), "samgen.yaml"), folder / str(number))
        found.append(rendered_files(folder / str(number)))
    return found


@dataclass
class Edited:
    """A project after a user's edits.

    Attributes:
        files: all of it.
        moved: the template's names of files that were moved, with the new ones.
        lines: lines that the user has written, a file each by its name in the template.
    """

    files: Files
    moved: dict[str, str] = field(default_factory=dict)
    lines: dict[str, list[str]] = field(default_factory=dict)

    def write(self, name: str, text: str, line: str) -> None:
        """Note a file's new text and the line that is new in it."""
        self.files[name] = File(text.encode(), self.files[name].executable)
        self.lines.setdefault(name, []).append(line.strip())


def _edited(base: Files, theirs: Files, chance: random.Random) -> Edited:
    found = Edited(dict(base))
    for number in range(chance.randint(1, 8)):
        _edit(found, base, theirs, chance, f"mine {number}")
    return found


def _edit(found: Edited, base: Files, theirs: Files, chance: random.Random, mark: str) -> None:
    kind = chance.choice(_KINDS)
    left = sorted(base.keys() & found.files.keys() - {SPEC})
    name = chance.choice(left)
    if kind == "delete":
        del found.files[name]
        found.lines.pop(name, None)
    elif kind == "add":
        new = chance.choice([f"added/{mark}.txt", *sorted(theirs.keys() - base.keys())])
        found.files.setdefault(new, File(f"{mark}\n".encode()))
    elif kind == "move" and name not in found.lines and _is_movable(base, name):
        found.moved[name] = f"moved/{name}"
        found.files[found.moved[name]] = found.files.pop(name)
    elif kind == "line" and name.endswith((".py", ".mjs", ".js", ".md", "Makefile")):
        lines = found.files[name].data.decode().splitlines(keepends=True)
        lines.insert(chance.randint(0, len(lines)), f"# {mark}\n")
        found.write(name, "".join(lines), f"# {mark}")
    else:
        _edit_template(found, chance.choice([one for one in left if one.endswith("template.yaml")]), kind, chance, mark)


def _edit_template(found: Edited, name: str, kind: str, chance: random.Random, mark: str) -> None:
    text = found.files[name].data.decode()
    numbers = list(_NUMBER.finditer(text))
    if kind == "resource":
        line = f"  # a person's note {mark}"
        found.write(
            name,
            text.replace("\nResources:\n", f"\nResources:\n{line}\n  {mark.title()[::5]}X:\n    Type: A\n", 1),
            line,
        )
    elif kind == "number" and numbers:
        place = chance.choice(numbers)
        line = f"{place[0].rsplit(' ', 1)[0]} {chance.randint(10**6, 10**7)}"
        found.write(name, text[: place.start()] + line + text[place.end() :], line)
    elif kind == "comment" and (
        places := [one.end() for one in re.finditer(r"^    Properties:\n", text, re.MULTILINE)]
    ):
        place_at = chance.choice(places)
        found.write(name, f"{text[:place_at]}      # {mark}\n{text[place_at:]}", f"# {mark}")


def _is_movable(base: Files, name: str) -> bool:
    data = base[name].data
    return len(data) >= 40 and sum(file.data == data for file in base.values()) == 1


def _result(ours: Files, merge: Merge) -> Files:
    return {name: file for name, file in {**ours, **merge.written}.items() if name not in merge.removed}


@pytest.mark.parametrize(("before", "after"), list(itertools.permutations(range(len(_SPECS)), 2)))
def test_edits_survive_and_the_template_arrives(renderings: list[Files], before: int, after: int) -> None:
    base, theirs = renderings[before], renderings[after]
    for seed in range(_CASES):
        edited = _edited(base, theirs, random.Random(f"{before}{after}{seed}"))  # noqa: S311 (test data)
        merge = merge_project(base, edited.files, theirs)
        merged = _result(edited.files, merge)
        for name in sorted((base.keys() | theirs.keys()) - {SPEC}):
            _check_file(name, base, edited, theirs, merge)
        for name in edited.files.keys() - base.keys() - theirs.keys() - set(edited.moved.values()):
            assert merged[name] == edited.files[name]
        again = merge_project(theirs, merged, theirs)
        assert not again.changes
        assert not again.conflicts


def _check_file(name: str, base: Files, edited: Edited, theirs: Files, merge: Merge) -> None:
    """One file: either side's change arrives whole, both sides' line by line, or a conflict tells of it."""
    place = _place(name, base, edited)
    old, mine, other = base.get(name), edited.files.get(place), theirs.get(name)
    now = _result(edited.files, merge).get(place)
    reported = {conflict.file for conflict in merge.conflicts}
    if mine == old:
        assert now == other, place
    elif other in (old, mine):
        assert now == mine, place
    elif mine is None or other is None:
        assert now == mine, place
        assert place in reported
    else:
        assert now is not None
        written = mine.data.decode()
        lines = [line for line in edited.lines.get(name, []) if line in written]
        _check_lines(place, old, other, now, lines, told=place in reported)


def _place(name: str, base: Files, edited: Edited) -> str:
    """Where a file of the template is now; a new one goes along with a folder of which all that is left was moved."""
    folder = name.rpartition("/")[0]
    left = [old for old in base if old.rpartition("/")[0] == folder and edited.moved.get(old, old) in edited.files]
    if name in base or name in edited.files or not folder or not left or any(old not in edited.moved for old in left):
        return edited.moved.get(name, name)
    return f"moved/{name}"


def _check_lines(name: str, old: File | None, other: File, now: File, mine: list[str], *, told: bool) -> None:
    before = set() if old is None else {line.strip() for line in old.data.decode().splitlines()}
    after = {line.strip() for line in now.data.decode().splitlines()}
    new = {line.strip() for line in other.data.decode().splitlines()} - before
    if not told:
        assert new <= after, (name, new - after)
    assert set(mine) <= after, (name, mine)
    if name.endswith(".yaml"):
        assert yaml.compose(now.data, Loader=_LOADER) is not None


@pytest.mark.parametrize("number", range(len(_SPECS)))
def test_the_same_rendering_changes_no_byte(renderings: list[Files], number: int) -> None:
    base = renderings[number]
    for seed in range(_CASES):
        edited = _edited(base, base, random.Random(seed))  # noqa: S311 (test data)
        merge = merge_project(base, edited.files, base)
        assert not merge.changes
        assert not merge.conflicts
