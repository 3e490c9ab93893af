"""Makes sure that the spec's own loader takes what is written: what it refuses is left out, and said."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from generator.adopt.source import SPEC, Remark, Source
from generator.errors import InputError
from generator.spec.dump import dump_spec
from generator.spec.load import parse_spec
from generator.spec.problems import Path, Problem, SpecError, path_text

Document = dict[str, Any]
_ROUNDS = 200
# What a part cannot do without: where one is refused, the part that has it goes.
_NEEDED = {"name", "type", "path", "method", "expression", "pattern", "queue", "topic", "bucket", "table", "function"}


def accepted(document: Document, source: Source) -> Document:
    """The document without what the spec refuses; each of it is remarked.

    Raises:
        InputError: what is refused cannot be left out.
    """
    document = deepcopy(document)
    for _ in range(_ROUNDS):
        try:
            parse_spec(dump_spec(document).encode(), SPEC)
        except SpecError as error:
            _leave_out(document, error.problems[0], source)
        else:
            return document
    raise InputError(f"{source.project.root} cannot be described: its samgen.yaml would still have problems.")


def _leave_out(document: Document, problem: Problem, source: Source) -> None:
    path = _existing(document, problem.path)
    while len(path) > 1 and (path[-1] in _NEEDED or (path[-1] == "runtime" and len(path) > 2)):  # noqa: PLR2004
        path = path[:-1]
    # Neither a whole section nor an environment is ever left out.
    if len(path) < 2 or path == ("service", "name") or (path[0] == "environments" and len(path) == 2):  # noqa: PLR2004
        raise InputError(f"{source.project.root} cannot be described: {path_text(problem.path)}: {problem.message}.")
    *parents, key = path
    holder: Any = document
    for step in parents:
        holder = holder[step]
    name = _label(document, path)
    del holder[key]
    template = source.project.templates[0].name
    source.remarks.add(Remark(template, 1, f"{name} is left out: {problem.message}."))


def _existing(document: Any, path: Path) -> Path:
    """The longest part of a path that the document has: a default that is missing is nobody's to remove."""
    here, found = document, []
    for step in path:
        try:
            here = here[step]
        except (KeyError, IndexError, TypeError):
            break
        found.append(step)
    return tuple(found)


def _label(document: Document, path: Path) -> str:
    """A path with the names of what it leads through."""
    here: Any = document
    words = []
    for step in path:
        here = here[step]
        named = here.get("name") if isinstance(here, dict) else None
        words.append(str(named) if isinstance(step, int) and named else str(step))
    return " ".join(words)
