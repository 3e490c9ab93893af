"""What `samgen rename` does: a function's name at each place that has it, and what the name decided until now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.edit.additions import place_of
from generator.edit.change import Change, Maker
from generator.edit.references import is_authorizer, references
from generator.edit.steps import Put, Replace, Step
from generator.errors import InputError
from generator.spec.defaults import default_trigger
from generator.spec.permissions import variable_name

if TYPE_CHECKING:
    from generator.spec.model import ServiceSpec


def rename_function(old: str, new: str) -> Maker:
    """A function, with every trigger and permission that names it; its routes stay what they are."""

    def make(document: dict[str, Any], spec: ServiceSpec) -> Change:
        place, written = place_of(document, spec, old)
        if new == old:
            raise InputError(f"the function is called '{old}' already")
        if new in [function.name for function in spec.functions]:
            raise InputError(f"there is a function '{new}' already: use another name")
        path = ("functions", place, "name")
        steps: list[Step] = [Replace(path, new)]
        notes = []
        for reference, owner, kind in references(document, "functions", old):
            steps.append(Replace(reference, new))
            notes.append(f"{kind.capitalize()} of {owner} names it, and now does so by its new name.")
            if kind == "a permission":
                was, becomes = variable_name("invoke", old), variable_name("invoke", new)
                notes.append(f"The variable {was} of {owner} becomes {becomes}: change the code that reads it.")
        if "triggers" not in written and not is_authorizer(spec, old):
            route = default_trigger(old)
            steps.append(Put(("functions", place), "triggers", [route]))
            notes.append(f"The route {route['method']} {route['path']} stays what it is, and is written out for that.")
        if is_authorizer(spec, old):
            steps.append(_authorizer(document, new))
            notes.append("api.authorizer names it, and now does so by its new name.")
        return Change(f"rename function {old} to {new}", steps, notes, path, moves=(old, new))

    return make


def _authorizer(document: dict[str, Any], new: str) -> Step:
    if "authorizer" in document.get("api", {}):
        return Replace(("api", "authorizer"), new)
    if "api" in document:
        return Put(("api",), "authorizer", new)
    return Put((), "api", {"authorizer": new})
