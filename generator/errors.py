"""The errors a user can meet. Each is one sentence that says what to do.

The command line catches `SamgenError` once, prints the sentence in red on stderr and exits with its
code; no other layer prints. Exit codes: 1 findings or conflicts, 2 wrong usage or input, 3 a tool is
missing or failed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from generator.findings import Finding


class SamgenError(Exception):
    """Base of every error that samgen raises on purpose; `str(error)` is what the user reads."""

    exit_code = 2


class InputError(SamgenError):
    """Wrong usage or input: an answer, a spec, a path. Nothing was written."""


class ToolError(SamgenError):
    """A tool that samgen needs (git, SAM, cfn-lint, AWS) is missing or failed."""

    exit_code = 3


class FindingsError(SamgenError):
    """Validation found something; the findings travel along so that a view can show them."""

    exit_code = 1

    def __init__(self, message: str, findings: Sequence[Finding]) -> None:
        super().__init__(message)
        self.findings = tuple(findings)
