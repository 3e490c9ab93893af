"""Edits of a project's samgen.yaml: as text, so that whatever is not edited stays as somebody wrote it."""

from generator.edit.change import Change, ChangeError, Edited, Maker, edited

__all__ = ["Change", "ChangeError", "Edited", "Maker", "edited"]
