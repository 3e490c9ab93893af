"""What plays a declared runtime on this machine: the nearest interpreter of the same family that is there."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass

from generator.errors import InputError, ToolError

_RUNTIME = re.compile(r"(?P<family>python|nodejs)(?P<version>[\d.]+)(?:\.x)?")
_LIMIT = 20


@dataclass(frozen=True)
class Player:
    """What plays a runtime.

    Attributes:
        declared: the runtime that the template declares.
        family: `python` or `nodejs`.
        version: the version that plays it: (3, 11), (20,).
    """

    declared: str
    family: str
    version: tuple[int, ...]

    @property
    def build(self) -> str:
        """The runtime that `sam build` is asked for: dependencies have to fit the interpreter that will load them."""
        return f"python{_dotted(self.version)}" if self.family == "python" else self.declared

    @property
    def name(self) -> str:
        """What it is, for a person."""
        return f"{'Python' if self.family == 'python' else 'Node'} {_dotted(self.version)}"

    @property
    def differs(self) -> bool:
        """Whether it is another version than the declared one."""
        match = _RUNTIME.fullmatch(self.declared)
        return match is None or match["version"].removesuffix(".") != _dotted(self.version)


def players(declared: set[str], python: tuple[int, int]) -> dict[str, Player]:
    """What plays each declared runtime.

    Args:
        declared: the runtimes that templates declare.
        python: the version of the emulator's interpreter, in which functions in Python run.

    Raises:
        InputError: a runtime that the emulator cannot play without Docker.
        ToolError: Node is needed and not there.
    """
    found = {}
    node: int | None = None
    for runtime in sorted(declared):
        match = _RUNTIME.fullmatch(runtime)
        if match is None:
            raise InputError(f"The emulator runs functions in Python and Node only, and one declares {runtime}.")
        if match["family"] == "nodejs":
            node = node or _node()
        version = python if match["family"] == "python" else (node or 0,)
        found[runtime] = Player(runtime, match["family"], version)
    return found


def _node() -> int:
    command = shutil.which("node")
    if command is None:
        raise ToolError("Functions in Node need `node` on PATH; install Node.js.")
    try:
        done = subprocess.run([command, "--version"], capture_output=True, text=True, timeout=_LIMIT, check=True)
        return int(done.stdout.strip().lstrip("v").partition(".")[0])
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise ToolError(f"`node --version` fails ({error}); install Node.js anew.") from error


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
