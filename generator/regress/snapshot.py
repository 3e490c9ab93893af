"""What a rendered project consists of, as parts that can be compared: a resource, a parameter, a file's table.

Text is compared only where there is no structure: of a Python file or a Makefile the part is the whole file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import tomlkit
import yaml

from generator.project import Project, Template
from generator.project.template import relative_name

FILE = "File"
"""The section of a part that is a whole file."""

_STRUCTURED = {".yaml", ".yml", ".json", ".toml"}
_SIZE_LIMIT = 5_000_000
# Of a longer text only the digest is kept.
_LONGEST = 1_000_000
DIGEST = 12
"""How many characters a digest has."""
_SKIPPED = {".git", "__pycache__"}
# What was rendered, compressed: it says again what the files themselves say.
_RECORD = ".samgen/rendered.tar.xz"


class Part(NamedTuple):
    """Where a part stands.

    Attributes:
        file: path from the project's root, with forward slashes.
        section: a template's section (`Resources`), `File` for a whole file, else empty.
        name: its name there: a logical id, a top-level key.
    """

    file: str
    section: str
    name: str

    def __str__(self) -> str:
        return " ".join(word for word in (self.file, self.section, self.name) if word)


Parts = Mapping[Part, Any]
"""For each part what it is, as JSON-ready data."""


def parts_of(loaded: Project) -> dict[Part, Any]:
    """The parts of a project that has been loaded: of its templates, and of every other file in its folder."""
    project = loaded.root
    templates = {template.name: template for template in loaded.templates if template.readable}
    found: dict[Part, Any] = {}
    for path in sorted(p for p in project.rglob("*") if not _SKIPPED.intersection(p.relative_to(project).parts)):
        name = relative_name(path, project)
        if name == _RECORD:
            continue
        if path.is_symlink():
            found[Part(name, FILE, "")] = {"link": str(path.readlink())}
        elif name in templates:
            found.update(_of_template(templates[name]))
        elif path.is_file():
            found.update(_of_file(path, name))
    return found


def digest(value: Any) -> str:
    """What a part is called by its content: the same for the same data, in whatever order its keys stand."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:DIGEST]


def kind_of(part: Part, value: Any) -> str:
    """A resource's type, else the section: what variants are kept together under."""
    if part.section == "Resources" and isinstance(value, dict) and isinstance(value.get("Type"), str):
        return str(value["Type"])
    return part.section or Path(part.file).name


def _of_template(template: Template) -> Iterator[tuple[Part, Any]]:
    for section, entries in template.data.items():
        if isinstance(entries, dict):
            for name, entry in entries.items():
                yield Part(template.name, str(section), str(name)), _plain(entry)
        else:
            yield Part(template.name, str(section), ""), _plain(entries)


def _of_file(path: Path, name: str) -> Iterator[tuple[Part, Any]]:
    data = _read_structure(path)
    if data is not None:
        for key, entry in data.items():
            yield Part(name, "", str(key)), _plain(entry)
        return
    content = path.read_bytes()
    mode = "executable" if path.stat().st_mode & 0o100 else "plain"
    text = _text(content)
    said = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()} if text is None else {"text": text}
    yield Part(name, FILE, ""), {"mode": mode, **said}


def _text(content: bytes) -> str | None:
    """The text that a file holds; None where it holds something else, or too much of it."""
    if len(content) > _LONGEST or b"\0" in content:
        return None
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _read_structure(path: Path) -> dict[str, Any] | None:
    """The mapping that a file holds; None where it holds none, or is not of a form with structure."""
    if path.suffix not in _STRUCTURED or path.stat().st_size > _SIZE_LIMIT:
        return None
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".toml":
            data: Any = tomlkit.parse(text).unwrap()
        elif path.suffix == ".json":
            data = json.loads(text)
        else:
            data = yaml.load(text, Loader=_FastLoader)  # noqa: S506 - a SafeLoader
    except (ValueError, yaml.YAMLError, RecursionError, tomlkit.exceptions.ParseError):
        return None
    return data if isinstance(data, dict) and data else None


_FastLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _plain(value: Any) -> Any:
    """The same as JSON-ready data; CloudFormation takes every key for text."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)
