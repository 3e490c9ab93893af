"""What `samgen add`, `remove` and `rename` share: their flags, asking what is missing, and telling what came of it."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from generator.cli.output import is_interactive, result, result_json, say
from generator.cli.recovery import recovered
from generator.errors import FindingsError, InputError

if TYPE_CHECKING:
    from generator.edit import ChangeError, Maker
    from generator.edit.apply import Applied
    from generator.spec.model import ServiceSpec

_MANNER = "What to do"
_INTERRUPTED = 130

Project = Annotated[
    Path,
    typer.Option("--project", "-p", metavar="FOLDER", rich_help_panel=_MANNER, help="The project's folder."),
]
DryRun = Annotated[
    bool,
    typer.Option("--dry-run", rich_help_panel=_MANNER, help="Show how samgen.yaml would change; write nothing."),
]
NoInput = Annotated[bool, typer.Option("--no-input", rich_help_panel=_MANNER, help="Ask nothing.")]
AsJson = Annotated[
    bool, typer.Option("--json", rich_help_panel=_MANNER, help="Print the result as JSON on standard output.")
]
SkipValidation = Annotated[
    bool, typer.Option("--skip-validation", rich_help_panel=_MANNER, help="Do not review the changed project.")
]
HERE = Path()

Labels = dict[tuple[str | int, ...], str]
"""What was typed for each path below a change's subject."""


class Talk:
    """A command's talk with whoever runs it: what is missing is asked for where there is somebody to ask.

    Attributes:
        asked: whether anything was asked, so that the change is shown before it is made.
        reviews: whether the changed project is to be reviewed.
    """

    def __init__(self, project: Path, no_input: bool, skip_validation: bool) -> None:
        self.project = recovered(project)
        self.asked = False
        self.reviews = not skip_validation
        self._may_ask = not no_input and is_interactive()
        self._spec: ServiceSpec | None = None

    @property
    def spec(self) -> ServiceSpec:
        """The project's spec, as it is before the change."""
        if self._spec is None:
            from generator.edit.apply import FILE, read
            from generator.spec.load import parse_spec

            self._spec = parse_spec(read(self.project)[1], FILE)
        return self._spec

    def needed(self, given: str | None, label: str, ask: Callable[[], str]) -> str:
        """A value that was given, or the answer to a question; InputError where it can be neither."""
        if given == "":
            raise InputError(f"{label}: a value is missing")
        if given is not None:
            return given
        # A project that is none is a better answer than a missing value.
        _ = self.spec
        if not self._may_ask:
            raise InputError(f"{label} is missing: name it, or run the command in a terminal to be asked")
        self.asked = True
        try:
            return ask()
        except EOFError:
            raise KeyboardInterrupt from None

    def function(self, given: str | None) -> str:
        """One of the service's functions."""
        return self.choice(given, "FUNCTION", "Which function?", [function.name for function in self.spec.functions])

    def choice(self, given: str | None, label: str, question: str, choices: Sequence[str]) -> str:
        """One of several; what was given is not looked at."""

        def ask() -> str:
            from generator.cli.conversation import ask_select

            if not choices:
                raise InputError(f"{label}: there is none")
            return ask_select(question, list(choices), default=choices[0])

        return self.needed(given, label, ask)

    def text(self, given: str | None, label: str, question: str, check: Callable[[str], object]) -> str:
        """A line that passes a check."""

        def ask() -> str:
            from generator.cli.conversation import ask_text

            return ask_text(question, "", check)

        return self.needed(given, label, ask)

    def confirmed(self) -> bool:
        """Whether the change may be made: asked where anything was."""
        if not self.asked:
            return True
        from generator.cli.conversation import ask_confirm

        return ask_confirm("Make this change?", default=True)

    def passes(self, make: Callable[[str], Maker], below: str = "") -> Callable[[str], object]:
        """A check of an answer by the change that it would make."""
        from generator.edit import ChangeError, edited
        from generator.edit.apply import FILE, read

        def check(answer: str) -> None:
            if not answer:
                raise ValueError("an answer is needed here")
            try:
                edited(read(self.project)[1], FILE, make(answer))
            except ChangeError as error:
                problems = [p for p in error.problems if below in p.path] or error.problems
                raise ValueError("; ".join(problem.message for problem in problems)) from None

        return check


def carry_out(talk: Talk, make: Maker, labels: Labels, *, dry_run: bool, as_json: bool) -> None:
    """Make the change and tell of it; exit code 1 where a person declines.

    Args:
        talk: where, and with whom.
        make: the change.
        labels: what was typed for each path below the change's subject, for messages.
        dry_run: whether it is only shown.
        as_json: whether it is told to a program.
    """
    from generator.edit import ChangeError
    from generator.edit.apply import change_project

    try:
        if talk.asked and not dry_run:
            _show(change_project(talk.project, make, dry_run=True))
            if not talk.confirmed():
                say("Declined: nothing was written.")
                raise typer.Exit(1)
        applied = change_project(talk.project, make, dry_run=dry_run, review=talk.reviews)
    except ChangeError as error:
        raise InputError(_told(error, labels)) from None
    except FindingsError as error:
        for finding in error.findings:
            say(finding.as_text())
        raise
    try:
        if as_json:
            result_json(_as_json(applied))
        elif dry_run:
            result(_diff(applied).rstrip("\n"))
            _show(applied, diff=False)
        else:
            _tell(applied, quiet=talk.asked)
        if applied.plan is not None and applied.plan.merge.conflicts:
            raise typer.Exit(1)
    except KeyboardInterrupt:
        # The usual sentence would be wrong where the file is changed already.
        say(f"Interrupted: {applied.path.name} {'is changed' if applied.written else 'is as it was'}.")
        raise typer.Exit(_INTERRUPTED) from None


