"""Two small projects that differ, and what comparing them says."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from generator.changes import Changes, Danger, ResourceChange, compare_projects

HEAD = "AWSTemplateFormatVersion: '2010-09-09'\n"
SAM = HEAD + "Transform: AWS::Serverless-2016-10-31\n"


def write(folder: Path, files: dict[str, str]) -> Path:
    """A folder with files."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(dedent(text).lstrip("\n"), encoding="utf-8")
    return folder


def compare(tmp_path: Path, before: dict[str, str], after: dict[str, str]) -> Changes:
    """What differs between two sets of files."""
    return compare_projects(write(tmp_path / "before", before), write(tmp_path / "after", after))


def templates(tmp_path: Path, before: str, after: str) -> Changes:
    """What differs between two templates, given as their resources."""
    texts = [HEAD + "Resources:\n" + indented(text) for text in (before, after)]
    return compare(tmp_path, {"template.yaml": texts[0]}, {"template.yaml": texts[1]})


def indented(text: str) -> str:
    """Resources of a template, below their section."""
    return "".join(f"  {line}\n" for line in dedent(text).strip("\n").splitlines())


def resources(changes: Changes) -> dict[str, ResourceChange]:
    """The changed resources of the first environment, by logical id."""
    return {resource.logical_id: resource for resource in changes.environments[0].resources}


def fates(changes: Changes) -> dict[str, str]:
    """What happens to each changed resource of the first environment."""
    return {name: resource.consequence.value for name, resource in resources(changes).items()}


def dangers(changes: Changes) -> list[tuple[Danger, str]]:
    """The warnings' kinds and resources, of the first environment."""
    return [(warning.danger, warning.logical_id) for warning in changes.environments[0].warnings]
