"""What a run came to: what was found, what could not be rendered, what is not as the snapshots say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generator.findings import Finding, Severity
from generator.regress.compare import Comparison
from generator.regress.matrix import Choices, Coverage
from generator.regress.upgrades import Upgrade

_RANK = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


@dataclass(frozen=True)
class Found:
    """One finding, and every combination that has it; its line is that of the first.

    Attributes:
        finding: what was found.
        combinations: the names of the combinations, sorted.
    """

    finding: Finding
    combinations: tuple[str, ...]


@dataclass(frozen=True)
class Verdict:
    """The whole verdict.

    Attributes:
        combinations: the choices of each combination, by name.
        known: how many of them the cache knew.
        found: the findings, the worst first; the same one of many combinations once.
        refused: why combinations could not be rendered, and which.
        comparison: what is not as the snapshots say; None where there are none to compare with.
        threshold: the least severity of a finding that fails.
        coverage: what the whole matrix covers, of which a shard is a part.
        upgrades: what goes wrong where projects are updated from their snapshots; None where that was not tried.
        place: the folder of the template's own files from the current one; empty where that is not inside it.
    """

    combinations: Mapping[str, Choices]
    known: int
    found: Sequence[Found]
    refused: Mapping[str, tuple[str, ...]]
    comparison: Comparison | None
    threshold: Severity = Severity.WARNING
    coverage: Coverage = field(default_factory=Coverage)
    upgrades: Sequence[Upgrade] | None = None
    place: str = ""

    @property
    def failing(self) -> list[Found]:
        """The findings that fail."""
        return [found for found in self.found if _RANK[found.finding.severity] <= _RANK[self.threshold]]

    @property
    def sound(self) -> bool:
        """Whether everything renders, and nothing fails that was found."""
        return not (self.failing or self.refused)

    def located(self, file: str) -> str:
        """A rendered file's template from the current folder, where there is one by that name; else the file."""
        return f"{self.place}/{file}" if self.place and Path(self.place, file).is_file() else file

    @property
    def upgradable(self) -> bool:
        """Whether nothing goes wrong where projects are updated, or that was not tried."""
        return not self.upgrades

    @property
    def same(self) -> bool:
        """Whether everything is as the snapshots say."""
        return self.comparison is None or self.comparison.same


def together(findings: Mapping[str, Sequence[Finding]]) -> list[Found]:
    """The findings of combinations, the same one of several told once: lines differ where templates do."""
    grouped: dict[tuple[Any, ...], tuple[Finding, list[str]]] = {}
    for name in sorted(findings):
        for finding in findings[name]:
            key = (finding.file, finding.rule, finding.severity, finding.message, finding.mend, finding.tool)
            grouped.setdefault(key, (finding, []))[1].append(name)
    found = [Found(finding, tuple(dict.fromkeys(names))) for finding, names in grouped.values()]
    return sorted(found, key=lambda f: (_RANK[f.finding.severity], f.finding.file, f.finding.rule, f.finding.message))


def common(names: Sequence[str], combinations: Mapping[str, Choices]) -> Choices:
    """The choices that all of some combinations have, and only they: what tells them from others, if there are any."""
    inside = [combinations[name] for name in names if combinations.get(name)]
    if not inside:
        return {}
    others = [choices for name, choices in combinations.items() if name not in set(names) and choices]
    shared = {axis: choice for axis, choice in inside[0].items() if all(c.get(axis) == choice for c in inside)}
    return {axis: choice for axis, choice in shared.items() if any(o.get(axis) != choice for o in others)}
