"""What a template takes from files beside it: snippets that `AWS::Include` puts in place, and OpenAPI documents.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-aws-include.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generator.findings import Finding, Severity
from generator.project.document import MAX_NODES, Document, DocumentError
from generator.project.files import read_text, relative_name

INCLUDE = "AWS::Include"
TRANSFORM = "Fn::Transform"
# The property that says where an API's OpenAPI document is, if it is not in the template.
OPENAPI = {
    "AWS::Serverless::Api": "DefinitionUri",
    "AWS::Serverless::HttpApi": "DefinitionUri",
    "AWS::ApiGateway::RestApi": "BodyS3Location",
    "AWS::ApiGatewayV2::Api": "BodyS3Location",
}

_ADDRESS = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+:")

Path_ = tuple[Any, ...]


@dataclass(frozen=True, eq=False)
class Part:
    """A file that a template takes something from.

    Attributes:
        name: the file, as findings call it.
        path: the file.
        document: what it says.
        base: where its content stands in the template's data.
    """

    name: str
    path: Path
    document: Document
    base: Path_

    def place(self, path: Path_) -> tuple[str, int, int]:
        """File, line and column of a path into the template's data."""
        return (self.name, *self.document.place(path[len(self.base) :]))


@dataclass
class Parts:
    """Everything that a template takes from other files.

    Attributes:
        taken: which file each path of the template's data came from.
        openapi: the OpenAPI documents of APIs, by logical id.
        findings: files that are not there or cannot be read.
    """

    taken: dict[Path_, Part] = field(default_factory=dict)
    openapi: dict[str, Part] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def files(self) -> Iterator[Path]:
        """Every file, as often as something is taken from it."""
        for part in (*self.taken.values(), *self.openapi.values()):
            yield part.path

    def of(self, path: Path_) -> Part | None:
        """The file that what stands at a path came from; None for what the template says itself."""
        for length in range(len(path), 0, -1) if self.taken else ():
            if path[:length] in self.taken:
                return self.taken[path[:length]]
        return None


class Includer:
    """Puts in place what one template includes.

    Args:
        template: the template's file.
        root: the project's folder, which names are relative to.
        document: the template; its data is changed.
    """

    def __init__(self, template: Path, root: Path, document: Document) -> None:
        self._folder, self._root = template.parent, root
        self._name = relative_name(template, root)
        self._document = document
        self._read: dict[Path, Document] = {}
        self._told: set[Path] = set()
        # How many values there are in all: what is included a thousand times is there a thousand times.
        self._size = document.size
        self.parts = Parts()

    def run(self) -> Parts:
        """Change the data, and say what came from where."""
        data: dict[Any, Any] = self._document.data or {}
        self._sections(data)
        for holder, path in list(_statements(data, ())):
            include = holder[TRANSFORM]
            part = self._part(include, path, (*path, TRANSFORM))
            if part is not None:
                del holder[TRANSFORM]
                self._merge(holder, part, _content(part), path)
        resources = data.get("Resources")
        for name, resource in resources.items() if isinstance(resources, dict) else ():
            self._openapi(name, resource)
        return self.parts

    def _sections(self, data: dict[Any, Any]) -> None:
        """An include at the top puts whole sections in place, or entries of them."""
        transforms = data.get("Transform")
        kept = []
        for index, transform in enumerate(transforms if isinstance(transforms, list) else [transforms]):
            steps = ("Transform", index) if isinstance(transforms, list) else ("Transform",)
            part = self._part(transform, (), steps)
            if part is None:
                kept.append(transform)
                continue
            for key, section in _content(part).items():
                if key in data and isinstance(section, dict) and isinstance(data[key], dict):
                    self._merge(data[key], part, section, (key,))
                elif key not in data:
                    data[key] = section
                    self.parts.taken[(key,)] = part
        if isinstance(transforms, list):
            data["Transform"] = kept
        elif transforms is not None and not kept:
            del data["Transform"]

    def _merge(self, holder: dict[Any, Any], part: Part, content: dict[Any, Any], at: Path_) -> None:
        """What the template says itself is kept."""
        for key, value in content.items():
            if key not in holder:
                holder[key] = value
                here = (*at, key)
                self.parts.taken[here] = part

    def _part(self, statement: Any, base: Path_, steps: Path_) -> Part | None:
        """The file that an include names; None where it is no include, or of something that only AWS can read."""
        if not isinstance(statement, dict) or statement.get("Name") != INCLUDE:
            return None
        parameters = statement.get("Parameters")
        location = parameters.get("Location") if isinstance(parameters, dict) else None
        if not isinstance(location, str) or _ADDRESS.match(location):
            return None
        return self._load(location, base, steps, f"{INCLUDE} names {location!r}")

    def _openapi(self, name: Any, resource: Any) -> None:
        key = OPENAPI.get(str(resource.get("Type"))) if isinstance(resource, dict) else None
        properties = resource.get("Properties") if key else None
        location = properties.get(key) if isinstance(properties, dict) else None
        # A file that is not there is a rule's to tell.
        if isinstance(location, str) and not _ADDRESS.match(location) and _is_file(self._folder / location):
            steps = ("Resources", name, "Properties", key)
            part = self._load(location, steps, steps, f"{name} names {location!r}")
            if part is not None:
                self.parts.openapi[str(name)] = part

    def _load(self, location: str, base: Path_, steps: Path_, says: str) -> Part | None:
        path = self._folder / location
        if not _is_file(path):
            mend = f"Correct the path; it is relative to the folder of {self._name}."
            self._tell(self._name, self._document.place(steps), "link-file", f"{says}, which is no file.", mend)
            return None
        if path not in self._read:
            try:
                self._read[path] = self._parse(path)
            except DocumentError as error:
                if path not in self._told:
                    self._told.add(path)
                    place = (error.line, error.column)
                    self._tell(relative_name(path, self._root), place, "yaml", error.message, error.mend)
                return None
        self._size += self._read[path].size
        if self._size > MAX_NODES:
            message = f"{says}, with which the template has more than {MAX_NODES:,} values."
            self._tell(self._name, self._document.place(steps), "link-file", message, "Include less.")
            return None
        return Part(relative_name(path, self._root), path, self._read[path], base)

    def _parse(self, path: Path) -> Document:
        document = Document(read_text(path), is_json=path.suffix == ".json")
        if not isinstance(document.data, dict):
            raise DocumentError("What a template takes from a file is a mapping; this is none.")
        for problem in document.problems:
            place = (problem.line, problem.column)
            self._tell(relative_name(path, self._root), place, "yaml", problem.message, problem.mend)
        return document

    def _tell(self, name: str, place: tuple[int, int], rule: str, message: str, mend: str) -> None:
        tool = "links" if rule == "link-file" else "sam validate"
        self.parts.findings.append(Finding(name, *place, rule, Severity.ERROR, message, mend, tool))


def _content(part: Part) -> dict[Any, Any]:
    data: dict[Any, Any] = part.document.data or {}
    return data


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that no file can have
        return False


def _statements(value: Any, path: Path_) -> Iterator[tuple[dict[Any, Any], Path_]]:
    """Every mapping that holds an `Fn::Transform`, with its path."""
    if isinstance(value, dict):
        if TRANSFORM in value:
            yield value, path
        for key, item in value.items():
            yield from _statements(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _statements(item, (*path, index))
