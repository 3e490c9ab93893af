"""A project whose changes are deployed as they are saved.

Files are looked at several times a second, by time and size: that works on every file system, and with every way of
saving a file. What has to be deployed is not decided here, but by what is in them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from generator.errors import InputError, SamgenError
from generator.local.archive import files
from generator.local.session import Up

PERIOD = 0.1
SETTLED = 0.05
# Of a processor's time.
_SHARE = 0.1
_IGNORED = ("node_modules", "htmlcov", ".coverage*", "*.egg-info", "*.pyc", ".idea", ".vscode")
# Read with the templates, and not part of any function.
_OF_PROJECT = frozenset([".env", "samconfig.toml", "samconfig.yaml", "samconfig.yml"])

Snapshot = dict[Path, tuple[int, int, int]]
Told = Callable[[dict[str, Any]], None]


class Watch:
    """The files of one project, as they are now, and what is done when they change.

    Args:
        up: brings the project up.
        root: the project's folder.
    """

    def __init__(self, up: Up, root: Path) -> None:
        self._up = up
        self._root = root.absolute()
        self._known = self.snapshot()
        self._pending: set[Path] = set()

    def run(self, told: Told, fail: Callable[[str], None]) -> None:
        """Deploy whatever changes, without end, after the project was brought up once.

        Args:
            told: gets the report of each time that something was deployed, with the `files` that changed.
            fail: is told why something could not be deployed; what was there before goes on serving.
        """
        while True:
            now = self._next(self._known)
            self._pending |= {
                path for path in self._known.keys() | now.keys() if self._known.get(path) != now.get(path)
            }
            self._known = now
            try:
                self.deploy(told)
            except SamgenError as error:
                fail(str(error))

    def _next(self, known: Snapshot) -> Snapshot:
        """The files once they have changed, and changed no further: an editor saves in several steps."""
        pause = PERIOD
        while True:
            time.sleep(pause)
            started = time.monotonic()
            now = self.snapshot()
            pause = max(PERIOD, (time.monotonic() - started) / _SHARE)
            if now != known:
                break
        while True:
            time.sleep(SETTLED)
            later = self.snapshot()
            if later == now:
                return now
            now = later

    def snapshot(self) -> Snapshot:
        """Every file that may matter, and what tells that it changed."""
        found: Snapshot = {}
        for _name, file in files(self._root, _IGNORED):
            try:
                status = file.stat()
            except OSError:
                continue
            found[file] = (status.st_mtime_ns, status.st_size, status.st_ino)
        return found

    def deploy(self, told: Told) -> None:
        """Deploy what changed since the last time that this succeeded.

        Raises:
            SamgenError: it cannot be deployed as it is.
        """
        changed = sorted(self._pending)
        _check(self._root, changed)
        report = self._up(sources_only=self._is_code(changed))
        self._pending.clear()
        if report["changed"] or report["removed"]:
            told({**report, "files": [str(path.relative_to(self._root)) for path in changed]})

    def _is_code(self, changed: Iterable[Path]) -> bool:
        """Whether all of it is code of functions, so that templates need not be read again."""
        plan = self._up.plan
        templates = {template.path.resolve() for template in plan.deployment.project.templates}
        folders = [package.folder for package in plan.packages]
        return all(
            path.name not in _OF_PROJECT
            and path.resolve() not in templates
            and any(folder == path or folder in path.resolve().parents for folder in folders)
            for path in changed
        )


def _check(root: Path, changed: Iterable[Path]) -> None:
    """Refuse code that no interpreter would load; without that each call would fail until it is mended.

    Raises:
        InputError: a file in Python is not that.
    """
    for path in changed:
        if path.suffix != ".py" or not path.is_file():
            continue
        try:
            compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
        except SyntaxError as error:
            place = f"{path.relative_to(root)}:{error.lineno}"
            raise InputError(f"{place}: {error.msg}; what was deployed before goes on serving.") from error
        except (OSError, ValueError):
            continue
