"""Fixtures: the command line as a process, and in this process where many runs are needed."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from pathlib import Path
from unittest import mock

import pytest
from doors import IDENTITY, ROOT, Door, InProcess, Run


@pytest.fixture
def samgen(tmp_path: Path) -> Door:
    """The command line as users have it."""
    home = tmp_path / "home"
    folder = tmp_path / "work"
    home.mkdir()
    folder.mkdir()
    (home / ".gitconfig").write_text(IDENTITY, encoding="utf-8")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "XDG_"))}
    environment = {
        **kept,
        "PYTHONPATH": str(ROOT),
        "HOME": str(home),
        "GIT_CONFIG_NOSYSTEM": "1",
        "NO_COLOR": "1",
        "TERM": "xterm",
        "PROMPT_TOOLKIT_NO_CPR": "1",
    }
    return Door(folder, environment)


@pytest.fixture(scope="session")
def samgen_here() -> InProcess:
    """The command line in this process: some hundred runs in a few seconds."""

    def run(*arguments: str) -> Run:
        from generator.cli import main

        out, err = io.StringIO(), io.StringIO()
        code: object = 0
        with (
            mock.patch.object(sys, "argv", ["samgen", *arguments]),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            try:
                main()
            except SystemExit as stop:
                code = stop.code
        assert isinstance(code, int)
        return Run(code, out.getvalue(), err.getvalue())

    return run
