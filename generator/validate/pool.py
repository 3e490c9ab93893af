"""Worker processes that load SAM and cfn-lint at once and then answer, one task at a time.

One process loads SAM; another loads cfn-lint and, when its rules are there, forks itself as often as
there are linters wanted, so that they are loaded once. All of them stand in process groups of their
own: Ctrl-C reaches only the parent, which ends them. A worker whose parent is gone reads the end of
its pipe and ends by itself.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

from generator.errors import SamgenError, ToolError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

# After so many pieces of work everything is looked at, not only what the last has left.
_THOROUGH = 32
_pieces = count(1)

READY = "ready"
ALIVE = "alive"
Work = Callable[..., Any]


class Answer(NamedTuple):
    """What a worker sends: the result of a task or the error that it raised, and how long it took."""

    result: Any
    error: SamgenError | None
    seconds: float


class Crew:
    """One or several processes that do the same kind of work.

    Args:
        name: what they run, for the sentence that says that it failed.
        prepare: loads what the work needs and returns the work; called once, in the first process.
        size: how many processes.
    """

    def __init__(self, name: str, prepare: Callable[[], Work], size: int = 1) -> None:
        from multiprocessing.connection import Pipe

        self.name = name
        self.ready: set[Connection] = set()
        pipes = [Pipe() for _ in range(size)]
        self.connections: list[Connection] = [ours for ours, _ in pipes]
        theirs: list[Connection] = [end for _, end in pipes]
        self._pid = _fork()
        if self._pid == 0:
            _become_worker(self.connections, theirs, prepare)
        for connection in theirs:
            connection.close()

    def end(self) -> None:
        """End the processes at once, whatever they do; harmless when they have ended already."""
        for connection in self.connections:
            connection.close()
        if self._pid:
            try:
                os.killpg(self._pid, signal.SIGKILL)
            except ProcessLookupError:
                # Not yet a group of its own: the process has only just been forked.
                os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
            self._pid = 0


def can_fork() -> bool:
    """Whether worker processes may be forked: on Linux, from a process without other threads."""
    return sys.platform == "linux" and hasattr(os, "fork") and threading.active_count() == 1


def collect_seldom() -> tuple[int, int, int]:
    """Let Python look for garbage less often, as linters make many objects and few cycles.

    Returns:
        The thresholds before, for `gc.set_threshold`.
    """
    before = gc.get_threshold()
    gc.set_threshold(50_000, 20, 20)
    return before


@contextmanager
def collecting_after() -> Iterator[None]:
    """Look for garbage when a piece of work is done and little of it is left, instead of in its midst.

    What stays of it is looked at again only once in a while: it is remembered on purpose.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
        gc.collect(0 if next(_pieces) % _THOROUGH else 2)


@contextmanager
def without_collecting() -> Iterator[None]:
    """Load what stays until the end: the collector neither interrupts it nor looks at it afterwards."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if enabled:
            gc.enable()


def receive(crew: Crew, connection: Connection) -> Any:
    """What a worker sends next; ToolError when it is gone."""
    try:
        return connection.recv()
    except (EOFError, OSError) as error:
        raise ToolError(f"The process that runs {crew.name} ended unexpectedly; try again with --jobs 1.") from error


def send(crew: Crew, connection: Connection, task: Sequence[Any]) -> None:
    """Give a task to a worker that is ready; ToolError when it is gone."""
    try:
        connection.send(task)
    except OSError as error:
        raise ToolError(f"The process that runs {crew.name} ended unexpectedly; try again with --jobs 1.") from error


def deal(crew: Crew, tasks: Sequence[Sequence[Any]], patience: float) -> list[Any]:
    """Give tasks to whoever of a crew is idle, in their order.

    Returns:
        The results in the order of the tasks, whoever was done when.

    Raises:
        ToolError: a worker ended, or all were silent for `patience` seconds; see `say_alive`.
        SamgenError: what the first of the tasks that failed raised.
    """
    from multiprocessing.connection import wait

    answers: dict[int, Answer] = {}
    left = deque(enumerate(tasks))
    busy: dict[Connection, int] = {}
    while True:
        failed = {index: answer.error for index, answer in answers.items() if answer.error is not None}
        if not failed:
            for connection in [c for c in crew.connections if c in crew.ready and c not in busy][: len(left)]:
                busy[connection], task = left.popleft()
                send(crew, connection, task)
        elif all(index > min(failed) for index in busy.values()):
            raise failed[min(failed)]
        if not (busy or left):
            return [answers[index].result for index in range(len(tasks))]
        awaited = [c for c in crew.connections if c in busy or c not in crew.ready]
        talking = wait(awaited, timeout=patience)
        if not talking:
            raise ToolError(f"{crew.name} did not answer within {patience:g} seconds.")
        for connection in [c for c in awaited if c in talking]:
            message = receive(crew, connection)
            if isinstance(message, Answer):
                answers[busy.pop(connection)] = message
            elif message == READY:
                crew.ready.add(connection)


def say_alive() -> None:
    """Tell whoever waits for this worker that a part of its task is done; in any other process this does nothing."""
    if _serving:
        _serving[0].send(ALIVE)


_serving: list[Connection] = []
"""What the parent listens at, in a process that takes whole tasks."""


def _fork() -> int:
    with warnings.catch_warnings():
        # Python cannot tell a thread that waits from one that holds a lock, and warns of both.
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def _become_worker(
    parents: Sequence[Connection], connections: Sequence[Connection], prepare: Callable[[], Work]
) -> None:
    """Turn this freshly forked process into a worker; never returns."""
    status = 1
    try:
        os.setsid()
        for connection in parents:
            connection.close()
        _be_quiet()
        _work(connections, prepare)
        status = 0
    finally:
        os._exit(status)


def _be_quiet() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)


def _work(connections: Sequence[Connection], prepare: Callable[[], Work]) -> None:
    with without_collecting():
        try:
            work = prepare()
        except Exception as error:
            work = _refuse(_as_samgen_error(error))
    first, *others = connections
    children: list[int] = []
    for index, connection in enumerate(others):
        child = _fork()
        if child == 0:
            for other in (first, *others[index + 1 :]):
                other.close()
            first, children = connection, []
            break
        children.append(child)
        connection.close()
    collect_seldom()
    _serve(first, work)
    for child in children:
        os.waitpid(child, 0)


def _serve(connection: Connection, work: Work) -> None:
    _serving[:] = [connection]
    connection.send(READY)
    while True:
        try:
            task = connection.recv()
        except EOFError:
            return
        start = time.perf_counter()
        try:
            result, failure = work(*task), None
        except Exception as error:
            result, failure = None, _as_samgen_error(error)
        connection.send(Answer(result, failure, time.perf_counter() - start))


def _refuse(error: SamgenError) -> Work:
    def work(*_task: Any) -> Any:
        raise error

    return work


def _as_samgen_error(error: Exception) -> SamgenError:
    if isinstance(error, SamgenError):
        return error
    return ToolError(f"Validation failed unexpectedly ({type(error).__name__}: {error}).")
