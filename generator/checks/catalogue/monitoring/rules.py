"""Category 4 of the catalogue: traces, logs, AWS Config and alarms."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from generator.checks.case import Case, as_list, literal, truth
from generator.checks.catalogue.monitoring.alarms import never_emitted, never_reached, unheard, unwatched
from generator.checks.catalogue.monitoring.metrics import Alarms
from generator.checks.facts.made import is_of_the_tool
from generator.checks.facts.sources import FUNCTION, regional_functions
from generator.checks.facts.statements import policies_of
from generator.checks.facts.words import words
from generator.checks.facts.written import at
from generator.checks.rule import Problem, about, rule
from generator.findings import Severity
from generator.project import Deployment, Resource
from generator.project.evaluate import Symbol, is_known

REST_STAGE = "AWS::ApiGateway::Stage"
LOG_GROUP = "AWS::Logs::LogGroup"
# How the CDK sets how long the group is kept that Lambda makes.
OF_CDK = "Custom::LogRetention"
RECORDER = "AWS::Config::ConfigurationRecorder"
LEVELS = ("ERROR", "WARN")


class Stage(NamedTuple):
    """A stage of a REST API, wherever it is defined."""

    resource: Resource
    settings: dict[str, Any]
    prefix: str


def rest_stages(deployment: Deployment) -> Iterator[Stage]:
    """Every stage of a REST API: of its own, or made by a deployment that has no stage of its own."""
    staged = set()
    for stage in deployment.of_type(REST_STAGE):
        staged.add(str(stage.get("RestApiId")))
        yield Stage(stage, stage.properties, "")
    for resource in deployment.of_type("AWS::ApiGateway::Deployment"):
        if resource.get("StageName") is not None and str(resource.get("RestApiId")) not in staged:
            settings = resource.get("StageDescription")
            yield Stage(resource, settings if isinstance(settings, dict) else {}, "StageDescription.")


TRACE_ACTIONS = ("xray:PutTraceSegments", "xray:PutTelemetryRecords")
# AWS's own policies for functions that do not let them trace; any other may.
_WITHOUT_TRACES = {
    "AWSLambdaBasicExecutionRole",
    "AWSLambdaDynamoDBExecutionRole",
    "AWSLambdaKinesisExecutionRole",
    "AWSLambdaMSKExecutionRole",
    "AWSLambdaSQSQueueExecutionRole",
    "AWSLambdaVPCAccessExecutionRole",
    "AmazonDynamoDBFullAccess",
    "AmazonDynamoDBReadOnlyAccess",
    "AmazonS3FullAccess",
    "AmazonS3ReadOnlyAccess",
    "AmazonSNSFullAccess",
    "AmazonSQSFullAccess",
    "AmazonSSMReadOnlyAccess",
    "CloudWatchLambdaInsightsExecutionRolePolicy",
}


@rule(
    "SG401",
    "Functions and REST APIs are traced by X-Ray, and roles let functions send their traces.",
    Severity.WARNING,
    "Set Tracing: Active on functions and TracingEnabled on the API; let the role do xray:PutTraceSegments.",
    "https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html",
)
def tracing(case: Case) -> Iterator[Problem]:
    """Functions and stages without traces; roles that cannot send them."""
    for deployment, function in regional_functions(case.deployments):
        mode = function.get("TracingConfig", "Mode")
        unknown = not is_known(function.get("TracingConfig"))
        if not unknown and mode != "Active":
            yield at(function, f"{function.owner} is not traced by X-Ray.", "Tracing", "TracingConfig")
        elif not unknown:
            role = deployment.find(function.get("Role"), "AWS::IAM::Role")
            if role is not None and (missing := _denied_traces(deployment, role)):
                message = f"{role.owner} does not let {function.owner} send its traces: {', '.join(missing)}."
                yield about(role, message)
    for deployment in case.deployments:
        for stage in rest_stages(deployment):
            enabled = stage.settings.get("TracingEnabled")
            if enabled is None or truth(enabled) is False:
                message = f"The stage {_called(stage.resource)} is not traced by X-Ray."
                yield at(stage.resource, message, f"{stage.prefix}TracingEnabled")


def _denied_traces(deployment: Deployment, role: Resource) -> list[str]:
    """The actions of X-Ray that no policy of a role allows; none where a policy of it is not known."""
    documents, others = policies_of(deployment, role)
    silent = all(reference.rpartition("/")[2] in _WITHOUT_TRACES for reference in others)
    if not silent or not all(is_known(document) for document in documents):
        return []
    return [action for action in TRACE_ACTIONS if not any(_allows(document, action) for document in documents)]


def _allows(document: Any, action: str) -> bool:
    statements = as_list(document.get("Statement")) if isinstance(document, dict) else []
    for statement in statements:
        if not isinstance(statement, dict) or statement.get("Effect") != "Allow":
            continue
        if "NotAction" in statement:
            if not _matches(statement["NotAction"], action):
                return True
        elif _matches(statement.get("Action"), action):
            return True
    return False


def _matches(patterns: Any, action: str) -> bool:
    return any(fnmatchcase(action.lower(), str(pattern).lower()) for pattern in as_list(patterns))


_FUNCTION_GROUPS = "/aws/lambda/"


@rule(
    "SG402",
    "Each function has a log group of its own, and no log is kept for ever.",
    Severity.WARNING,
    "Define AWS::Logs::LogGroup /aws/lambda/<function> with RetentionInDays for each function.",
    "https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html",
)
def log_groups(case: Case) -> Iterator[Problem]:
    """Functions without a log group, groups that are not their function's, groups without retention."""
    for _, endless in case.of_type(LOG_GROUP, OF_CDK):
        # What is only delivered elsewhere is gone after a day.
        if endless.get("RetentionInDays") is None and endless.get("LogGroupClass") != "DELIVERY":
            yield at(endless, f"{endless.owner} keeps its logs for ever.")
    for deployment in case.deployments:
        users: dict[str, Resource] = {}
        for _, function in regional_functions([deployment]):
            reference = function.get("LoggingConfig", "LogGroup")
            group = _group_of(deployment, function)
            if group is not None:
                yield from _not_its_own(function, group, users)
            elif not _may_have_a_group(deployment, function, reference):
                message = f"{function.owner} has no log group in the project: Lambda makes one that is kept for ever."
                yield at(function, message, "LoggingConfig.LogGroup")


