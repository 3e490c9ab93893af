"""The verdict as SARIF 2.1.0: a result for each finding and each change, at the template's file where it is known."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from generator import __version__
from generator.findings import Severity
from generator.regress.report.bundles import Bundle, bundles, named
from generator.regress.report.json import written
from generator.regress.report.words import lines, title, where, wrong
from generator.regress.verdict import Verdict

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MOST = 25_000
"""So many results of a run GitHub's code scanning takes; it refuses a file with more."""

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_MOST_LINES, _MOST_PARTS = 20, 12
_OWN = {
    "refused": "A combination of options does not render.",
    "snapshot-loses-data": "A change deletes or replaces a resource that holds data.",
    "snapshot-changed": "What a combination renders is not as its snapshot says.",
    "update": "A project that its user has edited is not updated cleanly.",
    "combination-new": "A combination has no snapshot.",
    "combination-gone": "A combination that has a snapshot is not rendered any more.",
}


@dataclass(frozen=True)
class _Result:
    rule: str
    level: str
    text: str
    file: str = ""
    line: int = 0


def as_sarif(verdict: Verdict) -> str:
    """One run of samgen; findings first, and of changes those that lose data."""
    results = list(_results(verdict))
    others = sorted({result.rule for result in results} - set(_OWN))
    rules = [_rule(identifier, text) for identifier, text in _OWN.items()]
    rules += [_rule(identifier, f"What samgen or one of its tools says under {identifier}.") for identifier in others]
    index = {rule["id"]: number for number, rule in enumerate(rules)}
    run = {
        "tool": {"driver": {"name": "samgen regress", "semanticVersion": __version__, "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True}],
        "results": [_as_json(result, index[result.rule], verdict) for result in results[:MOST]],
    }
    return written({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _results(verdict: Verdict) -> Iterator[_Result]:
    for reason, names in verdict.refused.items():
        yield _Result("refused", "error", f"{reason} ({where(names, verdict)})")
    for found in verdict.found:
        finding = found.finding
        text = f"{finding.message} {finding.mend}".strip() + f" ({where(found.combinations, verdict)})"
        yield _Result(finding.rule, _LEVELS[finding.severity], text, finding.file, finding.line)
    for bundle in bundles(verdict.comparison):
        rule, level = ("snapshot-loses-data", "error") if bundle.loud else ("snapshot-changed", "warning")
        yield _Result(rule, level, _told(bundle, verdict), bundle.first.part.file)
    for upgrade in verdict.upgrades or ():
        text = f"{wrong(upgrade)} ({where(upgrade.combinations, verdict)})"
        yield _Result("update", "warning", text, upgrade.trouble.file)
    if verdict.comparison is not None:
        yield from (_Result("combination-new", "note", f"New: {name}.") for name in verdict.comparison.added)
        yield from (_Result("combination-gone", "warning", f"Gone: {name}.") for name in verdict.comparison.removed)


def _told(bundle: Bundle, verdict: Verdict) -> str:
    told = [title(bundle.first), *list(lines(bundle.first))[:_MOST_LINES]]
    if len(bundle.changes) > 1:
        told.append(f"The same: {named(bundle.changes, _MOST_PARTS)}")
    return "\n".join([*told, where(bundle.combinations, verdict)])


def _rule(identifier: str, text: str) -> dict[str, Any]:
    """Code scanning asks for all of a rule's texts."""
    said = {"text": text}
    return {"id": identifier, "shortDescription": said, "fullDescription": said, "help": said}


def _as_json(result: _Result, index: int, verdict: Verdict) -> dict[str, Any]:
    place: dict[str, Any] = {
        "artifactLocation": {"uri": quote(verdict.located(result.file or "cookiecutter.json"), errors="surrogatepass")}
    }
    # A rendered file's line is its template's only where nothing before it is left out; close is better than nowhere.
    place["region"] = {"startLine": max(1, result.line)}
    # Without its combinations: one more of them is no other result.
    identity = "\n".join(
        (result.file, result.rule, result.text.partition("\n")[0].rpartition(" (in ")[0] or result.text)
    )
    return {
        "ruleId": result.rule,
        "ruleIndex": index,
        "level": result.level,
        "message": {"text": result.text},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {
            "samgenRegress/v1": hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()
        },
    }
