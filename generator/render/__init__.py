"""Spec → project: the template rendered by cookiecutter's engine, then each function's folder."""

from generator.render.engine import render_project
from generator.render.names import stack_folders

__all__ = ["render_project", "stack_folders"]
