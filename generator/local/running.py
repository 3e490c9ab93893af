"""What runs of a project: found by its record, asked whether it lives."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from generator.errors import InputError
from generator.local import emulator
from generator.local.aws import Aws, asking
from generator.local.workplace import FOLDER, State, Workplace


@dataclass(frozen=True)
class Running:
    """An environment whose emulator runs.

    Attributes:
        workplace: its folder.
        state: its record.
        aws: clients of its emulator.
    """

    workplace: Workplace
    state: State
    aws: Aws

    def function(self, wanted: str) -> str:
        """The name of the function that a user means: by its name, the end of its name, or its logical id.

        Raises:
            InputError: there is none, or more than one.
        """
        known = self.state.functions
        exact = [name for key, name in known.items() if wanted in (name, key, key.removesuffix("Function"))]
        found = exact or [name for name in known.values() if name.endswith(f"-{wanted}")]
        if len(found) == 1:
            return found[0]
        what = "is not one function" if found else "is no function here"
        raise InputError(f"{wanted!r} {what}; there are: {', '.join(sorted(known.values()))}.")


@contextmanager
def running(project: Path, environment: str | None) -> Iterator[Running]:
    """What runs of a project; calls that fail inside become one sentence.

    Raises:
        InputError: nothing runs, or several environments do and none is named.
    """
    alive = [
        (workplace, state)
        for workplace in workplaces(project, environment)
        if emulator.is_alive(state := workplace.load())
    ]
    if not alive:
        which = f" of {environment}" if environment else ""
        raise InputError(f"Nothing{which} runs here; start it with 'samgen local up'.")
    if len(alive) > 1:
        names = ", ".join(workplace.environment for workplace, _state in alive)
        raise InputError(f"Several environments run here: {names}; name one with --environment.")
    workplace, state = alive[0]
    with asking(workplace):
        yield Running(workplace, state, Aws(state))


def workplaces(project: Path, environment: str | None = None) -> list[Workplace]:
    """The environments of a project that were ever up and are not purged."""
    root = project.absolute()
    names = sorted(file.parent.name for file in (root / FOLDER).glob("*/state.json"))
    return [Workplace(root, name) for name in names if environment in (None, name)]
