"""Three-way merge of YAML, JSON and TOML by meaning, which keeps the user's bytes where nothing changed."""

from generator.merge.structure.document import Merged, language_of, merge_document
from generator.merge.structure.engine import NOTE
from generator.merge.structure.tree import UnreadableError

__all__ = ["NOTE", "Merged", "UnreadableError", "language_of", "merge_document"]
