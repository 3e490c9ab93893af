"""Where an author wrote a property that a rule found in the expanded template; SAM calls some differently."""

from __future__ import annotations

from typing import Any

from generator.checks.rule import Place, Problem
from generator.project import Resource

# What `Globals` calls the resources that it speaks of.
_GLOBALS = {
    "AWS::Serverless::Function": "Function",
    "AWS::Serverless::Api": "Api",
    "AWS::Serverless::HttpApi": "HttpApi",
}


def written(resource: Resource, *paths: str) -> Place:
    """Where the first of the paths (`LoggingConfig.LogFormat`, `Targets.0`) stands: in the resource or Globals."""
    template = resource.stack.template
    source = template.resources.get(resource.owner, {})
    kind = _GLOBALS.get(str(source.get("Type")))
    starts: list[tuple[str, ...]] = [("Resources", resource.owner, "Properties")]
    starts += [("Globals", kind)] if kind else []
    for path in paths:
        for start in starts:
            whole = (*start, *(int(step) if step.isdecimal() else step for step in path.split(".")))
            if _is_there(template.data, whole):
                return (template.name, *template.line_of(*whole))
    return resource.place()


def at(resource: Resource, message: str, *paths: str, **more: Any) -> Problem:
    """A problem of a resource, where the first of the paths is written."""
    return Problem(written(resource, *paths), message, resource, **more)


def _is_there(data: Any, path: tuple[str | int, ...]) -> bool:
    for step in path:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return False
    return True
