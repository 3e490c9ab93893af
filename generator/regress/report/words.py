"""How reports say what changed: the same words in each of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from generator.changes.values import path_text
from generator.regress.compare import Change, Edit, Kind
from generator.regress.consequences import effect_of
from generator.regress.verdict import Verdict, common

_LONG = 100
_FEW = 4


def title(change: Change) -> str:
    """What changed, in a line: `stacks/functions/template.yaml: HelloFunction (AWS::Serverless::Function) changed`."""
    became = f"is now called {change.renamed}" if change.kind is Kind.RENAMED else change.kind.value
    effect = effect_of(change)
    loud = f"; it {effect.words}" if effect is not None else ""
    return f"{change.part.file}: {subject(change)} {became}{loud}"


def subject(change: Change) -> str:
    """The part, without its file: `HelloFunction (AWS::Serverless::Function)`."""
    name = change.part.name or change.part.section
    kind = change.type or (change.part.section if change.part.name else "")
    return f"{name} ({kind})" if kind else name


def counted(number: int, noun: str) -> str:
    """`1 change`, `2 changes`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def lines(change: Change) -> Iterator[str]:
    """The edits of a changed part, a line each: `Properties.Timeout: 10 → 30`."""
    if change.kind is Kind.CHANGED:
        for edit in change.edits:
            yield f"{place(edit)}: {shown(edit.before)} → {shown(edit.after)}"


def place(edit: Edit) -> str:
    """Where an edit is: `Properties.Tags[Owner]`."""
    return path_text(edit.path) or "(whole)"


def shown(value: Any) -> str:
    """A value in few characters."""
    if value is None:
        return "nothing"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONG else f"{text[:_LONG]}…"


def where(names: Sequence[str], verdict: Verdict) -> str:
    """In which combinations, and what they have in common: `in 12 of 47 (trigger: queue)`."""
    shared = hint(names, verdict)
    told = f" ({shared})" if shared else ""
    return f"in {len(names)} of {len(verdict.combinations)}{told}, such as {names[0]}"


def hint(names: Sequence[str], verdict: Verdict) -> str:
    """The choices that all of some combinations have, and not all others: `trigger: queue`; empty where none are."""
    return ", ".join(f"{axis}: {choice}" for axis, choice in list(common(names, verdict.combinations).items())[:_FEW])
