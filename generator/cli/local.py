"""`samgen local`: the project on this machine, in an emulator of AWS; no account, no Docker."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from generator.cli.output import fail, result, result_json, say
from generator.cli.recovery import recovered
from generator.errors import InputError

INTERRUPTED = 130
_SHOWN = 3
_INTERRUPTED = "Interrupted: the next 'samgen local up' goes on from here."

app = typer.Typer(
    name="local",
    help="Run the project on this machine, in an emulator of AWS: no account, no Docker.",
    no_args_is_help=True,
)

Project = Annotated[Path, typer.Option("--project", metavar="FOLDER", callback=recovered, help="The project's folder.")]
Environment = Annotated[
    Optional[str],  # noqa: UP045 - Typer reads it on Python 3.10
    typer.Option("--environment", "-e", metavar="NAME", help="An environment of samconfig.toml."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON on standard output.")]
Function = Annotated[str, typer.Argument(metavar="FUNCTION", help="A function's name, its end, or its logical id.")]
Event = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option("--event", metavar="FILE", help="The event, as JSON; - for standard input. By default {}."),
]


@contextmanager
def _interruptible(message: str) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        if message:
            fail(message)
        sys.exit(INTERRUPTED)


@app.command("up")
def up(
    project: Project = Path(),
    environment: Environment = None,
    watch: Annotated[bool, typer.Option("--watch", help="Deploy changes as they are saved, until Ctrl-C.")] = False,
    as_json: AsJson = False,
) -> None:
    """Start the emulator, build and deploy what changed, and show how to call it.

    Exit code 0: it runs; 2: wrong input; 3: a tool is missing or failed.
    """
    from generator.local import session

    if watch:
        _watch(project, environment, as_json)
        return
    with _interruptible(_INTERRUPTED):
        report = session.up(project, environment, say)
    if as_json:
        result_json(report)
    else:
        _show(report)


def _watch(project: Path, environment: str | None, as_json: bool) -> None:
    """Bring it up and stay; as JSON, an object a line for each deployment."""
    from generator.local.session import Up
    from generator.local.watch import Watch

    up = Up(project, environment, say)
    with _interruptible(_INTERRUPTED):
        watch = Watch(up, project)
        report = up()
    (_line if as_json else _show)(report)
    say("Watching; Ctrl-C ends that, and takes nothing down.", bold=True)
    up.tell = lambda _step: None
    try:
        watch.run(_line if as_json else _show_change, fail)
    except KeyboardInterrupt:
        say("No longer watching. What runs goes on; 'samgen local down' ends it.")


def _line(report: dict[str, Any]) -> None:
    result(json.dumps(report, ensure_ascii=False))


def _show_change(report: dict[str, Any]) -> None:
    names = [Path(name).name if len(report["files"]) > _SHOWN else name for name in report["files"]]
    shown = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
    deployed = ", ".join([*report["changed"], *(f"{name} removed" for name in report["removed"])])
    say(f"{shown or 'Changes'}: {deployed}, in {report['seconds']} s", color=typer.colors.GREEN)


@app.command("status")
def status(project: Project = Path(), environment: Environment = None, as_json: AsJson = False) -> None:
    """Show what runs: where it answers, its routes and functions, and what is not emulated.

    Exit code 0: something runs; 1: nothing does.
    """
    from generator.local import session

    found = session.status(project, environment)
    if as_json:
        result_json(found)
    for one in () if as_json else found:
        say(f"{one['environment']}: {one['status']}; its log is {one['log']}", bold=True)
        if one["status"] == "up":
            _show(one)
    if not any(one["status"] != "down" for one in found):
        say("Nothing runs here.")
        raise typer.Exit(1)


@app.command("down")
def down(
    project: Project = Path(),
    environment: Environment = None,
    purge: Annotated[bool, typer.Option("--purge", help="Remove what was built, and the logs, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Stop the emulator; what was in it is gone."""
    from generator.local import session

    stopped = session.down(project, environment, purge=purge)
    if as_json:
        result_json({"stopped": stopped, "purged": purge})
    else:
        say(f"Stopped: {', '.join(stopped)}." if stopped else "Nothing ran here.")


@app.command("invoke")
def invoke(
    function: Function,
    event: Event = None,
    project: Project = Path(),
    environment: Environment = None,
    as_json: AsJson = False,
) -> None:
    """Invoke a function through its alias, and show its answer.

    Exit code 0: it answered; 1: it failed.
    """
    from generator.local import calls, running

    with _interruptible(""), running.running(project, environment) as here:
        answer = calls.invoke(here, function, _event(event))
    if as_json:
        result_json(answer)
    else:
        result(json.dumps(answer["payload"], indent=2, ensure_ascii=False))
        say(f"{answer['function']}, version {answer['version']}, {answer['seconds']} s")
    if answer["error"]:
        fail(f"The function failed ({answer['error']}); 'samgen local logs {function}' shows what it logged.")
        raise typer.Exit(1)


