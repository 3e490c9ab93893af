"""What samgen's template renders, as one digest a project: the same on every machine, or something is wrong.

    python -m scripts.digests                 # print the digest of each project
    python -m scripts.digests --files         # print that of each file; diff shows what two Pythons differ in
    python -m scripts.digests --write         # keep them in tests/regress/digests.json

The projects are the examples, one whose texts are not English, and as many combinations of options as have every choice
once. Snapshots compare what templates mean, whatever the order of keys; this compares bytes, and who may run a file.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import lzma
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from generator.merge.state import RENDERED, record
from generator.regress.axes import own_matrix
from generator.regress.document import read_document
from generator.regress.matrix import Combination
from generator.regress.rendering import Template

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "tests" / "regress" / "digests.json"

# Letters that a locale may fold, sort or encode in a way of its own.
_WORDS = {
    "service": {"name": "words", "description": "İstanbul, Straße, Łódź, 日本語, 😀"},
    "functions": [{"name": "iil"}, {"name": "zeta"}, {"name": "alpha"}],
}


def combinations() -> list[Combination]:
    """The projects whose bytes are kept."""
    examples = sorted((ROOT / "examples").glob("*/samgen.yaml"))
    return [
        *(Combination(path.parent.name, read_document(path), folder=path.parent) for path in examples),
        Combination("words", _WORDS),
        *own_matrix().combinations(1),
    ]


def files(combination: Combination) -> dict[str, str]:
    """The digest of each file of a project as `samgen new` writes it, by name."""
    with tempfile.TemporaryDirectory() as folder:
        project = Template().render(combination, Path(folder))
        record(project)
        return {path.relative_to(project).as_posix(): _digest(path) for path in sorted(_in(project))}


def _in(project: Path) -> Iterator[Path]:
    return (path for path in project.rglob("*") if path.is_file())


def _digest(path: Path) -> str:
    content = path.read_bytes()
    if path.as_posix().endswith(RENDERED):
        # What is in it is samgen's doing; how it is packed is that of the machine's liblzma.
        content = lzma.decompress(content)
    runs = "x" if path.stat().st_mode & 0o100 else "-"
    return f"{runs}{hashlib.sha256(content).hexdigest()[:24]}"


def digests(names: list[str] | None = None) -> dict[str, str]:
    """The digest of each project, or of those that are named."""
    found = {c.name: files(c) for c in combinations() if not names or c.name in names}
    return {name: hashlib.sha256(json.dumps(every).encode()).hexdigest()[:24] for name, every in found.items()}


def main() -> None:
    """Print them, or keep them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", help="projects; by default all")
    parser.add_argument("--files", action="store_true", help="the digest of each file")
    parser.add_argument("--write", action="store_true", help=f"keep the digests in {KEPT.relative_to(ROOT)}")
    arguments = parser.parse_args()
    if arguments.files:
        for combination in combinations():
            if not arguments.names or combination.name in arguments.names:
                sys.stdout.writelines(
                    f"{digest} {combination.name}/{name}\n" for name, digest in files(combination).items()
                )
        return
    text = json.dumps(digests(arguments.names), indent=1) + "\n"
    if arguments.write:
        KEPT.write_text(text, encoding="utf-8", newline="\n")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
