"""The one module that runs cookiecutter: the project's template, then what is rendered once a function.

Cookiecutter has no loop over folders. A function's folder is a template of its own (`runtimes/<family>/`),
and a service with more functions than one stack holds has further functions and monitoring stacks, rendered
from the same templates as the first.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cookiecutter.generate import generate_files
from cookiecutter.utils import create_env_with_context
from jinja2 import Environment, FileSystemLoader

from generator import paths
from generator.render.names import SPEC_KEY, part_names, template_names

if TYPE_CHECKING:
    from generator.spec.model import ServiceSpec

PROJECT_FOLDER = "<<cookiecutter.project_slug>>"


def render_project(spec: ServiceSpec, destination: Path) -> None:
    """Render a spec's whole project into a folder that does not exist yet; its parent does.

    The template's hooks are not run: their work is that of the caller, in process.
    """
    settings = json.loads((paths.template_root() / "cookiecutter.json").read_text(encoding="utf-8"))
    answers = {key: value for key, value in settings.items() if key.startswith("_") and not key.startswith("__")}
    answers["project_slug"] = spec.service.name
    answers[SPEC_KEY] = spec.model_dump_json()
    # Cookiecutter calls the new folder as the service; it gets the wanted name by where it is put.
    holder = destination.parent / f"{destination.name}.render"
    holder.mkdir()
    try:
        generate_files(str(paths.template_root()), {"cookiecutter": answers}, str(holder), accept_hooks=False)
        render_units(answers, holder / spec.service.name)
        (holder / spec.service.name).rename(destination)
    finally:
        _remove(holder)


def _remove(folder: Path) -> None:
    import shutil

    shutil.rmtree(folder, ignore_errors=True)


def render_units(answers: Mapping[str, Any], project: Path) -> None:
    """Add to a rendered project what cookiecutter cannot loop over; both doors end here."""
    environment = create_env_with_context({"cookiecutter": dict(answers)})
    names = template_names(answers)
    for unit in _units(names):
        _render_folder(environment, unit, {"cookiecutter": dict(answers), **names, **unit.names}, project)


@dataclass(frozen=True)
class _Unit:
    """A folder to render, where to, and the names that differ from the project's."""

    template: Path
    destination: str
    names: dict[str, Any]


def _units(names: Mapping[str, Any]) -> Iterator[_Unit]:
    for function in names["functions"]:
        yield _Unit(paths.runtimes() / function.family, ".", {"function": function})
        for route in function.routes:
            yield _Unit(paths.runtimes() / "_events" / "api", ".", {"function": function, "route": route})
        for number, schedule in enumerate(function.schedules, start=1):
            changed = {"function": function, "schedule": schedule, "number": number}
            yield _Unit(paths.runtimes() / "_events" / "schedule", ".", changed)
    stacks = paths.template_root() / PROJECT_FOLDER / "stacks"
    for part in names["parts"][1:]:
        changed = part_names(names["service"].name, part, bool(names["routes"]))
        yield _Unit(stacks / "functions", f"stacks/{part.functions_folder}", changed)
        yield _Unit(stacks / "monitoring", f"stacks/{part.monitoring_folder}", changed)


def _render_folder(environment: Environment, unit: _Unit, names: dict[str, Any], project: Path) -> None:
    """Render every file of a folder; names of files and folders are templates, an empty one leaves it out."""
    environment.loader = FileSystemLoader(str(unit.template))
    for source in sorted(unit.template.rglob("*")):
        if not source.is_file() or "__pycache__" in source.parts:
            continue
        relative = source.relative_to(unit.template).as_posix()
        name = environment.from_string(f"{unit.destination}/{relative}").render(names)
        if not all(name.split("/")):
            continue
        target = project / name
        target.parent.mkdir(parents=True, exist_ok=True)
        text = environment.get_template(relative).render(names)
        target.write_text(text, encoding="utf-8", newline="\n")
        target.chmod(source.stat().st_mode & 0o777)
