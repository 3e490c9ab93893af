"""Lambda runtimes: which exist, which are supported today, and which samgen can write functions in.

The dates are cfn-lint's (https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html); the families
are the folders under `runtimes/`, so a new one is a folder and no change here.
"""

from __future__ import annotations

import re
from datetime import date

from generator import paths
from generator.spec.lintdata import runtime_lifecycle
from generator.spec.names import shown

DEFAULT_FAMILY = "python"


def family(runtime: str) -> str:
    """`python3.14` → `python`, `nodejs24.x` → `nodejs`."""
    match = re.match(r"[a-z]+", runtime)
    return match.group() if match else ""


def families() -> tuple[str, ...]:
    """The runtime families that have a function template, by the folders under `runtimes/`; the default one first."""
    folders = (p for p in paths.runtimes().iterdir() if p.is_dir() and not p.name.startswith(("_", ".")))
    return tuple(sorted((p.name for p in folders), key=lambda name: (name != DEFAULT_FAMILY, name)))


def version(runtime: str) -> tuple[int, ...]:
    """`python3.14` → `(3, 14)`, to order a family's runtimes by."""
    return tuple(int(number) for number in re.findall(r"\d+", runtime))


def supported(family_name: str, today: date | None = None) -> tuple[str, ...]:
    """The family's runtimes that are not deprecated on the day, newest first; empty where no data is there."""
    lifecycle = runtime_lifecycle() or {}
    day = (today or date.today()).isoformat()
    alive = [
        name
        for name, dates in lifecycle.items()
        if family(name) == family_name and "-" not in name and (dates.get("deprecated") or "9999") > day
    ]
    return tuple(sorted(alive, key=version, reverse=True))


def newest(family_name: str = DEFAULT_FAMILY, today: date | None = None) -> str | None:
    """The family's newest supported runtime, or None where cfn-lint's data is not installed."""
    return next(iter(supported(family_name, today)), None)


def check_runtime(value: str, today: date | None = None) -> str:
    """Return a runtime that Lambda supports and samgen writes; ValueError names date and successor.

    Where cfn-lint is not installed only the family is checked.
    """
    lifecycle = runtime_lifecycle()
    if family(value) not in families() or not re.fullmatch(r"[a-z]+\d+(\.\d+|\.x)?", value):
        raise ValueError(f"{shown(value)} is not a runtime samgen writes functions for; choose from {_choices(today)}")
    if lifecycle is None:
        return value
    if value not in lifecycle:
        raise ValueError(f"Lambda has no runtime {shown(value)}; choose from {_choices(today)}")
    ends = lifecycle[value].get("deprecated")
    if ends and ends <= (today or date.today()).isoformat():
        successor = newest(family(value), today)
        raise ValueError(f"Lambda deprecated the runtime {value} on {ends}; its successor is {successor}")
    return value


def _choices(today: date | None) -> str:
    names = [name for family_name in families() for name in supported(family_name, today)]
    return ", ".join(names) or ", ".join(f"{name}…" for name in families())
