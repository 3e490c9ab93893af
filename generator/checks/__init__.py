"""The catalogue of failures as rules, a module a category; each looks at a whole project with all its stacks."""

from __future__ import annotations

import importlib
import pkgutil

from generator.checks.case import Case
from generator.checks.rule import RULES, Problem, Rule

__all__ = ["RULES", "Case", "Problem", "Rule", "load_rules"]


def load_rules() -> dict[str, Rule]:
    """Every rule by its id, in the catalogue's order."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return dict(sorted(RULES.items(), key=lambda item: (item[1].category, item[0])))
