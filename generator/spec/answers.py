"""The short answers of flags, prompts and cookiecutter.json, and the document they stand for.

`--environment prod:eu-west-1:111122223333`, `--function "orders:python3.13:GET /orders/{id}"`. Standard
library only: cookiecutter asks the same questions where nothing else is installed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from generator.errors import InputError
from generator.spec.defaults import DEFAULT_ENVIRONMENTS, DEFAULT_FUNCTION, default_trigger
from generator.spec.names import shown
from generator.spec.values import METHODS

DEFAULT_SCHEDULE = "rate(1 hour)"
_PARTS = 3


@dataclass(frozen=True)
class Answers:
    """What was answered; empty where the default is wanted.

    Attributes:
        name: the service's name.
        environments: each `NAME[:REGION[:ACCOUNT]]`.
        functions: each `NAME[:RUNTIME[:TRIGGER]]`.
        region: for the environments that name none.
        account: for the environments that name none.
        allow_cidrs: ranges that may call the API, in every environment.
        public: whether every environment is open to every address.
    """

    name: str
    description: str = ""
    owner: str = ""
    environments: Sequence[str] = ()
    region: str = ""
    account: str = ""
    functions: Sequence[str] = ()
    api_name: str = ""
    authorization: str = ""
    allow_cidrs: Sequence[str] = ()
    public: bool = False

    def document(self) -> dict[str, Any]:
        """The samgen.yaml document of these answers; InputError where a short form cannot be read."""
        document: dict[str, Any] = {
            "service": _given(name=self.name or None, description=self.description, owner=self.owner),
            "environments": [self._environment(text) for text in self.environments or DEFAULT_ENVIRONMENTS],
            "functions": [parse_function(text) for text in self.functions or (DEFAULT_FUNCTION,)],
        }
        if api := _given(name=self.api_name, authorization=self.authorization):
            document["api"] = api
        return document

    def _environment(self, text: str) -> dict[str, Any]:
        name, region, account = _split(text, "environment", "NAME[:REGION[:ACCOUNT]]")
        return _given(
            name=name,
            region=region or self.region,
            account=account or self.account,
            allowed_cidrs=list(self.allow_cidrs),
            public=self.public,
        )


def from_cookiecutter(answers: Mapping[str, Any]) -> Answers:
    """The answers to cookiecutter.json's questions: lists are separated by spaces, functions by `;`."""

    def text(key: str) -> str:
        value = answers.get(key, "")
        return value.strip() if isinstance(value, str) else str(value)

    public = answers.get("public", False)
    return Answers(
        name=str(answers.get("project_slug", "")),
        description=text("description"),
        owner=text("owner"),
        environments=re.split(r"[,\s]+", text("environments")) if text("environments") else (),
        region=text("region"),
        account=text("account"),
        functions=[part.strip() for part in text("functions").split(";") if part.strip()],
        api_name=text("api_name"),
        authorization=text("authorization"),
        allow_cidrs=re.split(r"[,\s]+", text("allowed_cidrs")) if text("allowed_cidrs") else (),
        public=public if isinstance(public, bool) else str(public).lower() in {"true", "yes", "y", "1", "on"},
    )


def parse_function(text: str) -> dict[str, Any]:
    """`orders:python3.13:GET /orders` → a function of the document; no trigger means `GET /<name>`."""
    name, runtime, trigger = _split(text, "function", "NAME[:RUNTIME[:TRIGGER]]")
    function = _given(name=name, runtime=runtime)
    if trigger == "none":
        function["triggers"] = []
    elif trigger:
        function["triggers"] = [parse_trigger(trigger, name)]
    return function


NAMED_SOURCES = {"queue": "sqs", "topic": "sns", "bucket": "s3"}
"""The words of a short form that a source's name follows, and the trigger's type."""


def parse_trigger(text: str, function_name: str) -> dict[str, Any]:
    """A trigger of the document from its short form.

    `GET /orders`, `rate(5 minutes)`, `cron(…)`, `queue NAME`, `topic NAME`, `bucket NAME`, `events SOURCE`, or `api`
    and `schedule` for the usual one of each.
    """
    if text == "api":
        return default_trigger(function_name)
    if text == "schedule":
        return {"type": "schedule", "expression": DEFAULT_SCHEDULE}
    if text.startswith(("rate(", "cron(")):
        return {"type": "schedule", "expression": text}
    if match := re.fullmatch(r"([A-Za-z]+) ?(/.*)", text):
        return {"type": "api", "method": match[1].upper(), "path": match[2]}
    word, _, name = text.partition(" ")
    if word in NAMED_SOURCES and name:
        return {"type": NAMED_SOURCES[word], word: name.strip()}
    if word == "events" and name:
        return {"type": "eventbridge", "pattern": {"source": [name.strip()]}}
    raise InputError(
        f"{shown(text)} is not a trigger: use '{METHODS[0]} /path' (or another method), 'rate(5 minutes)', "
        "'cron(0 6 ? * MON-FRI *)', 'queue NAME', 'topic NAME', 'bucket NAME', 'events SOURCE', 'api', 'schedule' or "
        "'none'"
    )


def _split(text: str, what: str, form: str) -> tuple[str, str, str]:
    parts = [part.strip() for part in text.split(":", _PARTS - 1)]
    if not parts[0]:
        raise InputError(f"{shown(text)} names no {what}: use {form}")
    name, first, second, *_ = [*parts, "", ""]
    return name, first, second


def _given(**values: Any) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value}