def _group_of(deployment: Deployment, function: Resource) -> Resource | None:
    reference = function.get("LoggingConfig", "LogGroup")
    if reference is not None:
        return deployment.find(reference, LOG_GROUP)
    names = [f"{_FUNCTION_GROUPS}{function.symbol}"]
    given = function.get("FunctionName")
    if isinstance(given, str) and is_known(given):
        names.append(f"{_FUNCTION_GROUPS}{given}")
    return next((g for g in deployment.of_type(LOG_GROUP, OF_CDK) if g.get("LogGroupName") in names), None)


def _may_have_a_group(deployment: Deployment, function: Resource, reference: Any) -> bool:
    """Whether a group that the project has, or a name that is not known, may be the function's."""
    if reference is not None or not is_known(function.get("LoggingConfig")):
        if isinstance(reference, Symbol):
            return deployment.find(reference) is None
        return literal(reference) is None or "<" in str(reference)
    if not is_known(function.get("FunctionName")):
        return True
    return any(not is_known(group.get("LogGroupName")) for group in deployment.of_type(LOG_GROUP))


def _not_its_own(function: Resource, group: Resource, users: dict[str, Resource]) -> Iterator[Problem]:
    """A group that is called after another function, or that another function writes to as well."""
    name = literal(group.get("LogGroupName"))
    own = literal(function.get("FunctionName"))
    if name is not None and own is not None and name.startswith(_FUNCTION_GROUPS):
        other = name.removeprefix(_FUNCTION_GROUPS)
        alike = ("<stack " in other) == ("<stack " in own)
        if alike and other != own and str(function.symbol) not in other:
            yield at(
                group, f"{group.owner} is called {name}, which is not the group of {function.owner}.", "LogGroupName"
            )
    first = users.setdefault(group.symbol, function)
    if first is not function:
        message = f"{function.owner} shares the log group {group.owner} with {first.owner}."
        yield at(function, message, "LoggingConfig.LogGroup", severity=Severity.INFO)


