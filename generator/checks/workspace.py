"""A folder of several projects, as a repository of many services is: each is one of its own."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from generator.project.load import ROOT_NAMES, find_templates

CONFIG_NAMES = ("samconfig.toml", "samconfig.yaml", "samconfig.yml")


def projects_at(paths: Sequence[Path]) -> list[Path]:
    """The paths, with the projects below a folder in its place where it is none itself.

    SAM reads the samconfig.toml beside a template, so folders that have one of their own are deployed by themselves.
    A folder is taken apart only where nothing would be left out: it has neither a root template nor a samconfig.toml,
    and every template below lies in a folder that has a root template.
    """
    return [project for path in paths for project in _below(path) or [path]]


def _below(path: Path) -> list[Path]:
    if not path.is_dir() or _has(path, (*ROOT_NAMES, *CONFIG_NAMES)):
        return []
    root = Path(os.path.normpath(path))  # as everything below is named by it
    projects: list[Path] = []
    for template in find_templates(root):
        if any(project in template.parents for project in projects):
            continue
        project = _outermost(root, template)
        if project is None:
            return []
        projects.append(project)
    return projects if any(_has(project, CONFIG_NAMES) for project in projects) else []


def _outermost(root: Path, template: Path) -> Path | None:
    """The folder nearest to the root, on the way to a template, that has a root template."""
    return next((folder for folder in reversed(list(_between(root, template))) if _has(folder, ROOT_NAMES)), None)


def _between(root: Path, template: Path) -> Iterator[Path]:
    for folder in template.parents:
        if folder == root:
            return
        yield folder


def _has(folder: Path, names: Iterable[str]) -> bool:
    return any((folder / name).is_file() for name in names)
