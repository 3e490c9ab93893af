"""`samgen update`, as users have it: on a whole project, with hand edits."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from doors import InProcess

from generator.merge.alone import alone
from generator.merge.files import File, read_files
from generator.merge.state import RENDERED, Rendered, pack, read_record

FUNCTIONS = "stacks/functions/template.yaml"


@pytest.fixture(scope="module")
def rendered(samgen_here: InProcess, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rendered")
    run = samgen_here("new", "orders", "--no-input", "--no-git", "--skip-validation", "--output-dir", str(folder))
    assert run.code == 0, run
    return folder / "orders"


@pytest.fixture
def project(rendered: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(rendered, tmp_path / "orders"))


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def _edit(project: Path) -> None:
    """What a user does to a template: a property, a resource, a comment, a file."""
    _replace(project / FUNCTIONS, "      Timeout: 10\n", "      Timeout: 10\n      Layers: []  # mine\n")
    _replace(project / FUNCTIONS, "\nResources:\n", "\nResources:\n  Mine:\n    Type: AWS::SNS::Topic\n\n")
    (project / "mine.txt").write_text("mine\n", encoding="utf-8")
    (project / ".editorconfig").unlink()


def test_nothing_changes_where_nothing_is_to_be_done(samgen_here: InProcess, project: Path) -> None:
    _edit(project)
    before = read_files(project)
    run = samgen_here("update", str(project))
    assert run.code == 0, run
    assert "Nothing to update" in run.err
    assert read_files(project) == before


def test_edits_are_kept_and_the_template_arrives(samgen_here: InProcess, project: Path) -> None:
    _edit(project)
    before = (project / FUNCTIONS).read_text(encoding="utf-8")
    _replace(project / "samgen.yaml", "memory_size: 256", "memory_size: 512")
    dry = samgen_here("update", str(project), "--dry-run", "--skip-validation")
    assert dry.code == 0, dry
    assert (project / FUNCTIONS).read_text(encoding="utf-8") == before
    run = samgen_here("update", str(project), "--json", "--skip-validation")
    assert run.code == 0, run
    told = json.loads(run.out)
    assert FUNCTIONS in told["changed"]
    assert told["conflicts"] == []
    after = (project / FUNCTIONS).read_text(encoding="utf-8")
    expected = before.replace("MemorySize: 256", "MemorySize: 512").replace("-256-10", "-512-10")
    assert after == expected
    assert not (project / ".editorconfig").exists()
    files = read_files(project)
    again = samgen_here("update", str(project), "--skip-validation")
    assert "Nothing to update" in again.err
    assert read_files(project) == files


def _conflict(samgen_here: InProcess, project: Path) -> dict[str, File]:
    _replace(project / FUNCTIONS, "MemorySize: 256", "MemorySize: 1024")
    _replace(project / "samgen.yaml", "memory_size: 256", "memory_size: 512")
    before = read_files(project)
    run = samgen_here("update", str(project), "--skip-validation")
    assert run.code == 1, run
    assert "/Properties/MemorySize: you and the template have changed it differently" in run.out
    return before


def test_a_conflict_waits_for_the_user(samgen_here: InProcess, project: Path) -> None:
    _conflict(samgen_here, project)
    text = (project / FUNCTIONS).read_text(encoding="utf-8")
    assert "      # samgen update: the template has 512\n      MemorySize: 1024\n" in text
    assert samgen_here("update", str(project)).code == 2
    left = samgen_here("update", str(project), "--continue")
    assert left.code == 1
    assert left.out.startswith(f"{FUNCTIONS}: decide")
    _replace(project / FUNCTIONS, "      # samgen update: the template has 512\n", "")
    assert samgen_here("update", str(project), "--continue").code == 0
    run = samgen_here("update", str(project))
    assert "Nothing to update" in run.err


def test_what_an_unfinished_update_keeps_is_no_file_of_the_project(samgen_here: InProcess, project: Path) -> None:
    # Kept to be taken back, a file that is gone could be taken for one that has moved.
    (project / "README.md").unlink()
    _conflict(samgen_here, project)
    before = read_files(project)
    run = samgen_here("diff", str(project), "--json")
    assert run.code == 0, run
    assert json.loads(run.out)["files"] == []
    assert read_files(project) == before


def test_abort_restores_every_byte(samgen_here: InProcess, project: Path) -> None:
    before = _conflict(samgen_here, project)
    (project / "README.md").write_text("half done\n", encoding="utf-8")
    assert samgen_here("update", str(project), "--abort").code == 0
    assert read_files(project) == before
    assert samgen_here("update", str(project), "--abort").code == 2
    assert samgen_here("update", str(project), "--continue").code == 2


def test_a_downgrade_is_refused(samgen_here: InProcess, project: Path) -> None:
    (project / RENDERED).write_bytes(pack(Rendered("99.0.0", read_record(project).files)))
    before = read_files(project)
    run = samgen_here("update", str(project))
    assert run.code == 2
    assert "the project was rendered by samgen 99.0.0" in run.err
    assert read_files(project) == before


@pytest.mark.parametrize("broken", ["samgen.yaml", RENDERED])
@pytest.mark.parametrize("content", [None, b"\0broken"])
def test_what_cannot_be_read_is_one_sentence(
    samgen_here: InProcess, project: Path, broken: str, content: bytes | None
) -> None:
    (project / broken).unlink()
    if content is not None:
        (project / broken).write_bytes(content)
    before = read_files(project)
    run = samgen_here("update", str(project))
    assert (run.code, run.out) == (2, "")
    assert "Traceback" not in run.err
    assert read_files(project) == before


def test_a_link_is_not_written_through(samgen_here: InProcess, project: Path, tmp_path: Path) -> None:
    (project / "README.md").rename(tmp_path / "README.md")
    (project / "README.md").symlink_to(tmp_path / "README.md")
    _replace(project / "samgen.yaml", "memory_size: 256", "memory_size: 512")
    before = (tmp_path / "README.md").read_bytes()
    run = samgen_here("update", str(project), "--skip-validation")
    assert (tmp_path / "README.md").read_bytes() == before
    assert (project / "README.md").is_symlink()
    assert run.code == 1, run


@pytest.mark.slow
def test_a_result_with_new_findings_replaces_nothing(samgen_here: InProcess, project: Path) -> None:
    # An earlier template had a resource that the user's own depends on.
    _replace(project / FUNCTIONS, "\nResources:\n", "\nResources:\n  Old:\n    Type: AWS::SNS::Topic\n\n")
    earlier = File((project / FUNCTIONS).read_bytes())
    (project / RENDERED).write_bytes(pack(Rendered("0.0.1", {**read_record(project).files, FUNCTIONS: earlier})))
    mine = "\nResources:\n  Mine:\n    Type: AWS::SNS::Topic\n    DependsOn: Old\n\n"
    _replace(project / FUNCTIONS, "\nResources:\n", mine)
    before = read_files(project)
    run = samgen_here("update", str(project))
    assert run.code == 1, run
    assert f"{FUNCTIONS}:" in run.err
    assert "more, so nothing was written" in run.err
    assert read_files(project) == before
    _replace(project / FUNCTIONS, "    DependsOn: Old\n", "")
    run = samgen_here("update", str(project))
    assert run.code == 0, run
    assert "  Old:" not in (project / FUNCTIONS).read_text(encoding="utf-8")


def test_code_that_was_moved_and_edited_is_followed(samgen_here: InProcess, project: Path) -> None:
    """Told by what is in it; the project is no repository."""
    (project / "lib").mkdir()
    (project / "src/hello/app.py").rename(project / "lib/handler.py")
    _replace(project / "lib/handler.py", "import os\n", "import os  # mine\n")
    # An earlier template wrote one line of it otherwise.
    recorded = read_record(project)
    earlier = recorded.files["src/hello/app.py"].data
    line = next(line for line in earlier.splitlines(keepends=True) if line.startswith(b"def "))
    old = line.replace(b"def ", b"def old_")
    changed = {**recorded.files, "src/hello/app.py": File(earlier.replace(line, old))}
    (project / RENDERED).write_bytes(pack(Rendered("0.0.9", changed)))
    mine = (project / "lib/handler.py").read_bytes().replace(line, old)
    (project / "lib/handler.py").write_bytes(mine)
    run = samgen_here("update", str(project), "--json", "--skip-validation")
    assert run.code == 0, run
    assert json.loads(run.out)["moved"] == {"src/hello/app.py": "lib/handler.py"}
    assert (project / "lib/handler.py").read_bytes() == mine.replace(old, line)
    assert not (project / "src/hello/app.py").exists()


def test_code_that_may_have_moved_to_two_places_is_a_conflict(samgen_here: InProcess, project: Path) -> None:
    code = (project / "src/hello/app.py").read_text(encoding="utf-8")
    (project / "src/hello/app.py").unlink()
    for name in ("one.py", "two.py"):
        (project / name).write_text(f"# {name}\n{code}", encoding="utf-8")
    recorded = read_record(project)
    changed = {**recorded.files, "src/hello/app.py": File((code + "# once\n").encode())}
    (project / RENDERED).write_bytes(pack(Rendered("0.0.9", changed)))
    run = samgen_here("update", str(project), "--skip-validation")
    assert run.code == 1, run
    assert "src/hello/app.py: it is gone and the template has changed it; if it became one.py or two.py" in run.out
    assert not (project / "src/hello/app.py").exists()


@pytest.mark.parametrize("flags", [[], ["--dry-run"], ["--abort"], ["--continue"]])
def test_two_at_once_do_not_meet(samgen_here: InProcess, project: Path, flags: list[str]) -> None:
    _replace(project / "samgen.yaml", "memory_size: 256", "memory_size: 512")
    before = read_files(project)
    with alone(project):
        run = samgen_here("update", str(project), "--skip-validation", *flags)
    assert (run.code, run.out) == (2, "")
    assert "another samgen is changing this project" in run.err
    assert read_files(project) == before


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("service:\n\tname: orders\n", "samgen.yaml:2: not YAML"),
        ("functions: [\n", "not YAML"),
        ("", "service: is missing"),
        ("a: &a [*a]\n", "anchors and aliases are not allowed"),
        ("service: {name: orders}\nmemory: 1\n", "memory: there is no such key"),
    ],
)
def test_a_spec_that_is_wrong_is_one_sentence(samgen_here: InProcess, project: Path, text: str, told: str) -> None:
    (project / "samgen.yaml").write_text(text, encoding="utf-8")
    before = read_files(project)
    for command in (["update"], ["update", "--base", "none"], ["diff"], ["update", "--dry-run"]):
        run = samgen_here(*command, str(project))
        assert (run.code, run.out) == (2, ""), run
        assert told in run.err
    assert read_files(project) == before


def test_line_ends_of_another_system_stay(samgen_here: InProcess, project: Path) -> None:
    _replace(project / "samgen.yaml", "memory_size: 256", "memory_size: 512")
    for name in ("samgen.yaml", FUNCTIONS, "README.md"):
        path = project / name
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    run = samgen_here("update", str(project), "--skip-validation")
    assert run.code == 0, run
    for name in ("samgen.yaml", FUNCTIONS, "README.md"):
        data = (project / name).read_bytes()
        assert data.count(b"\r\n") == data.count(b"\n")
    assert b"MemorySize: 512\r\n" in (project / FUNCTIONS).read_bytes()
