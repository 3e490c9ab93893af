"""Findings that are known: a file that lists them, so that only new ones fail.

A finding is known by its file, rule and message, not by its line: lines move. Where the same is found more often than
the file says, the rest is new.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from generator.errors import InputError
from generator.findings import Finding

VERSION = 1
SIZE_LIMIT = 50_000_000
Key = tuple[str, str, str]


class Baseline:
    """Known findings; each is used up by one that is found."""

    def __init__(self, known: Counter[Key]) -> None:
        self._left = known

    def knows(self, finding: Finding) -> bool:
        """Whether a finding is known, once for each time that the file says it."""
        key = key_of(finding)
        if not self._left[key]:
            return False
        self._left[key] -= 1
        return True

    @property
    def gone(self) -> int:
        """How many of the known findings were not asked about."""
        return sum(self._left.values())


def key_of(finding: Finding) -> Key:
    """What a finding is recognized by."""
    return finding.file, finding.rule, finding.message


def read_baseline(path: Path) -> Baseline:
    """Read a file that `write_baseline` wrote.

    Raises:
        InputError: there is no such file, or it is no baseline.
    """
    try:
        if not path.is_file():
            raise InputError(f"There is no baseline {path}; --write-baseline writes one.")
        if path.stat().st_size > SIZE_LIMIT:
            raise InputError(f"The baseline {path} has more than {SIZE_LIMIT:,} bytes.")
        data = json.loads(path.read_text(encoding="utf-8"))
        return Baseline(_known(data))
    except OSError as error:
        raise InputError(f"The baseline {path} cannot be read: {error.strerror or error}.") from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise InputError(f"{path} is no baseline of samgen check; --write-baseline writes one.") from error


def write_baseline(path: Path, findings: Iterable[Finding]) -> int:
    """Write findings as known; how many.

    Raises:
        InputError: the file cannot be written.
    """
    counts = Counter(key_of(finding) for finding in findings)
    listed = [
        {"file": file, "rule": rule, "message": message, "count": counts[file, rule, message]}
        for file, rule, message in sorted(counts)
    ]
    text = json.dumps({"version": VERSION, "findings": listed}, indent=2, ensure_ascii=False)
    try:
        path.write_text(f"{text}\n", encoding="utf-8", newline="\n")
    except OSError as error:
        raise InputError(f"The baseline {path} cannot be written: {error.strerror or error}.") from error
    return sum(counts.values())


def _known(data: Any) -> Counter[Key]:
    if data["version"] != VERSION:
        raise ValueError("another version")
    known: Counter[Key] = Counter()
    for entry in data["findings"]:
        known[str(entry["file"]), str(entry["rule"]), str(entry["message"])] += max(0, int(entry.get("count", 1)))
    return known
