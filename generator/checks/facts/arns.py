"""What AWS says of ARNs: how many fields they have, and whose region and account they name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from generator.checks.facts.texts import REGION
from generator.project.evaluate import is_known
from generator.spec.lintdata import iam_actions

FIELDS = 6
_DIGITS = 12
_LIKE_A_REGION = re.compile(r"[a-z]{2,3}(-[a-z]+)+-[0-9]")
# Resources of AWS's own, which stand in every account and belong to none.
_OF_AWS = {"ssm": ("parameter/aws/", "document/", "automation-definition/")}


@dataclass(frozen=True)
class Arn:
    """An ARN in its fields."""

    partition: str
    service: str
    region: str
    account: str
    resource: str


def read_arn(text: str) -> Arn | None:
    """The ARN that a text is; None where it has too few fields or is none."""
    fields = text.split(":", FIELDS - 1)
    return Arn(*fields[1:]) if len(fields) == FIELDS and fields[0] == "arn" else None


def fault_of(text: str) -> str:
    """What is wrong with the form of a text that begins like an ARN; empty where nothing is, or nothing is known."""
    fields = text.split(":", FIELDS - 1)
    arn = read_arn(text)
    if arn is None:
        # A pattern, or a name that is not known yet, may stand for several fields.
        return "" if "*" in text or "<" in text else f"has {len(fields)} fields instead of {FIELDS}"
    if fault := _impossible(arn):
        return fault
    if not arn.resource or not is_known(":".join((arn.service, arn.region, arn.account))):
        return ""
    # `${Account}` and `${Region}` of each kind of resource that the ARN can be.
    shapes = [(region, account) for region, account, pattern in _shapes(arn.service) if pattern.fullmatch(arn.resource)]
    if not shapes or arn.resource.startswith(_OF_AWS.get(arn.service, ("\0",))):
        return ""
    for name, value, expected in (
        ("a region", arn.region, {bool(region) for region, _ in shapes}),
        ("an account", arn.account, {bool(account) for _, account in shapes}),
    ):
        if len(expected) == 1 and bool(value) not in expected:
            return f"names {name}, which {arn.service} has none of there" if value else f"lacks {name}"
    return ""


def _impossible(arn: Arn) -> str:
    if arn.account.isdigit() and len(arn.account) != _DIGITS:
        return f"names the account {arn.account}, which has not {_DIGITS} digits"
    if _LIKE_A_REGION.fullmatch(arn.region) and not REGION.fullmatch(arn.region):
        return f"names the region {arn.region}, which there is not"
    return ""


@cache
def _shapes(service: str) -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    """Region, account and resource of every kind of ARN that a service has."""
    found = set()
    for entry in (iam_actions() or {}).values():
        for resource in entry.get("Resources", {}).values():
            for text in resource.get("ARNFormats", ()):
                arn = read_arn(text)
                if arn is not None and arn.service == service:
                    found.add((arn.region, arn.account, arn.resource))
    return tuple((region, account, re.compile(pattern, re.DOTALL)) for region, account, pattern in sorted(found))
