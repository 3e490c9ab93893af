"""A value that a JSON Schema accepts, as a first thing to send to a route."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_DEPTH = 12
_TRIALS = ("a", "A", "1", "a1", "A1", "2026-01-01", "2026-01-01T00:00:00Z", "a@example.com")
_FORMATS = {
    "date": "2026-01-01",
    "date-time": "2026-01-01T00:00:00Z",
    "email": "a@example.com",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "uri": "https://example.com",
}
_TEXT: Mapping[str, Any] = {"type": "string"}


def example(schema: Mapping[str, Any], definitions: Mapping[str, Any], depth: int = 0) -> Any:
    """The least that a schema asks for; a best guess where it asks for more than types and bounds.

    Args:
        schema: the schema.
        definitions: what `$ref` may name, by the last part of its path.
        depth: how deep the value stands already.
    """
    if depth > _DEPTH:
        return None
    for key in ("const", "default"):
        if key in schema:
            return schema[key]
    for key in ("enum", "examples"):
        if schema.get(key):
            return schema[key][0]
    if "$ref" in schema:
        return example(definitions.get(str(schema["$ref"]).rpartition("/")[2]) or {}, definitions, depth + 1)
    for key in ("allOf", "oneOf", "anyOf"):
        if schema.get(key):
            return example(schema[key][0], definitions, depth + 1)
    return _of_type(schema, definitions, depth)


def _of_type(schema: Mapping[str, Any], definitions: Mapping[str, Any], depth: int) -> Any:
    kind = schema.get("type", "object")
    kind = kind[0] if isinstance(kind, list) and kind else kind
    if kind == "object":
        known = schema.get("properties") or {}
        return {name: example(known.get(name) or _TEXT, definitions, depth + 1) for name in schema.get("required", [])}
    if kind == "array":
        least = max(int(schema.get("minItems", 0)), 1)
        return [example(schema.get("items") or _TEXT, definitions, depth + 1) for _ in range(least)]
    if kind in {"integer", "number"}:
        above = schema.get("exclusiveMinimum")
        return (
            above + 1 if isinstance(above, (int, float)) and not isinstance(above, bool) else schema.get("minimum", 1)
        )
    if kind == "boolean":
        return True
    return None if kind == "null" else _text(schema)


def _text(schema: Mapping[str, Any]) -> str:
    if schema.get("format") in _FORMATS:
        return _FORMATS[schema["format"]]
    least = int(schema.get("minLength", 1))
    for trial in _TRIALS:
        text = trial if len(trial) >= least else trial * least
        if _matches(str(schema.get("pattern", "")), text):
            return text
    return "a" * max(least, 1)


def _matches(pattern: str, text: str) -> bool:
    try:
        return re.search(pattern, text) is not None
    except re.error:
        return False
