"""Templates compiled once a process: who renders a hundred projects does not read each template a hundred times."""

from __future__ import annotations

from typing import Any

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket


class CompiledTemplates(BytecodeCache):
    """Keeps what Jinja has compiled, by the template's name, its file and its text, as Jinja itself compares them."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give a template its code where it is known."""
        bucket.code = self._known.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a template's code."""
        self._known[bucket.key, bucket.checksum] = bucket.code


COMPILED = CompiledTemplates()
"""Of this process; every environment of samgen's template has the same delimiters and filters."""
