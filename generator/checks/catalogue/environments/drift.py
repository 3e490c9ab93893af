"""SG305: what one environment has and another does not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.checks.case import Case
from generator.checks.facts.configuration import (
    means_environment,
    place_of,
    reads_a_file,
    root_of,
)
from generator.checks.facts.texts import DEPTH
from generator.checks.rule import Problem, rule
from generator.findings import Severity
from generator.project import Template
from generator.project.evaluate import Symbol, is_known
from generator.project.samconfig import ConfigEnvironment


@rule(
    "SG305",
    "Environments differ in values only: one template, the same parameters, conditions on environments that exist.",
    Severity.WARNING,
    "Set the parameter in every environment; compare with the environments that samconfig.toml and AllowedValues name.",
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/conditions-section-structure.html",
)
def drift(case: Case) -> Iterator[Problem]:
    """Parameters that some environments set and others do not; conditions on an environment that does not exist."""
    yield from _set_by_some(case)
    for template in case.project.templates:
        yield from _mapped(case, template)
    for template in case.project.templates:
        for name, condition in template.section("Conditions").items():
            for parameter, value in _comparisons(condition):
                if not means_environment(parameter):
                    continue
                known = _values_of(case, template, parameter)
                if known and value not in known:
                    place = template.place_of_text(value, "Conditions", name)
                    message = f"The condition {name} asks for {_quoted(value)}; {parameter} is {_either(known)}."
                    yield Problem(place, message)


def _quoted(value: str) -> str:
    return value or "an empty text"


def _either(values: set[str]) -> str:
    return " or ".join(map(_quoted, sorted(values)))


def _set_by_some(case: Case) -> Iterator[Problem]:
    root = root_of(case.project)
    declared = root.section("Parameters") if root else {}
    environments = case.config.environments
    if any(map(reads_a_file, environments)):
        return
    for name in sorted({name for environment in environments for name in environment.parameters}):
        setting = [environment for environment in environments if name in environment.parameters]
        if len(setting) == len(environments):
            continue
        if name in declared and "Default" not in declared[name]:
            continue  # a missing value, which SG301 says
        lacking = [environment.name for environment in environments if environment not in setting]
        message = f"{name} is set in {', '.join(e.name for e in setting)} and not in {', '.join(lacking)}."
        place = place_of(case.config, setting[0].name, "parameter_overrides", f"{name}=")
        severity = Severity.INFO if _changes_nothing(declared.get(name), name, setting) else None
        yield Problem(place, message, severity=severity)


def _changes_nothing(definition: dict[str, Any] | None, name: str, setting: list[ConfigEnvironment]) -> bool:
    """Whether every environment that sets it sets the default."""
    default = definition.get("Default") if definition else None
    text = str(default).lower() if isinstance(default, bool) else str(default)
    return default is not None and all(environment.parameters[name] == text for environment in setting)


def _comparisons(condition: Any) -> Iterator[tuple[str, str]]:
    """Every `!Equals [!Ref Parameter, text]` in a condition."""
    if isinstance(condition, list):
        for item in condition:
            yield from _comparisons(item)
    elif isinstance(condition, dict):
        compared = condition.get("Fn::Equals")
        if isinstance(compared, list) and len(compared) == 2:  # noqa: PLR2004 (two sides)
            for one, other in (compared, compared[::-1]):
                name = one.get("Ref", str(one.get("Fn::Sub")).strip("${} ")) if isinstance(one, dict) else None
                if isinstance(name, str) and isinstance(other, str):
                    yield name, other
        for item in condition.values():
            yield from _comparisons(item)


def _mapped(case: Case, template: Template) -> Iterator[Problem]:
    """Mappings by environment that lack one of them, or have one that does not exist."""
    mappings = template.section("Mappings")
    for name, parameter in dict.fromkeys(_looked_up({**template.data, "Mappings": None, "Metadata": None})):
        known = _values_of(case, template, parameter) if means_environment(parameter) and name in mappings else set()
        for value in sorted(known - set(map(str, mappings.get(name, ())))):
            place = template.place("Mappings", name)
            message = f"The mapping {name} has nothing for {value}, which {parameter} can be."
            yield Problem(place, message, severity=Severity.ERROR)
        for value in sorted(set(map(str, mappings.get(name, ()))) - known) if known else ():
            place = template.place("Mappings", name, value)
            yield Problem(place, f"The mapping {name} has values for {value}, which {parameter} never is.")


def _looked_up(value: Any, depth: int = 0) -> Iterator[tuple[str, str]]:
    """Every `!FindInMap [Mapping, !Ref Parameter, key]` without a default: mapping and parameter."""
    if depth > DEPTH or not isinstance(value, (dict, list)):
        return
    if isinstance(value, dict):
        looked = value.get("Fn::FindInMap")
        if isinstance(looked, list) and len(looked) == 3:  # noqa: PLR2004 (a fourth is a default)
            name, key = looked[0], looked[1].get("Ref") if isinstance(looked[1], dict) else None
            if isinstance(name, str) and isinstance(key, str):
                yield name, key
    for item in value.values() if isinstance(value, dict) else value:
        yield from _looked_up(item, depth + 1)


def _values_of(case: Case, template: Template, parameter: str) -> set[str]:
    """Every value that a parameter of a template can have; empty where that is not known."""
    if case.narrowed:
        return set()
    definition = template.section("Parameters").get(parameter, {})
    allowed = definition.get("AllowedValues")
    found = {str(value) for value in allowed} if isinstance(allowed, list) else set()
    for _, deployment in case.configured:
        for stack in deployment.stacks:
            value = stack.parameters.get(parameter) if stack.template is template else None
            if isinstance(value, str) and not isinstance(value, Symbol):
                if not is_known(value):
                    return found
                found.add(value)
    return found
