"""Runs all tests. Those that run projects in the emulator wait most of their time, so they run beside the others.

    SAMGEN_EMULATOR=.venv-emulator/bin/ministack python -m scripts.run_tests

What they say is shown when the others are done. Exits with 1 where any test fails.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile

PYTEST = (sys.executable, "-m", "pytest", "-n", "auto")
LIVE = ("--dist", "loadfile", "-m", "live", "tests/local")
OTHERS = ("--dist", "worksteal", "-m", "not live")


def main() -> int:
    """Run them; the exit code."""
    with tempfile.TemporaryFile() as said:
        live = subprocess.Popen([*PYTEST, *LIVE], stdout=said, stderr=subprocess.STDOUT)
        others = subprocess.Popen([*PYTEST, *OTHERS])
        # Ctrl-C reaches them, too: each ends by itself and tells what it has seen.
        while others.poll() is None or live.poll() is None:
            with contextlib.suppress(KeyboardInterrupt):
                others.wait()
                live.wait()
        said.seek(0)
        sys.stdout.write(said.read().decode("utf-8", "replace"))
        return int(bool(others.returncode or live.returncode))


if __name__ == "__main__":
    sys.exit(main())
