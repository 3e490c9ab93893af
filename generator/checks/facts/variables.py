"""Which functions leave their variables to the key that AWS manages."""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks.case import Case, literal
from generator.project import Deployment, Resource

KEY = "KmsKeyArn"
_OF_AWS = "alias/aws/lambda"


def unencrypted_variables(case: Case) -> Iterator[tuple[Deployment, Resource]]:
    """Functions that have variables and no key of the project's own for them, in each environment where it is so."""
    for deployment, function in case.of_type("AWS::Lambda::Function"):
        variables = function.get("Environment", "Variables")
        if not isinstance(variables, dict) or not variables:
            continue
        key = function.get(KEY)
        written = literal(key)
        if key is None or written == "" or (written is not None and written.endswith(_OF_AWS)):
            yield deployment, function


def names_a_key(function: Resource) -> bool:
    """Whether the author says something of a key, at the function or in Globals, whatever that comes to."""
    template = function.stack.template
    written = template.resources.get(function.owner, {})
    common = template.section("Globals").get("Function", {}) if function.type != written.get("Type") else {}
    return any(isinstance(each, dict) and KEY in each for each in (written.get("Properties"), common))
