"""Templates of many hands: what a rule must find however it is written, and what it must not, in `spellings/*.yaml`.

Each is a rule, a name, a template (or several files), and a part of the message where there is something to be found.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from written_projects import findings

FILES = sorted((Path(__file__).parent / "spellings").glob("*.yaml"))
CASES: list[dict[str, Any]] = [case for file in FILES for case in yaml.load(file.read_text("utf-8"), yaml.CSafeLoader)]


@pytest.mark.parametrize("case", CASES, ids=[f"{case['rule']} {case['name']}" for case in CASES])
def test_a_spelling_is_judged_by_what_it_means(case: dict[str, Any], tmp_path: Path) -> None:
    files = case.get("files") or {"template.yaml": case["template"]}

    found = findings(tmp_path, case["rule"], files)

    messages = [finding.message for finding in found]
    if "finds" in case:
        assert any(case["finds"] in message for message in messages), messages
    else:
        assert messages == []


def test_no_spelling_is_there_twice() -> None:
    assert len({(case["rule"], case["name"]) for case in CASES}) == len(CASES)
