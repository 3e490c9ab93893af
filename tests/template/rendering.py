"""Renders and validates projects for tests, in this process; what was linted once is not linted again.

The processes of one run share what cfn-lint said, in a folder of the run: most specs share most of their templates.
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from generator.render import render_project
from generator.spec.load import spec_from
from generator.validate import validate_project, work

ROOT = Path(__file__).resolve().parents[2]

_hits: dict[str, Any] = {}
_shared: list[Path] = []


def share(folder: Path) -> None:
    """Share what cfn-lint says with the other processes of a run, in a folder that only they write."""
    folder.mkdir(exist_ok=True)
    _shared[:] = [folder]


def document(**sections: Any) -> dict[str, Any]:
    """A document of a service called `orders` and the given sections."""
    return {"service": {"name": "orders"}, **sections}


def render(data: dict[str, Any], folder: Path) -> Path:
    """Check a document and render it into a new folder below `folder`."""
    spec = spec_from(data, "the document")
    folder.mkdir(parents=True, exist_ok=True)
    project = folder / f"project-{len(list(folder.iterdir()))}"
    render_project(spec, project)
    return project


def findings(project: Path) -> list[str]:
    """What SAM, cfn-lint and the links say about a project, as lines of text."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(work, "lint", _lint)
        report = validate_project(project, jobs=1)
    assert len(report.checks) == 4
    assert {check.templates for check in report.checks} == {len(report.templates)}
    return [finding.as_text() for finding in report.findings]


def sound(data: dict[str, Any], folder: Path) -> Path:
    """Render a document and make sure that nothing is found."""
    project = render(data, folder)
    found = findings(project)
    assert found == [], "\n".join(found)
    return project


_real_lint = work.lint


def _lint(kind: str, name: str, root: Path, region: str, data: dict[str, Any] | None) -> Any:
    """cfn-lint's verdict, kept by everything it depends on: most specs share most of their templates."""
    text = (root / name).read_text("utf-8") if data is None else json.dumps(data)
    config = (root / ".cfnlintrc.yaml").read_text("utf-8")
    key = hashlib.sha256("\0".join([kind, name, region, config, text]).encode()).hexdigest()
    if key not in _hits:
        _hits[key] = _kept(key, lambda: _real_lint(kind, name, root, region, data))
    return _hits[key]


def _kept(key: str, ask: Callable[[], Any]) -> Any:
    for folder in _shared:
        try:
            return pickle.loads((folder / key).read_bytes())  # noqa: S301 (written by another process of this run)
        except FileNotFoundError:
            hits = ask()
            part = folder / f"{key}-{os.getpid()}"
            part.write_bytes(pickle.dumps(hits))
            part.replace(folder / key)
            return hits
    return ask()


@lru_cache(maxsize=1)
def supported_runtimes() -> tuple[str, ...]:
    """Every Python runtime that Lambda supports today, newest first."""
    from generator.spec.runtimes import supported

    return supported("python")
