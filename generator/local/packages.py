"""What of a project is code: every function and layer whose files lie in the project, with what builds it."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generator.errors import InputError
from generator.project import Deployment, Stack
from generator.project.evaluate import Scope, is_known

# Where the code stands, and the section of Globals that may say it for all.
_CODE = {
    "AWS::Serverless::Function": ("CodeUri", "Function"),
    "AWS::Lambda::Function": ("Code", ""),
    "AWS::Serverless::LayerVersion": ("ContentUri", "LayerVersion"),
    "AWS::Lambda::LayerVersion": ("Content", ""),
}
_REMOTE = re.compile(r"^[a-z0-9]+://")
_TARGET = re.compile(r"node\d+(\.\d+)*")


@dataclass(frozen=True)
class Package:
    """Code that is built into one archive.

    Attributes:
        template: the name of the template that it stands in.
        logical_id: its resource there.
        folder: the folder or file with its code.
        runtime: the runtime that is declared; empty for a layer that declares none.
        resource: the resource as `sam build` gets it, but for the runtime.
    """

    template: str
    logical_id: str
    folder: Path
    runtime: str
    resource: dict[str, Any] = field(hash=False)

    @property
    def is_function(self) -> bool:
        """Whether it is a function, not a layer."""
        return "Function" in self.resource["Type"]

    @property
    def property(self) -> str:
        """The property that says where the code is."""
        return _CODE[self.resource["Type"]][0]


def packages(deployment: Deployment) -> list[Package]:
    """Everything that has to be built, each once however often its template nests.

    Raises:
        InputError: a function is a container image, or its code is not there.
    """
    found: dict[tuple[str, str], Package] = {}
    for stack in deployment.stacks:
        for package in _of_stack(stack):
            found.setdefault((package.template, package.logical_id), package)
    return list(found.values())


def _of_stack(stack: Stack) -> Iterator[Package]:
    template = stack.template
    scope = Scope(stack.name, stack.parameters, template.data)
    for logical_id, resource in template.resources.items():
        kind = resource.get("Type")
        if kind not in _CODE:
            continue
        code, section = _CODE[kind]
        shared = template.section("Globals").get(section) or {}
        properties = scope.evaluate({**shared, **(resource.get("Properties") or {})})
        if properties.get("PackageType") == "Image":
            raise InputError(f"{template.name}: {logical_id} is a container image; the emulator runs archives only.")
        place = properties.get(code)
        if not isinstance(place, str) or not is_known(place) or _REMOTE.match(place):
            continue
        folder = (template.path.parent / place).resolve()
        if not folder.exists():
            raise InputError(f"{template.name}: the code of {logical_id} is not there: {folder}.")
        runtime = properties.get("Runtime", "")
        yield Package(
            template.name, logical_id, folder, str(runtime), _resource(kind, code, folder, resource, properties)
        )


def _resource(
    kind: str, code: str, folder: Path, resource: dict[str, Any], properties: dict[str, Any]
) -> dict[str, Any]:
    """Only what a build asks for, for this machine's processor."""
    kept = ("Handler", "Runtime", "CompatibleRuntimes", "LayerName")
    wanted = {name: properties[name] for name in kept if name in properties}
    machine = "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"
    wanted["CompatibleArchitectures" if "Layer" in kind else "Architectures"] = [machine]
    wanted[code] = str(folder)
    metadata = {k: v for k, v in (resource.get("Metadata") or {}).items() if k.startswith("Build")}
    return {"Type": kind, "Metadata": metadata, "Properties": wanted}


def for_node(resource: dict[str, Any], major: int) -> dict[str, Any]:
    """A resource whose bundle is written for an older Node than it asks for."""
    properties = resource["Metadata"].get("BuildProperties")
    if not isinstance(properties, dict) or not _TARGET.fullmatch(str(properties.get("Target", ""))):
        return resource
    metadata = {**resource["Metadata"], "BuildProperties": {**properties, "Target": f"node{major}"}}
    return {**resource, "Metadata": metadata}