_CONFIG_RULES = ("AWS::Config::ConfigRule", "AWS::Config::OrganizationConfigRule")
_PACKS = ("AWS::Config::ConformancePack", "AWS::Config::OrganizationConformancePack")


@rule(
    "SG403",
    "AWS Config watches the functions, and something records them for it.",
    Severity.WARNING,
    "Add AWS::Config::ConfigRule with the managed rules LAMBDA_…, and a recorder once an account and region.",
    "https://docs.aws.amazon.com/config/latest/developerguide/managed-rules-by-aws-config.html",
)
def config_rules(case: Case) -> Iterator[Problem]:
    """Functions that no rule of AWS Config looks at; rules without a recorder."""
    for deployment in case.deployments:
        functions = [found for found in deployment.of_type(FUNCTION) if not is_of_the_tool(found)]
        rules = [found for found in deployment.of_type(*_CONFIG_RULES) if _looks_at_functions(found)]
        if functions and not rules and not any(deployment.of_type(*_PACKS)):
            message = f"No rule of AWS Config looks at {functions[0].owner} or any other function."
            yield about(functions[0], message)
        recorders = list(deployment.of_type(RECORDER))
        if rules and not recorders:
            message = f"No template of the project makes the recorder that {rules[0].owner} needs."
            yield about(rules[0], message, severity=Severity.INFO, mend="Make sure that the account has one.")
        if rules and recorders and not any(_records_functions(recorder) for recorder in recorders):
            message = f"{recorders[0].owner} does not record functions, which {rules[0].owner} looks at."
            yield at(recorders[0], message, "RecordingGroup.ResourceTypes", "RecordingGroup")


def _looks_at_functions(found: Resource) -> bool:
    """Whether a rule is one of Lambda's, or may be."""
    managed = found.get("OrganizationManagedRuleMetadata", "RuleIdentifier")
    identifier = found.get("Source", "SourceIdentifier") if managed is None else managed
    scope = found.get("Scope", "ComplianceResourceTypes")
    if not is_known(identifier) or not is_known(scope):
        return True
    return str(identifier).startswith("LAMBDA_") or FUNCTION in as_list(scope)


def _records_functions(recorder: Resource) -> bool:
    group = recorder.get("RecordingGroup")
    if not isinstance(group, dict) or not is_known(group):
        return True
    excluded = recorder.get("RecordingGroup", "ExclusionByResourceTypes", "ResourceTypes")
    if excluded is not None:
        return FUNCTION not in as_list(excluded)
    if group.get("ResourceTypes") is not None:
        return FUNCTION in as_list(group["ResourceTypes"])
    return truth(group.get("AllSupported")) is not False


@rule(
    "SG404",
    "Functions, queues and APIs have alarms that can go off and that somebody hears.",
    Severity.WARNING,
    "Add AWS::CloudWatch::Alarm for the metric, by the name of what emits it, with AlarmActions to a topic.",
    "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html",
)
def alarms(case: Case) -> Iterator[Problem]:
    """What no alarm watches, alarms that nobody hears, and alarms on what nothing emits."""
    for deployment in case.deployments:
        found = Alarms(deployment)
        yield from unwatched(deployment, found)
        yield from unheard(deployment, found)
        for watch in found.watches:
            yield from never_emitted(deployment, found, watch)
            yield from never_reached(deployment, watch)


# How the names of variables that hold a level end: LOG_LEVEL, PowertoolsLogLevel, RUST_LOG.
_LEVEL_WORDS = ({"log", "logging", "logger"}, {"level", "lvl"})
_OTHER_LEVELS = {"ALL", "CRITICAL", "DEBUG", "FATAL", "INFO", "NOTSET", "OFF", "SILLY", "TRACE", "VERBOSE"}