def _told(error: ChangeError, labels: Labels) -> str:
    """The problems, each after what was typed for it."""
    from generator.spec.problems import path_text
    from generator.staging import printable

    subject = error.change.subject
    rows = []
    # A wrong name is wrong in the path that was derived from it, and wherever something else is called so, as well.
    about_name = any(p.path in {subject, (*subject, "name")} and p.path[-1:] == ("name",) for p in error.problems)
    for problem in error.problems:
        inner = problem.path[len(subject) :]
        if problem.path[: len(subject)] != subject:
            if about_name:
                continue
            place = path_text(problem.path)
        elif about_name and inner[:1] == ("triggers",) and inner[:2] not in labels:
            continue
        else:
            known = [inner[:n] for n in range(len(inner), -1, -1) if inner[:n] in labels]
            place = labels[known[0]] if known else path_text(problem.path)
        rows.append(f"{place}: {_with_command(problem.message)}" if place else problem.message)
    rows = list(dict.fromkeys(rows))
    if len(rows) == 1:
        return rows[0]
    return f"{printable(error.change.title)}: {len(rows)} problems:\n  " + "\n  ".join(rows)


def _with_command(message: str) -> str:
    """What declares something, after a message that says to declare it."""
    from generator.edit.additions import SECTION_OF

    for kind, section in SECTION_OF.items():
        if message.endswith(f"declare it under {section}"):
            return f"{message} (samgen add {kind})"
    return message


def _diff(applied: Applied) -> str:
    """How samgen.yaml changes; what a terminal could take for a command of its own is shown as it is written."""
    from generator.edit.apply import FILE
    from generator.staging import printable

    old, new = (data.decode("utf-8-sig").splitlines() for data in (applied.edited.old, applied.edited.new))
    rows = difflib.unified_diff(old, new, FILE, FILE, lineterm="")
    return "".join(f"{printable(row)}\n" for row in rows)


def _show(applied: Applied, *, diff: bool = True) -> None:
    """The change before it is made."""
    say()
    if diff:
        for row in _diff(applied).splitlines()[2:]:
            say(row, color={"+": typer.colors.GREEN, "-": typer.colors.RED}.get(row[:1]))
        say()
    for source, target in applied.moves:
        say(f"{source} moves to {target}.")
    for word, names in _files(applied).items():
        if names:
            say(f"{word:<8} {', '.join(names)}")
    for conflict in applied.plan.merge.conflicts if applied.plan else ():
        say(f"conflict {conflict.as_text()}", color=typer.colors.RED)
    for note in applied.edited.change.notes:
        say(note)
    if applied.consequences:
        say("A deployment after it:", bold=True)
    for one in applied.consequences:
        say(f"  {one.text}", color=typer.colors.RED if one.is_loss else None, bold=one.is_loss)


def _tell(applied: Applied, *, quiet: bool) -> None:
    """The change when it is made; `quiet` where it has been shown already."""
    from generator.edit.apply import NEXT

    title = applied.edited.change.title
    if not quiet:
        _show(applied, diff=False)
    for finding in applied.findings:
        say(finding.as_text(), color=typer.colors.YELLOW)
    say(f"Done: {title}.", color=typer.colors.GREEN, bold=True)
    if applied.plan is None:
        say(f"Bring the project up to date with it: {NEXT}")
    elif number := len(applied.plan.merge.conflicts):
        conflicts = "1 conflict" if number == 1 else f"{number} conflicts"
        told = f"There is {conflicts}: resolve what is listed and run '{NEXT} --continue', or '--abort'."
        say(told, color=typer.colors.RED)
    else:
        say("The project is up to date with it; your edits were kept.")


def _files(applied: Applied) -> dict[str, list[str]]:
    """The files of the project that are new, change or go, samgen.yaml and the record of the rendering aside."""
    if applied.plan is None:
        return {}
    from generator.edit.apply import FILE
    from generator.merge.state import RENDERED

    merge, before = applied.plan.merge, applied.plan.before
    moved = tuple(place for move in applied.moves for place in move)
    written = sorted(merge.written.keys() - {FILE, RENDERED})
    return {
        "new": [name for name in written if name not in before and not name.startswith(moved)],
        "changed": [name for name in written if name in before],
        "removed": [name for name in merge.removed if not name.startswith(moved)],
    }


def _as_json(applied: Applied) -> dict[str, Any]:
    from generator.edit.apply import NEXT

    return {
        "change": applied.edited.change.title,
        "path": str(applied.path),
        "written": applied.written,
        "diff": _diff(applied),
        "moves": [{"from": source, "to": target} for source, target in applied.moves],
        "notes": list(applied.edited.change.notes),
        "consequences": [one.as_json() for one in applied.consequences],
        "files": _files(applied),
        "conflicts": [conflict.as_json() for conflict in applied.plan.merge.conflicts] if applied.plan else [],
        "findings": [finding.as_json() for finding in applied.findings],
        "next_steps": [] if applied.plan else [NEXT],
    }


def parse_settings(settings: Sequence[str]) -> dict[str, Any]:
    """The fields of `--set KEY=VALUE`, values read as samgen.yaml reads them; InputError where one is none."""
    from generator.spec.load import read_document
    from generator.spec.names import shown

    fields: dict[str, Any] = {}
    for text in settings:
        key, equals, value = text.partition("=")
        if not equals or not key.isidentifier() or "\n" in value:
            raise InputError(f"--set {shown(text)}: write KEY=VALUE, with a key of samgen.yaml")
        try:
            fields[key] = read_document(f"value: {value}".encode(), "value")[0]["value"]
        except (InputError, UnicodeEncodeError):
            raise InputError(f"--set {shown(text)}: the value is not YAML in one line") from None
    return fields
