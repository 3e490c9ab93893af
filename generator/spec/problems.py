"""What is wrong with a spec: every problem with its path and line, reported all at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from generator.errors import InputError
from generator.spec.names import shown

Path = tuple[str | int, ...]

# More than anybody reads at once; a spec that a program wrote wrongly may have one in every line.
SHOWN = 100


@dataclass(frozen=True)
class Problem:
    """One thing to mend: where in the document, and what is allowed there."""

    path: Path
    message: str


class SpecError(InputError):
    """The spec cannot be used; `problems` lists everything that is wrong with it."""

    def __init__(self, source: str, problems: Sequence[Problem], lines: Mapping[Path, int] | None = None) -> None:
        self.problems = tuple(problems)
        rows = [_row(source, problem, lines) for problem in problems[:SHOWN]]
        if len(problems) == 1:
            super().__init__(rows[0])
        else:
            first = f", the first {SHOWN}" if len(problems) > SHOWN else ""
            super().__init__(f"{source}: {len(problems):,} problems{first}:\n  " + "\n  ".join(rows))


def path_text(path: Path) -> str:
    """`("functions", 0, "timeout")` → `functions[0].timeout`; a key of the user's own is escaped."""
    text = ""
    for step in path:
        key = step if isinstance(step, int) else shown(step)[1:-1]
        text += f"[{key}]" if isinstance(key, int) else f".{key}" if text else key
    return text


def _row(source: str, problem: Problem, lines: Mapping[Path, int] | None) -> str:
    place = source
    if lines:
        known = next(problem.path[:n] for n in range(len(problem.path), -1, -1) if problem.path[:n] in lines or n == 0)
        place = f"{source}:{lines.get(known, 1)}"
    path = path_text(problem.path)
    return f"{place}: {path}: {problem.message}" if path else f"{place}: {problem.message}"
