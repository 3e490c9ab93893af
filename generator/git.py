"""A new project's first commit, with whatever git the user has, and questions to a repository.

The user's hooks, templates, signing and filters are kept out: the commit must not depend on them, hang in
them or leave their files behind. A repository is a convenience, so nothing here fails a generation: the
result says why there is no commit.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

BRANCH = "main"
_TIMEOUT = 60

# Settings that could run a program, wait for a person, skip a file or start a daemon.
_PLAIN = (
    f"init.defaultBranch={BRANCH}",
    f"core.hooksPath={os.devnull}",
    "core.fsmonitor=false",
    "core.excludesFile=",
    f"core.attributesFile={os.devnull}",
    "core.safecrlf=false",
    "commit.gpgSign=false",
    "gc.auto=0",
    "maintenance.auto=false",
    # Without it git makes an identity up from the host's name.
    "user.useConfigOnly=true",
)

# `git rev-parse --local-env-vars`: they point at the repository from whose hook or alias samgen was called.
_LOCAL = frozenset(
    [
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_CONFIG",
        "GIT_CONFIG_COUNT",
        "GIT_CONFIG_PARAMETERS",
        "GIT_DIR",
        "GIT_GRAFT_FILE",
        "GIT_IMPLICIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_INTERNAL_SUPER_PREFIX",
        "GIT_NO_REPLACE_OBJECTS",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
        "GIT_REPLACE_REF_BASE",
        "GIT_SHALLOW_FILE",
        "GIT_WORK_TREE",
    ]
)


@dataclass(frozen=True)
class Repository:
    """What became of the project's repository.

    Attributes:
        initialized: whether the project is a repository of its own.
        commit: the first commit's id, or None where there is none.
        reason: why there is no commit, or what is to be known about it.
    """

    initialized: bool
    commit: str | None
    reason: str | None

    def as_json(self) -> dict[str, object]:
        """The result as JSON-ready data, keys as the attributes are named."""
        return asdict(self)


def no_repository(reason: str) -> Repository:
    """The result where no repository was made."""
    return Repository(initialized=False, commit=None, reason=reason)


def first_commit(project: Path, message: str) -> Repository:
    """Make the folder a repository with one commit of everything in it, unless it stands in one already.

    All or nothing: where the commit fails, the folder is left as it was.
    """
    if shutil.which("git") is None:
        return no_repository("git is not installed")
    try:
        return _first_commit(project, message)
    except GitFailedError as failure:
        _remove_repository(project)
        return no_repository(str(failure))
    except BaseException:
        _remove_repository(project)
        raise


class GitFailedError(Exception):
    """A git command failed; the text says which and why."""


def _first_commit(project: Path, message: str) -> Repository:
    if reason := _surroundings(project.parent):
        return no_repository(reason)
    _git(project, "init", "--quiet", "--template=")
    # Asked inside the repository, as a configuration may name an identity for a part of the disk only.
    for role in ("AUTHOR", "COMMITTER"):
        if _run(project, "var", f"GIT_{role}_IDENT").returncode != 0:
            _remove_repository(project)
            return no_repository("git does not know your name and e-mail address: set user.name and user.email")
    _git(project, "add", "--all", "--", ".")
    _git(project, "commit", "--quiet", "--no-verify", "--no-gpg-sign", f"--message={message}")
    commit = _git(project, "rev-parse", "HEAD").strip()
    wants_signature = _run(project, "config", "--type=bool", "--get", "commit.gpgSign", plain=False).stdout.strip()
    return Repository(True, commit, "the first commit is not signed" if wants_signature == "true" else None)


def _surroundings(folder: Path) -> str | None:
    """Why no repository may be made below the folder, or None."""
    done = _run(folder, "rev-parse", "--absolute-git-dir")
    if done.returncode == 0:
        return "the folder is inside a git repository already"
    if "not a git repository" in done.stderr:
        return None
    return _reason("rev-parse", done.stderr)


def _git(folder: Path, *arguments: str) -> str:
    done = _run(folder, *arguments)
    if done.returncode != 0:
        raise GitFailedError(_reason(arguments[0], done.stderr))
    return done.stdout


def ask(folder: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    """What git answers in a folder; nothing is fetched, and none of the user's programs run.

    GitFailedError where it fails, cannot be run or takes too long.
    """
    done = _started(folder, arguments, plain=True, stdin=stdin)
    if done.returncode != 0:
        raise GitFailedError(_reason(arguments[0], done.stderr.decode("utf-8", "backslashreplace")))
    return done.stdout


def _run(folder: Path, *arguments: str, plain: bool = True) -> subprocess.CompletedProcess[str]:
    done = _started(folder, arguments, plain=plain)
    said, error = (
        text.decode("utf-8", "backslashreplace").replace("\r\n", "\n") for text in (done.stdout, done.stderr)
    )
    return subprocess.CompletedProcess(done.args, done.returncode, said, error)


def _started(
    folder: Path, arguments: Sequence[str], *, plain: bool, stdin: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    settings = [part for setting in _PLAIN if plain for part in ("-c", setting)]
    environment = {key: value for key, value in os.environ.items() if key not in _LOCAL}
    # One language to read its answers in, never a question, and no network.
    environment |= {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_ATTR_NOSYSTEM": "1", "GIT_NO_LAZY_FETCH": "1"}
    try:
        return subprocess.run(
            ["git", *settings, *arguments],
            cwd=folder,
            env=environment,
            input=stdin,
            capture_output=True,
            timeout=_TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise GitFailedError(f"git {arguments[0]} did not end within {_TIMEOUT} seconds") from None
    except OSError as error:
        raise GitFailedError(f"git cannot be run: {error.strerror}") from None


def _reason(command: str, stderr: str) -> str:
    """The last line that git said, without characters that a terminal would act on."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    said = "".join(c for c in lines[-1] if c.isprintable()) if lines else "without saying why"
    return f"git {command} failed: {said[:200]}"


def _remove_repository(project: Path) -> None:
    shutil.rmtree(project / ".git", ignore_errors=True)
