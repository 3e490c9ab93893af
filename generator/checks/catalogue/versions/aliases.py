"""SG701: versions and aliases."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from generator.checks.case import Case, literal, truth
from generator.checks.facts.made import is_made
from generator.checks.facts.releases import released
from generator.checks.facts.routes import mapping
from generator.checks.facts.targets import ALIAS, VERSION, aliases_of, target_of
from generator.checks.facts.texts import values
from generator.checks.facts.written import written
from generator.checks.rule import Place, Problem, about, rule
from generator.findings import Severity
from generator.project import Deployment, Resource, Template, references

SERVERLESS_FUNCTION = "AWS::Serverless::Function"
_HASH = re.compile(r"[0-9a-fA-F]{64}|[A-Za-z0-9+/]{43}=")
MACHINE = "AWS::StepFunctions::StateMachine"
# Where a step says which function it calls: itself, or as an argument of `lambda:invoke`.
_STEP_KEYS = {"Resource", "FunctionName", "FunctionName.$"}
_NUMBERED = re.compile(r"\d")


@rule(
    "SG701",
    "Every function has an alias that its callers use, and every change publishes a version.",
    Severity.WARNING,
    "Set AutoPublishAlias with AutoPublishCodeSha256 or AutoPublishAliasAllProperties, and refer to the alias.",
    "https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/automating-updates-to-serverless-apps.html",
)
def versions(case: Case) -> Iterator[Problem]:
    """Functions without alias, callers that go past it, and versions that are never published again."""
    for deployment in case.deployments:
        for function in released(deployment):
            if not aliases_of(deployment, function):
                yield about(function, f"{function.owner} has no alias: its callers get whatever was uploaded last.")
        yield from _bypasses(deployment)
        for alias in deployment.of_type(ALIAS):
            if alias.get("FunctionVersion") == "$LATEST":
                message = f"{alias.owner} is an alias of $LATEST, so it moves with every upload."
                yield about(alias, message, "FunctionVersion", severity=Severity.ERROR)
        for version in deployment.of_type(VERSION):
            yield from _publishes_once(version)
    yield from _unchanging(case)


def _bypasses(deployment: Deployment) -> Iterator[Problem]:
    for resource in deployment.resources():
        for path, reference in _calls(resource):
            target = target_of(deployment, reference)
            if target is None or target.qualifier or target.function is None:
                continue
            if aliases_of(deployment, target.function):
                message = f"{resource.owner} goes past the alias of {target.function.owner} to its newest code."
                yield Problem(_place(resource, path), message, resource)


def _place(resource: Resource, path: Path_) -> Place:
    """Where a caller says what it calls; SAM names the same properties of its workflows differently."""
    if resource.owner != resource.logical_id:
        return written(resource)
    template = resource.stack.template
    author = mapping(template.resources.get(resource.owner))
    said = mapping(author.get("Properties"))
    first = "Definition" if path[0] == "DefinitionString" and "Definition" in said else path[0]
    if first not in said:
        return resource.place()
    return template.place("Resources", resource.owner, "Properties", first, *path[1:])


def _calls(resource: Resource) -> Iterator[tuple[Path_, Any]]:
    """Where a resource says which function it calls; an API's integrations are SG601's."""
    for pattern in _CALLERS.get(resource.type, ()):
        yield from _matches(resource.properties, pattern)
    if resource.type == MACHINE:
        yield from _steps(resource)
    if resource.type == "AWS::Lambda::EventInvokeConfig" and resource.get("Qualifier") == "$LATEST":
        yield ("Qualifier",), resource.get("FunctionName")
    if resource.type == "AWS::Lambda::Url" and resource.get("Qualifier") is None:
        yield ("TargetFunctionArn",), resource.get("TargetFunctionArn")


def _steps(machine: Resource) -> Iterator[tuple[Path_, Any]]:
    """The functions that the definition of a workflow names where it stands in the template."""
    key = "DefinitionString" if machine.get("DefinitionString") is not None else "Definition"
    definition = machine.get(key)
    try:
        parsed = json.loads(definition) if isinstance(definition, str) else definition
    except (ValueError, RecursionError):
        return
    for path, text in values(parsed):
        if path and path[-1] in _STEP_KEYS:
            yield (key,), text


def _matches(value: Any, pattern: tuple[str, ...], path: Path_ = ()) -> Iterator[tuple[Path_, Any]]:
    """Every value at a path in which `*` stands for any item of a list or a mapping."""
    if not pattern:
        yield path, value
        return
    first, rest = pattern[0], pattern[1:]
    items: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        items = list(value.items()) if first == "*" else [(first, value[first])] if first in value else []
    elif isinstance(value, list) and first == "*":
        items = list(enumerate(value))
    for step, item in items:
        yield from _matches(item, rest, (*path, step))


Path_ = tuple[str | int, ...]
_CALLERS: dict[str, tuple[tuple[str, ...], ...]] = {
    "AWS::ApiGateway::Authorizer": (("AuthorizerUri",),),
    "AWS::ApiGatewayV2::Authorizer": (("AuthorizerUri",),),
    "AWS::AppSync::DataSource": (("LambdaConfig", "LambdaFunctionArn"),),
    "AWS::Bedrock::Agent": (("ActionGroups", "*", "ActionGroupExecutor", "Lambda"),),
    "AWS::CloudWatch::Alarm": (("AlarmActions", "*"),),
    "AWS::Cognito::UserPool": (("LambdaConfig", "*"), ("LambdaConfig", "*", "LambdaArn")),
    "AWS::ElasticLoadBalancingV2::TargetGroup": (("Targets", "*", "Id"),),
    "AWS::Events::Rule": (("Targets", "*", "Arn"),),
    "AWS::IoT::TopicRule": (("TopicRulePayload", "Actions", "*", "Lambda", "FunctionArn"),),
    "AWS::Lambda::EventInvokeConfig": (("DestinationConfig", "*", "Destination"),),
    "AWS::Lambda::EventSourceMapping": (("FunctionName",),),
    "AWS::Logs::SubscriptionFilter": (("DestinationArn",),),
    "AWS::Pipes::Pipe": (("Enrichment",), ("Target",)),
    "AWS::S3::Bucket": (("NotificationConfiguration", "LambdaConfigurations", "*", "Function"),),
    "AWS::SNS::Subscription": (("Endpoint",),),
    "AWS::SNS::Topic": (("Subscription", "*", "Endpoint"),),
    "AWS::Scheduler::Schedule": (("Target", "Arn"),),
    "AWS::SES::ReceiptRule": (("Rule", "Actions", "*", "LambdaAction", "FunctionArn"),),
    "AWS::SecretsManager::RotationSchedule": (("RotationLambdaARN",),),
    "AWS::StepFunctions::StateMachine": (("DefinitionSubstitutions", "*"),),
}


def _publishes_once(version: Resource) -> Iterator[Problem]:
    """A version is what it was when it was made: only another logical id or property makes another."""
    if version.owner != version.logical_id or version.logical_id not in version.stack.template.resources:
        return
    if _NUMBERED.search(version.logical_id) or is_made(version.stack.template):
        return
    properties = mapping(version.definition.get("Properties"))
    changing = {key: value for key, value in properties.items() if key != "FunctionName"}
    if any(references(changing)) or any("Fn::" in str(value) for value in changing.values()):
        return
    sha = literal(version.get("CodeSha256"))
    if sha is None or not _HASH.fullmatch(sha):
        mend = "Put a number or hash into its logical id, or a parameter of the release into its Description."
        yield about(version, f"{version.owner} is published once: later releases make no version.", mend=mend)


def _unchanging(case: Case) -> Iterator[Problem]:
    """SAM publishes a version when the code's address changes, and only then unless it is told otherwise."""
    for template in case.project.templates:
        for name, resource in template.resources.items():
            if resource.get("Type") != SERVERLESS_FUNCTION:
                continue
            settings, place = _with_globals(template, name)
            if settings.get("AutoPublishAlias") is None:
                continue
            yield from _publishing(case, template, name, settings, place)


