"""samgen.yaml out: a spec as the text that a project carries, the same bytes for the same answers.

Standard library and PyYAML only: a project rendered by a bare cookiecutter carries it as well.
"""

from __future__ import annotations

from typing import Any

import yaml

SCHEMA_PATH = ".samgen/samgen.schema.json"

_HEADER = f"""\
# yaml-language-server: $schema={SCHEMA_PATH}
# What this service is: the one source of truth of this project. Environments, functions, triggers,
# secrets and permissions are described here; the schema above explains every field in an editor.
"""


def dump_spec(document: dict[str, Any]) -> str:
    """The text of samgen.yaml for a complete document, in the models' order of keys."""
    body = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100, default_flow_style=False)
    return _HEADER + body
