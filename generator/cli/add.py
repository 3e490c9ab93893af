"""`samgen add`: more of a service, in its samgen.yaml and nowhere else."""

from __future__ import annotations

from typing import Annotated, Any, Optional

import typer

from generator.cli.edits import (
    HERE,
    AsJson,
    DryRun,
    Labels,
    NoInput,
    Project,
    SkipValidation,
    Talk,
    carry_out,
    parse_settings,
)
from generator.errors import InputError

app = typer.Typer(
    name="add", help="Add to a project: a function, a trigger, an environment, a permission …", no_args_is_help=True
)

_WHAT = "What to add (in a terminal you are asked for what is missing)"
_Text = Optional[str]  # noqa: UP045 (Typer reads these on Python 3.10 too)
_Texts = Optional[list[str]]  # noqa: UP045
_Number = Optional[int]  # noqa: UP045

Function = Annotated[_Text, typer.Argument(metavar="FUNCTION", help="The function that gets it.")]
Settings = Annotated[
    _Texts,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        rich_help_panel=_WHAT,
        help="Any other key of it in samgen.yaml, as in --set batch_size=5; may be repeated.",
    ),
]
TRIGGERS = (
    "'GET /path', 'rate(5 minutes)', 'cron(0 6 ? * MON-FRI *)', 'queue NAME', 'topic NAME', 'bucket NAME', "
    "'table NAME', 'events SOURCE', 'success of FUNCTION', 'failure of FUNCTION'"
)
PERMISSIONS = (
    "'read table NAME' (or write, readwrite), 'read bucket NAME [PREFIX]', 'send queue NAME', 'publish topic NAME', "
    "'put bus NAME', 'read parameter PATH', 'read secret NAME', 'decrypt key ARN', 'invoke function NAME'"
)


@app.command("function")
def function(
    name: Annotated[
        _Text, typer.Argument(metavar="NAME[:RUNTIME[:TRIGGER]]", help="The function's name, or all in short.")
    ] = None,
    *,
    runtime: Annotated[_Text, typer.Option(rich_help_panel=_WHAT, help="Its runtime; the newest Python.")] = None,
    trigger: Annotated[
        _Texts,
        typer.Option("--trigger", "-t", rich_help_panel=_WHAT, help=f"What invokes it: {TRIGGERS}, or none."),
    ] = None,
    description: Annotated[_Text, typer.Option(rich_help_panel=_WHAT, help="What it does, in one line.")] = None,
    memory: Annotated[_Number, typer.Option(rich_help_panel=_WHAT, help="Memory in MB.")] = None,
    timeout: Annotated[_Number, typer.Option(rich_help_panel=_WHAT, help="Seconds until it is ended.")] = None,
    secret: Annotated[_Texts, typer.Option(rich_help_panel=_WHAT, help="A secret that it reads.")] = None,
    permission: Annotated[
        _Texts, typer.Option(rich_help_panel=_WHAT, help=f"What else it may do: {PERMISSIONS}.")
    ] = None,
    settings: Settings = None,
    project: Project = HERE,
    no_input: NoInput = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    skip_validation: SkipValidation = False,
) -> None:
    """Add a function, with its triggers, secrets and permissions."""
    from generator.cli.asking import ask_function
    from generator.edit.additions import add_function

    single = {"--runtime": runtime, "--description": description}
    listed = {"--trigger": trigger or [], "--secret": secret or [], "--permission": permission or []}
    if empty := [f for f, v in single.items() if v == ""] + [f for f, values in listed.items() if "" in values]:
        raise InputError(f"{' and '.join(empty)}: a value is missing (leave the flag out for the default)")
    talk = Talk(project, no_input, skip_validation)
    short = talk.needed(name, "NAME", lambda: ask_function(talk, runtime, bool(trigger)))
    fields: dict[str, Any] = {"description": description, "memory_size": memory, "timeout": timeout}
    fields = {key: value for key, value in fields.items() if value is not None}
    item, labels = _function(short, runtime, listed)
    more, more_labels = _settings(settings, {**item, **fields})
    labels |= {
        ("description",): "--description",
        ("memory_size",): "--memory",
        ("timeout",): "--timeout",
        **more_labels,
    }
    item = {**item, **fields, **more}
    if not talk.asked and name is not None:
        labels[("name",)] = "NAME"
    carry_out(talk, add_function(item), labels, dry_run=dry_run, as_json=as_json)


