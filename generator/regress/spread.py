"""Tasks spread over processes; each is made when a process is there for it, so that many of them take no memory."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from generator.errors import ToolError

if TYPE_CHECKING:
    from generator.validate.pool import Crew

PATIENCE = 300.0
Work = Callable[..., Any]


def spread(
    name: str,
    prepare: Callable[[], Work],
    tasks: Iterable[Sequence[Any]],
    *,
    number: int,
    jobs: int | None = None,
    patience: float = PATIENCE,
) -> Iterator[tuple[int, Any]]:
    """Each task's place and result, as soon as a process has it.

    Args:
        name: what runs, for the sentence that says that it failed.
        prepare: loads what the work needs and returns the work, which takes a task's items.
        tasks: the tasks.
        number: how many there are.
        jobs: how many processes work; by default one a processor.
        patience: seconds that one task may take before its process counts as hung.

    Raises:
        ToolError: a process ended or did not answer.
    """
    from generator.validate.pool import Crew, can_fork

    jobs = min(jobs or len(os.sched_getaffinity(0)), number) if can_fork() else 1
    if jobs < 2:  # noqa: PLR2004 - one process is this one
        if number:
            work = prepare()
            yield from ((index, work(*task)) for index, task in enumerate(tasks))
        return
    crew = Crew(name, prepare, jobs)
    try:
        yield from _answers(crew, tasks, patience)
    finally:
        crew.end()


def _answers(crew: Crew, tasks: Iterable[Sequence[Any]], patience: float) -> Iterator[tuple[int, Any]]:
    from multiprocessing.connection import wait

    from generator.validate.pool import READY, Answer, receive, send

    left = enumerate(tasks)
    busy: dict[Any, int] = {}
    awaited = list(crew.connections)
    all_given = False
    while busy or not all_given:
        talking = wait(awaited, timeout=patience)
        if not talking:
            raise ToolError(f"{crew.name} did not answer within {patience:g} seconds.")
        for connection in [c for c in awaited if c in talking]:
            message = receive(crew, connection)
            answer = None
            if message == READY:
                crew.ready.add(connection)
            elif isinstance(message, Answer):
                answer = (busy.pop(connection), message)
            if connection in crew.ready and connection not in busy:
                following = next(left, None)
                if following is None:
                    all_given = True
                    awaited.remove(connection)
                else:
                    busy[connection], task = following
                    send(crew, connection, task)
            if answer is not None:
                index, message = answer
                if message.error is not None:
                    raise message.error
                yield index, message.result
