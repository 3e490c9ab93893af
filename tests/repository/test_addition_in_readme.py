"""The README shows what adding a function to the larger example changes, as the commands print it."""

from __future__ import annotations

from scripts.addition import README, written


def test_the_readme_shows_what_the_commands_print() -> None:
    text = README.read_text(encoding="utf-8")
    assert "$ samgen add function refund" in text
    assert written(text) == text, "run python -m scripts.addition"
