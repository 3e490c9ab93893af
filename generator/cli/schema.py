"""`samgen schema`: the JSON Schema of samgen.yaml."""

from __future__ import annotations

from generator.cli.output import result


def command() -> None:
    """Print the JSON Schema of samgen.yaml, for editors and other tools."""
    from generator.spec.schema import schema_text

    result(schema_text().rstrip("\n"))
