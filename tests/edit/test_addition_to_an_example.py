"""A function that is added to the larger example changes the lines that belong to it, and no others."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from pathlib import Path

import pytest

from generator.edit import edited
from generator.edit.additions import add_function
from generator.edit.forms import parse_permission, parse_trigger
from generator.render import render_project
from generator.spec.request_models import load_models

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "orders"
REFUND = {
    "name": "refund",
    "description": "Pays an order back",
    "runtime": "python3.14",
    "triggers": [parse_trigger("POST /orders/{id}/refund", "refund")],
    "permissions": [parse_permission("read table orders")],
}
# What the first route with a body and no model of its own brings: the model that all such routes share.
SHARED = {'AnyObject: {"type": "object"}'}


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The example's project before and after."""
    folder = tmp_path_factory.mktemp("projects")
    change = edited((EXAMPLE / "samgen.yaml").read_bytes(), "samgen.yaml", add_function(REFUND))
    models = load_models(change.before, EXAMPLE)
    render_project(change.before, folder / "before", models)
    render_project(change.after, folder / "after", models)
    return folder / "before", folder / "after"


def files(project: Path) -> dict[str, str]:
    return {p.relative_to(project).as_posix(): p.read_text("utf-8") for p in project.rglob("*") if p.is_file()}


def test_new_files_are_the_function_s_own(projects: tuple[Path, Path]) -> None:
    before, after = map(files, projects)
    assert set(before) < set(after)
    assert set(after) - set(before) == {
        "events/refund/post_orders_id_refund.json",
        "src/refund/app.py",
        "src/refund/requirements.txt",
        "tests/unit/test_refund.py",
    }


def test_every_changed_line_belongs_to_the_function(projects: tuple[Path, Path]) -> None:
    before, after = map(files, projects)
    strangers = []
    for name, text in before.items():
        old, new = text.splitlines(), after[name].splitlines()
        for kind, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            added = [line for line in new[k:m] if line.strip() not in SHARED]
            if kind == "insert" and added and "refund" not in "\n".join(new[max(k - 1, 0) : m]).lower():
                strangers.append((name, added))
            elif kind == "delete" or (kind == "replace" and not belongs(old[i:j], new[k:m])):
                strangers.append((name, old[i:j]))
    assert strangers == []


def belongs(old: list[str], new: list[str]) -> bool:
    """Whether lines count functions, or list them and list the new one as well."""
    if [re.sub(r"\d+", "#", line) for line in old] == [re.sub(r"\d+", "#", line) for line in new]:
        return True
    # A list of functions: whatever was in it still is, in its order.
    rest = iter("\n".join(new))
    return "refund" in "\n".join(new).lower() and all(character in rest for character in "\n".join(old))
