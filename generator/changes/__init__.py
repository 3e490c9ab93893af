"""Two projects compared: file by file, resource by resource, with what CloudFormation makes of each change."""

from __future__ import annotations

from generator.changes.compare import compare_projects
from generator.changes.masking import Masker
from generator.changes.model import (
    ABSENT,
    Changes,
    Consequence,
    Danger,
    EnvironmentChanges,
    FileChange,
    Notice,
    PropertyChange,
    ResourceChange,
)

__all__ = [
    "ABSENT",
    "Changes",
    "Consequence",
    "Danger",
    "EnvironmentChanges",
    "FileChange",
    "Masker",
    "Notice",
    "PropertyChange",
    "ResourceChange",
    "compare_projects",
]
