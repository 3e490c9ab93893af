"""One way to break a rendered example, and where that must be found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutation:
    """A change of one text in one file, and the finding that it must lead to.

    Attributes:
        rule: the id that must be found.
        name: what was broken, in words.
        file: file of the rendered example that is edited.
        old: text that must occur in it; its first occurrence is replaced.
        new: what stands there instead.
        at: a fragment of the line that the finding must be on (in `where` or `file`, after the edit).
        where: the file of the finding, if it is another.
        example: which example is rendered.
    """

    rule: str
    name: str
    file: str
    old: str
    new: str
    at: str
    where: str = ""
    example: str = "orders"
