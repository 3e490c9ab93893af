"""The verdict as JUnit XML: a case a combination, failed by what was found in it or is different."""

from __future__ import annotations

import re
from collections import defaultdict
from xml.etree import ElementTree as ET

from generator.regress.report.words import lines, title, wrong
from generator.regress.verdict import Verdict

_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_junit(verdict: Verdict) -> str:
    """One document."""
    failures = _failures(verdict)
    suite = ET.Element(
        "testsuite", name="samgen regress", tests=str(len(verdict.combinations)), failures=str(len(failures))
    )
    for name, choices in verdict.combinations.items():
        case = ET.SubElement(suite, "testcase", classname="samgen.regress", name=_clean(_called(name, dict(choices))))
        if name in failures:
            text = _clean("\n".join(failures[name]))
            ET.SubElement(case, "failure", message=text.partition("\n")[0]).text = text
    ET.indent(suite)
    return ET.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def _failures(verdict: Verdict) -> dict[str, list[str]]:
    """What fails a combination, by its name."""
    failures: dict[str, list[str]] = defaultdict(list)
    for reason, names in verdict.refused.items():
        for name in names:
            failures[name].append(reason)
    for found in verdict.failing:
        for name in found.combinations:
            failures[name].append(found.finding.as_text())
    _compared(verdict, failures)
    for upgrade in verdict.upgrades or ():
        for name in upgrade.combinations:
            failures[name].append(wrong(upgrade))
    return failures


def _compared(verdict: Verdict, failures: dict[str, list[str]]) -> None:
    if verdict.comparison is not None:
        for name in verdict.comparison.added:
            failures[name].append("There is no snapshot of it.")
        for change in verdict.comparison.changes:
            for name in change.combinations:
                failures[name].append("\n  ".join([title(change), *lines(change)]))


def _called(name: str, choices: dict[str, str]) -> str:
    return f"{name}: {', '.join(f'{axis}={choice}' for axis, choice in choices.items())}" if choices else name


def _clean(text: str) -> str:
    return _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", text)
