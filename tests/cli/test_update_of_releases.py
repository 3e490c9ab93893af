"""Projects of every release that was kept, updated by this one: as they were rendered, and with a user's edits."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from doors import InProcess

from generator.errors import InputError
from generator.merge.files import SPEC, Files, read_files
from generator.merge.state import RENDERED, read_record, unpack
from generator.merge.structure import language_of
from generator.merge.versions import UNKNOWN
from generator.render import render_project
from generator.spec.load import load_spec
from generator.spec.request_models import load_models
from generator.spec.runtimes import check_runtime, family, newest

RELEASES = sorted((Path(__file__).resolve().parents[1] / "merge" / "releases").glob("*.tar.xz"))
MONITORING, FUNCTIONS = "stacks/monitoring/template.yaml", "stacks/functions/template.yaml"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@pytest.fixture(params=RELEASES, ids=lambda path: path.name.removesuffix(".tar.xz"))
def release(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


@pytest.fixture
def first() -> Path:
    """The first release that made projects; it recorded nothing."""
    return next(path for path in RELEASES if "-790deea-" in path.name)


def written(release: Path, folder: Path) -> Path:
    """A project as a release has made it, with its record where the release had one."""
    data = release.read_bytes()
    rendered = unpack(data)
    for name, file in rendered.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.data)
        path.chmod(0o755 if file.executable else 0o644)
    if rendered.version != UNKNOWN:
        (folder / RENDERED).write_bytes(data)
    return folder


def support_runtimes(project: Path) -> None:
    """What years do to a project: runtimes end, and their users take the next."""
    text = (project / SPEC).read_text(encoding="utf-8")
    for name in set(re.findall(r"runtime: (\S+)", text)):
        try:
            check_runtime(name)
        except ValueError:
            text = text.replace(f"runtime: {name}", f"runtime: {newest(family(name))}")
    (project / SPEC).write_text(text, encoding="utf-8")


def update(samgen: InProcess, release: Path, project: Path, tmp_path: Path) -> dict[str, object]:
    """Update a project, and return what was told; one without a record is told from the release's own rendering."""
    support_runtimes(project)
    base = [] if (project / RENDERED).is_file() else ["--base", str(written(release, tmp_path / "base"))]
    run = samgen("update", str(project), "--json", "--skip-validation", *base)
    told: dict[str, object] = json.loads(run.out)
    assert run.code == (1 if told["conflicts"] else 0), run
    return told


def rendered_now(project: Path, folder: Path) -> Files:
    spec = load_spec(project / SPEC)
    render_project(spec, folder, load_models(spec, project))
    return read_files(folder)


def meaning(name: str, data: bytes) -> object:
    """What two files have to share: a merge may order resources otherwise than the template."""
    text = data.decode()
    if language_of(name) != "yaml":
        return text
    return _plain(yaml.compose(text, Loader=_LOADER))


def _plain(node: yaml.Node | None) -> object:
    if isinstance(node, yaml.MappingNode):
        return (node.tag, frozenset((_plain(key), _plain(value)) for key, value in node.value))
    if isinstance(node, yaml.SequenceNode):
        return (node.tag, tuple(_plain(item) for item in node.value))
    return (node.tag, node.value) if node is not None else None


def test_each_release_is_kept_once() -> None:
    assert len(RELEASES) >= 4
    assert len({path.read_bytes() for path in RELEASES}) == len(RELEASES)


def test_an_untouched_project_becomes_what_is_rendered_now(
    samgen_here: InProcess, release: Path, tmp_path: Path
) -> None:
    project = written(release, tmp_path / "project")
    told = update(samgen_here, release, project, tmp_path)
    assert told["conflicts"] == []
    after, now = read_files(project), rendered_now(project, tmp_path / "now")
    assert after.keys() - {RENDERED} == now.keys()
    for name in now.keys() - {SPEC}:
        assert meaning(name, after[name].data) == meaning(name, now[name].data), name
        assert after[name].executable == now[name].executable
    again = samgen_here("update", str(project), "--skip-validation")
    assert "Nothing to update" in again.err, again


