"""Renders with every Python that can be found, each with an environment of its own, and compares the bytes.

    python -m scripts.pythons                  # those on PATH and of pyenv, from 3.10 on
    python -m scripts.pythons python3.14 ...   # these

Environments are kept in build/pythons/. Exits with 1 where two Pythons render different bytes; the lists of digests
that stand beside the environments say which file it is.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "build" / "pythons"
OLDEST = (3, 10)
_ASK = "import sys; print(*sys.version_info[:3], sys.implementation.name)"


def found() -> Iterator[str]:
    """The commands that may start a Python."""
    for place in os.get_exec_path():
        if Path(place).is_dir():
            yield from (str(p) for p in sorted(Path(place).iterdir()) if re.fullmatch(r"python3(\.\d+)?", p.name))
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from map(str, sorted(pyenv.glob("versions/*/bin/python")))


def usable(commands: list[str]) -> dict[str, str]:
    """One command for each version of Python that samgen runs on, by version."""
    versions: dict[tuple[int, ...], str] = {}
    for command in commands:
        done = subprocess.run([command, "-c", _ASK], capture_output=True, text=True, check=False)
        words = done.stdout.split()
        if done.returncode or words[3:] != ["cpython"]:
            continue
        version = tuple(map(int, words[:3]))
        if version >= OLDEST:
            versions.setdefault(version, command)
    return {".".join(map(str, version)): versions[version] for version in sorted(versions)}


def environment(version: str, command: str) -> Path:
    """The Python of an environment that has what samgen needs to run, of the versions that the tests run with."""
    folder = FOLDER / version
    python, ready = folder / "bin" / "python", folder / "ready"
    wanted = (ROOT / "constraints.txt").read_text("utf-8") + (ROOT / "pyproject.toml").read_text("utf-8")
    if not ready.is_file() or ready.read_text("utf-8") != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([command, "-m", "venv", str(folder)], check=True)
        options = ["--quiet", "--disable-pip-version-check", "-c", "constraints.txt", "-e", "."]
        subprocess.run([str(python), "-m", "pip", "install", *options], cwd=ROOT, check=True)
        ready.write_text(wanted, "utf-8")
    return python


def main() -> None:
    """Compare them all with the first."""
    pythons = usable(sys.argv[1:] or list(found()))
    if not pythons:
        sys.exit("No Python from 3.10 on was found: name one.")
    listings: dict[str, str] = {}
    for version, command in pythons.items():
        python = environment(version, command)
        done = subprocess.run(
            [str(python), "-m", "scripts.digests", "--files"], cwd=ROOT, capture_output=True, text=True, check=False
        )
        if done.returncode:
            sys.exit(f"Python {version}: {done.stderr}")
        listings[version] = done.stdout
        (FOLDER / f"{version}.txt").write_text(done.stdout, "utf-8")
        print(f"Python {version:<8} {done.stdout.count(chr(10))} files")
    first = next(iter(listings))
    different = [version for version, listing in listings.items() if listing != listings[first]]
    if different:
        names = ", ".join(different)
        sys.exit(f"Not as with {first}: {names}. Compare {FOLDER.relative_to(ROOT)}/{first}.txt with theirs.")
    print(f"The same bytes with {len(listings)} Pythons.")


if __name__ == "__main__":
    main()
