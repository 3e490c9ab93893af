"""Times `samgen check` against the same tools by hand, side by side in one run.

As in new.py, whole processes are timed and take turns, after one turn each that does not count. By hand means what
one types without samgen: a `cfn-lint` process and a `sam validate` process for each template.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from new import BIN, Candidate, Comparison, Work, machine, measure, report, run

from generator.render import render_project
from generator.spec.load import parse_spec

RUNS = 3
PROJECTS = 50
PROCESSORS = 2
TEMPLATES = 5
SHARE = 0.25
"""What one check may take of the time by hand."""
RATE = 15.0
"""How many times as many projects a check of all of them must do in the same time."""


def generate(folder: Path, number: int) -> Path:
    """Render a project of five templates into a folder: root, security, functions, api, monitoring.

    Each number gives other names and settings, so that no template but by chance is that of another project.
    """
    functions = [
        f"{{name: handler-{number}-{index}, memory_size: {128 + 64 * (number % 9)}, timeout: {5 + number % 20},"
        f" triggers: [{{type: api, method: GET, path: /items-{number}-{index}}}]}}"
        for index in range(1 + number % 3)
    ]
    spec = f"""
service: {{name: service-{number}, description: Service number {number}, owner: team-{number % 7}}}
functions: [{", ".join(functions)}]
"""
    project = folder / f"service-{number}"
    render_project(parse_spec(spec.encode(), "samgen.yaml"), project, {})
    # What an account needs once is not the service's own: without it there are five templates, for both sides.
    for file in (project / "bootstrap").iterdir():
        file.unlink()
    (project / "bootstrap").rmdir()
    settings = project / ".cfnlintrc.yaml"
    settings.write_text(settings.read_text("utf-8").replace("  - bootstrap/*.yaml\n", ""), "utf-8")
    if len(templates(project)) != TEMPLATES:
        sys.exit(f"{project.name} has {len(templates(project))} templates, not {TEMPLATES}")
    return project


def templates(project: Path) -> list[Path]:
    """Every template of a generated project."""
    return [project / "template.yaml", *sorted(project.glob("stacks/*/template.yaml"))]


def by_hand(projects: Sequence[Path]) -> Work:
    """A process of each tool for each template of each project."""

    def work(_folder: Path) -> None:
        for project in projects:
            for template in templates(project):
                run(BIN / "cfn-lint", template, cwd=project)
                run(BIN / "sam", "validate", "--template", template, cwd=project)

    return work


def sam_lint(project: Path) -> Work:
    """SAM's command that lints as well, for each template: no expansion is linted."""

    def work(_folder: Path) -> None:
        for template in templates(project):
            run(BIN / "sam", "validate", "--lint", "--template", template, cwd=project)

    return work


def samgen_check(projects: Sequence[Path], *options: str) -> Work:
    """Everything that samgen looks for, in one process that is given all projects; a finding would end the run."""
    return lambda _folder: run(BIN / "samgen", "check", *options, *projects)


def one(project: Path) -> Comparison:
    """One project by hand and by samgen."""
    return Comparison(
        "a",
        f"one project, {TEMPLATES} templates",
        (
            Candidate("cfn-lint, sam validate for each template", by_hand([project])),
            Candidate("sam validate --lint for each template", sam_lint(project)),
            Candidate("samgen check", samgen_check([project]), bound=SHARE),
        ),
    )


def many(projects: Sequence[Path], sample: int) -> Comparison:
    """All projects in one call, and a sample of them by hand: all would take a quarter of an hour each turn."""
    return Comparison(
        "b",
        f"{len(projects)} projects, {PROCESSORS} processors",
        (
            Candidate(f"by hand, {sample} projects", by_hand(projects[:sample])),
            Candidate(f"samgen check, {len(projects)} projects", samgen_check(projects, "--jobs", str(PROCESSORS))),
        ),
    )


def report_rate(comparison: Comparison, times: Sequence[Sequence[float]], sizes: Sequence[int]) -> bool:
    """Print a row for each side; return whether samgen does enough projects in the same time."""
    rates = [size / median(spent) for spent, size in zip(times, sizes, strict=True)]
    ratio = rates[1] / rates[0]
    kept = ratio >= RATE
    ends = (("1.00", "-", "-"), (f"{ratio:.2f}", f"at least {RATE:.2f}", "pass" if kept else "FAIL"))
    for candidate, spent, rate, end in zip(comparison.candidates, times, rates, ends, strict=True):
        numbers = (f"{value:.3f}" for value in (median(spent), min(spent), max(spent)))
        label = f"{candidate.label}: {60 * rate:.1f} a minute"
        print(f"| {' | '.join((f'({comparison.letter}) {comparison.title}', label, *numbers, *end))} |", flush=True)
    return kept


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="Time samgen check against the same tools by hand.")
    parser.add_argument("--runs", type=int, default=RUNS, help=f"counted turns a candidate (default: {RUNS})")
    parser.add_argument("--only", default="ab", metavar="LETTERS", help="comparisons to run, such as 'a'")
    parser.add_argument("--projects", type=int, default=PROJECTS, help=f"projects in (b) (default: {PROJECTS})")
    parser.add_argument("--sample", type=int, default=2, help="projects of (b) that are checked by hand (default: 2)")
    options = parser.parse_args()
    if options.runs < 1 or not 1 <= options.sample <= options.projects:
        parser.error("--runs and --sample must be at least 1, and the sample is of the projects")
    return options


def main() -> int:
    """Measure, print the table, and return 1 when a bound is not kept."""
    options = arguments()
    if hasattr(os, "sched_setaffinity"):  # inherited by whatever is run
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:PROCESSORS])
    print(f"{machine()} Seconds; medians of {options.runs} runs.\n")
    print("| comparison | command | median | min | max | ratio | bound | verdict |")
    print("|---|---|---:|---:|---:|---:|---:|---|")
    kept = True
    with tempfile.TemporaryDirectory(prefix="samgen-bench-") as folder:
        projects = [generate(Path(folder), number) for number in range(options.projects)]
        if "a" in options.only:
            comparison = one(projects[0])
            kept = report(comparison, measure(comparison, options.runs)) and kept
        if "b" in options.only:
            comparison = many(projects, options.sample)
            times = measure(comparison, options.runs)
            kept = report_rate(comparison, times, (options.sample, len(projects))) and kept
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
