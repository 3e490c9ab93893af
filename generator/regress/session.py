"""One run: combinations in, verdict out; the snapshots before and after."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from generator.errors import InputError
from generator.findings import Finding, Severity
from generator.regress.cache import Cache
from generator.regress.compare import compare
from generator.regress.matrix import Combination, Matrix, coverage_of
from generator.regress.rendering import Progress, Template
from generator.regress.run import Runner
from generator.regress.since import reached
from generator.regress.store import Snapshots, read_snapshots, write_snapshots
from generator.regress.upgrades import Upgrade, upgrade_all
from generator.regress.verdict import Verdict, together


@dataclass
class Session:
    """A run over a matrix, or a shard of it.

    Attributes:
        template: what renders.
        combinations: everything that the matrix asks for.
        folder: the snapshots' folder; None compares with nothing.
        cache: what is known.
        jobs: how many processes work; by default one a processor.
        since: only what a change of the template since that revision of git reaches; None for all.
        shard: the number of the part, and of how many; None for all.
        upgrades: whether each snapshot's project is updated to now as well.
    """

    template: Template
    combinations: Sequence[Combination]
    folder: Path | None = None
    cache: Cache = field(default_factory=lambda: Cache(None))
    jobs: int | None = None
    shard: tuple[int, int] | None = None
    since: str | None = None
    upgrades: bool = False
    _before: Snapshots = field(default_factory=Snapshots, init=False)
    _after: Snapshots = field(default_factory=Snapshots, init=False)

    def run(
        self, matrix: Matrix, strength: int, threshold: Severity = Severity.WARNING, progress: Progress | None = None
    ) -> Verdict:
        """Run it.

        Raises:
            InputError: the snapshots cannot be read, or two combinations have one name.
            ToolError: a tool is missing, broke down, or did not answer in time.
        """
        self._before = read_snapshots(self.folder) if self.folder is not None else Snapshots()
        chosen = self._chosen()
        self._after = Snapshots(numbers=dict(self._before.numbers))
        findings: dict[str, Sequence[Finding]] = {}
        refused: dict[str, list[str]] = defaultdict(list)
        known = 0
        runner = Runner(self.template, self.cache, self.jobs)
        for done, (combination, outcome, was_known) in enumerate(runner.run(chosen), start=1):
            known += was_known
            if outcome.refused:
                refused[outcome.refused].append(combination.name)
            else:
                findings[combination.name] = outcome.findings
                self._after.add(combination.name, combination.choices, outcome.parts)
            if progress is not None:
                progress("rendered", done, len(chosen))
        for name in (name for names in refused.values() for name in names):
            # It is not gone, it is told as refused.
            self._before.parts.pop(name, None)
        compared = compare(self._before, self._after) if self.folder is not None else None
        return Verdict(
            {combination.name: combination.choices for combination in chosen},
            known,
            together(findings),
            {reason: tuple(sorted(names)) for reason, names in sorted(refused.items())},
            compared,
            threshold,
            coverage_of(matrix, self.combinations, strength),
            self._upgraded(chosen, progress) if self.upgrades and compared is not None else None,
            self.template.place(),
        )

    def _upgraded(self, chosen: Sequence[Combination], progress: Progress | None) -> tuple[Upgrade, ...]:
        return upgrade_all(
            self._before,
            self._after,
            chosen,
            template=self.template,
            cache=self.cache,
            jobs=self.jobs,
            progress=progress,
        )

    def accept(self) -> None:
        """Write what the run found as the snapshots to compare with from now on."""
        if self.folder is not None:
            write_snapshots(self.folder, self._after)

    def _chosen(self) -> list[Combination]:
        """The combinations of the shard; what is known of others is left aside, so that shards add up to the whole."""
        names = [combination.name for combination in self.combinations]
        if twice := sorted(name for name, number in Counter(names).items() if number > 1):
            raise InputError(f"Two combinations are called {twice[0]!r}: rename the fixed one.")
        if self.shard is None and self.since is None:
            return list(self.combinations)
        number, of = self.shard or (1, 1)
        mine = set(sorted({*names, *self._before.parts})[number - 1 :: of])
        if self.since is not None:
            mine &= reached(self.template, self.since, self._before, names)
        for known in (self._before.parts, self._before.choices):
            for name in set(known) - mine:
                del known[name]
        return [combination for combination in self.combinations if combination.name in mine]
