"""How many samples and mutations each id of the catalogue has: the table in docs/catalogue.md.

`python tests/checks/catalogue_table.py` writes it.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sample_files import samples

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "catalogue.md"
CONFORMANCE = ROOT / "tests" / "conformance"
COMMAND = "python tests/checks/catalogue_table.py"
BEGIN = f"<!-- {COMMAND} writes what follows -->"
END = "<!-- as far as here -->"
_ID = re.compile(r"^\| (SG\d{3}) \|", re.MULTILINE)


@dataclass(frozen=True)
class Counts:
    """How many good samples, bad samples and mutations an id has."""

    good: int = 0
    bad: int = 0
    mutations: int = 0


def catalogue_ids() -> list[str]:
    """The ids of the catalogue's own table, in its order."""
    return list(dict.fromkeys(_ID.findall(PAGE.read_text("utf-8").partition(BEGIN)[0])))


def counts() -> dict[str, Counts]:
    """The counts of each id that has any."""
    good = Counter(sample.rule for sample in samples() if sample.good)
    bad = Counter(sample.rule for sample in samples() if not sample.good)
    mutated = Counter(_mutated())
    return {name: Counts(good[name], bad[name], mutated[name]) for name in {*good, *bad, *mutated}}


def _mutated() -> Iterator[str]:
    if str(CONFORMANCE) not in sys.path:
        sys.path.append(str(CONFORMANCE))
    for file in sorted(CONFORMANCE.glob("mutations_*.py")):
        for mutation in importlib.import_module(file.stem).MUTATIONS:
            yield str(mutation.rule)


def table() -> str:
    """The table."""
    every = counts()
    rows = [(name, every.get(name, Counts())) for name in catalogue_ids()]
    lines = [f"| `{name}` | {of.good} | {of.bad} | {of.mutations} |" for name, of in rows]
    total = [sum(getattr(of, key) for _, of in rows) for key in ("good", "bad", "mutations")]
    lines.append(f"| together | {total[0]} | {total[1]} | {total[2]} |")
    return "\n".join(["| id | good samples | bad samples | mutations |", "|---|---:|---:|---:|", *lines])


def edited(text: str) -> str:
    """The page with the table as it must be."""
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    return f"{before}{BEGIN}\n\n{table()}\n\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(edited(PAGE.read_text("utf-8")), encoding="utf-8")
