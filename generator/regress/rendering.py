"""How a combination becomes a project: samgen's own template by its spec, any other by its answers."""

from __future__ import annotations

import hashlib
import logging
import re
import shutil
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
from generator.regress.hushed import hushed
from generator.regress.matrix import Combination, Matrix, load_matrix, written
from generator.staging import printable

# Whatever changes with one of these may change what is rendered, or what is found in it.
_TOOLS = ("aws-sam-cli", "aws-sam-translator", "cfn-lint", "cookiecutter", "Jinja2", "PyYAML", "pydantic", "networkx")
_SKIPPED = {"__pycache__", ".git"}
_REPLAY = ".replay"
# What cookiecutter raises without a word.
_MUTE = {"NonTemplatedInputDirException": "it has no folder for the project, such as {{ cookiecutter.project_slug }}"}


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
        own = _axes_of(self.root)
        added = load_matrix(file, own) if file else Matrix({})
        axes = {**own, **added.axes}
        # A template that leaves nothing to choose is rendered all the same.
        fixed = added.fixed or (() if axes else (Combination("default", added.base),))
        return Matrix(axes, added.base, added.exclude, fixed)

    def folders(self) -> tuple[Path, Path]:
        """The template's folder, and in it the one whose files are rendered; that is empty where it is not known."""
        if self.root is None:
            return paths.template_root(), Path(paths.PROJECT_FOLDER)
        named = _project_folders(self.root)
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


def template_at(root: Path | None) -> Template:
    """The template in a folder; None is samgen's own.

    Raises:
        InputError: there is none.
    """
    if root is None:
        return Template(None)
    try:
        if not (root / "cookiecutter.json").is_file():
            raise InputError(f"{root} is no cookiecutter template: it has no cookiecutter.json.")
        if len(found := _project_folders(root)) > 1:
            raise InputError(f"{root} has several folders for the project, {found[0]} and {found[1]}: leave one.")
    except OSError as error:
        raise InputError(f"{root} cannot be read: {error.strerror or error}.") from None
    return Template(root)


def linting_version() -> str:
    """What cfn-lint's verdict on a template depends on beside the template and its configuration."""
    return "\n".join(
        [*(f"{name} {_version(name)}" for name in _TOOLS), _digest_of(Path(__file__).resolve().parents[1] / "validate")]
    )


def merging_version() -> str:
    """What a merge of two renderings depends on beside them."""
    package = Path(__file__).resolve().parents[1]
    parts = [f"{name} {_version(name)}" for name in ("PyYAML", "ruamel.yaml", "tomlkit")]
    return "\n".join([*parts, *(_digest_of(package / name, only=".py") for name in ("merge", "regress", "changes"))])


def _render_own(combination: Combination, folder: Path) -> Path:
    from generator.render import render_project
    from generator.spec.load import spec_from
    from generator.spec.request_models import load_models

    spec = spec_from(deepcopy(dict(combination.document)), combination.name)
    target = folder / spec.service.name
    render_project(spec, target, load_models(spec, combination.folder))
    return target


def _render_other(root: Path, answers: Mapping[str, Any], folder: Path) -> Path:
    from cookiecutter.main import cookiecutter

    # Python prints what is logged where nothing handles it.
    logging.getLogger("cookiecutter").addHandler(logging.NullHandler())
    with hushed() as said:
        try:
            made = cookiecutter(
                str(root),
                no_input=True,
                extra_context=deepcopy(dict(answers)),
                output_dir=str(folder),
                # Not the user's, nor into the user's folder: there are hundreds, several at a time.
                default_config={"replay_dir": str(folder / _REPLAY)},
            )
        except Exception as error:
            # Whatever its expressions and extensions raise: a template is somebody's code.
            told = [_MUTE.get(type(error).__name__) or str(error) or type(error).__name__]
            told += said().strip().splitlines()[-1:]
            raise InputError(f"{root} does not render: {' '.join(' '.join(told).split())[:500]}") from None
    project = Path(made)
    if not project.resolve().is_relative_to(folder.resolve()):
        # It was not there before: cookiecutter leaves alone what is.
        shutil.rmtree(project, ignore_errors=True)
        raise InputError(f"{root} renders into {printable(project)}, which is outside the folder that it is given.")
    if not any(path.is_file() for path in project.rglob("*")):
        raise InputError(f"{root} renders no files.")
    if others := sorted(path.name for path in folder.iterdir() if path.name not in (project.name, _REPLAY)):
        raise InputError(f"{root} renders more than its project: {printable(others[0])} is beside it.")
    return project


def _project_folders(root: Path) -> list[str]:
    """The names of the folders whose files cookiecutter would render; it takes any of them."""
    folders = (path.name for path in root.iterdir() if path.is_dir() and "cookiecutter" in path.name)
    return sorted(name for name in folders if not re.fullmatch(r"[\w.-]+", name))


def _axes_of(root: Path) -> dict[str, dict[str, Any]]:
    """An axis for each question of cookiecutter.json that has choices, or is answered by yes or no."""
    settings = read_document(root / "cookiecutter.json")
    axes: dict[str, dict[str, Any]] = {}
    for name, value in settings.items():
        values = value if isinstance(value, list) else [value, not value] if isinstance(value, bool) else []
        if values and not name.startswith("_") and not any(isinstance(v, (list, dict)) for v in values):
            axes[printable(name)] = {printable(written(v)): {name: v} for v in values}
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


Progress = Callable[[str, int, int], None]
"""Is told what is done, how many of it, and of how many."""
