"""samgen.yaml in: text → plain document with line numbers → checked spec, or everything that is wrong."""

from __future__ import annotations

import difflib
import re
from pathlib import Path as FilePath
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from generator.errors import InputError
from generator.spec import model, rules
from generator.spec.defaults import complete
from generator.spec.draft import Draft
from generator.spec.names import shown
from generator.spec.problems import Path, Problem, SpecError

SIZE_LIMIT = 1_000_000


def load_spec(path: FilePath) -> model.ServiceSpec:
    """Read a samgen.yaml; InputError where it cannot be read, SpecError with every problem in it."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from None
    return parse_spec(data, str(path))


def parse_spec(data: bytes, source: str) -> model.ServiceSpec:
    """Check the bytes of a samgen.yaml; `source` is how messages call them."""
    document, lines = read_document(data, source)
    return spec_from(document, source, lines)


def read_document(data: bytes, source: str) -> tuple[dict[str, Any], dict[Path, int]]:
    """The plain document in the bytes of a samgen.yaml, and the line of each path; InputError where it is none."""
    if len(data) > SIZE_LIMIT:
        raise InputError(f"{source} has {len(data):,} bytes; a spec has at most {SIZE_LIMIT:,}")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{source} is not UTF-8 text (byte {error.start}): save it as UTF-8") from None
    return _read_yaml(text, source)


def spec_from(document: dict[str, Any], source: str, lines: dict[Path, int] | None = None) -> model.ServiceSpec:
    """Check a plain document, defaults filled in; SpecError with every problem."""
    full = complete(document)
    try:
        spec = model.ServiceSpec.model_validate(full)
    except ValidationError as error:
        problems = [_problem(details, full) for details in error.errors(include_url=False)]
        problems += rules.check(_sound_parts(full, problems))
        raise SpecError(source, _ordered(problems, lines), lines) from None
    if problems := rules.check(Draft.of(spec)):
        raise SpecError(source, _ordered(problems, lines), lines)
    return spec


def _ordered(problems: list[Problem], lines: dict[Path, int] | None) -> list[Problem]:
    unique = list(dict.fromkeys(problems))
    if not lines:
        return unique
    return sorted(unique, key=lambda p: max(lines.get(p.path[:n], 0) for n in range(len(p.path) + 1)))


_DATA = {
    "tables": model.Table,
    "queues": model.Queue,
    "topics": model.Topic,
    "buckets": model.Bucket,
    "event_buses": model.EventBus,
}


def _sound_parts(document: dict[str, Any], problems: list[Problem]) -> Draft:
    """What the rules can still look at: each section and item without the keys that have a problem."""

    def sound(kind: type[Any], data: Any, depth: Path) -> Any:
        bad = {p.path[len(depth)] for p in problems if p.path[: len(depth)] == depth and len(p.path) > len(depth)}
        if not isinstance(data, dict):
            return None
        try:
            return kind.model_validate({key: value for key, value in data.items() if key not in bad})
        except ValidationError:
            return None

    def items(section: str, kind: type[Any]) -> list[tuple[int, Any]]:
        listed = document.get(section)
        found = [
            (i, sound(kind, item, (section, i))) for i, item in enumerate(listed if isinstance(listed, list) else [])
        ]
        return [(i, item) for i, item in found if item is not None]

    return Draft(
        sound(model.Service, document.get("service"), ("service",)) or model.Service(name="s"),
        sound(model.Api, document.get("api", {}), ("api",)) or model.Api(),
        items("environments", model.Environment),
        items("functions", model.Function),
        {section: items(section, kind) for section, kind in _DATA.items()},
    )


class _Loader(yaml.SafeLoader):
    """Plain data as JSON knows it: YAML 1.1's octal numbers, dates, `yes` and `on` stay text."""


