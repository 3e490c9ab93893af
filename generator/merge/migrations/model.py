"""Migrations, and how they are taken: on the project and on what was rendered last alike, before the two are merged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from generator.merge.conflicts import Conflict
from generator.merge.files import File, Files
from generator.merge.migrations.workspace import Workspace
from generator.merge.versions import version_key


class Step(Protocol):
    """One thing that has another name or place from a version on."""

    def take(self, workspace: Workspace) -> bool:
        """Change the workspace; returns whether anything was there to change. Taken twice, it changes nothing more."""


@dataclass(frozen=True)
class Migration:
    """What a version of the template has changed so that a merge alone would not follow.

    Attributes:
        version: the first version that has it so.
        told: one sentence for whoever updates: what changes, and what a deployment makes of it.
        steps: what is to be done, in order.
    """

    version: str
    told: str
    steps: tuple[Step, ...]

    def as_json(self) -> dict[str, str]:
        """JSON-ready."""
        return {"version": self.version, "message": self.told}


@dataclass(frozen=True)
class Migrated:
    """A project and what was rendered last into it, as a later version has them.

    Attributes:
        base: what was rendered last.
        ours: the project.
        taken: the migrations that had something to do, oldest first.
        conflicts: what they could not do.
    """

    base: dict[str, File]
    ours: dict[str, File]
    taken: tuple[Migration, ...] = ()
    conflicts: tuple[Conflict, ...] = ()


def migrate(base: Files, ours: Files, recorded: str, migrations: Sequence[Migration]) -> Migrated:
    """Take the migrations of every version after the recorded one; nothing is written.

    Args:
        base: what was rendered last.
        ours: the project, its samgen.yaml among it.
        recorded: the version that has rendered it last.
        migrations: all that there are, in any order; those of one version in theirs.
    """
    workspace = Workspace(base, ours)
    due = [one for one in migrations if version_key(one.version) > version_key(recorded)]
    due.sort(key=lambda one: version_key(one.version))
    taken = []
    for one in due:
        done = [step.take(workspace) for step in one.steps]
        if any(done):
            taken.append(one)
    return Migrated(workspace.base, workspace.ours, tuple(taken), tuple(workspace.conflicts))
