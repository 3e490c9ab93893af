"""The work on a project's templates: translating and linting each, and who does it when."""

from __future__ import annotations

import gc
import heapq
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.errors import ToolError
from generator.validate.pool import READY, Crew, collect_seldom, receive, say_alive, send, without_collecting

if TYPE_CHECKING:
    from generator.project import Expansion, Project, Template
    from generator.validate.lint import Hit

Call = tuple[Any, ...]


@dataclass
class Answers:
    """What the tools say, by the templates' names, and how long they took."""

    expansions: dict[str, Expansion] = field(default_factory=dict)
    source: dict[str, list[Hit]] = field(default_factory=dict)
    expanded: dict[str, list[Hit]] = field(default_factory=dict)
    expand_seconds: float = 0.0
    source_seconds: float = 0.0
    expanded_seconds: float = 0.0
    links_seconds: float = 0.0

    def add(self, task: Call, result: Any, seconds: float) -> None:
        """Take in the result of a task."""
        kind, name = task[0], task[1]
        if kind == "expand":
            self.expansions[name] = result
            self.expand_seconds += seconds
        elif kind == "source":
            self.source[name] = result
            self.source_seconds += seconds
        else:
            self.expanded[name] = result
            self.expanded_seconds += seconds


def prepare_translating() -> Callable[..., Any]:
    """Load SAM; the result takes an `expand` task."""
    import yaml  # noqa: F401

    from generator.project.expand import load_sam

    load_sam()
    return translate


def prepare_linting() -> Callable[..., Any]:
    """Load cfn-lint and its rules; the result takes a `source` or `expanded` task."""
    from generator.validate.lint import linter

    linter()
    return lint


def translate(_kind: str, _name: str, root: Path, path: Path, region: str) -> Expansion:
    """Expand one template."""
    from generator.project import expand, read_template

    return expand(read_template(path, root), region)


def lint(_kind: str, name: str, root: Path, region: str, data: dict[str, Any] | None) -> list[Hit]:
    """Lint one template: the file where `data` is None, otherwise its expansion."""
    from generator.validate.lint import linter

    if data is None:
        return linter().source(root, name, region)
    return linter().expanded(root, name, region, data)


def in_turn(project: Project, region: str) -> Answers:
    """Do all work in this process."""
    load_here()
    answers = Answers()
    thresholds = collect_seldom()

    def do(work: Callable[..., Any], task: Call) -> Any:
        start = time.perf_counter()
        result = work(*task)
        answers.add(task, result, time.perf_counter() - start)
        say_alive()
        return result

    try:
        for template in _largest_first(project):
            _do_one(project, template, region, do)
    finally:
        gc.set_threshold(*thresholds)
    return answers


@lru_cache(maxsize=1)
def load_here() -> None:
    """Load everything into this process, once; nothing of it is ever garbage."""
    with without_collecting():
        prepare_translating()
        prepare_linting()


def _do_one(project: Project, template: Template, region: str, do: Callable[..., Any]) -> None:
    from generator.project import expand

    # The template is here already; a worker of its own would read it anew.
    expansion = do(lambda *_task: expand(template, region), _expand_task(project, template, region))
    do(lint, _source_task(project, template, region))
    if _is_changed(template, expansion):
        do(lint, _expanded_task(project, template, region, expansion))


def by_crews(project: Project, region: str, crews: tuple[Crew, Crew], patience: float) -> Answers:
    """Let the translator and the linters work side by side; both are idle before and after.

    Raises:
        ToolError: a worker ended, or was silent for `patience` seconds.
        SamgenError: what the work itself raised.
    """
    return _Foreman(project, region, crews, patience).answers()


class _Foreman:
    """Hands out tasks to whoever is idle, large templates first, until everything is answered."""

    def __init__(self, project: Project, region: str, crews: tuple[Crew, Crew], patience: float) -> None:
        self._project, self._region, self._patience = project, region, patience
        self._translators, self._linters = crews
        templates = _largest_first(project)
        self._by_name = {template.name: template for template in templates}
        self._to_expand = deque(_expand_task(project, t, region) for t in templates)
        # (negative size, order of arrival, task): a heap gives the largest first.
        self._to_lint: list[tuple[int, int, Call]] = []
        for template in templates:
            self._queue(template, _source_task(project, template, region))
        self._busy: dict[Any, Call] = {}
        self._answers = Answers()

    def answers(self) -> Answers:
        """Work until all tasks are done."""
        from multiprocessing.connection import wait

        crews = {c: crew for crew in (self._translators, self._linters) for c in crew.connections}
        while True:
            for connection, crew in crews.items():
                self._employ(crew, connection)
            # All of them may be busy loading; a task in hand or in a queue is a reason to wait.
            if not (self._busy or self._to_expand or self._to_lint):
                return self._answers
            awaited = [c for c, crew in crews.items() if c in self._busy or c not in crew.ready]
            talking = wait(awaited, timeout=self._patience)
            if not talking:
                names = " and ".join(sorted({crews[c].name for c in awaited}))
                raise ToolError(f"{names} did not answer within {self._patience:g} seconds.")
            for connection in [c for c in awaited if c in talking]:
                self._listen(crews[connection], connection)

    def _employ(self, crew: Crew, connection: Any) -> None:
        if connection not in crew.ready or connection in self._busy:
            return
        if crew is self._translators:
            task = self._to_expand.popleft() if self._to_expand else None
        else:
            task = heapq.heappop(self._to_lint)[2] if self._to_lint else None
        if task is not None:
            self._busy[connection] = task
            send(crew, connection, task)

    def _listen(self, crew: Crew, connection: Any) -> None:
        message = receive(crew, connection)
        if message == READY:
            crew.ready.add(connection)
            return
        if message.error is not None:
            raise message.error
        task = self._busy.pop(connection)
        self._answers.add(task, message.result, message.seconds)
        template = self._by_name[task[1]]
        if task[0] == "expand" and _is_changed(template, message.result):
            self._queue(template, _expanded_task(self._project, template, self._region, message.result))

    def _queue(self, template: Template, task: Call) -> None:
        heapq.heappush(self._to_lint, (-len(template.source), len(self._to_lint), task))


def _is_changed(template: Template, expansion: Expansion) -> bool:
    """Whether the template becomes something else, by SAM or a file that it includes; if not, its source is all."""
    return expansion.data is not None and (expansion.data != template.data or bool(template.parts.taken))


def _largest_first(project: Project) -> Sequence[Template]:
    readable = [template for template in project.templates if template.readable]
    return sorted(readable, key=lambda template: -len(template.source))


def _expand_task(project: Project, template: Template, region: str) -> Call:
    return "expand", template.name, project.root, template.path, region


def _source_task(project: Project, template: Template, region: str) -> Call:
    return "source", template.name, project.root, region, None


def _expanded_task(project: Project, template: Template, region: str, expansion: Expansion) -> Call:
    from generator.validate.locate import with_owners_metadata

    data = with_owners_metadata(template, expansion.data or {})
    return "expanded", template.name, project.root, region, data
