"""Small templates that a rule objects to, or does not, and what it says of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from generator.checks import load_rules
from generator.checks.run import read_case, run_rules
from generator.findings import Finding, Severity


@dataclass(frozen=True)
class Sample:
    """A template and the lines that a rule must find in it, each by a part of it; none for a good one."""

    rule: str
    name: str
    text: str
    at: tuple[str, ...] = ()
    files: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.rule} {self.name}"


def examine(sample: Sample, folder: Path, severity: Severity | None = None) -> list[Finding]:
    """What the sample's rule finds; without what is only informative, unless that is asked for."""
    (folder / "template.yaml").write_text(sample.text, encoding="utf-8")
    for name, text in sample.files.items():
        (folder / name).write_text(text, encoding="utf-8")
    found = run_rules(read_case(folder), {sample.rule: load_rules()[sample.rule]})
    return [each for each in found if (each.severity is severity if severity else each.severity is not Severity.INFO)]


def lines(found: list[Finding], folder: Path) -> list[str]:
    """The text of the line of each finding."""
    return [(folder / each.file).read_text("utf-8").splitlines()[each.line - 1] for each in found]


def check(sample: Sample, folder: Path) -> None:
    """A bad sample is found at each of its lines and nowhere else; a good one not at all."""
    found = examine(sample, folder)
    texts = lines(found, folder)
    shown = "\n".join(each.as_text() for each in found)
    for text in texts:
        assert any(part in text for part in sample.at), f"{text!r} is found, and should not be:\n{shown}"
    for part in sample.at:
        assert any(part in text for text in texts), f"{part!r} is not found:\n{shown}"
    assert all(each.message.endswith(".") and each.mend for each in found)
