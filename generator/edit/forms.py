"""The short forms of the command line beside those of `samgen new`: permissions, outcomes, key attributes."""

from __future__ import annotations

import re
from typing import Any

from generator.errors import InputError
from generator.spec.answers import parse_trigger as parse_usual_trigger
from generator.spec.names import shown
from generator.spec.permissions import ACTIONS, KINDS

# How the words of a permission call what the document calls by its service.
KIND_WORDS = {key: kind for kind, (_, key) in KINDS.items()}


def parse_trigger(text: str, function: str) -> dict[str, Any]:
    """A trigger of the document from its short form: those of `samgen new`, `table NAME`, `success of FUNCTION`.

    Raises InputError where it is none of them.
    """
    if match := re.fullmatch(r"table (\S+)", text):
        return {"type": "dynamodb", "table": match[1]}
    if match := re.fullmatch(r"(success|failure) of (\S+)", text):
        return {"type": "function", "function": match[2], "outcome": match[1]}
    try:
        return parse_usual_trigger(text, function)
    except InputError as error:
        raise InputError(str(error).replace("'api',", "'table NAME', 'failure of FUNCTION', 'api',")) from None


def parse_permission(text: str) -> dict[str, Any]:
    """A permission of the document from its words: `read table orders`, `write bucket invoices 2026/`.

    Raises InputError where they are none.
    """
    access, word, name, prefix, *rest = [*text.split(), "", "", "", ""][: max(4, len(text.split()) + 1)]
    kind = KIND_WORDS.get(word)
    if kind is None or not name or any(rest) or (prefix and kind != "s3"):
        raise InputError(
            f"{shown(text)} is not a permission: use 'read table NAME' (or write, readwrite), 'read bucket NAME "
            "[PREFIX]', 'send queue NAME', 'publish topic NAME', 'put bus NAME', 'read parameter PATH', 'read secret "
            "NAME', 'decrypt key ARN' or 'invoke function NAME'"
        )
    known = list(ACTIONS[kind])
    known += ["readwrite"] * ("write" in known)
    if access not in known:
        raise InputError(f"{shown(text)}: what can be done with a {word} is {', '.join(known)}")
    fields = {word: name}
    if prefix:
        fields["prefix"] = prefix
    if kind != "invoke" and len(known) > 1:
        fields["access"] = access
    return {kind: fields}


def permission_text(permission: dict[str, Any]) -> str:
    """The words of a permission of the document; a raw statement's actions."""
    for kind, (_, word) in KINDS.items():
        fields = permission.get(kind)
        if isinstance(fields, dict):
            usual = next(iter(ACTIONS[kind]))
            name = fields.get(word, "default")
            prefix = f" {fields['prefix']}" if fields.get("prefix") else ""
            return f"{fields.get('access', usual)} {word} {name}{prefix}"
    return " ".join(permission.get("actions", []))


def parse_attribute(text: str) -> dict[str, str]:
    """A key attribute of a table from `NAME[:S|N|B]`."""
    name, _, kind = text.partition(":")
    return {"name": name, "type": kind} if kind else {"name": name}
