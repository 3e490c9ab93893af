"""Functions in Python whose artifact is what their requirements install, with their own files over it.

Their requirements are built once for all functions that have the same, and not at all where only sources change.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from generator.local.archive import Built, digest
from generator.local.packages import Package
from generator.local.runtimes import Player
from generator.local.workplace import Workplace, write_whole

FILE = "requirements.txt"
# Names from an index only: what a file says of other files or options is for SAM to read where the file stands.
_SIMPLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\s*(\[[^\]]*\])?\s*([<>=!~;(][^/\\]*)?")


def excluded() -> tuple[str, ...]:
    """What SAM leaves out of a function in Python."""
    from aws_lambda_builders.workflows.python_pip.workflow import PythonPipWorkflow  # type: ignore[import-untyped]

    return tuple(PythonPipWorkflow.EXCLUDED_FILES)


def is_plain(package: Package, players: Mapping[str, Player]) -> bool:
    """Whether a package is such a function: no build of its own, no requirement that is a file."""
    player = players.get(package.runtime)
    if player is None or player.family != "python" or not package.is_function or not package.folder.is_dir():
        return False
    return not package.resource["Metadata"] and _lines(package.folder) is not None


def _lines(folder: Path) -> list[str] | None:
    """What a folder requires, in order; None where a line is more than a name and a version."""
    try:
        text = (folder / FILE).read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError):
        return None
    lines = [line.partition(" #")[0].strip() for line in text.splitlines()]
    lines = sorted({line for line in lines if line and not line.startswith("#")})
    return lines if all(_SIMPLE.fullmatch(line) for line in lines) else None


class Requirements:
    """The requirements of a project's plain functions.

    Args:
        workplace: where the files of requirements are put that `sam build` reads.
        packages: the functions.
        players: what plays their runtimes.
    """

    def __init__(self, workplace: Workplace, packages: Iterable[Package], players: Mapping[str, Player]) -> None:
        self._folder = workplace.shared / "requirements"
        self._excluded = excluded() if packages else ()
        self._sets: dict[str, tuple[list[str], dict[str, Any]]] = {}
        self._name_of: dict[Package, str] = {}
        for package in packages:
            lines = _lines(package.folder) or []
            name = f"Requirements{hashlib.sha256(repr(lines).encode()).hexdigest()[:12]}" if lines else ""
            self._name_of[package] = name
            if name:
                self._sets[name] = (lines, self._resource(name, package, players[package.runtime]))

    def _resource(self, name: str, package: Package, player: Player) -> dict[str, Any]:
        properties = {**package.resource["Properties"], "Runtime": player.build, "Handler": "none.none"}
        properties[package.property] = str(self._folder / name)
        return {**package.resource, "Properties": properties}

    @property
    def resources(self) -> dict[str, dict[str, Any]]:
        """A function for every set of requirements, with nothing else in it, for `sam build`."""
        return {name: resource for name, (_lines, resource) in sorted(self._sets.items())}

    def write(self) -> None:
        """Write the files that those functions consist of."""
        for old in self._folder.glob("*"):
            if old.name not in self._sets:
                shutil.rmtree(old, ignore_errors=True)
        for name, (lines, _resource) in self._sets.items():
            write_whole(self._folder / name / FILE, "".join(f"{line}\n" for line in lines))

    def built(self, output: Path, digests: Mapping[str, str]) -> dict[Package, Built]:
        """Each function as it is with its requirements.

        Args:
            output: where `sam build` has put them.
            digests: of each set of requirements as it was built.
        """
        found = {}
        for package, name in self._name_of.items():
            texts = [digests[name]] if name else []
            folders = (*([output / name] if name else []), package.folder)
            whole = digest(texts, [package.folder], self._excluded)
            found[package] = Built(folders, whole, self._excluded)
        return found
