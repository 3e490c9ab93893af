"""SG604: stages and deployments."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator

from generator.checks.case import Case, literal, truth
from generator.checks.facts.routes import (
    DEPLOYMENT,
    REST,
    STAGE,
    apis,
    belongs,
    of_api,
    place_of,
)
from generator.checks.rule import Problem, about, rule
from generator.findings import Severity
from generator.project import Deployment, Resource, Stack, references
from generator.project.evaluate import is_known

# A logical id that a tool has made of its content, or that a date or number of a release ends.
_NUMBERED = re.compile(r"\d")


@rule(
    "SG604",
    "An API has a stage, and its deployment comes after the API's methods and anew with each of their changes.",
    Severity.ERROR,
    "Declare a stage whose deployment depends on all methods, or let SAM make both (AWS::Serverless::Api).",
    "https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-deploy-api.html",
)
def stages(case: Case) -> Iterator[Problem]:
    """APIs that nobody can call, and deployments that do not hold what the template says."""
    for deployment, api in apis(case):
        if api.type == REST:
            yield from _rest_stages(deployment, api)
        else:
            yield from _http_stages(deployment, api)


def _rest_stages(deployment: Deployment, api: Resource) -> Iterator[Problem]:
    stages_ = list(of_api(deployment, api, STAGE))
    deployed = list(of_api(deployment, api, DEPLOYMENT))
    if not stages_ and not any(item.get("StageName") is not None for item in deployed):
        if _may_be_elsewhere(deployment, STAGE, DEPLOYMENT):
            return
        yield about(api, f"{api.owner} has no stage, so nothing answers at its address.")
    for stage in stages_:
        found = deployment.find(stage.get("DeploymentId"), DEPLOYMENT)
        if found is not None and not belongs(deployment, found.get("RestApiId"), api):
            message = f"{stage.owner} is a stage of {api.owner} with another API's deployment."
            yield about(stage, message, "DeploymentId")
    names = {literal(stage.get("StageName")) for stage in stages_} - {None}
    methods = list(of_api(deployment, api, "AWS::ApiGateway::Method"))
    for item in deployed:
        extra = literal(item.get("StageName"))
        if extra is not None and names and extra not in names:
            message = f"The deployment of {api.owner} makes a second stage, {extra}, that nothing throttles or logs."
            subject = item if item.logical_id in item.stack.template.resources else api
            mend = "Set OpenApiVersion at the API (or Globals) for SAM; leave StageName out of a deployment."
            # SAM makes one called Stage unless it is told not to; most who use SAM never asked for it.
            severity = Severity.WARNING if subject is item else Severity.INFO
            is_written = subject.owner in subject.stack.template.resources
            place = subject.place("StageName") if is_written else place_of(subject)
            yield Problem(place, message, subject, severity=severity, mend=mend)
        yield from _order(item, methods)
        if methods and not _is_renewed(item):
            yield _never_again(item)


def _http_stages(deployment: Deployment, api: Resource) -> Iterator[Problem]:
    stages_ = list(of_api(deployment, api, "AWS::ApiGatewayV2::Stage"))
    nowhere = not stages_ and api.get("Target") is None
    if nowhere and not _may_be_elsewhere(deployment, "AWS::ApiGatewayV2::Stage"):
        yield about(api, f"{api.owner} has no stage, so nothing answers at its address.")
    for stage in stages_:
        automatic = stage.get("AutoDeploy")
        if stage.get("DeploymentId") is None and (automatic is None or truth(automatic) is False):
            yield about(stage, f"Nothing is ever deployed to {stage.owner}: no AutoDeploy, and no DeploymentId.")
    routes = list(of_api(deployment, api, "AWS::ApiGatewayV2::Route"))
    for item in of_api(deployment, api, "AWS::ApiGatewayV2::Deployment"):
        yield from _order(item, routes)
        if routes and not _is_renewed(item):
            yield _never_again(item)


def _may_be_elsewhere(deployment: Deployment, *kinds: str) -> bool:
    """Whether a stage or deployment is of an API that is not known, which may be this one."""
    return any(
        not is_known(resource.get("RestApiId") or resource.get("ApiId")) for resource in deployment.of_type(*kinds)
    )


def _order(item: Resource, methods: list[Resource]) -> Iterator[Problem]:
    reached = _reached(item.stack, item.logical_id)
    late = [method.owner for method in methods if method.stack is item.stack and method.logical_id not in reached]
    if late:
        message = f"{item.owner} does not wait for {', '.join(sorted(late))}, so it may be deployed without."
        mend = "Name every method of the API in DependsOn of the deployment."
        yield Problem(item.place(), message, item, mend=mend)


def _reached(stack: Stack, start: str) -> set[str]:
    """Every resource of a stack that one waits for, directly or by others."""
    edges: dict[str, set[str]] = {}
    for reference in references(stack.data):
        if reference.path[0] == "Resources" and len(reference.path) > 1:
            edges.setdefault(str(reference.path[1]), set()).add(reference.target)
    seen = {start}
    queue = deque([start])
    while queue:
        for target in edges.get(queue.popleft(), set()) - seen:
            seen.add(target)
            queue.append(target)
    return seen


def _is_renewed(item: Resource) -> bool:
    """Whether the deployment gets another logical id with what it deploys: SAM's does, others by a number in it."""
    return item.owner != item.logical_id or bool(_NUMBERED.search(item.logical_id))


def _never_again(item: Resource) -> Problem:
    message = f"{item.owner} is made once: later changes of the API's methods do not reach its stage."
    mend = "Put a date or a hash of the definition into the deployment's logical id."
    return about(item, message, severity=Severity.WARNING, mend=mend)
