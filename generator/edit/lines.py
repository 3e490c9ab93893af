"""A text by its lines, as YAML counts them: which are blank, which are comments, and what is inserted where."""

from __future__ import annotations

import re
from bisect import bisect_right

# YAML 1.1 ends a line at each of these; a samgen.yaml is read by its rules.
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


class Lines:
    """The lines of a text, numbered from 0.

    Attributes:
        text: the whole text.
        ending: how its lines end: that of the first line, or a line feed.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = [0]
        found = None
        for found_ in _BREAK.finditer(text):
            found = found or found_[0]
            self._starts.append(found_.end())
        if self._starts[-1] == len(text) and len(text) > 0:
            # A break at the end begins no further line.
            self._starts.pop()
        self.ending = found or "\n"

    def __len__(self) -> int:
        return len(self._starts)

    def at(self, index: int) -> int:
        """The number of the line that a character stands in."""
        return bisect_right(self._starts, index) - 1

    def start(self, number: int) -> int:
        """Where a line begins; the end of the text for the line after the last."""
        return self._starts[number] if number < len(self._starts) else len(self.text)

    def content(self, number: int) -> str:
        """A line without its break."""
        return re.sub(_BREAK.pattern + "$", "", self.text[self.start(number) : self.start(number + 1)])

    def is_blank(self, number: int) -> bool:
        """Whether there is such a line, and nothing in it."""
        return 0 <= number < len(self) and not self.content(number).strip(" \t")

    def comment_column(self, number: int) -> int | None:
        """The column that a line's comment begins in, where there is nothing else in the line."""
        if not 0 <= number < len(self):
            return None
        content = self.content(number)
        bare = content.lstrip(" ")
        return len(content) - len(bare) if bare.startswith("#") else None

    def after_comments(self, number: int, column: int) -> int:
        """The line after `number` and the comments below it that begin right of a column, blank lines among them."""
        last = number
        here = number + 1
        while self.is_blank(here) or (self.comment_column(here) or 0) > column:
            if not self.is_blank(here):
                last = here
            here += 1
        return last + 1

    def with_lines(self, number: int, new: list[str]) -> str:
        """The text with new lines before the line `number`, without a break at the end where it had none."""
        place = self.start(number)
        before, after = self.text[:place], self.text[place:]
        block = self.ending.join(new)
        if before and not _BREAK.search(before[-1]):
            return before + self.ending + block
        return before + block + self.ending + after

    def without_lines(self, first: int, end: int) -> str:
        """The text without the lines from `first` up to `end`, still without a break at its end where it had none."""
        before, after = self.text[: self.start(first)], self.text[self.start(end) :]
        if not after and not _BREAK.search(self.text[-1:]):
            before = re.sub(f"({_BREAK.pattern})$", "", before)
        return before + after