@rule(
    "SG405",
    "Functions and stages log errors and warnings only, and no request bodies.",
    Severity.WARNING,
    "Set LogFormat JSON with ApplicationLogLevel and SystemLogLevel ERROR or WARN; on a stage LoggingLevel ERROR.",
    "https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html",
)
def log_levels(case: Case) -> Iterator[Problem]:
    """Functions and stages that log at another level, or none at all, or whole requests."""
    for _, function in regional_functions(case.deployments):
        yield from _function_levels(function)
    for deployment in case.deployments:
        for stage in rest_stages(deployment):
            yield from _stage_levels(stage)
        for resource in deployment.of_type("AWS::ApiGatewayV2::Stage"):
            api = deployment.find(resource.get("ApiId"), "AWS::ApiGatewayV2::Api")
            if api is not None and api.get("ProtocolType") == "WEBSOCKET":
                settings = resource.get("DefaultRouteSettings")
                yield from _levels(resource, settings if settings is not None else {}, "DefaultRouteSettings", True)


def _function_levels(function: Resource) -> Iterator[Problem]:
    variables = function.get("Environment", "Variables")
    known = variables if isinstance(variables, dict) else {}
    named = {str(name): value for name, value in known.items() if _names_level(str(name))}
    for name, value in named.items():
        if literal(value) is not None and value.upper() in _OTHER_LEVELS:
            message = f"{function.owner} logs at the level {value} by its variable {name}."
            yield at(function, message, f"Environment.Variables.{name}")
    config = function.get("LoggingConfig")
    if not is_known(config):
        return
    if literal(function.get("LoggingConfig", "LogFormat")) != "JSON":
        # Lambda knows levels in JSON only; what a library is told by a variable counts for the function's own lines.
        if not is_known(variables) or any(value is not None for value in named.values()):
            return
        message = f"{function.owner} logs as text, which has no levels, so every line is kept."
        yield at(function, message, "LoggingConfig.LogFormat", "LoggingConfig")
        return
    for name, lines in (("ApplicationLogLevel", "its own lines"), ("SystemLogLevel", "Lambda's lines")):
        level = function.get("LoggingConfig", name)
        if level is None:
            yield at(function, f"{function.owner} logs {lines} at the level INFO, the default.", "LoggingConfig")
        elif literal(level) is not None and level not in LEVELS:
            yield at(function, f"{function.owner} logs {lines} at the level {level}.", f"LoggingConfig.{name}")


def _names_level(variable: str) -> bool:
    found = words(variable)
    pairs = zip(found[-2:], _LEVEL_WORDS, strict=False)
    return found in (["loglevel"], ["rust", "log"]) or (len(found) > 1 and all(word in known for word, known in pairs))


def _stage_levels(stage: Stage) -> Iterator[Problem]:
    given = stage.settings.get("MethodSettings")
    if not is_known(given):
        return
    name, path = stage.resource, f"{stage.prefix}MethodSettings"
    everywhere = False
    for index, item in enumerate(as_list(given)):
        if isinstance(item, dict):
            whole = str(item.get("ResourcePath")) in {"/*", "*"} and item.get("HttpMethod") == "*"
            everywhere = everywhere or whole
            yield from _levels(name, item, f"{path}.{index}", whole)
    if stage.prefix and stage.settings.get("LoggingLevel") is not None:
        everywhere = True
        yield from _levels(name, stage.settings, stage.prefix.rstrip("."), True)
    if not everywhere:
        yield at(name, f"The stage {_called(name)} logs no errors: its logging is off.", path)


def _called(resource: Resource) -> str:
    """What follows `the stage`: its own name, or whose it is."""
    return resource.owner if resource.type == REST_STAGE else f"of {resource.owner}"


def _levels(resource: Resource, settings: Any, path: str, everywhere: bool) -> Iterator[Problem]:
    if not isinstance(settings, dict) or not is_known(settings):
        return
    level = settings.get("LoggingLevel")
    # The settings of one method may leave the level to those of all methods.
    if (level is None and everywhere) or (literal(level) is not None and level != "ERROR"):
        how = "no errors: its logging is off" if level in (None, "OFF") else f"at the level {level}"
        yield at(resource, f"The stage {_called(resource)} logs {how}.", f"{path}.LoggingLevel", path)
    if truth(settings.get("DataTraceEnabled")):
        message = f"The stage {_called(resource)} logs whole requests and answers."
        yield at(resource, message, f"{path}.DataTraceEnabled", path)