def edit(project: Path) -> dict[str, list[str]]:
    """A user's edits, by file: in a template, code, requirements and a file of their own; one file is deleted."""
    code = next(path for path in sorted((project / "src").glob("*/app.py")) if path.parent.name != "pre-traffic")
    edits = {
        MONITORING: (r"^  Api\w*Alarm:\n", "  # mine: pages at night\n", "before"),
        FUNCTIONS: (r"^Resources:\n", "  Mine:\n    Type: AWS::SNS::Topic\n\n", "after"),
        code.relative_to(project).as_posix(): (r"^from __future__ ", "# mine: see the wiki\n", "before"),
        code.with_name("requirements.txt").relative_to(project).as_posix(): (r"\Z", "mine==1.0\n", "after"),
    }
    for name, (pattern, text, where) in edits.items():
        old = (project / name).read_text(encoding="utf-8")
        match = re.search(pattern, old, re.MULTILINE) or re.search(r"\A", old)
        assert match is not None
        place = match.start() if where == "before" else match.end()
        (project / name).write_text(old[:place] + text + old[place:], encoding="utf-8")
    (project / "mine.txt").write_text("mine\n", encoding="utf-8")
    (project / ".editorconfig").unlink()
    return {name: [line for line in text.splitlines() if line.strip()] for name, (_, text, _) in edits.items()}


def test_edits_survive(samgen_here: InProcess, release: Path, tmp_path: Path) -> None:
    project = written(release, tmp_path / "project")
    mine = edit(project)
    told = update(samgen_here, release, project, tmp_path)
    for name, lines in mine.items():
        text = (project / name).read_text(encoding="utf-8")
        assert all(line in text for line in lines), name
    assert (project / "mine.txt").is_file()
    assert not (project / ".editorconfig").exists()
    assert told["conflicts"] == []


@pytest.mark.slow
def test_an_edited_project_is_as_sound_as_before(samgen_here: InProcess, release: Path, tmp_path: Path) -> None:
    """The review of an update compares with the project before it: no finding is new."""
    project = written(release, tmp_path / "project")
    edit(project)
    support_runtimes(project)
    base = [] if (project / RENDERED).is_file() else ["--base", str(written(release, tmp_path / "base"))]
    run = samgen_here("update", str(project), *base)
    assert run.code == 0, run


def test_a_renamed_resource_takes_its_edits_along(samgen_here: InProcess, first: Path, tmp_path: Path) -> None:
    project = written(first, tmp_path / "project")
    text = (project / MONITORING).read_text(encoding="utf-8")
    # The alarm of refused requests, which had another logical id.
    assert text.count("Threshold: 0.2\n") == 1
    text = text.replace("Threshold: 0.2\n", "Threshold: 0.3  # ours\n")
    (project / MONITORING).write_text(text, encoding="utf-8")
    told = update(samgen_here, first, project, tmp_path)
    after = (project / MONITORING).read_text(encoding="utf-8")
    assert told["conflicts"] == []
    assert "ClientErrors" not in after
    assert re.search(r"  Api4xxAlarm:\n(?:    .*\n)+?      Threshold: 0.3  # ours\n", after)
    assert [migration["version"] for migration in told["migrations"]] == ["0.1.0"]  # type: ignore[attr-defined]


def git(project: Path, *arguments: str) -> None:
    command = ["git", "-c", "user.name=A Person", "-c", "user.email=person@example.com", *arguments]
    subprocess.run(command, cwd=project, check=True, capture_output=True)


def test_without_a_record_nothing_is_guessed(samgen_here: InProcess, first: Path, tmp_path: Path) -> None:
    project = written(first, tmp_path / "project")
    before = read_files(project)
    run = samgen_here("update", str(project))
    assert (run.code, run.out) == (2, "")
    assert "rendered.tar.xz is missing" in run.err
    assert "--base" in run.err
    assert read_files(project) == before


