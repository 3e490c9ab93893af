"""What no other tool checks: that nested stacks and their parents agree with each other."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any

from generator.findings import Finding, Severity
from generator.project.graph import reference_graph, shortest_cycle
from generator.project.load import NESTING, Link, Project
from generator.project.references import Reference, references
from generator.project.template import Template

TOOL = "links"
Place = tuple[str, int, int]
_OUTPUTS = "Outputs."


def check_links(project: Project) -> list[Finding]:
    """Everything that is wrong between the project's parents and children, each at its exact place.

    Rules: `link-file` (the child cannot be read), `link-parameter` (a parameter that the child does
    not declare, does not get or does not allow), `link-output` (an output that the child does not
    have), `link-cycle` (stacks that wait for each other).
    """
    findings: list[Finding] = []
    for link in project.links:
        findings += _check_file(link)
        findings += _check_parameters(link)
    for template in project.templates:
        findings += _check_outputs(template, project.links_of(template), references(template.data))
        findings += _check_cycles(template)
    return sorted(set(findings))


def _check_file(link: Link) -> Iterator[Finding]:
    if link.remote:
        return
    place = link.parent.place(*link.path)
    if link.child is None:
        message = f"{link.logical_id} nests {link.location!r}, which does not exist."
        mend = f"Correct the path; it is relative to the folder of {link.parent.name}."
        yield _finding(place, "link-file", message, mend)
    elif not link.child.readable:
        message = f"{link.logical_id} nests {link.child.name}, which cannot be read as a template."
        yield _finding(place, "link-file", message, f"Correct {link.child.name} first.")


def _check_parameters(link: Link) -> Iterator[Finding]:
    child = link.child
    if child is None or not child.readable:
        return
    path = ("Resources", link.logical_id, "Properties", "Parameters")
    passed = link.resource["Properties"].get("Parameters", {})
    if not isinstance(passed, dict) or _is_computed(passed):
        return
    declared = child.section("Parameters")
    for name, value in passed.items():
        place = link.parent.place(*path, name)
        if name not in declared:
            message = f"{link.logical_id} passes the parameter {name}, which {child.name} does not declare."
            mend = _did_you_mean(str(name), declared) or f"Declare it in {child.name} or remove it here."
            yield _finding(place, "link-parameter", message, mend)
        elif (text := _literal(value)) is not None:
            yield from _check_value(link, str(name), text, declared[name], place)
    for name, definition in declared.items():
        if "Default" not in definition and name not in passed:
            message = f"{link.logical_id} does not pass {name}, which {child.name} needs."
            mend = f"Pass it under Parameters, or give it a Default in {child.name}."
            yield _finding(link.parent.place(*path), "link-parameter", message, mend)


def _check_value(link: Link, name: str, value: str, definition: dict[str, Any], place: Place) -> Iterator[Finding]:
    allowed = definition.get("AllowedValues")
    if not isinstance(allowed, list):
        return
    texts = [_literal(item) or "" for item in allowed]
    if value not in texts:
        child = link.child.name if link.child else link.location
        message = f"{link.logical_id} passes {name}={value!r}, which {child} does not allow."
        mend = f"Pass one of: {', '.join(texts)}."
        yield _finding(place, "link-parameter", message, mend)


def _check_outputs(template: Template, links: list[Link], found: Iterator[Reference]) -> Iterator[Finding]:
    children = {link.logical_id: link.child for link in links if link.child and link.child.readable}
    for reference in found:
        child = children.get(reference.target)
        if child is None or not reference.attribute.startswith(_OUTPUTS):
            continue
        outputs = child.section("Outputs")
        name = reference.attribute.removeprefix(_OUTPUTS)
        # A loop of the language extensions makes outputs whose names only the deployment knows.
        if name in outputs or any(key.startswith("Fn::ForEach") for key in child.data.get("Outputs", ())):
            continue
        message = f"{child.name}, which {reference.target} nests, has no output {name}."
        mend = _did_you_mean(name, outputs) or f"Add the output to {child.name}."
        yield _finding(_place(template, reference), "link-output", message, mend)


def _check_cycles(template: Template) -> Iterator[Finding]:
    graph = reference_graph(template.resources)
    reported: set[str] = set()
    for stack, resource in template.resources.items():
        if str(resource.get("Type")) not in NESTING or stack in reported:
            continue
        cycle = shortest_cycle(graph, stack)
        if not cycle:
            continue
        reported.update(cycle)
        chain = " → ".join([*cycle, cycle[0]])
        message = f"The stacks wait for each other: {chain}."
        mend = "Break the circle: build a name or ARN from parameters instead of reading an output."
        reference = graph.edges[stack, cycle[1] if len(cycle) > 1 else stack]["reference"]
        yield _finding(_place(template, reference), "link-cycle", message, mend)


def _place(template: Template, reference: Reference) -> Place:
    if reference.text:
        return template.place_of_text(reference.text, *reference.path)
    return template.place(*reference.path)


def _is_computed(value: dict[Any, Any]) -> bool:
    return any(str(key).startswith("Fn::") for key in value)


def _literal(value: Any) -> str | None:
    """A value as CloudFormation passes it on, which is always text; None if it is computed."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, (str, int, float)) else None


def _did_you_mean(name: str, known: dict[str, Any]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"Did you mean {close[0]}?" if close else ""


def _finding(place: Place, rule: str, message: str, mend: str) -> Finding:
    return Finding(*place, rule, Severity.ERROR, message, mend, TOOL)
