"""An existing SAM or CloudFormation project as data: templates with positions, links, expansions."""

from __future__ import annotations

from generator.project.deployment import Deployment, Resource, Stack, deployments
from generator.project.expand import Expansion, expand
from generator.project.exports import Neighbours
from generator.project.graph import resource_graph, stack_graph
from generator.project.links import check_links
from generator.project.load import Link, Project, load_project
from generator.project.references import Reference, references
from generator.project.samconfig import ConfigEnvironment, SamConfig, read_samconfig
from generator.project.template import Template, read_template

__all__ = [
    "ConfigEnvironment",
    "Deployment",
    "Expansion",
    "Link",
    "Neighbours",
    "Project",
    "Reference",
    "Resource",
    "SamConfig",
    "Stack",
    "Template",
    "check_links",
    "deployments",
    "expand",
    "load_project",
    "read_samconfig",
    "read_template",
    "references",
    "resource_graph",
    "stack_graph",
]
