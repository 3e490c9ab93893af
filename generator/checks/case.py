"""What a rule looks at: a project as it is written, and as each of its environments deploys it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from generator.findings import Finding
from generator.project import Deployment, Project, Resource, SamConfig
from generator.project.evaluate import Symbol, is_known
from generator.project.samconfig import ConfigEnvironment


@dataclass(frozen=True)
class Case:
    """A project and everything that was found out about it before the rules look.

    Attributes:
        project: the templates as they are written.
        config: its samconfig.toml.
        deployments: what each environment makes of it.
        findings: what SAM, cfn-lint and the links say of it, for the rules that repeat their verdict.
    """

    project: Project
    config: SamConfig
    deployments: tuple[Deployment, ...]
    findings: tuple[Finding, ...] = field(default=())

    @property
    def configured(self) -> list[tuple[ConfigEnvironment, Deployment]]:
        """The environments of samconfig.toml that are looked at, each as it deploys the project."""
        known = set(map(id, self.config.environments))
        return [(d.environment, d) for d in self.deployments if id(d.environment) in known]

    @property
    def narrowed(self) -> bool:
        """Whether some environments of samconfig.toml are not looked at."""
        return len(self.configured) < len(self.config.environments)

    def of_type(self, *kinds: str) -> Iterator[tuple[Deployment, Resource]]:
        """Every resource of the types, once for each environment that has it."""
        for deployment in self.deployments:
            for resource in deployment.of_type(*kinds):
                yield deployment, resource


def as_list(value: Any) -> list[Any]:
    """A value that IAM and others take alone or as a list, as a list; nothing as an empty one."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def literal(value: Any) -> str | None:
    """A text that is fully known and no symbol; None otherwise."""
    return value if isinstance(value, str) and is_known(value) and not isinstance(value, Symbol) else None


def number(value: Any) -> float | None:
    """A number, also where it is written as text; None where it is none or unknown."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return float(value)
    try:
        return float(value) if literal(value) is not None else None
    except ValueError:
        return None


def truth(value: Any) -> bool | None:
    """A boolean, also where it is written as text; None where it is none or unknown."""
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(str(value).lower()) if literal(value) is not None else None
