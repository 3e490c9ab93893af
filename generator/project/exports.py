"""What the stacks of one project export to those of another that is reviewed in the same call."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from generator.errors import InputError
from generator.project.deployment import Deployment, deployments
from generator.project.load import load_project
from generator.project.samconfig import read_samconfig


@dataclass(frozen=True)
class _Exports:
    root: str
    environment: str
    region: str
    values: Mapping[str, Any]


class Neighbours:
    """The projects of one call; what they export is evaluated when one of them imports something.

    Args:
        paths: every project.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = tuple(paths)

    def imports(self, deployment: Deployment) -> dict[str, Any]:
        """What the other projects export where this one is deployed, as far as their environments agree on it."""
        found: dict[str, Any] = {}
        own = os.path.realpath(deployment.project.root)
        for root in {exports.root: None for exports in self._exports if exports.root != own}:
            here = [e for e in self._exports if e.root == root and e.region == deployment.region]
            same = [e for e in here if e.environment == deployment.environment.name] or here
            for name, value in (pair for exports in same for pair in exports.values.items()):
                if all(exports.values.get(name, value) == value for exports in same):
                    found.setdefault(name, value)
        return found

    @cached_property
    def _exports(self) -> list[_Exports]:
        found: list[_Exports] = []
        for path in self._paths if len(self._paths) > 1 else ():
            try:
                project = load_project(path)
            except InputError:  # who reviews it says so
                continue
            root = os.path.realpath(project.root)
            # Names of stacks are prefixed, so that nothing here is taken for something of the project that imports it.
            found += [
                _Exports(root, deployment.environment.name, deployment.region, deployment.exports)
                for deployment in deployments(project, read_samconfig(project.root), prefix=f"{path}:")
                if deployment.exports
            ]
        return found
