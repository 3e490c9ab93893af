"""Draws docs/pictures/conversation-*.svg: `samgen new` in a terminal, answered like a user would.

    python scripts/screenshots.py

The command runs in a pseudo-terminal; what a terminal of 96 columns then shows is drawn.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import pexpect
import pyte
from rich.console import Console
from rich.style import Style
from rich.text import Text

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
COLUMNS, LINES = 96, 44
ENTER, DOWN = "\r", "\x1b[B"

# What is waited for, and what is typed.
ANSWERS = [
    ("in one line", "Takes orders" + ENTER),
    ("Which team", "team-orders" + ENTER),
    ("Environment 1", ENTER),
    ("dev: region", ENTER),
    ("dev: AWS account", ENTER),
    ("Another environment?", "y"),
    ("Environment 2", ENTER),
    ("prod: region", ENTER),
    ("prod: AWS account", "210987654321" + ENTER),
    ("Another environment?", ENTER),
    ("Name of the API", ENTER),
    ("identify themselves?", ENTER),
    ("may it be called?", DOWN + ENTER),
    ("Address ranges", "203.0.113.0/24" + ENTER),
    ("Function 1", "place-order" + ENTER),
    ("place-order: runtime", ENTER),
    ("place-order: what invokes it?", ENTER),
    ("place-order: method", DOWN + ENTER),
    ("place-order: path", "/orders" + ENTER),
    ("Another function?", "y"),
    ("Function 2", "fulfil" + ENTER),
    ("fulfil: runtime", ENTER),
]
CHOOSING = [("nothing for now", "")]
REVIEWING = [
    ("", DOWN + DOWN + ENTER),
    ("fulfil: which queue?", ENTER),
    ("Another function?", ENTER),
    ("Make this project?", ""),
]
MAKING = [("", ENTER), (pexpect.EOF, "")]


class Terminal:
    """A terminal with a screen that can be drawn."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "PROMPT_TOOLKIT_NO_CPR": "1"}
        self._screen = pyte.Screen(COLUMNS, LINES)
        self._stream = pyte.Stream(self._screen)
        command = [sys.executable, "-m", "generator", "new", "orders"]
        self._child = pexpect.spawn(
            command[0],
            command[1:],
            cwd=folder,
            env=environment,
            encoding="utf-8",
            dimensions=(LINES, COLUMNS),
            timeout=60,
        )

    def play(self, answers: Sequence[tuple[object, str]]) -> None:
        """Type the answers, each after what it waits for."""
        for question, keys in answers:
            if not question:
                self._drain()
            if question:
                self._child.expect(question if question is pexpect.EOF else [str(question).replace("?", r"\?")])
                self._stream.feed(self._child.before or "")
                self._stream.feed(self._child.after if isinstance(self._child.after, str) else "")
            if keys:
                self._child.send(keys)

    def _drain(self) -> None:
        while True:
            try:
                self._stream.feed(self._child.read_nonblocking(4096, timeout=1))
            except (pexpect.TIMEOUT, pexpect.EOF):
                return

    def draw(self, name: str, title: str) -> None:
        """Write what the screen shows as a picture."""
        self._drain()
        lines = [self._line(number) for number in range(LINES)]
        while lines and not lines[-1].plain.strip():
            lines.pop()
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
            console = Console(width=COLUMNS, record=True, file=nowhere, force_terminal=True, color_system="truecolor")
            for line in lines:
                console.print(line)
        PICTURES.mkdir(parents=True, exist_ok=True)
        # Without the fonts that rich would have a reader's browser fetch from elsewhere.
        picture = re.sub(r"@font-face \{[^}]*\}\s*", "", console.export_svg(title=title, unique_id=name))
        picture = picture.replace(self._folder, "/home/me")
        picture = "".join(f"{line.rstrip()}\n" for line in picture.splitlines())
        (PICTURES / f"{name}.svg").write_text(picture, encoding="utf-8")

    def _line(self, number: int) -> Text:
        cells = [self._screen.buffer[number][column] for column in range(COLUMNS)]
        text = Text()
        for style, run in groupby(cells, key=_style):
            text.append("".join(cell.data for cell in run), style)
        text.rstrip()
        return text


def _style(cell: pyte.screens.Char) -> Style:
    return Style(color=_known(cell.fg), bold=cell.bold, reverse=cell.reverse)


def _known(colour: str) -> str | None:
    """Pyte's names of colours as rich has them."""
    if re.fullmatch(r"[0-9a-f]{6}", colour):
        return f"#{colour}"
    return {"default": None, "brown": "yellow", "brightblack": "bright_black"}.get(colour, colour)


def main() -> None:
    """Play the conversation and draw it three times."""
    with tempfile.TemporaryDirectory() as folder:
        terminal = Terminal(Path(folder))
        terminal.play(ANSWERS)
        terminal.play(CHOOSING)
        terminal.draw("conversation-questions", "samgen new orders")
        terminal.play(REVIEWING)
        terminal.draw("conversation-review", "samgen new orders")
        terminal.play(MAKING)
        terminal.draw("conversation-done", "samgen new orders")


if __name__ == "__main__":
    main()
