"""`make test` looks for a browser, and goes on without one."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "browser.sh"
BASH = shutil.which("bash")

pytestmark = pytest.mark.skipif(BASH is None, reason="bash is not installed")


def run(folder: Path, **programs: str) -> subprocess.CompletedProcess[str]:
    """Run the script where only these programs are."""
    for name, text in programs.items():
        program = folder / name.replace("_", "-")
        program.write_text(f"#!{BASH}\n{text}\n", encoding="utf-8")
        program.chmod(0o755)
    return subprocess.run(
        [str(BASH), str(SCRIPT)], env={"PATH": str(folder)}, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("name", ["chromium", "chromium_browser", "google_chrome"])
def test_a_browser_that_is_there_is_taken(tmp_path: Path, name: str) -> None:
    done = run(tmp_path, **{name: "exit 9"})

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_without_one_it_says_how_to_get_one(tmp_path: Path) -> None:
    done = run(tmp_path)

    assert done.returncode == 1
    assert done.stdout.count("\n") == 1
    assert "install" in done.stdout


@pytest.mark.skipif(os.geteuid() != 0, reason="only root installs")
@pytest.mark.parametrize(("exit_code", "expected"), [(0, 0), (100, 1)])
def test_root_has_it_installed(tmp_path: Path, exit_code: int, expected: int) -> None:
    asked = tmp_path / "asked"
    done = run(
        tmp_path,
        apt_get=f'echo "$*" >> {asked}; [[ "$1" == update ]] || exit {exit_code}',
        timeout='shift; "$@"',
    )

    assert done.returncode == expected
    assert [line.split()[0] for line in asked.read_text("utf-8").splitlines()] == ["update", "install"]
    assert "chromium" in asked.read_text("utf-8")
