"""The review as JUnit XML: a suite a category, a case for each finding and for each rule that finds nothing."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from generator.checks.report.scorecard import CATEGORIES, category_of
from generator.checks.review import Review, Reviewed
from generator.findings import Finding


def junit(review: Review) -> str:
    """The XML document. Times are zero: the same project gives the same bytes."""
    root = Element("testsuites", {"name": "samgen check"})
    for number, title in CATEGORIES.items():
        suite = SubElement(root, "testsuite", {"name": f"SG{number % 10} {title}"})
        suite.extend(_cases(review, number))
        _total(suite)
    _sum(root)
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _cases(review: Review, number: int) -> Iterator[Element]:
    found: set[str] = set()
    for project in review.projects:
        for finding in project.findings:
            if category_of(finding.rule) == number:
                found.add(finding.rule)
                yield _case(review, project, finding)
        for accepted in project.suppressed:
            if category_of(accepted.finding.rule) == number:
                yield _skipped(review, project, accepted.finding, f"suppressed: {accepted.reason}")
        for finding in project.known:
            if category_of(finding.rule) == number:
                yield _skipped(review, project, finding, "known: it stands in the baseline")
    for identifier in review.rules:
        if category_of(identifier) == number:
            yield from _without_findings(review, identifier, identifier in found)


def _without_findings(review: Review, identifier: str, found: bool) -> Iterator[Element]:
    """A case that passes where a rule finds nothing; an error where it broke down."""
    failures = [failure for failure in review.failures if failure.startswith(f"{identifier} failed ")]
    if found and not failures:
        return
    case = _element(identifier, f"{identifier} {review.rules[identifier].sentence}")
    if failures:
        SubElement(case, "error", {"type": "failure", "message": failures[0]}).text = "\n".join(failures)
    yield case


def _case(review: Review, project: Reviewed, finding: Finding) -> Element:
    case = _at(review, project, finding)
    text = f"{finding.message} {finding.mend}".strip()
    place = f"{project.shown(finding.file)}:{finding.line}:{finding.column}"
    if review.fails(finding):
        attributes = {"type": finding.severity.value, "message": text}
        SubElement(case, "failure", attributes).text = f"{place}: {text}"
    else:
        SubElement(case, "system-out").text = f"{place}: {finding.severity.value}: {text}"
    return case


def _skipped(review: Review, project: Reviewed, finding: Finding, why: str) -> Element:
    case = _at(review, project, finding)
    SubElement(case, "skipped", {"message": why})
    return case


def _at(review: Review, project: Reviewed, finding: Finding) -> Element:
    file = project.shown(finding.file)
    rule = review.rules.get(finding.rule)
    about = rule.sentence if rule is not None else finding.message
    case = _element(finding.rule, f"{finding.rule} {file}:{finding.line} {about}")
    case.set("file", file)
    case.set("line", str(finding.line))
    return case


def _element(identifier: str, name: str) -> Element:
    return Element("testcase", {"classname": f"samgen.{identifier}", "name": name, "time": "0"})


def _total(suite: Element) -> None:
    suite.set("tests", str(len(suite.findall("testcase"))))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    suite.set("errors", str(len(suite.findall("testcase/error"))))
    suite.set("skipped", str(len(suite.findall("testcase/skipped"))))
    suite.set("time", "0")


def _sum(root: Element) -> None:
    for key in ("tests", "failures", "errors", "skipped"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in root)))
    root.set("time", "0")
