"""The lines of a template around a finding, as HTML; without those that may hold a secret."""

from __future__ import annotations

from html import escape

from generator.checks.review import Reviewed
from generator.findings import Finding
from generator.staging import printable

# Their findings are about what a reader of the page may not be meant to see.
_SECRET = {"SG106", "SG304"}
_AROUND = 3
_LONGEST = 200


class Excerpts:
    """Excerpts of a project's files, each file read once."""

    def __init__(self, project: Reviewed) -> None:
        self._project = project
        self._lines: dict[str, list[str]] = {}
        self._secret: dict[str, set[int]] = {}
        accepted = (suppressed.finding for suppressed in project.suppressed)
        for finding in (*project.findings, *accepted, *project.known):
            if finding.rule in _SECRET:
                lines = self._lines_of(finding.file)
                self._secret.setdefault(finding.file, set()).update(_block(lines, finding.line))

    def around(self, finding: Finding) -> str:
        """The lines around a finding, its own marked; empty where the file cannot be shown."""
        if finding.rule in _SECRET:
            return '<p class="soft">The source is not shown: it may hold what is secret.</p>'
        lines = self._lines_of(finding.file)
        if not 1 <= finding.line <= len(lines):
            return ""
        first = max(1, finding.line - _AROUND)
        last = min(len(lines), finding.line + _AROUND)
        width = len(str(last))
        secret = self._secret.get(finding.file, set())
        shown = []
        for number in range(first, last + 1):
            text = "(not shown: may hold what is secret)" if number in secret else _short(lines[number - 1])
            line = f"{number:>{width}}  {escape(printable(text))}"
            shown.append(f"<mark>{line}</mark>" if number == finding.line else f"{line}\n")
        return f"<pre>{''.join(shown)}</pre>"

    def _lines_of(self, file: str) -> list[str]:
        if file not in self._lines:
            self._lines[file] = self._project.source(file).splitlines()
        return self._lines[file]


def _block(lines: list[str], line: int) -> set[int]:
    """A line and those below it that belong to it: what is indented deeper, as a text of several lines is."""
    block = {line}
    if not 1 <= line <= len(lines):
        return block
    indent = _indent(lines[line - 1])
    for number in range(line + 1, len(lines) + 1):
        text = lines[number - 1]
        if text.strip() and _indent(text) <= indent:
            break
        block.add(number)
    return block


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _short(line: str) -> str:
    line = line.replace("\t", "    ")
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
