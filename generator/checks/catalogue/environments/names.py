"""SG303: names that two environments give to what has to be unique."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from typing import Any

from generator.checks.case import Case, literal
from generator.checks.catalogue.environments.hard_coded import environment_values
from generator.checks.facts.arns import read_arn
from generator.checks.facts.configuration import (
    deployed_stacks,
    place_of,
    settings_of,
)
from generator.checks.facts.texts import PLACEHOLDER
from generator.checks.facts.written import at, is_called_by_sam, label
from generator.checks.rule import Place, Problem, rule
from generator.findings import Severity
from generator.project import Deployment, Resource, Stack
from generator.project.deployment import ACCOUNT, NAME_PROPERTIES
from generator.project.evaluate import UNKNOWN, is_known
from generator.project.samconfig import ConfigEnvironment

# Names that have to be unique, and where: in a region of an account, in an account, or everywhere.
_EVERYWHERE = {"AWS::S3::Bucket"}
_IN_ACCOUNT = {
    *("AWS::IAM::Group", "AWS::IAM::InstanceProfile", "AWS::IAM::ManagedPolicy", "AWS::IAM::Role", "AWS::IAM::User"),
    "AWS::CloudWatch::Dashboard",
}
_NOT_UNIQUE = {
    "AWS::ApiGateway::RestApi",
    "AWS::ApiGatewayV2::Api",
    "AWS::Cognito::UserPool",
    "AWS::Lambda::LayerVersion",
}
# Names beside those by which other resources refer to something.
_PROPERTIES = {
    **NAME_PROPERTIES,
    "AWS::ApiGateway::ApiKey": "Name",
    "AWS::ApiGateway::DomainName": "DomainName",
    "AWS::Athena::WorkGroup": "Name",
    "AWS::CodeBuild::Project": "Name",
    "AWS::CodeDeploy::Application": "ApplicationName",
    "AWS::CodePipeline::Pipeline": "Name",
    "AWS::Cognito::UserPoolDomain": "Domain",
    "AWS::ECR::Repository": "RepositoryName",
    "AWS::ECS::Cluster": "ClusterName",
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::User": "UserName",
    "AWS::KinesisFirehose::DeliveryStream": "DeliveryStreamName",
    "AWS::Pipes::Pipe": "Name",
    "AWS::RDS::DBCluster": "DBClusterIdentifier",
    "AWS::RDS::DBInstance": "DBInstanceIdentifier",
}
# What a name is unique within, beside account and region.
_WITHIN = {"AWS::Events::Rule": "EventBusName", "AWS::Scheduler::Schedule": "GroupName", "AWS::WAFv2::WebACL": "Scope"}
_OF_SAM = "SAM names it after the event: set the event's OmitName: true, or a Name that begins with the environment."


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
                message = f"{label(resource)} is called {_name(resource)} in each of {', '.join(where)}."
                mend = _OF_SAM if is_called_by_sam(resource) else ""
                yield at(resource, message, _PROPERTIES[resource.type], mend=mend)
    yield from _same_exports(case)
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
    name = _name(resource)
    if name is None or resource.type in _NOT_UNIQUE or "<" in name.replace(ACCOUNT, ""):
        return None
    account = _account(case, deployment.environment)
    if resource.type in _EVERYWHERE:
        return (resource.type, name, account if ACCOUNT in name else "")
    within = resource.get(_WITHIN[resource.type]) if resource.type in _WITHIN else None
    if not is_known(within) or (isinstance(within, str) and "<" in within):
        return None
    region = "" if resource.type in _IN_ACCOUNT else deployment.region
    return (resource.type, name, account, region, str(within))


def _name(resource: Resource) -> str | None:
    named = _PROPERTIES.get(resource.type)
    return literal(resource.get(named)) if named else None


def _same_exports(case: Case) -> Iterator[Problem]:
    """Exports that two environments make in one account and region, where each may be there once."""
    found: dict[tuple[str, ...], dict[str, Place]] = defaultdict(dict)
    for deployment in _environments(case):
        for stack in deployed_stacks(deployment):
            for output in stack.template.section("Outputs"):
                name = _exported(stack, output)
                if name is not None:
                    place = stack.template.place("Outputs", output, "Export", "Name")
                    key = (name, _account(case, deployment.environment), deployment.region)
                    found[key].setdefault(_label(deployment), place)
    for (name, *_), places in found.items():
        if len(places) > 1:
            message = f"Each of {', '.join(sorted(places))} exports {name}."
            yield Problem(next(iter(places.values())), message, mend="Begin the export's name with the environment.")


def _exported(stack: Stack, output: str) -> str | None:
    """The name of an export as far as parameters make it; None where it is not known, or holds the stack's name."""
    entry = stack.template.section("Outputs")[output].get("Export")
    written = entry.get("Name") if isinstance(entry, dict) else None
    text = written.get("Fn::Sub") if isinstance(written, dict) else written
    if isinstance(written, dict) and isinstance(written.get("Ref"), str):
        text = f"${{{written['Ref']}}}"
    if not isinstance(text, str):
        return None
    values = {**stack.parameters, "AWS::Region": ""}
    name = PLACEHOLDER.sub(lambda match: str(values.get(match[0][2:-1].strip(), UNKNOWN)), text)
    return name if is_known(name) and "<" not in name else None


def _account(case: Case, environment: ConfigEnvironment) -> str:
    """The account of an environment, as far as samconfig.toml tells; those that say nothing share one."""
    settings = settings_of(case.config, environment)
    role = read_arn(str(settings.get("role_arn", "")))
    return environment.account or (role.account if role else f"{settings.get('profile', ACCOUNT)}")


def _same_stack(case: Case) -> Iterator[Problem]:
    for first, second in combinations(case.config.environments, 2):
        one, other = (settings_of(case.config, environment) for environment in (first, second))
        name = one.get("stack_name")
        if not isinstance(name, str) or name != other.get("stack_name"):
            continue
        if (first.region, _account(case, first)) == (second.region, _account(case, second)):
            message = f"The environments {first.name} and {second.name} deploy the same stack, {name}."
            yield Problem(place_of(case.config, second.name, "stack_name"), message)
