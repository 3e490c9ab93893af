"""What invokes a function, and how: who waits for an answer, and who hands over an event and goes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from generator.checks.case import as_list, literal, number
from generator.project import Deployment, Resource
from generator.project.evaluate import is_known

FUNCTION = "AWS::Lambda::Function"
MAPPING = "AWS::Lambda::EventSourceMapping"
QUEUE = "AWS::SQS::Queue"
# Services that invoke a function without waiting for it.
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-services.html
ASYNCHRONOUS = {
    "cloudformation",
    "codecommit",
    "codepipeline",
    "config",
    "events",
    "iot",
    "lambda.alarms.cloudwatch",
    "logs",
    "s3",
    "scheduler",
    "ses",
    "sns",
}
_INVOKED = re.compile(r"/functions/(.+?)/invocations$")
_METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "x-amazon-apigateway-any-method"}
_REST_SECONDS = 29.0
_HTTP_SECONDS = 30.0


@dataclass(frozen=True)
class Integration:
    """A route of an API that invokes a function.

    Attributes:
        function: the function.
        seconds: how long the API waits for it; None where it does not, or nobody knows.
        answers: whether the function's answer goes back to who called the API.
    """

    function: Resource
    seconds: float | None
    answers: bool = True


def regional_functions(deployments: Iterable[Deployment]) -> Iterator[tuple[Deployment, Resource]]:
    """Every function but those that CloudFront runs at its edge, which may have none of what the others should."""
    for deployment in deployments:
        edge = set(_at_the_edge(deployment))
        for function in deployment.of_type(FUNCTION):
            if function.symbol not in edge:
                yield deployment, function


def _at_the_edge(deployment: Deployment) -> Iterator[str]:
    for distribution in deployment.of_type("AWS::CloudFront::Distribution"):
        config = distribution.get("DistributionConfig")
        settings = config if isinstance(config, dict) else {}
        for behavior in (settings.get("DefaultCacheBehavior"), *as_list(settings.get("CacheBehaviors"))):
            for item in as_list(behavior.get("LambdaFunctionAssociations") if isinstance(behavior, dict) else None):
                function = deployment.function(item.get("LambdaFunctionARN")) if isinstance(item, dict) else None
                if function is not None:
                    yield function.symbol


def integrations(deployment: Deployment) -> Iterator[Integration]:
    """Every route of an API that invokes a function of the deployment, wherever the route is written."""
    for api in deployment.of_type("AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api"):
        limit = _REST_SECONDS if api.type == "AWS::ApiGateway::RestApi" else _HTTP_SECONDS
        for settings in _operations(api.get("Body")):
            lowered = {str(key).lower(): value for key, value in settings.items()}
            yield from _integration(deployment, lowered, limit)
        if api.get("Target") is not None:
            yield from _integration(deployment, {"uri": api.get("Target")}, limit)
    for method in deployment.of_type("AWS::ApiGateway::Method"):
        settings = method.get("Integration")
        if isinstance(settings, dict):
            yield from _integration(
                deployment, {str(key).lower(): value for key, value in settings.items()}, _REST_SECONDS
            )
    for resource in deployment.of_type("AWS::ApiGatewayV2::Integration"):
        settings = {str(key).lower(): value for key, value in resource.properties.items()}
        settings["uri"] = settings.get("integrationuri")
        yield from _integration(deployment, settings, _HTTP_SECONDS)


def _operations(body: Any) -> Iterator[dict[str, Any]]:
    paths = body.get("paths") if isinstance(body, dict) else None
    for path in paths.values() if isinstance(paths, dict) else ():
        for verb, operation in path.items() if isinstance(path, dict) else ():
            found = operation.get("x-amazon-apigateway-integration") if isinstance(operation, dict) else None
            if str(verb).lower() in _METHODS and isinstance(found, dict):
                yield found


def _integration(deployment: Deployment, settings: dict[str, Any], limit: float) -> Iterator[Integration]:
    uri = settings.get("uri")
    invoked = _INVOKED.search(uri) if isinstance(uri, str) else None
    function = deployment.function(invoked[1] if invoked else uri)
    if function is not None:
        parameters = settings.get("requestparameters")
        header = "integration.request.header.X-Amz-Invocation-Type"
        answers = not isinstance(parameters, dict) or str(parameters.get(header, "")).strip("'") != "Event"
        yield Integration(function, _waits(settings, limit) if answers else None, answers)


def _waits(settings: dict[str, Any], limit: float) -> float | None:
    """How long an integration waits: as long as it says, and not at all for a stream."""
    if literal(settings.get("responsetransfermode")) == "STREAM":
        return None
    given = settings.get("timeoutinmillis")
    milliseconds = number(given)
    if given is not None:
        return milliseconds / 1000 if milliseconds is not None else None
    return limit


def asynchronous(deployment: Deployment) -> dict[str, Resource]:
    """The functions that something invokes without waiting for them, by symbol."""
    found: list[Resource | None] = []
    for permission in deployment.of_type("AWS::Lambda::Permission"):
        # Some have a principal in each region: logs.eu-west-1.amazonaws.com.
        service, _, rest = (literal(permission.get("Principal")) or "").partition(".amazonaws.com")
        if rest in {"", ".cn"} and {service, service.partition(".")[0]} & ASYNCHRONOUS:
            found.append(deployment.function(permission.get("FunctionName")))
    for subscription in deployment.of_type("AWS::SNS::Subscription"):
        if literal(subscription.get("Protocol")) == "lambda":
            found.append(deployment.function(subscription.get("Endpoint")))
    found += [function for _, function, _, _ in deliveries(deployment)]
    found += [deployment.function(reference) for reference in _handed_to(deployment)]
    found += [each.function for each in integrations(deployment) if not each.answers]
    for config in deployment.of_type("AWS::Lambda::EventInvokeConfig"):
        for outcome in ("OnSuccess", "OnFailure"):
            found.append(deployment.function(config.get("DestinationConfig", outcome, "Destination")))
    return {function.symbol: function for function in found if function is not None}


def _handed_to(deployment: Deployment) -> Iterator[Any]:
    """What buckets, log groups, alarms, devices and pipes hand events to, each by a property of its own."""
    for bucket in deployment.of_type("AWS::S3::Bucket"):
        for item in as_list(bucket.get("NotificationConfiguration", "LambdaConfigurations")):
            yield item.get("Function") if isinstance(item, dict) else None
    for subscription in deployment.of_type("AWS::Logs::SubscriptionFilter"):
        yield subscription.get("DestinationArn")
    for alarm in deployment.of_type("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"):
        yield from as_list(alarm.get("AlarmActions"))
    for rule in deployment.of_type("AWS::IoT::TopicRule"):
        for action in as_list(rule.get("TopicRulePayload", "Actions")):
            called = action.get("Lambda") if isinstance(action, dict) else None
            yield called.get("FunctionArn") if isinstance(called, dict) else None
    for pipe in deployment.of_type("AWS::Pipes::Pipe"):
        how = literal(pipe.get("TargetParameters", "LambdaFunctionParameters", "InvocationType"))
        yield pipe.get("Target") if how == "FIRE_AND_FORGET" else None


Delivery = tuple[Resource, Resource, Any, str]
"""A rule or schedule, the function that it invokes, the settings of that target, and where they are written."""


def deliveries(deployment: Deployment) -> Iterator[Delivery]:
    """Every target of a rule or schedule that is a function of the deployment."""
    for rule in deployment.of_type("AWS::Events::Rule"):
        for index, target in enumerate(as_list(rule.get("Targets"))):
            function = deployment.function(target.get("Arn")) if isinstance(target, dict) else None
            if function is not None:
                yield rule, function, target, f"Targets.{index}"
    for schedule in deployment.of_type("AWS::Scheduler::Schedule"):
        function = deployment.function(schedule.get("Target", "Arn"))
        if function is not None:
            yield schedule, function, schedule.get("Target"), "Target"


def source_kind(deployment: Deployment, mapping: Resource) -> str:
    """What an event source mapping reads: `queue`, `stream` (DynamoDB or Kinesis), `kafka`, or nothing that is known.

    Of MQ and DocumentDB nothing is known that would have to be set: they keep what fails themselves.
    """
    reference = mapping.get("EventSourceArn")
    if mapping.get("SelfManagedEventSource") is not None:
        return "kafka"
    if deployment.find(reference, "AWS::MSK::Cluster", "AWS::MSK::ServerlessCluster") is not None:
        return "kafka"
    found = deployment.find(
        reference, QUEUE, "AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable", "AWS::Kinesis::Stream"
    )
    if found is not None:
        return "queue" if found.type == QUEUE else "stream"
    text = reference if isinstance(reference, str) and is_known(reference) else ""
    service = text.split(":")[2] if text.startswith("arn:") and text.count(":") > 2 else ""  # noqa: PLR2004
    return {"sqs": "queue", "dynamodb": "stream", "kinesis": "stream", "kafka": "kafka"}.get(service, "")
