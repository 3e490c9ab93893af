"""The Jinja extension that cookiecutter.json names: it gives the templates their names and filters.

Both doors pass through it. `samgen new` hands cookiecutter a whole spec under a private key; `cookiecutter
PATH` has the answers to its questions. A template sees the same names either way.
"""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any

from cookiecutter.exceptions import FailedHookException
from jinja2 import Environment
from jinja2.ext import Extension
from jinja2.runtime import Context
from jinja2.utils import missing

from generator.errors import SamgenError
from generator.render.compiled import COMPILED
from generator.render.names import template_names
from generator.render.quoting import FILTERS
from generator.spec.names import check_service_name

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping


_EMPTY_AFTER_STATEMENT = re.compile(r"(^[ \t]*#%[^\n]*\n)(\n+)", re.MULTILINE)


# What stands in the names of our files and in our hooks, the templates that have no name of their own.
_OURS = frozenset(
    [
        "cookiecutter.project_slug",
        "cookiecutter | base64",
        "function.name",
        "function.module",
        "route.handler",
        "schedule.number",
        "source.file",
    ]
)


def _is_not_ours(source: str) -> bool:
    """Whether a text without a file's name has Jinja in it that we did not write: an answer."""
    if "<%" in source or "<#" in source or re.search(r"^[ \t]*#%", source, re.MULTILINE):
        return True
    return any(found.strip() not in _OURS for found in re.findall(r"<<(.*?)(?:>>|$)", source, re.DOTALL))


class ProjectContext(Context):
    """Looks a name up among cookiecutter's own first, then among those made from the answers."""

    def __init__(
        self,
        environment: Environment,
        parent: dict[str, Any],
        name: str | None,
        blocks: dict[str, Callable[[Context], Any]],
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002 (Jinja's own name)
    ) -> None:
        super().__init__(environment, parent, name, blocks, globals)
        _refuse_bad_answers(environment, parent)

    def resolve_or_missing(self, key: str) -> Any:
        """The value of a name; names made from the answers are made when the first one is asked for."""
        value = super().resolve_or_missing(key)
        if value is missing and "cookiecutter" in self.parent:
            value = _names_of(self.environment, self.parent["cookiecutter"]).get(key, missing)
        return value


def _refuse_bad_answers(environment: Environment, parent: dict[str, Any]) -> None:
    """Refuse answers that cannot be used before cookiecutter creates the project's folder.

    The hook that checks them runs inside that folder, too late for `../../etc`, and cookiecutter shows a
    traceback where a hook fails. The exception here is one that it shows as a sentence.
    """
    answers = parent.get("cookiecutter", {})
    try:
        if isinstance(slug := answers.get("project_slug"), str):
            check_service_name(slug)
        if "_repo_dir" in answers:  # the conversation is over, every answer is there
            _names_of(environment, answers)
    except (ValueError, SamgenError) as error:
        raise FailedHookException(str(error)) from None


def _names_of(environment: Environment, answers: dict[str, Any]) -> dict[str, Any]:
    """The names made from the answers, once for an environment and a set of answers."""
    key = json.dumps(answers, sort_keys=True, default=str)
    known: dict[str, dict[str, Any]] = environment.__dict__.setdefault("samgen_names", {})
    if key not in known:
        known[key] = template_names(answers)
    return known[key]


def as_base64(value: Any) -> str:
    """Data as letters and digits, which no answer can turn into code: how the hooks get the answers."""
    return base64.b64encode(json.dumps(value, default=str).encode()).decode("ascii")


class ProjectExtension(Extension):
    """Filters that quote, and a context that knows the project's names."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.context_class = ProjectContext
        environment.bytecode_cache = COMPILED
        environment.filters.update(FILTERS)
        environment.filters["base64"] = as_base64

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:  # noqa: ARG002
        """Keep the empty lines after a line statement, which Jinja would swallow with it.

        So a template reads as it renders: a line that starts with `#%` vanishes, every other one stays.
        And leave an answer as it is: cookiecutter renders what `description=…` says on its command line.
        """
        if name is None and _is_not_ours(source):
            return f"<< {source!r} >>"
        return _EMPTY_AFTER_STATEMENT.sub(lambda match: match[1] + match[2].replace("\n", "<##>\n"), source)
