"""The command `samgen`: one file a command, and the only package that prints, prompts or exits.

A command's module imports the parts it needs inside its function, so that `samgen --version` and
`--help` answer without loading cfn-lint, SAM or pydantic.
"""

from __future__ import annotations

import os
import sys
import traceback
from typing import Annotated

import typer

from generator import __version__
from generator.cli import add, adopt, check, diff, local, new, regress, remove, rename, schema, update, validate
from generator.cli.output import fail
from generator.errors import SamgenError

INTERRUPTED = 130
_NOTHING_WRITTEN = "Interrupted: nothing was written."

app = typer.Typer(
    name="samgen",
    help="Generate AWS SAM projects that are valid the moment they exist, and validate any of them.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("new")(new.command)
app.command("validate")(validate.command)
app.command("check")(check.command)
app.command("adopt")(adopt.command)
app.command("diff")(diff.command)
app.command("regress")(regress.command)
app.command("update")(update.command)
app.command("schema")(schema.command)
app.add_typer(add.app)
app.add_typer(remove.app)
app.add_typer(rename.app)
app.add_typer(local.app)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"samgen {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Options that stand before any command; `--debug` is honoured wherever it stands."""


def main() -> None:
    """Run the command line; the one place where an error becomes a sentence and an exit code."""
    arguments = sys.argv[1:]
    debug = "--debug" in arguments
    try:
        # Not standalone: Typer would print errors its own way, and end without a word on Ctrl-C.
        code = app(args=[a for a in arguments if a != "--debug"], prog_name="samgen", standalone_mode=False)
    except SamgenError as error:
        _explain(str(error), debug)
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except BrokenPipeError:
        # The reader of a pipe left (`samgen schema | head`): not an error, and nothing to flush to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except SystemExit as stop:
        if type(stop) is not SystemExit:
            # A signal while there was something to clean up (`generator.staging.Stopped`).
            _explain(_NOTHING_WRITTEN, debug)
        raise
    except Exception as error:
        sys.exit(_unexpected(error, debug))
    if code == INTERRUPTED:
        _explain(_NOTHING_WRITTEN, debug)
    sys.exit(code if isinstance(code, int) else 0)


def _unexpected(error: Exception, debug: bool) -> int:
    """Explain an error that is not samgen's own; the exit code."""
    if callable(message := getattr(error, "format_message", None)):
        # Wrong usage, by Typer. It brings its own copy of Click's errors, so they have no class to name.
        context = getattr(error, "ctx", None)
        place = getattr(context, "command_path", "samgen")
        if said := str(message()).rstrip("."):
            fail(f"{said}: '{place} --help' lists what is possible.")
        # Without a word where a bare `samgen` has shown its help instead.
        return 2
    _explain(f"samgen failed unexpectedly ({type(error).__name__}: {error}); --debug shows where.", debug)
    return 3


def _explain(message: str, debug: bool) -> None:
    if debug and sys.exc_info()[1] is not None:
        traceback.print_exc()
    fail(message)
