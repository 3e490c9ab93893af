"""SG606: throttling and access logs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.checks.case import Case, as_list, literal, number
from generator.checks.facts.routes import (
    DEPLOYMENT,
    HTTP,
    REST,
    STAGE,
    mapping,
    of_api,
    owned,
    place_of,
)
from generator.checks.rule import Place, Problem, about, rule
from generator.findings import Severity
from generator.project import Deployment, Resource
from generator.project.evaluate import is_known


@rule(
    "SG606",
    "A stage is throttled and writes a structured access log.",
    Severity.WARNING,
    "Set ThrottlingRateLimit and ThrottlingBurstLimit for all methods, and AccessLogSetting with a JSON format.",
    "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html",
)
def throttling(case: Case) -> Iterator[Problem]:
    """Stages without throttling or access log, and usage plans without throttling."""
    for deployment, stage in case.of_type(STAGE, "AWS::ApiGatewayV2::Stage"):
        plain = stage.type == STAGE
        yield from _access_log(stage, stage.get("AccessLogSetting" if plain else "AccessLogSettings"))
        throttled = _is_throttled(stage.get("MethodSettings")) if plain else _is_http_throttled(stage)
        if not throttled and not (plain and _is_planned(deployment, stage)):
            key = "MethodSettings" if plain else "DefaultRouteSettings"
            yield Problem(_stage_place(stage, key), f"{_stage(stage)} is not throttled.", stage)
    for deployment, item in case.of_type(DEPLOYMENT):
        api = deployment.find(item.get("RestApiId"), REST)
        if literal(item.get("StageName")) is None or (api and any(of_api(deployment, api, STAGE))):
            continue
        description = mapping(item.get("StageDescription"))
        yield from _access_log(item, description.get("AccessLogSetting"))
        own = any(description.get(key) is not None for key in ("ThrottlingRateLimit", "ThrottlingBurstLimit"))
        if not own and not _is_throttled(description.get("MethodSettings")):
            yield about(item, f"The stage of {item.owner} is not throttled.")
    for _, plan in case.of_type("AWS::ApiGateway::UsagePlan"):
        if plan.get("Throttle") is None:
            yield about(plan, f"{plan.owner} does not throttle who uses it.")


def _stage(stage: Resource) -> str:
    return stage.owner if stage.owner == stage.logical_id else f"The stage of {stage.owner}"


def _stage_place(stage: Resource, key: str) -> Place:
    """Where a setting of a stage stands, of SAM's at the API or the function that it was made for."""
    if stage.owner == stage.logical_id:
        return place_of(stage, key)
    if key in owned(stage):
        template = stage.stack.template
        return template.place("Resources", stage.owner, "Properties", key)
    return place_of(stage)


def _access_log(stage: Resource, setting: Any) -> Iterator[Problem]:
    key = "AccessLogSetting" if stage.type != "AWS::ApiGatewayV2::Stage" else "AccessLogSettings"
    place = _stage_place(stage, key)
    if not isinstance(setting, dict):
        if setting is None:
            yield Problem(place, f"{_stage(stage)} has no access log.", stage)
        return
    if setting.get("DestinationArn") is None:
        yield Problem(place, f"The access log of {stage.owner} goes nowhere: it has no DestinationArn.", stage)
    layout = setting.get("Format")
    text = literal(layout)
    if layout is None or (text is not None and "requestid" not in text.lower()):
        message = f"The access log of {stage.owner} has no $context.requestId, which API Gateway demands."
        yield Problem(place, message, stage, severity=Severity.ERROR)
    elif text is not None and not text.lstrip().startswith(("{", "<")):
        yield Problem(place, f"The access log of {stage.owner} is not structured: its format is no JSON.", stage)


def _is_throttled(settings: Any) -> bool:
    if not is_known(settings):
        return True
    return any(
        number(mapping(item).get(key)) not in {None, -1.0}
        for item in as_list(settings)
        for key in ("ThrottlingRateLimit", "ThrottlingBurstLimit")
        if _is_for_all(mapping(item))
    ) or any(not is_known(item) for item in as_list(settings))


def _is_for_all(item: dict[str, Any]) -> bool:
    return (item.get("ResourcePath", "/*"), item.get("HttpMethod", "*")) == ("/*", "*")


def _is_http_throttled(stage: Resource) -> bool:
    settings = [stage.get("DefaultRouteSettings"), *mapping(stage.get("RouteSettings")).values()]
    return any(
        not is_known(item) or mapping(item).get(key) is not None
        for item in settings
        for key in ("ThrottlingRateLimit", "ThrottlingBurstLimit")
    )


def _is_planned(deployment: Deployment, stage: Resource) -> bool:
    """Whether a usage plan throttles the stage's API."""
    api = deployment.find(stage.get("RestApiId"), REST, HTTP)
    for plan in deployment.of_type("AWS::ApiGateway::UsagePlan"):
        if plan.get("Throttle") is None:
            continue
        for item in as_list(plan.get("ApiStages")):
            if api is not None and deployment.find(mapping(item).get("ApiId"), REST) is api:
                return True
    return False
