"""The first commit: made with whatever git the user has, and never a reason to fail."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from generator import git
from generator.git import first_commit

IDENTITY = "[user]\n\tname = A Person\n\temail = person@example.com\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project's folder; git finds an identity and nothing else of the machine."""
    for name in list(os.environ):
        if name.startswith(("GIT_", "XDG_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    _configure(tmp_path, monkeypatch, IDENTITY)
    folder = tmp_path / "work" / "orders"
    (folder / "src").mkdir(parents=True)
    (folder / "template.yaml").write_text("Resources: {}\n", encoding="utf-8")
    (folder / "src" / "app.py").write_text("", encoding="utf-8")
    return folder


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def _configure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    home = tmp_path / "home"
    home.mkdir(exist_ok=True)
    (home / ".gitconfig").write_text(text, encoding="utf-8")
    monkeypatch.setenv("HOME", str(home))


def _ask(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


def _is_untouched(project: Path) -> bool:
    return _names(project) == ["src", "template.yaml"]


def test_everything_is_in_the_first_commit(project: Path) -> None:
    made = first_commit(project, "Begin")
    assert (made.initialized, made.reason) == (True, None)
    assert made.commit == _ask(project, "rev-parse", "HEAD")
    assert _ask(project, "branch", "--show-current") == "main"
    assert _ask(project, "log", "--format=%an <%ae> %s") == "A Person <person@example.com> Begin"
    assert _ask(project, "ls-files").split() == ["src/app.py", "template.yaml"]
    assert _ask(project, "status", "--porcelain") == ""


def test_the_repository_survives_a_move(project: Path) -> None:
    first_commit(project, "Begin")
    moved = project.rename(project.parent / "moved")
    assert _ask(moved, "status", "--porcelain") == ""
    assert _ask(moved, "fsck", "--strict") == ""


def test_nothing_is_done_inside_a_repository(project: Path) -> None:
    _ask(project.parent, "init", "--quiet")
    made = first_commit(project, "Begin")
    assert (made.initialized, made.commit) == (False, None)
    assert made.reason == "the folder is inside a git repository already"
    assert _is_untouched(project)


def test_a_repository_that_git_distrusts_is_one_too(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _ask(project.parent, "init", "--quiet")
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    made = first_commit(project, "Begin")
    assert made.commit is None
    assert _is_untouched(project)


@pytest.mark.parametrize("config", ["", "[user]\n\tname = A\n", "[user]\n\temail = a@example.com\n"])
def test_without_an_identity_there_is_no_commit(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config: str
) -> None:
    _configure(tmp_path, monkeypatch, config)
    made = first_commit(project, "Begin")
    assert made.commit is None
    assert "set user.name and user.email" in str(made.reason)
    assert _is_untouched(project)


def test_an_identity_may_come_from_the_environment(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _configure(tmp_path, monkeypatch, "")
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Env")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "env@example.com")
    assert first_commit(project, "Begin").commit
    assert _ask(project, "log", "--format=%an") == "Env"


def test_an_identity_may_be_one_of_a_part_of_the_disk(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "work.config").write_text(IDENTITY, encoding="utf-8")
    config = f'[includeIf "gitdir:{project.parent}/"]\n\tpath = {tmp_path}/work.config\n'
    _configure(tmp_path, monkeypatch, config)
    assert first_commit(project, "Begin").commit


def test_hooks_templates_and_filters_of_the_user_are_kept_out(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooks = tmp_path / "hooks"
    template = tmp_path / "template"
    (template / "hooks").mkdir(parents=True)
    hooks.mkdir()
    trace = tmp_path / "trace"
    for folder in (hooks, template / "hooks"):
        for name in ("pre-commit", "commit-msg", "prepare-commit-msg", "post-commit", "reference-transaction"):
            (folder / name).write_text(f"#!/bin/sh\necho {name} >> {trace}\nexit 1\n", encoding="utf-8")
            (folder / name).chmod(0o755)
    (tmp_path / "ignore").write_text("*.py\n", encoding="utf-8")
    (tmp_path / "attributes").write_text("* filter=broken\n", encoding="utf-8")
    _configure(
        tmp_path,
        monkeypatch,
        f"{IDENTITY}[core]\n\thooksPath = {hooks}\n\texcludesFile = {tmp_path}/ignore\n"
        f"\tattributesFile = {tmp_path}/attributes\n\tfsmonitor = {hooks}/pre-commit\n\tautocrlf = input\n"
        f"\tsafecrlf = true\n[init]\n\ttemplateDir = {template}\n\tdefaultBranch = trunk\n"
        f'[filter "broken"]\n\tclean = false\n\trequired = true\n[commit]\n\ttemplate = {tmp_path}/none\n',
    )
    made = first_commit(project, "Begin")
    assert made.commit, made.reason
    assert not trace.exists()
    assert _ask(project, "ls-tree", "-r", "--name-only", "HEAD").split() == ["src/app.py", "template.yaml"]
    assert not (project / ".git" / "hooks").exists()


def test_a_wish_for_signatures_is_not_waited_for(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _configure(tmp_path, monkeypatch, f"{IDENTITY}[commit]\n\tgpgSign = true\n[gpg]\n\tprogram = /bin/false\n")
    made = first_commit(project, "Begin")
    assert made.commit
    assert made.reason == "the first commit is not signed"


def test_the_environment_of_another_repository_is_kept_out(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    _ask(other, "init", "--quiet")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / "index"))
    made = first_commit(project, "Begin")
    assert made.commit, made.reason
    assert (project / ".git").is_dir()
    assert not (other / "index").exists()


def test_without_git_there_is_no_commit(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(project))
    assert first_commit(project, "Begin").reason == "git is not installed"


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("exit 3", "git rev-parse failed: without saying why"),
        ("printf 'bad \\033[31mthing\\n' >&2; exit 1", "git rev-parse failed: bad [31mthing"),
        ('case $* in *commit*--message*) echo broken >&2; exit 1;; esac; exec REAL "$@"', "git commit failed: broken"),
    ],
)
def test_a_git_that_fails_is_told(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, reason: str
) -> None:
    real = shutil.which("git")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "git").write_text(f"#!/bin/sh\n{script.replace('REAL', str(real))}\n", encoding="utf-8")
    (tmp_path / "bin" / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    made = first_commit(project, "Begin")
    assert (made.initialized, made.commit, made.reason) == (False, None, reason)
    assert _is_untouched(project)


def test_a_git_that_hangs_is_ended(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "git").write_text("#!/bin/sh\nexec sleep 60\n", encoding="utf-8")
    (tmp_path / "bin" / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    monkeypatch.setattr(git, "_TIMEOUT", 0.2)
    assert "did not end within" in str(first_commit(project, "Begin").reason)


def test_a_stop_in_the_middle_leaves_no_half_repository(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = git._run

    def stop(folder: Path, *arguments: str, plain: bool = True) -> subprocess.CompletedProcess[str]:
        if arguments[0] == "add":
            raise KeyboardInterrupt
        return run(folder, *arguments, plain=plain)

    monkeypatch.setattr(git, "_run", stop)
    with pytest.raises(KeyboardInterrupt):
        first_commit(project, "Begin")
    assert _is_untouched(project)
