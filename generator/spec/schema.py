"""The JSON Schema of samgen.yaml, and a reading of it that needs no pydantic.

The schema is a file of the package, so that `samgen schema` and every generated project show the same one;
a test holds it against the models.
"""

from __future__ import annotations

import json
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

SCHEMA_FILE = Path(__file__).with_name("samgen.schema.json")

# Filled in by `defaults` before the models see the document, so a user may leave them out.
_OPTIONAL = {"ServiceSpec": ("environments", "functions"), "Function": ("runtime",)}


def schema_text() -> str:
    """The schema as it stands in the package."""
    return SCHEMA_FILE.read_text(encoding="utf-8")


def build_schema() -> str:
    """The schema as the models give it; `python -m generator.spec.schema` writes it to the package."""
    from generator.spec.model import ServiceSpec

    schema = ServiceSpec.model_json_schema()
    kinds = {**schema["$defs"], "ServiceSpec": schema}
    for kind, fields in _OPTIONAL.items():
        kinds[kind]["required"] = [name for name in kinds[kind]["required"] if name not in fields]
    # YAML reads twelve digits as a number.
    account = schema["$defs"]["Environment"]["properties"]["account"]
    account["type"] = ["string", "integer"]
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "samgen.yaml"}
    return (
        json.dumps({**head, **{k: v for k, v in schema.items() if k != "title"}}, indent=2, ensure_ascii=False) + "\n"
    )


@cache
def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(schema_text())
    return schema


def choices(kind: str, field: str) -> list[Any]:
    """The values that a field of one of the models may have: `choices("Environment", "log_level")`."""
    values: list[Any] = _schema()["$defs"][kind]["properties"][field]["enum"]
    return values


def fill_defaults(document: dict[str, Any]) -> dict[str, Any]:
    """A document with the models' defaults, in the models' order of keys, without values that are null.

    For a document whose shape is known to be right: what the short answers of a conversation give.
    """
    filled: dict[str, Any] = _fill(document, _schema())
    return filled


def _fill(value: Any, kind: dict[str, Any]) -> Any:
    if "$ref" in kind:
        kind = _schema()["$defs"][kind["$ref"].rsplit("/", 1)[-1]]
    if "discriminator" in kind:
        kind = _schema()["$defs"][kind["discriminator"]["mapping"][value["type"]].rsplit("/", 1)[-1]]
    if kind.get("type") == "array":
        return [_fill(item, kind["items"]) for item in value]
    if "properties" not in kind:
        return value
    filled = {}
    for name, inner in kind["properties"].items():
        given = value[name] if name in value else _default(inner)
        if given is not None:
            filled[name] = _fill(given, inner)
    return filled


def _default(kind: dict[str, Any]) -> Any:
    if "default" in kind:
        return deepcopy(kind["default"])
    if kind.get("type") == "array":
        return []
    return {} if "$ref" in kind or kind.get("type") == "object" else None


if __name__ == "__main__":
    SCHEMA_FILE.write_text(build_schema(), encoding="utf-8")


def fields_of(kind: str) -> dict[str, dict[str, Any]]:
    """The fields of one of the models as JSON Schema: `fields_of("Api")["health"]`."""
    fields: dict[str, dict[str, Any]] = _schema()["$defs"][kind]["properties"]
    return fields
