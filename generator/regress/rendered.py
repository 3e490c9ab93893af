"""One combination's project, rendered and ready to be asked: what tests of a platform team's own are given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.errors import InputError, ToolError

if TYPE_CHECKING:
    from generator.checks.review import Reviewer
    from generator.findings import Finding
    from generator.project import Project


@dataclass(frozen=True)
class RenderedProject:
    """A rendered project. What is asked of it is worked out once.

    Attributes:
        name: what `samgen regress` calls the combination.
        choices: the choice of each axis; empty for a fixed combination.
        document: its spec, or the cookiecutter template's answers.
        path: the project's folder. Others read it too: copy it before you change anything.
    """

    name: str
    choices: Mapping[str, str]
    document: Mapping[str, Any] = field(repr=False)
    path: Path = field(repr=False)

    @cached_property
    def project(self) -> Project:
        """The project as `samgen` reads it: templates with positions, and the links between them."""
        from generator.project import load_project

        return load_project(self.path)

    @cached_property
    def templates(self) -> dict[str, dict[str, Any]]:
        """Each template by its path, as written; short forms such as !Ref are written out."""
        return {template.name: template.data for template in self.project.templates}

    @cached_property
    def expanded(self) -> dict[str, dict[str, Any]]:
        """Each template by its path as CloudFormation gets it from SAM, with stand-ins for code that is uploaded.

        Raises:
            InputError: SAM refuses a template.
        """
        from generator.project import expand
        from generator.validate.validator import DEFAULT_REGION

        found = {}
        for template in self.project.templates:
            expansion = expand(template, DEFAULT_REGION)
            if expansion.data is None:
                raise InputError("\n".join(finding.as_text() for finding in expansion.findings))
            found[template.name] = expansion.data
        return found

    def resources(self, kind: str = "") -> Iterator[tuple[str, str, dict[str, Any]]]:
        """The resources of the expanded templates, or those of a type: template's path, logical ID and resource.

        Raises:
            InputError: SAM refuses a template.
        """
        for name, data in self.expanded.items():
            resources = data.get("Resources")
            for logical_id, resource in (resources if isinstance(resources, dict) else {}).items():
                if isinstance(resource, dict) and kind in {"", resource.get("Type")}:
                    yield name, str(logical_id), resource

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What `samgen check` finds, validity included.

        Raises:
            ToolError: a tool is missing or broke down.
        """
        found = _all_rules().review_loaded(self.project)
        if found.failures:
            raise ToolError("; ".join(found.failures))
        return found.findings


@lru_cache(maxsize=1)
def _all_rules() -> Reviewer:
    from generator.regress.run import all_rules

    return all_rules()
