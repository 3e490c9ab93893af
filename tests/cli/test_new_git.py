"""The repository of a new project, as the command line tells of it."""

from __future__ import annotations

import json
import subprocess

from doors import Door

QUICK = ("--no-input", "--skip-validation")


def test_a_project_begins_as_a_repository(samgen: Door) -> None:
    run = samgen("new", "orders", *QUICK)
    assert run.code == 0, run.err
    log = subprocess.run(
        ["git", "log", "--format=%an %s"],
        cwd=samgen.folder / "orders",
        env=dict(samgen.environment),
        capture_output=True,
        text=True,
        check=True,
    )
    assert log.stdout.startswith("A Person Generate orders with samgen ")
    assert "on the branch main" in run.err


def test_no_git_makes_none(samgen: Door) -> None:
    run = samgen("new", "orders", *QUICK, "--no-git", "--json")
    assert json.loads(run.out)["git"] == {"initialized": False, "commit": None, "reason": "--no-git was given"}
    assert not (samgen.folder / "orders" / ".git").exists()


def test_a_failing_commit_does_not_fail_the_project(samgen: Door) -> None:
    hook = "[core]\n\trepositoryFormatVersion = 99\n"
    (samgen.folder.parent / "home" / ".gitconfig").write_text(hook, encoding="utf-8")
    run = samgen("new", "orders", *QUICK, "--json")
    assert run.code == 0, run.err
    git = json.loads(run.out)["git"]
    assert (git["initialized"], git["commit"]) == (False, None)
    assert git["reason"]


def test_without_git_the_project_is_made_all_the_same(samgen: Door) -> None:
    run = samgen("new", "orders", *QUICK, PATH=str(samgen.folder))
    assert run.code == 0, run.err
    assert "No first commit: git is not installed." in run.err
    assert samgen.listing() == ["orders"]


def test_inside_a_repository_none_is_made(samgen: Door) -> None:
    subprocess.run(["git", "init", "--quiet"], cwd=samgen.folder, check=True)
    run = samgen("new", "orders", *QUICK)
    assert run.code == 0, run.err
    assert "No first commit: the folder is inside a git repository already." in run.err
    assert not (samgen.folder / "orders" / ".git").exists()
