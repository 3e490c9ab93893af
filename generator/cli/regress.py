"""`samgen regress`: every pair of options rendered, validated, checked and compared with snapshots."""

from __future__ import annotations

import json
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from generator.cli.output import result, say
from generator.cli.progress import bar
from generator.errors import InputError
from generator.findings import Severity

if TYPE_CHECKING:
    from generator.regress.matrix import Matrix
    from generator.regress.session import Session
    from generator.regress.verdict import Verdict

DIFFERENT = 4
"""The exit code where nothing is wrong and the snapshots say something else."""

NOT_UPGRADABLE = 5
"""The exit code where nothing is wrong, and a project that its user has edited would not be updated cleanly."""

_WHAT = "What to render"
_HOW = "How to show it"


class Format(str, Enum):
    """The form of the report."""

    TEXT = "text"
    JSON = "json"
    JUNIT = "junit"
    GITHUB = "github"
    SARIF = "sarif"
    HTML = "html"


def command(
    *,
    matrix: Annotated[
        Optional[Path],  # noqa: UP045 - Typer reads it on Python 3.10
        typer.Option(metavar="FILE", rich_help_panel=_WHAT, help="Axes, fixed specs and what does not go together."),
    ] = None,
    template: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(metavar="PATH", rich_help_panel=_WHAT, help="A cookiecutter template other than samgen's own."),
    ] = None,
    strength: Annotated[
        int, typer.Option(min=1, max=4, rich_help_panel=_WHAT, help="Cover every set of so many choices.")
    ] = 2,
    shard: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(metavar="I/N", rich_help_panel=_WHAT, help="Only the I-th of N equal parts."),
    ] = None,
    since: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(metavar="REV", rich_help_panel=_WHAT, help="Only what changes of the template since then reach."),
    ] = None,
    github_matrix: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(min=1, max=256, metavar="N", help="Print N shards as a matrix of GitHub Actions, and stop."),
    ] = None,
    list_combinations: Annotated[bool, typer.Option("--list", help="List the combinations, and stop.")] = False,
    snapshots: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(metavar="DIR", help="The folder of snapshots to compare with."),
    ] = None,
    upgrades: Annotated[
        Optional[bool],  # noqa: UP045
        typer.Option(
            "--upgrades/--no-upgrades",
            help="Update each snapshot's project, with a user's edits, to now; by default for samgen's own template.",
        ),
    ] = None,
    update: Annotated[bool, typer.Option("--update", help="Write the snapshots as everything is now.")] = False,
    severity: Annotated[Severity, typer.Option(help="The least severity of a finding that fails.")] = Severity.WARNING,
    form: Annotated[Format, typer.Option("--format", rich_help_panel=_HOW, help="The form of the report.")] = (
        Format.TEXT
    ),
    output: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--output", metavar="FILE", rich_help_panel=_HOW, help="Write the report to a file."),
    ] = None,
    cache: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(metavar="DIR", help="Where outcomes are kept; by default in your folder of caches."),
    ] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Keep and know nothing.")] = False,
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes that work; by default one a processor.")] = None,
) -> None:
    """Render every pair of options, check each project, and compare it with its snapshot.

    Exit code 0: sound and the same; 1: findings, or something does not render; 2: wrong input; 3: a tool failed;
    4: sound, and different from the snapshots; 5: the same, and projects with edits would not be updated cleanly.
    """
    if github_matrix is not None:
        result(json.dumps({"shard": [f"{number}/{github_matrix}" for number in range(1, github_matrix + 1)]}))
        return
    from generator.regress.cache import Cache, folder_of_caches
    from generator.regress.plan import plan, shard_of
    from generator.regress.rendering import template_at
    from generator.regress.session import Session

    part = shard_of(shard)
    _check_goals(snapshots, upgrades=bool(upgrades), update=update, part=part, since=since)
    rendering = template_at(template)
    covered = rendering.matrix(matrix)
    kept = Cache(None if no_cache else cache or folder_of_caches())
    combinations = plan(covered, strength, snapshots, kept)
    if list_combinations:
        for combination in combinations:
            result(f"{combination.name}  {', '.join(f'{a}={c}' for a, c in combination.choices.items())}".rstrip())
        return
    wanted = snapshots is not None and (template is None and not update if upgrades is None else upgrades)
    session = Session(rendering, combinations, snapshots, kept, jobs, part, since, upgrades=wanted)
    verdict = _run(session, covered, strength, severity)
    _show(verdict, form, output)
    if update and verdict.sound:
        session.accept()
        say(f"Wrote {snapshots}.")
    elif update:
        say("The snapshots stay as they are while something is found.")
    _sum_up(verdict, updated=update)
    if not verdict.sound:
        raise typer.Exit(1)
    if not (verdict.same or update):
        raise typer.Exit(DIFFERENT if verdict.upgradable else NOT_UPGRADABLE)


def _check_goals(
    snapshots: Path | None, *, upgrades: bool, update: bool, part: tuple[int, int] | None, since: str | None
) -> None:
    """Refuse options that do not go together."""
    if upgrades and snapshots is None:
        raise InputError("--upgrades needs --snapshots DIR: projects are updated from what is there.")
    if update and (snapshots is None or part is not None or since is not None):
        raise InputError("--update needs --snapshots DIR, and goes without --shard and --since: it writes all of them.")
    if since is not None and snapshots is None:
        raise InputError("--since needs --snapshots DIR: they say which files a combination has.")


def _run(session: Session, covered: Matrix, strength: int, severity: Severity) -> Verdict:
    with bar() as step:
        return session.run(covered, strength, severity, step)


def _show(verdict: Verdict, form: Format, output: Path | None) -> None:
    from generator.regress.report import VIEWS

    report = VIEWS[form.value](verdict)
    if output is None:
        result(report.removesuffix("\n")) if report else None
        return
    try:
        output.write_text(report, encoding="utf-8", newline="\n")
    except OSError as error:
        raise InputError(f"{output} cannot be written: {error.strerror or error}.") from error


def _sum_up(verdict: Verdict, *, updated: bool) -> None:
    number = len(verdict.combinations)
    say(f"{number} combinations, {verdict.known} of them known; findings that fail: {len(verdict.failing)}.")
    if verdict.refused:
        say(f"Not rendered: {sum(map(len, verdict.refused.values()))}.", color=typer.colors.RED)
    if verdict.comparison is None:
        say("Compared with nothing: --snapshots DIR names the folder.")
    elif verdict.same:
        say("All as the snapshots say.", color=typer.colors.GREEN)
    elif not updated:
        if verdict.upgrades is not None:
            _say_upgrades(len(verdict.upgrades))
        apart = len(verdict.comparison.added) + len(verdict.comparison.removed)
        more = f", combinations that are new or gone: {apart}" if apart else ""
        say(f"Changes: {len(verdict.comparison.changes)}{more}; --update accepts them.", color=typer.colors.YELLOW)


def _say_upgrades(troubles: int) -> None:
    if troubles:
        say(f"Updates of edited projects: {troubles} that go wrong.", color=typer.colors.RED)
    else:
        say("Edited projects are updated without a conflict, every edit kept.", color=typer.colors.GREEN)
