"""What is adopted: a project as its environments deploy it, and what is noted on the way."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generator.changes import Masker
from generator.checks.facts.configuration import deployed_stacks, means_environment, settings_of
from generator.errors import InputError
from generator.project import (
    Deployment,
    Project,
    Resource,
    SamConfig,
    deployments,
    expand,
    load_project,
    read_samconfig,
)
from generator.project.load import ROOT_NAMES
from generator.project.samconfig import UNNAMED
from generator.spec.names import check_environment_name

SPEC = "samgen.yaml"
_SAM = "AWS::Serverless-2016-10-31"
# Whether SAM takes a template is the same everywhere.
_ANY_REGION = "us-east-1"
_LONGEST = 37  # of 40, as a number may follow
# What an environment is called that nobody names.
_FALLBACK = "dev"
_BROKEN = {"yaml", "samconfig", "link-cycle", "link-depth"}
_SUFFIXES = re.compile(r"(?:Function|Lambda|Table|Queue|Topic|Bucket|EventBus|Bus)$")


@dataclass(frozen=True, order=True)
class Remark:
    """Something that samgen.yaml does not say, or says differently.

    Attributes:
        file: relative to the project.
        line: 1-based.
        message: one sentence.
    """

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        """As compilers write it, so that editors link it."""
        return f"{self.file}:{self.line}: {self.message}"


@dataclass
class Source:
    """A project that is adopted.

    Attributes:
        project: the project.
        config: its samconfig.toml.
        environments: each environment's name and deployment; the functions are those of the first.
        service: what the service is called.
        remarks: what cannot be said.
        letters: the symbols of queues that take what failed, which samgen has of its own.
    """

    project: Project
    config: SamConfig
    environments: list[tuple[str, Deployment]]
    service: str = ""
    remarks: set[Remark] = field(default_factory=set)
    letters: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Name the service, and give each resource a name of its own."""
        self.name, self.main = self.environments[0]
        self.service = self.service or _service(self)
        self.masker = Masker(deployment for _, deployment in self.environments)
        self._names: dict[tuple[str, str], str] = {}

    def note(self, resource: Resource, message: str, *path: str | int) -> None:
        """Remark something of a resource, where it stands."""
        file, line, _ = resource.place(*path)
        self.remarks.add(Remark(file, line, message))

    def resources(self, *kinds: str) -> Iterator[Resource]:
        """The resources of a type in the first environment, of the stacks that a deployment makes."""
        yield from self.deployed(self.main, *kinds)

    @staticmethod
    def deployed(deployment: Deployment, *kinds: str) -> Iterator[Resource]:
        """The resources of a type in a deployment's own stacks."""
        for stack in deployed_stacks(deployment):
            for resource in stack.resources.values():
                if resource.type in kinds:
                    yield resource

    def label(self, resource: Resource) -> str:
        """What a resource is called in samgen.yaml; two of a type never the same."""
        key = (resource.type, str(resource.symbol))
        if key not in self._names:
            taken = {name for (kind, _), name in self._names.items() if kind == resource.type}
            owner = _SUFFIXES.sub("", resource.owner) or resource.owner
            base = name = _valid(self.short(resource.name or "")) or _valid(slug(owner))
            number = 1
            while name in taken:
                number += 1
                name = f"{base}-{number}"
            self._names[key] = name
        return self._names[key]

    def short(self, name: str) -> str:
        """A physical name without environment, service, account and region."""
        text = slug(name)
        for part in (self.main.region, self.main.account, self.main.region):  # in either order
            text = text.removesuffix(f"-{part}")
        parts = [slug(part) for part in (self.name, self.service)]
        for part in parts:
            text = text.removeprefix(f"{part}-")
        for part in reversed(parts):
            text = text.removesuffix(f"-{part}")
        return "" if text in parts or "<" in name else text


def _valid(name: str) -> str:
    """As much of a name as samgen.yaml takes: it begins with a letter and is not too long."""
    return name.lstrip("0123456789-")[:_LONGEST].rstrip("-")


