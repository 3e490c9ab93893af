"""YAML and JSON files that a person wrote for regress: a mapping, or one sentence that says why not."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml

from generator.errors import InputError

SIZE_LIMIT = 5_000_000


def read_document(path: Path) -> dict[str, Any]:
    """The mapping that a file holds.

    Raises:
        InputError: it cannot be read, is too large, or is no mapping.
    """
    try:
        if not path.is_file():
            raise InputError(f"{path} is no file.")
        if path.stat().st_size > SIZE_LIMIT:
            raise InputError(f"{path} has more than {SIZE_LIMIT:,} bytes.")
        data = _parse(path)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}.") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        place = f"{path}:{line + 1}" if line is not None else str(path)
        told = (
            "it is nested too deep" if isinstance(error, RecursionError) else getattr(error, "problem", None) or error
        )
        form = "JSON" if path.suffix == ".json" else "YAML"
        raise InputError(f"{place}: not valid {form}: {' '.join(str(told).split())}.") from None
    if not isinstance(data, dict):
        raise InputError(f"{path} is not a mapping.")
    return data


def _parse(path: Path) -> Any:
    if path.suffix == ".json":
        # YAML takes no tabs for spaces.
        return json.loads(path.read_bytes(), object_pairs_hook=_once)
    return yaml.load(path.read_bytes(), Loader=_Loader)  # noqa: S506 - a SafeLoader


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(_twice(next(name for name in names if names.count(name) > 1)))
    return found


def _twice(name: str) -> str:
    return f"{name!a} stands twice in one mapping"


class _Loader(yaml.SafeLoader):
    """A SafeLoader that takes no aliases, which could expand without end.

    A key that stands twice is refused: one of the two would be lost without a word.
    """

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "aliases are not taken here", event.start_mark)
        return super().compose_node(parent, index)

    def compose_mapping_node(self, anchor: Any) -> Any:
        node = super().compose_mapping_node(anchor)
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise yaml.composer.ComposerError(None, None, _twice(key.value), key.start_mark)
                seen.add(key.value)
        return node


# As in samgen.yaml: `yes` is a text, and so is an account's number that begins with 0, a date or a time.
_Loader.yaml_implicit_resolvers = {}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(true|false)$"), list("tf"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^-?(0|[1-9][0-9]*)$"), list("-0123456789"))
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^-?(0|[1-9][0-9]*)\.[0-9]+$"), list("-0123456789")
)
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(null|~|)$"), ["n", "~", ""])
