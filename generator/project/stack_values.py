"""What a stack starts with: the values of its parameters, and its template as CloudFormation gets it."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from generator.project.evaluate import UNKNOWN, Scope, is_known
from generator.project.expand import expand
from generator.project.loops import LOOP, has_extensions, unroll
from generator.project.template import Template

Expansions = dict[tuple[str, str, str], dict[str, Any]]
"""What SAM made of each template with each set of parameters; environments often share it."""


def parameter_values(template: Template, given: Mapping[str, Any]) -> dict[str, Any]:
    """What each parameter is: what is given, its default, or unknown; lists as lists."""
    values: dict[str, Any] = {}
    for name, definition in template.section("Parameters").items():
        value = given.get(name, definition.get("Default", UNKNOWN))
        kind = str(definition.get("Type", "String"))
        if kind.startswith("AWS::SSM::Parameter::Value"):
            value = UNKNOWN
        is_list = kind == "CommaDelimitedList" or kind.startswith("List<")
        if is_list and isinstance(value, str) and is_known(value):
            value = [part.strip() for part in value.split(",")]
        values[name] = value if isinstance(value, (str, list)) else _text(value)
    return values


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, (int, float)) else UNKNOWN


def expanded(
    template: Template, values: Mapping[str, Any], region: str, expansions: Expansions
) -> tuple[dict[str, Any], dict[str, str]]:
    """The template as CloudFormation gets it, and the loop that each resource came from.

    As it is written where SAM has nothing to do or refuses it.

    Args:
        template: the template.
        values: parameters and pseudo parameters.
        region: where it is deployed.
        expansions: what has been made already; what is made now is added.
    """
    if "Transform" not in template.data:
        return template.data, {}
    data = copy.deepcopy(template.data)
    loops: dict[str, str] = {}
    if has_extensions(data):
        data, loops = unroll(data, Scope("", values, data).evaluate)
        # What a loop over an unknown list would make is unknown; SAM does not take it for nothing.
        _drop_loops(data)
    for name, definition in template.section("Parameters").items():
        value = values.get(name)
        if isinstance(value, str) and is_known(value) and not value.startswith("<"):
            data["Parameters"][name] = {**definition, "Default": value}
    content = json.dumps(data, default=str, ensure_ascii=True)
    key = (template.name, region, hashlib.sha256(content.encode()).hexdigest())
    if key not in expansions:
        expansions[key] = expand(replace(template, data=data), region, loops=False).data or data
    return expansions[key], loops


def _drop_loops(data: dict[str, Any]) -> None:
    for section in data.values():
        for name in list(section) if isinstance(section, dict) else ():
            if isinstance(name, str) and name.startswith(LOOP):
                del section[name]
