"""A project from disk: its root template, the children that nest in it, and the templates beside it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generator.errors import InputError
from generator.findings import Finding, Severity
from generator.project.template import MAX_BYTES, Template, read_template

ROOT_NAMES = ("template.yaml", "template.yml", "template.json")
# Resource types that nest a template, and the property that says where it is.
NESTING = {"AWS::Serverless::Application": "Location", "AWS::CloudFormation::Stack": "TemplateURL"}

# Stacks that nest deeper, or more of them, are not evaluated.
DEPTH = 20
MOST_STACKS = 500
# So many levels are read at a go, since each takes some of Python's stack.
_STRIDE = 100

_SUFFIXES = (".yaml", ".yml", ".json", ".template")
_SKIPPED = {"node_modules", "__pycache__", "venv", "cdk.out"}
# An address, or a dynamic reference, which only CloudFormation resolves.
_REMOTE = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]+://|\{\{resolve:)")
_VERSION = "AWSTemplateFormatVersion"


@dataclass(frozen=True)
class Link:
    """A resource that nests another template.

    Attributes:
        parent: the template that the resource stands in.
        logical_id: the resource's name.
        child: the template that is nested; None when it is remote or cannot be found.
        location: the path or address as written, for an application repository as JSON.
        remote: whether the child is somewhere that only AWS can read.
        path: path of the location in the parent's data.
    """

    parent: Template
    logical_id: str
    child: Template | None
    location: str
    remote: bool
    path: tuple[str, ...]

    @property
    def resource(self) -> dict[str, Any]:
        """The nesting resource itself."""
        return self.parent.resources[self.logical_id]


@dataclass(frozen=True)
class Project:
    """Templates that belong together.

    Attributes:
        root: the folder that names are relative to.
        templates: each template once, the root template first, parents before children, then those
            that no stack references.
        links: every nesting resource, each followed by those of its child.
        findings: what is wrong with reading the files; it does not repeat in the links.
    """

    root: Path
    templates: list[Template] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def template(self, name: str) -> Template:
        """The template of that name; raises KeyError for an unknown one."""
        for template in self.templates:
            if template.name == name:
                return template
        raise KeyError(name)

    def links_of(self, template: Template) -> list[Link]:
        """The nesting resources of one template."""
        return [link for link in self.links if link.parent is template]


def load_project(path: Path) -> Project:
    """Read the project at `path` with everything that nests in it.

    A folder gives its root template, the children and every other CloudFormation template below it;
    a file gives that template and its children. Templates that cannot be read are findings.

    Raises:
        InputError: there is no such path, or no template in it.
    """
    path = Path(path).absolute()
    if not path.exists():
        raise InputError(f"{path} does not exist; name a project folder or a template file.")
    if path.is_file():
        loader = _Loader(Path(os.path.normpath(path.parent)))
        loader.add(path)
        return _bounded(loader.project)
    root = Path(os.path.normpath(path))
    loader = _Loader(root)
    for name in ROOT_NAMES:
        if (root / name).is_file():
            loader.add(root / name)
            break
    for candidate in find_templates(root):
        loader.add(candidate)
    if not loader.project.templates:
        raise InputError(f"{root} holds no CloudFormation template; it would be called template.yaml.")
    return _bounded(loader.project)


def _bounded(project: Project) -> Project:
    """The project, with a finding where more stacks nest, or deeper, than are evaluated."""
    nested = {link.child.name for link in project.links if link.child is not None}
    counts = {template.name: 1 for template in project.templates if template.name not in nested}
    by_parent: dict[str, list[Link]] = {}
    for link in project.links:
        by_parent.setdefault(link.parent.name, []).append(link)
    total, links = len(counts), []
    for _ in range(DEPTH + 1):
        links = [link for name in counts for link in by_parent.get(name, ()) if link.child is not None]
        following: dict[str, int] = {}
        for link in links:
            if link.child is not None:
                following[link.child.name] = following.get(link.child.name, 0) + counts[link.parent.name]
        counts = following
        total += sum(counts.values())
    if links and not any(finding.rule == "link-cycle" for finding in project.findings):
        message = f"Stacks nest deeper than {DEPTH} levels; what is deeper is not evaluated."
        project.findings.append(_finding(links[0], "link-depth", message, "Nest them less deeply."))
    if total > MOST_STACKS and project.links:
        message = f"These are more than {MOST_STACKS} stacks; the rest of them is not evaluated."
        project.findings.append(_finding(project.links[0], "link-depth", message, "Deploy them as several projects."))
    return project


def _finding(link: Link, rule: str, message: str, mend: str) -> Finding:
    return Finding(*link.parent.place(*link.path), rule, Severity.ERROR, message, mend, "links")


def find_templates(root: Path) -> Iterator[Path]:
    """Files below `root` that are CloudFormation templates, by name; build output is passed over."""
    for folder, subfolders, files in os.walk(root):
        subfolders[:] = sorted(name for name in subfolders if _is_source(Path(folder, name)))
        for name in sorted(files):
            file = Path(folder, name)
            if name.endswith(_SUFFIXES) and not name.startswith(".") and _looks_like_template(file):
                yield file


def _is_source(folder: Path) -> bool:
    return not (folder.name.startswith(".") or folder.name in _SKIPPED or (folder / "pyvenv.cfg").exists())


def _looks_like_template(file: Path) -> bool:
    if not _is_file(file):  # a pipe would block whoever reads it
        return False
    if file.name in ROOT_NAMES:
        return True
    text = _text(file)
    if _VERSION not in text and not ("Resources" in text and "AWS::" in text):
        return False
    template = read_template(file, file.parent)
    if not template.data:
        # It says that it is a template and cannot be read: better one finding too many.
        return _VERSION in text
    return _VERSION in template.data or any(
        str(resource.get("Type", "")).startswith("AWS::") for resource in template.resources.values()
    )


def _text(file: Path) -> str:
    """What the file says, as far as it can be read and is small enough for a template."""
    try:
        if file.stat().st_size > MAX_BYTES:
            return ""
        return file.read_bytes().decode("utf-8", errors="replace")
    except OSError:
        return ""


class _Loader:
    """Collects templates, each once, following their links."""

    def __init__(self, root: Path) -> None:
        self.project = Project(root)
        self._seen: dict[Path, Template] = {}
        self._included: set[Path] = set()
        self._later: list[tuple[Template, str, str, Any]] = []

    def add(self, path: Path) -> None:
        # What another template includes is a part of that one.
        if path.resolve() not in self._seen and path.resolve() not in self._included:
            self._follow(path, [])
        while self._later:
            self._link(*self._later.pop(), [])

    def _follow(self, path: Path, above: list[Path]) -> Template:
        real = path.resolve()
        if real in self._seen:
            return self._seen[real]
        template = read_template(Path(os.path.normpath(path)), self.project.root)
        self._seen[real] = template
        self.project.templates.append(template)
        self.project.findings.extend((*template.findings, *template.parts.findings))
        self._included.update(path.resolve() for path in template.parts.files())
        for logical_id, resource in template.resources.items():
            key = NESTING.get(str(resource.get("Type")))
            properties = resource.get("Properties")
            if key and isinstance(properties, dict) and key in properties:
                self._link(template, logical_id, key, properties[key], [*above, real])
        return template

    def _link(self, parent: Template, logical_id: str, key: str, location: Any, above: list[Path]) -> None:
        path = ("Resources", logical_id, "Properties", key)
        if len(above) > _STRIDE:
            self._later.append((parent, logical_id, key, location))
            return
        if not isinstance(location, str) or _REMOTE.match(location):
            text = location if isinstance(location, str) else json.dumps(location, default=str)
            self.project.links.append(Link(parent, logical_id, None, text, True, path))
            return
        child = None
        file = parent.path.parent / location
        if _is_file(file):
            # The place in the list is taken before the child's own links: parents come first.
            position = len(self.project.links)
            child = self._follow(file, above)
            self.project.links.insert(position, Link(parent, logical_id, child, location, False, path))
            self._check_cycle(parent, path, file, above)
            return
        self.project.links.append(Link(parent, logical_id, child, location, False, path))

    def _check_cycle(self, parent: Template, path: tuple[str, ...], file: Path, above: list[Path]) -> None:
        if file.resolve() not in above:
            return
        circle = [*above[above.index(file.resolve()) :], file.resolve()]
        chain = " → ".join(self._seen[step].name for step in circle)
        message = f"The templates nest in each other without end: {chain}."
        mend = "Remove one of these nested stacks."
        self.project.findings.append(
            Finding(*parent.place(*path), "link-cycle", Severity.ERROR, message, mend, "links")
        )


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that no file can have
        return False
