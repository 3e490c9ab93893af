"""A project's files as a commit has them, for a project that does not record what was rendered."""

from __future__ import annotations

import shutil
from pathlib import Path

from generator.errors import InputError
from generator.git import GitFailedError, ask
from generator.merge.files import SKIPPED, File
from generator.staging import printable

# A template's files are small; what is larger is the user's, and not to be merged.
_LARGE = 10_000_000
_MOST = 200_000_000


def files_of_commit(project: Path, commit: str) -> dict[str, File]:
    """The regular files that the project's folder has in a commit, by their path from there; nothing is checked out.

    InputError where there is no git, no repository or no such commit.
    """
    told = f"--base {printable(commit)}: there is no such folder"
    if shutil.which("git") is None:
        raise InputError(f"{told}, and git is not installed to look for a commit")
    try:
        # What begins with a dash would be an option.
        name = ask(project, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{commit}^{{commit}}")
        return _read(project, name.decode().strip())
    except (GitFailedError, UnicodeError, ValueError):
        raise InputError(f"{told}, and no such commit that git could read here") from None


def commit_of_generation(project: Path) -> str | None:
    """The commit that `samgen new` has made of the project, shortened; None where none is found."""
    if shutil.which("git") is None:
        return None
    try:
        found = ask(project, "log", "--format=%h %s", "--grep=^Generate .* with samgen [0-9]", "--", ".")
    except GitFailedError:
        return None
    oldest = found.decode("utf-8", "replace").splitlines()[-1:]
    return oldest[0].split(" ")[0] if oldest else None


def _read(project: Path, commit: str) -> dict[str, File]:
    listed = ask(project, "ls-tree", "-r", "-z", "-l", commit)
    wanted: list[tuple[str, str, bool]] = []
    size = 0
    for row in listed.split(b"\0"):
        about, tab, name = row.decode("utf-8").partition("\t")
        if not tab:
            continue
        mode, kind, digest, length = about.split()
        parts = name.split("/")
        if kind == "blob" and mode.startswith("100") and int(length) <= _LARGE and not SKIPPED & set(parts):
            wanted.append((name, digest, mode.endswith("755")))
            size += int(length)
    if size > _MOST:
        raise InputError(f"the commit {commit[:12]} has too many bytes to be a project that samgen has generated")
    held = ask(project, "cat-file", "--batch", stdin="".join(f"{digest}\n" for _, digest, _ in wanted).encode())
    found: dict[str, File] = {}
    place = 0
    for name, _, executable in wanted:
        start = held.index(b"\n", place) + 1
        place = start + int(held[place:start].split()[2])
        found[name] = File(held[start:place], executable)
        place += 1  # the line feed after each
    return found
