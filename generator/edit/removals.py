"""What `samgen remove` can do: each is a maker of a change, and refuses what something else still names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.edit.additions import SECTION_OF, place_of
from generator.edit.change import Change, Maker
from generator.edit.forms import permission_text
from generator.edit.references import is_authorizer, references
from generator.edit.steps import Delete
from generator.errors import InputError
from generator.spec.defaults import default_trigger
from generator.spec.names import shown
from generator.spec.triggers import trigger_text

if TYPE_CHECKING:
    from generator.spec.model import ServiceSpec


def remove_function(name: str) -> Maker:
    """A function that nothing else of the service invokes."""

    def make(document: dict[str, Any], spec: ServiceSpec) -> Change:
        place, _ = place_of(document, spec, name)
        _refuse_named(document, "functions", name, f"the function '{name}'")
        if is_authorizer(spec, name):
            raise InputError(f"'{name}' decides who may call the API (api.authorization): change that first")
        if len(document["functions"]) == 1:
            raise InputError(f"'{name}' is the only function, and a service has at least one: add another first")
        return Change(f"remove function {name}", [Delete(("functions",), place)])

    return make


def remove_trigger(function: str, words: str, *, only: str | None = None) -> Maker:
    """A trigger by its words (`GET /orders`, `queue fulfilment`) or, where two have the same, its number from 1.

    Args:
        function: the function's name.
        words: which trigger.
        only: a type of trigger; others are not looked at.
    """

    def make(document: dict[str, Any], spec: ServiceSpec) -> Change:
        place, written = place_of(document, spec, function)
        triggers = next(one for one in spec.functions if one.name == function).triggers
        if "triggers" not in written:
            route = default_trigger(function)
            raise InputError(
                f"nothing is written of the triggers of {function}, which answers {route['method']} {route['path']} by "
                "itself: write 'triggers: []' for none"
            )
        texts = [trigger_text(trigger) if only in (None, trigger.type) else "" for trigger in triggers]
        found = _chosen(words, texts, f"{function} has no trigger")
        return Change(
            f"remove trigger {texts[found]} of {function}",
            [Delete(("functions", place, "triggers"), found, keeps_key=True)],
        )

    return make


def remove_route(words: str) -> Maker:
    """A route by its method and path, of whichever function answers it."""

    def make(document: dict[str, Any], spec: ServiceSpec) -> Change:
        method, _, path = words.partition(" ")
        wanted = f"{method.upper()} {path.strip()}"
        routes = {trigger_text(t): f.name for f in spec.functions for t in f.triggers if t.type == "api"}
        if wanted not in routes:
            known = ", ".join(routes) or "none"
            raise InputError(f"there is no route {shown(words)}; there are {known}")
        change = remove_trigger(routes[wanted], wanted, only="api")(document, spec)
        return Change(f"remove route {wanted} of {routes[wanted]}", change.steps)

    return make


def remove_secret(function: str, secret: str) -> Maker:
    """A secret of a function."""

    def make(document: dict[str, Any], spec: ServiceSpec) -> Change:
        place, written = place_of(document, spec, function)
        listed = written.get("secrets", [])
        found = _chosen(secret, listed, f"{function} has no secret")
        step = Delete(("functions", place, "secrets"), found)
        return Change(f"remove secret {listed[found]} of {function}", [step])

    return make


def remove_permission(function: str, words: str) -> Maker:
    """A permission by its words (`read table orders`) or, where two have the same, its number from 1."""

    def make(document: dict[str, Any], spec: ServiceSpec) -> Change:
        place, written = place_of(document, spec, function)
        texts = [permission_text(permission) for permission in written.get("permissions", [])]
        found = _chosen(words, texts, f"{function} has no permission")
        step = Delete(("functions", place, "permissions"), found)
        return Change(f"remove permission {texts[found]} of {function}", [step])

    return make


def remove_environment(name: str) -> Maker:
    """An environment; its stack in AWS stays until somebody deletes it."""

    def make(document: dict[str, Any], spec: ServiceSpec) -> Change:
        listed = [one["name"] for one in document.get("environments", [])]
        if not listed and name in [one.name for one in spec.environments]:
            raise InputError(f"{shown(name)} comes from a default: write your environments into samgen.yaml")
        found = _chosen(name, listed, "there is no environment", numbers=False)
        if len(listed) == 1:
            raise InputError(f"'{name}' is the only environment, and a service has at least one: add another first")
        return Change(f"remove environment {name}", [Delete(("environments",), found)])

    return make


def remove_resource(kind: str, name: str) -> Maker:
    """A table, queue, topic, bucket or event bus that no trigger and no permission names."""
    section = SECTION_OF[kind]

    def make(document: dict[str, Any], _spec: ServiceSpec) -> Change:
        _refuse_named(document, section, name, f"the {kind} '{name}'")
        listed = [one["name"] for one in document.get(section, [])]
        found = _chosen(name, listed, f"there is no {kind}", numbers=False)
        return Change(f"remove {kind} {name}", [Delete((section,), found)])

    return make


def _refuse_named(document: dict[str, Any], section: str, name: str, what: str) -> None:
    """InputError with every place that names an item, but for those inside of a function itself."""
    rows = [
        f"{kind} of {owner}"
        for _, owner, kind in references(document, section, name)
        if (section, owner) != ("functions", name)
    ]
    if rows:
        rows = list(dict.fromkeys(rows))
        raise InputError(f"{what} is named by {' and '.join(rows)}: remove that first")


def _chosen(words: str, texts: list[str], nothing: str, *, numbers: bool = True) -> int:
    found = [place for place, text in enumerate(texts) if text and text == words.strip()]
    if len(found) == 1:
        return found[0]
    if numbers and words.isdecimal() and 0 < int(words) <= len(texts) and texts[int(words) - 1]:
        return int(words) - 1
    listed = ", ".join(f"{number} {text}" if numbers else text for number, text in enumerate(texts, 1) if text)
    if found:
        raise InputError(f"{shown(words)} is there {len(found)} times: say its number ({listed})")
    raise InputError(f"{nothing} {shown(words)}; there are {listed or 'none'}")
