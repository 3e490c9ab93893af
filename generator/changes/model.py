"""What comparing two projects comes to, as data; `text` and `as_json` are views of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Absent(Enum):
    """The value of a property that is not there."""

    ABSENT = "absent"


ABSENT = Absent.ABSENT
VERSION = 1
"""Of the JSON: it grows with a change that readers of the one before would not understand."""


class Consequence(str, Enum):
    """What CloudFormation does to a resource; worst last."""

    RECORD = "record"
    """Nothing: only the template says something else (a policy for later, an order, metadata)."""
    CREATE = "create"
    PUBLISH = "publish"
    """A new version or deployment is made beside the old one, as each release does."""
    UPDATE = "update"
    """Updated in place. AWS's schemas do not say which updates interrupt."""
    DELETE = "delete"
    MAY_REPLACE = "may-replace"
    """Replaced or updated, which depends on the values."""
    REPLACE = "replace"
    """A new one is made, and the old one deleted or left behind."""

    @property
    def rank(self) -> int:
        """How bad it is, for sorting."""
        return list(Consequence).index(self)


class Danger(str, Enum):
    """What a warning is about; worst first."""

    LOST = "data-lost"
    FAILS = "deployment-fails"
    LEFT = "left-behind"
    RELOCATED = "relocated"

    @property
    def rank(self) -> int:
        """How bad it is, for sorting: 0 is worst."""
        return list(Danger).index(self)


@dataclass(frozen=True)
class FileChange:
    """A file that is not the same.

    Attributes:
        path: relative to the project, with forward slashes.
        action: `added`, `removed` or `changed`.
        added: lines that are new.
        removed: lines that are gone.
        diff: a unified diff without secrets; empty for a file that is no text, or too large.
    """

    path: str
    action: str
    added: int = 0
    removed: int = 0
    diff: str = ""


@dataclass(frozen=True)
class PropertyChange:
    """A property of a resource that gets another value.

    Attributes:
        path: where it is: `Tags[Owner].Value`; a resource's attribute (`DeletionPolicy`) stands alone.
        before: its evaluated value, or ABSENT; secrets are masked.
        after: the same, afterwards.
        consequence: what this change alone would lead to.
        because: the replaced resource that it refers to, where nothing else changes it.
    """

    path: str
    before: Any
    after: Any
    consequence: Consequence
    because: str = ""

    def as_json(self) -> dict[str, Any]:
        """JSON-ready; what is absent has no key."""
        data: dict[str, Any] = {"path": self.path}
        data.update({} if self.before is ABSENT else {"before": self.before})
        data.update({} if self.after is ABSENT else {"after": self.after})
        return {**data, "consequence": self.consequence.value, **({"because": self.because} if self.because else {})}


@dataclass
class ResourceChange:
    """A resource that is not the same in one environment.

    Attributes:
        stack: the template of its stack.
        logical_id: its name in the expanded template, afterwards where it is there.
        type: its type.
        consequence: the worst of what happens to it.
        place: file and line of the author's text.
        name: its physical name before, where it is known.
        properties: what changes.
    """

    stack: str
    logical_id: str
    type: str
    consequence: Consequence
    place: tuple[str, int]
    name: str = ""
    properties: list[PropertyChange] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "stack": self.stack,
            "logicalId": self.logical_id,
            "type": self.type,
            "consequence": self.consequence.value,
            "file": self.place[0],
            "line": self.place[1],
            **({"name": self.name} if self.name else {}),
            "properties": [change.as_json() for change in self.properties],
        }


@dataclass(frozen=True)
class Notice:
    """Something to think of before deploying.

    Attributes:
        danger: what it is about.
        message: one sentence or two.
        stack: the template, or empty.
        logical_id: the resource, or empty.
    """

    danger: Danger
    message: str
    stack: str = ""
    logical_id: str = ""

    def as_json(self) -> dict[str, str]:
        """JSON-ready."""
        return {
            "kind": self.danger.value,
            "message": self.message,
            "stack": self.stack,
            "logicalId": self.logical_id,
        }


@dataclass
class EnvironmentChanges:
    """What a deployment of one environment would do.

    Attributes:
        name: the environment, or the values of parameters where no samconfig.toml names any.
        state: `compared`, `added`, `removed`, or `relocated` to another region, account or stack name.
        resources: what happens to resources, worst first.
        warnings: what to think of, worst first.
    """

    name: str
    state: str = "compared"
    resources: list[ResourceChange] = field(default_factory=list)
    warnings: list[Notice] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Whether anything is to be done."""
        return self.state != "compared" or bool(self.resources)

    def as_json(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "environment": self.name,
            "state": self.state,
            "resources": [resource.as_json() for resource in self.resources],
            "warnings": [warning.as_json() for warning in self.warnings],
        }


@dataclass
class Changes:
    """All that differs between two projects.

    Attributes:
        files: the files that are not the same.
        environments: what a deployment of each would do.
        conflicts: what an update could not decide, in words.
        migrations: what an update migrates to a later version, in words.
    """

    files: list[FileChange] = field(default_factory=list)
    environments: list[EnvironmentChanges] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    migrations: list[str] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Whether anything differs."""
        return bool(self.files or self.conflicts) or any(environment.changed for environment in self.environments)

    def notices(self) -> Iterator[Notice]:
        """The warnings of all environments, each once, worst first."""
        found = dict.fromkeys(w for environment in self.environments for w in environment.warnings)
        yield from sorted(found, key=lambda warning: warning.danger.rank)

    def as_json(self) -> dict[str, Any]:
        """JSON-ready; described in docs/diff.md."""
        return {
            "version": VERSION,
            "changed": self.changed,
            "files": [dict(vars(file)) for file in self.files],
            "environments": [environment.as_json() for environment in self.environments],
            "conflicts": self.conflicts,
            "migrations": self.migrations,
        }
