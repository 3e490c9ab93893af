"""The guided conversation of `samgen new`: asks for what the flags leave open, and checks every answer.

What it returns are the same short answers that flags give, so that both make the same project. A wrong
answer is explained in a line of its own and asked again: a prompt's toolbar would cut the sentence off.
"""

from __future__ import annotations

import dataclasses
import re
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, get_args

import questionary
import typer
from prompt_toolkit.output import Output, create_output
from questionary import Choice

from generator.cli.flags import spec_from_answers
from generator.cli.output import say
from generator.errors import InputError
from generator.spec import defaults, model, names, runtimes, values
from generator.spec.answers import DEFAULT_SCHEDULE, Answers
from generator.spec.lintdata import regions
from generator.spec.names import shown
from generator.spec.triggers import trigger_text

Check = Callable[[str], object]

_NOBODY, _RANGES, _EVERYONE = "nobody", "ranges", "everyone"
_API, _SCHEDULE, _NONE = "api", "schedule", "none"


def converse(given: Answers, folder: Path) -> Answers | None:
    """Ask for every answer that is missing, then show all of them; None where they are declined.

    Args:
        given: what the flags answer; wrong answers among them are refused before anything is asked.
        folder: where the project is to be made.
    """
    from generator.staging import check_target, printable

    spec_from_answers(dataclasses.replace(given, name=given.name or "service"))
    if given.name:
        check_target(folder / given.name)
    say("Enter takes the answer in brackets, or the one that is marked; Ctrl-C stops, and nothing is written.\n")
    try:
        answers = _service(given, folder)
        answers = _environments(answers)
        answers = _api(answers)
        answers = _access(answers)
        answers = _functions(answers)
        _review(answers, printable(folder / answers.name))
        return answers if ask_confirm("Make this project?", default=True) else None
    except EOFError:
        # Ctrl-D: the person is done with being asked, as with Ctrl-C.
        raise KeyboardInterrupt from None


def _service(given: Answers, folder: Path) -> Answers:
    from generator.staging import check_target

    def free_name(value: str) -> None:
        names.check_service_name(value)
        check_target(folder / value)

    name = given.name or ask_text("Name of the service", "", free_name)
    answers = dataclasses.replace(given, name=name)
    fields = model.Service.model_fields
    if not answers.description:
        check = _whole(answers, "description")
        description = ask_text("What is it for, in one line?", fields["description"].default, check)
        answers = dataclasses.replace(answers, description=description)
    if not answers.owner:
        owner = ask_text("Which team answers for it?", fields["owner"].default, _whole(answers, "owner"))
        answers = dataclasses.replace(answers, owner=owner)
    return answers


def _environments(answers: Answers) -> Answers:
    if answers.environments:
        return answers
    done: list[str] = []
    region, account = answers.region or defaults.DEFAULT_REGION, answers.account or defaults.DEFAULT_ACCOUNT
    more = True
    while more:
        number = len(done)
        suggestion = defaults.DEFAULT_ENVIRONMENTS[number] if number < len(defaults.DEFAULT_ENVIRONMENTS) else ""
        name = ask_text(f"Environment {number + 1}: its name", suggestion, _item(answers, "environments", done))
        if not answers.region:
            region = ask_select(f"{name}: region", list(regions() or (region,)), default=region, search=True)
        if not answers.account:
            account = ask_text(f"{name}: AWS account, 12 digits", account, values.check_account)
        done.append(f"{name}:{region}:{account}")
        more = ask_confirm("Another environment?", default=number + 1 < len(defaults.DEFAULT_ENVIRONMENTS))
    return dataclasses.replace(answers, environments=tuple(done))


