"""What is different between two sets of snapshots, the same difference of many combinations told once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from generator.changes.model import ABSENT
from generator.changes.values import Path, differences
from generator.regress.snapshot import FILE, Part, digest
from generator.regress.store import Snapshots
from generator.regress.textdiff import Hunk, hunks


class Kind(str, Enum):
    """What became of a part."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    RENAMED = "renamed"


@dataclass(frozen=True)
class Edit:
    """One difference inside a part; `None` stands for nothing.

    Attributes:
        path: where: keys, and for items of a list their name or index.
        before: what stood there.
        after: what stands there now.
        hunk: in a file without structure the place; what is around it and on which line makes no other difference.
    """

    path: Path
    before: Any
    after: Any
    hunk: Hunk | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Change:
    """One difference, and every combination that has it.

    Attributes:
        kind: what became of the part.
        part: the part; of a renamed one, what it was called.
        type: a resource's type; else empty.
        edits: what changed in it; of an added or removed part the whole of it, at the empty path.
        combinations: the names of the combinations, sorted.
        renamed: what the part is called now.
    """

    kind: Kind
    part: Part
    type: str
    edits: tuple[Edit, ...]
    combinations: tuple[str, ...]
    renamed: str = ""


@dataclass(frozen=True)
class Comparison:
    """Everything that is different.

    Attributes:
        changes: changes of combinations that both sides have, by file.
        added: combinations that are new.
        removed: combinations that are gone.
    """

    changes: tuple[Change, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether nothing is different."""
        return not (self.changes or self.added or self.removed)


def compare(before: Snapshots, after: Snapshots) -> Comparison:
    """Compare two sets of snapshots, combination by combination."""
    grouped: dict[tuple[Any, ...], tuple[Change, list[str]]] = {}
    known: dict[tuple[str, str, str], tuple[tuple[Edit, ...], str]] = {}
    for name in sorted(set(before.parts) & set(after.parts)):
        for change in _changes(name, before, after, known):
            key = (change.kind, change.part, change.type, change.renamed, digest(_comparable(change.edits)))
            grouped.setdefault(key, (change, []))[1].append(name)
    changes = [_of(change, names) for change, names in grouped.values()]
    return Comparison(
        tuple(sorted(changes, key=lambda c: (c.part, c.kind.value, -len(c.combinations), c.combinations))),
        tuple(sorted(set(after.parts) - set(before.parts))),
        tuple(sorted(set(before.parts) - set(after.parts))),
    )


def _of(change: Change, names: list[str]) -> Change:
    return Change(change.kind, change.part, change.type, change.edits, tuple(names), change.renamed)


def _comparable(edits: tuple[Edit, ...]) -> list[Any]:
    return [[list(edit.path), edit.before, edit.after] for edit in edits]


def _changes(
    name: str, before: Snapshots, after: Snapshots, known: dict[tuple[str, str, str], tuple[tuple[Edit, ...], str]]
) -> Iterator[Change]:
    one, other = before.parts[name], after.parts[name]
    gone = {part: key for part, key in one.items() if part not in other}
    new = {part: key for part, key in other.items() if part not in one}
    for part, key in one.items():
        now = other.get(part)
        if now is None or now == key:
            continue
        if (key, now, part.section) not in known:
            told = _edits_of_file if part.section == FILE else edits_of
            edits = tuple(told(before.variants[key], after.variants[now]))
            known[key, now, part.section] = edits, _type(part, after.variants[now])
        edits, kind = known[key, now, part.section]
        if edits or part.section == FILE:
            yield Change(Kind.CHANGED, part, kind, edits, (name,))
    for part, successor in _renamed(gone, new).items():
        key = gone.pop(part)
        new.pop(successor)
        yield Change(Kind.RENAMED, part, _type(part, before.variants[key]), (), (name,), successor.name)
    for part, key in gone.items():
        value = before.variants[key]
        yield Change(Kind.REMOVED, part, _type(part, value), (Edit((), value, None),), (name,))
    for part, key in new.items():
        value = after.variants[key]
        yield Change(Kind.ADDED, part, _type(part, value), (Edit((), None, value),), (name,))


def _type(part: Part, value: Any) -> str:
    kind = value.get("Type") if part.section == "Resources" and isinstance(value, dict) else None
    return kind if isinstance(kind, str) else ""


def _renamed(gone: Mapping[Part, str], new: Mapping[Part, str]) -> dict[Part, Part]:
    """The parts that only have another name now: the same content, once on either side, in one section of a file."""
    before: dict[tuple[str, str, str], list[Part]] = defaultdict(list)
    after: dict[tuple[str, str, str], list[Part]] = defaultdict(list)
    for parts, found in ((gone, before), (new, after)):
        for part, key in parts.items():
            found[part.file, part.section, key].append(part)
    return {old[0]: after[key][0] for key, old in before.items() if len(old) == 1 == len(after.get(key, []))}


def text_of(part: Part, value: Any) -> str | None:
    """The text of a file without structure; None for any other part, and where only its digest is known."""
    text = value.get("text") if part.section == FILE and isinstance(value, dict) else None
    return text if isinstance(text, str) else None


def _edits_of_file(before: Any, after: Any) -> Iterator[Edit]:
    """Who may run a file, and where its text differs; of one that is no text only that it is another one."""
    for edit in edits_of(before, after):
        if edit.path == ("mode",):
            yield edit
    if "text" in before and "text" in after:
        for hunk in hunks(before["text"], after["text"]):
            yield Edit(("text",), list(hunk.gone) or None, list(hunk.new) or None, hunk)


def edits_of(before: Any, after: Any) -> Iterator[Edit]:
    """The differences of two parts, each as deep down as it can be said."""
    for path, old, new in differences(before, after):
        yield Edit(path, None if old is ABSENT else old, None if new is ABSENT else new)
