"""`samgen rename`: another name for a function, with its code, and what that means in AWS."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

from generator.cli.edits import HERE, AsJson, DryRun, NoInput, Project, SkipValidation, Talk, carry_out

app = typer.Typer(name="rename", help="Rename a function of a project.", no_args_is_help=True)

_Text = Optional[str]  # noqa: UP045 (Typer reads it on Python 3.10 too)


@app.callback()
def _rename() -> None:
    """Rename a function of a project: without it Typer would take `function` for a name."""


@app.command("function")
def function(
    old: Annotated[_Text, typer.Argument(metavar="OLD", help="The function's name.")] = None,
    new: Annotated[_Text, typer.Argument(metavar="NEW", help="The name that it gets.")] = None,
    *,
    project: Project = HERE,
    no_input: NoInput = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    skip_validation: SkipValidation = False,
) -> None:
    """Rename a function: its entry, whatever names it, and the folders of its code, events and tests.

    In AWS it becomes another function: CloudFormation cannot rename one, and replaces it.
    """
    from generator.edit.renames import rename_function

    talk = Talk(project, no_input, skip_validation)
    before = talk.choice(old, "OLD", "Which function?", [one.name for one in talk.spec.functions])

    check = talk.passes(lambda name: rename_function(before, name), "name")
    after = talk.text(new, "NEW", f"{before}: new name", check)
    carry_out(talk, rename_function(before, after), {(): "NEW"}, dry_run=dry_run, as_json=as_json)
