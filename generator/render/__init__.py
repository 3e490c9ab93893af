"""Spec → project: the template rendered by cookiecutter's engine, then each function's folder."""

from generator.render.engine import render_project

__all__ = ["render_project"]
