"""A bar on a terminal that says how far something is, how fast it goes and how long it will take; nothing elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.progress import Task
    from rich.text import Text

Step = Callable[[str, int, int], None]
"""Is told of what how much is done, and of how much."""


@contextmanager
def bar() -> Iterator[Step | None]:
    """Show a bar on standard error while the context is entered, and wipe it away at its end.

    Yields:
        what is told of each step; None where standard error is no terminal, or one that cannot move its cursor.
    """
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal or console.is_dumb_terminal:
        yield None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn

    class Rate(ProgressColumn):
        """How many are done a second, of late."""

        def render(self, task: Task) -> Text:
            from rich.text import Text

            return Text(f"{task.speed:.1f}/s" if task.speed else "")

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        Rate(),
        TimeRemainingColumn(compact=True),
    )
    # No thread redraws it: processes are forked meanwhile. Nothing else is written meanwhile, so nothing is redirected.
    settings: dict[str, Any] = {"auto_refresh": False, "redirect_stdout": False, "redirect_stderr": False}
    with Progress(*columns, console=console, transient=True, **settings) as progress:
        task = progress.add_task("", total=None)

        def step(what: str, done: int, of: int) -> None:
            progress.update(task, description=what, completed=done, total=of, refresh=True)

        yield step
