"""What a merge could not decide, as data."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Conflict:
    """One thing that the user and the template changed differently.

    Attributes:
        file: path relative to the project's root, with forward slashes; empty while only one document is merged.
        path: keys down to the value, joined by slashes; empty for a whole file.
        kind: `value`, `deleted` (by the user, changed by the template), `removed` (by the template, changed by the
            user), `comment`, `order`, `text` (markers stand in the file), `binary` or `mode`.
        message: one sentence: what stands in the project now.
        yours: what the user has, shortened; empty for nothing.
        template: what the template has, shortened; empty for nothing.
    """

    file: str
    path: str
    kind: str
    message: str
    yours: str = ""
    template: str = ""

    def as_json(self) -> dict[str, object]:
        """The conflict as JSON-ready data."""
        return asdict(self)

    def as_text(self) -> str:
        """One line for a person."""
        place = f"{self.file}: {self.path}" if self.path and self.file else self.file or self.path
        return f"{place}: {self.message}"
