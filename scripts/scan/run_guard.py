"""CloudFormation Guard's rules on templates: `python run_guard.py RULES TEMPLATE...`; prints the failures as JSON.

Runs with the scan's own Python, which has the engine. Its report is asked for in full, as the short one is cut
off where several rules fail (cfn_guard_rs 0.3.3).
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def main() -> None:
    """Check each template against the rules."""
    from cfn_guard_rs.cfn_guard_rs import run_checks_rs

    rules = Path(sys.argv[1]).read_text(encoding="utf-8")
    failures = []
    for template in sys.argv[2:]:
        report = json.loads(run_checks_rs(Path(template).read_text(encoding="utf-8"), rules, True))
        for rule in report["children"]:
            check = rule["container"].get("RuleCheck", {})
            if check.get("status") == "FAIL":
                found = sorted(set(resources(rule))) or [""]
                failures += [{"rule": check["name"], "template": template, "resource": name} for name in found]
    json.dump(failures, sys.stdout)


def resources(node: dict[str, Any]) -> Iterator[str]:
    """The logical ids of the resources at which a rule fails; what only selects resources is left out."""
    if {"Filter", "RuleCondition"} & set(node["container"]):
        return
    check = node["container"].get("ClauseValueCheck")
    if isinstance(check, dict):
        yield from re.findall(r'"path": "/Resources/(\w+)', json.dumps(check))[:1]
    for child in node["children"]:
        yield from resources(child)


if __name__ == "__main__":
    main()
