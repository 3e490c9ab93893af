"""Renders, validates and checks combinations on every processor; whatever is known already is not done again."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.errors import InputError, ToolError
from generator.regress.cache import Cache, Outcome
from generator.regress.matrix import Combination
from generator.regress.rendering import Template, linting_version
from generator.regress.snapshot import parts_of
from generator.regress.spread import PATIENCE, spread

if TYPE_CHECKING:
    from generator.checks.review import Reviewer

Work = Callable[[Combination], Outcome]


@dataclass(frozen=True)
class Runner:
    """Runs combinations of a template.

    Attributes:
        template: what renders.
        cache: what is known.
        jobs: how many processes work; by default one a processor.
        patience: seconds that one combination may take before its process counts as hung.
    """

    template: Template
    cache: Cache
    jobs: int | None = None
    patience: float = PATIENCE

    def run(self, combinations: Sequence[Combination]) -> Iterator[tuple[Combination, Outcome, bool]]:
        """Each combination with its outcome as it is there, and whether that was known before; in no certain order.

        Raises:
            ToolError: a tool is missing or broke down, or a process ended or did not answer.
        """
        version = self.template.version()
        keys = [self.cache.key(version, _content(c)) for c in combinations]
        left: list[int] = []
        for index, combination in enumerate(combinations):
            known = self.cache.get(keys[index])
            if known is None:
                left.append(index)
            else:
                yield combination, known, True
        for place, outcome in self._work([combinations[index] for index in left]):
            index = left[place]
            self.cache.put(keys[index], outcome)
            yield combinations[index], outcome, False

    def _work(self, combinations: Sequence[Combination]) -> Iterator[tuple[int, Outcome]]:
        tasks = ((combination,) for combination in combinations)
        work = partial(prepare, self.template, self.cache)
        number = len(combinations)
        return spread("samgen regress", work, tasks, number=number, jobs=self.jobs, patience=self.patience)


def _content(combination: Combination) -> Any:
    """What its outcome depends on: its document, and the files that this names."""
    files = sorted(p for p in (combination.folder / "models").rglob("*.json")) if combination.folder.parts else []
    return [combination.document, [[p.name, p.read_text("utf-8", "replace")] for p in files if p.is_file()]]


def prepare(template: Template, cache: Cache) -> Work:
    """Load all tools into this process; the result renders and reviews one combination.

    Verdicts on single templates are kept beside the outcomes: where a part of the project's template has changed, the
    stacks that come out as before are not linted again, and of others only the resources that come out differently.
    """
    from generator.project import load_project
    from generator.validate import slices
    from generator.validate.lint import linter
    from generator.validate.pool import collecting_after
    from generator.validate.work import load_here

    load_here()
    shelf = cache.shelf("lint", linting_version())
    linter().keep(shelf)
    slices.keep(shelf.file("sound") if shelf is not None else None)
    reviewer = all_rules()

    def work(combination: Combination) -> Outcome:
        with collecting_after(), tempfile.TemporaryDirectory(prefix="samgen-regress-") as folder:
            try:
                project = load_project(template.render(combination, Path(folder)))
                parts = parts_of(project)
                found = reviewer.review_loaded(project)
                slices.exchange()
            except InputError as error:
                # Without where it happened to be rendered, the same reason is the same everywhere.
                return Outcome({}, refused=str(error).replace(f"{folder}/", "").replace(folder, "."))
        if found.failures:
            raise ToolError("; ".join(found.failures))
        return Outcome(parts, found.findings)

    return work


def all_rules() -> Reviewer:
    """What reviews a project with every rule and every tool, in this process."""
    from generator.checks import load_rules
    from generator.checks.catalogue.validity import catalogue_id
    from generator.checks.review import Reviewer
    from generator.validate import Validator

    return Reviewer(Validator(jobs=1), load_rules(), names=catalogue_id)
