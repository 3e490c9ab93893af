"""How reports say what changed: the same words in each of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from generator.changes.values import path_text
from generator.regress.compare import Change, Edit, Kind
from generator.regress.consequences import effect_of
from generator.regress.upgrades import Trouble, Upgrade
from generator.regress.verdict import Verdict, common
from generator.staging import printable

_LONG = 100
_LONGEST_LINE = 200
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
    """The edits of a changed part, a line each: `Properties.Timeout: 10 → 30`; of a text its unified diff."""
    if change.kind is Kind.CHANGED:
        for edit in change.edits:
            if edit.hunk is None:
                yield f"{place(edit)}: {shown(edit.before)} → {shown(edit.after)}"
            else:
                yield from (_short(line) for line in edit.hunk.unified())


def diff(change: Change, most: int) -> str:
    """The unified diff of a text, of so many lines at most; empty for what has none."""
    found = list(chain.from_iterable(edit.hunk.unified() for edit in change.edits if edit.hunk is not None))
    more = [f"… and {len(found) - most} lines more"] if len(found) > most else []
    return "".join(f"{line}\n" for line in [*map(_short, found[:most]), *more])


def _short(line: str) -> str:
    text = printable(line.expandtabs(4))
    return text if len(text) <= _LONGEST_LINE else f"{text[:_LONGEST_LINE]}…"


def place(edit: Edit) -> str:
    """Where an edit is: `Properties.Tags[Owner]`."""
    return path_text(edit.path) or "(whole)"


def shown(value: Any) -> str:
    """A value in few characters."""
    if value is None:
        return "nothing"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONG else f"{text[:_LONG]}…"


def wrong(upgrade: Upgrade) -> str:
    """What goes wrong in an update, in a line: `update, conflict: Makefile: you and the template …`."""
    return f"update, {upgrade.trouble.kind}: {problem(upgrade.trouble)}"


def problem(trouble: Trouble) -> str:
    """The same without its kind."""
    place = f"{trouble.file}: {trouble.path}" if trouble.path else trouble.file
    return f"{place}: {trouble.message}"


def where(names: Sequence[str], verdict: Verdict) -> str:
    """In which combinations, and what they have in common: `in 12 of 47 (trigger: queue)`."""
    shared = hint(names, verdict)
    told = f" ({shared})" if shared else ""
    return f"in {len(names)} of {len(verdict.combinations)}{told}, such as {names[0]}"


def hint(names: Sequence[str], verdict: Verdict) -> str:
    """The choices that all of some combinations have, and not all others: `trigger: queue`; empty where none are."""
    return ", ".join(f"{axis}: {choice}" for axis, choice in list(common(names, verdict.combinations).items())[:_FEW])
