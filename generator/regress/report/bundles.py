"""Changes of several resources that are one change: a tag on every queue is told once, with the queues that have it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from generator.changes.model import Consequence
from generator.regress.compare import Change, Comparison, Kind
from generator.regress.consequences import Effect, effect_of
from generator.regress.snapshot import digest


@dataclass(frozen=True)
class Bundle:
    """The same change of one or more parts.

    Attributes:
        changes: the change of each part, by file and name.
        effect: what it does to a deployed service; None where it is no resource's.
    """

    changes: tuple[Change, ...]
    effect: Effect | None

    @property
    def first(self) -> Change:
        """The change, as the first of the parts has it."""
        return self.changes[0]

    @property
    def combinations(self) -> tuple[str, ...]:
        """The names of all combinations that have it, sorted."""
        return tuple(sorted({name for change in self.changes for name in change.combinations}))

    @property
    def loud(self) -> bool:
        """Whether data would be lost."""
        return self.effect is not None and self.effect.loses


def bundles(comparison: Comparison | None) -> list[Bundle]:
    """The changes of a comparison: what loses data first, then by what CloudFormation does, then by file."""
    grouped: dict[tuple[str, ...], list[Change]] = {}
    for change in comparison.changes if comparison is not None else ():
        grouped.setdefault(_key(change), []).append(change)
    found = [Bundle(tuple(changes), effect_of(changes[0])) for changes in grouped.values()]
    return sorted(found, key=lambda bundle: (not bundle.loud, -_rank(bundle), bundle.first.part, bundle.first.kind))


def _key(change: Change) -> tuple[str, ...]:
    key = (change.kind.value, change.type, change.part.section)
    if change.kind is Kind.CHANGED and change.edits:
        return (*key, _edits(change))
    # What is new or gone is one thing, whatever it holds in which combination; of what is no text there is no more.
    return (*key, change.part.file, change.part.name, change.renamed)


def _edits(change: Change) -> str:
    return digest([[list(edit.path), edit.before, edit.after] for edit in change.edits])


def _rank(bundle: Bundle) -> int:
    return bundle.effect.consequence.rank if bundle.effect is not None else Consequence.RECORD.rank - 1


def named(parts: Sequence[Change], most: int) -> str:
    """The parts in words, by file: `stacks/functions/template.yaml: HelloFunction, WorkFunction`."""
    told: dict[str, list[str]] = {}
    for change in parts:
        told.setdefault(change.part.file, []).append(change.part.name or change.part.section)
    left, said = most, []
    for file, found in told.items():
        shown = found[: max(0, left)]
        left -= len(found)
        said += [f"{file}: {', '.join(shown)}"] if shown else []
    return "; ".join(said) + (f" and {-left} more" if left < 0 else "")
