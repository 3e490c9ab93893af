"""Any edit of any text: it means what it should, every other line stays, and what is added can be taken away again."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from difflib import SequenceMatcher
from typing import Any

from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from written_specs import NAMES, texts

from generator.edit import edited
from generator.edit.additions import (
    add_environment,
    add_function,
    add_permission,
    add_resource,
    add_secret,
    add_trigger,
)
from generator.edit.change import Maker
from generator.edit.forms import parse_permission, parse_trigger
from generator.edit.removals import (
    remove_environment,
    remove_function,
    remove_permission,
    remove_resource,
    remove_secret,
    remove_trigger,
)
from generator.edit.renames import rename_function
from generator.spec.load import parse_spec
from generator.spec.problems import SpecError

# Without `explain`, which takes minutes for texts of this length.
PHASES = (Phase.explicit, Phase.generate, Phase.shrink)
SETTINGS = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES)
FULL = {
    "name": "fresh",
    "description": "it's: new",
    "runtime": "python3.13",
    "triggers": [parse_trigger("POST /fresh/{id}", "fresh"), parse_trigger("queue fresh-work", "fresh")],
    "secrets": ["pin"],
    "permissions": [parse_permission("readwrite table stock")],
}
Pair = Callable[[str], tuple[Maker, Maker]]

PAIRS: dict[str, Pair] = {
    "function": lambda _: (add_function(FULL), remove_function("fresh")),
    "small function": lambda _: (add_function({"name": "fresh"}), remove_function("fresh")),
    "environment": lambda _: (
        add_environment({"name": "test", "account": "000123456789"}),
        remove_environment("test"),
    ),
    "route": lambda f: (
        add_trigger(f, parse_trigger("PUT /new/{it}", f), "PUT /new/{it}"),
        remove_trigger(f, "PUT /new/{it}"),
    ),
    "secret": lambda f: (add_secret(f, "pin"), remove_secret(f, "pin")),
    "permission": lambda f: (
        add_permission(f, parse_permission("decrypt key /shared/key")),
        remove_permission(f, "decrypt key /shared/key"),
    ),
    "queue": lambda _: (add_resource("queue", {"name": "later"}), remove_resource("queue", "later")),
    "bus": lambda _: (add_resource("event-bus", {"name": "later"}), remove_resource("event-bus", "later")),
}


@SETTINGS
@given(written=texts(), kind=st.sampled_from(sorted(PAIRS)), choice=st.integers(0, 3))
def test_what_is_added_is_added_alone_and_taken_away_again(
    written: tuple[dict[str, Any], bytes], kind: str, choice: int
) -> None:
    document, data = written
    function = document["functions"][choice % len(document["functions"])]
    add, remove = PAIRS[kind](function["name"])
    added = edited(data, "samgen.yaml", add)
    assert parse_spec(added.new, "samgen.yaml") == added.after != added.before
    assert is_inserted(data, added.new), added.new.decode()
    if writes_defaults(kind, document, function):
        return
    again = edited(added.new, "samgen.yaml", remove)
    assert again.after == added.before
    if not stays_empty(data.decode(), kind, function):
        assert again.new == data


def writes_defaults(kind: str, document: dict[str, Any], function: dict[str, Any]) -> bool:
    """Whether a default had to be written out, which stays when the addition goes."""
    return (kind == "environment" and "environments" not in document) or (
        kind == "route" and "triggers" not in function
    )


def stays_empty(text: str, kind: str, function: dict[str, Any]) -> bool:
    """Whether an empty list in braces was added to: its key goes with its last item."""
    key = f"{kind}s"
    return function.get(key) == [] and bool(re.search(r"[{,] *" + key + r": \[\]", text))


def is_inserted(old: bytes, new: bytes) -> bool:
    """Whether the new text is the old one with lines inserted, and characters in one line at most."""
    before, after = old.decode().splitlines(keepends=True), new.decode().splitlines(keepends=True)
    changed = 0
    for kind, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind in {"equal", "insert"}:
            continue
        # A line with a bracket, or the last of a text without a line break at its end.
        changed += j - i
        if not is_within("".join(before[i:j]), "".join(after[k:m])):
            return False
    return changed <= 1


def is_within(line: str, longer: str) -> bool:
    """Whether a line is another one with characters inserted."""
    rest = iter(longer)
    return all(character in rest for character in line)


@SETTINGS
@given(written=texts(), choice=st.integers(0, 3), kind=st.sampled_from(["function", "trigger", "secret", "permission"]))
def test_what_is_removed_is_one_piece(written: tuple[dict[str, Any], bytes], choice: int, kind: str) -> None:
    document, data = written
    function = document["functions"][choice % len(document["functions"])]
    if kind == "function":
        assume(len(document["functions"]) > 1)
        remove = remove_function(function["name"])
    else:
        assume(function.get(f"{kind}s"))
        number = str(1 + choice % len(function[f"{kind}s"]))
        makers = {"trigger": remove_trigger, "permission": remove_permission, "secret": remove_secret}
        listed = function["secrets"] if kind == "secret" else []
        remove = makers[kind](function["name"], listed[int(number) - 1] if listed else number)
    removed = edited(data, "samgen.yaml", remove)
    assert parse_spec(removed.new, "samgen.yaml") == removed.after != removed.before
    # Without triggers a function has a default, so that it keeps an empty list of them; so does an item's first key.
    new, old = (re.sub(rb"(triggers|secrets|permissions): \[\]", rb"\1:", text) for text in (removed.new, data))
    assert is_inserted(new, old), removed.new.decode()
    kept = [line for line in removed.new.decode().splitlines() if "#" in line]
    others = [name for name in NAMES if name != function["name"] and f"name: {name}" in data.decode()]
    assert all(f"name: {name}" in removed.new.decode() for name in others)
    assert kept or b"#" not in removed.new


@settings(SETTINGS, max_examples=50)
@given(written=texts(), choice=st.integers(0, 3))
def test_a_name_is_changed_where_it_stands(written: tuple[dict[str, Any], bytes], choice: int) -> None:
    document, data = written
    old = document["functions"][choice % len(document["functions"])]["name"]
    # Another function that names it in each way, added by the edits themselves.
    data = edited(data, "samgen.yaml", add_function({"name": "other", "triggers": []})).new
    data = edited(data, "samgen.yaml", add_permission("other", {"invoke": {"function": old}})).new
    with contextlib.suppress(SpecError):
        # Where something invokes it that has outcomes.
        data = edited(data, "samgen.yaml", add_trigger("other", parse_trigger(f"failure of {old}", ""), "")).new
    renamed = edited(data, "samgen.yaml", rename_function(old, "brand-new"))
    assert parse_spec(renamed.new, "samgen.yaml") == renamed.after
    assert old not in {function.name for function in renamed.after.functions}
    before, after = data.decode().splitlines(), renamed.new.decode().splitlines()
    written_out = "triggers" not in next(f for f in document["functions"] if f["name"] == old)
    if not written_out:
        assert len(before) == len(after)
        assert all("brand-new" in b for a, b in zip(before, after, strict=True) if a != b)
    back = edited(renamed.new, "samgen.yaml", rename_function("brand-new", old))
    assert written_out or back.new.replace(b"'", b"").replace(b'"', b"") == data.replace(b"'", b"").replace(b'"', b"")
