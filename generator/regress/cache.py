"""What a combination came to, kept by everything that it depends on: so nothing is done twice, nor after Ctrl-C."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.findings import Finding, Severity
from generator.regress.snapshot import Part


@dataclass(frozen=True)
class Outcome:
    """What came of rendering and reviewing a combination.

    Attributes:
        parts: the parts of the project; empty where it was refused.
        findings: what validation and check found.
        refused: why it could not be rendered, or could not be reviewed; else empty.
    """

    parts: Mapping[Part, Any]
    findings: tuple[Finding, ...] = ()
    refused: str = ""


class Cache:
    """A folder of outcomes; None keeps nothing. Several processes, and runs, may share one."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def key(self, *what: Any) -> str:
        """What an outcome is kept by."""
        return hashlib.sha256(json.dumps(what, sort_keys=True, default=str).encode("utf-8")).hexdigest()

    @property
    def folder(self) -> Path | None:
        """Where it is."""
        return self._folder

    def shelf(self, name: str, salt: str) -> Shelf | None:
        """A part of the cache whose names hold only under a salt; None where nothing is kept."""
        return None if self._folder is None else Shelf(Cache(self._folder / name), salt)

    def read(self, key: str) -> Any:
        """The data that is kept; None where there is none, or it is damaged."""
        if self._folder is None:
            return None
        try:
            return json.loads(gzip.decompress(_path(self._folder, key).read_bytes()))
        except (OSError, EOFError, ValueError, zlib.error, RecursionError):
            return None

    def write(self, key: str, data: Any) -> None:
        """Keep data; a disk that takes none only costs time."""
        if self._folder is None:
            return
        path = _path(self._folder, key)
        fresh = path.with_name(f"{path.name}.{os.getpid()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_bytes(gzip.compress(json.dumps(data).encode("utf-8"), 3, mtime=0))
            fresh.replace(path)
        except OSError:
            with suppress(OSError):
                fresh.unlink()

    def get(self, key: str) -> Outcome | None:
        """The outcome that is kept; None where there is none, or it is damaged."""
        data = self.read(key)
        try:
            findings = tuple(Finding(**{**f, "severity": Severity(f["severity"])}) for f in data["findings"])
            parts = {Part(*part): value for part, value in data["parts"]}
            refused = data["refused"]
            if not all(isinstance(word, str) for part in (*parts, (refused,)) for word in part):
                raise TypeError(refused)
            return Outcome(parts, findings, refused)
        except (ValueError, KeyError, TypeError, AttributeError):
            return None

    def put(self, key: str, outcome: Outcome) -> None:
        """Keep an outcome."""
        data = {
            "parts": [[list(part), value] for part, value in outcome.parts.items()],
            "findings": [finding.as_json() for finding in outcome.findings],
            "refused": outcome.refused,
        }
        self.write(key, data)


@dataclass(frozen=True)
class Shelf:
    """Data by name, as long as the salt is the same."""

    cache: Cache
    salt: str

    def read(self, key: str) -> Any:
        """The data of that name; None where there is none."""
        return self.cache.read(self.cache.key(self.salt, key))

    def file(self, name: str) -> Path | None:
        """A file of that name for as long as the salt is the same; None where nothing is kept."""
        folder = self.cache.folder
        return None if folder is None else folder / f"{name}-{self.cache.key(self.salt)}"

    def write(self, key: str, data: Any) -> None:
        """Keep data."""
        self.cache.write(self.cache.key(self.salt, key), data)


def _path(folder: Path, key: str) -> Path:
    return folder / key[:2] / f"{key}.json.gz"


def folder_of_caches() -> Path:
    """Where outcomes are kept by default: in the folder of caches that the XDG base directory specification names."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    base = Path(named) if Path(named).is_absolute() else Path.home() / ".cache"
    return base / "samgen" / "regress"
