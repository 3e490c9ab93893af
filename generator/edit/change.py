"""A change of a samgen.yaml: what to do, and the one way in which it is checked and done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from generator.edit.steps import Step, applied
from generator.edit.text import apply
from generator.errors import InputError
from generator.spec.load import parse_spec, read_document, spec_from
from generator.spec.model import ServiceSpec
from generator.spec.problems import Path, Problem, SpecError

_MARK = "\ufeff".encode()


@dataclass(frozen=True)
class Change:
    """What a command does to a samgen.yaml.

    Attributes:
        title: in words: `add function refund`.
        steps: the edits.
        notes: what a person should know of them.
        subject: the path of what is added; problems below it are about what was typed.
        moves: old and new name of a function whose files move along.
    """

    title: str
    steps: Sequence[Step]
    notes: Sequence[str] = ()
    subject: Path = ()
    moves: tuple[str, str] | None = None


@dataclass(frozen=True)
class Edited:
    """A changed samgen.yaml that is not written yet.

    Attributes:
        change: what was done.
        before, after: the specs.
        old, new: the bytes of the file.
    """

    change: Change
    before: ServiceSpec
    after: ServiceSpec
    old: bytes
    new: bytes = field(repr=False)


class ChangeError(SpecError):
    """A change would leave the spec with problems; `change` is what was to be done."""

    def __init__(self, change: Change, problems: Sequence[Problem]) -> None:
        super().__init__(change.title, problems)
        self.change = change


Maker = Callable[[dict[str, Any], ServiceSpec], Change]


def edited(data: bytes, source: str, make: Maker) -> Edited:
    """Change the bytes of a samgen.yaml; nothing is written.

    Args:
        data: the file as it is.
        source: how messages call it.
        make: what is to be done, of the plain document and its spec.

    Raises:
        SpecError: the file has problems already.
        ChangeError: it would have problems.
        InputError: `make` refuses, or the text is written in a way that cannot be edited.
    """
    document, lines = read_document(data, source)
    before = spec_from(document, source, lines)
    change = make(document, before)
    try:
        expected = spec_from(applied(document, change.steps), change.title)
    except SpecError as error:
        raise ChangeError(change, error.problems) from None
    try:
        new = _rewritten(data, change.steps)
        after = parse_spec(new, source)
    except (InputError, yaml.YAMLError, LookupError, ValueError, TypeError, StopIteration):
        after = None
    if after != expected:
        # What is written always means what was checked; a text too odd to edit is left alone.
        raise InputError(f"{source} is written in a way that samgen cannot edit: {change.title} by hand")
    return Edited(change, before, expected, data, new)


def _rewritten(data: bytes, steps: Sequence[Step]) -> bytes:
    mark = _MARK if data.startswith(_MARK) else b""
    return mark + apply(data[len(mark) :].decode("utf-8"), steps).encode("utf-8")
