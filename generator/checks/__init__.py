"""samgen check: runs the catalogue's rules over whole projects, with all their stacks, and tells what they find.

`catalogue` holds the rules, `facts` what several of them ask, `report` the formats.
"""

from __future__ import annotations

import importlib
import pkgutil

from generator.checks import catalogue
from generator.checks.case import Case
from generator.checks.rule import RULES, Problem, Rule

__all__ = ["RULES", "Case", "Problem", "Rule", "load_rules"]


def load_rules() -> dict[str, Rule]:
    """Every rule by its id, in the catalogue's order."""
    for module in pkgutil.walk_packages(catalogue.__path__, f"{catalogue.__name__}."):
        importlib.import_module(module.name)
    return dict(sorted(RULES.items(), key=lambda item: (item[1].category, item[0])))