@app.command("send")
def send(
    function: Function,
    trigger: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            metavar="KIND", help="Which trigger: sqs, sns, s3, eventbridge, dynamodb, schedule, function or api."
        ),
    ] = None,
    event: Event = None,
    *,
    project: Project = Path(),
    environment: Environment = None,
    as_json: AsJson = False,
) -> None:
    """Send a message through what really invokes a function.

    Its queue, topic, bucket, bus or table; its schedule, which fires now; its route; or another function's outcome.
    """
    from generator.local import running
    from generator.local.send import send as put

    body = None if event is None else _event(event).decode("utf-8", errors="replace")
    with running.running(project, environment) as here:
        told = put(here, function, trigger, body)
    if as_json:
        result_json(told)
    else:
        say(f"Sent {told['sent']} to {told['source']}; 'samgen local logs {function}' shows what came of it.")


def _event(file: Path | None) -> bytes:
    if file is None:
        return b"{}"
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror or error}.") from error


@app.command("logs")
def logs(
    function: Function,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as the function logs, until Ctrl-C.")] = False,
    project: Project = Path(),
    environment: Environment = None,
    as_json: AsJson = False,
) -> None:
    """Show what a function logged; as JSON, an object a line."""
    from generator.local import calls, running

    with _interruptible(""), running.running(project, environment) as here:
        for line in calls.logs(here, function, follow=follow):
            result(json.dumps(line, ensure_ascii=False) if as_json else line["message"])


@app.command("token")
def token(
    authorizer: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(metavar="KIND", help="Whose routes it is for: cognito or lambda."),
    ] = None,
    project: Project = Path(),
    environment: Environment = None,
    as_json: AsJson = False,
) -> None:
    """Print what a caller sends to routes that Cognito or a Lambda authorizer protects."""
    from generator.local import access, running

    if authorizer not in (None, "cognito", "lambda"):
        raise InputError(f"There is no authorizer {authorizer!r}; there are: cognito, lambda.")
    with running.running(project, environment) as here:
        text = access.token(here, authorizer)
    if as_json:
        result_json({"token": text})
    else:
        result(text)


def _show(report: dict[str, Any]) -> None:
    """What runs, for a person: addresses and calls on stdout, the rest on stderr."""
    for address in report["apis"]:
        result(address)
    if report["routes"]:
        say("Routes:", bold=True)
    for route in report["routes"]:
        say(f"  {route['method']:6} {route['path']} ({_authorization(route)})")
        result(f"    {route['call']}")
    say("Functions: " + ", ".join(sorted(report["functions"].values())))
    for secret in report["secrets"]:
        say(f"Secret {secret['name']}: {_source(secret)}")
    for runtime in report["runtimes"]:
        if runtime["differs"]:
            say(f"{runtime['played_by']} plays {runtime['declared']}.", color=typer.colors.YELLOW)
    _show_missing(report["not_emulated"])
    credentials = report["credentials"]
    say(
        f"AWS answers at {report['url']} in {report['region']}, for AWS_ACCESS_KEY_ID={credentials['access_key_id']} "
        f"and AWS_SECRET_ACCESS_KEY={credentials['secret_access_key']}."
    )
    if "seconds" in report:
        changed = len(report["changed"]) + len(report["removed"])
        say(f"Up in {report['seconds']} s; stacks deployed: {changed}, unchanged: {len(report['unchanged'])}.")


def _authorization(route: dict[str, Any]) -> str:
    return f"{route['authorization']}, API key" if route["api_key"] else str(route["authorization"])


def _source(secret: dict[str, str]) -> str:
    if secret["source"] == "placeholder":
        return f"a placeholder; {secret['variable']}=… in .env gives it a value"
    return f"from {secret['source']}"


def _show_missing(missing: list[dict[str, str]]) -> None:
    if not missing:
        return
    say("Not emulated, so not deployed:", bold=True)
    kinds: dict[str, list[str]] = {}
    for one in missing:
        kinds.setdefault(one["type"], []).append(one["resource"])
    for kind, resources in sorted(kinds.items()):
        shown = resources[0] if len(resources) == 1 else f"{resources[0]} and {len(resources) - 1} more"
        say(f"  {kind} ({shown})")
