"""Findings that a template's author accepts: `Metadata: samgen: suppress`, each with the reason why."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from generator.checks.rule import Place
from generator.findings import Finding, Severity
from generator.project import Project, Template

RULE = "suppression"
TOOL = "samgen check"
_OURS = re.compile(r"SG\d+")
_ANY_CASE = re.compile(r"(SG\d+|[EWI]\d{4})", re.IGNORECASE)
_ADOPTED = re.compile(r"\(cfn-lint ([EWI]\d{4})\)\.?$")
_EXAMPLE = "Write {id: SG404, reason: why it is accepted here}."

Owner = tuple[str, str]
"""A template's name and a resource of it; an empty one for the template as a whole."""


@dataclass(frozen=True)
class Suppression:
    """One entry of a list `suppress`.

    Attributes:
        owner: what it holds for.
        rule: the id of the findings that it accepts.
        reason: why.
        place: where it stands.
        only: what a finding has to name for the entry to hold, such as a route; empty where it holds for all.
    """

    owner: Owner
    rule: str
    reason: str
    place: Place
    only: str = ""

    def holds(self, finding: Finding) -> bool:
        """Whether the finding names what the entry is about, as words of their own: `GET /a` is not `GET /ab`."""
        named = rf"(?<![^\s'\"]){re.escape(self.only)}(?![^\s'\".,;:])"
        return not self.only or re.search(named, finding.message) is not None


@dataclass(frozen=True)
class Suppressed:
    """A finding that is accepted, and why."""

    finding: Finding
    reason: str

    def as_json(self) -> dict[str, object]:
        """The finding as JSON-ready data, with the reason."""
        return {**self.finding.as_json(), "reason": self.reason}


class Suppressions:
    """Every suppression of a project, and what is wrong with them.

    Attributes:
        findings: entries that say no id or no reason; they suppress nothing.
    """

    def __init__(self, project: Project) -> None:
        self.findings: list[Finding] = []
        self._entries: dict[tuple[Owner, str], list[Suppression]] = {}
        self._used: set[Suppression] = set()
        self._templates = {template.name: template for template in project.templates}
        self._starts: dict[str, list[tuple[tuple[int, int], str]]] = {}
        for template in project.templates:
            self._read(template)

    def reason(self, finding: Finding, subjects: Collection[Owner] = ()) -> str | None:
        """Why a finding is accepted; None where it is not.

        Args:
            finding: the finding.
            subjects: the resources that it is about, wherever it stands.
        """
        owners = [*sorted(subjects), (finding.file, self._resource_at(finding)), (finding.file, "")]
        for key in ((owner, identifier) for owner in owners for identifier in _identifiers(finding)):
            for entry in self._entries.get(key, ()):
                if entry.holds(finding):
                    self._used.add(entry)
                    return entry.reason
        return None

    def unused(self, looked_for: Mapping[str, bool]) -> Iterator[Finding]:
        """A finding for each entry that accepts nothing.

        Args:
            looked_for: each of samgen's rules, and whether it has run.
        """
        for entry in (entry for entries in self._entries.values() for entry in entries):
            if entry in self._used:
                continue
            if _OURS.fullmatch(entry.rule) and entry.rule not in looked_for:
                yield _finding(entry.place, f"There is no rule {entry.rule} to suppress.", "Remove the entry.")
            elif looked_for.get(entry.rule, True):
                where = entry.owner[1] or "the template"
                what = f"{entry.rule} that names {entry.only}" if entry.only else entry.rule
                message = f"Nothing of {what} is found in {where}: the suppression has no use."
                yield _finding(entry.place, message, "Remove the entry.")

    def _read(self, template: Template) -> None:
        self._read_one(template, "", template.data.get("Metadata"), ("Metadata",))
        for logical_id, resource in template.resources.items():
            path = ("Resources", logical_id, "Metadata")
            self._read_one(template, logical_id, resource.get("Metadata"), path)

    def _read_one(self, template: Template, resource: str, metadata: Any, path: tuple[str, ...]) -> None:
        ours = metadata.get("samgen") if isinstance(metadata, dict) else None
        if ours is None:
            return
        entries = ours.get("suppress") if isinstance(ours, dict) else None
        if not isinstance(entries, list):
            place = template.place(*path, "samgen")
            self.findings.append(_finding(place, "Metadata.samgen has no list suppress.", _EXAMPLE))
            return
        for index, entry in enumerate(entries):
            place = template.place(*path, "samgen", "suppress", index)
            self._add((template.name, resource), entry, place)

    def _add(self, owner: Owner, entry: Any, place: Place) -> None:
        fields = entry if isinstance(entry, dict) else {"id": entry}
        rule, reason, only = fields.get("id"), fields.get("reason"), fields.get("only", "")
        if not isinstance(rule, str) or not rule.strip():
            self.findings.append(_finding(place, "The suppression says no id.", _EXAMPLE))
        elif not isinstance(reason, str) or not reason.strip():
            message = f"The suppression of {rule.strip()} says no reason, so it suppresses nothing."
            self.findings.append(_finding(place, message, _EXAMPLE))
        elif not isinstance(only, str) or ("only" in fields and not only.strip()):
            message = f"The suppression of {rule.strip()} does not say in words what alone it holds for."
            self.findings.append(_finding(place, message, "Write what the finding names, such as only: GET /health."))
        else:
            rule = rule.strip()
            if _ANY_CASE.fullmatch(rule):
                rule = rule.upper()  # as --select takes it
            fresh = Suppression(owner, rule, " ".join(reason.split()), place, only.strip())
            entries = self._entries.setdefault((owner, rule), [])
            if all(other.only != fresh.only for other in entries):
                entries.append(fresh)

    def _resource_at(self, finding: Finding) -> str:
        """The resource that a finding stands in; empty where it stands in none."""
        template = self._templates.get(finding.file)
        if template is None:
            return ""
        if finding.file not in self._starts:
            self._starts[finding.file] = sorted(_starts(template))
        place = (finding.line, finding.column if finding.column > 1 else 1_000_000)
        before = [name for start, name in self._starts[finding.file] if start <= place]
        return before[-1] if before else ""


def _identifiers(finding: Finding) -> list[str]:
    """The id of a finding, and the one that cfn-lint has for it where a rule of the catalogue says it in its place."""
    adopted = _ADOPTED.search(finding.message)
    return [finding.rule, adopted[1]] if adopted and _OURS.fullmatch(finding.rule) else [finding.rule]


def _starts(template: Template) -> Iterator[tuple[tuple[int, int], str]]:
    """Where each section and each resource begins; a section has no name."""
    for section in template.data:
        yield template.line_of(section), ""
    for logical_id in template.resources:
        yield template.line_of("Resources", logical_id), logical_id


def _finding(place: Place, message: str, mend: str) -> Finding:
    return Finding(*place, RULE, Severity.WARNING, message, mend, TOOL)
