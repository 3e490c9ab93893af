"""What `samgen add` can do: each is a maker of a change (`generator.edit.change`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from generator.edit.change import Change, Maker
from generator.edit.forms import permission_text
from generator.edit.references import is_authorizer
from generator.edit.steps import Append, Put, Step
from generator.errors import InputError
from generator.spec import model
from generator.spec.defaults import DEFAULT_ENVIRONMENTS, DEFAULT_FUNCTION, default_trigger
from generator.spec.names import shown
from generator.spec.references import is_name

if TYPE_CHECKING:
    from generator.spec.model import ServiceSpec

SECTION_OF = {"table": "tables", "queue": "queues", "topic": "topics", "bucket": "buckets", "event-bus": "event_buses"}
"""What `samgen add` calls a resource, and the section that declares it."""

_CREATED = {"queue": "queues", "topic": "topics", "bucket": "buckets", "bus": "event_buses"}


def add_function(item: Mapping[str, Any]) -> Maker:
    """A function, with the fields that it has in samgen.yaml."""

    def make(document: dict[str, Any], spec: ServiceSpec) -> Change:
        steps: list[Step] = []
        notes = []
        if "functions" not in document:
            # The list has been the default's until now; written out, it holds the default's function still.
            steps.append(Put((), "functions", [{"name": DEFAULT_FUNCTION}]))
            notes.append(f"The function '{DEFAULT_FUNCTION}', there by default until now, is written out.")
        place = len(document.get("functions", [None]))
        function = ordered({"triggers": _usual_triggers(spec, item["name"]), **item}, model.Function)
        for trigger in function.get("triggers", []):
            notes += _created(trigger, spec)
        steps.append(Append(("functions",), function))
        return Change(f"add function {item['name']}", steps, notes, ("functions", place))

    return make


def _usual_triggers(spec: ServiceSpec, name: str) -> list[dict[str, Any]]:
    """What a function is invoked by of which nothing else was said, written out so that a new name changes no route."""
    return [] if is_authorizer(spec, name) else [default_trigger(name)]


def add_trigger(function: str, trigger: Mapping[str, Any], words: str) -> Maker:
    """A trigger to a function of the document; `words` is what was typed for it."""

    def make(document: dict[str, Any], spec: ServiceSpec) -> Change:
        place, written = place_of(document, spec, function)
        steps: list[Step] = []
        notes = _created(trigger, spec)
        if "triggers" not in written:
            route = default_trigger(function)
            steps.append(Put(("functions", place), "triggers", [route]))
            notes.append(f"The route {route['method']} {route['path']}, which it has without triggers, is written out.")
        path = ("functions", place, "triggers")
        steps.append(Append(path, dict(trigger)))
        subject = (*path, len(written.get("triggers", [None])))
        return Change(f"add trigger {words} to {function}", steps, notes, subject)

    return make


def add_secret(function: str, secret: str) -> Maker:
    """A secret to a function of the document."""

    def make(document: dict[str, Any], spec: ServiceSpec) -> Change:
        place, written = place_of(document, spec, function)
        path = ("functions", place, "secrets")
        listed = written.get("secrets", [])
        if secret in listed:
            raise InputError(f"{function} has the secret {shown(secret)} already")
        return Change(f"add secret {secret} to {function}", [Append(path, secret)], (), (*path, len(listed)))

    return make


def add_permission(function: str, permission: Mapping[str, Any]) -> Maker:
    """A permission to a function of the document."""

    def make(document: dict[str, Any], spec: ServiceSpec) -> Change:
        place, written = place_of(document, spec, function)
        path = ("functions", place, "permissions")
        listed = written.get("permissions", [])
        words = permission_text(dict(permission))
        if permission_text_of(permission) in [permission_text_of(one) for one in listed]:
            raise InputError(f"{function} has the permission {shown(words)} already")
        subject = (*path, len(listed))
        return Change(f"add permission {words} to {function}", [Append(path, dict(permission))], (), subject)

    return make


def add_environment(item: Mapping[str, Any]) -> Maker:
    """An environment, with the fields that it has in samgen.yaml."""

    def make(document: dict[str, Any], _spec: ServiceSpec) -> Change:
        steps: list[Step] = []
        notes = []
        if "environments" not in document:
            steps.append(Put((), "environments", [{"name": name} for name in DEFAULT_ENVIRONMENTS]))
            usual = " and ".join(DEFAULT_ENVIRONMENTS)
            notes.append(f"The environments {usual}, there by default until now, are written out.")
        place = len(document.get("environments", DEFAULT_ENVIRONMENTS))
        steps.append(Append(("environments",), ordered(item, model.Environment)))
        return Change(f"add environment {item['name']}", steps, notes, ("environments", place))

    return make


def add_resource(kind: str, item: Mapping[str, Any]) -> Maker:
    """A table, queue, topic, bucket or event bus, with the fields that it has in samgen.yaml."""
    section = SECTION_OF[kind]

    def make(document: dict[str, Any], spec: ServiceSpec) -> Change:
        written = document.get(section, [])
        notes = []
        if item["name"] in [one.name for one in getattr(spec, section)] and item["name"] not in _names(written):
            notes.append(f"A trigger created the {kind} '{item['name']}' already; it is declared now and stays.")
        subject = (section, len(written))
        return Change(f"add {kind} {item['name']}", [Append((section,), dict(item))], notes, subject)

    return make


def place_of(document: Mapping[str, Any], spec: ServiceSpec, name: str) -> tuple[int, dict[str, Any]]:
    """The place of a function among those of the document, and what is written of it.

    Raises InputError where there is none, or where it comes from a default and nothing is written of it.
    """
    written = document.get("functions", [])
    for place, function in enumerate(written):
        if function["name"] == name:
            return place, function
    known = ", ".join(function.name for function in spec.functions)
    if name in [function.name for function in spec.functions]:
        raise InputError(f"{shown(name)} comes from a default: 'samgen add function {name}' writes it out")
    raise InputError(f"there is no function {shown(name)}; there are {known}")


def ordered(item: Mapping[str, Any], kind: type[model.Function | model.Environment]) -> dict[str, Any]:
    """The fields in the order of the model's; the others after them, for the model to refuse."""
    known = {key: item[key] for key in kind.model_fields if key in item}
    return {**known, **item}


def permission_text_of(permission: Mapping[str, Any]) -> str:
    """The words of a permission that tell it from others: a raw statement's resources are among them."""
    return " ".join([permission_text(dict(permission)), *permission.get("resources", [])])


def _names(items: list[Any]) -> list[str]:
    return [item["name"] for item in items]


def _created(trigger: Mapping[str, Any], spec: ServiceSpec) -> list[str]:
    """What the trigger makes the project create, as nothing declares it."""
    notes = []
    for key, section in _CREATED.items():
        name = trigger.get(key)
        if not isinstance(name, str) or not is_name(name) or name == "default":
            continue
        if name not in [item.name for item in getattr(spec, section)]:
            words = key if key != "bus" else "event bus"
            notes.append(f"The {words} '{name}' is new: the project creates it, as nothing declares it.")
    return notes
