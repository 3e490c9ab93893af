"""SG705: the way back, and what outlives it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from generator.checks.case import Case, as_list, number, truth
from generator.checks.facts.configuration import place_of, settings_of
from generator.checks.facts.releases import (
    alarms_of,
    groups,
    is_production,
    productions,
    setting_place,
    shifts_at_once,
    where,
)
from generator.checks.facts.routes import mapping
from generator.checks.facts.targets import FUNCTION
from generator.checks.rule import Place, Problem, about, rule
from generator.findings import Severity
from generator.project import Deployment, Resource
from generator.project.evaluate import is_known
from generator.project.samconfig import UNNAMED

_PROTECTION = re.compile(r"termination.?protection", re.IGNORECASE)
_KEPT = {"Retain", "RetainExceptOnCreate", "Snapshot"}
# What loses data when it is deleted or replaced, and is not kept unless the template says so.
_STATE = {
    "AWS::Backup::BackupVault",
    "AWS::Cognito::UserPool",
    "AWS::DSQL::Cluster",
    "AWS::DynamoDB::GlobalTable",
    "AWS::DynamoDB::Table",
    "AWS::EC2::Volume",
    "AWS::EFS::FileSystem",
    "AWS::Elasticsearch::Domain",
    "AWS::FSx::FileSystem",
    "AWS::KMS::Key",
    "AWS::Kinesis::Stream",
    "AWS::OpenSearchService::Domain",
    "AWS::Redshift::Cluster",
    "AWS::S3::Bucket",
    "AWS::S3Express::DirectoryBucket",
    "AWS::Timestream::Table",
}
# The same, but AWS makes a snapshot unless the template says otherwise.
_SNAPSHOTS = {"AWS::RDS::DBCluster", "AWS::RDS::DBInstance", "AWS::Neptune::DBCluster", "AWS::DocDB::DBCluster"}
# Where else a project may turn termination protection on; a bound on what is looked through.
_SCRIPTS = (".", "scripts", "bin", "ci", ".github/workflows", ".gitlab", ".circleci")
_FILES = 200
_BYTES = 200_000


@rule(
    "SG705",
    "A deployment that fails is rolled back, and what holds data outlives it.",
    Severity.WARNING,
    "Let an alarm stop the deployment, keep state by DeletionPolicy and UpdateReplacePolicy, protect production.",
    "https://docs.aws.amazon.com/codedeploy/latest/userguide/deployments-rollback-and-redeploy.html",
)
def rollback(case: Case) -> Iterator[Problem]:
    """Deployments that nothing rolls back, state that goes with its stack, and production that anyone may delete."""
    for deployment in productions(case):
        for group in groups(deployment):
            yield from _rolls_back(deployment, group)
    for deployment in case.deployments:
        for resource in deployment.resources():
            yield from _kept(resource)
    yield from _protection(case)


def _rolls_back(deployment: Deployment, group: Resource) -> Iterator[Problem]:
    if shifts_at_once(deployment, group):
        return
    if not alarms_of(group):
        message = f"No alarm rolls a deployment of {group.owner} back{where(deployment)}."
        yield Problem(setting_place(group, "Alarms", "AlarmConfiguration"), message, group)
    back = group.get("AutoRollbackConfiguration")
    if not is_known(back):
        return
    events = as_list(mapping(back).get("Events"))
    if not truth(mapping(back).get("Enabled", False)) or (events and "DEPLOYMENT_STOP_ON_ALARM" not in events):
        message = f"{group.owner} stays where it is when an alarm stops its deployment{where(deployment)}."
        yield Problem(setting_place(group, "Alarms", "AutoRollbackConfiguration"), message, group)
    for index, alarm in enumerate(alarms_of(group)):
        yield from _watches(deployment, group, index, mapping(alarm).get("Name"))


def _watches(deployment: Deployment, group: Resource, index: int, reference: Any) -> Iterator[Problem]:
    """An alarm that has actions of its own switched off still stops a deployment; one that never fires does not."""
    alarm = deployment.find(reference, "AWS::CloudWatch::Alarm")
    if alarm is None:
        return
    threshold, treated = number(alarm.get("Threshold")), alarm.get("TreatMissingData")
    lower = str(alarm.get("ComparisonOperator")).startswith("LessThan")
    if lower and treated != "breaching" and alarm.get("MetricName") in ("Errors", "Throttles") and threshold == 0:
        message = f"{alarm.owner}, which watches the deployment of {group.owner}, can never go off."
        yield Problem(setting_place(group, "Alarms", "AlarmConfiguration"), message, group)
    function = alarm.get("Dimensions")
    if index or alarm.get("Namespace") != "AWS/Lambda" or not isinstance(function, list):
        return
    names = [mapping(item).get("Value") for item in function if mapping(item).get("Name") == "FunctionName"]
    watched = [deployment.function(name) for name in names if is_known(name)]
    owner = next((f for f in deployment.of_type(FUNCTION) if f.owner == group.owner and f.stack is group.stack), None)
    if owner is not None and watched and None not in watched and owner not in watched:
        message = f"{alarm.owner} watches another function than {owner.owner}, whose deployment it is to stop."
        yield about(alarm, message, "Dimensions")


def _kept(resource: Resource) -> Iterator[Problem]:
    if resource.type not in _STATE | _SNAPSHOTS:
        return
    policies = {key: resource.definition.get(key) for key in ("DeletionPolicy", "UpdateReplacePolicy")}
    lost = [
        key
        for key, value in policies.items()
        if (value is None and resource.type in _STATE) or (isinstance(value, str) and value not in _KEPT)
    ]
    if lost:
        when = {"DeletionPolicy": "deleted", "UpdateReplacePolicy": "replaced"}
        how = " or ".join(when[key] for key in lost)
        message = f"{resource.owner} loses what it holds when it is {how}: {' and '.join(lost)} do not keep it."
        if len(lost) == 1:
            message = message.replace(" do not ", " does not ")
        mend = "Set both to Retain (RetainExceptOnCreate for DeletionPolicy), or to Snapshot where there is one."
        # A key holds nothing itself, and AWS waits before it deletes one.
        advice = resource.type == "AWS::KMS::Key" and not any(policies.values())
        severity = Severity.INFO if advice else Severity.WARNING
        yield Problem(_policy_place(resource, lost), message, resource, severity=severity, mend=mend)


def _policy_place(resource: Resource, lost: list[str]) -> Place:
    template = resource.stack.template
    written = mapping(template.resources.get(resource.owner))
    for key in lost:
        if key in written and resource.owner == resource.logical_id:
            return template.place("Resources", resource.owner, key)
    return resource.place()


def _protection(case: Case) -> Iterator[Problem]:
    for environment, deployment in case.configured:
        if not is_production(deployment) or environment.name == UNNAMED:
            continue
        settings = settings_of(case.config, environment)
        for key, bad in (
            ("disable_rollback", settings.get("disable_rollback") is True),
            ("on_failure", settings.get("on_failure") == "DO_NOTHING"),
        ):
            if bad:
                message = f"A deployment to {environment.name} that fails is left half done: {key}."
                yield Problem(place_of(case.config, environment.name, key), message)
        if _nests_nothing_kept(deployment) or _is_protected(case.project.root):
            continue
        message = f"Nothing turns termination protection on for the stack of {environment.name}."
        mend = "Let the deployment call `aws cloudformation update-termination-protection`."
        yield Problem(place_of(case.config, environment.name), message, severity=Severity.INFO, mend=mend)


def _nests_nothing_kept(deployment: Deployment) -> bool:
    return not any(resource.type in _STATE | _SNAPSHOTS for resource in deployment.resources())


def _is_protected(root: Path) -> bool:
    """Whether a script, a pipeline or a Makefile of the project says something of termination protection."""
    seen = 0
    for folder in _SCRIPTS:
        try:
            files = sorted((root / folder).iterdir())
        except OSError:
            continue
        for file in files:
            seen += 1
            if seen > _FILES:
                return True
            try:
                if file.suffix in {".md", ".rst"} or not file.is_file() or file.stat().st_size > _BYTES:
                    continue
                if _PROTECTION.search(file.read_text(encoding="utf-8", errors="replace")):
                    return True
            except OSError:
                continue
    return False
