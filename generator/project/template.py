"""One template file: its data with intrinsics in long form, and the line of every part of it."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generator.findings import Finding, Severity
from generator.project.document import Document, DocumentError
from generator.project.files import MAX_BYTES, read_text, relative_name
from generator.project.include import Includer, Parts

__all__ = ["MAX_BYTES", "Template", "read_template", "relative_name"]


@dataclass(frozen=True)
class Template:
    """A template as read from disk.

    Attributes:
        path: the file, absolute.
        name: the file relative to the project's root, with forward slashes.
        data: the template with every intrinsic in long form, `Fn::GetAtt` always a list, and with what it
            includes from files beside it; empty when the file cannot be read, so that lookups find nothing.
        source: the text of the file.
        findings: why the file cannot be read, or not trusted; empty for a sound one.
        parts: what it takes from other files.
    """

    path: Path
    name: str
    data: dict[str, Any]
    source: str
    findings: tuple[Finding, ...] = ()
    parts: Parts = field(default_factory=Parts, repr=False, compare=False)
    _document: Document | None = field(default=None, repr=False, compare=False)
    # By name: the section as it stands in `data`, how many entries it had, and those that are mappings.
    _sections: dict[str, tuple[Any, int, dict[str, dict[str, Any]]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def readable(self) -> bool:
        """Whether the file is a template that tools can be asked about."""
        return not self.findings

    @property
    def resources(self) -> dict[str, dict[str, Any]]:
        """The resources that are mappings, by logical id; whatever else stands there is left out."""
        return self.section("Resources")

    def section(self, name: str) -> dict[str, dict[str, Any]]:
        """The entries of a top-level section that are mappings; empty if there is no such section.

        It is made once, as rules ask for it resource by resource: to be read, not to be changed.
        """
        entries = self.data.get(name)
        if not isinstance(entries, dict):
            return {}
        known = self._sections.get(name)
        if known is None or known[0] is not entries or known[1] != len(entries):
            mappings = {str(key): value for key, value in entries.items() if isinstance(value, dict)}
            known = self._sections[name] = (entries, len(entries), mappings)
        return known[2]

    def line_of(self, *path: str | int) -> tuple[int, int]:
        """1-based line and column of the deepest part of a path into `data` that exists.

        For an entry of a mapping that is the place of its key, for an item of a list the item's. What was
        included from another file is where this one includes it; `place` tells where it is in the other.
        """
        return self._document.place(path) if self._document else (1, 1)

    def place(self, *path: str | int) -> tuple[str, int, int]:
        """File, line and column of the deepest part of a path that exists, also in a file that this one includes."""
        part = self.parts.of(path)
        return part.place(path) if part is not None else (self.name, *self.line_of(*path))

    def line_of_text(self, text: str, *path: str | int) -> tuple[int, int]:
        """1-based place where `text` first occurs within the part at `path`; the part's own if nowhere."""
        if self._document is None:
            return 1, 1
        first, last = self._document.span(path)
        lines = self.source.splitlines()
        for number in range(first, min(last, len(lines)) + 1):
            column = lines[number - 1].find(text)
            if column >= 0:
                return number, column + 1
        return self.line_of(*path)

    def place_of_text(self, text: str, *path: str | int) -> tuple[str, int, int]:
        """Where `text` first occurs within the part at `path`; in a file that it includes, the part's own place."""
        part = self.parts.of(path)
        return part.place(path) if part is not None else (self.name, *self.line_of_text(text, *path))

    def as_written(self) -> dict[str, Any]:
        """A copy of `data` that may be changed, with `Fn::GetAtt` as its author wrote it."""
        data = copy.deepcopy(self.data)
        for path in self._document.dotted if self._document else ():
            *parents, key = path
            holder: Any = data
            try:
                for part in parents:
                    holder = holder[part]
                holder[key] = ".".join(holder[key])
            except (LookupError, TypeError):  # the data is not the file's any more
                continue
        return data


def read_template(path: Path, root: Path) -> Template:
    """Read a template; whatever is wrong with the file is a finding of the result, never an error.

    Args:
        path: the file.
        root: the project's root, which names are relative to; the file may lie outside of it.
    """
    path = path.absolute()
    name = relative_name(path, root)
    try:
        source = read_text(path)
        document = Document(source, is_json=path.suffix == ".json")
        problems: Sequence[DocumentError] = document.problems
        if not isinstance(document.data, dict):
            raise _not_a_mapping(document.data)
        parts = Includer(path, root, document).run()
    except DocumentError as problem:
        return Template(path, name, {}, "", (_finding(name, problem),))
    findings = tuple(_finding(name, problem) for problem in problems)
    return Template(path, name, document.data, source, findings, parts, document)


def _not_a_mapping(data: object) -> DocumentError:
    if data is None:
        return DocumentError("The file is empty.", mend="A template needs at least the section Resources.")
    kind = "a list" if isinstance(data, list) else "a single value"
    return DocumentError(f"A template is a mapping of sections; this is {kind}.", mend="Start with Resources.")


def _finding(name: str, problem: DocumentError) -> Finding:
    return Finding(
        name, problem.line, problem.column, "yaml", Severity.ERROR, problem.message, problem.mend, "sam validate"
    )
