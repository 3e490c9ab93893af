"""`samgen diff`: what an update would do, as text and as JSON."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from doors import ROOT, Door, InProcess

from generator.render import render_project
from generator.spec.load import load_spec, parse_spec

SPEC = (ROOT / "examples" / "minimal" / "samgen.yaml").read_text(encoding="utf-8")
WITH_TABLE = SPEC + "\ntables:\n  - {name: orders, partition_key: {name: id}}\n"
FUNCTIONS = """
functions:
  - {name: hello, triggers: [{type: api, method: GET, path: /hello}]}
  - {name: later, triggers: [{type: schedule, expression: rate(1 hour)}]}
"""


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A project with a table, one without, and one with another function."""
    folder = tmp_path_factory.mktemp("projects")
    found = {}
    for name, text in {"table": WITH_TABLE, "minimal": SPEC}.items():
        found[name] = folder / name
        render_project(parse_spec(text.encode(), "samgen.yaml"), found[name])
    return found


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_project_that_is_up_to_date_has_nothing_to_do(projects: dict[str, Path], samgen_here: InProcess) -> None:
    run = samgen_here("diff", str(projects["minimal"]))
    assert (run.code, run.err) == (0, "")
    assert run.out == "Nothing to do: the projects are the same.\n"


def test_a_function_that_is_added_to_the_spec(
    projects: dict[str, Path], samgen_here: InProcess, tmp_path: Path
) -> None:
    project = tmp_path / "minimal"
    spec = load_spec(projects["minimal"] / "samgen.yaml")
    render_project(spec, project)
    (project / "samgen.yaml").write_text(SPEC + FUNCTIONS, encoding="utf-8")
    (project / "mine.txt").write_text("mine", encoding="utf-8")
    before = tree(project)
    run = samgen_here("diff", str(project), "--json", "--environment", "dev")
    assert run.code == 1
    assert tree(project) == before
    data = json.loads(run.out)
    assert data["version"] == 1
    (dev,) = data["environments"]
    made = {change["logicalId"] for change in dev["resources"] if change["consequence"] == "create"}
    assert {"LaterFunction", "LaterRole", "LaterLogGroup"} <= made
    assert not [change for change in dev["resources"] if change["consequence"] in ("delete", "replace")]
    files = {file["path"]: file["action"] for file in data["files"]}
    assert files["src/later/app.py"] == "added"
    assert "mine.txt" not in files
    assert "samgen.yaml" not in files


def test_a_table_that_goes_is_left_behind(projects: dict[str, Path], samgen_here: InProcess) -> None:
    run = samgen_here("diff", str(projects["table"]), "--against", str(projects["minimal"]), "--patch")
    assert run.code == 1
    first = run.out.splitlines()[0]
    assert first.startswith("Resources: ")
    assert " deleted" in first
    assert (
        "Note: The table dev-minimal-orders (stacks/data/template.yaml, OrdersTable) is deleted: the old one" in run.out
    )
    assert "left behind with all items" in run.out
    assert "--- a/template.yaml" in run.out


def test_a_table_that_nothing_keeps_is_a_loud_warning(
    projects: dict[str, Path], samgen_here: InProcess, tmp_path: Path
) -> None:
    changed = tmp_path / "changed"
    shutil.copytree(projects["table"], changed)
    data = changed / "stacks" / "data" / "template.yaml"
    text = data.read_text(encoding="utf-8").replace("UpdateReplacePolicy: Retain\n", "UpdateReplacePolicy: Delete\n")
    data.write_text(text.replace("-minimal-orders", "-minimal-sales"), encoding="utf-8")
    run = samgen_here("diff", str(projects["table"]), "--against", str(changed))
    assert run.code == 1
    assert "WARNING: The table prod-minimal-orders" in run.out
    assert "all items would be lost" in run.out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("nowhere",), "is no folder"),
        ((".",), "has no samgen.yaml"),
        ((".", "--against", "nowhere"), "holds no CloudFormation template"),
        ((".", "--environment", "x"), "has no samgen.yaml"),
    ],
)
def test_wrong_input_is_one_sentence(
    arguments: tuple[str, ...],
    sentence: str,
    samgen_here: InProcess,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    run = samgen_here("diff", *arguments)
    assert run.code == 2
    assert sentence in run.err
    assert len(run.err.splitlines()) == 1
    assert not run.out


def test_a_spec_that_is_not_sound_is_refused(samgen_here: InProcess, tmp_path: Path) -> None:
    (tmp_path / "samgen.yaml").write_text("service: {name: Orders!}\n", encoding="utf-8")
    run = samgen_here("diff", str(tmp_path))
    assert run.code == 2
    assert "samgen.yaml" in run.err


def test_text_of_a_project_cannot_move_the_cursor(samgen: Door) -> None:
    for name, value in (("one", "a"), ("two", "\\e[31mred")):
        (samgen.folder / name).mkdir()
        text = f'Resources: {{Topic: {{Type: AWS::SNS::Topic, Properties: {{DisplayName: "{value}"}}}}}}\n'
        (samgen.folder / name / "template.yaml").write_text(text, encoding="utf-8")
    run = samgen("diff", "one", "--against", "two", "--patch")
    assert run.code == 1
    assert "\x1b" not in run.out
    assert "DisplayName: a → \\x1b[31mred" in run.out


def test_where_the_last_rendering_is_recorded_edits_are_merged(samgen_here: InProcess, tmp_path: Path) -> None:
    state = pytest.importorskip("generator.merge.state")
    pytest.importorskip("generator.merge.update")
    project = tmp_path / "minimal"
    render_project(parse_spec(SPEC.encode(), "samgen.yaml"), project)
    state.record(project)
    functions = project / "stacks" / "functions" / "template.yaml"
    functions.write_text(functions.read_text(encoding="utf-8").replace("Timeout: 10\n", "Timeout: 11\n", 1), "utf-8")
    # An edit that the template does not touch is nothing to do.
    assert samgen_here("diff", str(project)).out == "Nothing to do: the projects are the same.\n"
    slow = "\nfunctions:\n  - {name: hello, timeout: 12, triggers: [{type: api, method: GET, path: /hello}]}\n"
    (project / "samgen.yaml").write_text(SPEC + slow, encoding="utf-8")
    before = tree(project)
    run = samgen_here("diff", str(project))
    assert run.code == 1
    assert "CONFLICT: stacks/functions/template.yaml: Resources/HelloFunction/Properties/Timeout" in run.out
    assert tree(project) == before
