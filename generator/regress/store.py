"""Snapshots on disk: each part once by its content, and which combinations have it.

    combinations.json        the number and the choices of each combination; a number is never given twice
    parts/<file>.json        for each part of a file, which variant which combinations have: "0-12,15"
    variants/<kind>.json     what each variant is, by digest: all resources of a type together; the same pieces once

So a change of one property of one resource is a change of one file of variants, however many combinations have it.
"""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from sys import intern
from typing import Any
from urllib.parse import quote, unquote

from generator.errors import InputError
from generator.regress.exchange import exchange, fresh, held
from generator.regress.sharing import share, whole
from generator.regress.sheets import Bound, Packed, Sheet, Sheets
from generator.regress.snapshot import Part, Parts, digest, kind_of
from generator.staging import printable

VERSION = 3
_COMBINATIONS = "combinations.json"


@dataclass
class Snapshots:
    """What is known of combinations.

    Attributes:
        choices: for each combination, by name, the choices that made it.
        parts: for each combination the digest of each of its parts.
        variants: for each digest what it stands for.
        kinds: for each digest what kind of part it is of.
        numbers: for each combination its number on disk.
        sheets: what the parts of files are made of.
    """

    choices: dict[str, dict[str, str]] = field(default_factory=dict)
    parts: dict[str, Bound] = field(default_factory=dict)
    variants: Packed = field(default_factory=Packed)
    kinds: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    sheets: Sheets = field(default_factory=Sheets)

    def add(self, name: str, choices: Mapping[str, str], parts: Parts) -> None:
        """Take a combination in, or what has become of it."""
        self.put(name, choices, {part: self._variant(part, value) for part, value in parts.items()})

    def put(self, name: str, choices: Mapping[str, str], keys: Mapping[Part, str]) -> None:
        """Take a combination in whose variants are known."""
        self.choices[name] = {intern(axis): intern(choice) for axis, choice in choices.items()}
        self.parts[name] = self.sheets.bind(keys)

    def value(self, name: str, part: Part) -> Any:
        """What a part is in a combination."""
        return self.variants[self.parts[name][part]]

    def _variant(self, part: Part, value: Any) -> str:
        kind = kind_of(part, value)
        # The same content of another kind is another variant, as kinds are files of their own.
        key = digest([kind, value])
        if key not in self.variants:
            self.variants[key] = value
            self.kinds[key] = intern(kind)
        return key


def read_snapshots(folder: Path) -> Snapshots:
    """Read the snapshots of a folder; none where there is no such folder.

    Raises:
        InputError: what is there are no snapshots, or those of a newer samgen.
    """
    with _reading(folder) as there:
        return _read_all(folder) if there else Snapshots()


@contextmanager
def _reading(folder: Path) -> Iterator[bool]:
    """Whether there are snapshots in a folder, while nobody writes them anew."""
    try:
        # `--snapshots .` has a name, too, and what a link leads to is what is written anew.
        with held(folder.resolve(), alone=False):
            yield folder.exists() and not _is_empty(folder)
    except OSError as error:
        raise InputError(f"{folder} cannot be read: {error.strerror or error}.") from None


def _read_all(folder: Path) -> Snapshots:
    found = Snapshots()
    head = _head(folder)
    with _whole(folder):
        for name, entry in head["combinations"].items():
            found.numbers[name] = int(entry["number"])
            found.put(name, dict(entry["choices"]), {})
        for path in sorted((folder / "variants").glob("*.json")):
            data, kind = _read(path), unquote(path.stem, errors="surrogatepass")
            for key, value in data["variants"].items():
                found.variants[key] = content = whole(value, data["pieces"])
                found.kinds[key] = kind
                if digest([kind, content]) != key:
                    raise ValueError(f"{path.name} has been edited at {key}")
        _read_parts(folder, found)
        _check(found)
    return found


def _check(found: Snapshots) -> None:
    """Raise ValueError where something is missing that was written."""
    if len(set(found.numbers.values())) < len(found.numbers):
        raise ValueError("two combinations have one number")
    used = {key for parts in found.parts.values() for key in parts.values()}
    if len(used) < len(found.variants) or not all(found.parts.values()):
        raise ValueError("some of parts/ is missing")


def _head(folder: Path) -> dict[str, Any]:
    head = _read(folder / _COMBINATIONS)
    version = head.get("version")
    if version != VERSION:
        raise InputError(
            f"{folder} holds snapshots of another version of samgen ({str(version)[:20]!a}); remove it and write them "
            "anew, with --update."
        )
    return head


def read_choices(folder: Path) -> list[dict[str, str]]:
    """The choices of the combinations that a folder has snapshots of; none where there is no such folder.

    Raises:
        InputError: what is there are no snapshots.
    """
    with _reading(folder) as there, _whole(folder):
        entries = _head(folder)["combinations"].values() if there else ()
        return [dict(entry["choices"]) for entry in entries if entry["choices"]]