def _function(short: str, runtime: str | None, listed: dict[str, list[str]]) -> tuple[dict[str, Any], Labels]:
    """The function of the short form and the flags beside it, and what was typed for each part of it."""
    from generator.edit.forms import parse_permission, parse_trigger
    from generator.spec.answers import parse_function
    from generator.spec.names import shown
    from generator.spec.runtimes import newest

    name, _, rest = short.partition(":")
    typed_runtime, _, words = rest.partition(":")
    if (typed_runtime and runtime) or (words and listed["--trigger"]):
        raise InputError(f"NAME: {shown(short)} says its runtime or trigger, and so does a flag: keep one of the two")
    item: dict[str, Any] = parse_function(name)
    if chosen := typed_runtime.strip() or runtime or newest():
        item["runtime"] = chosen
    triggers = [words.strip()] if words.strip() else listed["--trigger"]
    if triggers == ["none"]:
        item["triggers"] = []
    elif triggers:
        item["triggers"] = [
            _read("--trigger", text, lambda text: parse_trigger(text, item["name"])) for text in triggers
        ]
    if listed["--secret"]:
        item["secrets"] = listed["--secret"]
    if listed["--permission"]:
        item["permissions"] = [_read("--permission", text, parse_permission) for text in listed["--permission"]]
    labels: Labels = {
        ("name",): "NAME",
        ("runtime",): "NAME" if typed_runtime else "--runtime",
    }
    for key, flag, texts in (
        ("triggers", "--trigger", triggers),
        ("secrets", "--secret", listed["--secret"]),
        ("permissions", "--permission", listed["--permission"]),
    ):
        labels[key,] = flag
        labels |= {(key, place): f"{flag} {shown(text)}" for place, text in enumerate(texts)}
    return item, labels


def _read(flag: str, text: str, parse: Any) -> dict[str, Any]:
    from generator.spec.names import shown

    try:
        read: dict[str, Any] = parse(text)
    except InputError as error:
        message = str(error)
        raise InputError(message if message.startswith(shown(text)) and not flag else f"{flag}: {message}") from None
    return read


def _settings(settings: list[str] | None, item: dict[str, Any]) -> tuple[dict[str, Any], Labels]:
    """The fields of `--set`, and what was typed for them; InputError where another flag says the same."""
    fields = parse_settings(settings or [])
    if twice := [key for key in fields if key in item]:
        raise InputError(f"--set {twice[0]}: is said elsewhere already: leave one of the two out")
    return fields, {(key,): f"--set {key}" for key in fields}


@app.command("trigger")
def trigger(
    function: Function = None,
    words: Annotated[
        _Text, typer.Argument(metavar="TRIGGER", help=f"What invokes the function as well: {TRIGGERS}.")
    ] = None,
    *,
    settings: Settings = None,
    project: Project = HERE,
    no_input: NoInput = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    skip_validation: SkipValidation = False,
) -> None:
    """Add a trigger to a function."""
    from generator.cli.asking import ask_more_triggers
    from generator.edit.additions import add_trigger
    from generator.edit.forms import parse_trigger

    talk = Talk(project, no_input, skip_validation)
    name = talk.function(function)
    text = talk.needed(words, "TRIGGER", lambda: ask_more_triggers(talk, name))
    item = _read("TRIGGER", text, lambda text: parse_trigger(text, name))
    fields, labels = _settings(settings, item)
    make = add_trigger(name, {**item, **fields}, text)
    carry_out(talk, make, {(): "TRIGGER", **labels}, dry_run=dry_run, as_json=as_json)


@app.command("route")
def route(
    function: Function = None,
    words: Annotated[
        _Text, typer.Argument(metavar="ROUTE", help="Method and path, as in 'DELETE /orders/{id}'.")
    ] = None,
    *,
    authorization: Annotated[
        _Text, typer.Option(rich_help_panel=_WHAT, help="Another than the API's: iam, cognito, lambda or none.")
    ] = None,
    request_model: Annotated[
        _Text, typer.Option(rich_help_panel=_WHAT, help="The JSON Schema of its bodies: models/order.json.")
    ] = None,
    response_model: Annotated[
        _Text, typer.Option(rich_help_panel=_WHAT, help="The JSON Schema of its answers: models/order.json.")
    ] = None,
    project: Project = HERE,
    no_input: NoInput = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    skip_validation: SkipValidation = False,
) -> None:
    """Add a route of the API to a function."""
    from generator.cli.asking import ask_route
    from generator.edit.additions import add_trigger
    from generator.edit.forms import parse_trigger
    from generator.spec.names import shown

    talk = Talk(project, no_input, skip_validation)
    name = talk.function(function)
    text = talk.needed(words, "ROUTE", lambda: ask_route(talk, name))
    item = _read("ROUTE", text, lambda text: parse_trigger(text, name))
    if item["type"] != "api":
        raise InputError(f"ROUTE: {shown(text)} is no route: name a method and a path, as in 'GET /orders'")
    fields = {"authorization": authorization, "request_model": request_model, "response_model": response_model}
    given = {key: value for key, value in fields.items() if value is not None}
    labels: Labels = {(): "ROUTE", **{(key,): f"--{key.replace('_', '-')}" for key in given}}
    carry_out(talk, add_trigger(name, {**item, **given}, text), labels, dry_run=dry_run, as_json=as_json)


