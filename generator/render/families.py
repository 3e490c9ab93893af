"""Runtime families: what a folder under `runtimes/` says of the functions that are written in it.

`runtime.json` holds what the templates need (docs/runtimes.md); names that begin with an underscore and
`runtime.json` itself are no part of a function's folder. Standard library only.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

from generator import paths

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.render.views import FunctionView

FACTS = "runtime.json"
PROJECT = "_project"


@dataclass(frozen=True)
class Family:
    """A runtime family by its name: `python`, `nodejs`."""

    name: str

    @property
    def folder(self) -> Path:
        """The template of a function's folder."""
        return paths.runtimes() / self.name

    @property
    def project_folder(self) -> Path:
        """What a project gets once where a function is written in it; may be missing."""
        return self.folder / PROJECT

    @cached_property
    def facts(self) -> dict[str, Any]:
        """What runtime.json says."""
        facts: dict[str, Any] = json.loads((self.folder / FACTS).read_text(encoding="utf-8"))
        return facts

    @property
    def handler(self) -> str:
        """The handler of a function as Lambda names it."""
        return str(self.facts["handler"])

    @property
    def builder(self) -> str:
        """What `sam build` needs on a machine, in words."""
        return str(self.facts["builder"])

    @property
    def ignored(self) -> list[str]:
        """Patterns for .gitignore: what installing, building and testing leaves behind."""
        return list(self.facts["ignored"])

    def metadata(self, runtime: str) -> dict[str, Any]:
        """The Metadata of a function's resource, which tell SAM how to build it; empty where SAM knows by itself."""
        version = ".".join(re.findall(r"\d+", runtime))
        text = Template(json.dumps(self.facts.get("metadata", {}))).substitute(version=version)
        metadata: dict[str, Any] = json.loads(text)
        return metadata


def used_families(functions: Iterable[FunctionView]) -> list[Family]:
    """The families of a service's functions, and of those that every project has, by name."""
    names = {function.family for function in functions}
    if any((paths.template_root() / paths.PROJECT_FOLDER / "src").glob("*/app.py")):
        names.add("python")
    return [Family(name) for name in sorted(names)]


def ignored_patterns(families: Iterable[Family]) -> list[str]:
    """The families' patterns for .gitignore, each once, in alphabetical order."""
    return sorted({pattern for family in families for pattern in family.ignored})
