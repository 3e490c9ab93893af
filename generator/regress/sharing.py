"""Values on disk, of which the same pieces stand once: the same widget of a hundred dashboards, the same paragraph.

A piece that is long enough to be worth a name is put under its digest, and `{"$": digest}` stands in its place. A text
of several lines is a list of them, `{"$lines": …}`; one of several paragraphs is a list of these, `{"$text": …}`: each
the digest of a piece after a `$`, or, where it is short, itself. Runs of paragraphs that many texts have are pieces as
well. A mapping whose own keys look like that is left whole.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from generator.regress.snapshot import digest

WORTH = 150
"""From so many characters a piece is shared."""

_SHORT = 40
"""Up to so many characters a paragraph stands where it is."""
_RUN = 4
"""So many paragraphs a run has on average; where it ends is told by what is in it, so that texts have the same runs."""

_PIECE, _LINES, _TEXT, _WHOLE = "$", "$lines", "$text", "$whole"
_OURS = {_PIECE, _LINES, _TEXT, _WHOLE}


def share(value: Any, pieces: dict[str, Any]) -> Any:
    """A value in whose place pieces stand; `pieces` takes up each of them once."""
    if isinstance(value, dict):
        if _OURS & value.keys():
            return {_WHOLE: value}
        return {key: _piece(share(item, pieces), pieces) for key, item in value.items()}
    if isinstance(value, list):
        return [_piece(share(item, pieces), pieces) for item in value]
    if isinstance(value, str) and len(value) >= WORTH and "\n" in value:
        return _paragraphs(value, pieces) if "\n\n" in value else _lines(value, pieces)
    return value


def _piece(value: Any, pieces: dict[str, Any]) -> Any:
    if not isinstance(value, (dict, list, str)) or len(json.dumps(value, ensure_ascii=False)) < WORTH:
        return value
    return {_PIECE: _put(value, pieces)}


def _put(value: Any, pieces: dict[str, Any]) -> str:
    key = digest(value)
    pieces[key] = value
    return key


def _lines(text: str, pieces: dict[str, Any]) -> dict[str, Any]:
    return {_LINES: [_piece(line, pieces) for line in text.split("\n")]}


def _paragraphs(text: str, pieces: dict[str, Any]) -> dict[str, Any]:
    found = [_paragraph(paragraph, pieces) for paragraph in text.split("\n\n")]
    return {_TEXT: [run[0] if len(run) == 1 else f"${_put({_TEXT: run}, pieces)}" for run in _runs(found)]}


def _paragraph(text: str, pieces: dict[str, Any]) -> str:
    if len(text) <= _SHORT:
        return f"${text}" if text.startswith("$") else text
    return f"${_put(_lines(text, pieces) if chr(10) in text else text, pieces)}"


def _runs(paragraphs: list[str]) -> Iterator[list[str]]:
    run: list[str] = []
    for paragraph in paragraphs:
        run.append(paragraph)
        if int(digest(paragraph), 16) % _RUN == 0:
            yield run
            run = []
    if run:
        yield run


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
    (kind, held), *others = value.items() if value else [("", None)]
    if kind in _READ and not others:
        return _READ[kind](held, pieces)
    return {key: whole(item, pieces) for key, item in value.items()}


def _again(text: str, pieces: Mapping[str, Any]) -> str:
    if not text.startswith("$"):
        return text
    return text[1:] if text.startswith("$$") else str(whole(pieces[text[1:]], pieces))


_READ: Mapping[str, Callable[[Any, Mapping[str, Any]], Any]] = {
    _PIECE: lambda held, pieces: whole(pieces[held], pieces),
    _WHOLE: lambda held, _: held,
    _LINES: lambda held, pieces: "\n".join(whole(line, pieces) for line in held),
    _TEXT: lambda held, pieces: "\n\n".join(_again(text, pieces) for text in held),
}
