"""Which combinations a change of the template can reach: those that have a file which is rendered from what changed."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from generator.errors import InputError
from generator.regress.rendering import Template
from generator.regress.store import Snapshots

_SECONDS = 60
# Of samgen's own repository: what has no part in what is rendered or found.
_APART = {"tests", "docs", "benchmarks", "scripts", ".github", ".ci", "examples", "README.md", "CHANGELOG.md"}


def reached(template: Template, revision: str, snapshots: Snapshots, names: Sequence[str]) -> set[str]:
    """The names of the combinations to run; those without a snapshot always are.

    Args:
        template: what renders.
        revision: what git compares the template with, as it stands in the working tree.
        snapshots: which files each combination has.
        names: every combination.

    Raises:
        InputError: git knows no such revision, or the template is in no repository.
    """
    root, folder = template.folders()
    fresh = {name for name in names if name not in snapshots.parts}
    chosen: set[str] = set(fresh)
    for path in _changed(root, revision):
        if template.root is None and path.parts[0] in _APART:
            continue
        file = path.relative_to(folder).as_posix() if path.is_relative_to(folder) else ""
        having = {name for name in names if name not in fresh and file in snapshots.parts[name].files}
        # What no combination has by that name may be rendered into anything: a hook, a default, a name that is a value.
        if not having:
            return set(names)
        chosen |= having
    return chosen


def _changed(root: Path, revision: str) -> Iterable[Path]:
    """The files below a folder that are not as in a revision, from there; those that git does not know, too."""
    if revision.startswith("-"):
        raise InputError(f"{revision!r} is no revision.")
    known = _git(root, "diff", "--name-only", "--relative", "-z", "--no-renames", revision, "--", ".")
    unknown = _git(root, "ls-files", "--others", "--exclude-standard", "-z")
    return [Path(name) for name in f"{known}{unknown}".split("\0") if name]


def _git(root: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments],
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise InputError(f"--since needs git, which cannot be run: {error}.") from None
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["no reason given"])[0]
        raise InputError(f"--since asks git in {root}, which says: {said}")
    return done.stdout
