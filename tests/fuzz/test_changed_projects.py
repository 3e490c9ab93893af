"""Templates that somebody has changed anywhere, compared and adopted: an answer or a sentence, whatever they are."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structures import API, KEYS, as_yaml, changed, good_templates

from generator.adopt import adopt
from generator.changes import Changes, compare_projects
from generator.changes.text import as_lines
from generator.errors import InputError
from generator.spec.load import parse_spec

TEMPLATES = good_templates()


def project(folder: Path, text: str) -> Path:
    """A project with a template and what it takes from beside it."""
    folder.mkdir()
    for name, content in {"template.yaml": text, "keys.yaml": KEYS, "api.yaml": API}.items():
        (folder / name).write_text(content, encoding="utf-8")
    return folder


def compared(before: str, after: str) -> Changes | None:
    """What differs; None where a template is refused."""
    with tempfile.TemporaryDirectory() as folder:
        one, other = project(Path(folder, "a"), before), project(Path(folder, "b"), after)
        try:
            changes = compare_projects(one, other)
        except InputError:
            return None
    assert "".join(as_lines(changes)).isprintable()
    assert json.dumps(changes.as_json())
    return changes


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(template=st.sampled_from(TEMPLATES), number=st.integers(0, 2**32))
def test_any_change_is_told(template: object, number: int) -> None:
    before, after = as_yaml(template), as_yaml(changed(template, Random(number)))  # noqa: S311 - nothing secret
    for one, other in ((before, after), (after, before)):
        changes = compared(one, other)
        assert changes is None or changes.changed == (one != other)
    same = compared(after, after)
    assert same is None or not same.changed


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(template=st.sampled_from(TEMPLATES), number=st.integers(0, 2**32))
def test_whatever_is_adopted_is_a_spec(template: object, number: int) -> None:
    text = as_yaml(changed(template, Random(number)))  # noqa: S311 - nothing secret
    with tempfile.TemporaryDirectory() as folder:
        try:
            adoption = adopt(project(Path(folder, "service"), text))
        except InputError:
            return
    assert parse_spec(adoption.text.encode(), "samgen.yaml")


@pytest.mark.parametrize("number", range(len(TEMPLATES)))
def test_a_template_is_the_same_as_itself(number: int) -> None:
    changes = compared(as_yaml(TEMPLATES[number]), as_yaml(TEMPLATES[number]))
    assert changes is not None
    assert not changes.changed
