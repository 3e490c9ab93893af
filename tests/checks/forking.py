"""Runs `samgen` in processes that have everything loaded already: loading takes longer than most runs."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# By the clock, only so that what waits for something forever ends.
SECONDS = 300
# Reads command lines and limits, one a line; each runs in a process of its own, forked from this one.
SERVER = """
import json, os, resource, signal, sys
from generator.cli import main
from generator.checks import load_rules
from generator.validate.work import load_here
load_here()
load_rules()
for line in sys.stdin:
    order = json.loads(line)
    child = os.fork()
    if not child:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for number in (1, 2):
            os.dup2(os.open(order["files"][number - 1], os.O_WRONLY), number)
        for name, amount in order["limits"].items():
            resource.setrlimit(getattr(resource, name), (amount, amount))
        signal.alarm(order["seconds"])
        sys.argv = ["samgen", *order["arguments"]]
        main()
        sys.exit(0)
    _, status = os.waitpid(child, 0)
    print(os.waitstatus_to_exitcode(status), flush=True)
"""


@dataclass
class Answer:
    """What a run came to; the code is negative where a signal ended it."""

    code: int
    out: str
    err: str


class Forks:
    """The process that others are forked from; it starts with the first of them."""

    def __init__(self) -> None:
        self._server: subprocess.Popen[str] | None = None

    def run(self, *arguments: str, **limits: int) -> Answer:
        """Run `samgen`, with limits by the names of the resource module."""
        if self._server is None:
            command = [sys.executable, "-c", SERVER]
            self._server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        with tempfile.TemporaryDirectory() as folder:
            files = [Path(folder, name) for name in ("out", "err")]
            for file in files:
                file.touch()
            order: dict[str, Any] = {"arguments": arguments, "limits": limits, "files": list(map(str, files))}
            order["seconds"] = SECONDS
            print(json.dumps(order), file=self._server.stdin, flush=True)
            code = self._server.stdout.readline()
            assert code, "the process that others are forked from is gone"
            return Answer(int(code), *(file.read_bytes().decode() for file in files))

    def end(self) -> None:
        """End it."""
        if self._server is not None:
            self._server.communicate()
