"""The files of a project again, from the parts that a snapshot has of them; and what such files say.

A template comes out as YAML or JSON of the same meaning: without its comments, in the order of names, intrinsic
functions in their long form. What is rendered now takes the same way, so that a merge sees what has changed and nothing
else.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any

import tomlkit
import yaml

from generator.merge.files import File, Files
from generator.regress.snapshot import FILE

Entry = tuple[str, str, Any]
"""A part of a file: its section, its name there, what it is."""
Entries = Mapping[str, "list[Entry]"]
"""The parts of each file, by its name."""

_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def rebuild(entries: Entries) -> dict[str, File]:
    """The files that parts are of."""
    return {name: _file(name, found) for name, found in sorted(entries.items())}


def _file(name: str, entries: Iterable[Entry]) -> File:
    data: dict[str, Any] = {}
    for section, key, value in sorted(entries, key=lambda entry: entry[:2]):
        if section == FILE:
            return _whole(value)
        if not section:
            data[key] = value
        elif not key:
            data[section] = value
        else:
            data.setdefault(section, {})[key] = value
    return File(dump(name, data).encode())


def _whole(value: Mapping[str, Any]) -> File:
    """A file without structure; one of which only the digest is known holds that, as what is no text."""
    if "text" in value:
        return File(str(value["text"]).encode(), value.get("mode") == "executable")
    return File(b"\0" + json.dumps(value, sort_keys=True).encode())


def dump(name: str, data: Mapping[str, Any]) -> str:
    """Data in the language of a file."""
    kind = PurePosixPath(name).suffix
    plain = _sorted(data, tables_last=kind == ".toml")
    if kind == ".json":
        return json.dumps(plain, indent=2, ensure_ascii=False) + "\n"
    if kind == ".toml":
        return tomlkit.dumps(plain)
    return str(yaml.dump(plain, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1_000))


def _sorted(value: Any, *, tables_last: bool) -> Any:
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: (tables_last and _is_table(value[key]), key))
        return {key: _sorted(value[key], tables_last=tables_last) for key in keys}
    if isinstance(value, list):
        return [_sorted(item, tables_last=tables_last) for item in value]
    return value


def _is_table(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(isinstance(item, dict) for item in value))


def load(name: str, file: File) -> dict[str, Any] | None:
    """What a file with structure says; None for one without, and for one that cannot be read."""
    kind = PurePosixPath(name).suffix
    if kind not in {".json", ".toml", ".yaml", ".yml"} or file.data.startswith(b"\0"):
        return None
    try:
        text = file.data.decode("utf-8")
        data: Any
        if kind == ".json":
            data = json.loads(text)
        elif kind == ".toml":
            data = tomlkit.parse(text).unwrap()
        else:
            data = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
    except (ValueError, yaml.YAMLError, RecursionError, tomlkit.exceptions.ParseError):
        return None
    return data if isinstance(data, dict) else None


def is_text(file: File) -> bool:
    """Whether a rebuilt file is a text."""
    return not file.data.startswith(b"\0")


def changed(base: Files, now: Files) -> set[str]:
    """The names of files that only one side has, or that differ."""
    return {name for name in base.keys() | now.keys() if base.get(name) != now.get(name)}
