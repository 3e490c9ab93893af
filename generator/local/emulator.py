"""The emulator as a process: found, started on a free loopback port, asked whether it lives, stopped."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from generator.errors import ToolError
from generator.local.aws import Aws
from generator.local.logfile import last_lines, tail
from generator.local.workplace import State, Workplace, read_json, write_whole

COMMAND = "ministack"
HINT = "pip install 'aws-samgen[local]', or 'ministack[full]' and boto3 in an environment of their own"
START_LIMIT = 30.0
STOP_LIMIT = 5.0
_TRIES = 3
_POLL = 0.03
# Written by the emulator's own interpreter, which functions in Python run in as well.
_PROBE = """
import json, sys
from importlib.metadata import version
from ministack.services.cloudformation.provisioners import _RESOURCE_HANDLERS
facts = {"version": version("ministack"), "python": sys.version_info[:2], "types": sorted(_RESOURCE_HANDLERS)}
print(json.dumps(facts))
"""


@dataclass(frozen=True)
class Installation:
    """An installed emulator.

    Attributes:
        executable: its command.
        python: its interpreter.
        version: its version.
        python_version: its interpreter's major and minor version.
        types: the CloudFormation types that it can make.
    """

    executable: Path
    python: Path
    version: str
    python_version: tuple[int, int]
    types: frozenset[str]


def find(workplace: Workplace) -> Installation:
    """The emulator: the one that SAMGEN_EMULATOR names, the one beside samgen, or the one on PATH.

    Raises:
        ToolError: there is none, or none that works.
    """
    executable = _executable()
    python = executable.resolve().parent / "python"
    known = workplace.shared / "emulator.json"
    stamp = [str(executable), executable.stat().st_mtime_ns]
    facts = read_json(known)
    if not isinstance(facts, dict) or facts.get("stamp") != stamp:
        facts = {**_probe(python), "stamp": stamp}
        write_whole(known, json.dumps(facts))
    major, minor = facts["python"]
    return Installation(executable, python, facts["version"], (major, minor), frozenset(facts["types"]))


def _executable() -> Path:
    named = os.environ.get("SAMGEN_EMULATOR")
    if named:
        if not os.access(named, os.X_OK):
            raise ToolError(f"SAMGEN_EMULATOR names {named}, which is no command.")
        return Path(named).absolute()
    beside = Path(sys.executable).parent / COMMAND
    found = str(beside) if os.access(beside, os.X_OK) else shutil.which(COMMAND)
    if found is None:
        raise ToolError(f"The emulator is not installed: {HINT}.")
    return Path(found).absolute()


def _probe(python: Path) -> dict[str, object]:
    try:
        done = subprocess.run(
            [str(python), "-c", _PROBE], capture_output=True, text=True, timeout=START_LIMIT, check=True
        )
        facts: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    except (OSError, subprocess.SubprocessError, ValueError, IndexError) as error:
        raise ToolError(f"The emulator does not work ({_reason(error)}); install it anew: {HINT}.") from error
    return facts


def _reason(error: Exception) -> str:
    stderr = getattr(error, "stderr", None)
    lines = stderr.strip().splitlines() if isinstance(stderr, str) else []
    return lines[-1] if lines else str(error)


def is_alive(state: State, aws: Aws | None = None) -> bool:
    """Whether the emulator of a record answers, and is that one and not another on its port; asked by known clients."""
    if not (state.pid and state.token and _answers(state.port)):
        return False
    known = aws if aws is not None and aws.is_of(state) else Aws(state)
    return known.has_bucket(state.token)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_ministack/health", timeout=2) as response:
            return bool(response.status == 200)  # noqa: PLR2004
    except (OSError, ValueError):
        return False


def start(workplace: Workplace, installation: Installation, account: str, region: str) -> State:
    """Start an emulator with nothing in it, at the address of the one before where that is free.

    Raises:
        ToolError: it does not start.
    """
    before = workplace.load()
    stop(before)
    shutil.rmtree(workplace.data, ignore_errors=True)
    workplace.prepare()
    for attempt in range(_TRIES):
        port = _free_port(before.port if attempt == 0 else 0)
        state = State(0, port, f"samgen-local-{secrets.token_hex(8)}", account, region)
        process = _launch(workplace, installation, state)
        state.pid = process.pid
        try:
            workplace.save(state)
        except BaseException:
            # Without a record nobody would ever end it.
            _signal(process.pid, signal.SIGKILL)
            raise
        if _wait(workplace, process, port):
            Aws(state).make_bucket(state.token)
            return state
    raise ToolError(f"The emulator finds no free port on 127.0.0.1. {last_lines(workplace)}")


def _launch(workplace: Workplace, installation: Installation, state: State) -> subprocess.Popen[bytes]:
    temporary = workplace.data / "tmp"
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG", "USER", "SystemRoot") if name in os.environ},
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(state.port),
        "MINISTACK_ACCOUNT_ID": state.account,
        "MINISTACK_REGION": state.region,
        "AUTH": "true",
        "LAMBDA_EXECUTOR": "local",
        # What fails is tried again as often as on AWS, but not a second and then two later.
        "LAMBDA_ASYNC_RETRY_BASE_SECONDS": "0.2",
        # Ports of other services than the gateway would be the same for every project.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "STATE_DIR": str(workplace.data / "state"),
        "S3_DATA_DIR": str(workplace.data / "s3"),
        "TMPDIR": str(temporary),
        # Functions in Node find the AWS SDK, which Lambda has and the machine has not, where `npm install` puts it.
        "NODE_PATH": str(workplace.project / "node_modules"),
        "PYTHONUNBUFFERED": "1",
    }
    # By the token among its interpreter's options it is told from every other process; Python ignores such an option.
    command = [str(installation.python), "-X", state.token, str(installation.executable)]
    try:
        temporary.mkdir(parents=True, exist_ok=True)
        with workplace.log.open("wb") as log:
            return subprocess.Popen(
                command,
                cwd=workplace.data,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
    except OSError as error:
        raise ToolError(f"The emulator cannot be started ({error.strerror or error}): {HINT}.") from error


def _wait(workplace: Workplace, process: subprocess.Popen[bytes], port: int) -> bool:
    """Wait until it answers; False where it ended because its port was taken meanwhile."""
    deadline = time.monotonic() + START_LIMIT
    while time.monotonic() < deadline:
        if process.poll() is not None:
            if "already in use" in "".join(tail(workplace.log)) or "Address in use" in "".join(tail(workplace.log)):
                return False
            raise ToolError(f"The emulator ended with code {process.returncode} as it started. {last_lines(workplace)}")
        if _answers(port):
            return True
        time.sleep(_POLL)
    _signal(process.pid, signal.SIGKILL)
    raise ToolError(f"The emulator did not answer within {START_LIMIT:.0f} seconds. {last_lines(workplace)}")


def stop(state: State) -> bool:
    """End the emulator of a record with everything that it started; whether there was one."""
    if not _runs(state):
        return False
    _signal(state.pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_LIMIT
    while _runs(state) and time.monotonic() < deadline:
        time.sleep(_POLL)
    # Its own session, so that this ends the functions that it left running, too.
    _signal(state.pid, signal.SIGKILL)
    return True


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def _runs(state: State) -> bool:
    """Whether the process of a record runs and is that emulator: not another one, nor any that got its number since."""
    if not state.pid or not state.token:
        return False
    command = ["ps", "-ww", "-p", str(state.pid), "-o", "stat=,args="]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return state.token in done.stdout and not done.stdout.lstrip().startswith("Z")


def _free_port(wanted: int) -> int:
    for port in (wanted, 0):
        with socket.socket() as probe:
            # As the emulator does: connections that have just ended are in nobody's way.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise ToolError("There is no free port on 127.0.0.1.")