@contextmanager
def _whole(folder: Path) -> Iterator[None]:
    """Say of data that is not as it was written that it is damaged."""
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError) as error:
        told = printable(" ".join(f"{type(error).__name__}: {error}".split()))[:200]
        raise InputError(
            f"{folder} is damaged ({told}); restore it, or remove it and write the snapshots anew, with --update."
        ) from None


def _is_empty(folder: Path) -> bool:
    """Whether a folder may become one of snapshots and is none yet; InputError where it is something else."""
    try:
        entries = [entry.name for entry in folder.iterdir()]
    except OSError as error:
        raise InputError(f"{folder} cannot be read: {error.strerror or error}.") from None
    if entries and _COMBINATIONS not in entries:
        raise InputError(f"{folder} holds something else than snapshots: name an empty folder.")
    return not entries


def _read_parts(folder: Path, found: Snapshots) -> None:
    names = {number: name for name, number in found.numbers.items()}
    files: dict[str, dict[str, Sheet]] = {name: {} for name in found.numbers}
    for path in sorted((folder / "parts").glob("*.json")):
        file = unquote(path.stem, errors="surrogatepass")
        for name, sheet in _read_sheets(path, file, found, names).items():
            files[name][file] = found.sheets.one(sheet)
    for name, sheets in files.items():
        found.parts[name] = Bound(sheets)


def _read_sheets(path: Path, file: str, found: Snapshots, names: Mapping[int, str]) -> dict[str, dict[Part, str]]:
    """For each combination that has a file the parts of it."""
    sheets: dict[str, dict[Part, str]] = defaultdict(dict)
    for section, entries in _read(path).items():
        for name, variants in entries.items():
            for key, ranges in variants.items():
                if key not in found.variants:
                    raise KeyError(key)
                for number in _numbers(ranges):
                    sheets[names[number]][Part(file, section, name)] = key
    return sheets


def write_snapshots(folder: Path, snapshots: Snapshots) -> None:
    """Write snapshots, in the place of those that are there: wholly or not at all.

    Raises:
        InputError: the folder cannot be written, or holds something else.
    """
    place = folder.resolve()
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with held(place, alone=True):
            if folder.exists():
                _is_empty(folder)
            path = fresh(place)
            try:
                for name, data in _files(snapshots):
                    _write(path / name, data)
                exchange(path, place)
            finally:
                shutil.rmtree(path, ignore_errors=True)
    except OSError as error:
        raise InputError(f"{folder} cannot be written: {error.strerror or error}.") from None


def _write(path: Path, data: Any) -> None:
    path.parent.mkdir(exist_ok=True)
    text = json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    # YAML can name halves of characters, which are no text.
    path.write_bytes(text.encode("utf-8", "surrogatepass"))


def _files(snapshots: Snapshots) -> Iterator[tuple[str, Any]]:
    numbers = _numbered(snapshots)
    listed = {name: {"number": numbers[name], "choices": snapshots.choices[name]} for name in sorted(snapshots.parts)}
    yield _COMBINATIONS, {"version": VERSION, "combinations": listed}
    having: dict[str, dict[str, dict[str, dict[str, set[int]]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(lambda: defaultdict(set)))
    )
    variants: dict[str, dict[str, Any]] = defaultdict(dict)
    for name, parts in snapshots.parts.items():
        for part, key in parts.items():
            having[part.file][part.section][part.name][key].add(numbers[name])
            variants[snapshots.kinds[key]][key] = snapshots.variants[key]
    for file, sections in having.items():
        yield (
            f"parts/{_quoted(file)}.json",
            {
                section: {name: {key: _ranges(found) for key, found in keys.items()} for name, keys in entries.items()}
                for section, entries in sections.items()
            },
        )
    for kind, found in variants.items():
        pieces: dict[str, Any] = {}
        shared = {key: share(value, pieces) for key, value in found.items()}
        yield f"variants/{_quoted(kind)}.json", {"variants": shared, "pieces": pieces}


def _quoted(name: str) -> str:
    """A name that is one file's on every system."""
    return quote(name, safe=" ()[]{}@=,+~", errors="surrogatepass")


def _numbered(snapshots: Snapshots) -> dict[str, int]:
    """The numbers of the combinations: those that they have, and new ones after them."""
    known = {name: snapshots.numbers[name] for name in snapshots.parts if name in snapshots.numbers}
    following = max(snapshots.numbers.values(), default=-1) + 1
    fresh = [name for name in sorted(snapshots.parts) if name not in known]
    return {**known, **{name: following + index for index, name in enumerate(fresh)}}


def _ranges(numbers: Iterable[int]) -> str:
    """Numbers as text: 0-12,15."""
    spans: list[list[int]] = []
    for number in sorted(numbers):
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ",".join(f"{first}-{last}" if last > first else str(first) for first, last in spans)


def _numbers(ranges: str) -> Iterator[int]:
    for span in ranges.split(","):
        first, _, last = span.partition("-")
        yield from range(int(first), int(last or first) + 1)


def _read(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_bytes().decode("utf-8", "surrogatepass"))
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}.") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is not JSON: {error}.") from None
    if not isinstance(data, dict):
        raise InputError(f"{path} holds no snapshots.")
    return data
