"""What is wrong with a project's alarms: what none watches, and those that never go off or that nobody hears."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from generator.checks.case import as_list, literal, number, truth
from generator.checks.catalogue.monitoring.emitters import CALLED, EMITTERS, Emitter
from generator.checks.catalogue.monitoring.metrics import Alarms, Watch
from generator.checks.facts.sources import FUNCTION, MAPPING, QUEUE, source_kind
from generator.checks.facts.written import at
from generator.checks.rule import Problem, about
from generator.findings import Severity
from generator.project import Deployment, Resource
from generator.project.evaluate import Symbol, is_known

_LONG = 9  # AWS/SNS and AWS/SES are alike, and neither is a mistake
COMPOSITE = "AWS::CloudWatch::CompositeAlarm"
_STAGES = ("AWS::ApiGateway::Stage", "AWS::ApiGateway::Deployment", "AWS::ApiGatewayV2::Stage")

_Wanted = tuple[tuple[str, ...], dict[str, tuple[str, ...]]]
_REST_ALARMS: _Wanted = (("5XXError",), {"client errors": ("4XXError",), "latency": ("Latency", "IntegrationLatency")})
_HTTP_ALARMS: _Wanted = (("5xx",), {"client errors": ("4xx",), "latency": ("Latency", "IntegrationLatency")})
_SOCKET_ALARMS: _Wanted = (
    ("ExecutionError", "IntegrationError"),
    {"client errors": ("ClientError",), "latency": ("IntegrationLatency",)},
)


def unwatched(deployment: Deployment, found: Alarms) -> Iterator[Problem]:
    """Functions, queues, APIs and web ACLs whose failure no alarm tells."""
    yield from _unwatched_functions(deployment, found)
    for queue in deployment.of_type(QUEUE):
        if not found.watch(queue, "AWS/SQS", "ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"):
            yield about(queue, f"No alarm tells that messages wait in {queue.owner}.")
    yield from _unwatched_apis(deployment, found)
    for acl in deployment.of_type("AWS::WAFv2::WebACL"):
        if acl.get("Scope") != "CLOUDFRONT" and not found.watch(acl, "AWS/WAFV2", "BlockedRequests"):
            yield about(acl, f"No alarm tells that {acl.owner} blocks many requests.", severity=Severity.INFO)


def _unwatched_functions(deployment: Deployment, found: Alarms) -> Iterator[Problem]:
    streamed = {
        function.symbol
        for mapping in deployment.of_type(MAPPING)
        if source_kind(deployment, mapping) == "stream"
        and (function := deployment.function(mapping.get("FunctionName"))) is not None
    }
    hooks = str([alias.definition.get("UpdatePolicy") for alias in deployment.of_type("AWS::Lambda::Alias")])
    for function in deployment.of_type(FUNCTION):
        if not found.watch(function, "AWS/Lambda", "Errors", "Url5xxCount"):
            yield about(function, f"No alarm tells that {function.owner} fails.")
        if function.symbol in streamed and not found.watch(function, "AWS/Lambda", "IteratorAge"):
            yield about(function, f"No alarm tells that {function.owner} falls behind its stream.")
        # Nobody but a deployment calls a hook, once.
        is_hook = f"'{function.logical_id}'" in hooks
        wanted = {"is throttled": ("Throttles",), "takes nearly its timeout": ("Duration",)}
        missing = [words for words, names in wanted.items() if not found.watch(function, "AWS/Lambda", *names)]
        if missing and not is_hook:
            message = f"No alarm tells that {function.owner} {' or '.join(missing)}."
            yield about(function, message, severity=Severity.INFO)


def _unwatched_apis(deployment: Deployment, found: Alarms) -> Iterator[Problem]:
    for api in deployment.of_type("AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api"):
        failing, others = _REST_ALARMS
        if api.type == "AWS::ApiGatewayV2::Api":
            failing, others = _SOCKET_ALARMS if api.get("ProtocolType") == "WEBSOCKET" else _HTTP_ALARMS
        if not found.watch(api, "AWS/ApiGateway", *failing):
            yield about(api, f"No alarm tells that {api.owner} answers with server errors.")
        missing = [words for words, names in others.items() if not found.watch(api, "AWS/ApiGateway", *names)]
        if missing:
            message = f"No alarm watches the {' and the '.join(missing)} of {api.owner}."
            yield about(api, message, severity=Severity.INFO)


def unheard(deployment: Deployment, found: Alarms) -> Iterator[Problem]:
    """Alarms without an action that are no part of a composite alarm and stop no deployment."""
    parts = [str(composite.get("AlarmRule")) for composite in deployment.of_type(COMPOSITE)]
    stopping = deployment.of_type("AWS::CodeDeploy::DeploymentGroup")
    users = [str(group.get("AlarmConfiguration")) for group in stopping]
    topics: list[Resource | None] = []
    for alarm in (*found.alarms, *deployment.of_type(COMPOSITE)):
        actions = alarm.get("AlarmActions")
        if truth(alarm.get("ActionsEnabled")) is False:
            yield at(alarm, f"{alarm.owner} has its actions turned off.", "ActionsEnabled")
        elif actions in (None, [], "") and not _is_part(alarm, parts) and not _is_part(alarm, users):
            yield at(alarm, f"Nobody hears of {alarm.owner}: it has no action.", "AlarmActions")
        topics += [deployment.find(action, "AWS::SNS::Topic") for action in as_list(actions)]
    for topic in dict.fromkeys(topics):
        if topic is not None and str(topic.get("KmsMasterKeyId")).endswith("alias/aws/sns"):
            message = f"No alarm reaches {topic.owner}: CloudWatch may not use its key."
            mend = "Encrypt the topic with a key of your own that lets cloudwatch.amazonaws.com use it."
            yield at(topic, message, "KmsMasterKeyId", mend=mend)


def _is_part(alarm: Resource, texts: list[str]) -> bool:
    start = alarm.symbol[:-1]
    names = [f"{start}>", f"{start}."]
    if alarm.name is not None:
        names += [f'"{alarm.name}"', f"'{alarm.name}'", f"({alarm.name})", f":alarm:{alarm.name}"]
    return any("<?>" in text or any(name in text for name in names) for text in texts)


def never_emitted(deployment: Deployment, found: Alarms, watch: Watch) -> Iterator[Problem]:
    """A metric of AWS that does not exist, or that nothing in the project emits under that name."""
    alarm = watch.alarm
    if not watch.known or not is_known(watch.namespace) or not isinstance(watch.namespace, str):
        return
    actual = _namespace(watch.namespace)
    if actual is not None and actual != watch.namespace:
        message = f"{alarm.owner} watches the namespace {watch.namespace}; {actual} is meant."
        yield about(alarm, message, *watch.path, "Namespace")
        return
    emitters = watch.emitters
    if isinstance(watch.metric, str) and is_known(watch.metric) and emitters:
        wrong = [emitter.mistaken(watch.metric) for emitter in emitters]
        if all(wrong):
            message = f"{alarm.owner} watches {watch.metric}, which {watch.namespace} does not emit: {wrong[0]}."
            yield about(alarm, message, *watch.path, "MetricName")
    for emitter in emitters:
        if emitter.dimension in watch.dimensions:
            yield from _wrong_value(deployment, found, watch, emitter)
    yield from _wrong_part(deployment, watch)
    known = emitters[0].dimensions if emitters else frozenset()
    for name in watch.dimensions:
        if known and name not in known:
            message = f"{alarm.owner} watches {watch.namespace} by {name}, a dimension that it does not have."
            yield about(alarm, message, *watch.path, "Dimensions")
    if emitters and all(emitter.needed and emitter.dimension not in watch.dimensions for emitter in emitters):
        names = " or ".join(emitter.dimension for emitter in emitters)
        message = f"{alarm.owner} watches {watch.namespace} without {names}, and so nothing."
        yield about(alarm, message, *watch.path, "Dimensions")


def _namespace(name: str) -> str | None:
    """The namespace that a name means; None for one that is not known, which may well be."""
    lowered = {known.lower(): known for known in (*EMITTERS, *CALLED)}
    found = lowered.get(name.lower())
    if found is None and name.lower().startswith("aws/"):
        close = get_close_matches(name.lower(), [known for known in lowered if len(known) >= _LONG], n=1, cutoff=0.93)
        found = lowered[close[0]] if close else None
    return CALLED.get(found or "", found)


def _wrong_value(deployment: Deployment, found: Alarms, watch: Watch, emitter: Emitter) -> Iterator[Problem]:
    alarm, value = watch.alarm, watch.dimensions[emitter.dimension]
    path = (*watch.path, "Dimensions", _index(watch, emitter.dimension))
    if isinstance(value, Symbol):
        meant = deployment.find(value, *emitter.types)
        if meant is None:
            if deployment.find(value) is not None:
                message = f"{alarm.owner} gives {emitter.dimension} a resource that does not emit {watch.namespace}."
                yield about(alarm, message, *path)
        elif value.attribute not in emitter.symbols:
            message = f"{alarm.owner} gives {emitter.dimension} another attribute of {meant.owner} than its name."
            yield about(alarm, message, *path)
        return
    names = found.called(emitter)
    # Without any of the kind the project watches another's, and a name in part a stack's own may be any.
    if not emitter.names or names is None or literal(value) is None or "<" in str(value):
        return
    if not names.may_hold(value):
        message = f"{alarm.owner} watches {emitter.dimension} {value}, which nothing in the project is called."
        yield about(alarm, message, *path)


def never_reached(deployment: Deployment, watch: Watch) -> Iterator[Problem]:
    """An alarm on how long a function takes, above its timeout."""
    if watch.namespace != "AWS/Lambda" or watch.metric != "Duration" or watch.path:
        return
    function = deployment.find(watch.dimensions.get("FunctionName"), FUNCTION)
    threshold = number(watch.alarm.get("Threshold"))
    above = str(watch.alarm.get("ComparisonOperator")).startswith("GreaterThan")
    if function is None or threshold is None or not above:
        return
    seconds = number(function.get("Timeout") if function.get("Timeout") is not None else 3)
    if seconds is not None and threshold > seconds * 1000:
        message = f"{watch.alarm.owner} goes off after {threshold:g} ms; {function.owner} ends after {seconds:g} s."
        yield about(watch.alarm, message, "Threshold")


def _wrong_part(deployment: Deployment, watch: Watch) -> Iterator[Problem]:
    """A stage that no API has; an alias of another function than the one beside it."""
    stage = literal(watch.dimensions.get("Stage"))
    if watch.namespace == "AWS/ApiGateway" and stage is not None:
        given = [resource.get("StageName") for resource in deployment.of_type(*_STAGES)]
        names = [name for name in given if name is not None]
        if names and all(literal(name) is not None and name != stage for name in names):
            message = f"{watch.alarm.owner} watches the stage {stage}, which no API of the project has."
            yield about(watch.alarm, message, *watch.path, "Dimensions", _index(watch, "Stage"))
    function, part = (literal(watch.dimensions.get(name)) for name in ("FunctionName", "Resource"))
    if watch.namespace != "AWS/Lambda" or function is None or part is None:
        return
    if part.partition(":")[0] != function:
        message = f"{watch.alarm.owner} watches {part}, which is no alias or version of {function}."
        yield about(watch.alarm, message, *watch.path, "Dimensions", _index(watch, "Resource"))


def _index(watch: Watch, dimension: str) -> int:
    return list(watch.dimensions).index(dimension)
