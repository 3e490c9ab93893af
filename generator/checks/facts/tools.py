"""What SAM and cfn-lint object to without reason: a deployment of the project would not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from generator.checks.case import Case
from generator.errors import ToolError
from generator.findings import Finding
from generator.project import Template, expand
from generator.project.deployment import DEFAULT_REGION

_UNEXPECTED = re.compile(r"\('([A-Za-z0-9]+)' was unexpected\)")
_STAND_IN = "'placeholder'"


def is_unfounded(case: Case, finding: Finding) -> bool:
    """Whether a deployment would not meet what a tool objects to.

    cfn-lint's schema of Globals lacks properties that SAM takes; stand-ins for parameters without a default are
    values that nobody passes; and SAM refuses some templates only until those parameters have a value.
    """
    if finding.rule == "E3724":
        named = _UNEXPECTED.search(finding.message)
        return named is not None and any(named[1] in names for names in _global_properties().values())
    if finding.tool == "cfn-lint (expanded)" and _STAND_IN in finding.message:
        return True
    if finding.rule != "sam":
        return False
    template = next((known for known in case.project.templates if known.name == finding.file), None)
    return template is not None and _is_whole_when_deployed(case, template)


def _global_properties() -> Mapping[str, Any]:
    from samtranslator.plugins.globals.globals import Globals

    found = Globals.supported_properties
    return found if isinstance(found, dict) else {}


def _is_whole_when_deployed(case: Case, template: Template) -> bool:
    """Whether SAM takes a template once its parameters have values; it has an expansion then all the same."""
    region = case.deployments[0].region if case.deployments else DEFAULT_REGION
    try:
        return expand(template, region).data is not None
    except ToolError:
        return False
