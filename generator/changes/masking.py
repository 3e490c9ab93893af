"""Secrets, which no report shows: values of NoEcho parameters, and what the rules of `samgen check` take for one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from generator.changes.model import ABSENT
from generator.changes.values import Path
from generator.checks.catalogue.security.plain_secrets import is_secret, secret_properties, without_tokens
from generator.project import Deployment
from generator.project.evaluate import is_known

MASK = "****"
# `Name: value`, `NAME=value`, `"name": "value"` in any file.
_NAME = re.compile(r"""(?<!\w)(?P<name>[A-Za-z_][\w.-]{0,100})["']?\s*[:=]\s*\\?["']?""")
_VALUE = re.compile(r"""[^\s"'\\,;]+""")


class Masker:
    """Takes secrets out of what is shown.

    Args:
        deployments: those whose NoEcho parameters are known.
    """

    def __init__(self, deployments: Iterable[Deployment]) -> None:
        found = {text for deployment in deployments for text in _no_echo(deployment)}
        # The longest first, as one may be a part of another.
        self._texts = sorted(found, key=lambda text: (-len(text), text))

    def value(self, kind: str, path: Path, value: Any) -> Any:
        """A property's value as it may be shown.

        Args:
            kind: the resource's type.
            path: where the value stands in its properties.
            value: the value.
        """
        if isinstance(value, dict):
            named = str(value["Name"]) if isinstance(value.get("Name"), str) else ""
            # A variable is listed as a mapping of its name and its value by some resources.
            return {
                key: self.value(kind, (*path, named) if key == "Value" and named else (*path, str(key)), item)
                for key, item in value.items()
            }
        if isinstance(value, list):
            return [self.value(kind, (*path, place), item) for place, item in enumerate(value)]
        if value is ABSENT or value is None or isinstance(value, bool):
            return value
        if self._is_secret(kind, path, value):
            return MASK
        if not isinstance(value, str):
            return MASK if str(value) in self._texts else value
        return self.text(value) if _may_hold(value) else self._without(str(value))

    def text(self, text: str) -> str:
        """A text or a file's line as it may be shown."""
        text = without_tokens(self._without(text), MASK)
        return _without_assigned(text)

    def _without(self, text: str) -> str:
        for secret in self._texts:
            text = text.replace(secret, MASK)
        return without_tokens(text, MASK)

    @staticmethod
    def _is_secret(kind: str, path: Path, value: Any) -> bool:
        if "PRIVATE KEY-----" in str(value):
            return True
        names = [str(step) for step in path if not isinstance(step, int)]
        if any(is_secret(name, value) for name in names[-2:]):
            return True
        shape = [str(step) for step in path]
        for wanted in secret_properties(kind):
            steps = wanted.split(".")
            if len(steps) == len(shape) and all(w in ("*", s) for w, s in zip(steps, shape, strict=True)):
                return "<" not in str(value) and not str(value).startswith("{{")
        return False


def _may_hold(text: str) -> bool:
    return "=" in text or ":" in text


def _without_assigned(text: str) -> str:
    """A text without the values of what is called like a secret; a value may be such an assignment itself."""
    done, place = "", 0
    while (name := _NAME.search(text, place)) is not None:
        value = _VALUE.match(text, name.end())
        done += text[place : name.end()]
        place = name.end()
        if value is not None and is_secret(name["name"].rpartition(".")[2], value[0]):
            done += MASK
            place = value.end()
    return done + text[place:]


def _no_echo(deployment: Deployment) -> Iterable[str]:
    """The values of parameters that CloudFormation does not show; of a list each item too."""
    for stack in deployment.stacks:
        for name, definition in stack.template.section("Parameters").items():
            if str(definition.get("NoEcho")).lower() != "true":
                continue
            default = definition.get("Default")
            given = stack.parameters.get(name)
            for value in (default, given, *(given if isinstance(given, list) else ())):
                text = str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
                if text.strip() and is_known(text) and not text.startswith("<"):
                    yield text
