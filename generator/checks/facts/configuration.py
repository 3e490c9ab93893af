"""Where in samconfig.toml something stands, and what its tables say that no deployment needs to know."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from generator.checks.case import Case
from generator.checks.rule import Place
from generator.project import Deployment, Resource, SamConfig, Stack, Template
from generator.project.load import Project
from generator.project.samconfig import ConfigEnvironment

_HEADER = re.compile(r"^\s*\[+\s*\"?(?P<name>[^\].\"]+)\"?\s*(?:\.\s*(?P<rest>[^\]]*?))?\s*\]")
ENVIRONMENT_PARAMETERS = {
    "environment",
    "environmentname",
    "environmenttype",
    "env",
    "envname",
    "envtype",
    "stage",
    "stagename",
    "deploymentstage",
    "deploymentenvironment",
}


def place_of(config: SamConfig, environment: str, key: str = "", text: str = "") -> Place:
    """Line of a key in an environment's tables, or of a text at or below it; the environment's first line without."""
    if config.document is not None:
        steps = (environment, "deploy", "parameters", *((key,) if key else ()))
        return config.name, *config.document.place(steps)
    lines = config.text.splitlines()
    first, inside, below = 0, False, False
    # `Days=` is no part of `RetentionDays=`.
    wanted = re.compile(rf"(?<![A-Za-z0-9]){re.escape(text)}" if text else r"\S")
    for number, line in enumerate(lines, start=1):
        if header := _HEADER.match(line):
            inside, below = header["name"].strip() == environment, False
            first = first or (number if inside else 0)
        if not inside or not key:
            continue
        below = below or bool(re.match(rf"\s*\"?{re.escape(key)}\"?\s*=", line))
        if below and (found := wanted.search(line)):
            return config.name, number, found.start() + 1
    if text:
        return place_of(config, environment, key)
    return (config.name, _deploy_line(lines, environment) or first or 1, 1)


def _deploy_line(lines: list[str], environment: str) -> int:
    """The line that begins the environment's table `deploy`."""
    for number, line in enumerate(lines, start=1):
        header = _HEADER.match(line)
        if header and header["name"].strip() == environment and str(header["rest"]).startswith("deploy"):
            return number
    return 0


def settings_of(config: SamConfig, environment: ConfigEnvironment) -> dict[str, Any]:
    """What an environment's tables `global` and `deploy` say together."""
    written = _tables(config.text) if config.document is None else config.document.data
    tables = written.get(environment.name) if isinstance(written, dict) else None
    found: dict[str, Any] = {}
    for table in ("global", "deploy"):
        entry = tables.get(table) if isinstance(tables, dict) else None
        parameters = entry.get("parameters") if isinstance(entry, dict) else None
        found.update(parameters if isinstance(parameters, dict) else {})
    return found


@lru_cache(maxsize=8)
def _tables(text: str) -> dict[str, Any]:
    try:
        return tomlkit.parse(text).unwrap()
    except TOMLKitError:
        return {}


def reads_a_file(environment: ConfigEnvironment) -> bool:
    """Whether parameters stand in a file of their own (`file://…`), which nothing here reads."""
    return "file://" in str(environment.settings.get("parameter_overrides", ""))


def root_of(project: Project) -> Template | None:
    """The template that samconfig.toml deploys."""
    return project.templates[0] if project.templates else None


def deployed_stacks(deployment: Deployment) -> list[Stack]:
    """The stacks that a deployment of the root makes: it and what it nests, not the templates that stand beside it."""
    root = root_of(deployment.project)
    below = {root.name} if root else set()
    for link in deployment.project.links:  # each before those of its child
        if link.child is not None and link.parent.name in below:
            below.add(link.child.name)
    return [stack for stack in deployment.stacks if stack.template.name in below]


def subject_of(case: Case, template: Template, path: tuple[str | int, ...]) -> Resource | None:
    """The resource that a path into a template belongs to, in the first environment that has it."""
    if len(path) < 2 or path[0] != "Resources":  # noqa: PLR2004 (the section and the resource)
        return None
    for deployment in case.deployments:
        for stack in deployment.stacks:
            if stack.template is template and path[1] in stack.resources:
                return stack.resources[str(path[1])]
    return None


def means_environment(parameter: str) -> bool:
    """Whether a parameter's name says that it holds the environment."""
    return re.sub(r"[^a-z]", "", parameter.lower()) in ENVIRONMENT_PARAMETERS
