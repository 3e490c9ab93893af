"""SG702, SG703: how traffic moves to a new version."""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks.case import Case
from generator.checks.facts.releases import (
    alarms_of,
    groups,
    preference_place,
    productions,
    released,
    setting_place,
    shifts_at_once,
    update_of,
    where,
)
from generator.checks.facts.targets import aliases_of
from generator.checks.rule import Problem, rule
from generator.findings import Severity


@rule(
    "SG702",
    "In production traffic moves to a new version step by step, by CodeDeploy.",
    Severity.WARNING,
    "Set DeploymentPreference with a canary or linear type for production.",
    "https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html",
)
def strategy(case: Case) -> Iterator[Problem]:
    """Functions that production gets all at once, because nothing else was said."""
    for deployment in productions(case):
        for function in released(deployment):
            aliases = aliases_of(deployment, function)
            if not any(update_of(alias) for alias in aliases):
                message = (
                    f"{function.owner} has no deployment strategy{where(deployment)}: a new version gets all traffic."
                )
                yield Problem(preference_place(function), message, function)


@rule(
    "SG703",
    "A new version runs beside the old one while an alarm watches it.",
    Severity.WARNING,
    "Choose a canary or linear type for production, and name the alarms that stop the shift.",
    "https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html",
)
def blue_green(case: Case) -> Iterator[Problem]:
    """Deployments of production that shift all traffic at once, or without an alarm."""
    for deployment in productions(case):
        for group in groups(deployment):
            if shifts_at_once(deployment, group):
                message = f"{group.owner} gets all traffic at once{where(deployment)}."
                yield Problem(setting_place(group, "Type", "DeploymentConfigName"), message, group)
            if not alarms_of(group):
                message = f"The traffic of {group.owner} shifts without an alarm that watches{where(deployment)}."
                yield Problem(setting_place(group, "Alarms", "AlarmConfiguration"), message, group)
