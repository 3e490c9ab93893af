"""What a combination came to, kept by everything that it depends on: so nothing is done twice, nor after Ctrl-C."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections.abc import Mapping
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

    def get(self, key: str) -> Outcome | None:
        """The outcome that is kept; None where there is none, or it is damaged."""
        if self._folder is None:
            return None
        try:
            data = json.loads(gzip.decompress(_path(self._folder, key).read_bytes()))
            findings = tuple(Finding(**{**f, "severity": Severity(f["severity"])}) for f in data["findings"])
            parts = {Part(*part): value for part, value in data["parts"]}
            return Outcome(parts, findings, data["refused"])
        except (OSError, EOFError, ValueError, KeyError, TypeError):
            return None

    def put(self, key: str, outcome: Outcome) -> None:
        """Keep an outcome; a disk that takes none only costs time."""
        if self._folder is None:
            return
        data = {
            "parts": [[list(part), value] for part, value in outcome.parts.items()],
            "findings": [finding.as_json() for finding in outcome.findings],
            "refused": outcome.refused,
        }
        path = _path(self._folder, key)
        fresh = path.with_name(f"{path.name}.{os.getpid()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_bytes(gzip.compress(json.dumps(data).encode("utf-8"), 3, mtime=0))
            fresh.replace(path)
        except OSError:
            fresh.unlink(missing_ok=True)


def _path(folder: Path, key: str) -> Path:
    return folder / key[:2] / f"{key}.json.gz"