def slug(name: str) -> str:
    """A name in lower case with hyphens: `OrdersTable` → orders-table."""
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name)
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def read_source(folder: Path) -> Source:
    """Read the project in a folder.

    Raises:
        InputError: it is no SAM project, has a samgen.yaml, has several root templates, or cannot be read.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder; name a project's.")
    if os.path.lexists(folder / SPEC):
        raise InputError(f"{folder} has a {SPEC} already; 'samgen diff' shows what an update would do.")
    roots = [name for name in ROOT_NAMES if (folder / name).is_file()]
    if not roots:
        raise InputError(f"{folder} has no template.yaml; name the folder of a SAM project.")
    if len(roots) > 1:
        raise InputError(f"{folder} has {' and '.join(roots)}; keep the one that is deployed, and try again.")
    project, config = load_project(folder), read_samconfig(folder)
    for finding in (*project.findings, *config.findings):
        if finding.rule in _BROKEN:
            message = finding.message.rstrip(".")
            raise InputError(f"{folder / finding.file}:{finding.line}: {message}; mend it first.")
    if not any(_is_sam(template.data.get("Transform")) for template in project.templates):
        raise InputError(f"{folder / roots[0]} is no SAM template: it has no 'Transform: {_SAM}'.")
    _refuse_untranslatable(folder, project)
    source = Source(project, config, _environments(project, config))
    if [name for name, _ in source.environments] == [_FALLBACK] and source.main.environment.name == UNNAMED:
        message = f"No environment is named here or in a samconfig.toml; samgen.yaml calls it {_FALLBACK}."
        source.remarks.add(Remark(config.name if config.text else roots[0], 1, message))
    return source


def _refuse_untranslatable(folder: Path, project: Project) -> None:
    """Refuse a template that SAM refuses: its functions would be passed over in silence."""
    for template in project.templates:
        if _is_sam(template.data.get("Transform")):
            expansion = expand(template, _ANY_REGION)
            if expansion.data is None and expansion.findings:
                first = expansion.findings[0]
                told = first.message.rstrip(".")
                raise InputError(
                    f"{folder / first.file}:{first.line}: SAM refuses the template: {told}; mend it first."
                )


def _is_sam(transform: Any) -> bool:
    return _SAM in (transform if isinstance(transform, list) else [transform])


def _environments(project: Project, config: SamConfig) -> list[tuple[str, Deployment]]:
    """The deployments with the names of their environments; where samconfig.toml has none, a parameter may."""
    found: dict[str, Deployment] = {}
    for deployment in deployments(project, config):
        name = deployment.environment.name
        if name == UNNAMED:
            given = {**_defaults(project), **deployment.environment.parameters}
            name = next((value for key, value in given.items() if means_environment(key) and value), _FALLBACK)
        found.setdefault(_accepted(name), deployment)
    return list(found.items())


def _defaults(project: Project) -> dict[str, str]:
    parameters = project.templates[0].section("Parameters")
    return {name: str(p["Default"]) for name, p in parameters.items() if isinstance(p.get("Default"), str)}


def _accepted(name: str) -> str:
    """The name as samgen.yaml takes it."""
    short = slug(name)[:16].strip("-")
    try:
        return check_environment_name(short)
    except ValueError:
        return _FALLBACK


def _service(source: Source) -> str:
    """What the stacks are called without their environments; the folder's name where they say nothing."""
    found = set()
    for name, deployment in source.environments:
        stack = slug(str(settings_of(source.config, deployment.environment).get("stack_name") or ""))
        for word in {name, slug(deployment.environment.name), *(_values(deployment))}:
            stack = stack.removeprefix(f"{word}-").removesuffix(f"-{word}")
        found.add(stack)
    if len(found) == 1 and (stack := found.pop()):
        return stack
    return slug(source.project.root.name) or "service"


def _values(deployment: Deployment) -> list[str]:
    parameters = deployment.environment.parameters
    return [slug(value) for name, value in parameters.items() if means_environment(name) and value]
