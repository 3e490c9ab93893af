"""`samgen validate`: the verdict of SAM, cfn-lint and the links between stacks on any project."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from generator.cli.output import result, result_json, say
from generator.cli.recovery import recovered

if TYPE_CHECKING:
    from generator.validate import Report


class Format(str, Enum):
    """How the findings are shown."""

    TEXT = "text"
    JSON = "json"


def command(
    path: Annotated[Path, typer.Argument(help="A project folder or a template file.")] = Path(),
    output: Annotated[Format, typer.Option("--format", help="How to show the findings.")] = Format.TEXT,
    region: Annotated[str, typer.Option(help="The region to be deployed to.")] = "us-west-2",
    aws: Annotated[
        bool, typer.Option("--aws", help="Ask CloudFormation too; needs credentials and a network.")
    ] = False,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Processes that lint; by default one a processor, four at most.")
    ] = None,
) -> None:
    """Validate a SAM or CloudFormation project with all its nested stacks.

    Exit code 0: nothing found; 1: findings; 2: wrong input; 3: a tool failed.
    """
    from generator.validate import Validator

    with Validator(jobs=jobs) as validator:
        client = None
        if aws:
            from generator.validate.aws import AwsValidator

            client = AwsValidator.connect(region)
        report = validator.validate(recovered(path), region=region, aws=client)
    if output is Format.JSON:
        result_json(report.as_json())
    else:
        show(report)
    if not report.ok:
        raise typer.Exit(1)


def show(report: Report) -> None:
    """Print the findings on stdout, a line each, and a summary of the checks on stderr."""
    for finding in report.findings:
        result(finding.as_text())
    width = max(len(check.name) for check in report.checks)
    for check in report.checks:
        say(
            f"{check.name:{width}}  {check.templates:3} templates  {check.findings:3} findings  {check.seconds:5.2f} s",
            color=typer.colors.RED if check.findings else None,
        )
    if report.ok:
        say(f"Valid: {', '.join(report.templates)}.", color=typer.colors.GREEN)
