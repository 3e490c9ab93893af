"""What a project may be deployed as where no samconfig.toml says: every allowed value of its parameters."""

from __future__ import annotations

from itertools import product
from math import prod

from generator.project.samconfig import UNNAMED, ConfigEnvironment
from generator.project.template import Template

MOST = 16
"""So many combinations are looked at, besides the defaults."""


def variants(template: Template) -> list[ConfigEnvironment]:
    """Environments that between them give each parameter each value that it allows.

    Where there are few combinations, they are all there; where there are more than `MOST`, each value is there once,
    and of a parameter with more values than `MOST` the first ones.
    """
    allowed = {
        name: values for name, definition in template.section("Parameters").items() if (values := _of(definition))
    }
    rows = [ConfigEnvironment(UNNAMED)]
    if not allowed:
        return rows
    if prod(map(len, allowed.values())) <= MOST:
        chosen = list(product(*allowed.values()))
    else:
        longest = min(max(map(len, allowed.values())), MOST)
        chosen = [tuple(values[row % len(values)] for values in allowed.values()) for row in range(longest)]
    return rows + [ConfigEnvironment(UNNAMED, parameters=dict(zip(allowed, row, strict=True))) for row in chosen]


def _of(definition: dict[str, object]) -> list[str]:
    allowed = definition.get("AllowedValues")
    values = (
        [_text(value) for value in allowed if isinstance(value, (str, int, float))] if isinstance(allowed, list) else []
    )
    return list(dict.fromkeys(values))


def _text(value: str | float) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
