"""The steps that migrations are made of."""

from __future__ import annotations

import re
from dataclasses import dataclass

from generator.merge.files import SPEC, File
from generator.merge.migrations import texts
from generator.merge.migrations.workspace import Workspace

_HEAD = "Resources:\n"
"""What a template begins with that there was none of before; the rest comes with the merge."""


@dataclass(frozen=True)
class RenameKey:
    """A key of samgen.yaml has another name.

    Attributes:
        path: the keys down to it, `*` for each item of a list: `("functions", "*", "memory")`.
        new: its name from now on.
    """

    path: tuple[str, ...]
    new: str

    def take(self, workspace: Workspace) -> bool:
        """Rename the key in the project's samgen.yaml; what was rendered last holds another, which nobody merges."""
        if SPEC not in workspace.ours:
            return False
        return workspace.rewrite(workspace.ours, SPEC, lambda text: texts.rename_key(text, self.path, self.new))


@dataclass(frozen=True)
class MoveFile:
    """A file, or a folder with all that the template has in it, stands at another place.

    Attributes:
        old: its path from the project's root.
        new: the same from now on.
    """

    old: str
    new: str

    def take(self, workspace: Workspace) -> bool:
        """Move it, and what the user has put beside it; a file that the user has moved already stays there."""
        names = [*workspace.names(self.old), *workspace.names(f"{self.old}/*")]
        moved = [workspace.move(name, self.new + name[len(self.old) :]) for name in names]
        return any(moved)


@dataclass(frozen=True)
class RenameResource:
    """A resource has another logical id.

    Attributes:
        file: the template's path; a pattern of `fnmatch`, as a large service has several parts of a stack.
        old: the logical id; one `*` stands for what is different in each, such as a function's name.
        new: the same from now on.
    """

    file: str
    old: str
    new: str

    def take(self, workspace: Workspace) -> bool:
        """Rename it, and whatever refers to it in its template; not onto another resource."""
        sides = [side for name in workspace.names(self.file) for side in workspace.sides(name)]
        renamed = [self._rename(workspace, side, place) for side, place in sides]
        return any(renamed)

    def _rename(self, workspace: Workspace, side: dict[str, File], place: str) -> bool:
        pattern = re.compile(re.escape(self.old).replace(r"\*", "(.+)"))
        ids = texts.resource_ids(_text(side[place]))
        pairs = []
        for old in ids:
            if (match := pattern.fullmatch(old)) is None:
                continue
            new = self.new.replace("*", match[1]) if match.groups() else self.new
            if new not in ids:
                pairs.append((old, new))
            elif side is workspace.ours:
                told = f"its logical id is {new} now, which you have as well; both were left"
                workspace.report(place, f"Resources/{old}", told)
        return workspace.rewrite(side, place, lambda text: texts.rename_resources(text, dict(pairs)))


@dataclass(frozen=True)
class MoveResource:
    """A resource stands in another template, under its logical id.

    Attributes:
        logical_id: its logical id.
        source: the path of the template that had it.
        target: the path of the one that has it from now on.
    """

    logical_id: str
    source: str
    target: str

    def take(self, workspace: Workspace) -> bool:
        """Move its lines and the comments above them; what it refers to there comes with the template."""
        # A template that was there and that the user has deleted is not made anew.
        is_new = self.target not in workspace.base
        moved = [self._move(workspace, side, place, is_new) for side, place in workspace.sides(self.source)]
        return any(moved)

    def _move(self, workspace: Workspace, side: dict[str, File], source: str, is_new: bool) -> bool:
        if self.logical_id not in texts.resource_ids(_text(side[source])):
            return False
        target = workspace.place(self.target) if side is workspace.ours else self.target
        cut = texts.cut_resource(_text(side[source]), self.logical_id)
        added = None
        if cut is not None and target in side:
            added = texts.add_resource(_text(side[target]), cut.block)
        elif cut is not None and is_new:
            added = _HEAD + cut.block
        if cut is None or added is None:
            if side is workspace.ours:
                told = f"it stands in {self.target} now, where it could not be put; yours was left"
                workspace.report(source, f"Resources/{self.logical_id}", told)
            return False
        workspace.rewrite(side, source, lambda _: cut.rest)
        side.setdefault(target, File(b""))
        return workspace.rewrite(side, target, lambda _: added)


def _text(file: File) -> str:
    return file.data.decode("utf-8-sig", "replace")
