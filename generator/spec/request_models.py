"""The JSON Schema files of routes: read beside samgen.yaml, checked against what API Gateway validates with.

API Gateway's models are JSON Schema draft 4 with exceptions, and they stand in an OpenAPI 3.0 document, which
allows less. What either of them drops or refuses is refused here, so that no rule of a model is silently not
applied. https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
"""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.errors import InputError
from generator.spec.names import check_text, logical_id, shown

if TYPE_CHECKING:
    from generator.spec.model import ServiceSpec

Models = Mapping[str, dict[str, Any]]
"""For each model file as the spec names it (`models/order.json`), its schema."""

SIZE_LIMIT = 64_000
# The models are part of the API's template, of which CloudFormation takes 1 MB.
TOTAL_LIMIT = 256_000
DEPTH_LIMIT = 20
_TEXT_LIMIT = 1_000
ANY_OBJECT = "AnyObject"
"""The model of a body that no model file describes, in the OpenAPI document."""
# What every reader of JSON keeps exactly.
_DIGITS = 15
_DRAFT_4 = re.compile(r"https?://json-schema\.org/draft-04/schema#?")


def model_files(spec: ServiceSpec, *keys: str) -> list[str]:
    """The model files that the routes name under the keys, each once, in the routes' order."""
    triggers = [trigger for function in spec.functions for trigger in function.triggers]
    wanted = keys or ("request_model", "response_model")
    return list(dict.fromkeys(name for t in triggers for key in wanted if (name := getattr(t, key, None))))


def load_models(spec: ServiceSpec, folder: Path) -> dict[str, dict[str, Any]]:
    """Read every model that the spec names from the folder of its samgen.yaml; InputError says what is wrong."""
    answers = model_files(spec, "response_model")
    models, total = {}, 0
    for name in model_files(spec):
        data = _read(folder, name)
        total += len(data)
        if total > TOTAL_LIMIT:
            raise InputError(f"the models have more than {TOTAL_LIMIT:,} bytes together: shorten them")
        models[name] = parse_model(data, name)
        if name in answers and models[name].get("type") != "object":
            raise InputError(f"{name}: describes an answer, so API Gateway wants its type to be 'object'")
    return models


def component_names(files: list[str]) -> dict[str, str]:
    """What each model is called in the OpenAPI document: letters and digits alone, each name once.

    >>> component_names(["models/order-line.json", "models/order_line.json"])
    {'models/order-line.json': 'OrderLine', 'models/order_line.json': 'OrderLine2'}
    """
    taken = {"error", "health", ANY_OBJECT.lower()}
    found = {}
    for file in files:
        base = name = logical_id(Path(file).stem)
        number = 1
        while name.lower() in taken:
            number += 1
            name = f"{base}{number}"
        taken.add(name.lower())
        found[file] = name
    return found


def _read(folder: Path, name: str) -> bytes:
    """A model's bytes; only of a regular file that really is beside samgen.yaml."""
    path = folder / name
    if path.parent.is_symlink() or path.is_symlink():
        raise InputError(f"{name} is or lies behind a symbolic link: put the file itself beside samgen.yaml")
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        with os.fdopen(os.open(path, flags), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise InputError(f"{name} is not a file")
            data = file.read(SIZE_LIMIT + 1)
    except FileNotFoundError:
        raise InputError(f"{name} is missing: put it beside samgen.yaml, or take it out of the route") from None
    except OSError as error:
        raise InputError(f"{name} cannot be read: {error.strerror or error}") from None
    if len(data) > SIZE_LIMIT:
        raise InputError(f"{name} has more than {SIZE_LIMIT:,} bytes: shorten it")
    return data


def parse_model(data: bytes, name: str) -> dict[str, Any]:
    """Check the bytes of a model; `name` is how messages call it."""
    try:
        schema = json.loads(
            data.decode("utf-8-sig"),
            object_pairs_hook=_unique,
            parse_constant=_refuse_constant,
            parse_float=_plain_float,
            parse_int=_plain_int,
        )
    except UnicodeDecodeError as error:
        raise InputError(f"{name} is not UTF-8 text (byte {error.start}): save it as UTF-8") from None
    except json.JSONDecodeError as error:
        raise InputError(f"{name}:{error.lineno}: not JSON: {error.msg}") from None
    except RecursionError:
        raise InputError(f"{name} is nested too deeply to be a model") from None
    except ValueError as error:
        raise InputError(f"{name}: {error}") from None
    if not isinstance(schema, dict):
        raise InputError(f'{name}: a model is a JSON object that describes another: {{"type": "object", …}}')
    for place, problem in _problems(schema):
        raise InputError(f"{name}: {place}: {problem}" if place else f"{name}: {problem}")
    return schema


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {shown(key)} stands twice in one object")
        found[key] = value
    return found


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number of JSON")


def _plain_float(text: str) -> float:
    """A number that YAML reads as the same number, which one with an exponent is not."""
    value = float(text)
    if not re.fullmatch(r"-?[0-9]+\.[0-9]+", repr(value)):
        raise ValueError(f"write the number {shown(text)} in at most 16 digits and without an exponent")
    return value


def _plain_int(text: str) -> int:
    if len(text) > _DIGITS:
        raise ValueError(f"write the number {shown(text)} in at most {_DIGITS} digits")
    return int(text)


_Found = Iterator[tuple[str, str]]

_ELSEWHERE = "write the schema out where it is used: API Gateway knows no references between models of one file"
# What people write and API Gateway's import drops or refuses, with what to do instead.
_UNSUPPORTED = {
    **dict.fromkeys(["$ref", "definitions", "$defs", "id", "$id"], _ELSEWHERE),
    **dict.fromkeys(
        ["minItems", "maxItems"], "API Gateway drops it when an API is imported: check the length in the function"
    ),
    **dict.fromkeys(["discriminator", "readOnly", "writeOnly", "nullable", "example", "examples", "default"], ""),
    "exclusiveMinimum": "API Gateway does not check it: use minimum",
    "const": "draft 4 has no const: use enum with one value",
    "patternProperties": "OpenAPI 3.0 has none: use additionalProperties",
    **dict.fromkeys(["if", "then", "else", "contains", "propertyNames", "dependentRequired", "prefixItems"], ""),
}
_TYPES = ("object", "array", "string", "number", "integer", "boolean")
_FORMATS_NOT_THERE = ("int32", "int64", "decimal")


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_names(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_text, value)) and len(set(value)) == len(value)


