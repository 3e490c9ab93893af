"""Facts about AWS that cfn-lint keeps: runtimes, regions, IAM actions. Read as files, not imported.

Importing cfn-lint costs half a second, and the facts are wanted where it is not installed at all (the
template rendered by a bare cookiecutter): every function here answers None then, and the caller says
what it could not check.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any


@cache
def _data_folder() -> Path | None:
    found = find_spec("cfnlint")
    if found is None or found.origin is None:
        return None
    return Path(found.origin).parent / "data"


@cache
def _load(name: str) -> Any | None:
    folder = _data_folder()
    if folder is None or not (path := folder / "AdditionalSpecs" / name).is_file():
        return None
    return json.loads(path.read_text(encoding="utf-8"))


def runtime_lifecycle() -> dict[str, dict[str, str | None]] | None:
    """Every Lambda runtime with its dates: `{"python3.14": {"deprecated": "2029-06-30", "successor": …}}`."""
    lifecycle: dict[str, dict[str, str | None]] | None = _load("LmbdRuntimeLifecycle.json")
    return lifecycle


def iam_actions() -> dict[str, Any] | None:
    """IAM's service authorization reference: for each service its actions and what limits each."""
    actions: dict[str, Any] | None = _load("Policies.json")
    return actions


@cache
def regions() -> tuple[str, ...] | None:
    """Every region for which cfn-lint has resource schemas, in alphabetical order."""
    folder = _data_folder()
    if folder is None:
        return None
    names = sorted(p.stem for p in (folder / "schemas" / "providers").glob("*-*-*.json"))
    return tuple(names) or None
