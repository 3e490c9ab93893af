"""`samgen update`: a project brought to its samgen.yaml and to the installed template, hand edits kept."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from generator.cli.options import Base
from generator.cli.output import result, result_json, say
from generator.errors import FindingsError, InputError

if TYPE_CHECKING:
    from generator.merge.conflicts import Conflict
    from generator.merge.update import Plan


def command(
    path: Annotated[Path, typer.Argument(help="The project's folder.")] = Path(),
    *,
    resume: Annotated[bool, typer.Option("--continue", help="Keep what you made of the conflicts.")] = False,
    abort: Annotated[bool, typer.Option("--abort", help="Take an unfinished update back, every byte.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change; write nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON on stdout.")] = False,
    skip_validation: Annotated[bool, typer.Option("--skip-validation", help="Do not review the result.")] = False,
    base: Base = None,
) -> None:
    """Render samgen.yaml with the installed template and merge the result into the project.

    Your edits are told from what was rendered last, which .samgen/rendered.tar.xz records. Where that is missing, say
    with --base what it was: a commit of the project's repository, or a folder with another samgen's rendering. 'none':
    nothing is known, so that whatever differs is a conflict, and nothing of yours is lost. 'now': whatever differs from
    today's rendering is your edit, and stays.

    Needs no network and no git. Exit code 0: done; 1: conflicts or findings; 2: wrong input; 3: a tool failed.
    """
    from generator.merge import transaction
    from generator.merge.alone import alone
    from generator.merge.update import check_project

    if resume + abort + dry_run > 1:
        raise InputError("--continue, --abort and --dry-run exclude each other")
    if base is not None and (resume or abort):
        raise InputError("--base is for a new update: leave it out with --continue and --abort")
    project = path.absolute()
    check_project(project)
    with alone(project):
        transaction.recover(project)
        if abort:
            transaction.abort(project)
            say("The update was taken back: every file is as it was before.")
        elif resume:
            _finish(project)
        else:
            _update(project, base, dry_run=dry_run, as_json=as_json, review=not skip_validation)


def _finish(project: Path) -> None:
    from generator.merge import transaction
    from generator.merge.update import unresolved

    if left := unresolved(project):
        for name in left:
            result(f"{name}: decide at the markers or at the lines '# samgen update:', and remove them")
        raise typer.Exit(1)
    transaction.finish(project)
    say("The update is finished; 'samgen check' reviews the project.", color=typer.colors.GREEN)


def _update(project: Path, base: str | None, *, dry_run: bool, as_json: bool, review: bool) -> None:
    from generator.merge import transaction
    from generator.merge.update import new_findings, plan

    if (waiting := transaction.unfinished(project)) is not None:
        _list(waiting.conflicts)
        told = "the last update is unfinished: resolve its conflicts and run it with --continue, or with --abort"
        raise InputError(told)
    with tempfile.TemporaryDirectory(prefix="samgen-update-") as folder:
        planned = plan(project, Path(folder), base)
        if review and planned.merge.changes and (found := new_findings(planned, Path(folder))):
            for finding in found:
                say(finding.as_text())
            number = "1 finding" if len(found) == 1 else f"{len(found)} findings"
            told = f"The updated project would have {number} more, so nothing was written; --skip-validation writes it."
            raise FindingsError(told, found)
    if not dry_run:
        planned.apply()
    _tell(planned, dry_run=dry_run, as_json=as_json)
    if planned.merge.conflicts:
        raise typer.Exit(1)


def _tell(plan: Plan, *, dry_run: bool, as_json: bool) -> None:
    from generator.merge.versions import UNKNOWN

    merge = plan.merge
    new = sorted(name for name in merge.written if name not in plan.before)
    changed = sorted(name for name in merge.written if name in plan.before)
    if as_json:
        result_json(
            {
                "from": None if plan.recorded.version == UNKNOWN else plan.recorded.version,
                "to": plan.rendered.version,
                "written": not dry_run and plan.renewed,
                "new": new,
                "changed": changed,
                "removed": list(merge.removed),
                "moved": merge.moved,
                "migrations": [migration.as_json() for migration in plan.migrations],
                "conflicts": [conflict.as_json() for conflict in merge.conflicts],
            }
        )
        return
    for migration in plan.migrations:
        say(f"Since {migration.version}: {migration.told}", color=typer.colors.YELLOW)
    for word, names in (("new", new), ("changed", changed), ("removed", merge.removed)):
        for name in names:
            result(f"{word:<8} {name}")
    _list(merge.conflicts)
    say(_summary(plan, dry_run=dry_run), color=typer.colors.RED if merge.conflicts else typer.colors.GREEN)


def _summary(plan: Plan, *, dry_run: bool) -> str:
    number = len(plan.merge.conflicts)
    conflicts = f"{number} conflict" if number == 1 else f"{number} conflicts"
    if dry_run:
        return f"A dry run: nothing was written; the update would have {conflicts}."
    if number:
        return f"Updated, with {conflicts}: resolve them and run 'samgen update --continue', or '--abort'."
    if not plan.merge.changes:
        return "Nothing to update: the project is what samgen.yaml and this template make of it, and your edits."
    return "Updated; your edits were kept."


def _list(conflicts: Sequence[Conflict]) -> None:
    for conflict in conflicts:
        result(f"conflict {conflict.as_text()}")
