"""Workers that crash, hang or are interrupted leave neither processes nor noise behind.

Each case runs in a Python of its own, because workers are forked only from one without threads.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sample_projects import sound

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="workers are forked on Linux only")

# Only where silence is tested may little be enough: on a loaded machine, loading cfn-lint alone takes longer.
LITTLE = "patience = 3"

PRELUDE = """
import os, sys, time
from pathlib import Path
from generator.validate import Validator, lint, work
from generator.errors import ToolError
patience = 120
"""
REPORT = """
try:
    with Validator(jobs=2, patience=patience) as validator:
        validator.validate(Path(sys.argv[1]))
except ToolError as error:
    print(error)
"""


def run(code: str, project: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", PRELUDE + code, str(project)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.parametrize(
    ("sabotage", "said"),
    [
        ("lint.Linter.source = lambda *a: os._exit(9)", "cfn-lint ended unexpectedly"),
        ("lint.Linter.expanded = lambda *a: os.abort()", "cfn-lint ended unexpectedly"),
        ("lint.Linter.source = lambda *a: 1 / 0", r"unexpectedly \(ZeroDivisionError"),
        # SAM may be loading still.
        (
            f"{LITTLE}; lint.Linter.source = lambda *a: time.sleep(60)",
            "^cfn-lint (and sam validate )?did not answer within 3 seconds",
        ),
        ("lint.Linter.source = lambda *a: lambda: 0", "cfn-lint ended unexpectedly"),
        ("work.translate = lambda *a: os._exit(1)", "sam validate ended unexpectedly"),
        ("lint.linter = lambda: sys.exit()", "cfn-lint ended unexpectedly"),
    ],
)
def test_a_worker_that_fails(tmp_path: Path, sabotage: str, said: str) -> None:
    done = run(f"{sabotage}\n{REPORT}", sound(tmp_path / "p"))

    assert re.search(said, done.stdout)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_validator_works_again_after_a_failure(tmp_path: Path) -> None:
    code = """
validator = Validator(jobs=2, patience=patience)
original = lint.Linter.source
project = Path(sys.argv[1])
lint.Linter.source = lambda *a: os._exit(9)
validator.close()
try:
    validator.validate(project)
except ToolError:
    lint.Linter.source = original
    print(validator.validate(project).ok, validator.validate(project).ok)
validator.close()
"""
    assert run(code, sound(tmp_path / "p")).stdout == "True True\n"


def test_unused_it_costs_next_to_nothing(tmp_path: Path) -> None:
    code = """
start = time.process_time()
with Validator(jobs=2): pass
print(time.process_time() - start)
try: os.waitpid(-1, os.WNOHANG)
except ChildProcessError: print("no children")
print([name for name in ("yaml", "cfnlint", "samcli", "pydantic") if name in sys.modules])
"""
    seconds, children, modules = run(code, tmp_path).stdout.splitlines()

    assert float(seconds) < 0.5
    assert (children, modules) == ("no children", "[]")


def test_with_threads_nothing_is_forked(tmp_path: Path) -> None:
    code = """
import threading
threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
os.fork = None
print(Validator(jobs=2).validate(Path(sys.argv[1])).ok)
"""
    assert run(code, sound(tmp_path / "p")).stdout == "True\n"


def group_members(session: int) -> list[int]:
    """Processes whose parent chain starts at ours: workers carry the marker in their environment."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if f"SAMGEN_TEST={session}".encode() in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


# Killed without a chance to end them, the workers end by themselves when their task is done; interrupted, long before.
@pytest.mark.parametrize(("how", "task"), [(signal.SIGINT, 120), (signal.SIGKILL, 3)])
def test_interrupted(tmp_path: Path, how: signal.Signals, task: int) -> None:
    code = (
        f"lint.Linter.source = lambda *a: time.sleep({task})"
        + """
try:
    with Validator(jobs=2) as validator:
        print("started", flush=True)
        validator.validate(Path(sys.argv[1]))
except KeyboardInterrupt:
    print("interrupted")
"""
    )
    mark = os.getpid() * 100 + how
    with subprocess.Popen(
        [sys.executable, "-c", PRELUDE + code, str(sound(tmp_path / "p"))],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "SAMGEN_TEST": str(mark)},
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"
        time.sleep(1.0)
        os.killpg(process.pid, how)
        out, err = process.communicate(timeout=60)
    assert err == ""
    assert out == ("interrupted\n" if how is signal.SIGINT else "")
    deadline = time.monotonic() + 60
    while group_members(mark) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert group_members(mark) == []


REVIEW = """
from generator.checks.review import Reviewer
from generator.checks.select import Selection
try:
    with Validator(jobs=2, patience=patience, ahead=False) as validator:
        Reviewer(validator, {}, Selection()).review([Path(sys.argv[1], name) for name in "abcd"])
except ToolError as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("sabotage", "said"),
    [
        ("lint.Linter.source = lambda *a: os._exit(9)", "samgen check ended unexpectedly"),
        ("lint.Linter.source = lambda *a: 1 / 0", r"unexpectedly \(ZeroDivisionError"),
        (f"{LITTLE}; lint.Linter.source = lambda *a: time.sleep(60)", "samgen check did not answer within 3 seconds"),
        ("lint.linter = lambda: sys.exit()", "samgen check ended unexpectedly"),
        # Each template takes long, none of them too long; everything is loaded before the clock runs.
        ("patience = 6; work.load_here(); work.lint = lambda *a: time.sleep(2) or []", "^\n$"),
    ],
)
def test_a_worker_that_fails_with_a_whole_project(tmp_path: Path, sabotage: str, said: str) -> None:
    for name in "abcd":
        sound(tmp_path / name)

    done = run(f"{sabotage}\n{REVIEW}print()", tmp_path)

    assert re.search(said, done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
