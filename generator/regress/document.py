"""YAML and JSON files that a person wrote for regress: a mapping, or one sentence that says why not."""

from __future__ import annotations

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
        data = yaml.load(path.read_bytes(), Loader=_Loader)  # noqa: S506 - a SafeLoader
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}.") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        place = f"{path}:{line + 1}" if line is not None else str(path)
        raise InputError(
            f"{place}: not valid YAML: {' '.join(str(getattr(error, 'problem', None) or error).split())}."
        ) from None
    if not isinstance(data, dict):
        raise InputError(f"{path} is not a mapping.")
    return data


class _Loader(yaml.SafeLoader):
    """A SafeLoader that leaves dates as they are written and takes no aliases, which could expand without end."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "aliases are not taken here", event.start_mark)
        return super().compose_node(parent, index)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
