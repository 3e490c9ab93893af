"""The parts of many projects in little memory: what a file of a project holds is the same in many others.

A project has some three hundred parts, of which all but a few are those of other combinations. So the parts of a file
are a sheet that combinations share, and what parts are is kept compressed until somebody asks.
"""

from __future__ import annotations

import json
import zlib
from bisect import bisect_left
from collections.abc import Iterator, Mapping, MutableMapping
from sys import intern
from typing import Any

from generator.regress.snapshot import DIGEST, Part


class Sheet(Mapping[Part, str]):
    """The digest of each part of one file; read only.

    Args:
        parts: the parts, sorted; sheets that have the same share them.
        keys: their digests, one after the other.
    """

    __slots__ = ("_keys", "_parts")

    def __init__(self, parts: tuple[Part, ...], keys: str) -> None:
        self._parts = parts
        self._keys = keys

    def __getitem__(self, part: Part) -> str:
        place = bisect_left(self._parts, part)
        if place == len(self._parts) or self._parts[place] != part:
            raise KeyError(part)
        return self._keys[place * DIGEST : (place + 1) * DIGEST]

    def __iter__(self) -> Iterator[Part]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)


class Sheets:
    """Makes the same sheet, and the same part, one object."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, str], Sheet] = {}
        self._layouts: dict[tuple[Part, ...], tuple[Part, ...]] = {}
        self._parts: dict[Part, Part] = {}

    def bind(self, parts: Mapping[Part, str]) -> Bound:
        """The parts of a project, made of sheets that others have, too."""
        files: dict[str, dict[Part, str]] = {}
        for part, key in parts.items():
            files.setdefault(intern(part.file), {})[part] = key
        return Bound({file: self.one(sheet) for file, sheet in files.items()})

    def one(self, sheet: Mapping[Part, str]) -> Sheet:
        """The sheet with these keys, whatever their order."""
        parts = tuple(sorted(sheet))
        layout = self._layouts.get(parts)
        if layout is None:
            layout = tuple(self._parts.setdefault(part, part) for part in parts)
            self._layouts[layout] = layout
        keys = "".join(sheet[part] for part in parts)
        # A layout is never given up, so its identity is nobody else's.
        return self._known.setdefault((id(layout), keys), Sheet(layout, keys))


class Bound(Mapping[Part, str]):
    """The digest of each part of one project; read only."""

    __slots__ = ("_files",)

    def __init__(self, files: Mapping[str, Sheet]) -> None:
        self._files = files

    @property
    def files(self) -> Mapping[str, Sheet]:
        """The parts by file."""
        return self._files

    def __getitem__(self, part: Part) -> str:
        return self._files[part.file][part]

    def __iter__(self) -> Iterator[Part]:
        return (part for sheet in self._files.values() for part in sheet)

    def __len__(self) -> int:
        return sum(map(len, self._files.values()))


class Packed(MutableMapping[str, Any]):
    """JSON-ready data by name, compressed; what is read is a copy."""

    def __init__(self) -> None:
        self._data: dict[str, bytes] = {}

    def __getitem__(self, key: str) -> Any:
        return json.loads(zlib.decompress(self._data[key]))

    def __setitem__(self, key: str, value: Any) -> None:
        self._data[intern(key)] = zlib.compress(
            json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"), 1
        )

    def __delitem__(self, key: str) -> None:
        del self._data[key]

    def __contains__(self, key: object) -> bool:
        return key in self._data

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)
