"""What mutations share: of a project in which one file was changed, only that file is read and expanded anew."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from mutation import Mutation

from generator.project import Expansion, Template, expand, load, read_template, stack_values


class SharedWork:
    """Reads the same text, and expands the same data, once."""

    def __init__(self) -> None:
        self._templates: dict[Any, tuple[Template, str]] = {}
        self._expansions: dict[Any, tuple[Expansion, str]] = {}

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Share for the time being: other tests of the same process read and expand for themselves."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(load, "read_template", self._read)
            patch.setattr(stack_values, "expand", self._expand)
            yield

    def changed(self) -> list[str]:
        """The templates that somebody changed, though they were shared."""
        kept: list[tuple[Template | Expansion, str]] = [*self._templates.values(), *self._expansions.values()]
        return [shared.name for shared, before in kept if repr(shared.data) != before]

    def _read(self, path: Path, root: Path) -> Template:
        key = (path, root, path.read_bytes())
        if key not in self._templates:
            template = read_template(path, root)
            self._templates[key] = template, repr(template.data)
        return self._templates[key][0]

    def _expand(self, template: Template, region: str, *, loops: bool = True) -> Expansion:
        key = (template.path, region, loops, repr(template.data))
        if key not in self._expansions:
            expansion = expand(template, region, loops=loops)
            self._expansions[key] = expansion, repr(expansion.data)
        return self._expansions[key][0]


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
