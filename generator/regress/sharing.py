"""Values on disk, of which the same pieces stand once: the same widget of a hundred dashboards, the same route.

A piece that is long enough to be worth a name is put under its digest, and `{"$": digest}` stands in its place; a text
of several lines is a list of them, `{"$lines": …}`. A mapping whose own keys look like that is left whole.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from generator.regress.snapshot import digest

WORTH = 150
"""From so many characters a piece is shared."""

_PIECE, _LINES, _WHOLE = "$", "$lines", "$whole"
_OURS = {_PIECE, _LINES, _WHOLE}


def share(value: Any, pieces: dict[str, Any]) -> Any:
    """A value in whose place pieces stand; `pieces` takes up each of them once."""
    if isinstance(value, dict):
        if _OURS & value.keys():
            return {_WHOLE: value}
        return {key: _piece(share(item, pieces), pieces) for key, item in value.items()}
    if isinstance(value, list):
        return [_piece(share(item, pieces), pieces) for item in value]
    if isinstance(value, str) and len(value) >= WORTH and "\n" in value:
        return {_LINES: [_piece(line, pieces) for line in value.split("\n")]}
    return value


def _piece(value: Any, pieces: dict[str, Any]) -> Any:
    if not isinstance(value, (dict, list, str)) or len(json.dumps(value, ensure_ascii=False)) < WORTH:
        return value
    key = digest(value)
    pieces[key] = value
    return {_PIECE: key}


def whole(value: Any, pieces: Mapping[str, Any]) -> Any:
    """The value again.

    Raises:
        KeyError: a piece is missing.
        RecursionError: pieces stand in each other, as none that was written here do.
    """
    if isinstance(value, list):
        return [whole(item, pieces) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {_PIECE}:
        return whole(pieces[value[_PIECE]], pieces)
    if value.keys() == {_LINES}:
        return "\n".join(whole(line, pieces) for line in value[_LINES])
    if value.keys() == {_WHOLE}:
        return value[_WHOLE]
    return {key: whole(item, pieces) for key, item in value.items()}
