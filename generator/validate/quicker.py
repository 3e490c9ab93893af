"""Spares cfn-lint what it does again for every template with the same outcome.

It is made for a process a template. Here a process lints many, and what depends on nothing but cfn-lint's own code
is worked out once: the fields of its data classes, and the classes of its validators. Where something is not there as
expected, it stays as it is: cfn-lint is only slower then.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any

# What the function that makes cfn-lint's validators takes.
_PARTS = ["validators", "function_filter", "fn_resolvers"]
# A run needs fewer than twenty; rules of a project's own may bring more.
_CLASSES = 256


def quicken_cfnlint() -> None:
    """Let cfn-lint remember the fields of its data classes and the classes of its validators; once a process."""
    import cfnlint.jsonschema._filter as functions
    from cfnlint.context import context
    from cfnlint.jsonschema import validators

    remembered = lru_cache(maxsize=_CLASSES)(dataclasses.fields)
    for module in (context, functions, validators):
        if getattr(module, "fields", None) is dataclasses.fields:
            module.fields = remembered
    create = getattr(validators, "create", None)
    if inspect.isfunction(create) and list(inspect.signature(create).parameters) == _PARTS:
        validators.create = _remembering(create)


def _remembering(create: Callable[..., Any]) -> Callable[..., Any]:
    """The function that makes a class of validators, but the same parts give the same class.

    cfn-lint makes one some hundred times a template, a data class each, which Python writes and compiles anew.
    """
    known: dict[Any, Any] = {}

    @wraps(create)
    def remembered(validators: Any = None, function_filter: Any = None, fn_resolvers: Any = None) -> Any:
        key = (
            tuple((validators or {}).items()),
            (type(function_filter), repr(function_filter)),
            tuple((fn_resolvers or {}).items()),
        )
        try:
            if key not in known:
                if len(known) >= _CLASSES:
                    known.clear()
                known[key] = create(validators, function_filter, fn_resolvers)
            return known[key]
        except TypeError:  # a part that cannot be looked up by
            return create(validators, function_filter, fn_resolvers)

    return remembered
