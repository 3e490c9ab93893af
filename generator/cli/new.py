"""`samgen new`: from a name to a validated project, all or nothing."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from generator.cli import options
from generator.cli.flags import Flags, models_from_file, spec_from_answers, spec_from_file
from generator.cli.output import is_interactive, result, say
from generator.errors import FindingsError, InputError, ToolError

if TYPE_CHECKING:
    from generator.cli.report import Outcome
    from generator.git import Repository
    from generator.spec.answers import Answers
    from generator.spec.model import ServiceSpec
    from generator.spec.request_models import Models
    from generator.validate import Validator

_INTERRUPTED = 130


def command(
    name: options.Name = None,
    *,
    description: options.Description = None,
    owner: options.Owner = None,
    environment: options.Environments = None,
    region: options.Region = None,
    account: options.Account = None,
    function: options.Functions = None,
    api_name: options.ApiName = None,
    authorization: options.Authorization = None,
    allow_cidr: options.AllowCidrs = None,
    public: options.Public = False,
    spec: options.Spec = None,
    no_input: options.NoInput = False,
    output_dir: options.OutputDir = ".",
    dry_run: options.DryRun = False,
    as_json: options.AsJson = False,
    no_git: options.NoGit = False,
    skip_validation: options.SkipValidation = False,
) -> None:
    """Make a new service: a nested-stack AWS SAM project that SAM and cfn-lint accept.

    Asks for what the flags leave open when there is a terminal. Everything or nothing is written.

    Exit code 0: made; 1: findings, or declined; 2: wrong input; 3: a tool failed; 130: interrupted.
    """
    flags = Flags(
        name=name,
        description=description,
        owner=owner,
        environments=environment or (),
        region=region,
        account=account,
        functions=function or (),
        api_name=api_name,
        authorization=authorization,
        allow_cidrs=allow_cidr or (),
        public=public,
    )
    with ExitStack() as stack:
        # SAM and cfn-lint take seconds to load: they begin now, beside the questions and the rendering.
        validator = None if skip_validation else stack.enter_context(_validator())
        answers = spec_from_file(spec, flags) if spec is not None else _answered(flags, output_dir, no_input)
        models = models_from_file(spec, answers) if spec is not None else {}
        outcome = _outcome(answers, output_dir, dry_run=dry_run, no_git=no_git)
        with _told_findings(outcome, as_json):
            _make(outcome, validator, models, no_git=no_git)
    _tell(outcome, as_json)


def _validator() -> Validator:
    from generator.validate import Validator

    return Validator()


def _answered(flags: Flags, output_dir: str, no_input: bool) -> ServiceSpec:
    """The spec of the flags and, where a person can be asked, of a conversation about the rest."""
    answers = flags.answers()
    if not no_input and is_interactive() and _leave_something_open(answers):
        from generator.cli.conversation import converse

        finished = converse(answers, _folder(output_dir))
        if finished is None:
            say("Declined: nothing was written.")
            raise typer.Exit(1)
        answers = finished
    elif not answers.name:
        raise InputError("NAME is missing: say 'samgen new NAME', or run it in a terminal to be asked")
    return spec_from_answers(answers)


def _leave_something_open(answers: Answers) -> bool:
    single = (answers.name, answers.description, answers.owner, answers.api_name, answers.authorization)
    listed = (answers.environments, answers.functions, answers.public or answers.allow_cidrs)
    return not all((*single, *listed))


def _folder(output_dir: str) -> Path:
    if not output_dir:
        raise InputError("--output-dir: a value is missing (leave the flag out for the current folder)")
    try:
        return Path(output_dir).absolute()
    except FileNotFoundError:
        raise InputError("the current folder does not exist any more: change to another") from None


def _outcome(spec: ServiceSpec, output_dir: str, *, dry_run: bool, no_git: bool) -> Outcome:
    from generator.cli.report import Outcome
    from generator.git import no_repository

    reason = "--no-git was given" if no_git else "it is a dry run" if dry_run else "the project was not written"
    return Outcome(spec, _folder(output_dir) / spec.service.name, dry_run, no_repository(reason))


def _make(outcome: Outcome, validator: Validator | None, models: Models, *, no_git: bool) -> None:
    """Render, validate, commit and move into place; on any error the disk is as it was."""
    from generator.staging import staged

    spec = outcome.spec
    with staged(outcome.target, beside=Path(tempfile.gettempdir()) if outcome.dry_run else None) as staging:
        with _phase("render", outcome):
            from generator.merge.state import record
            from generator.render import render_project

            render_project(spec, staging.project, models)
            record(staging.project)
            outcome.files = _files(staging.project)
        if validator is not None:
            with _phase("validate", outcome):
                _validate(outcome, validator, staging.project)
        if not outcome.dry_run:
            if not no_git:
                with _phase("git", outcome):
                    outcome.git = _commit(spec, staging.project)
            with _phase("write", outcome):
                staging.publish()
                outcome.written = True


def _validate(outcome: Outcome, validator: Validator, project: Path) -> None:
    """Validate for every region of the spec, as regions differ in what they offer."""
    from generator.spec.draft import region_names

    for region in dict.fromkeys(name for place in outcome.spec.environments for name in region_names(place)):
        report = validator.validate(project, region=region)
        outcome.report = outcome.report or report
        if not report.ok:
            outcome.report = report
            number = len(report.findings)
            found = "1 finding" if number == 1 else f"{number} findings"
            raise FindingsError(
                f"The project would have {found} in {region}, so nothing was written: change the answer that a "
                "finding is about, or report it as a fault of samgen's template.",
                report.findings,
            )


def _commit(spec: ServiceSpec, project: Path) -> Repository:
    from generator import __version__
    from generator.git import first_commit

    return first_commit(project, f"Generate {spec.service.name} with samgen {__version__}")


def _files(project: Path) -> list[tuple[str, int]]:
    found = ((p.relative_to(project).as_posix(), p.stat().st_size) for p in project.rglob("*") if p.is_file())
    return sorted(found)


@contextmanager
def _phase(name: str, outcome: Outcome) -> Iterator[None]:
    """Time a phase, and say how long it took once it has succeeded or found something."""
    start = time.perf_counter()
    try:
        yield
    finally:
        seconds = time.perf_counter() - start
        outcome.phases.append((name, seconds))
        if isinstance(sys.exc_info()[1], (FindingsError, type(None))):
            say(f"{name:<9} {seconds:6.2f} s")


@contextmanager
def _told_findings(outcome: Outcome, as_json: bool) -> Iterator[None]:
    """Show findings in their full detail before they end the run."""
    try:
        yield
    except FindingsError as error:
        if as_json:
            _print_json(outcome)
        else:
            for finding in error.findings:
                say(finding.as_text())
        raise


def _tell(outcome: Outcome, as_json: bool) -> None:
    from generator.cli.report import show_summary, show_tree, warn_unchecked
    from generator.staging import printable

    state = f"{printable(outcome.target)} is complete" if outcome.written else "nothing was written"
    try:
        if as_json:
            _print_json(outcome)
            if outcome.report is None:
                warn_unchecked()
            return
        if outcome.dry_run:
            show_tree(outcome.files)
        show_summary(outcome)
    except KeyboardInterrupt:
        # The usual sentence would be wrong: the project stands at its place already.
        say(f"Interrupted: {state}.")
        sys.exit(_INTERRUPTED)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise ToolError(f"The result cannot be printed ({error.strerror}); {state}.") from error


def _print_json(outcome: Outcome) -> None:
    # ASCII, as a path may hold bytes that no encoding of stdout can print.
    result(json.dumps(outcome.as_json(), indent=2))
