"""`samgen remove`: less of a service, said before it is done, and refused where something needs it."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

from generator.cli.edits import HERE, AsJson, DryRun, NoInput, Project, SkipValidation, Talk, carry_out

app = typer.Typer(
    name="remove", help="Remove from a project, and say what a deployment then deletes.", no_args_is_help=True
)

_Text = Optional[str]  # noqa: UP045 (Typer reads it on Python 3.10 too)
Function = Annotated[_Text, typer.Argument(metavar="FUNCTION", help="The function that has it.")]
_Name = Annotated[_Text, typer.Argument(metavar="NAME", help="Its name.")]


@app.command("function")
def function(
    name: _Name = None,
    *,
    project: Project = HERE,
    no_input: NoInput = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    skip_validation: SkipValidation = False,
) -> None:
    """Remove a function; its code stays in src until you delete it."""
    from generator.edit.removals import remove_function

    talk = Talk(project, no_input, skip_validation)
    carry_out(talk, remove_function(talk.function(name)), {}, dry_run=dry_run, as_json=as_json)


@app.command("trigger")
def trigger(
    function: Function = None,
    words: Annotated[
        _Text, typer.Argument(metavar="TRIGGER", help="Its words or number: 'queue fulfilment', 2.")
    ] = None,
    *,
    project: Project = HERE,
    no_input: NoInput = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    skip_validation: SkipValidation = False,
) -> None:
    """Remove a trigger of a function."""
    from generator.edit.removals import remove_trigger
    from generator.spec.triggers import trigger_text

    talk = Talk(project, no_input, skip_validation)
    owner = talk.function(function)
    listed = [trigger_text(t) for f in talk.spec.functions if f.name == owner for t in f.triggers]
    text = talk.choice(words, "TRIGGER", f"{owner}: which trigger?", listed)
    carry_out(talk, remove_trigger(owner, text), {}, dry_run=dry_run, as_json=as_json)


@app.command("route")
def route(
    words: Annotated[_Text, typer.Argument(metavar="ROUTE", help="Method and path: 'GET /orders/{id}'.")] = None,
    *,
    project: Project = HERE,
    no_input: NoInput = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    skip_validation: SkipValidation = False,
) -> None:
    """Remove a route of the API."""
    from generator.edit.removals import remove_route
    from generator.spec.triggers import trigger_text

    talk = Talk(project, no_input, skip_validation)
    listed = [trigger_text(t) for f in talk.spec.functions for t in f.triggers if t.type == "api"]
    text = talk.choice(words, "ROUTE", "Which route?", listed)
    carry_out(talk, remove_route(text), {}, dry_run=dry_run, as_json=as_json)


@app.command("environment")
def environment(
    name: _Name = None,
    *,
    project: Project = HERE,
    no_input: NoInput = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    skip_validation: SkipValidation = False,
) -> None:
    """Remove an environment; its stack in AWS stays until you delete it."""
    from generator.edit.removals import remove_environment

    talk = Talk(project, no_input, skip_validation)
    text = talk.choice(name, "NAME", "Which environment?", [one.name for one in talk.spec.environments])
    carry_out(talk, remove_environment(text), {}, dry_run=dry_run, as_json=as_json)


@app.command("secret")
def secret(
    function: Function = None,
    name: Annotated[_Text, typer.Argument(metavar="SECRET", help="The secret's name.")] = None,
    *,
    project: Project = HERE,
    no_input: NoInput = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    skip_validation: SkipValidation = False,
) -> None:
    """Remove a secret of a function; its parameter stays in AWS."""
    from generator.edit.removals import remove_secret

    talk = Talk(project, no_input, skip_validation)
    owner = talk.function(function)
    listed = [one for f in talk.spec.functions if f.name == owner for one in f.secrets]
    text = talk.choice(name, "SECRET", f"{owner}: which secret?", listed)
    carry_out(talk, remove_secret(owner, text), {}, dry_run=dry_run, as_json=as_json)


@app.command("permission")
def permission(
    function: Function = None,
    words: Annotated[
        _Text, typer.Argument(metavar="PERMISSION", help="Its words or number: 'read table orders', 2.")
    ] = None,
    *,
    project: Project = HERE,
    no_input: NoInput = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    skip_validation: SkipValidation = False,
) -> None:
    """Remove something that a function may do."""
    from generator.edit.forms import permission_text
    from generator.edit.removals import remove_permission

    talk = Talk(project, no_input, skip_validation)
    owner = talk.function(function)
    written = [one for f in talk.spec.functions if f.name == owner for one in f.permissions]
    listed = [permission_text(one.model_dump(exclude_none=True)) for one in written]
    text = talk.choice(words, "PERMISSION", f"{owner}: which permission?", listed)
    carry_out(talk, remove_permission(owner, text), {}, dry_run=dry_run, as_json=as_json)


def _resource(kind: str, name: str | None, talk: Talk, **manner: bool) -> None:
    from generator.edit.additions import SECTION_OF
    from generator.edit.removals import remove_resource

    listed = [one.name for one in getattr(talk.spec, SECTION_OF[kind])]
    carry_out(talk, remove_resource(kind, talk.choice(name, "NAME", f"Which {kind}?", listed)), {}, **manner)


@app.command("table")
def table(
    name: _Name = None,
    *,
    project: Project = HERE,
    no_input: NoInput = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    skip_validation: SkipValidation = False,
) -> None:
    """Remove a DynamoDB table that nothing names."""
    _resource("table", name, Talk(project, no_input, skip_validation), dry_run=dry_run, as_json=as_json)


@app.command("queue")
def queue(
    name: _Name = None,
    *,
    project: Project = HERE,
    no_input: NoInput = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    skip_validation: SkipValidation = False,
) -> None:
    """Remove an SQS queue that nothing names."""
    _resource("queue", name, Talk(project, no_input, skip_validation), dry_run=dry_run, as_json=as_json)


@app.command("topic")
def topic(
    name: _Name = None,
    *,
    project: Project = HERE,
    no_input: NoInput = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    skip_validation: SkipValidation = False,
) -> None:
    """Remove an SNS topic that nothing names."""
    _resource("topic", name, Talk(project, no_input, skip_validation), dry_run=dry_run, as_json=as_json)


@app.command("bucket")
def bucket(
    name: _Name = None,
    *,
    project: Project = HERE,
    no_input: NoInput = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    skip_validation: SkipValidation = False,
) -> None:
    """Remove an S3 bucket that nothing names."""
    _resource("bucket", name, Talk(project, no_input, skip_validation), dry_run=dry_run, as_json=as_json)


@app.command("event-bus")
def event_bus(
    name: _Name = None,
    *,
    project: Project = HERE,
    no_input: NoInput = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    skip_validation: SkipValidation = False,
) -> None:
    """Remove an EventBridge bus that nothing names."""
    _resource("event-bus", name, Talk(project, no_input, skip_validation), dry_run=dry_run, as_json=as_json)
