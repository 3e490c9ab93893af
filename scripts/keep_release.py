"""Keeps what a release renders, so that a test updates its projects for as long as there are later releases.

    python -m scripts.keep_release                            # this checkout, as the release that it is
    python -m scripts.keep_release --checkout FOLDER          # another checkout of this repository
    python -m scripts.keep_release --spec FILE ...            # other specs than the examples

Writes tests/merge/releases/<version>-<commit>-<service>.tar.xz, in the form of a project's own record: the release's
record byte for byte or, of one that had none yet, its files with the version 0. The same release gives the same bytes.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from generator.merge.state import RENDERED, Rendered, pack, rendered_files
from generator.merge.versions import UNKNOWN

ROOT = Path(__file__).resolve().parents[1]
RELEASES = ROOT / "tests" / "merge" / "releases"


def keep(checkout: Path, spec: Path) -> Path:
    """Render a spec with a checkout's samgen, and keep the result; returns the file."""
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
    options = ["--no-input", "--no-git", "--skip-validation", "--spec", str(spec)]
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "generator", "new", *options, "--output-dir", folder]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"{spec}: {done.stderr}")
        (project,) = Path(folder).iterdir()
        record = project / RENDERED
        data = record.read_bytes() if record.is_file() else pack(Rendered(UNKNOWN, rendered_files(project)))
        file = RELEASES / f"{_version(checkout)}-{_commit(checkout)}-{project.name}.tar.xz"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(data)
    return file


def _version(checkout: Path) -> str:
    code = "import generator; print(generator.__version__)"
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
    return subprocess.check_output([sys.executable, "-c", code], cwd=checkout, env=environment, text=True).strip()


def _commit(checkout: Path) -> str:
    return subprocess.check_output(["git", "rev-parse", "--short=7", "HEAD"], cwd=checkout, text=True).strip()


def main() -> None:
    """Keep the examples, or the specs that are named, of this checkout or another."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--checkout", type=Path, default=ROOT, help="a checkout of the release (this one)")
    parser.add_argument("--spec", type=Path, action="append", help="a samgen.yaml (the release's examples)")
    arguments = parser.parse_args()
    checkout = arguments.checkout.resolve()
    for spec in arguments.spec or sorted(checkout.glob("examples/*/samgen.yaml")):
        print(keep(checkout, spec.resolve()).relative_to(ROOT))


if __name__ == "__main__":
    main()