def test_the_commit_of_the_generation_is_named_and_taken(samgen_here: InProcess, first: Path, tmp_path: Path) -> None:
    # In a folder of a repository, as services often are.
    project = written(first, tmp_path / "services" / "shop")
    support_runtimes(project)
    git(tmp_path / "services", "init", "--quiet")
    git(tmp_path / "services", "add", "--all")
    git(tmp_path / "services", "commit", "--quiet", "--message=Generate shop with samgen 0.1.0")
    edit(project)
    git(tmp_path / "services", "commit", "--quiet", "--all", "--message=Ours")
    found = re.search(r"--base ([0-9a-f]{7,})$", samgen_here("update", str(project)).err.strip())
    assert found is not None
    run = samgen_here("update", str(project), "--base", found[1], "--json", "--skip-validation")
    assert run.code == 0, run
    assert json.loads(run.out)["from"] is None
    assert "# mine: see the wiki" in (project / "src/report/app.py").read_text(encoding="utf-8")
    assert "Nothing to update" in samgen_here("update", str(project), "--skip-validation").err


@pytest.mark.parametrize("base", ["nowhere", "-h", "--output=x", "HEAD:samgen.yaml", "a\0b", "", "HEAD~400", "\udcff"])
def test_a_base_that_is_none_is_refused(samgen_here: InProcess, first: Path, tmp_path: Path, base: str) -> None:
    project = written(first, tmp_path / "project")
    git(project, "init", "--quiet")
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message=Ours")
    before = read_files(project)
    run = samgen_here("update", str(project), f"--base={base}")
    assert (run.code, run.out) == (2, "")
    assert "Traceback" not in run.err
    assert read_files(project) == before


def test_a_folder_that_is_no_project_is_no_base(samgen_here: InProcess, first: Path, tmp_path: Path) -> None:
    project = written(first, tmp_path / "project")
    (tmp_path / "empty").mkdir()
    run = samgen_here("update", str(project), "--base", str(tmp_path / "empty"))
    assert run.code == 2
    assert "there is no samgen.yaml" in run.err


def test_with_no_base_every_difference_is_a_conflict(samgen_here: InProcess, first: Path, tmp_path: Path) -> None:
    project = written(first, tmp_path / "project")
    support_runtimes(project)
    before = read_files(project)
    run = samgen_here("update", str(project), "--base", "none", "--json", "--skip-validation")
    assert run.code == 1
    told = json.loads(run.out)
    assert told["removed"] == []
    assert {"README.md", "src/sell/app.py"} <= {conflict["file"] for conflict in told["conflicts"]}
    text = (project / "src/sell/app.py").read_text(encoding="utf-8")
    mine = before["src/sell/app.py"].data.decode().splitlines()
    assert [line for line in mine if line not in text.splitlines()] == []
    assert samgen_here("update", str(project), "--abort").code == 0
    assert read_files(project) == before


def test_with_todays_rendering_as_base_nothing_but_the_record_is_written(
    samgen_here: InProcess, first: Path, tmp_path: Path
) -> None:
    project = written(first, tmp_path / "project")
    support_runtimes(project)
    before = read_files(project)
    run = samgen_here("update", str(project), "--base", "now", "--skip-validation")
    assert run.code == 0, run
    after = read_files(project)
    assert {**before, RENDERED: after[RENDERED]} == after
    assert "Nothing to update" in samgen_here("update", str(project), "--skip-validation").err


def test_a_broken_record_can_be_replaced_but_not_a_newer_one(
    samgen_here: InProcess, release: Path, tmp_path: Path
) -> None:
    project = written(release, tmp_path / "project")
    support_runtimes(project)
    (project / RENDERED).write_bytes(b"broken")
    base = str(written(release, tmp_path / "base"))
    assert samgen_here("update", str(project)).code == 2
    assert samgen_here("update", str(project), "--base", base, "--skip-validation").code == 0
    assert read_record(project).version != UNKNOWN
    with pytest.raises(InputError, match="missing"):
        read_record(tmp_path)


def test_diff_takes_the_same_base_and_tells_of_migrations(samgen_here: InProcess, first: Path, tmp_path: Path) -> None:
    project = written(first, tmp_path / "project")
    support_runtimes(project)
    run = samgen_here("diff", str(project), "--base", str(written(first, tmp_path / "base")))
    assert run.code == 1
    assert "MIGRATION: since 0.1.0: The alarms" in run.out
    assert samgen_here("diff", str(project), "--base", "none", "--against", str(project)).code == 2
