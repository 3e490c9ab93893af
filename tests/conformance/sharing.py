"""What mutations share: of a project in which one file was changed, only that file is read and expanded anew."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from mutation import Mutation

from generator.project import Expansion, Template, expand, load, read_template, stack_values


@contextmanager
def shared_work() -> Iterator[None]:
    """Read the same text, and expand the same data, once; afterwards, nobody may have changed what was shared."""
    templates: dict[Any, tuple[Template, str]] = {}
    expansions: dict[Any, tuple[Expansion, str]] = {}

    def read_once(path: Path, root: Path) -> Template:
        key = (path, root, path.read_bytes())
        if key not in templates:
            template = read_template(path, root)
            templates[key] = template, repr(template.data)
        return templates[key][0]

    def expand_once(template: Template, region: str, *, loops: bool = True) -> Expansion:
        key = (template.path, region, loops, repr(template.data))
        if key not in expansions:
            expansion = expand(template, region, loops=loops)
            expansions[key] = expansion, repr(expansion.data)
        return expansions[key][0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(load, "read_template", read_once)
        patch.setattr(stack_values, "expand", expand_once)
        yield
    assert all(repr(template.data) == before for template, before in templates.values())
    assert all(repr(expansion.data) == before for expansion, before in expansions.values())


@contextmanager
def mutated(project: Path, mutation: Mutation) -> Iterator[None]:
    """Break a rendered project for the time being; a copy of it would be some hundred files."""
    edited = project / mutation.file
    before = edited.read_bytes()
    text = edited.read_text(encoding="utf-8")
    assert mutation.old in text, "the text to be replaced is not there"
    assert mutation.old != mutation.new
    try:
        edited.write_text(text.replace(mutation.old, mutation.new, 1), encoding="utf-8")
        yield
    finally:
        edited.write_bytes(before)
