"""Which findings somebody asks for: ids and categories, taken or left out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from generator.errors import InputError

ADOPTING = ("SG201", "SG202", "SG203", "SG204", "SG205")
"""The rules that repeat what SAM, cfn-lint and the links say; they run whatever is asked for."""

ALWAYS = frozenset({"yaml", "samconfig"})
"""A file that cannot be read is told of whatever is asked for: nothing else is known of it."""

_CATEGORY = re.compile(r"SG\d")
_ID = re.compile(r"SG\d{3}")
_LINT = re.compile(r"[EWI]\d{0,4}")
_OWN = re.compile(r"sam|suppression|cloudformation|link-[a-z]+")


@dataclass(frozen=True)
class Selection:
    """What is asked for.

    Attributes:
        select: ids and categories; empty for everything.
        ignore: ids and categories that are left out.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()

    def takes(self, identifier: str) -> bool:
        """Whether findings of an id are wanted."""
        if any(_covers(wanted, identifier) for wanted in self.ignore):
            return False
        if not self.select or identifier in ALWAYS:
            return True
        return any(_covers(wanted, identifier) for wanted in self.select)

    def runs(self, identifier: str) -> bool:
        """Whether a rule has to run: for its own findings, or so that a tool's are not shown beside them."""
        return self.takes(identifier) or identifier in ADOPTING


def selection(select: Iterable[str], ignore: Iterable[str], rules: Iterable[str]) -> Selection:
    """What the command line asks for; ids may be separated by commas.

    Raises:
        InputError: something is neither an id nor a category, or what is selected is all left out.
    """
    known = frozenset(rules)
    chosen = Selection(_parse(select, known), _parse(ignore, known))
    if chosen.select and all(any(_covers(out, wanted) for out in chosen.ignore) for wanted in chosen.select):
        raise InputError("--ignore leaves out all that --select asks for: nothing would be looked at.")
    return chosen


def lint_ids() -> frozenset[str]:
    """The ids of cfn-lint's own rules."""
    from cfnlint.core import get_rules

    return frozenset(get_rules([], [], []).rules)


def _parse(texts: Iterable[str], known: frozenset[str]) -> tuple[str, ...]:
    words = [word.strip() for text in texts for word in text.split(",")]
    return tuple(_identifier(word, known) for word in words if word)


def _identifier(word: str, known: frozenset[str]) -> str:
    upper = word.upper()
    if _CATEGORY.fullmatch(upper) or upper in known:
        return upper
    if _LINT.fullmatch(upper):
        # A slip of the pen would ask for nothing, and everything would pass.
        if len(upper) > 1 and not any(identifier.startswith(upper) for identifier in lint_ids()):
            raise InputError(f"cfn-lint has no rule {upper}; 'cfn-lint --list-rules' lists them.")
        return upper
    if _OWN.fullmatch(word) or word in ALWAYS:
        return word
    if _ID.fullmatch(upper):
        raise InputError(f"There is no rule {upper}; 'samgen check --list' lists them.")
    raise InputError(f"{word!r} is neither a rule (SG101) nor a category (SG1); 'samgen check --list' lists them.")


def _covers(wanted: str, identifier: str) -> bool:
    if wanted == identifier:
        return True
    is_family = _CATEGORY.fullmatch(wanted) or _LINT.fullmatch(wanted)
    return bool(is_family) and identifier[:1] == wanted[:1] and identifier.startswith(wanted)
