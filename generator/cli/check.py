"""`samgen check`: the catalogue of failures as a review of any SAM or CloudFormation project."""

from __future__ import annotations

import os
import re
import sys
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from generator.cli.output import fail, result, say
from generator.cli.recovery import recovered
from generator.errors import InputError
from generator.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.checks.baseline import Baseline
    from generator.checks.review import Review
    from generator.checks.rule import Rule


class Format(str, Enum):
    """The form of the report."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    JUNIT = "junit"
    GITHUB = "github"
    HTML = "html"


_OWN = {
    "suppression": "an entry of Metadata.samgen.suppress without an id, without a reason, or that accepts nothing.",
    "samconfig": "samconfig.toml cannot be read, or says what is no setting of an environment.",
    "yaml": "a template cannot be read as YAML or JSON.",
    "sam": "SAM's translator refuses the template.",
    "cloudformation": "CloudFormation would refuse the template, which cfn-lint does not say.",
}
"""What findings mean that have no rule of the catalogue."""

_WHAT = "What to look for"
_HOW = "How to show it"


def command(
    paths: Annotated[
        Optional[list[Path]],  # noqa: UP045 - Typer reads it on Python 3.10
        typer.Argument(metavar="[PATH]...", help="Project folders or template files; by default the current folder."),
    ] = None,
    *,
    form: Annotated[Format, typer.Option("--format", rich_help_panel=_HOW, help="The form of the report.")] = (
        Format.TEXT
    ),
    output: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--output", metavar="FILE", rich_help_panel=_HOW, help="Write the report to a file."),
    ] = None,
    select: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(metavar="IDS", rich_help_panel=_WHAT, help="Only these: SG101, a category SG1, E3012; by commas."),
    ] = None,
    ignore: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(metavar="IDS", rich_help_panel=_WHAT, help="Leave these out; as with --select."),
    ] = None,
    severity: Annotated[
        Severity, typer.Option(rich_help_panel=_WHAT, help="The least severity that fails.")
    ] = Severity.WARNING,
    environment: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(metavar="NAME", rich_help_panel=_WHAT, help="Only this environment of samconfig.toml."),
    ] = None,
    baseline: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(metavar="FILE", rich_help_panel=_WHAT, help="A file of known findings; only new ones fail."),
    ] = None,
    write_baseline: Annotated[
        bool, typer.Option("--write-baseline", rich_help_panel=_WHAT, help="Write what is found to that file.")
    ] = False,
    explain: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(metavar="ID", help="Say what a rule looks for and how to mend it, and stop."),
    ] = None,
    list_rules: Annotated[bool, typer.Option("--list", help="List every rule, and stop.")] = False,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Processes that lint; by default one a processor, four at most.")
    ] = None,
) -> None:
    """Review SAM or CloudFormation projects, all stacks of each together, for what the catalogue names.

    Exit code 0: nothing found; 1: findings; 2: wrong input; 3: a tool or a rule failed.
    """
    from generator.checks import load_rules
    from generator.checks.review import Reviewer
    from generator.checks.select import selection

    rules = load_rules()
    if explain is not None:
        _explain(explain, rules)
        return
    if list_rules:
        for rule in rules.values():
            result(f"{rule.id}  {rule.severity.value:7}  {rule.sentence}")
        return
    from generator.checks.catalogue.validity import catalogue_id

    chosen = selection(select or (), ignore or (), rules)
    known = _known(baseline, output, write=write_baseline)
    from generator.checks.workspace import projects_at
    from generator.validate import Validator

    places = recovered(projects_at(recovered(paths or [Path()])))
    # Of several projects the reviewer knows better who does what.
    with Validator(jobs=jobs, ahead=len(places) < 2) as validator:  # noqa: PLR2004
        reviewer = Reviewer(validator, rules, chosen, environment, severity, catalogue_id)
        review = reviewer.review(places, known)
    if write_baseline and baseline is not None:
        _write_baseline(baseline, review)
    else:
        _show(review, form, output)
    for failure in review.failures:
        fail(failure)
    if review.failures:
        raise typer.Exit(3)
    if not (review.ok or write_baseline):
        raise typer.Exit(1)


def _known(path: Path | None, output: Path | None, *, write: bool) -> Baseline | None:
    from generator.checks.baseline import read_baseline

    if write and path is None:
        raise InputError("--write-baseline needs --baseline FILE: the file to write.")
    if write and output is not None:
        raise InputError("--write-baseline writes no report: leave out --output, or run samgen check again without it.")
    return None if write or path is None else read_baseline(path)


def _write_baseline(path: Path, review: Review) -> None:
    from generator.checks.baseline import write_baseline
    from generator.checks.review import shown_findings

    if review.failures:
        return
    _spare_templates(path, review)
    number = write_baseline(path, shown_findings(review))
    say(f"Wrote {path}: known findings: {number}.")


def _show(review: Review, form: Format, output: Path | None) -> None:
    from generator.checks.baseline import replace_text
    from generator.checks.report import VIEWS
    from generator.checks.report.scorecard import summary

    report = VIEWS[form.value](review)
    if output is None:
        _print(report)
    else:
        _spare_templates(output, review)
        try:
            replace_text(output, report)
        except OSError as error:
            raise InputError(f"{output} cannot be written: {error.strerror or error}.") from error
    if form is Format.TEXT:
        for line in summary(review):
            say(line)
        if review.gone:
            say(f"No longer found, though the baseline lists them: {review.gone}; write it anew.")
        if review.ok and not review.failures:
            say("Nothing found that fails.", color=typer.colors.GREEN)


def _print(report: str) -> None:
    try:
        if report:
            result(report.removesuffix("\n"))
            sys.stdout.flush()
    except BrokenPipeError:
        raise  # whoever reads has enough
    except OSError as error:
        raise InputError(f"Standard output cannot be written: {error.strerror or error}.") from error


def _spare_templates(path: Path, review: Review) -> None:
    """Refuse to write over what is reviewed: a slip of the pen would cost a template."""
    from generator.checks.workspace import CONFIG_NAMES

    target = os.path.realpath(path)
    for project in review.projects:
        reviewed = [*project.templates.values(), *(project.root / name for name in CONFIG_NAMES)]
        if any(template is not None and os.path.realpath(template) == target for template in reviewed):
            raise InputError(f"{path} is a file of the project: name another file to write.")


def _explain(identifier: str, rules: Mapping[str, Rule]) -> None:
    word = identifier.strip()
    rule = rules.get(word.upper())
    if rule is None and word in _OWN:
        result(f"{word}: {_OWN[word]}")
        return
    if rule is None and re.fullmatch(r"[EWI]\d{4}", word.upper()):
        raise InputError(f"{word.upper()} is a rule of cfn-lint, which explains it: 'cfn-lint --list-rules'.")
    if rule is None:
        raise InputError(f"There is no rule {identifier!r}; 'samgen check --list' lists them.")
    from generator.checks.report.scorecard import CATEGORIES

    result(f"{rule.id} ({CATEGORIES[rule.category]}, {rule.severity.value})")
    result(rule.sentence)
    result(f"To mend it: {rule.mend}")
    result(f"See {rule.link}")
