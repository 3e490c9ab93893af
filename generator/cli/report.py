"""What `samgen new` tells at the end: made, validated, what to do next; for people and for programs."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from generator.cli.output import result, say

if TYPE_CHECKING:
    from generator.git import Repository
    from generator.spec.model import ServiceSpec
    from generator.validate import Report

# For --skip-validation: there is no report then that could name them.
CHECKS = ("sam validate", "cfn-lint (source)", "cfn-lint (expanded)", "links")


@dataclass
class Outcome:
    """What came of a run.

    Attributes:
        spec: the complete spec of the project.
        target: the project's place.
        dry_run: whether it was only rendered for show.
        files: path relative to the project and size of every file, sorted by path.
        report: the verdict; None where validation was skipped.
        git: what became of the repository.
        phases: name and seconds of each phase.
        written: whether the project is at its place.
    """

    spec: ServiceSpec
    target: Path
    dry_run: bool
    git: Repository
    files: list[tuple[str, int]] = field(default_factory=list)
    report: Report | None = None
    phases: list[tuple[str, float]] = field(default_factory=list)
    written: bool = False

    def as_json(self) -> dict[str, Any]:
        """The run as JSON-ready data: the object that `--json` prints."""
        report = self.report
        return {
            "project": self.spec.service.name,
            "path": str(self.target) if self.written else None,
            "dry_run": self.dry_run,
            "files": [name for name, _ in self.files],
            "spec": self.spec.model_dump(mode="json", exclude_none=True),
            "validation": {
                "ok": report.ok if report else None,
                "skipped": report is None,
                "not_checked": [] if report else list(CHECKS),
                "checks": [check.as_json() for check in report.checks] if report else [],
                "findings": [finding.as_json() for finding in report.findings] if report else [],
            },
            "git": self.git.as_json(),
            "phases": [{"name": name, "seconds": round(seconds, 3)} for name, seconds in self.phases],
            "next_steps": self.next_steps(),
        }

    def next_steps(self) -> list[str]:
        """What to do next, a step a line; empty where the project was refused."""
        refused = self.report is not None and not self.report.ok
        if refused or not (self.written or self.dry_run):
            return []
        steps = next_steps(self.spec, self.target, skipped=self.report is None)
        if any(name.startswith("stacks/functions-2/") for name, _ in self.files):
            steps.append("Put new functions at the end of samgen.yaml: their order decides which stack each one is in.")
        return steps


def next_steps(spec: ServiceSpec, target: Path, *, skipped: bool) -> list[str]:
    """The commands to run in a new project, then what is still to be decided in samgen.yaml."""
    from generator.spec.defaults import DEFAULT_ACCOUNT
    from generator.staging import printable

    environments = spec.environments
    first = environments[0].name
    steps = [
        f"cd {printable(shlex.quote(str(target)))}",
        "make test",
        f"make bootstrap ENV={first}  # once an account and region",
        f"make deploy ENV={first}",
    ]
    if skipped:
        steps.append(f"Run 'samgen validate': the project was NOT checked by {', '.join(CHECKS)}.")
    if placeholder := [e.name for e in environments if e.account == DEFAULT_ACCOUNT]:
        steps.append(f"Replace the placeholder account {DEFAULT_ACCOUNT} of {_words(placeholder)}.")
    if not any(trigger.type == "api" for function in spec.functions for trigger in function.triggers):
        return steps
    if closed := [e.name for e in environments if not e.public and not e.allowed_cidrs]:
        steps.append(f"Name who may call: the WAF of {_words(closed)} blocks everyone until allowed_cidrs has a range.")
    if public := [e.name for e in environments if e.public]:
        steps.append(f"Know that {_words(public)} is open to every address of the internet (public: true).")
    if not spec.api.cors_origins:
        steps.append("Add your pages to api.cors_origins: until then no browser on another origin may call the API.")
    return steps


def show_tree(files: list[tuple[str, int]]) -> None:
    """Print the files as a tree, folders first where they begin, with their sizes."""
    shown: tuple[str, ...] = ()
    for name, size in files:
        *folders, leaf = name.split("/")
        for depth, folder in enumerate(folders):
            if shown[: depth + 1] != tuple(folders[: depth + 1]):
                result(f"  {'  ' * depth}{folder}/")
        shown = tuple(folders)
        label = f"{'  ' * len(folders)}{leaf}"
        result(f"  {label:<56} {size:>8,} bytes")


def show_summary(outcome: Outcome) -> None:
    """Print what was made, what was validated and what to do next."""
    from generator.staging import printable

    stacks = sum(name.startswith("stacks/") and name.endswith("/template.yaml") for name, _ in outcome.files)
    content = f"{len(outcome.files)} files, a root stack with {stacks} nested stacks"
    say()
    if outcome.dry_run:
        say(f"Dry run: {content}; nothing was written to {printable(outcome.target)}.", bold=True)
    else:
        say(f"Made {printable(outcome.target)}: {content}.", color=typer.colors.GREEN, bold=True)
        _show_repository(outcome.git)
    if outcome.report is None:
        warn_unchecked()
    else:
        say("Validated:", bold=True)
        for check in outcome.report.checks:
            say(f"  {check.name:<20} {check.templates:>3} templates, {check.findings} findings")
    say("Next:", bold=True)
    for step in outcome.next_steps():
        say(f"  {step}")


def warn_unchecked() -> None:
    """Say loudly which checks were not run."""
    say(f"NOT VALIDATED (--skip-validation): {', '.join(CHECKS)} did not run.", color=typer.colors.YELLOW, bold=True)


def _show_repository(git: Repository) -> None:
    if git.commit:
        note = f"; {git.reason}" if git.reason else ""
        say(f"First commit {git.commit[:7]} on the branch main{note}.")
    else:
        say(f"No first commit: {git.reason}.")


def _words(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
