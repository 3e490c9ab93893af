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
# What SAM makes of a function's events.
_OF_EVENTS = {
    "AWS::Events::Rule",
    "AWS::Lambda::EventSourceMapping",
    "AWS::SNS::Subscription",
    "AWS::Scheduler::Schedule",
}


def written(resource: Resource, *paths: str) -> Place:
    """Where the first of the paths (`LoggingConfig.LogFormat`, `Targets.0`) stands: in the resource or Globals."""
    template = resource.stack.template
    source = template.resources.get(resource.owner, {})
    kind = _GLOBALS.get(str(source.get("Type")))
    event = _event(resource)
    starts: list[tuple[str, ...]] = [("Resources", resource.owner, "Properties")]
    if event is not None:
        starts = [("Resources", resource.owner, "Properties", "Events", event, "Properties")]
        kind = None
    starts += [("Globals", kind)] if kind else []
    for path in paths:
        for start in starts:
            whole = (*start, *(int(step) if step.isdecimal() else step for step in path.split(".")))
            if _is_there(template.data, whole):
                return template.place(*whole)
    return template.place(*starts[0][:-1]) if event is not None else resource.place()


def label(resource: Resource) -> str:
    """What an author calls a resource: by its logical id, or `Function.Event` where SAM made it of an event."""
    event = _event(resource)
    return resource.owner if event is None else f"{resource.owner}.{event}"


def is_called_by_sam(resource: Resource) -> bool:
    """Whether SAM names it after the event that it makes it of, as it does schedules: nobody has chosen that name."""
    return resource.owner != resource.logical_id and resource.name == resource.logical_id


def _event(resource: Resource) -> str | None:
    """The event of a function that SAM made a resource of."""
    if resource.owner == resource.logical_id or resource.type not in _OF_EVENTS:
        return None
    source = resource.stack.template.resources.get(resource.owner, {})
    properties = source.get("Properties")
    events = properties.get("Events") if isinstance(properties, dict) else None
    names = [str(name) for name in events] if isinstance(events, dict) else []
    return max((n for n in names if resource.logical_id.startswith(resource.owner + n)), key=len, default=None)


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
