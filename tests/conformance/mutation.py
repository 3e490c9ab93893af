"""One way to break an example project, and where the check has to say so."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutation:
    """One property edited, one resource dropped, or one parameter rewired.

    Attributes:
        rule: the rule that has to find it.
        name: what was broken, in words.
        file: the file of the rendered example that is edited.
        old: text that occurs in it; the first occurrence is replaced.
        new: what stands there instead.
        at: a fragment of the line that the finding is on, after the edit.
        where: the file of the finding, if it is another.
        example: the example project.
    """

    rule: str
    name: str
    file: str
    old: str
    new: str
    at: str
    where: str = ""
    example: str = "orders"
