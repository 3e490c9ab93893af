"""Flags as types: those of `samgen new`, and what `update` and `diff` share; what each is called and its help says."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

_ANSWERS = "Answers (in a terminal you are asked for what is missing)"
_MANNER = "What to do"

# Typer reads these on Python 3.10 too, where `Optional` is what an alias outside a signature may hold.
OptionalText = Optional[str]  # noqa: UP045
OptionalTexts = Optional[list[str]]  # noqa: UP045

Name = Annotated[
    OptionalText,
    typer.Argument(metavar="NAME", help="The service's name, and the name of the folder that is made."),
]
Description = Annotated[
    OptionalText,
    typer.Option("--description", rich_help_panel=_ANSWERS, help="What the service is for, in one line."),
]
Owner = Annotated[
    OptionalText, typer.Option("--owner", rich_help_panel=_ANSWERS, help="The team that answers for the service.")
]
Environments = Annotated[
    OptionalTexts,
    typer.Option(
        "--environment",
        "-e",
        metavar="NAME[:REGION[:ACCOUNT]]",
        rich_help_panel=_ANSWERS,
        help="Where the service is deployed to; may be repeated. By default dev and prod.",
    ),
]
Region = Annotated[
    OptionalText,
    typer.Option("--region", rich_help_panel=_ANSWERS, help="The region of environments that name none."),
]
Account = Annotated[
    OptionalText,
    typer.Option("--account", rich_help_panel=_ANSWERS, help="The account of environments that name none, 12 digits."),
]
Functions = Annotated[
    OptionalTexts,
    typer.Option(
        "--function",
        "-f",
        metavar="NAME[:RUNTIME[:TRIGGER]]",
        rich_help_panel=_ANSWERS,
        help="A function; may be repeated. TRIGGER is 'GET /path', 'rate(5 minutes)', 'cron(0 6 ? * MON-FRI *)', "
        "'queue NAME', 'topic NAME', 'bucket NAME', 'events SOURCE', api, schedule or none.",
    ),
]
ApiName = Annotated[
    OptionalText, typer.Option("--api-name", rich_help_panel=_ANSWERS, help="The API is called <environment>-<this>.")
]
Authorization = Annotated[
    OptionalText,
    typer.Option(
        "--authorization", rich_help_panel=_ANSWERS, help="How callers identify themselves: iam, cognito or lambda."
    ),
]
AllowCidrs = Annotated[
    OptionalTexts,
    typer.Option(
        "--allow-cidr",
        metavar="RANGE",
        rich_help_panel=_ANSWERS,
        help="An address range that may call the API; may be repeated. Without one nobody may.",
    ),
]
Public = Annotated[
    bool, typer.Option("--public", rich_help_panel=_ANSWERS, help="Open the API to every address of the internet.")
]
Spec = Annotated[
    OptionalText,
    typer.Option(
        "--spec",
        metavar="FILE",
        rich_help_panel=_ANSWERS,
        help="Take all answers from a samgen.yaml, or from standard input where FILE is -.",
    ),
]
NoInput = Annotated[
    bool, typer.Option("--no-input", rich_help_panel=_ANSWERS, help="Ask nothing; take defaults for what is missing.")
]
OutputDir = Annotated[
    str,
    typer.Option(
        "--output-dir", "-o", metavar="FOLDER", rich_help_panel=_MANNER, help="The folder to make the project in."
    ),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", rich_help_panel=_MANNER, help="Show the files that would be made; write nothing.")
]
AsJson = Annotated[
    bool, typer.Option("--json", rich_help_panel=_MANNER, help="Print the result as JSON on standard output.")
]
NoGit = Annotated[
    bool, typer.Option("--no-git", rich_help_panel=_MANNER, help="Make no git repository and no first commit.")
]
SkipValidation = Annotated[
    bool, typer.Option("--skip-validation", rich_help_panel=_MANNER, help="Do not run the checks on the new project.")
]

Base = Annotated[
    OptionalText,
    typer.Option(metavar="COMMIT|FOLDER|none|now", help="What was rendered last, of a project without a record."),
]
