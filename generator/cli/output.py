"""How the commands speak: progress and errors on stderr, results on stdout."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import typer


def say(message: str = "", *, color: str | None = None, bold: bool = False) -> None:
    """Print a line for a person, on stderr, so that stdout stays a result that programs can read."""
    plain = False if os.environ.get("NO_COLOR") else None  # as https://no-color.org asks
    typer.secho(message, err=True, color=plain, fg=color, bold=bold)


def fail(message: str) -> None:
    """Print an error: one sentence in red on stderr."""
    say(message, color=typer.colors.RED)


def result(text: str) -> None:
    """Print a result on stdout."""
    typer.echo(text)


def result_json(data: Any) -> None:
    """Print a machine-readable result on stdout, and nothing else there."""
    result(json.dumps(data, indent=2, ensure_ascii=False))


def is_interactive() -> bool:
    """Whether a person can be asked: both ends of the conversation are a terminal."""
    return sys.stdin.isatty() and sys.stderr.isatty()
