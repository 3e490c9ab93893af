"""Three-way merge of a whole project: every file by what it is, and files that come, go and move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from generator.merge.conflicts import Conflict
from generator.merge.files import SPEC, File, Files
from generator.merge.lines import merge_lines
from generator.merge.moves import followed
from generator.merge.structure import UnreadableError, language_of, merge_document


@dataclass(frozen=True)
class Merge:
    """What a project becomes.

    Attributes:
        written: files that are new or differ from what the user has.
        removed: files of the user that go.
        conflicts: what could not be decided, in the order of files.
        moved: the template's names of files that the user has moved, with the user's.
    """

    written: dict[str, File]
    removed: tuple[str, ...]
    conflicts: tuple[Conflict, ...]
    moved: dict[str, str]

    @property
    def changes(self) -> bool:
        """Whether anything is to be written or removed."""
        return bool(self.written or self.removed)


def merge_project(base: Files, ours: Files, theirs: Files) -> Merge:
    """Merge what was rendered last, what the user made of it and what is rendered now; nothing is written.

    `samgen.yaml` stays the user's.
    """
    moves = followed(base, ours)
    places = {**{name: _beside(name, moves.places, base, ours) for name in theirs.keys() - base.keys()}, **moves.places}
    written: dict[str, File] = {}
    removed: list[str] = []
    conflicts: list[Conflict] = []
    for name in sorted((base.keys() | theirs.keys()) - {SPEC}):
        place = places.get(name, name)
        file, found = _merge_file(place, base.get(name), ours.get(place), theirs.get(name))
        conflicts += [_perhaps(conflict, moves.perhaps.get(name, ())) for conflict in found]
        if file is None and place in ours:
            removed.append(place)
        elif file is not None and file != ours.get(place):
            written[place] = file
    written, blocked = _possible(written, ours, frozenset(removed))
    conflicts = sorted([*conflicts, *blocked], key=lambda conflict: conflict.file)
    return Merge(written, tuple(removed), tuple(conflicts), moves.places)


def _beside(name: str, places: Mapping[str, str], base: Files, ours: Files) -> str:
    """Where a file that the template has anew belongs: in the folder to which the user has moved all of its folder."""
    folder = name.rpartition("/")[0]
    known = [old for old in base if old.rpartition("/")[0] == folder]
    found = {places.get(old, old).rpartition("/")[0] for old in known if places.get(old, old) in ours}
    if not folder or name in ours or len(found) != 1 or not any(old in places for old in known):
        return name
    return f"{found.pop()}/{name.rpartition('/')[2]}".lstrip("/")


def _perhaps(conflict: Conflict, places: Sequence[str]) -> Conflict:
    """A conflict over a deleted file that says where the user may have moved it."""
    if conflict.kind != "deleted" or not places:
        return conflict
    told = f"it is gone and the template has changed it; if it became {' or '.join(places)}, change that by hand"
    return replace(conflict, message=told)


def _merge_file(
    name: str, base: File | None, ours: File | None, theirs: File | None
) -> tuple[File | None, list[Conflict]]:
    """The merged file, None for none, and its conflicts."""
    if ours in (base, theirs):
        return theirs, []
    if theirs == base:
        return ours, []
    if theirs is None:
        told = "the template has removed the file, you have changed it; yours was kept"
        return ours, [Conflict(name, "", "removed", told)]
    if ours is None:
        told = "you have deleted the file, the template has changed it; it stays deleted"
        return None, [Conflict(name, "", "deleted", told)]
    data, conflicts = _merge_data(name, base, ours, theirs)
    before = base.executable if base is not None else False
    executable = theirs.executable if ours.executable == before else ours.executable
    return File(data, executable), conflicts


def _merge_data(name: str, base: File | None, ours: File, theirs: File) -> tuple[bytes, list[Conflict]]:
    before = base.data if base is not None else b""
    if ours.data in (before, theirs.data):
        return theirs.data, []
    if theirs.data == before:
        return ours.data, []
    try:
        if b"\0" in before + ours.data + theirs.data:
            raise ValueError
        texts = [data.decode("utf-8") for data in (before, ours.data, theirs.data)]
    except ValueError:
        told = "you and the template have changed the file, which is no text; yours was kept"
        return ours.data, [Conflict(name, "", "binary", told)]
    language = language_of(name)
    if language is not None:
        try:
            merged = merge_document(language, texts[0] if base else _empty(language, texts[1]), *texts[1:])
            return merged.text.encode(), [replace(conflict, file=name) for conflict in merged.conflicts]
        except UnreadableError:
            pass
    return _merge_text(name, texts)


def _empty(language: str, ours: str) -> str:
    """What both sides start from where they have added a file of one name."""
    if language == "toml":
        return ""
    return "[]" if ours.lstrip()[:1] in ("[", "-") else "{}"


def _merge_text(name: str, texts: list[str]) -> tuple[bytes, list[Conflict]]:
    base, ours, theirs = texts
    if "\r\n" in ours and ours.count("\r\n") == ours.count("\n") and "\r\n" not in theirs:
        base, theirs = (text.replace("\r\n", "\n").replace("\n", "\r\n") for text in (base, theirs))
    text, conflicts = merge_lines(base, ours, theirs)
    if not conflicts:
        return text.encode(), []
    if language_of(name) is not None:
        # Markers would make it unreadable for every tool.
        told = "you and the template have changed the file in ways that cannot be put together; yours was kept"
        return texts[1].encode(), [Conflict(name, "", "value", told)]
    places = "1 place" if conflicts == 1 else f"{conflicts} places"
    told = f"you and the template have changed the same lines; markers stand in {places}"
    return text.encode(), [Conflict(name, "", "text", told)]


def _possible(written: dict[str, File], ours: Files, removed: frozenset[str]) -> tuple[dict[str, File], list[Conflict]]:
    """Without files that stand where the user has a folder, or in what is a file of the user's."""
    kept = {name for name in ours if name not in removed}
    folders = {"/".join(name.split("/")[:depth]) for name in kept for depth in range(1, name.count("/") + 1)}
    conflicts: list[Conflict] = []
    possible: dict[str, File] = {}
    for name, file in written.items():
        above = {"/".join(name.split("/")[:depth]) for depth in range(1, name.count("/") + 1)}
        if name in folders or above & kept:
            told = "the template has a file where you have something else; yours was kept"
            conflicts.append(Conflict(name, "", "binary", told))
        else:
            possible[name] = file
    return possible, conflicts
