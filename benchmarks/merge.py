"""Counts what updates do to 50 scripted edits: samgen beside copier and cruft, or beside `git merge-file` without them.

    python benchmarks/merge.py [--tools FOLDER]    # FOLDER holds the programs `copier` and `cruft`

Each edit is a user's, on a template that changes in its next version in two ways: a property and a resource more. It
is `clean` where every line of both stands in a file that YAML reads, `conflict` where the tool says or marks that it
could not decide, `lost` where a line is gone or the file unreadable and nothing says so.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import yaml

from generator.merge.files import File
from generator.merge.project import merge_project

NAME = "stack.yaml"
RESOURCES = ("Orders", "Invoices", "Reports", "Alerts", "Archive")
BASE = "# A stack\n\nResources:\n" + "\n".join(
    f"  {name}:\n    Type: AWS::SQS::Queue\n    Properties:\n      QueueName: {name.lower()}\n      DelaySeconds: 1\n"
    for name in RESOURCES
)
ADDED = "\n  Added:\n    Type: AWS::SNS::Topic\n    Properties:\n      TopicName: added\n"
ENVIRONMENT = {
    **os.environ,
    **{f"GIT_{who}_{what}": "bench@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}


@dataclass(frozen=True)
class Edit:
    """What the user makes of the file, and what each side has to find in the result."""

    name: str
    ours: str
    theirs: str
    mine: tuple[str, ...]
    template: tuple[str, ...]


def edits() -> list[Edit]:
    """Ten edits on each of five resources; the template changes the same resource and adds one at the end."""
    found = []
    for name in RESOURCES:
        start = f"      QueueName: {name.lower()}\n      DelaySeconds: 1\n"
        theirs = BASE.replace(start, f"{start}      VisibilityTimeout: 30\n") + ADDED
        arrives = ("VisibilityTimeout: 30", "  Added:")
        mine = "\n  Mine:\n    Type: AWS::SNS::Topic\n"
        changes: dict[str, tuple[str, tuple[str, ...]]] = {
            "property at the end": (BASE.replace(start, f"{start}      Tags: []\n"), ("Tags: []",)),
            "property at the front": (BASE.replace(start, f"      Tags: []\n{start}"), ("Tags: []",)),
            "changed value": (BASE.replace(start, start.replace("1", "9")), ("DelaySeconds: 9",)),
            "comment beside": (BASE.replace(start, start.replace("1\n", "1  # mine\n")), ("# mine",)),
            "comment above": (BASE.replace(f"  {name}:", f"  # mine\n  {name}:"), ("# mine",)),
            "resource at the end": (BASE + mine, ("  Mine:",)),
            "resource and property": (
                BASE.replace(start, f"{start}      Tags: []\n") + mine,
                ("Tags: []", "  Mine:"),
            ),
            "resource before": (BASE.replace(f"  {name}:", f"  Mine:\n    Type: A\n\n  {name}:"), ("  Mine:",)),
            "attribute after": (BASE.replace(start, f"{start}    DeletionPolicy: Retain\n"), ("DeletionPolicy",)),
            "other quotes": (BASE.replace("DelaySeconds: 1\n", 'DelaySeconds: "1"\n'), ('DelaySeconds: "1"',)),
        }
        found += [Edit(f"{name}: {kind}", text, theirs, lines, arrives) for kind, (text, lines) in changes.items()]
    return found


def judged(edit: Edit, text: str, *, reported: bool) -> str:
    """`clean`, `conflict` or `lost`."""
    if reported or "<<<<<<<" in text:
        return "conflict"
    try:
        readable = isinstance(yaml.safe_load(text), dict)
    except yaml.YAMLError:
        readable = False
    return "clean" if readable and all(line in text for line in (*edit.mine, *edit.template)) else "lost"


def by_samgen(edit: Edit, _folder: Path) -> str:
    """The merge of `samgen update`."""
    sides = [{NAME: File(text.encode())} for text in (BASE, edit.ours, edit.theirs)]
    merge = merge_project(sides[0], sides[1], sides[2])
    text = merge.written.get(NAME, sides[1][NAME]).data.decode()
    return judged(edit, text, reported=bool(merge.conflicts))


def by_git(edit: Edit, folder: Path) -> str:
    """`git merge-file`."""
    for name, text in (("ours", edit.ours), ("base", BASE), ("theirs", edit.theirs)):
        (folder / name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["git", "merge-file", "-p", "ours", "base", "theirs"], cwd=folder, capture_output=True, check=False
    )
    return judged(edit, done.stdout.decode(), reported=done.returncode > 0)


def by_tool(tool: Path) -> Callable[[Edit, Path], str]:
    """`copier update` or `cruft update`, as their users run them: in a git repository, on a template in another."""

    def merge(edit: Edit, folder: Path) -> str:
        template, project = folder / "template", folder / "project"
        copier = tool.name == "copier"
        inside = template if copier else template / "{{cookiecutter.name}}"
        inside.mkdir(parents=True)
        if copier:
            (template / "{{_copier_conf.answers_file}}.jinja").write_text("{{ _copier_answers|to_nice_yaml }}\n")
        else:
            (template / "cookiecutter.json").write_text('{"name": "project"}')
        (inside / NAME).write_text(BASE)
        git(template, "init", "-q")
        commit(template, "v1")
        make = ["copy", "--defaults", "--vcs-ref", "v1"] if copier else ["create", "-y", "--output-dir", str(folder)]
        run(tool, *make, str(template), *([str(project)] if copier else []), cwd=folder)
        git(project, "init", "-q")
        commit(project, "v1")
        (project / NAME).write_text(edit.ours)
        commit(project, "mine")
        (inside / NAME).write_text(edit.theirs)
        commit(template, "v2")
        run(tool, "update", *(["--defaults"] if copier else ["-y"]), cwd=project)
        rejected = any(project.rglob("*.rej"))
        return judged(edit, (project / NAME).read_text(), reported=rejected)

    return merge


def run(*command: str | Path, cwd: Path) -> None:
    """Run a tool; what it leaves behind is judged, not its exit code."""
    subprocess.run([str(part) for part in command], cwd=cwd, env=ENVIRONMENT, capture_output=True, check=False)


def git(folder: Path, *arguments: str) -> None:
    """Run git, which has to succeed."""
    subprocess.run(["git", *arguments], cwd=folder, env=ENVIRONMENT, capture_output=True, check=True)


def commit(folder: Path, tag: str) -> None:
    """Commit everything and tag it."""
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", tag)
    git(folder, "tag", tag)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tools", type=Path, help="the folder with copier and cruft")
    parser.add_argument("--verbose", action="store_true", help="a line for each edit")
    options = parser.parse_args()
    tools: dict[str, Callable[[Edit, Path], str]] = {"samgen": by_samgen, "git merge-file": by_git}
    for name in ("copier", "cruft"):
        if options.tools and (options.tools / name).exists():
            tools[name] = by_tool((options.tools / name).absolute())
    print("| tool | clean | conflict | lost |\n|---|---:|---:|---:|")
    for name, merge in tools.items():
        counted: Counter[str] = Counter()
        for edit in edits():
            with tempfile.TemporaryDirectory() as folder:
                verdict = merge(edit, Path(folder))
            counted[verdict] += 1
            if options.verbose:
                print(f"{name}: {edit.name}: {verdict}")
        print(f"| {name} | {counted['clean']} | {counted['conflict']} | {counted['lost']} |", flush=True)


if __name__ == "__main__":
    main()