def _api(answers: Answers) -> Answers:
    fields = model.Api.model_fields
    if not answers.api_name:
        name = ask_text("Name of the API", fields["name"].default, names.check_api_name)
        answers = dataclasses.replace(answers, api_name=name)
    if not answers.authorization:
        told = {
            "iam": "iam: signed requests of AWS identities",
            "cognito": "cognito: tokens of a user pool",
            "lambda": "lambda: whatever a function of the project decides",
        }
        choices = [Choice(told.get(kind, kind), kind) for kind in get_args(model.Authorization)]
        kind = ask_select("How do callers identify themselves?", choices, default=fields["authorization"].default)
        answers = dataclasses.replace(answers, authorization=kind)
    return answers


def _access(answers: Answers) -> Answers:
    if answers.public or answers.allow_cidrs:
        return answers
    choices = [
        Choice("nobody for now: the WAF blocks everyone until a range is named", _NOBODY),
        Choice("address ranges that I name", _RANGES),
        Choice("everyone: the API is open to the internet", _EVERYONE),
    ]
    while True:
        who = ask_select("From where may it be called?", choices, default=_NOBODY)
        if who == _RANGES:
            text = ask_text("Address ranges, separated by spaces", "", _whole(answers, "allow_cidrs", _ranges))
            return dataclasses.replace(answers, allow_cidrs=_ranges(text))
        if who == _NOBODY:
            return answers
        if ask_confirm("Open every environment to every address of the internet?", default=False):
            return dataclasses.replace(answers, public=True)


def _ranges(text: str) -> tuple[str, ...]:
    ranges = tuple(part for part in re.split(r"[,\s]+", text) if part)
    if not ranges:
        raise ValueError("name at least one range, such as 10.20.0.0/16")
    return ranges


def _functions(answers: Answers) -> Answers:
    if answers.functions:
        return answers
    done: list[str] = []
    more = True
    while more:
        suggestion = "" if done else defaults.DEFAULT_FUNCTION
        name = ask_text(f"Function {len(done) + 1}: its name", suggestion, _item(answers, "functions", done, "::none"))
        start = f"{name}:{ask_runtime(name)}:"
        done.append(start + ask_trigger(name, _item(answers, "functions", done, before=start)))
        more = ask_confirm("Another function?", default=False)
    return dataclasses.replace(answers, functions=tuple(done))


def ask_runtime(name: str) -> str:
    """Ask for a function's runtime, the newest Python first."""
    newest_first = [runtime for family in runtimes.families() for runtime in runtimes.supported(family)]
    newest = runtimes.newest()
    if newest is None:
        # Without cfn-lint's data there is nothing to choose from, and nothing that would have a default.
        return ask_text(f"{name}: runtime", "", runtimes.check_runtime)
    return ask_select(f"{name}: runtime", newest_first, default=newest)


# What is asked about each source, and what is suggested; the answer's short form begins with the key.
_SOURCES = {
    "queue": ("which queue? It is created, or exists where you give its ARN", "{}-work"),
    "topic": ("which topic? It is created, or exists where you give its ARN", "{}-news"),
    "bucket": ("which bucket? It is created, or exists where you give its ARN", "{}-files"),
    "events": ("whose events? The source that they name", "com.example.{}"),
}


def ask_trigger(name: str, check: Check) -> str:
    """Ask what invokes a function until the check takes the short form of it, which is returned."""
    choices = [
        Choice("a request to the API", _API),
        Choice("a schedule", _SCHEDULE),
        Choice("messages of a queue", "queue"),
        Choice("messages of a topic", "topic"),
        Choice("changes in a bucket", "bucket"),
        Choice("events of EventBridge", "events"),
        Choice("nothing for now", _NONE),
    ]
    kind = ask_select(f"{name}: what invokes it?", choices, default=_API)
    if kind == _NONE:
        return _NONE
    if kind == _SCHEDULE:
        return ask_text(f"{name}: when? rate(5 minutes), cron(0 6 ? * MON-FRI *)", DEFAULT_SCHEDULE, _schedule(check))
    if kind in _SOURCES:
        question, usual_name = _SOURCES[kind]
        return f"{kind} " + ask_text(
            f"{name}: {question}", usual_name.format(name), lambda text: check(f"{kind} {text}")
        )
    usual = defaults.default_trigger(name)
    method = ask_select(f"{name}: method", list(values.METHODS), default=usual["method"])
    path = ask_text(f"{name}: path", usual["path"], lambda path: (values.check_path(path), check(f"{method} {path}")))
    return f"{method} {path}"


