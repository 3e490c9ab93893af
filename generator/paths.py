"""Where the template is: at the top level of a checkout, or inside an installed package."""

from __future__ import annotations

from pathlib import Path

PROJECT_FOLDER = "<<cookiecutter.project_slug>>"


def template_root() -> Path:
    """The folder with cookiecutter.json, the project template, hooks and runtimes."""
    package = Path(__file__).resolve().parent
    inside = package / "_template"
    return inside if inside.is_dir() else package.parent


def runtimes() -> Path:
    """The folder with a function template for each runtime family."""
    return template_root() / "runtimes"
