"""The same spec and version give the same bytes, whoever renders where: locale, time zone, umask, hash seed, Python."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.digests import KEPT, ROOT, digests

# Words that are not English, and the largest example.
SOME = ["words", "orders"]


def kept() -> dict[str, str]:
    data: dict[str, str] = json.loads(KEPT.read_text(encoding="utf-8"))
    return data


def test_the_bytes_are_those_that_are_kept() -> None:
    """As continuous integration runs on every Python, and everybody on a machine of their own, they are the same."""
    assert digests() == kept(), "after a change of the template: make snapshots"


def turkish(folder: Path) -> dict[str, str]:
    """A locale whose letters and numbers are others, where it can be made; else the next best."""
    sources = Path("/usr/share/i18n/locales/tr_TR")
    if not (shutil.which("localedef") and sources.is_file()):
        return {"LC_ALL": "C.UTF-8"}
    made = folder / "tr_TR.UTF-8"
    # Warnings are no errors here.
    subprocess.run(["localedef", "-c", "-i", "tr_TR", "-f", "UTF-8", str(made)], capture_output=True, check=False)
    return {"LC_ALL": "tr_TR.UTF-8", "LOCPATH": str(folder)} if made.is_dir() else {"LC_ALL": "C.UTF-8"}


@pytest.mark.parametrize("place", ["bare", "elsewhere"])
def test_surroundings_do_not_matter(place: str, tmp_path: Path) -> None:
    temporary = tmp_path / "tëmp orary"
    temporary.mkdir()
    variables = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "TMPDIR": str(temporary)}
    if place == "bare":
        # No encoding but ASCII, no home, nothing for others to read.
        variables |= {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "TZ": "Pacific/Kiritimati"}
        variables |= {"PYTHONHASHSEED": "1", "HOME": str(tmp_path / "nowhere")}
        folder, mask = Path("/"), 0o077
    else:
        variables |= {**turkish(tmp_path), "TZ": "America/St_Johns", "PYTHONHASHSEED": "4242", "HOME": str(tmp_path)}
        folder, mask = temporary, 0o000

    done = subprocess.run(
        [sys.executable, "-m", "scripts.digests", *SOME],
        cwd=folder,
        env=variables,
        umask=mask,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {name: digest for name, digest in kept().items() if name in SOME}
    assert list(temporary.iterdir()) == []
