"""What users do to a project, scripted: the same edits for every project, and how to tell them from the template's.

In a template: a property of their own in each resource, a value that they have changed, a resource of their own. In
other YAML, JSON and TOML a key of their own. In every other text a line of their own at its end. The last text by name
is deleted. All of it is marked, so that it is found again wherever a merge has put it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from generator.changes.model import ABSENT
from generator.changes.values import Path, differences
from generator.merge.files import File, Files
from generator.regress.textdiff import hunks
from generator.regress.upgrades.rebuild import dump, is_text, load

KEY = "SamgenRegressOwn"
VALUE = "the user's own"
RESOURCE = {"Type": "AWS::CloudFormation::WaitConditionHandle", "Metadata": {KEY: VALUE}}
LINE = "samgen regress: a line of the user's own"


@dataclass(frozen=True)
class Edited:
    """A project with a user's edits.

    Attributes:
        files: its files.
        edits: how many edits each file has.
        deleted: the names of files that the user has deleted.
    """

    files: dict[str, File]
    edits: dict[str, int]
    deleted: frozenset[str]


def edit(base: Files, staying: Files, deleted: str) -> Edited:
    """Edit a project.

    Args:
        base: its files.
        staying: of them what the template still has, by the names that `base` has: what it has taken away is not
            edited, as that is a conflict in any case.
        deleted: the name of the file to delete.
    """
    files: dict[str, File] = {}
    edits: dict[str, int] = {}
    for name, file in base.items():
        if name == deleted:
            continue
        files[name], edits[name] = _edited(name, file, staying[name]) if name in staying else (file, 0)
    return Edited(files, edits, frozenset({deleted} & base.keys()))


def _edited(name: str, file: File, staying: File) -> tuple[File, int]:
    data = load(name, file)
    if data is not None:
        number = _edit_template(data, load(name, staying) or {}) if _is_template(data) else _edit_data(data)
        return File(_appended(name, data).encode(), file.executable), number
    if not is_text(file):
        return file, 0
    text = file.data.decode("utf-8")
    end = "\r\n" if "\r\n" in text else "\n"
    apart = "" if not text or text.endswith("\n") else end
    return File(f"{text}{apart}{LINE}{end}".encode(), file.executable), 1


def _is_template(data: dict[str, Any]) -> bool:
    return isinstance(data.get("Resources"), dict)


def _edit_data(data: dict[str, Any]) -> int:
    data[KEY] = VALUE
    return 1


def _edit_template(data: dict[str, Any], staying: dict[str, Any]) -> int:
    number = 0
    changed = False
    kept = staying.get("Resources")
    for name, resource in sorted(data["Resources"].items()):
        properties = resource.get("Properties") if isinstance(resource, dict) else None
        if not isinstance(properties, dict) or not isinstance(kept, dict) or name not in kept:
            continue
        if not changed and (key := _first_text(properties)) is not None:
            properties[key] = VALUE
            changed = True
            number += 1
        properties[KEY] = VALUE
        number += 1
    return number + 1


def _first_text(properties: dict[str, Any]) -> str | None:
    return next((key for key in sorted(properties) if isinstance(properties[key], str)), None)


def _appended(name: str, data: dict[str, Any]) -> str:
    """The file, in the order of a rebuilt one; what is the user's own stands where its name puts it."""
    if _is_template(data):
        data = {**data, "Resources": {**data["Resources"], KEY: RESOURCE}}
    return dump(name, data)


@dataclass(frozen=True)
class Told:
    """How a merged file differs from what is rendered now.

    Attributes:
        mine: how many of the user's edits it has.
        others: what else is different: where, what is rendered now, what the merge has.
    """

    mine: int
    others: tuple[tuple[Path, Any, Any], ...]


def tell(name: str, now: File, merged: File) -> Told:
    """Tell the user's edits in a merged file from whatever else is different in it."""
    if is_text(now) and is_text(merged):
        data, other = load(name, now), load(name, merged)
        if data is not None and other is not None:
            return _tell_data(data, other)
        return _tell_text(now.data.decode("utf-8"), merged.data.decode("utf-8", "replace"))
    return Told(0, () if now == merged else (((), "other bytes", "other bytes"),))


def _tell_data(now: dict[str, Any], merged: dict[str, Any]) -> Told:
    found = [(path, before, after) for path, before, after in differences(now, merged)]
    others = [one for one in found if one[2] not in (VALUE, RESOURCE)]
    return Told(
        len(found) - len(others), tuple((path, _plain(before), _plain(after)) for path, before, after in others)
    )


def _plain(value: Any) -> Any:
    return None if value is ABSENT else value


def _tell_text(now: str, merged: str) -> Told:
    lines = merged.splitlines(keepends=True)
    rest = [line for line in lines if line.rstrip("\r\n") != LINE]
    text = "".join(rest)
    if text.rstrip("\r\n") == now.rstrip("\r\n"):
        # The user's line needs the one above it to be ended.
        return Told(len(lines) - len(rest), ())
    others = tuple((("text",), list(hunk.gone) or None, list(hunk.new) or None) for hunk in hunks(now, text))
    return Told(len(lines) - len(rest), others)
