"""Which functions and layers get other code: those whose folder holds a file that changed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from generator.project import Resource

# Where the author says which folder or file is packaged, and the property that it becomes.
_CODE = {
    "AWS::Lambda::Function": (("CodeUri", "Code"), "Code"),
    "AWS::Lambda::LayerVersion": (("ContentUri", "Content"), "Content"),
    "AWS::StepFunctions::StateMachine": (("DefinitionUri", "DefinitionS3Location"), "DefinitionS3Location"),
}


def changed_code(resource: Resource, files: Sequence[str]) -> tuple[str, int] | None:
    """The property that is packaged from local files, and how many of them changed; None where none did.

    Args:
        resource: the resource, afterwards.
        files: the changed files, relative to the project.
    """
    keys, name = _CODE.get(resource.type, ((), ""))
    location = next((found for key in keys if (found := _location(resource, key)) is not None), None)
    if location is None:
        return None
    template = resource.stack.template
    folder = os.path.normpath(Path(template.name).parent / location)
    prefix = "" if folder == "." else f"{Path(folder).as_posix()}/"
    inside = [file for file in files if file == Path(folder).as_posix() or file.startswith(prefix)]
    return (name, len(inside)) if inside and prefix else None


def _location(resource: Resource, key: str) -> str | None:
    written: Any = resource.stack.template.resources.get(resource.owner, {}).get("Properties")
    shared = resource.stack.template.data.get("Globals")
    common = shared.get("Function") if isinstance(shared, dict) and resource.type.endswith("::Function") else None
    for properties in (written, common):
        value = properties.get(key) if isinstance(properties, dict) else None
        if value is not None:
            return value if isinstance(value, str) and "://" not in value else None
    return None
