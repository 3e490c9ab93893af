"""Two projects compared: their files, and their resources in every environment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from generator.changes.deployments import compare_deployments
from generator.changes.files import file_changes
from generator.changes.masking import Masker
from generator.changes.model import Changes, Danger, EnvironmentChanges, Notice
from generator.checks.facts.configuration import settings_of
from generator.errors import InputError
from generator.project import Deployment, Project, SamConfig, deployments, load_project, read_samconfig
from generator.project.load import ROOT_NAMES
from generator.project.samconfig import UNNAMED


def compare_projects(before: Path, after: Path, environment: str | None = None) -> Changes:
    """Compare two project folders.

    Args:
        before: the project as it is deployed.
        after: the project as it will be.
        environment: the only environment to look at; all of them by default.

    Raises:
        InputError: a folder is no project, a template or samconfig.toml in it cannot be read, or there is no such
            environment.
    """
    one, other = _read(before), _read(after)
    old, new = _deployments(one, other.config), _deployments(other, one.config)
    masker = Masker([*old.values(), *new.values()])
    if environment is not None and environment not in {*old, *new}:
        known = ", ".join(dict.fromkeys([*old, *new])) or "none"
        raise InputError(f"There is no environment {environment!r} in samconfig.toml; there are: {known}.")
    files = file_changes(before, after, masker.text)
    changed = [file.path for file in files]
    names = [name for name in dict.fromkeys([*old, *new]) if environment in (None, name)]
    found = [_environment(name, old.get(name), new.get(name), changed) for name in names]
    return Changes(files, found)


def _environment(
    name: str, before: Deployment | None, after: Deployment | None, files: list[str]
) -> EnvironmentChanges:
    if before is None:
        return EnvironmentChanges(name, "added")
    if after is None:
        message = f"The environment {name} is gone from samconfig.toml: what it has deployed stays in its account."
        return EnvironmentChanges(name, "removed", warnings=[Notice(Danger.RELOCATED, message)])
    moved = _moved(before, after)
    if moved:
        message = (
            f"{name} gets another {moved}: a deployment makes everything anew, without data, and what is deployed "
            "already stays."
        )
        return EnvironmentChanges(name, "relocated", warnings=[Notice(Danger.RELOCATED, message)])
    return compare_deployments(before, after, name, files)


def _moved(before: Deployment, after: Deployment) -> str:
    """What makes it another stack to CloudFormation, in words; what only one of the two says is no difference."""
    if UNNAMED in (before.environment.name, after.environment.name):
        return ""
    for words, fact in _FACTS:
        one, other = fact(before), fact(after)
        if one and other and one != other:
            return f"{words} ({one} → {other})"
    return ""


def _stack_name(deployment: Deployment) -> object:
    config = read_samconfig(deployment.project.root)
    return settings_of(config, deployment.environment).get("stack_name")


_FACTS: tuple[tuple[str, Callable[[Deployment], object]], ...] = (
    ("account", lambda deployment: deployment.environment.account),
    ("region", lambda deployment: deployment.environment.region),
    ("stack name", _stack_name),
)


@dataclass(frozen=True)
class _Read:
    """A project and its samconfig.toml, as read."""

    project: Project
    config: SamConfig


def _read(folder: Path) -> _Read:
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder; name a project's.")
    project, config = load_project(folder), read_samconfig(folder)
    if not any((folder / name).is_file() for name in ROOT_NAMES):
        raise InputError(f"{folder} has no template.yaml; name the folder of a SAM project.")
    _refuse_unread(project, config)
    return _Read(project, config)


def _deployments(read: _Read, other: SamConfig) -> dict[str, Deployment]:
    """The deployments of a project, by what each is called.

    Where an environment does not say where it is deployed, and the other project's of the same name does, it is there:
    whoever deploys it gave that by hand.
    """
    known = {environment.name: environment for environment in other.environments}
    environments = tuple(
        replace(
            environment,
            region=environment.region or known[environment.name].region,
            account=environment.account or known[environment.name].account,
        )
        if environment.name in known
        else environment
        for environment in read.config.environments
    )
    config = replace(read.config, environments=environments)
    return {_label(deployment): deployment for deployment in deployments(read.project, config)}


def _refuse_unread(project: Project, config: SamConfig) -> None:
    for finding in (*project.findings, *config.findings):
        if finding.rule in {"yaml", "samconfig", "link-cycle"}:
            message = finding.message.rstrip(".")
            raise InputError(f"{project.root / finding.file}:{finding.line}: {message}; mend it first.")


def _label(deployment: Deployment) -> str:
    """The environment's name; where samconfig.toml names none, the values of parameters that are looked at."""
    environment = deployment.environment
    if environment.name != UNNAMED or environment.settings:
        return environment.name
    return ", ".join(f"{name}={value}" for name, value in environment.parameters.items()) or UNNAMED
