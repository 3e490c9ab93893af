"""How a combination becomes a project: samgen's own template by its spec, any other by its answers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from generator import paths
from generator.errors import InputError
from generator.project.template import relative_name
from generator.regress.document import read_document
from generator.regress.matrix import Combination, Matrix, load_matrix

# Whatever changes with one of these may change what is rendered, or what is found in it.
_TOOLS = ("aws-sam-cli", "aws-sam-translator", "cfn-lint", "cookiecutter", "Jinja2", "PyYAML", "pydantic", "networkx")
_SKIPPED = {"__pycache__", ".git"}


@dataclass(frozen=True)
class Template:
    """What renders.

    Attributes:
        root: the template's folder; None for samgen's own.
    """

    root: Path | None = None

    def render(self, combination: Combination, folder: Path) -> Path:
        """Render into an empty folder; the result is the project's folder.

        Raises:
            InputError: the combination is refused, or rendering failed.
        """
        if self.root is None:
            return _render_own(combination, folder)
        return _render_other(self.root, combination.document, folder)

    def matrix(self, file: Path | None) -> Matrix:
        """The template's matrix, with what a matrix file adds to it.

        Raises:
            InputError: the file is no matrix, or the folder no template.
        """
        from generator.regress.axes import own_matrix

        if self.root is None:
            return own_matrix(file)
        added = load_matrix(file) if file else Matrix({})
        return Matrix({**_axes_of(self.root), **added.axes}, added.base, added.exclude, added.fixed)

    def folders(self) -> tuple[Path, Path]:
        """The template's folder, and in it the one whose files are rendered; that is empty where it is not known."""
        if self.root is None:
            return paths.template_root(), Path(paths.PROJECT_FOLDER)
        named = sorted(p.name for p in self.root.iterdir() if p.is_dir() and "cookiecutter." in p.name)
        return self.root, Path(named[0] if named else "")

    def place(self) -> str:
        """The folder whose files are rendered, from the current one; empty where that is not inside it."""
        root, folder = self.folders()
        name = relative_name((root / folder).resolve(), Path.cwd()) if folder.parts else ""
        return "" if name.startswith(("..", "/")) else name

    def version(self) -> str:
        """What the outcome of a combination depends on beside its document: one digest."""
        parts = [f"{name} {_version(name)}" for name in _TOOLS]
        parts.append(_digest_of(Path(__file__).resolve().parents[1], only=".py"))
        root = paths.template_root()
        own = [root / name for name in ("cookiecutter.json", paths.PROJECT_FOLDER, "runtimes", "hooks")]
        parts += [_digest_of(path) for path in ([self.root] if self.root else own)]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def linting_version() -> str:
    """What cfn-lint's verdict on a template depends on beside the template and its configuration."""
    return "\n".join(
        [*(f"{name} {_version(name)}" for name in _TOOLS), _digest_of(Path(__file__).resolve().parents[1] / "validate")]
    )


def _render_own(combination: Combination, folder: Path) -> Path:
    from generator.render import render_project
    from generator.spec.load import spec_from
    from generator.spec.request_models import load_models

    spec = spec_from(deepcopy(dict(combination.document)), combination.name)
    target = folder / spec.service.name
    render_project(spec, target, load_models(spec, combination.folder))
    return target


def _render_other(root: Path, answers: Mapping[str, Any], folder: Path) -> Path:
    from cookiecutter.exceptions import CookiecutterException
    from cookiecutter.main import cookiecutter
    from jinja2 import TemplateError

    try:
        made = cookiecutter(
            str(root), no_input=True, extra_context=deepcopy(dict(answers)), output_dir=str(folder), default_config=True
        )
    except (CookiecutterException, TemplateError, ValueError, OSError) as error:
        raise InputError(f"{root} does not render: {' '.join(str(error).split())[:500]}") from None
    return Path(made)


def _axes_of(root: Path) -> dict[str, dict[str, Any]]:
    """An axis for each question of cookiecutter.json that has choices, or is answered by yes or no."""
    settings = read_document(root / "cookiecutter.json")
    axes: dict[str, dict[str, Any]] = {}
    for name, value in settings.items():
        values = value if isinstance(value, list) else [value, not value] if isinstance(value, bool) else []
        if values and not name.startswith("_") and not any(isinstance(v, (list, dict)) for v in values):
            axes[name] = {json.dumps(v) if isinstance(v, bool) else str(v): {name: v} for v in values}
    return axes


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _digest_of(path: Path, only: str = "") -> str:
    """The content, the names and the modes of the files of a folder, or of one file."""
    found = hashlib.sha256()
    files = [path] if path.is_file() else sorted(p for p in path.rglob(f"*{only}") if p.is_file())
    for file in files:
        relative = file.relative_to(path.parent)
        if not _SKIPPED.intersection(relative.parts):
            found.update(f"{relative.as_posix()}\0{file.stat().st_mode & 0o111:o}\0".encode())
            found.update(hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()


Progress = Callable[[int, int], None]
"""Is told how many combinations are done, and of how many."""
