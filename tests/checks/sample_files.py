"""The samples of each rule, in `samples/SG….txt`: small projects that it must object to, and others that it must not.

A file holds samples one after the other::

    === good: a name
    the text of template.yaml
    --- samconfig.toml
    the text of another file
    === bad: another name, after a name
    ~ a part of the line that must be found
    - text of the other sample that is replaced, once
    + what stands there instead

A sample that begins as JSON is template.json. Several lines with `-` or `+` are one text; without a `+` the text is
taken out. An empty line parts two replacements. Of a bad sample, each finding is on a line with one of the parts, and
each part is found.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "samples"
_HEADER = re.compile(r"=== (?P<kind>good|bad): (?P<name>.+?)(?:, after (?P<base>.+))?$")
_FILE = re.compile(r"--- (?P<name>\S+)$")


@dataclass
class SampleProject:
    """One sample.

    Attributes:
        rule: the id.
        good: whether the rule must have nothing to say.
        name: what it is, in words.
        files: the text of each file.
        at: parts of the lines that must be found.
    """

    rule: str
    good: bool
    name: str
    files: dict[str, str] = field(default_factory=dict)
    at: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """What pytest calls it."""
        return f"{self.rule}-{'good' if self.good else 'bad'}-{self.name.replace(' ', '-')}"

    def write(self, folder: Path) -> None:
        """Write the project."""
        for name, text in self.files.items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")


@cache
def samples() -> tuple[SampleProject, ...]:
    """Every sample, in the order of the files."""
    return tuple(sample for file in sorted(FOLDER.glob("*.txt")) for sample in read(file.stem, file.read_text("utf-8")))


def read(rule: str, text: str) -> list[SampleProject]:
    """The samples of a file."""
    found: list[SampleProject] = []
    blocks = re.split(r"(?m)^(?==== )", text)
    assert not blocks[0].strip(), f"{rule} begins with a sample"
    for block in blocks[1:]:
        header, _, body = block.partition("\n")
        match = _HEADER.match(header)
        assert match, f"{rule}: {header}"
        sample = SampleProject(rule, match["kind"] == "good", match["name"])
        lines = body.splitlines()
        sample.at = [line[2:] for line in lines if line.startswith("~ ")]
        lines = [line for line in lines if not line.startswith("~ ")]
        if match["base"]:
            base = next(other for other in found if other.name == match["base"])
            sample.files = _edited(str(sample), base.files, lines)
        else:
            sample.files = _files(lines)
        found.append(sample)
    return found


def _files(lines: list[str]) -> dict[str, str]:
    name = "template.json" if lines and lines[0].startswith("{") else "template.yaml"
    parts: dict[str, list[str]] = {}
    for line in lines:
        if match := _FILE.match(line):
            name = match["name"]
            parts[name] = []
        else:
            parts.setdefault(name, []).append(line)
    return {name: "\n".join(part).rstrip("\n") + "\n" for name, part in parts.items()}


def _edited(sample: str, files: dict[str, str], lines: list[str]) -> dict[str, str]:
    found = dict(files)
    edits: list[tuple[list[str], list[str]]] = []
    apart = False
    for line in lines:
        if line.startswith("-"):
            if not edits or edits[-1][1] or apart:
                edits.append(([], []))
            edits[-1][0].append(line[2:])
        elif line.startswith("+"):
            edits[-1][1].append(line[2:])
        apart = not line.strip()
    for old_lines, new_lines in edits:
        old, new = "\n".join(old_lines), "\n".join(new_lines)
        name = next((name for name, text in found.items() if old in text), None)
        assert name is not None, f"{sample}: {old!r} is not there"
        whole = f"{old}\n" if not new_lines and f"{old}\n" in found[name] else old
        found[name] = found[name].replace(whole, new, 1)
    return found
