"""Times samgen against the same work by hand, side by side in one run.

Whole processes are timed, as a user meets them. The commands of a comparison take turns (A B A B …) after one
turn each that does not count, so that neither a warm cache nor a machine that slows down favours one of them.
README.md beside this file says how to read the table.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median

REPOSITORY = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
ENVIRONMENT = {**os.environ, "SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": "us-west-2"}
FEWEST_RUNS = 7

Work = Callable[[Path], None]
"""What is timed: it is given an empty folder of its own each time."""


@dataclass(frozen=True)
class Candidate:
    """One side of a comparison; without a bound it is measured only."""

    label: str
    work: Work
    bound: float | None = None


@dataclass(frozen=True)
class Comparison:
    """Candidates that take turns; the first is what the others are divided by."""

    letter: str
    title: str
    candidates: tuple[Candidate, ...]


def run(*command: str | Path, cwd: Path | None = None) -> None:
    """Run a process to its end; one that fails ends the benchmark, since its time would mean nothing."""
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed with {done.returncode}:\n{done.stdout}{done.stderr}")


def samgen_version(_folder: Path) -> None:
    """The fastest thing that samgen does."""
    run(BIN / "samgen", "--version")


def import_typer(_folder: Path) -> None:
    """What samgen's command line costs before samgen has done anything."""
    run(sys.executable, "-c", "import typer")


def samgen_new(*options: str) -> Work:
    """Work that generates a project with samgen."""
    return lambda folder: run(
        BIN / "samgen", "new", "my-service", "--no-input", "--no-git", "--output-dir", folder, *options
    )


def cookiecutter(folder: Path) -> None:
    """Render the same template with cookiecutter's own command, without hooks: no function folders, no checks."""
    options = ("--no-input", "--default-config", "--accept-hooks", "no")
    run(BIN / "cookiecutter", *options, "--output-dir", folder, REPOSITORY)


def by_hand(folder: Path) -> None:
    """Render with cookiecutter, then validate as one would by hand: two `sam validate` processes a template."""
    cookiecutter(folder)
    (project,) = folder.iterdir()
    # Hooks remove the stacks that the project does not need; without them these stay, with nothing in them.
    filled = [t for t in project.rglob("template.yaml") if re.search(r"^Resources:\n+  \w", t.read_text("utf-8"), re.M)]
    for template in sorted(filled):
        run(BIN / "sam", "validate", "--template", template, cwd=project)
        run(BIN / "sam", "validate", "--lint", "--template", template, cwd=project)


def functions(count: int) -> tuple[str, ...]:
    """The flags that ask for so many functions."""
    return tuple(part for number in range(1, count + 1) for part in ("--function", f"function-{number}"))


COMPARISONS = (
    Comparison(
        "a",
        "start",
        (
            Candidate('python -c "import typer"', import_typer),
            Candidate("samgen --version", samgen_version, bound=2.0),
        ),
    ),
    Comparison(
        "b",
        "new, validated",
        (
            Candidate("cookiecutter, sam validate, sam validate --lint", by_hand),
            Candidate("samgen new", samgen_new(), bound=0.20),
        ),
    ),
    Comparison(
        "c",
        "new, rendered only",
        (
            Candidate("cookiecutter, hooks off", cookiecutter),
            Candidate("samgen new --skip-validation", samgen_new("--skip-validation"), bound=1.3),
        ),
    ),
    Comparison(
        "d",
        "new, validated, by size",
        (
            Candidate("1 function", samgen_new(*functions(1))),
            Candidate("10 functions", samgen_new(*functions(10))),
            Candidate("50 functions", samgen_new(*functions(50)), bound=6.0),
        ),
    ),
)


def seconds(work: Work) -> float:
    """How long the work takes in an empty folder; making and removing the folder is not counted."""
    with tempfile.TemporaryDirectory(prefix="samgen-bench-") as folder:
        start = time.perf_counter()
        work(Path(folder))
        return time.perf_counter() - start


def measure(comparison: Comparison, runs: int) -> list[list[float]]:
    """The times of each candidate, which take turns; the first turn is not kept."""
    times: list[list[float]] = [[] for _ in comparison.candidates]
    for turn in range(runs + 1):
        for candidate, kept in zip(comparison.candidates, times, strict=True):
            spent = seconds(candidate.work)
            if turn:
                kept.append(spent)
        progress(f"({comparison.letter}) {comparison.title}: {turn} of {runs}")
    progress("")
    return times


def progress(message: str) -> None:
    """Show on a terminal's last line how far it is, and nothing anywhere else."""
    if sys.stderr.isatty():
        print(f"\r\033[K{message}", end="", file=sys.stderr, flush=True)


def report(comparison: Comparison, times: Sequence[Sequence[float]]) -> bool:
    """Print a table row for each candidate; return whether all keep their bounds."""
    base = median(times[0])
    kept = True
    for candidate, spent in zip(comparison.candidates, times, strict=True):
        ratio = median(spent) / base
        verdict = "-"
        if candidate.bound is not None:
            verdict = "pass" if ratio <= candidate.bound else "FAIL"
            kept = kept and ratio <= candidate.bound
        bound = "-" if candidate.bound is None else f"{candidate.bound:.2f}"
        cells = (
            f"({comparison.letter}) {comparison.title}",
            candidate.label,
            *(f"{value:.3f}" for value in (median(spent), min(spent), max(spent))),
            f"{ratio:.2f}",
            bound,
            verdict,
        )
        print(f"| {' | '.join(cells)} |", flush=True)
    return kept


def machine() -> str:
    """What was measured on what: times of another machine or another release do not compare."""
    tools = ", ".join(f"{name} {version(name)}" for name in ("aws-sam-cli", "cfn-lint", "cookiecutter", "typer"))
    return f"Python {platform.python_version()} on {platform.system()}, {os.cpu_count()} processors; {tools}."


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="Time samgen against the same work by hand.")
    parser.add_argument("--runs", type=int, default=FEWEST_RUNS, help="counted turns a candidate (default: 7)")
    parser.add_argument("--only", default="abcd", metavar="LETTERS", help="comparisons to run, such as 'ac'")
    parser.add_argument("--check", action="store_true", help="exit with 1 when a bound is not kept")
    options = parser.parse_args()
    if options.runs < 1:
        parser.error("--runs must be at least 1")
    if options.check and options.runs < FEWEST_RUNS:
        parser.error(f"--check needs at least {FEWEST_RUNS} runs: fewer say little")
    return options


def main() -> int:
    """Measure, print the table, and return the exit code."""
    options = arguments()
    print(f"{machine()} Seconds; medians of {options.runs} runs.\n")
    print("| comparison | command | median | min | max | ratio | bound | verdict |")
    print("|---|---|---:|---:|---:|---:|---:|---|")
    chosen = [comparison for comparison in COMPARISONS if comparison.letter in options.only]
    kept = [report(comparison, measure(comparison, options.runs)) for comparison in chosen]
    return 1 if options.check and not all(kept) else 0


if __name__ == "__main__":
    sys.exit(main())
