"""A project and what was rendered last into it, while migrations change both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fnmatch import fnmatchcase

from generator.merge.conflicts import Conflict
from generator.merge.files import File, Files
from generator.merge.moves import followed

_MARK = "\ufeff".encode()
KIND = "migration"
"""The kind of a conflict that a migration met."""


class Workspace:
    """Both sides, changed in place by the steps of migrations.

    Attributes:
        base: what was rendered last.
        ours: the project.
        conflicts: what could not be done.
    """

    def __init__(self, base: Files, ours: Files) -> None:
        self.base = dict(base)
        self.ours = dict(ours)
        self.conflicts: list[Conflict] = []
        self._places = followed(base, ours).places

    def place(self, name: str) -> str:
        """Where the user has a file of the template."""
        return self._places.get(name, name)

    def names(self, pattern: str) -> list[str]:
        """The template's names of files that match a pattern of `fnmatch`, in the project or rendered last."""
        return sorted(name for name in self.base.keys() | self.ours.keys() if fnmatchcase(name, pattern))

    def sides(self, name: str) -> Iterator[tuple[dict[str, File], str]]:
        """Each side with its name of a file of the template, where it has one."""
        for side, place in ((self.base, name), (self.ours, self.place(name))):
            if place in side:
                yield side, place

    def move(self, name: str, new: str) -> bool:
        """Give a file another place on both sides, but for the project's where it has something there already."""
        moved = False
        if name in self.base:
            self.base[new] = self.base.pop(name)
            moved = True
        if self.place(name) != name:
            # The user has it somewhere else already, and there it stays.
            self._places[new] = self._places.pop(name)
        elif name in self.ours and new in self.ours:
            self.report(name, "", f"its place is {new} now, where you have another file; both were left")
        elif name in self.ours:
            self.ours[new] = self.ours.pop(name)
            moved = True
        return moved

    def rewrite(self, side: dict[str, File], name: str, change: Callable[[str], str]) -> bool:
        """Change a file's text without its byte order mark; returns whether it is another one."""
        mark = _MARK if side[name].data.startswith(_MARK) else b""
        try:
            old = side[name].data[len(mark) :].decode("utf-8")
        except UnicodeDecodeError:
            return False
        new = change(old)
        side[name] = replace(side[name], data=mark + new.encode())
        return new != old

    def report(self, name: str, path: str, message: str) -> None:
        """Note what could not be done to a file of the project, once."""
        conflict = Conflict(name, path, KIND, message)
        if conflict not in self.conflicts:
            self.conflicts.append(conflict)
