"""Small projects written by a test, and what a rule says of them."""

from __future__ import annotations

import textwrap
from pathlib import Path

from generator.checks import load_rules
from generator.checks.run import read_case, run_rules
from generator.findings import Finding


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write a project's files."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
    return folder


def findings(folder: Path, rule: str, files: dict[str, str] | str, config: str = "") -> list[Finding]:
    """What a rule finds in a project of these files, or of this one template."""
    written = {"template.yaml": files} if isinstance(files, str) else files
    if config:
        written = {**written, "samconfig.toml": config}
    return run_rules(read_case(write(folder, written)), {rule: load_rules()[rule]})


def lines(found: list[Finding]) -> list[tuple[str, int]]:
    """File and line of each finding."""
    return [(finding.file, finding.line) for finding in found]
