"""Findings that are known: a file that lists them, so that only new ones fail.

A finding is known by its file, rule and message, not by its line: lines move. Where the same is found more often than
the file says, the rest is new.
"""

from __future__ import annotations

import errno
import json
import os
import stat
import tempfile
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
        return Baseline(_known(path, json.loads(path.read_text(encoding="utf-8"))))
    except OSError as error:
        raise InputError(f"The baseline {path} cannot be read: {error.strerror or error}.") from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError) as error:
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
        replace_text(path, f"{text}\n")
    except OSError as error:
        raise InputError(f"The baseline {path} cannot be written: {error.strerror or error}.") from error
    return sum(counts.values())


def replace_text(path: Path, text: str) -> None:
    """Write a file whole or not at all: on a full disk, what it held before stays.

    Raises:
        OSError: the file cannot be written.
    """
    if path.exists() and not path.is_file():  # a device or a pipe takes what is written, and is never replaced
        path.write_text(text, encoding="utf-8", newline="\n")
        return
    target = Path(os.path.realpath(path))  # a link stays one
    if target.exists() and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    try:
        handle, name = tempfile.mkstemp(prefix=".samgen-", dir=target.parent)
    except PermissionError:
        target.write_text(text, encoding="utf-8", newline="\n")  # the file may be written, its folder not
        return
    fresh = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        fresh.chmod(_mode(target))
        fresh.replace(target)
    except BaseException:
        fresh.unlink()
        raise


def _mode(target: Path) -> int:
    if target.exists():
        return stat.S_IMODE(target.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _known(path: Path, data: Any) -> Counter[Key]:
    version = data["version"]
    if isinstance(version, int) and version > VERSION:
        raise InputError(f"A newer samgen wrote the baseline {path} (version {version}); use that, or write it anew.")
    if version != VERSION:
        raise ValueError("no version of a baseline")
    known: Counter[Key] = Counter()
    for entry in data["findings"]:
        known[str(entry["file"]), str(entry["rule"]), str(entry["message"])] += max(0, int(entry.get("count", 1)))
    return known
