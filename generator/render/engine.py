"""The one module that runs cookiecutter: the project's template, then what is rendered once a function.

Cookiecutter has no loop over folders. A function's folder is a template of its own (`runtimes/<family>/`),
and a service with more functions than one stack holds has further functions and monitoring stacks, rendered
from the same templates as the first.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cookiecutter.generate import generate_files
from cookiecutter.utils import create_env_with_context
from jinja2 import FileSystemLoader

from generator import paths
from generator.render.code import Example
from generator.render.families import FACTS
from generator.render.names import MODELS_KEY, SPEC_KEY, part_names, template_names
from generator.render.quotas import check_sizes

if TYPE_CHECKING:
    from generator.spec.model import ServiceSpec
    from generator.spec.request_models import Models


def render_project(spec: ServiceSpec, destination: Path, models: Models | None = None) -> None:
    """Render a spec's whole project into a folder that does not exist yet; its parent does.

    The template's hooks are not run: their work is that of the caller, in process.

    Args:
        spec: the complete spec.
        destination: the project's folder.
        models: what `load_models` has read, where the spec's routes name models.
    """
    settings = json.loads((paths.template_root() / "cookiecutter.json").read_text(encoding="utf-8"))
    answers = {key: value for key, value in settings.items() if key.startswith("_") and not key.startswith("__")}
    answers["project_slug"] = spec.service.name
    answers[SPEC_KEY] = spec.model_dump_json()
    answers[MODELS_KEY] = json.dumps(models or {})
    # Cookiecutter calls the new folder as the service; it gets the wanted name by where it is put.
    holder = destination.parent / f"{destination.name}.render"
    holder.mkdir()
    try:
        generate_files(str(paths.template_root()), {"cookiecutter": answers}, str(holder), accept_hooks=False)
        render_units(answers, holder / spec.service.name)
        check_sizes(holder / spec.service.name)
        (holder / spec.service.name).rename(destination)
    finally:
        _remove(holder)


def _remove(path: Path) -> None:
    if path.is_file():
        path.unlink()
    shutil.rmtree(path, ignore_errors=True)


def render_units(answers: Mapping[str, Any], project: Path) -> None:
    """Add to a rendered project what cookiecutter cannot loop over; both doors end here."""
    # An installed template has been compiled by pip, and cookiecutter copies what it finds.
    for cache in list(project.rglob("__pycache__")):
        _remove(cache)
    names = template_names(answers)
    # Cookiecutter renders everything; nothing would nest or run these.
    for name, needed in _optional(names).items():
        if not needed:
            _remove(project / name)
    for file, schema in names["models"].items():
        (project / file).parent.mkdir(exist_ok=True)
        (project / file).write_text(json.dumps(schema, indent=2, ensure_ascii=False) + "\n", "utf-8", newline="\n")
    context = {"cookiecutter": dict(answers), **names}
    folders: dict[Path, _Folder] = {}
    for unit in _units(names):
        if unit.template not in folders:
            folders[unit.template] = _Folder(unit.template, answers)
        folders[unit.template].render({**context, **unit.names}, project / unit.destination)


def _optional(names: Mapping[str, Any]) -> dict[str, bool]:
    """The files and folders that some projects have, and whether this one does."""
    pipeline = names["pipeline"]
    return {
        "stacks/api": bool(names["routes"]),
        "stacks/data": bool(names["data"]),
        "bootstrap/pipeline.yaml": pipeline.deploys,
        ".github": pipeline.is_github,
        ".gitlab-ci.yml": pipeline.is_gitlab,
    }


class _Folder:
    """A template folder, compiled once and rendered as often as wanted; names of files are templates too."""

    def __init__(self, folder: Path, answers: Mapping[str, Any]) -> None:
        environment = create_env_with_context({"cookiecutter": dict(answers)})
        environment.loader = FileSystemLoader(str(folder))
        sources = [p for p in sorted(folder.rglob("*")) if p.is_file() and _is_rendered(p.relative_to(folder))]
        relative = [source.relative_to(folder).as_posix() for source in sources]
        self._files = [
            (environment.from_string(name), environment.get_template(name), source.stat().st_mode & 0o777)
            for name, source in zip(relative, sources, strict=True)
        ]

    def render(self, names: Mapping[str, Any], destination: Path) -> None:
        """Write every file under the destination."""
        for name, template, mode in self._files:
            target = destination / name.render(names)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(template.render(names), encoding="utf-8", newline="\n")
            target.chmod(mode)


def _is_rendered(path: Path) -> bool:
    """Whether a file of a template folder is part of what is rendered: see docs/runtimes.md."""
    return "__pycache__" not in path.parts and not path.parts[0].startswith("_") and path.as_posix() != FACTS


@dataclass(frozen=True)
class _Unit:
    """A folder to render, where to, and the names that differ from the project's."""

    template: Path
    destination: str
    names: dict[str, Any]


def _units(names: Mapping[str, Any]) -> Iterator[_Unit]:
    for family in names["families"]:
        yield _Unit(family.project_folder, ".", {"family": family})
    for function in names["functions"]:
        yield _Unit(paths.runtimes() / function.family, ".", {"function": function})
        for route in function.routes:
            yield _Unit(paths.runtimes() / "_events" / "api", ".", {"function": function, "route": route})
        for schedule in function.schedules:
            yield _Unit(paths.runtimes() / "_events" / "schedule", ".", {"function": function, "schedule": schedule})
        for source in function.sources:
            example = Example(source, names["service"].name, names["default_environment"])
            changed = {"function": function, "source": source, "example": example}
            yield _Unit(paths.runtimes() / "_events" / source.kind, ".", changed)
        if function.is_authorizer:
            yield _Unit(paths.runtimes() / "_events" / "authorizer", ".", {"function": function})
    stacks = paths.template_root() / paths.PROJECT_FOLDER / "stacks"
    for part in names["parts"][1:]:
        changed = part_names(part, names["monitorings"])
        yield _Unit(stacks / "functions", f"stacks/{part.functions_folder}", changed)
        yield _Unit(stacks / "monitoring", f"stacks/{part.monitoring_folder}", changed)
