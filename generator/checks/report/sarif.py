"""The review as SARIF 2.1.0, as code scanning takes it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import Any
from urllib.parse import quote

from generator import __version__
from generator.checks.report.scorecard import CATEGORIES, category_of
from generator.checks.review import Review, Reviewed
from generator.checks.rule import Rule
from generator.findings import Finding, Severity

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MOST = 25_000
"""So many results of a run GitHub's code scanning takes; it refuses a file with more."""

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def sarif(review: Review) -> str:
    """One run of samgen with a result for each finding, those that are suppressed or known among them."""
    listed = [(project, *entry) for project in review.projects for entry in _entries(project)]
    left_out = max(0, len(listed) - MOST)
    if left_out:
        # The worst ones stay; what is accepted or known goes first.
        worst = sorted(listed, key=_importance)[:MOST]
        listed = sorted(worst, key=lambda entry: (review.projects.index(entry[0]), entry[1]))
    others = {finding.rule: finding.tool for _, finding, _, _ in listed if finding.rule not in review.rules}
    rules = [_rule(rule) for rule in review.rules.values()]
    rules += [_other(identifier, others[identifier]) for identifier in sorted(others)]
    index = {rule["id"]: number for number, rule in enumerate(rules)}
    seen: Counter[str] = Counter()
    results = []
    for project, finding, reason, known in listed:
        result = _result(project, finding, index[finding.rule], seen)
        if reason is not None:
            result["suppressions"] = [{"kind": "inSource", "status": "accepted", "justification": reason}]
        if review.compared:
            result["baselineState"] = "unchanged" if known else "new"
        results.append(result)
    driver = {"name": "samgen", "semanticVersion": __version__, "rules": rules}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(review, left_out)],
        "results": results,
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _entries(project: Reviewed) -> list[tuple[Finding, str | None, bool]]:
    """Every finding, why it is suppressed, and whether it is known."""
    entries: list[tuple[Finding, str | None, bool]] = [(finding, None, False) for finding in project.findings]
    entries += [(accepted.finding, accepted.reason, False) for accepted in project.suppressed]
    entries += [(finding, None, True) for finding in project.known]
    return sorted(entries, key=lambda entry: entry[0])


def _importance(entry: tuple[Reviewed, Finding, str | None, bool]) -> tuple[bool, int]:
    _, finding, reason, known = entry
    return known or reason is not None, list(_LEVELS).index(finding.severity)


def _other(identifier: str, tool: str) -> dict[str, Any]:
    """A rule of a tool; code scanning asks for its texts, too."""
    said = {"text": f"What {tool} says under {identifier}."}
    return {
        "id": identifier,
        "shortDescription": said,
        "fullDescription": said,
        "help": said,
        "properties": {"tool": tool},
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.sentence},
        "fullDescription": {"text": rule.sentence},
        "help": {"text": rule.mend},
        "helpUri": rule.link,
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"tags": [CATEGORIES[category_of(rule.id)]]},
    }


def _result(project: Reviewed, finding: Finding, index: int, seen: Counter[str]) -> dict[str, Any]:
    file = project.located(finding.file)
    identity = "\n".join((file, finding.rule, finding.message))
    seen[identity] += 1
    digest = hashlib.sha256(f"{identity}\n{seen[identity]}".encode()).hexdigest()
    place = {
        "artifactLocation": {"uri": quote(file)},
        "region": {"startLine": max(1, finding.line), "startColumn": max(1, finding.column)},
    }
    text = f"{finding.message} {finding.mend}".strip()
    return {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": text},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {"samgenFinding/v1": digest},
    }


def _invocation(review: Review, left_out: int) -> dict[str, Any]:
    told = [{"level": "error", "message": {"text": failure}} for failure in review.failures]
    invocation: dict[str, Any] = {"executionSuccessful": not told}
    if left_out:
        text = f"{left_out} findings are left out, as code scanning takes no more than {MOST}; other formats have all."
        told.append({"level": "warning", "message": {"text": text}})
    return {**invocation, "toolExecutionNotifications": told} if told else invocation
