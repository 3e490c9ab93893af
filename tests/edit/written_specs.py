"""Specs as people write them: drawn documents in drawn manners, with comments wherever YAML allows some."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from hypothesis import strategies as st

NAMES = ("alpha", "beta", "gamma-2", "delta", "null", "on")


@dataclass
class Manner:
    """How a text is written; everything that is drawn comes from one source, so that a failure shrinks."""

    random: Random
    offset: int
    flows: float
    comments: float
    blanks: float
    pad: str
    quote: str

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def scalar(self, value: Any) -> str:
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, int):
            return str(value)
        plain = value.replace("-", "").isalnum() and not value[0].isdigit() and value not in {"null", "true", "on"}
        if plain and self.chance(0.8):
            return str(value)
        quoted: str = self.quote + value.replace("'", "''" if self.quote == "'" else "'") + self.quote
        return quoted

    def flow(self, value: Any) -> str:
        if isinstance(value, dict):
            inner = ", ".join(f"{key}: {self.flow(v)}" for key, v in value.items())
            return f"{{{self.pad}{inner}{self.pad}}}" if inner else "{}"
        if isinstance(value, list):
            inner = ", ".join(self.flow(v) for v in value)
            comma = "," if inner and self.chance(0.1) else ""
            return f"[{inner}{comma}]"
        return self.scalar(value)

    def spread(self, items: list[Any], column: int) -> list[str]:
        """A list in brackets over several lines."""
        rows = [f"{' ' * (column + 2)}{self.flow(item)}" for item in items]
        return ["["] + [f"{row},{self.note()}" for row in rows[:-1]] + [rows[-1] + self.note(), " " * column + "]"]

    def note(self) -> str:
        return f"  # note {self.random.randrange(1000)}" if self.chance(self.comments) else ""

    def above(self, column: int) -> list[str]:
        lines = [""] * self.random.choice([1, 2]) if self.chance(self.blanks) else []
        return lines + ([f"{' ' * column}# above {self.random.randrange(1000)}"] if self.chance(self.comments) else [])

    def below(self, column: int) -> list[str]:
        return [f"{' ' * column}# below {self.random.randrange(1000)}"] if self.chance(self.comments) else []

    def mapping(self, value: dict[str, Any], column: int) -> list[str]:
        lines: list[str] = []
        for key, inner in value.items():
            if lines:
                lines += self.above(column)
            start = " " * column + key + ":"
            if not isinstance(inner, (dict, list)) or not inner:
                lines.append(f"{start} {self.flow(inner)}{self.note()}")
            elif self.chance(self.flows):
                if isinstance(inner, list) and self.chance(0.2):
                    first, *rest = self.spread(inner, column)
                    lines += [f"{start} {first}", *rest]
                else:
                    lines.append(f"{start} {self.flow(inner)}{self.note()}")
            elif isinstance(inner, dict):
                lines += [start + self.note(), *self.mapping(inner, column + 2)]
            else:
                lines += [start + self.note(), *self.items(inner, column + self.offset)]
                if self.offset:
                    lines += self.below(column + self.offset)
        return lines

    def items(self, value: list[Any], dash: int) -> list[str]:
        lines: list[str] = []
        for item in value:
            lines += self.above(dash)
            if isinstance(item, dict) and item and not self.chance(self.flows):
                first, *rest = self.mapping(item, dash + 2)
                lines += [" " * dash + "- " + first[dash + 2 :], *rest]
            else:
                lines.append(f"{' ' * dash}- {self.flow(item)}{self.note()}")
        return lines


def _function(name: str, number: int) -> st.SearchStrategy[dict[str, Any]]:
    triggers = st.lists(
        st.sampled_from(
            [
                {"type": "schedule", "expression": "rate(5 minutes)"},
                {"type": "api", "method": "GET", "path": f"/{number}/{{id}}"},
                {"type": "sns", "topic": "news"},
            ]
        ),
        max_size=3,
        unique_by=lambda trigger: trigger["type"],
    )
    permissions = st.lists(
        st.sampled_from([{"dynamodb": {"table": "stock", "access": "write"}}, {"events": {"bus": "default"}}]),
        max_size=2,
        unique_by=str,
    )
    return st.fixed_dictionaries(
        {"name": st.just(name)},
        optional={
            "description": st.sampled_from(["What it's for", "a: b # c", "x"]),
            "timeout": st.integers(1, 29),
            "triggers": triggers,
            "secrets": st.lists(st.sampled_from(["key", "token"]), max_size=2, unique=True),
            "permissions": permissions,
        },
    )


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Valid documents in which most keys may be missing."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True))
    functions = [draw(_function(name, number)) for number, name in enumerate(names)]
    document: dict[str, Any] = {"service": {"name": "shop"}}
    if draw(st.booleans()):
        document["api"] = {"name": "ShopAPI"}
    if draw(st.booleans()):
        document["environments"] = [{"name": "dev"}, {"name": "prod", "account": "012345678901"}]
    document["tables"] = [{"name": "stock", "partition_key": {"name": "id"}}]
    if draw(st.booleans()):
        document["queues"] = draw(st.sampled_from([[], [{"name": "work", "retention_days": 3}]]))
    document["functions"] = functions
    return document


@st.composite
def texts(draw: st.DrawFn) -> tuple[dict[str, Any], bytes]:
    """A document and its text in a drawn manner."""
    document = draw(documents())
    manner = Manner(
        random=Random(draw(st.integers(0, 2**32))),  # noqa: S311 (manners, not secrets)
        offset=draw(st.sampled_from([0, 2, 4])),
        flows=draw(st.sampled_from([0.0, 0.3, 0.7])),
        comments=draw(st.sampled_from([0.0, 0.3])),
        blanks=draw(st.sampled_from([0.0, 0.3])),
        pad=draw(st.sampled_from(["", " "])),
        quote=draw(st.sampled_from(["'", '"'])),
    )
    lines = ["# The shop", *manner.mapping(document, 0), *manner.below(0)]
    ending = draw(st.sampled_from(["\n", "\r\n"]))
    text = ending.join(lines) + draw(st.sampled_from(["", ending, ending * 2]))
    mark = "\ufeff" if draw(st.booleans()) else ""
    return document, (mark + text).encode()
