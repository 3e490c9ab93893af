"""Doors to the command line: as a process, as users have it, and in this process where many runs are needed."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
IDENTITY = "[user]\n\tname = A Person\n\temail = person@example.com\n"


InProcess = Callable[..., "Run"]


@dataclass(frozen=True)
class Run:
    """What a run came to."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Door:
    """`samgen` in a folder of its own, with a git configuration of its own.

    Attributes:
        folder: the current folder of the runs; empty at first.
        environment: their environment variables.
    """

    folder: Path
    environment: Mapping[str, str]

    def __call__(self, *arguments: str, stdin: str = "", **variables: str) -> Run:
        """Run `samgen` as a process without a terminal."""
        done = subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env={**self.environment, **variables},
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        return Run(done.returncode, done.stdout, done.stderr)

    def command(self, *arguments: str) -> list[str]:
        """The command line of a run."""
        return [sys.executable, "-m", "generator", *arguments]

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Begin a run and go on."""
        return subprocess.Popen(
            self.command(*arguments),
            cwd=self.folder,
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    def listing(self) -> list[str]:
        """The names in the folder, hidden ones too."""
        return names(self.folder)

    def refuses(self, *arguments: str, stdin: str = "") -> str:
        """Run, check that it is refused in the way every refusal is, and return the message."""
        before = self.listing()
        run = self(*arguments, stdin=stdin)
        assert run.code == 2, run
        assert run.out == ""
        assert self.listing() == before
        return message_of(run.err)


def names(folder: Path) -> list[str]:
    """The names in a folder, hidden ones too."""
    return sorted(path.name for path in folder.iterdir())


def message_of(err: str) -> str:
    """The one message on stderr; continuation lines are indented."""
    lines = err.rstrip("\n").split("\n")
    assert lines[0].strip()
    assert all(line.startswith("  ") for line in lines[1:]), err
    assert "Traceback" not in err
    assert all(character.isprintable() or character == "\n" for character in err), ascii(err)
    return err.strip()


def digests(project: Path) -> dict[str, str]:
    """Path and digest of every file of a project, its repository aside."""
    files = (p for p in project.rglob("*") if p.is_file() and ".git" not in p.relative_to(project).parts)
    return {p.relative_to(project).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}
