"""Jinja filters that quote a value for the language of the file it lands in.

User text reaches a file only through one of them, so no answer can become code or leave its place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from generator.render.code import route_literal

# One of CloudFormation's variables; `${}` alone is text, which `!Sub` would refuse.
_VARIABLE = re.compile(r"\$\{[A-Za-z0-9_:.]+\}")


def yaml_value(value: Any) -> str:
    """A string as a double-quoted YAML scalar, a list as a flow sequence: JSON, which YAML contains."""
    return json.dumps(value, ensure_ascii=False)


def sub_value(value: str) -> str:
    """A string as a YAML scalar, under `!Sub` where it uses pseudo parameters."""
    return f"!Sub {yaml_value(value)}" if _VARIABLE.search(value) else yaml_value(value)


def sub_list(values: Iterable[str]) -> str:
    """Strings as a YAML flow sequence, each under `!Sub` where it uses pseudo parameters."""
    return f"[{', '.join(sub_value(value) for value in values)}]"


def toml_value(value: str) -> str:
    """A basic TOML string; its escapes are JSON's."""
    return json.dumps(value, ensure_ascii=False)


def python_value(value: Any) -> str:
    """A Python literal in double quotes where it is a string."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def python_list(values: list[str]) -> str:
    """A Python list of strings in double quotes."""
    return json.dumps(values, ensure_ascii=False)


def python_arguments(names: Iterable[str]) -> str:
    """The arguments of a handler: `id: str, line: str`."""
    return ", ".join(f"{name}: str" for name in names)


def python_entries(arguments: Mapping[str, str]) -> str:
    """Entries that continue the dict literal `{"message": …`: `, "id": id`."""
    return "".join(f", {python_value(key)}: {name}" for key, name in arguments.items() if key != "message")


def docstring_text(value: str) -> str:
    """Text that can stand between triple quotes, without the spaces around it that a formatter removes."""
    return value.strip().replace("\\", "\\\\").replace('"', "'")


def comment_text(value: str) -> str:
    """Text that can stand in a `/** … */` comment."""
    return value.strip().replace("*/", "*\u2215")


def markdown_text(value: str) -> str:
    """Text that Markdown shows as it is: what has a meaning is escaped, tags are inert."""
    escaped = re.sub(r"([\\`*_\[\]|~$])", r"\\\1", value)
    # A heading, list, quotation or rule is one only at the start of a line.
    escaped = re.sub(r"^([#+>=-]|\d+(?=[.)]))", _escape_start, escaped)
    return escaped.replace("&", "&amp;").replace("<", "&lt;")


def _escape_start(match: re.Match[str]) -> str:
    return match[0] + "\\" if match[0].isdigit() else "\\" + match[0]


FILTERS = {
    "yaml": yaml_value,
    "sub": sub_value,
    "sub_list": sub_list,
    "toml": toml_value,
    "python": python_value,
    "pylist": python_list,
    "arguments": python_arguments,
    "entries": python_entries,
    "docstring": docstring_text,
    "comment": comment_text,
    "ts_route": route_literal,
    "markdown": markdown_text,
}
