"""Which functions leave their variables to the key that AWS manages."""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks.case import Case, literal
from generator.project import Resource


def unencrypted_variables(case: Case) -> Iterator[Resource]:
    """Functions that have variables and no key of the project's own for them."""
    for _, function in case.of_type("AWS::Lambda::Function"):
        variables = function.get("Environment", "Variables")
        if not isinstance(variables, dict) or not variables:
            continue
        key = function.get("KmsKeyArn")
        written = literal(key)
        if key is None or written == "" or (written is not None and written.endswith("alias/aws/lambda")):
            yield function
