"""Which functions are released, how traffic moves to their new versions, and which deployment is production."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from generator.checks.case import Case, as_list, literal, truth
from generator.checks.facts.routes import mapping, owned, place_of
from generator.checks.facts.targets import FUNCTION
from generator.checks.rule import Place
from generator.project import Deployment, Resource
from generator.project.evaluate import is_known
from generator.project.samconfig import UNNAMED

GROUP = "AWS::CodeDeploy::DeploymentGroup"
UPDATE = "CodeDeployLambdaAliasUpdate"

_PRODUCTION = re.compile(r"(^|[^a-z])(prod|prd|production|live)([^a-z]|$)", re.IGNORECASE)
_NOT_PRODUCTION = re.compile(r"(^|[^a-z])(non-?prod|pre-?prod|dev|test|qa|uat|stag|sandbox|integration)", re.IGNORECASE)
_ENVIRONMENT = re.compile(r"env|stage", re.IGNORECASE)


def released(deployment: Deployment) -> Iterator[Resource]:
    """The functions that serve; not those that only a deployment calls, nor those at CloudFront's edge."""
    passed_over = {function for function in _helpers(deployment) if function is not None}
    for function in deployment.of_type(FUNCTION):
        if function not in passed_over:
            yield function


def _helpers(deployment: Deployment) -> Iterator[Resource | None]:
    for stack in deployment.stacks:
        for resource in stack.resources.values():
            if resource.get("ServiceToken") is not None:
                yield deployment.function(resource.get("ServiceToken"))
            update = mapping(mapping(resource.definition.get("UpdatePolicy")).get(UPDATE))
            for hook in ("BeforeAllowTrafficHook", "AfterAllowTrafficHook"):
                name = mapping(update.get(hook)).get("Ref")
                yield stack.resources.get(name) if isinstance(name, str) else deployment.function(update.get(hook))
            if resource.type == "AWS::CloudFront::Distribution":
                yield from _at_the_edge(deployment, resource)


def _at_the_edge(deployment: Deployment, distribution: Resource) -> Iterator[Resource | None]:
    configuration = mapping(distribution.get("DistributionConfig"))
    behaviours = [configuration.get("DefaultCacheBehavior"), *as_list(configuration.get("CacheBehaviors"))]
    for behaviour in behaviours:
        for association in as_list(mapping(behaviour).get("LambdaFunctionAssociations")):
            yield deployment.function(mapping(association).get("LambdaFunctionARN"))


def update_of(alias: Resource) -> dict[Any, Any]:
    """How CodeDeploy moves an alias's traffic; empty where it does not."""
    return mapping(mapping(alias.definition.get("UpdatePolicy")).get(UPDATE))


def preference_place(function: Resource) -> Place:
    """Where the function's deployment preference stands, or the function."""
    if "DeploymentPreference" in owned(function):
        template = function.stack.template
        return template.place("Resources", function.owner, "Properties", "DeploymentPreference")
    return function.place()


def groups(deployment: Deployment) -> Iterator[Resource]:
    """The deployment groups that shift a function's traffic."""
    for stack in deployment.stacks:
        said = [update_of(alias).get("DeploymentGroupName") for alias in stack.resources.values()]
        names = {name for entry in said for name in (entry, mapping(entry).get("Ref")) if isinstance(name, str)}
        for group in stack.resources.values():
            if group.type != GROUP:
                continue
            named = group.logical_id in names or literal(group.get("DeploymentGroupName")) in names
            application = deployment.find(group.get("ApplicationName"), "AWS::CodeDeploy::Application")
            if named or (application is not None and application.get("ComputePlatform") == "Lambda"):
                yield group


def shifts_at_once(deployment: Deployment, group: Resource) -> bool:
    """Whether a deployment group moves all traffic in one step, by a configuration of AWS's or of the project's own."""
    name = group.get("DeploymentConfigName")
    own = deployment.find(name, "AWS::CodeDeploy::DeploymentConfig")
    if own is not None:
        return bool(own.get("TrafficRoutingConfig", "Type") == "AllAtOnce")
    return "AllAtOnce" in (literal(name) or "")


def setting_place(group: Resource, preference: str, key: str) -> Place:
    """Where a setting of a deployment group stands: SAM's in the function's DeploymentPreference."""
    template = group.stack.template
    if group.owner == group.logical_id:
        return place_of(group, key)
    for path in (("Resources", group.owner, "Properties"), ("Globals", "Function")):
        holder: Any = template.data
        for step in path:
            holder = mapping(holder).get(step)
        written = mapping(holder).get("DeploymentPreference")
        if written is not None:
            step_ = (preference,) if preference in mapping(written) else ()
            return template.place(*path, "DeploymentPreference", *step_)
    return group.place()


def alarms_of(group: Resource) -> list[Any]:
    """The alarms that stop a deployment group's deployments."""
    configuration = group.get("AlarmConfiguration")
    if not is_known(configuration) and not isinstance(configuration, dict):
        return [configuration]
    if truth(mapping(configuration).get("Enabled")) is False:
        return []
    return as_list(mapping(configuration).get("Alarms"))


def productions(case: Case) -> Iterator[Deployment]:
    """The deployments that are production: by their name, or by a parameter that says so."""
    for deployment in case.deployments:
        if is_production(deployment):
            yield deployment


def is_production(deployment: Deployment) -> bool:
    """Whether people depend on a deployment; one that says nothing of what it is may be the only one there is."""
    name = deployment.environment.name
    if name != UNNAMED:
        return _says_production(name)
    values = [
        value
        for key, value in (deployment.stacks[0].parameters.items() if deployment.stacks else ())
        if _ENVIRONMENT.search(key) and isinstance(value, str) and is_known(value)
    ]
    if any(map(_says_production, values)):
        return True
    return not any(_NOT_PRODUCTION.search(value) for value in values)


def _says_production(text: str) -> bool:
    return bool(_PRODUCTION.search(text)) and not _NOT_PRODUCTION.search(text)


def where(deployment: Deployment) -> str:
    """What a message adds where a project has environments."""
    return " in production" if deployment.environment.name != UNNAMED else ""
