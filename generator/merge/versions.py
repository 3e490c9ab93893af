"""Versions of samgen, compared."""

from __future__ import annotations

import re

UNKNOWN = "0"
"""The version of what no record tells; it is before every other."""


def version_key(text: str) -> tuple[tuple[int, ...], int, str]:
    """What orders versions: `0.2.0rc1` and `0.2.0.dev3` come before `0.2.0`, and anything else before every version."""
    match = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,9}){0,9})(.*)", text, re.DOTALL)
    if match is None:
        return (), 0, text
    numbers = [int(part) for part in match[1].split(".")]
    while numbers and not numbers[-1]:
        numbers.pop()
    suffix = match[2]
    # A local part or a post release comes after the version, everything else that may follow it before.
    final = not suffix or suffix.startswith(("+", ".post"))
    return tuple(numbers), int(final), suffix
