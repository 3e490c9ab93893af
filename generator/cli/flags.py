"""What was typed after `samgen new`: the answers in it, and problems in the words it was typed in."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.errors import InputError

if TYPE_CHECKING:
    from generator.spec.answers import Answers
    from generator.spec.model import ServiceSpec
    from generator.spec.problems import Problem

STANDARD_INPUT = "-"

_LABELS: dict[tuple[str | int, ...], str] = {
    ("service", "name"): "NAME",
    ("service", "description"): "--description",
    ("service", "owner"): "--owner",
    ("api", "name"): "--api-name",
    ("api", "authorization"): "--authorization",
}


@dataclass(frozen=True)
class Flags:
    """The flags that answer a question; None or empty where the flag was not given."""

    name: str | None = None
    description: str | None = None
    owner: str | None = None
    environments: Sequence[str] = ()
    region: str | None = None
    account: str | None = None
    functions: Sequence[str] = ()
    api_name: str | None = None
    authorization: str | None = None
    allow_cidrs: Sequence[str] = ()
    public: bool = False

    def given(self) -> list[str]:
        """The flags that were given, NAME aside, as they are typed."""
        typed = {
            "--description": self.description is not None,
            "--owner": self.owner is not None,
            "--environment": bool(self.environments),
            "--region": self.region is not None,
            "--account": self.account is not None,
            "--function": bool(self.functions),
            "--api-name": self.api_name is not None,
            "--authorization": self.authorization is not None,
            "--allow-cidr": bool(self.allow_cidrs),
            "--public": self.public,
        }
        return [flag for flag, is_given in typed.items() if is_given]

    def answers(self) -> Answers:
        """The answers in the flags; InputError where a flag is there without a value."""
        from generator.spec.answers import Answers

        single = {
            "NAME": self.name,
            "--description": self.description,
            "--owner": self.owner,
            "--region": self.region,
            "--account": self.account,
            "--api-name": self.api_name,
            "--authorization": self.authorization,
        }
        listed = {
            "--environment": self.environments,
            "--function": self.functions,
            "--allow-cidr": self.allow_cidrs,
        }
        empty = [flag for flag, value in single.items() if value == ""]
        empty += [flag for flag, values in listed.items() if "" in values]
        if empty:
            raise InputError(f"{_words(empty)}: a value is missing (leave the flag out for the default)")
        if self.public and self.allow_cidrs:
            raise InputError("--public and --allow-cidr exclude each other: keep one of the two")
        return Answers(
            name=self.name or "",
            description=self.description or "",
            owner=self.owner or "",
            environments=tuple(self.environments),
            region=self.region or "",
            account=self.account or "",
            functions=tuple(self.functions),
            api_name=self.api_name or "",
            authorization=self.authorization or "",
            allow_cidrs=tuple(self.allow_cidrs),
            public=self.public,
        )


def spec_from_answers(answers: Answers) -> ServiceSpec:
    """The checked spec of the answers; InputError names the flags that hold what is wrong."""
    from generator.spec.load import spec_from
    from generator.spec.problems import SpecError

    rows = _unreadable(answers)
    if not rows:
        try:
            return spec_from(answers.document(), "the answers")
        except SpecError as error:
            rows = [_row(p, answers) for p in error.problems if not _follows(p, error.problems, answers)]
    rows = list(dict.fromkeys(rows))
    if len(rows) == 1:
        raise InputError(rows[0])
    raise InputError(f"{len(rows)} answers cannot be used:\n  " + "\n  ".join(rows))


def spec_from_file(source: str, flags: Flags) -> ServiceSpec:
    """The checked spec of a file, or of standard input for `-`; InputError where flags contradict it."""
    from generator.spec.load import parse_spec
    from generator.spec.names import shown
    from generator.staging import printable

    if given := flags.given():
        raise InputError(f"--spec answers everything: leave out {_words(given)}, or write the answers into the file")
    place = "standard input" if source == STANDARD_INPUT else printable(source)
    spec = parse_spec(_read(source, place), place)
    if flags.name is not None and flags.name != spec.service.name:
        raise InputError(f"NAME is {shown(flags.name)}, but {place} names the service {shown(spec.service.name)}")
    return spec


def models_from_file(source: str, spec: ServiceSpec) -> dict[str, dict[str, Any]]:
    """The JSON Schema files beside the spec's file that its routes name; for `-` those of the current folder."""
    from generator.spec.request_models import load_models

    return load_models(spec, Path.cwd() if source == STANDARD_INPUT else Path(source).parent)


def _read(source: str, place: str) -> bytes:
    from generator.spec.load import SIZE_LIMIT

    # One byte more than allowed is enough to see that it is too long, and ends with an endless source too.
    try:
        if source == STANDARD_INPUT:
            return sys.stdin.buffer.read(SIZE_LIMIT + 1)
        with open(source, "rb") as file:  # noqa: PTH123 (a Path would make '' the current folder)
            return file.read(SIZE_LIMIT + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"{place or '--spec'} cannot be read: {reason}") from None


def _unreadable(answers: Answers) -> list[str]:
    """What is wrong with the short forms themselves."""
    from generator.spec.answers import parse_function
    from generator.spec.names import shown

    rows = []
    for text in answers.functions:
        try:
            parse_function(text)
        except InputError as error:
            rows.append(f"--function {shown(text)}: {error}")
    return rows


def _follows(problem: Problem, problems: Sequence[Problem], answers: Answers) -> bool:
    """Whether it is about a path that was derived from a function's name which is wrong itself."""
    section, index, field = (*problem.path, None, None, None)[:3]
    if section != "functions" or field != "triggers" or not isinstance(index, int):
        return False
    typed = answers.functions[index] if index < len(answers.functions) else ""
    explicit = "/" in typed
    return not explicit and any(other.path == ("functions", index, "name") for other in problems)


def _row(problem: Problem, answers: Answers) -> str:
    # The models name the key of samgen.yaml, where a person at the flags has a flag.
    message = problem.message.replace("'public: true'", "--public")
    return f"{_label(problem, answers)}: {message}"


def _label(problem: Problem, answers: Answers) -> str:
    from generator.spec.names import shown
    from generator.spec.problems import path_text

    path = problem.path
    if label := _LABELS.get(path[:2]):
        return label
    section, index, field = (*path, None, None, None)[:3]
    if field == "allowed_cidrs":
        return "--allow-cidr"
    if section not in {"environments", "functions"}:
        return path_text(path)
    flag = f"--{str(section).removesuffix('s')}"
    listed = answers.environments if section == "environments" else answers.functions
    typed = listed[index] if isinstance(index, int) and index < len(listed) else ""
    place = {"region": 1, "account": 2}.get(str(field)) if section == "environments" else None
    if place is not None and not "".join(typed.split(":")[place : place + 1]).strip():
        return f"--{field}"
    return f"{flag} {shown(typed)}" if typed else flag


def _words(flags: Sequence[str]) -> str:
    return " and ".join([", ".join(flags[:-1]), flags[-1]] if len(flags) > 1 else flags)
