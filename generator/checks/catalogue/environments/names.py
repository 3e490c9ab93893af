"""SG303: names that two environments give to what has to be unique."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from typing import Any

from generator.checks.case import Case
from generator.checks.catalogue.environments.hard_coded import environment_values
from generator.checks.facts.arns import read_arn
from generator.checks.facts.configuration import (
    deployed_stacks,
    place_of,
    settings_of,
)
from generator.checks.rule import Problem, about, rule
from generator.findings import Severity
from generator.project import Deployment, Resource
from generator.project.deployment import ACCOUNT, NAME_PROPERTIES
from generator.project.evaluate import is_known

# Names that have to be unique, and where: in a region of an account, in an account, or everywhere.
_EVERYWHERE = {"AWS::S3::Bucket"}
_IN_ACCOUNT = {"AWS::IAM::Role", "AWS::IAM::ManagedPolicy", "AWS::CloudWatch::Dashboard"}
_NOT_UNIQUE = {
    "AWS::ApiGateway::RestApi",
    "AWS::ApiGatewayV2::Api",
    "AWS::Cognito::UserPool",
    "AWS::Lambda::LayerVersion",
}
# What a name is unique within, beside account and region.
_WITHIN = {"AWS::Events::Rule": "EventBusName", "AWS::Scheduler::Schedule": "GroupName", "AWS::WAFv2::WebACL": "Scope"}


@rule(
    "SG303",
    "No two environments give the same name to what has to be unique.",
    Severity.ERROR,
    "Begin the name with the environment: !Sub ${Environment}-…; names of roles and buckets need the region as well "
    "where an environment has several.",
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-name.html",
)
def colliding(case: Case) -> Iterator[Problem]:
    """Names that two environments have in one account, and stacks of one name in one place."""
    named: dict[tuple[Any, ...], list[tuple[Deployment, Resource]]] = defaultdict(list)
    for deployment in _environments(case):
        for stack in deployed_stacks(deployment):
            for resource in stack.resources.values():
                if (key := _uniqueness(case, deployment, resource)) is not None:
                    named[key].append((deployment, resource))
    for holders in named.values():
        where = sorted({_label(deployment) for deployment, _ in holders})
        if len(where) > 1:
            for resource in {resource.place(): resource for _, resource in holders}.values():
                message = f"{resource.owner} is called {resource.name} in each of {', '.join(where)}."
                yield about(resource, message, NAME_PROPERTIES[resource.type])
    yield from _same_stack(case)


def _environments(case: Case) -> Iterator[Deployment]:
    """The deployments that are environments: those of samconfig.toml, or by the values of such a parameter."""
    for deployment in case.deployments:
        if case.config.environments or environment_values(deployment):
            yield deployment


def _label(deployment: Deployment) -> str:
    if deployment.environment.name != "default":
        return deployment.environment.name
    return ", ".join(environment_values(deployment)) or "default"


def _uniqueness(case: Case, deployment: Deployment, resource: Resource) -> tuple[Any, ...] | None:
    """What another resource must not have in common with it; None where nothing has to be unique or is known."""
    name = resource.name
    if name is None or resource.type in _NOT_UNIQUE or "<" in name.replace(ACCOUNT, ""):
        return None
    account = _account(case, deployment)
    if resource.type in _EVERYWHERE:
        return (resource.type, name, account if ACCOUNT in name else "")
    within = resource.get(_WITHIN.get(resource.type, ""))
    if not is_known(within) or (isinstance(within, str) and "<" in within):
        return None
    region = "" if resource.type in _IN_ACCOUNT else deployment.region
    return (resource.type, name, account, region, str(within))


def _account(case: Case, deployment: Deployment) -> str:
    """The account of an environment, as far as samconfig.toml tells; those that say nothing share one."""
    settings = settings_of(case.config, deployment.environment)
    role = read_arn(str(settings.get("role_arn", "")))
    return deployment.environment.account or (role.account if role else f"{settings.get('profile', ACCOUNT)}")


def _same_stack(case: Case) -> Iterator[Problem]:
    for first, second in combinations(case.config.environments, 2):
        one, other = (settings_of(case.config, environment) for environment in (first, second))
        name = one.get("stack_name")
        if not isinstance(name, str) or name != other.get("stack_name"):
            continue
        if (first.region, first.account) == (second.region, second.account):
            message = f"The environments {first.name} and {second.name} deploy the same stack, {name}."
            yield Problem(place_of(case.config, second.name, "stack_name"), message)
