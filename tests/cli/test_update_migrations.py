"""Migrations on whole projects: a release of a test renames a key of samgen.yaml, and moves a file and a resource."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from doors import InProcess

from generator.merge.files import SPEC, File, read_files
from generator.merge.migrations import Migration, MoveFile, MoveResource, RenameKey, history
from generator.merge.state import RENDERED, Rendered, pack, read_record

FUNCTIONS, MONITORING = "stacks/functions/template.yaml", "stacks/monitoring/template.yaml"
OLD = "0.0.9"
RELEASED = (
    Migration(
        "0.0.10",
        "The key memory is called memory_size.",
        (RenameKey(("functions", "*", "memory"), "memory_size"),),
    ),
    Migration(
        "0.1.0",
        "The alarm topic stands in the stack monitoring, and .editorconfig in the root.",
        (MoveFile("config/.editorconfig", ".editorconfig"), MoveResource("AlarmTopic", FUNCTIONS, MONITORING)),
    ),
)


@pytest.fixture(scope="module")
def earlier(samgen_here: InProcess, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project as an earlier release would have made it."""
    folder = tmp_path_factory.mktemp("earlier")
    run = samgen_here("new", "orders", "--no-input", "--no-git", "--skip-validation", "--output-dir", str(folder))
    assert run.code == 0, run
    project = folder / "orders"
    replace(project / SPEC, "memory_size: 256", "memory: 256")
    (project / "config").mkdir()
    (project / ".editorconfig").rename(project / "config" / ".editorconfig")
    monitoring = (project / MONITORING).read_text(encoding="utf-8")
    start = monitoring.index("  AlarmTopic:\n")
    block = monitoring[start : monitoring.index("\n\n", start) + 2]
    (project / MONITORING).write_text(monitoring.replace(block, ""), encoding="utf-8")
    replace(project / FUNCTIONS, "\nResources:\n", f"\nResources:\n{block}")
    files = {name: file for name, file in read_files(project).items() if name != RENDERED}
    (project / RENDERED).write_bytes(pack(Rendered(OLD, files)))
    return project


@pytest.fixture
def project(earlier: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(history, "MIGRATIONS", RELEASED)
    return Path(shutil.copytree(earlier, tmp_path / "orders"))


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def files(project: Path) -> dict[str, File]:
    return {name: file for name, file in read_files(project).items() if name != RENDERED}


def test_an_update_migrates_and_keeps_every_edit(samgen_here: InProcess, project: Path) -> None:
    replace(project / SPEC, "memory: 256", "memory: 512  # ours")
    replace(project / FUNCTIONS, "  AlarmTopic:\n", "  # Ours, too.\n  AlarmTopic:\n")
    (project / "config/.editorconfig").write_text("# ours\nroot = true\n", encoding="utf-8")
    run = samgen_here("update", str(project), "--json", "--skip-validation")
    assert run.code == 0, run
    told = json.loads(run.out)
    assert (told["from"], told["to"]) == (OLD, "0.1.0")
    assert [one["version"] for one in told["migrations"]] == ["0.0.10", "0.1.0"]
    assert told["new"] == [".editorconfig"]
    assert told["removed"] == ["config/.editorconfig"]
    assert SPEC in told["changed"]
    assert "memory_size: 512  # ours\n" in (project / SPEC).read_text(encoding="utf-8")
    assert "MemorySize: 512\n" in (project / FUNCTIONS).read_text(encoding="utf-8")
    assert "AlarmTopic:" not in (project / FUNCTIONS).read_text(encoding="utf-8")
    assert "  # Ours, too.\n  AlarmTopic:\n" in (project / MONITORING).read_text(encoding="utf-8")
    assert (project / ".editorconfig").read_text(encoding="utf-8") == "# ours\nroot = true\n"
    assert not (project / "config").exists()
    assert read_record(project).version == "0.1.0"
    assert "Nothing to update" in samgen_here("update", str(project), "--skip-validation").err


def test_a_dry_run_and_a_diff_tell_of_migrations_and_write_nothing(samgen_here: InProcess, project: Path) -> None:
    before = read_files(project)
    run = samgen_here("update", str(project), "--dry-run", "--skip-validation")
    assert run.code == 0, run
    assert "Since 0.0.10: The key memory is called memory_size." in run.err
    diff = samgen_here("diff", str(project))
    assert diff.code == 1, diff
    assert "MIGRATION: since 0.0.10: The key memory is called memory_size." in diff.out
    told = json.loads(samgen_here("diff", str(project), "--json").out)
    assert len(told["migrations"]) == 2
    assert {"samgen.yaml", ".editorconfig"} <= {file["path"] for file in told["files"]}
    assert read_files(project) == before


def test_a_migrated_update_is_taken_back(samgen_here: InProcess, project: Path) -> None:
    replace(project / SPEC, "memory: 256", "memory: 512")
    replace(project / FUNCTIONS, "MemorySize: 256", "MemorySize: 1024")
    before = read_files(project)
    assert samgen_here("update", str(project), "--skip-validation").code == 1
    assert "memory_size: 512" in (project / SPEC).read_text(encoding="utf-8")
    assert samgen_here("update", str(project), "--abort").code == 0
    assert read_files(project) == before


@pytest.mark.parametrize("arguments", [("add", "secret", "hello", "key"), ("remove", "trigger", "hello", "1")])
def test_other_commands_ask_for_the_update_first(samgen_here: InProcess, project: Path, arguments: tuple[str]) -> None:
    before = read_files(project)
    for more in ((), ("--dry-run",)):
        run = samgen_here(*arguments, "--no-input", "--project", str(project), *more)
        assert (run.code, run.out) == (2, ""), run
        assert "is written for samgen 0.0.9: run 'samgen update' first" in run.err
    assert read_files(project) == before


def test_what_a_migration_could_not_do_is_a_conflict(samgen_here: InProcess, project: Path) -> None:
    (project / ".editorconfig").write_text("mine\n", encoding="utf-8")
    run = samgen_here("update", str(project), "--skip-validation")
    assert run.code == 1
    assert "conflict config/.editorconfig: its place is .editorconfig now, where you have another file" in run.out
    assert (project / "config/.editorconfig").is_file()
    assert (project / ".editorconfig").read_text(encoding="utf-8").count("mine") == 1


def test_a_newer_project_is_refused_whatever_its_spec_holds(samgen_here: InProcess, project: Path) -> None:
    (project / RENDERED).write_bytes(pack(Rendered("99.0", files(project))))
    (project / SPEC).write_text("service: {name: orders}\nnew_key: 1\n", encoding="utf-8")
    add = ("add", "secret", "hello", "key", "--no-input", "--project")
    for arguments in (("update",), ("update", "--base", "none"), ("diff",), add):
        run = samgen_here(*arguments, str(project))
        assert (run.code, run.out) == (2, ""), run
        assert "the project was rendered by samgen 99.0, this is 0.1.0: install that or a newer one" in run.err
