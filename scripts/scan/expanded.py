"""An example as CloudFormation gets it: each template expanded, and its OpenAPI document resolved."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit

from generator.project import expand, load_project

REGION = "us-west-2"
PSEUDO = {
    "AWS::Region": REGION,
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": "stack",
}

EXAMPLE_LISTS = {"AllowedIpv4Cidrs": "203.0.113.0/24", "AllowedIpv6Cidrs": "2001:db8::/32"}


@dataclass(frozen=True)
class Expanded:
    """A project and what was written of it."""

    name: str
    project: Path
    folder: Path
    """What scanners read: the expanded templates under the names of their sources (JSON, which is YAML too),
    the OpenAPI document and the workflows."""
    work: Path
    """Where a scanner may put what it needs."""
    templates: dict[str, dict[str, Any]]
    openapi: Path | None
    """The API's document, its intrinsics resolved."""

    def parameters(self) -> dict[str, str]:
        """A value for each parameter of any template: the last environment's, its default, or its own name.

        A list is never empty, as a scanner takes an empty one for none at all.
        """
        values: dict[str, str] = {}
        for template in self.templates.values():
            for name, definition in template.get("Parameters", {}).items():
                values.setdefault(name, str(definition.get("Default", name)))
        given = _overrides(self.project)
        return {name: given.get(name) or EXAMPLE_LISTS.get(name) or value for name, value in values.items()}


def _overrides(project: Path) -> dict[str, str]:
    """The root's parameters in the last environment, which is prod."""
    tables = tomlkit.parse((project / "samconfig.toml").read_text(encoding="utf-8")).unwrap()
    (*_, last) = (table for table in tables.values() if isinstance(table, dict) and "deploy" in table)
    pairs = (pair.partition("=") for pair in last["deploy"]["parameters"]["parameter_overrides"])
    return {name: "" if value == '""' else value for name, _, value in pairs}


def write(project: Path, work: Path) -> Expanded:
    """Expand every template of a project into a folder."""
    folder = work / "input"
    templates: dict[str, dict[str, Any]] = {}
    for template in load_project(project).templates:
        data = expand(template, REGION).data
        if data is None:
            raise SystemExit(f"{project.name}/{template.name} cannot be expanded: samgen validate says why.")
        templates[template.name] = data
        target = folder / template.name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(data, indent=1), encoding="utf-8")
    if (project / ".github").is_dir():
        shutil.copytree(project / ".github", folder / ".github")
    return Expanded(project.name, project, folder, work, templates, _openapi(templates, folder))


def _openapi(templates: dict[str, dict[str, Any]], folder: Path) -> Path | None:
    for data in templates.values():
        for resource in data["Resources"].values():
            if resource["Type"] == "AWS::ApiGateway::RestApi":
                path = folder / "openapi.json"
                values = {**PSEUDO, **{n: p.get("Default", n) for n, p in data.get("Parameters", {}).items()}}
                body = resolved(resource["Properties"]["Body"], values)
                path.write_text(json.dumps(body, indent=1), encoding="utf-8")
                return path
    return None


def resolved(value: Any, values: dict[str, Any]) -> Any:
    """A value with text for each intrinsic; what only AWS knows stands as its name."""
    if isinstance(value, list):
        return [item for item in (resolved(item, values) for item in value) if item is not None]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        (key, inner), *_ = value.items()
        if key == "Ref" or key.startswith("Fn::"):
            return _intrinsic(key, inner, values)
    return {k: v for k, v in ((k, resolved(v, values)) for k, v in value.items()) if v is not None}


def _intrinsic(key: str, inner: Any, values: dict[str, Any]) -> Any:
    match key:
        case "Ref":
            return None if inner == "AWS::NoValue" else values.get(inner, inner)
        case "Fn::Sub":
            text = inner if isinstance(inner, str) else inner[0]
            return re.sub(r"\$\{([^!{}]+)\}", lambda match: str(values.get(match[1], match[1])), text)
        case "Fn::If":
            return resolved(inner[1], values)
        case "Fn::Join":
            return str(inner[0]).join(str(resolved(item, values)) for item in inner[1])
        case _:
            return ".".join(map(str, inner)) if isinstance(inner, list) else str(inner)
