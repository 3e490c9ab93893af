"""The JSON Schema files of routes: what API Gateway validates with is accepted, everything else is one sentence."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from spec_documents import accepted, get, with_triggers

from generator.errors import InputError
from generator.spec.request_models import (
    SIZE_LIMIT,
    component_names,
    load_models,
    model_files,
    parse_model,
)

NAME = "models/order.json"
ORDER: dict[str, Any] = {
    "$schema": "http://json-schema.org/draft-04/schema#",
    "title": "Order",
    "description": "What a customer wants",
    "type": "object",
    "required": ["sku", "lines"],
    "additionalProperties": False,
    "minProperties": 1,
    "maxProperties": 20,
    "properties": {
        "sku": {"type": "string", "pattern": "^[A-Z]{3}-\\d+$", "minLength": 5, "maxLength": 20, "format": "sku"},
        "note": {"type": "string", "pattern": "^(?<word>\\p{L}+)$"},
        "price": {"type": "number", "minimum": 0, "maximum": 99.5, "exclusiveMaximum": True, "multipleOf": 0.05},
        "kind": {"enum": ["a", 1, None, {"b": []}]},
        "lines": {"type": "array", "uniqueItems": True, "items": {"type": "object", "additionalProperties": True}},
        "size": {"oneOf": [{"type": "integer"}, {"type": "string"}], "not": {"enum": [0]}},
        "more": {"type": "object", "additionalProperties": {"type": "boolean"}},
        "type": {"type": "string"},
        "minItems": {"type": "string"},
    },
}


def read(schema: Any) -> dict[str, Any]:
    return parse_model(json.dumps(schema).encode(), NAME)


def refusal(data: bytes) -> str:
    with pytest.raises(InputError) as caught:
        parse_model(data, NAME)
    message = str(caught.value)
    assert message.startswith(NAME)
    assert message.isprintable()
    assert len(message) < 300
    assert caught.value.exit_code == 2
    return message


def test_what_api_gateway_knows_is_accepted_as_it_is() -> None:
    assert read(ORDER) == ORDER
    assert list(read(ORDER)) == list(ORDER)
    assert parse_model(b"\xef\xbb\xbf" + json.dumps(ORDER).encode(), NAME) == ORDER


PLAIN = {"type": "object"}
# A part of a model that is refused, the place that is named, and what is said.
BAD: dict[str, tuple[Any, str, str]] = {
    "reference": ({"properties": {"a": {"$ref": "other.json"}}}, "properties.a.$ref", "write the schema out"),
    "own reference": ({"properties": {"a": {"$ref": "#/definitions/x"}}}, "properties.a.$ref", "write the schema out"),
    "definitions": ({"definitions": {"x": PLAIN}}, "definitions", "write the schema out"),
    "discriminator": ({"discriminator": "kind"}, "discriminator", "do not support it"),
    "example": ({"example": {}}, "example", "do not support it"),
    "default": ({"properties": {"a": {"type": "string", "default": "x"}}}, "properties.a.default", "leave it out"),
    "nullable": ({"properties": {"a": {"nullable": True}}}, "properties.a.nullable", "leave it out"),
    "readOnly": ({"readOnly": True}, "readOnly", "leave it out"),
    "exclusiveMinimum": ({"exclusiveMinimum": True}, "exclusiveMinimum", "use minimum"),
    "maxItems": ({"maxItems": 3}, "maxItems", "check the length in the function"),
    "const": ({"properties": {"a": {"const": 1}}}, "properties.a.const", "use enum"),
    "if": ({"if": PLAIN}, "if", "leave it out"),
    "unknown": ({"tpye": "object"}, "tpye", "no such keyword"),
    "extension": ({"x-mine": 1}, "x-mine", "no such keyword"),
    "type list": ({"properties": {"a": {"type": ["string", "null"]}}}, "properties.a.type", "has to be one of object"),
    "null type": ({"properties": {"a": {"type": "null"}}}, "properties.a.type", "has to be one of object"),
    "int32": ({"properties": {"a": {"type": "number", "format": "int32"}}}, "properties.a.format", "int32"),
    "required": ({"required": "sku"}, "required", "a list of names"),
    "required twice": ({"required": ["a", "a"]}, "required", "each once"),
    "nothing required": ({"required": []}, "required", "at least one"),
    "nothing possible": ({"enum": []}, "enum", "at least one value"),
    "pattern": ({"properties": {"a": {"pattern": "("}}}, "properties.a.pattern", "a regular expression"),
    "length": ({"properties": {"a": {"maxLength": -1}}}, "properties.a.maxLength", "0 or more"),
    "truth as number": ({"properties": {"a": {"minLength": True}}}, "properties.a.minLength", "0 or more"),
    "minimum": ({"properties": {"a": {"minimum": "0"}}}, "properties.a.minimum", "has to be a number"),
    "multiple of nothing": ({"properties": {"a": {"multipleOf": 0}}}, "properties.a.multipleOf", "above 0"),
    "draft 6 maximum": ({"exclusiveMaximum": 3}, "exclusiveMaximum", "true or false"),
    "properties": ({"properties": []}, "properties", "an object with a schema for each name"),
    "no schema": ({"properties": {"a": True}}, "properties.a", "has to be a schema"),
    "tuple": ({"properties": {"a": {"type": "array", "items": [PLAIN]}}}, "properties.a.items", "has to be a schema"),
    "items": ({"properties": {"a": {"type": "array"}}}, "properties.a", "says what its items are"),
    "allOf": ({"allOf": []}, "allOf", "a list of schemas"),
    "inner": ({"anyOf": [PLAIN, {"foo": 1}]}, "anyOf.1.foo", "no such keyword"),
    "draft": ({"$schema": "http://json-schema.org/draft-07/schema#"}, "$schema", "draft 4"),
    "intrinsic": ({"properties": {"Ref": PLAIN}}, "properties", "for a function of its own"),
    "another intrinsic": ({"enum": [{"Fn::Sub": "x"}]}, "enum.0", "for a function of its own"),
    "dynamic reference": ({"description": "{{resolve:ssm:/x}}"}, "description", "evaluated by CloudFormation"),
    "substitution": ({"properties": {"a${AWS::Region}": PLAIN}}, "properties", "variables"),
    "hidden": ({"title": "a\u202eb"}, "title", "U+202E"),
    "control": ({"enum": ["a\u0000"]}, "enum.0", "U+0000"),
    "surrogate": ({"title": "\ud800"}, "title", "U+D800"),
    "long text": ({"description": "x" * 1_001}, "description", "at most 1,000"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_api_gateway_drops_or_refuses_is_named(name: str) -> None:
    part, place, says = BAD[name]
    message = refusal(json.dumps({"type": "object", **part}).encode())
    assert message.startswith(f"{NAME}: {place}: ")
    assert says in message


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "models/order.json:1: not JSON"),
        (b"{\n  'type': 'object'\n}", "models/order.json:2: not JSON"),
        (b"\xff\xfe{\x00}", "is not UTF-8 text (byte 0)"),
        (b"[]", "a model is a JSON object"),
        (b"null", "a model is a JSON object"),
        (b"{}", "say its type"),
        (b'{"type": "object", "type": "array"}', "the key 'type' stands twice"),
        (b'{"maximum": NaN}', "NaN is not a number of JSON"),
        (b'{"maximum": 1e999}', "without an exponent"),
        (b'{"type": "number", "maximum": 1e-7}', "without an exponent"),
        (b'{"maximum": ' + b"9" * 5_000 + b"}", "at most 15 digits"),
        (b'{"not":' * 30 + b"{}" + b"}" * 30, "more than 20 deep"),
        (b"[" * 100_000, "nested too deeply"),
        (b"MZ\x90\x00\x03", "not UTF-8"),
    ],
    ids=range(14),
)
def test_what_is_no_model_is_refused(data: bytes, says: str) -> None:
    assert says in refusal(data)


def spec_with(**models: str) -> Any:
    return accepted(with_triggers({**get("/orders", "POST"), **models}))


def at(folder: Path, name: str = NAME, text: str = '{"type": "object"}') -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def load_refusal(folder: Path, **models: str) -> str:
    with pytest.raises(InputError) as caught:
        load_models(spec_with(**(models or {"request_model": NAME})), folder)
    return str(caught.value)


def test_each_file_is_read_once_from_beside_the_spec(tmp_path: Path) -> None:
    at(tmp_path)
    at(tmp_path, "models/answer.json", '{"type": "object", "title": "é"}')
    spec = accepted(
        with_triggers(
            {**get("/a", "POST"), "request_model": NAME, "response_model": "models/answer.json"},
            {**get("/b", "PUT"), "request_model": NAME},
        )
    )
    assert model_files(spec) == [NAME, "models/answer.json"]
    assert load_models(spec, tmp_path) == {
        NAME: {"type": "object"},
        "models/answer.json": {"type": "object", "title": "é"},
    }
    assert load_models(spec_with(), tmp_path / "nowhere") == {}


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    assert load_refusal(tmp_path) == f"{NAME} is missing: put it beside samgen.yaml, or take it out of the route"
    (tmp_path / NAME).mkdir(parents=True)
    assert "\n" not in load_refusal(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_no_file_and_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    os.mkfifo(tmp_path / NAME)
    assert load_refusal(tmp_path) == f"{NAME} is not a file"


def test_symbolic_links_are_not_followed(tmp_path: Path) -> None:
    secret = at(tmp_path / "elsewhere")
    (tmp_path / "one/models").mkdir(parents=True)
    (tmp_path / "one" / NAME).symlink_to(secret)
    assert "symbolic link" in load_refusal(tmp_path / "one")
    (tmp_path / "two").mkdir()
    (tmp_path / "two/models").symlink_to(secret.parent)
    assert "symbolic link" in load_refusal(tmp_path / "two")


def test_sizes_have_a_limit(tmp_path: Path) -> None:
    padding = " " * (SIZE_LIMIT - len('{"type": "object"}'))
    at(tmp_path, text='{"type": "object"}' + padding)
    load_models(spec_with(request_model=NAME), tmp_path)
    at(tmp_path, text='{"type": "object"} ' + padding)
    assert load_refusal(tmp_path) == f"{NAME} has more than 64,000 bytes: shorten it"

    names = [f"models/m{n}.json" for n in range(5)]
    for name in names:
        at(tmp_path, name, '{"type": "object"}' + padding)
    spec = accepted(with_triggers(*({**get(f"/{n}", "POST"), "request_model": n} for n in names)))
    with pytest.raises(InputError, match="more than 256,000 bytes together"):
        load_models(spec, tmp_path)


def test_an_answer_is_an_object(tmp_path: Path) -> None:
    at(tmp_path, text='{"type": "array", "items": {"type": "string"}}')
    load_models(spec_with(request_model=NAME), tmp_path)
    assert "its type to be 'object'" in load_refusal(tmp_path, response_model=NAME)


def test_models_are_called_by_letters_and_digits_each_once() -> None:
    files = ["models/order-line.json", "models/order_line.json", "models/Error.json", "models/health.json"]
    assert list(component_names(files).values()) == ["OrderLine", "OrderLine2", "Error2", "Health2"]