def _schedule(check: Check) -> Check:
    # By itself first: `api` would be a trigger, but is no schedule.
    return lambda text: (values.check_schedule(text), check(text))


def _whole(answers: Answers, field: str, read: Callable[[str], Any] = str) -> Check:
    """A check of an answer together with all others, by the models themselves."""

    def check(text: str) -> None:
        if not text:
            raise ValueError("an answer is needed here")
        spec_from_answers(dataclasses.replace(answers, **{field: read(text)}))

    return check


def _item(answers: Answers, field: str, done: Sequence[str], after: str = "", before: str = "") -> Check:
    """A check of one more environment or function together with those that are there already."""
    whole = _whole(answers, field, lambda text: (*done, f"{before}{text}{after}"))

    def check(text: str) -> None:
        if ":" in text and not before:
            # It would be read as the short form of a flag, which says more than a name.
            raise ValueError(f"{shown(text)} is not a name: use {names.NAME_RULE}")
        whole(text)

    return check


def ask_text(question: str, default: str, check: Check) -> str:
    """Ask for a line until it passes the check; an empty one takes the default."""
    hint = f"[{default}]" if default else None
    while True:
        answer = str(_ask(questionary.text(question, instruction=hint, output=_output()))) or default
        try:
            check(answer)
        except (ValueError, InputError) as error:
            say(f"  {_without_flag(str(error))}", color=typer.colors.RED)
        else:
            return answer


def _without_flag(message: str) -> str:
    """`--owner: 'x' is …` → `'x' is …`: in a conversation the question says what it is about."""
    return re.sub(r"^(NAME|--[a-z-]+)( '[^']*')?: ", "", message)


def ask_select(question: str, choices: Sequence[Any], default: str, search: bool = False) -> str:
    """Ask to choose one; what is returned is the choice's value."""
    hint = "(type to search, arrows to move)" if search else "(arrows to move)"
    asked = questionary.select(
        question,
        choices=choices,
        default=default,
        instruction=hint,
        use_search_filter=search,
        use_jk_keys=not search,
        output=_output(),
    )
    return str(_ask(asked))


def ask_confirm(question: str, *, default: bool) -> bool:
    """Ask yes or no."""
    return bool(_ask(questionary.confirm(question, default=default, output=_output())))


def _ask(question: questionary.Question) -> Any:
    # Not `ask`, which turns Ctrl-C into an answer.
    return question.unsafe_ask()


@cache
def _output() -> Output:
    """Questions go to stderr: stdout is for the result, which may be redirected."""
    return create_output(stdout=sys.stderr)


def _review(answers: Answers, target: str) -> None:
    spec = spec_from_answers(answers)
    access = "everyone" if answers.public else ", ".join(answers.allow_cidrs) or "nobody for now"
    rows = [
        ("folder", target),
        ("description", spec.service.description),
        ("owner", spec.service.owner),
        *(("environment", f"{e.name}  {e.region}  {e.account}") for e in spec.environments),
        ("API", f"<environment>-{spec.api.name}, {spec.api.authorization}"),
        ("may be called by", access),
        *(("function", f"{f.name}  {f.runtime}  {_triggers(f)}") for f in spec.functions),
    ]
    width = max(len(label) for label, _ in rows)
    say()
    for label, value in rows:
        say(f"  {label:{width}}  {value}")
    say()


def _triggers(function: model.Function) -> str:
    texts = [trigger_text(trigger) for trigger in function.triggers]
    return ", ".join(texts) or "no trigger"
