"""`make scan`: every scanner over every example, compared with docs/suppressions.md."""

from __future__ import annotations

import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from scripts import examples
from scripts.scan import expanded, tools
from scripts.scan.failure import TABLE, Failure, compare, suppressions

SCANNED = tools.ROOT / "build" / "scan"


def main() -> int:
    """Scan; 0 where everything that is found is listed and everything that is listed is found."""
    projects = [examples.RENDERED / spec.parent.name for spec in examples.specs()]
    missing = [project.name for project in projects if not project.is_dir()]
    if missing:
        print(f"Not rendered: {', '.join(missing)}. Run `make examples` first.", file=sys.stderr)
        return 2
    shutil.rmtree(SCANNED, ignore_errors=True)
    found = [failure for project in projects for failure in _scan(project)]
    found += _repository()
    unlisted, stale = compare(found, suppressions(TABLE.read_text(encoding="utf-8")))
    for failure in unlisted:
        print(f"not listed  {failure}")
    for row in stale:
        print(f"no longer found  {row.tool} {row.rule} {row.place}: remove it from {TABLE.name}")
    print(f"{len(found) - len(unlisted)} failures listed in docs/suppressions.md, {len(unlisted)} not listed.")
    return 1 if unlisted or stale else 0


def _scan(project: Path) -> list[Failure]:
    target = expanded.write(project, SCANNED / project.name)
    with ThreadPoolExecutor(max_workers=2) as pool:
        running = {name: pool.submit(lambda scan: list(scan(target)), scan) for name, scan in tools.SCANNERS.items()}
        results = {name: job.result() for name, job in running.items()}
    for name, failures in results.items():
        print(f"{project.name:10} {name:28} {len(failures)} failures")
    return [replace(failure, project=project.name) for failures in results.values() for failure in failures]


def _repository() -> list[Failure]:
    found = {"yamllint, unrendered": list(tools.unrendered()), "pymarkdown, docs": list(tools.documents())}
    for name, failures in found.items():
        print(f"{'samgen':10} {name:28} {len(failures)} failures")
    return [replace(failure, project="samgen") for failures in found.values() for failure in failures]


if __name__ == "__main__":
    sys.exit(main())
