"""Whole rendered projects: random edits of a user between two random specs."""

from __future__ import annotations

import itertools
import random
import re

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
]
_CASES = 16
Files = dict[str, File]
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@pytest.fixture(scope="module")
def renderings(tmp_path_factory: pytest.TempPathFactory) -> list[Files]:
    folder = tmp_path_factory.mktemp("renderings")
    found = []
    for number, text in enumerate(_SPECS):
        render_project(parse_spec(text.encode(), "samgen.yaml"), folder / str(number))
        found.append(rendered_files(folder / str(number)))
    return found


def _edit(files: Files, chance: random.Random) -> tuple[Files, dict[str, list[str]]]:
    """The files after a user's edits, and the lines that were written, a file each."""
    edited = dict(files)
    marks: dict[str, list[str]] = {"mine/notes.txt": ["mine"]}
    edited["mine/notes.txt"] = File(b"mine\n")
    templates = sorted(name for name in files if name.startswith("stacks/") and name.endswith("template.yaml"))
    for name in chance.sample(templates, 2):
        text = files[name].data.decode()
        number = chance.randrange(100)
        line = f"  # a person's note {number}\n  Mine{number}:\n    Type: AWS::SNS::Topic\n\n"
        resources = [found.start() for found in re.finditer(r"^  \w+:\n    Type: AWS::(?!SNS)", text, re.MULTILINE)]
        # A comment above a resource belongs to it: the user's own goes to the resources' beginning.
        text = text.replace("\nResources:\n", f"\nResources:\n{line}", 1)
        property_line = f"      # mine {number}\n"
        place = chance.choice([found.end() for found in re.finditer(r"^    Properties:\n", text, re.MULTILINE)])
        text = text[:place] + property_line + text[place:]
        edited[name] = File(text.encode(), files[name].executable)
        marks[name] = [f"Mine{number}:", f"# a person's note {number}", f"# mine {number}"]
        assert resources
    gone = chance.choice([".editorconfig", ".yamllint.yaml", "docs/costs.md"])
    del edited[gone]
    marks[gone] = []
    return edited, marks


def _result(ours: Files, merge: Merge) -> Files:
    return {name: file for name, file in {**ours, **merge.written}.items() if name not in merge.removed}


@pytest.mark.parametrize(("before", "after"), list(itertools.permutations(range(len(_SPECS)), 2)))
def test_edits_survive_and_the_template_arrives(renderings: list[Files], before: int, after: int) -> None:
    base, theirs = renderings[before], renderings[after]
    for seed in range(_CASES // 4):
        chance = random.Random(f"{before}{after}{seed}")  # noqa: S311 (test data)
        ours, marks = _edit(base, chance)
        merge = merge_project(base, ours, theirs)
        merged = _result(ours, merge)
        reported = {conflict.file for conflict in merge.conflicts}
        for name, lines in marks.items():
            if not lines:
                assert name not in merged
            elif name in merged:
                text = merged[name].data.decode()
                assert all(line in text for line in lines) or name in reported
            else:
                assert name in reported or name not in theirs
        for name, file in theirs.items():
            if name not in marks and name != SPEC:
                assert merged[name] == file
            elif name.endswith("template.yaml") and name in merged:
                assert _resources(file) - _resources(merged[name]) == set()
        again = merge_project(theirs, merged, theirs)
        assert not again.changes
        assert not again.conflicts


@pytest.mark.parametrize("number", range(len(_SPECS)))
def test_the_same_rendering_changes_no_byte(renderings: list[Files], number: int) -> None:
    base = renderings[number]
    for seed in range(_CASES):
        ours, _ = _edit(base, random.Random(seed))  # noqa: S311 (test data)
        merge = merge_project(base, ours, base)
        assert not merge.changes
        assert not merge.conflicts


def _resources(file: File) -> set[str]:
    found: set[str] = set()
    for match in re.finditer(r"^  (\w+):\n    Type: AWS::", file.data.decode(), re.MULTILINE):
        found.add(match[1])
    assert yaml.compose(file.data, Loader=_LOADER) is not None
    return found
