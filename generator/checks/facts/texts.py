"""The texts that an author wrote into a template, and the values that an environment makes of them, each with its path.

What people read (descriptions, metadata, examples) and code that stands in a template are left out: nothing there is
a name, an ARN or a region that CloudFormation would use.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from generator.project import Template

Path = tuple[str | int, ...]

REGION = re.compile(
    r"(?<![A-Za-z0-9])((?:us|eu|ap|sa|ca|me|af|il|mx|cn|us-gov|us-isob?|us-isof|eu-isoe)-"
    r"(?:north|south|east|west|central|northeast|northwest|southeast|southwest)-[1-9])(?![0-9])"
)
PLACEHOLDER = re.compile(r"\$\{[^{}]*\}")
# Compared in lower case: what is written for people, and code.
_PROSE = {"description", "comment", "summary", "title", "example", "examples", "$schema", "zipfile", "inlinecode"}
DEPTH = 100


@dataclass(frozen=True)
class Text:
    """One text of a template.

    Attributes:
        path: where it stands in the template's data.
        value: the text as it is written, with the placeholders of a `Fn::Sub`.
        branch: whether it is one of the two that a `Fn::If` chooses from.
    """

    path: Path
    value: str
    branch: bool = False

    @property
    def resource(self) -> str:
        """The logical id of the resource (or the name of the output) that it belongs to."""
        return str(self.path[1]) if len(self.path) > 1 else ""

    @property
    def keys(self) -> tuple[str, ...]:
        """The names on its path below the resource's, without indices and intrinsics."""
        names = (part for part in self.path[2:] if isinstance(part, str))
        return tuple(name for name in names if not name.startswith("Fn::") and name not in {"Ref", "Properties"})


def texts(template: Template, *sections: str) -> Iterator[Text]:
    """Every text (and number, as text) of some sections of a template as its author wrote it."""
    for section in sections:
        entries = template.data.get(section)
        if isinstance(entries, dict):
            for name, entry in entries.items():
                yield from _texts(_without_metadata(entry), (section, name), False)


def _without_metadata(entry: Any) -> Any:
    return {key: item for key, item in entry.items() if key != "Metadata"} if isinstance(entry, dict) else entry


def _texts(value: Any, path: Path, branch: bool) -> Iterator[Text]:
    if len(path) > DEPTH:
        return
    if isinstance(value, dict):
        for key, item in value.items():
            if str(key).lower() not in _PROSE and key not in {"Ref", "Fn::GetAtt"}:
                yield from _texts(item, (*path, key), branch or key == "Fn::If")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, (*path, index), branch)
    elif isinstance(value, (str, int)) and not isinstance(value, bool):
        yield Text(path, str(value), branch)


def values(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Every text of evaluated properties, with its path."""
    if len(path) > DEPTH:
        return
    if isinstance(value, dict):
        for key, item in value.items():
            if str(key).lower() not in _PROSE:
                yield from values(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from values(item, (*path, index))
    elif isinstance(value, str):
        yield path, value
