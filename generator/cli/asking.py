"""The questions of `samgen add`: those of `samgen new` about a function or an environment, checked in the project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.cli.conversation import ask_runtime, ask_select, ask_text, ask_trigger
from generator.cli.output import say
from generator.edit.additions import add_environment, add_function, add_permission, add_trigger
from generator.edit.forms import KIND_WORDS, parse_permission, parse_trigger
from generator.spec import defaults, values
from generator.spec.answers import Answers, parse_function
from generator.spec.lintdata import regions
from generator.spec.names import NAME_RULE, shown
from generator.spec.permissions import ACTIONS, KINDS

if TYPE_CHECKING:
    from generator.cli.edits import Talk
    from generator.edit import Maker

_HINT = "Enter takes the answer in brackets, or the one that is marked; Ctrl-C stops, and nothing is written.\n"


def plain_answer(text: str) -> None:
    """ValueError where nothing was answered."""
    if not text:
        raise ValueError("an answer is needed here")


def ask_function(talk: Talk, runtime: str | None, has_trigger: bool) -> str:
    """Ask for a function's name, runtime and trigger; its short form."""
    say(_HINT)

    def of_name(name: str) -> Maker:
        if ":" in name:
            raise ValueError(f"{shown(name)} is not a name: use {NAME_RULE}")
        return add_function({"name": name, "triggers": []})

    name = ask_text("Name of the function", "", talk.passes(of_name, "name"))
    chosen = "" if runtime else ask_runtime(name)
    if has_trigger:
        return f"{name}:{chosen}" if chosen else name
    check = talk.passes(lambda words: add_function({**parse_function(f"{name}::{words}")}), "triggers")
    return f"{name}:{chosen}:{ask_trigger(name, check)}"


def ask_more_triggers(talk: Talk, function: str) -> str:
    """Ask for one more trigger of a function; its short form."""
    say(_HINT)

    def made(words: str) -> Maker:
        if words == "none":
            raise ValueError("choose what invokes it as well")
        return add_trigger(function, parse_trigger(words, function), words)

    return ask_trigger(function, talk.passes(made))


def ask_route(talk: Talk, function: str) -> str:
    """Ask for one more route of a function: method and path."""
    say(_HINT)
    method = ask_select(f"{function}: method", list(values.METHODS), default=values.METHODS[0])
    check = talk.passes(
        lambda path: add_trigger(function, {"type": "api", "method": method, "path": path}, f"{method} {path}")
    )
    path = ask_text(f"{function}: path", f"/{function}", check)
    return f"{method} {path}"


def ask_environment(talk: Talk, region: str | None, account: str | None) -> str:
    """Ask for an environment's name, region and account; its short form."""
    say(_HINT)
    known = [one.name for one in talk.spec.environments]
    suggestion = next((name for name in ("test", "staging") if name not in known), "")
    name = ask_text("Name of the environment", suggestion, talk.passes(_environment, "name"))
    usual = talk.spec.environments[0]
    where = region or ask_select(f"{name}: region", list(regions() or (usual.region,)), usual.region, search=True)
    who = account or ask_text(f"{name}: AWS account, 12 digits", defaults.DEFAULT_ACCOUNT, values.check_account)
    return f"{name}:{where}:{who}"


def _environment(name: str) -> Maker:
    if ":" in name:
        raise ValueError(f"{shown(name)} is not a name: use {NAME_RULE}")
    item: dict[str, Any] = Answers("x", environments=(name,)).document()["environments"][0]
    return add_environment(item)


def ask_permission(talk: Talk, function: str) -> str:
    """Ask what else a function may do; the words of it."""
    say(_HINT)
    word = ask_select(f"{function}: works with what?", list(KIND_WORDS), default=next(iter(KIND_WORDS)))
    kind = KIND_WORDS[word]
    section, _ = KINDS[kind]
    accesses = list(ACTIONS[kind])
    accesses += ["readwrite"] if "write" in accesses else []
    access = ask_select(f"{function}: may do what?", accesses, accesses[0]) if len(accesses) > 1 else accesses[0]
    check = talk.passes(lambda name: add_permission(function, parse_permission(f"{access} {word} {name}")))
    known = [item.name for item in getattr(talk.spec, section)] if section else []
    hint = f"which {word}? ({', '.join(known)})" if known else f"which {word}?"
    return f"{access} {word} " + ask_text(f"{function}: {hint}", known[0] if len(known) == 1 else "", check)