def _publishing(
    case: Case, template: Template, name: str, settings: dict[str, Any], place: dict[str, tuple[str | int, ...]]
) -> Iterator[Problem]:
    subject = _resource(case, template, name)
    digest = settings.get("AutoPublishCodeSha256")
    if truth(settings.get("AutoPublishAliasAllProperties")) or isinstance(
        settings.get("AutoPublishAliasAllProperties"), dict
    ):
        return
    if digest is None:
        message = f"{name} publishes a version when its code changes, but not when its configuration does."
        where = template.place(*place["AutoPublishAlias"])
        yield Problem(where, message, subject)
        return
    where = template.place(*place["AutoPublishCodeSha256"])
    if isinstance(digest, (str, int, float)) and not _HASH.fullmatch(str(digest)):
        message = f"AutoPublishCodeSha256 of {name} is always {digest}, so no version is published again."
        yield Problem(where, message, subject, severity=Severity.ERROR)
    parameter = mapping(digest).get("Ref")
    if isinstance(parameter, str) and _is_never_passed(case, template, parameter):
        message = f"{name} publishes a version when {parameter} changes, which no stack passes to {template.name}."
        yield Problem(where, message, subject, severity=Severity.ERROR)


def _with_globals(template: Template, name: str) -> tuple[dict[str, Any], dict[str, tuple[str | int, ...]]]:
    """A function's properties with those of Globals, and where each stands."""
    own = mapping(template.resources[name].get("Properties"))
    shared = mapping(template.section("Globals").get("Function"))
    places: dict[str, tuple[str | int, ...]] = {str(key): ("Globals", "Function", str(key)) for key in shared}
    places.update({str(key): ("Resources", name, "Properties", str(key)) for key in own})
    return {**shared, **own}, places


def _is_never_passed(case: Case, template: Template, parameter: str) -> bool:
    """Whether a parameter of a nested template keeps its default in every stack that nests it."""
    links = [link for link in case.project.links if link.child is template]
    if not links or parameter not in template.section("Parameters"):
        return False
    for link in links:
        passed = mapping(link.resource.get("Properties")).get("Parameters")
        if passed is not None and (not isinstance(passed, dict) or parameter in passed):
            return False
        if any(str(key).startswith("Fn::") for key in mapping(passed)):
            return False
    return True


def _resource(case: Case, template: Template, name: str) -> Resource | None:
    """The resource of a template in the first environment that has it, for suppressions."""
    for deployment in case.deployments:
        for stack in deployment.stacks:
            if stack.template is template and name in stack.resources:
                return stack.resources[name]
    return None
