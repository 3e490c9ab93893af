"""An existing SAM or CloudFormation project as data: templates with positions, links, expansions."""

from __future__ import annotations

from generator.project.expand import Expansion, expand
from generator.project.links import check_links
from generator.project.load import Link, Project, load_project
from generator.project.references import Reference, references
from generator.project.template import Template, read_template

__all__ = [
    "Expansion",
    "Link",
    "Project",
    "Reference",
    "Template",
    "check_links",
    "expand",
    "load_project",
    "read_template",
    "references",
]