@app.command("environment")
def environment(
    short: Annotated[
        _Text, typer.Argument(metavar="NAME[:REGION[:ACCOUNT]]", help="The environment's name, or all in short.")
    ] = None,
    *,
    region: Annotated[_Text, typer.Option(rich_help_panel=_WHAT, help="Its region.")] = None,
    account: Annotated[_Text, typer.Option(rich_help_panel=_WHAT, help="Its AWS account, 12 digits.")] = None,
    allow_cidr: Annotated[
        _Texts, typer.Option(metavar="RANGE", rich_help_panel=_WHAT, help="A range that may call the API.")
    ] = None,
    public: Annotated[bool, typer.Option("--public", rich_help_panel=_WHAT, help="Open its API to everyone.")] = False,
    alarm_email: Annotated[_Text, typer.Option(rich_help_panel=_WHAT, help="Who is told of alarms.")] = None,
    settings: Settings = None,
    project: Project = HERE,
    no_input: NoInput = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    skip_validation: SkipValidation = False,
) -> None:
    """Add an environment, which is a stack of its own."""
    from generator.cli.asking import ask_environment
    from generator.edit.additions import add_environment
    from generator.spec.answers import Answers

    given = {"--region": region, "--account": account, "--alarm-email": alarm_email}
    if empty := [flag for flag, value in given.items() if value == ""]:
        raise InputError(f"{' and '.join(empty)}: a value is missing (leave the flag out for the default)")
    if public and allow_cidr:
        raise InputError("--public and --allow-cidr exclude each other: keep one of the two")
    talk = Talk(project, no_input, skip_validation)
    text = talk.needed(short, "NAME", lambda: ask_environment(talk, region, account))
    answers = Answers(
        "x",
        environments=(text,),
        region=region or "",
        account=account or "",
        allow_cidrs=allow_cidr or (),
        public=public,
    )
    item = _read("NAME", text, lambda _: answers.document()["environments"][0])
    if alarm_email:
        item["alarm_email"] = alarm_email
    fields, labels = _settings(settings, item)
    labels |= {("name",): "NAME", ("region",): "--region", ("account",): "--account", ("alarm_email",): "--alarm-email"}
    labels[("allowed_cidrs",)] = "--allow-cidr"
    carry_out(talk, add_environment({**item, **fields}), labels, dry_run=dry_run, as_json=as_json)


@app.command("secret")
def secret(
    function: Function = None,
    name: Annotated[_Text, typer.Argument(metavar="SECRET", help="The secret's name: payment-key.")] = None,
    *,
    project: Project = HERE,
    no_input: NoInput = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    skip_validation: SkipValidation = False,
) -> None:
    """Add a secret that a function reads at run time from a SecureString parameter."""
    from generator.edit.additions import add_secret

    talk = Talk(project, no_input, skip_validation)
    owner = talk.function(function)
    check = talk.passes(lambda answer: add_secret(owner, answer))
    text = talk.text(name, "SECRET", f"{owner}: name of the secret", check)
    carry_out(talk, add_secret(owner, text), {(): "SECRET"}, dry_run=dry_run, as_json=as_json)