_Loader.yaml_implicit_resolvers = {}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(true|false)$"), list("tf"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^-?(0|[1-9][0-9]*)$"), list("-0123456789"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(null|~|)$"), ["n", "~", ""])


def _read_yaml(text: str, source: str) -> tuple[dict[str, Any], dict[Path, int]]:
    lines: dict[Path, int] = {}
    loader = None
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        document = _Plain(source, lines).data(node, ()) if node is not None else {}
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InputError(f"{source}:{line}: not YAML: {error.problem or error.context}") from None
    except yaml.reader.ReaderError as error:
        # PyYAML gives the character as text or, undecoded, as a number.
        code = ord(error.character) if isinstance(error.character, str) else error.character
        raise InputError(f"{source}: the character U+{code:04X} is not allowed in YAML") from None
    except RecursionError:
        raise InputError(f"{source} is nested too deeply to be a spec") from None
    finally:
        if loader is not None:
            loader.dispose()
    if not isinstance(document, dict):
        raise InputError(f"{source}: a spec is a mapping with at least its service, as 'service: {{name: orders}}'")
    return document, lines


class _Plain:
    """Turns YAML nodes into plain data, with the line of each path; refuses aliases, tags and doubled keys."""

    def __init__(self, source: str, lines: dict[Path, int]) -> None:
        self._source = source
        self._lines = lines
        self._seen: set[int] = set()

    def data(self, node: yaml.Node, path: Path) -> Any:
        """The node's data; InputError with the line where it is not plain."""
        line = node.start_mark.line + 1
        if id(node) in self._seen:
            # An alias is the same node again; a few of them nested are gigabytes of data.
            raise InputError(f"{self._source}:{line}: anchors and aliases are not allowed: write the value out")
        self._seen.add(id(node))
        self._lines.setdefault(path, line)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            self._refuse_tag(node, "seq")
            return [self.data(item, (*path, i)) for i, item in enumerate(node.value)]
        return self._scalar(node)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        self._refuse_tag(node, "map")
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise InputError(f"{self._source}:{line}: a key is plain text")
            key = key_node.value
            if key in data:
                raise InputError(f"{self._source}:{line}: the key {shown(key)} stands here twice")
            inner = (*path, key)
            self._lines[inner] = line
            data[key] = self.data(value_node, inner)
        return data

    def _scalar(self, node: yaml.Node) -> Any:
        kind = node.tag.removeprefix("tag:yaml.org,2002:")
        if kind == "str":
            return node.value
        if kind == "int":
            return int(node.value) if len(node.value) < 20 else node.value  # noqa: PLR2004 (no field is that large)
        if kind == "bool":
            return node.value == "true"
        if kind == "null":
            return None
        raise self._tag_error(node)

    def _refuse_tag(self, node: yaml.Node, kind: str) -> None:
        if node.tag != f"tag:yaml.org,2002:{kind}":
            raise self._tag_error(node)

    def _tag_error(self, node: yaml.Node) -> InputError:
        line = node.start_mark.line + 1
        return InputError(f"{self._source}:{line}: the tag {shown(node.tag)} is not allowed: a spec is plain data")


def _problem(details: ErrorDetails, document: dict[str, Any]) -> Problem:
    """One of pydantic's errors in samgen's words, at a path that exists in the user's file."""
    path = _user_path(details["loc"], document)
    return Problem(path, _message(details, path, document))


def _user_path(loc: Path, document: Any) -> Path:
    """Without the steps that are pydantic's own: the name of a union's member, `[key]`."""
    path: list[str | int] = []
    here = document
    for place, step in enumerate(loc):
        # After a trigger's number pydantic says its type, which may be called like one of its keys: `function`.
        if step == "[key]" or (place > 1 and loc[place - 2] == "triggers" and isinstance(loc[place - 1], int)):
            continue
        if isinstance(here, dict) and isinstance(step, str) and step not in here and step != loc[-1]:
            continue
        if isinstance(here, list) and not isinstance(step, int):
            continue
        path.append(step)
        try:
            here = here[step]
        except (KeyError, IndexError, TypeError):
            here = None
    return tuple(path)


_TRIGGER_TYPES = "'api', 'schedule', 'sqs', 'sns', 'eventbridge', 's3', 'dynamodb', 'function'"
_EXPECTED = {
    "string_type": "must be text; put it in quotes",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "dict_type": "must be a mapping",
    "model_type": "must be a mapping",
    "model_attributes_type": "must be a mapping",
    "list_type": "must be a list",
    "missing": "is missing",
}


_BOUNDS = {
    "greater_than_equal": ("at least", "ge"),
    "less_than_equal": ("at most", "le"),
    "too_short": ("at least", "min_length"),
    "too_long": ("at most", "max_length"),
    "string_too_short": ("at least", "min_length"),
    "string_too_long": ("at most", "max_length"),
}


def _message(details: ErrorDetails, path: Path, document: Any) -> str:  # noqa: PLR0911 (a kind of error a line)
    kind, context = details["type"], details.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown_key(path, document)
    if kind == "value_error":
        return str(context["error"])
    if kind == "missing" and path == ("service",):
        return "is missing: a spec names at least its service, as 'service: {name: orders}'"
    if kind in _EXPECTED:
        return _EXPECTED[kind]
    got = shown(details["input"])
    if kind in {"literal_error", "enum"}:
        return f"{got} is not allowed; choose from {context['expected'].replace(' or ', ', ')}"
    if kind in {"union_tag_invalid", "union_tag_not_found"}:
        return f"the trigger's type must be one of {context.get('expected_tags', _TRIGGER_TYPES)}"
    if kind in _BOUNDS:
        word, key = _BOUNDS[kind]
        if "too_" not in kind:
            return f"{got} is not allowed: must be {word} {context[key]:,}"
        # A text that a function has checked before is too_short to pydantic, not string_too_short.
        unit = "character" if isinstance(details["input"], str) else "item"
        return f"must have {word} {context[key]:,} {unit}{'' if context[key] == 1 else 's'}"
    return details["msg"]


def _unknown_key(path: Path, document: Any) -> str:
    known = _keys_at(path[:-1], document)
    key = str(path[-1])
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
    if near:
        return f"there is no such key; did you mean '{near[0]}'?"
    return f"there is no such key; known here are {', '.join(known)}"


def _keys_at(path: Path, here: Any) -> list[str]:
    """The keys that the model has at a path of the document; of a trigger, those of its type."""
    kinds: list[type[BaseModel]] = [model.ServiceSpec]
    for step in path:
        here = here[step]
        if isinstance(step, int):
            kinds = [kind for kind in kinds if _is_of_type(kind, here)] or kinds
            continue
        found = [_models(kind.model_fields[step].annotation) for kind in kinds if step in kind.model_fields]
        kinds = [kind for kinds_ in found for kind in kinds_]
    return list(dict.fromkeys(name for kind in kinds for name in kind.model_fields))


def _is_of_type(kind: type[BaseModel], item: Any) -> bool:
    """Whether the item's `type` is the one that the model is for."""
    tag = kind.model_fields.get("type")
    return tag is not None and isinstance(item, dict) and item.get("type") in get_args(tag.annotation)


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [kind for inner in get_args(annotation) for kind in _models(inner)]