_Check = tuple[Callable[[Any], bool], str]
_COUNT: _Check = (_is_count, "has to be a whole number, 0 or more")
_NUMBER: _Check = (_is_number, "has to be a number")
_TRUTH: _Check = (lambda value: isinstance(value, bool), "has to be true or false")
_TEXT: _Check = (_is_text, "has to be text")
_VALUES: dict[str, _Check] = {
    "title": _TEXT,
    "description": _TEXT,
    "type": (lambda value: value in _TYPES, f"has to be one of {', '.join(_TYPES)}"),
    "format": (
        lambda value: _is_text(value) and value not in _FORMATS_NOT_THERE,
        f"has to be text, and none of {', '.join(_FORMATS_NOT_THERE)}, which API Gateway does not know",
    ),
    "pattern": (lambda value: _is_text(value) and _compiles(value), "has to be a regular expression"),
    "required": (_is_names, "has to be a list of names, at least one and each once"),
    "enum": (lambda value: isinstance(value, list) and bool(value), "has to be a list of at least one value"),
    **dict.fromkeys(["minLength", "maxLength", "minProperties", "maxProperties"], _COUNT),
    **dict.fromkeys(["minimum", "maximum"], _NUMBER),
    "multipleOf": (lambda value: _is_number(value) and value > 0, "has to be a number above 0"),
    **dict.fromkeys(["exclusiveMaximum", "uniqueItems"], _TRUTH),
}
_ONE = ("items", "not", "additionalProperties")
_SEVERAL = ("allOf", "anyOf", "oneOf")


def _compiles(pattern: str) -> bool:
    """Whether a pattern is well formed; what ECMAScript has and Python has not is put aside."""
    plain = re.sub(r"\\[pP]\{[^}]*\}", "x", pattern).replace("(?<", "(?P<")
    plain = plain.replace("(?P<=", "(?<=").replace("(?P<!", "(?<!")
    try:
        re.compile(plain)
    except (re.error, RecursionError, OverflowError):
        return False
    return True


def _problems(schema: dict[str, Any]) -> _Found:
    """Everything in a model that API Gateway would not take, with its place."""
    draft = schema.get("$schema", "http://json-schema.org/draft-04/schema#")
    if not isinstance(draft, str) or not _DRAFT_4.fullmatch(draft):
        yield "$schema", "API Gateway's models are JSON Schema draft 4: http://json-schema.org/draft-04/schema#"
    yield from _unsafe(schema, "", 0)
    yield from _schema({key: value for key, value in schema.items() if key != "$schema"}, "")
    if not {"type", *_SEVERAL} & set(schema):
        yield "", 'say its type, such as "type": "object"'


def _unsafe(value: Any, place: str, depth: int) -> _Found:
    """Text that would not stay text in the API's template, and what is nested too deeply."""
    if depth > DEPTH_LIMIT:
        yield "", f"is nested more than {DEPTH_LIMIT} deep: make it flatter"
        return
    if isinstance(value, str):
        try:
            check_text(value, _TEXT_LIMIT)
        except ValueError as error:
            yield place, str(error)
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "Ref" or key.startswith("Fn::"):
                yield place, f"CloudFormation takes the key {shown(key)} for a function of its own: use another"
            yield from _unsafe(key, place, depth)
            yield from _unsafe(inner, _below(place, key), depth + 1)
    if isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _unsafe(inner, _below(place, index), depth + 1)


def _below(place: str, key: str | int) -> str:
    step = str(key) if isinstance(key, int) else shown(key)[1:-1]
    return f"{place}.{step}" if place else step


def _schema(schema: Any, place: str) -> _Found:
    if not isinstance(schema, dict):
        yield place, "has to be a schema: a JSON object"
        return
    for key, value in schema.items():
        here = _below(place, key)
        if key in _UNSUPPORTED:
            yield here, _UNSUPPORTED[key] or "API Gateway's models do not support it: leave it out"
        elif key in _VALUES:
            fits, sentence = _VALUES[key]
            if not fits(value):
                yield here, sentence
        else:
            yield from _inner(key, value, here)
    if schema.get("type") == "array" and "items" not in schema:
        yield place, 'an array says what its items are: "items": {…}'


def _inner(key: str, value: Any, place: str) -> _Found:
    """The problems of the schemas in a schema."""
    if key == "additionalProperties" and isinstance(value, bool):
        return
    if key in _ONE:
        yield from _schema(value, place)
    elif key in _SEVERAL:
        if not isinstance(value, list) or not value:
            yield place, "has to be a list of schemas"
            return
        for index, inner in enumerate(value):
            yield from _schema(inner, _below(place, index))
    elif key == "properties":
        if not isinstance(value, dict):
            yield place, "has to be an object with a schema for each name"
            return
        for name, inner in value.items():
            yield from _schema(inner, _below(place, name))
    else:
        yield place, "draft 4, as API Gateway knows it, has no such keyword: leave it out"