@app.command("permission")
def permission(
    function: Function = None,
    words: Annotated[_Text, typer.Argument(metavar="PERMISSION", help=f"What it may do: {PERMISSIONS}.")] = None,
    *,
    action: Annotated[_Texts, typer.Option(rich_help_panel=_WHAT, help="Instead of words: an IAM action.")] = None,
    resource: Annotated[_Texts, typer.Option(rich_help_panel=_WHAT, help="With --action: an ARN.")] = None,
    reason: Annotated[_Text, typer.Option(rich_help_panel=_WHAT, help="With --action: why.")] = None,
    project: Project = HERE,
    no_input: NoInput = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    skip_validation: SkipValidation = False,
) -> None:
    """Add to what a function may do in AWS."""
    from generator.cli.asking import ask_permission
    from generator.edit.additions import add_permission
    from generator.edit.forms import parse_permission

    talk = Talk(project, no_input, skip_validation)
    raw = {"actions": action, "resources": resource, "reason": reason}
    item: dict[str, Any] = {key: value for key, value in raw.items() if value}
    labels: Labels = {("actions",): "--action", ("resources",): "--resource"}
    labels |= {("reason",): "--reason", (): "PERMISSION"}
    if item and words is not None:
        raise InputError("PERMISSION and --action exclude each other: keep one of the two")
    owner = talk.function(function)
    if not item:
        text = talk.needed(words, "PERMISSION", lambda: ask_permission(talk, owner))
        item = _read("PERMISSION", text, parse_permission)
    carry_out(talk, add_permission(owner, item), labels, dry_run=dry_run, as_json=as_json)


@app.command("table")
def table(
    name: Annotated[_Text, typer.Argument(metavar="NAME", help="The table's name.")] = None,
    *,
    partition_key: Annotated[
        _Text, typer.Option(metavar="NAME[:S|N|B]", rich_help_panel=_WHAT, help="What its items are found by.")
    ] = None,
    sort_key: Annotated[
        _Text, typer.Option(metavar="NAME[:S|N|B]", rich_help_panel=_WHAT, help="What they are ordered by.")
    ] = None,
    settings: Settings = None,
    project: Project = HERE,
    no_input: NoInput = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    skip_validation: SkipValidation = False,
) -> None:
    """Add a DynamoDB table."""
    from generator.cli.asking import plain_answer
    from generator.edit.additions import add_resource
    from generator.edit.forms import parse_attribute

    talk = Talk(project, no_input, skip_validation)
    item: dict[str, Any] = {"name": talk.text(name, "NAME", "Name of the table", plain_answer)}
    key = talk.text(partition_key, "--partition-key", "Partition key (NAME, or NAME:N for a number)", plain_answer)
    item["partition_key"] = parse_attribute(key)
    if sort_key:
        item["sort_key"] = parse_attribute(sort_key)
    fields, labels = _settings(settings, item)
    labels |= {("name",): "NAME", ("partition_key",): "--partition-key", ("sort_key",): "--sort-key"}
    carry_out(talk, add_resource("table", {**item, **fields}), labels, dry_run=dry_run, as_json=as_json)


def _resource(kind: str, name: str | None, settings: list[str] | None, talk: Talk, **manner: bool) -> None:
    from generator.cli.asking import plain_answer
    from generator.edit.additions import add_resource

    item = {"name": talk.text(name, "NAME", f"Name of the {kind}", plain_answer)}
    fields, labels = _settings(settings, item)
    carry_out(talk, add_resource(kind, {**item, **fields}), {("name",): "NAME", **labels}, **manner)


_Name = Annotated[_Text, typer.Argument(metavar="NAME", help="Its name.")]


@app.command("queue")
def queue(
    name: _Name = None,
    *,
    settings: Settings = None,
    project: Project = HERE,
    no_input: NoInput = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    skip_validation: SkipValidation = False,
) -> None:
    """Add an SQS queue, with a dead-letter queue of its own."""
    _resource("queue", name, settings, Talk(project, no_input, skip_validation), dry_run=dry_run, as_json=as_json)


@app.command("topic")
def topic(
    name: _Name = None,
    *,
    settings: Settings = None,
    project: Project = HERE,
    no_input: NoInput = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    skip_validation: SkipValidation = False,
) -> None:
    """Add an SNS topic."""
    _resource("topic", name, settings, Talk(project, no_input, skip_validation), dry_run=dry_run, as_json=as_json)


@app.command("bucket")
def bucket(
    name: _Name = None,
    *,
    settings: Settings = None,
    project: Project = HERE,
    no_input: NoInput = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    skip_validation: SkipValidation = False,
) -> None:
    """Add an S3 bucket."""
    _resource("bucket", name, settings, Talk(project, no_input, skip_validation), dry_run=dry_run, as_json=as_json)


@app.command("event-bus")
def event_bus(
    name: _Name = None,
    *,
    settings: Settings = None,
    project: Project = HERE,
    no_input: NoInput = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    skip_validation: SkipValidation = False,
) -> None:
    """Add an EventBridge bus."""
    _resource("event-bus", name, settings, Talk(project, no_input, skip_validation), dry_run=dry_run, as_json=as_json)
