"""Times `samgen regress` against the same work by hand, and over more and more combinations, in one run.

As in new.py, whole processes are timed, here once each: a run lasts minutes, and what is compared is far apart. By hand
means a process of cookiecutter for each project, and of `sam validate` and `sam validate --lint` for each template of
it; that is measured on a few combinations and multiplied, as all of them would take an hour.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from shutil import copy2, copytree
from typing import Any

import yaml
from new import BIN, ENVIRONMENT, REPOSITORY, cookiecutter, machine, progress, run, seconds

from generator.paths import PROJECT_FOLDER
from generator.regress.cache import Cache
from generator.regress.matrix import Combination
from generator.regress.plan import plan
from generator.regress.rendering import Template

PROCESSORS = 2
COLD, WARM = 25.0, 200.0
"""How many times as many combinations as by hand must be done in the same time."""
FLAT = 1.3
"""What memory may grow by from 200 to 2,000 combinations."""
LEVEL = 1.1
"""What the time of one combination may grow by from 20 to 200 and 2,000; less cannot be told from chance."""
SHARDS = 4
SNAPSHOTS = REPOSITORY / "tests" / "regress" / "snapshots"
# Every pair of these two is 2,001 combinations, of which no two have the same function.
MEMORY = range(128, 128 + 64 * 69, 64)
TIMEOUT = range(1, 30)
_INTERVAL = 0.2


@dataclass(frozen=True)
class Run:
    """One run of samgen.

    Attributes:
        seconds: from start to exit.
        report: the report, as `--format json` gives it.
        parent: the most memory of the process itself, in megabytes.
        worker: the most memory of any process that it started.
        busy: seconds that processors worked on all of them.
    """

    seconds: float
    report: dict[str, Any]
    parent: float
    worker: float
    busy: float

    @property
    def number(self) -> int:
        """How many combinations there were."""
        return len(self.report["combinations"])

    @property
    def each(self) -> float:
        """Seconds a combination."""
        return self.seconds / self.number

    @property
    def work(self) -> float:
        """Seconds of a processor a combination: what is left of it where others share the machine."""
        return self.busy / self.number


@dataclass
class Watch:
    """Looks at a process and at all below it until it ends: how much memory they had at most, how long they worked."""

    process: subprocess.Popen[str]
    peaks: dict[int, float] = field(default_factory=dict)
    busy: dict[int, float] = field(default_factory=dict)

    def look(self) -> None:
        """Look until the process has ended."""
        while self.process.poll() is None:
            for number in _family(self.process.pid):
                if peak := _peak(number):
                    self.peaks[number] = peak
                    self.busy[number] = max(_worked(number), self.busy.get(number, 0.0))
            time.sleep(_INTERVAL)


def _family(number: int) -> Iterator[int]:
    yield number
    try:
        children = Path(f"/proc/{number}/task/{number}/children").read_text("ascii").split()
    except OSError:  # it has just ended
        return
    for child in children:
        yield from _family(int(child))


def _peak(number: int) -> float:
    try:
        found = re.search(r"^VmHWM:\s*(\d+) kB", Path(f"/proc/{number}/status").read_text("ascii", "replace"), re.M)
    except OSError:
        return 0.0
    return int(found[1]) / 1024 if found else 0.0


def _worked(number: int) -> float:
    try:
        # The name may have spaces; after it the state is the third field, time as user and system the 14th and 15th.
        fields = Path(f"/proc/{number}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def samgen(folder: Path, *options: str | Path, source: Path = REPOSITORY) -> Run:
    """Run `samgen regress` of a checkout to its end, whatever it finds; one that fails ends the benchmark."""
    report = folder / f"{time.monotonic_ns()}.json"
    command = [sys.executable, "-m", "generator", "regress", "--format", "json", "--output", report, *options]
    start = time.perf_counter()
    process = subprocess.Popen(
        [str(part) for part in command],
        cwd=folder,
        env={**ENVIRONMENT, "PYTHONPATH": str(source)},
        stderr=subprocess.PIPE,
        text=True,
    )
    watch = Watch(process)
    thread = threading.Thread(target=watch.look)
    thread.start()
    said = process.communicate()[1]
    spent = time.perf_counter() - start
    thread.join()
    if process.returncode not in (0, 4):
        sys.exit(f"{' '.join(map(str, command))} ended with {process.returncode}:\n{said}")
    own = watch.peaks.pop(process.pid, 0.0)
    worker = max(watch.peaks.values(), default=0.0)
    return Run(spent, json.loads(report.read_text("utf-8")), own, worker, sum(watch.busy.values()))


def by_hand(combinations: Sequence[Combination]) -> float:
    """Seconds a combination by hand: the mean of a sample.

    Cookiecutter renders what it can render without samgen's hooks, the project's own folder. What is validated is the
    whole project, rendered beforehand.
    """
    spent = 0.0
    for number, combination in enumerate(combinations, start=1):
        progress(f"(a) by hand: {number} of {len(combinations)}")
        with tempfile.TemporaryDirectory(prefix="samgen-bench-") as folder:
            project = Template().render(combination, Path(folder))
            templates = sorted(p for p in project.rglob("template.yaml") if ".samgen" not in p.parts)
            spent += seconds(cookiecutter)
            start = time.perf_counter()
            for template in templates:
                run(BIN / "sam", "validate", "--template", template, cwd=project)
                run(BIN / "sam", "validate", "--lint", "--template", template, cwd=project)
            spent += time.perf_counter() - start
    progress("")
    return spent / len(combinations)


def row(*cells: str) -> None:
    """Print a row of the table."""
    print(f"| {' | '.join(cells)} |", flush=True)


def rates(folder: Path, parts: int, sample: int) -> bool:
    """(a) samgen's own matrix, every three choices together: by hand, cold, warm, and after a change of one stack."""
    combinations = plan(Template().matrix(None), 3, SNAPSHOTS, Cache(None))
    cookiecutter(_empty(folder / "first"))  # reads from disk what all others find in memory
    hand = by_hand([combinations[(2 * n + 1) * len(combinations) // (2 * sample)] for n in range(sample)])
    options: list[str | Path] = ["--strength", "3", "--snapshots", SNAPSHOTS, "--cache", folder / "rates"]
    options += _part(parts)
    cold = samgen(folder, *options)
    warm = samgen(folder, *options)
    changed = samgen(folder, *options, source=_with_another_stack(folder / "changed"))
    row("(a)", f"by hand, {sample} measured", f"{hand:.2f} s each", "1.00", "-", "-")
    kept = True
    for name, done, bound in (("cold", cold, COLD), ("warm", warm, WARM)):
        ratio = hand / done.each
        kept = kept and ratio >= bound
        what = f"{done.number} {name}, of {hand * done.number / 60:.0f} minutes by hand"
        row("(a)", what, f"{done.seconds:.1f} s", f"{ratio:.1f}", f"at least {bound:.0f}", _said(ratio >= bound))
    what = f"{changed.number} after a change of one stack"
    row("(a)", what, f"{changed.seconds:.1f} s", f"{hand / changed.each:.1f}", "-", "-")
    return kept


def scale(folder: Path, parts: int) -> bool:
    """(b) from 20 to 2,000 combinations: time of processors, whatever else they do, and memory."""
    matrix = _large_matrix(folder)
    plans = folder / "planned"
    start = time.perf_counter()
    run(BIN / "samgen", "regress", "--list", "--matrix", matrix, "--cache", plans, cwd=folder)
    planning = time.perf_counter() - start
    runs: list[Run] = []
    for part in (100 * parts, 10 * parts, parts):
        cache = folder / f"scale-{part}"
        copytree(plans, cache)
        progress(f"(b) one of {part} parts")
        runs.append(samgen(folder, "--matrix", matrix, "--cache", cache, *_part(part)))
    progress("")
    few, some, many = runs
    row("(b)", f"planning of {len(MEMORY) * len(TIMEOUT)} combinations", f"{planning:.1f} s", "-", "-", "-")
    for each in runs:
        what = f"{each.number} cold, {each.each:.2f} s each: {each.parent:.0f} MB, its processes {each.worker:.0f} MB"
        row("(b)", what, f"{each.work:.2f} s of a processor each", f"{each.work / few.work:.2f}", "-", "-")
    planned = many.work + planning / many.number
    bounds = (
        (f"time of a processor: {some.number} and {few.number}", some.work / few.work, LEVEL),
        (f"{many.number}, planning too, and {few.number}", planned / few.work, LEVEL),
        (f"{many.number} and {some.number}, both planned", many.work / some.work, LEVEL),
        (f"memory of {many.number} and {some.number}", many.parent / some.parent, FLAT),
        ("memory of their processes", many.worker / some.worker, FLAT),
    )
    for what, ratio, bound in bounds:
        row("(b)", what, "-", f"{ratio:.2f}", f"at most {bound:.2f}", _said(ratio <= bound))
    return all(ratio <= bound for _, ratio, bound in bounds)


def shards(folder: Path) -> bool:
    """(c) shards with caches of their own, side by side, come to what a single run comes to."""
    snapshots = _other_snapshots(folder)
    options: list[str | Path] = ["--strength", "3", "--snapshots", snapshots, "--jobs", "1"]
    whole = samgen(folder, *options, "--cache", folder / "rates")
    found: list[Run] = []

    def work(number: int) -> None:
        cache = folder / f"shard-{number}"
        found.append(samgen(folder, *options, "--cache", cache, "--shard", f"{number}/{SHARDS}"))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(1, SHARDS + 1)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spent = time.perf_counter() - start
    equal = len(found) == SHARDS and _union([each.report for each in found]) == _union([whole.report])
    what = f"{whole.number} in {SHARDS} shards: {len(whole.report['changes'])} changes, "
    row("(c)", f"{what}{len(whole.report['findings'])} findings", f"{spent:.1f} s", "-", "as one run", _said(equal))
    return equal


def _union(reports: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What reports say, whichever of them says it."""
    told: dict[str, set[str]] = {"findings": set(), "changes": set(), "refused": set()}
    for report in reports:
        for kind, texts in told.items():
            for entry in report[kind]:
                # The line of a finding is that of the first combination, of which each report has another.
                rest = {key: value for key, value in entry.items() if key not in ("combinations", "line", "column")}
                texts.update(f"{name}: {json.dumps(rest, sort_keys=True)}" for name in entry["combinations"])
    names = sorted(name for report in reports for name in report["combinations"])
    sides = {side: sorted(name for report in reports for name in report[side]) for side in ("added", "removed")}
    return {"combinations": names, **sides, **told}


def _large_matrix(folder: Path) -> Path:
    """A matrix file whose two axes of a function give each combination one of its own."""
    path = folder / "large.yaml"
    axes = {
        f"function.{option}": {str(value): {"functions": [{"name": "hello", option: value}]} for value in values}
        for option, values in (("memory_size", MEMORY), ("timeout", TIMEOUT))
    }
    path.write_text(yaml.safe_dump({"axes": axes}), "utf-8")
    return path


def _other_snapshots(folder: Path) -> Path:
    """Snapshots to which the template of today is different, so that there is something to tell."""
    other = folder / "snapshots"
    copytree(SNAPSHOTS, other)
    # As if each section of each file had a part less: whole files and tables are parts, too.
    for path in (other / "parts").iterdir():
        data = json.loads(path.read_text("utf-8"))
        for entries in data.values():
            entries.popitem()
        path.write_text(json.dumps(data), "utf-8")
    return other


def _with_another_stack(folder: Path) -> Path:
    """A copy of samgen whose monitoring stack says something else; whatever else depends on it is as it was."""
    for name in ("generator", PROJECT_FOLDER, "runtimes", "hooks"):
        copytree(REPOSITORY / name, folder / name)
    copy2(REPOSITORY / "cookiecutter.json", folder)
    stack = folder / PROJECT_FOLDER / "stacks" / "monitoring" / "template.yaml"
    text = stack.read_text("utf-8")
    stack.write_text(text.replace("Monitoring of ", "What watches ", 1), "utf-8")
    if stack.read_text("utf-8") == text:
        sys.exit(f"{stack} has no description to change")
    return folder


def _part(parts: int) -> tuple[str, ...]:
    return ("--shard", f"1/{parts}") if parts > 1 else ()


def _empty(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _said(kept: bool) -> str:
    return "pass" if kept else "FAIL"


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="Time samgen regress against the same work by hand.")
    parser.add_argument("--only", default="abc", metavar="LETTERS", help="comparisons to run, such as 'a'")
    parser.add_argument(
        "--parts", type=int, default=1, metavar="N", help="one of N parts of the matrix in (a) and (b), to try it"
    )
    parser.add_argument("--sample", type=int, default=3, help="combinations that are done by hand (default: 3)")
    options = parser.parse_args()
    if options.sample < 1 or not 1 <= options.parts <= 10:  # noqa: PLR2004 - two combinations are left of twenty
        parser.error("--sample must be at least 1, and --parts 1 to 10")
    return options


def main() -> int:
    """Measure, print the table, and return 1 when a bound is not kept."""
    options = arguments()
    if hasattr(os, "sched_setaffinity"):  # inherited by whatever is run
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:PROCESSORS])
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"{machine()} {PROCESSORS} of them used; load before the start {load}.")
    print("By hand is measured on a sample and multiplied. Every figure is of one run.\n")
    print("| | what | measured | ratio | bound | verdict |")
    print("|---|---|---:|---:|---:|---|")
    kept = True
    with tempfile.TemporaryDirectory(prefix="samgen-bench-") as name:
        folder = Path(name)
        if "a" in options.only:
            kept = rates(folder, options.parts, options.sample) and kept
        if "b" in options.only:
            kept = scale(folder, options.parts) and kept
        if "c" in options.only:
            kept = shards(folder) and kept
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
