"""The verdict as JSON."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from typing import Any

from generator.regress.compare import Change
from generator.regress.consequences import effect_of
from generator.regress.report.words import diff
from generator.regress.verdict import Verdict

_MOST_LINES = 400
_HALVES = re.compile("[\ud800-\udfff]")


def as_json(verdict: Verdict) -> str:
    """One object; the same verdict gives the same bytes."""
    comparison = verdict.comparison
    data = {
        "sound": verdict.sound,
        "same": verdict.same,
        "combinations": {name: dict(choices) for name, choices in verdict.combinations.items()},
        "from_cache": verdict.known,
        "refused": [{"reason": reason, "combinations": list(names)} for reason, names in verdict.refused.items()],
        "findings": [{**f.finding.as_json(), "combinations": list(f.combinations)} for f in verdict.found],
        "compared": comparison is not None,
        "added": list(comparison.added) if comparison else [],
        "removed": list(comparison.removed) if comparison else [],
        "changes": [_change(change) for change in comparison.changes] if comparison else [],
        "upgraded": verdict.upgrades is not None,
        "upgrades": [
            {**asdict(upgrade.trouble), "combinations": list(upgrade.combinations)}
            for upgrade in verdict.upgrades or ()
        ],
        "uncovered": [dict(choices) for choices in verdict.coverage.missing],
    }
    return written(data)


def written(data: Any) -> str:
    """JSON as a file takes it: halves of characters, which are no text, by their numbers."""
    text = json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    return _HALVES.sub(lambda half: f"\\u{ord(half[0]):04x}", text)


def _change(change: Change) -> dict[str, Any]:
    effect = effect_of(change)
    return {
        "kind": change.kind.value,
        "file": change.part.file,
        "section": change.part.section,
        "name": change.part.name,
        "type": change.type,
        "renamed": change.renamed or None,
        "edits": [{"path": list(e.path), "before": e.before, "after": e.after} for e in change.edits if not e.hunk],
        "diff": diff(change, _MOST_LINES),
        "consequence": effect.consequence.value if effect else None,
        "loses_data": effect.loses if effect else False,
        "combinations": list(change.combinations),
    }
