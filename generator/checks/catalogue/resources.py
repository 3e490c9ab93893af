"""Category 5 of the catalogue: what a function may use, and what happens to what fails."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from generator.checks.case import Case, as_list, literal, number
from generator.checks.facts.sources import (
    FUNCTION,
    MAPPING,
    QUEUE,
    asynchronous,
    deliveries,
    integrations,
    regional_functions,
    source_kind,
)
from generator.checks.facts.written import at, label
from generator.checks.rule import Problem, rule
from generator.findings import Severity
from generator.project import Deployment, Resource
from generator.project.evaluate import is_known
from generator.spec.lintdata import runtime_lifecycle
from generator.spec.runtimes import family, newest, version

# What Lambda takes where a template says nothing.
DEFAULT_TIMEOUT = 3
DEFAULT_VISIBILITY = 30
VISIBILITY_FACTOR = 6
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: 1,000, of which 100 stay unreserved.
RESERVABLE = 900
SMALLEST_STORAGE = 512
_WITH_SNAPSTART = ("dotnet", "java", "python")
SOON = timedelta(days=180)


@rule(
    "SG501",
    "A function's memory is set.",
    Severity.WARNING,
    "Set MemorySize; 128 MB, the default, has the slowest processor.",
    "https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html",
)
def memory(case: Case) -> Iterator[Problem]:
    """Functions without MemorySize."""
    for _, function in case.of_type(FUNCTION):
        if function.get("MemorySize") is None:
            yield at(function, f"{function.owner} does not set its memory.")


@rule(
    "SG502",
    "A function's timeout is set, fits who waits for it, and a queue waits for the function.",
    Severity.WARNING,
    "Set Timeout: at most 29 seconds behind an API; make a queue's VisibilityTimeout six times the timeout.",
    "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html",
)
def timeout(case: Case) -> Iterator[Problem]:
    """Functions without Timeout, or with one longer than an API waits; queues that hand a message out too early."""
    for _, function in case.of_type(FUNCTION):
        if function.get("Timeout") is None:
            yield at(function, f"{function.owner} does not set its timeout.")
    for deployment in case.deployments:
        yield from _longer_than_an_api_waits(deployment)
        yield from _visible_too_early(deployment)


def _longer_than_an_api_waits(deployment: Deployment) -> Iterator[Problem]:
    limits: dict[str, tuple[Resource, float]] = {}
    for integration in integrations(deployment):
        function, seconds = integration.function, integration.seconds
        if seconds is not None:
            limits[function.symbol] = (function, min(seconds, limits.get(function.symbol, (function, seconds))[1]))
    for function, limit in limits.values():
        seconds = _or_default(function.get("Timeout"), DEFAULT_TIMEOUT)
        if seconds is not None and seconds > limit:
            message = f"{function.owner} may take {seconds:g} s; the API that calls it waits {limit:g} s."
            yield at(function, message, "Timeout")


def _visible_too_early(deployment: Deployment) -> Iterator[Problem]:
    for mapping in deployment.of_type(MAPPING):
        queue = deployment.find(mapping.get("EventSourceArn"), QUEUE)
        function = deployment.function(mapping.get("FunctionName"))
        if queue is None or function is None:
            continue
        seconds = _or_default(function.get("Timeout"), DEFAULT_TIMEOUT)
        visible = _or_default(queue.get("VisibilityTimeout"), DEFAULT_VISIBILITY)
        if seconds is not None and visible is not None and visible < VISIBILITY_FACTOR * seconds:
            # Lambda refuses a mapping whose queue waits less than one try.
            severity = Severity.ERROR if visible < seconds else Severity.WARNING
            message = f"{queue.owner} hides a message for {visible:g} s; {function.owner} may take {seconds:g} s."
            yield at(queue, message, "VisibilityTimeout", severity=severity)


def _or_default(value: Any, default: float) -> float | None:
    return default if value is None else number(value)


@rule(
    "SG503",
    "A function's runtime is supported, stays so for a while, and is the newest of its family.",
    Severity.WARNING,
    "Move to the newest runtime of the family, and test the function with it.",
    "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html",
)
def runtime(case: Case) -> Iterator[Problem]:
    """Runtimes that are deprecated (error), soon will be (warning), or have a successor (info)."""
    day = today()
    for _, function in case.of_type(FUNCTION):
        found = _age(literal(function.get("Runtime")), day)
        if found is not None:
            words, severity, successor = found
            mend = f"Move to {successor}, and test the function with it." if successor else ""
            yield at(function, f"{function.owner} runs on {words}.", "Runtime", severity=severity, mend=mend)


def today() -> date:
    """The day that runtimes are judged on."""
    return date.today()


def _age(name: str | None, day: date) -> tuple[str, Severity, str | None] | None:
    """What is wrong with a runtime's age: in words, how much it matters, and what comes after it."""
    dates = (runtime_lifecycle() or {}).get(name or "")
    if name is None or dates is None:
        return None
    successor = newest(family(name), day) or dates.get("successor")
    if successor == name:
        successor = None
    ends = dates.get("deprecated")
    if ends and ends <= day.isoformat():
        return f"{name}, which Lambda deprecated on {ends}", Severity.ERROR, successor
    if ends and ends <= (day + SOON).isoformat():
        return f"{name}, which Lambda deprecates on {ends}", Severity.WARNING, successor
    if successor and version(successor) > version(name):
        return f"{name}; {successor} is newer", Severity.INFO, successor
    return None


@rule(
    "SG504",
    "A function's concurrency is limited, and the limits fit together.",
    Severity.WARNING,
    "Set ReservedConcurrentExecutions, and ScalingConfig.MaximumConcurrency on a queue's mapping, at most that much.",
    "https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html",
)
def concurrency(case: Case) -> Iterator[Problem]:
    """Functions and queue mappings without a limit; limits that exceed what there is."""
    for _, function in regional_functions(case.deployments):
        if function.get("ReservedConcurrentExecutions") is None:
            yield at(function, f"{function.owner} does not limit its concurrency.")
    for deployment in case.deployments:
        yield from _unlimited_queues(deployment)
        yield from _more_than_reserved(deployment)
        yield from _more_than_the_account(deployment)


def _unlimited_queues(deployment: Deployment) -> Iterator[Problem]:
    for mapping in deployment.of_type(MAPPING):
        if source_kind(deployment, mapping) != "queue" or mapping.get("ProvisionedPollerConfig") is not None:
            continue
        most = mapping.get("ScalingConfig", "MaximumConcurrency")
        if most is None and is_known(mapping.get("ScalingConfig")):
            message = f"{label(mapping)} does not limit how many batches of its queue are handled at once."
            yield at(mapping, message, "ScalingConfig", severity=Severity.INFO)
        function = deployment.function(mapping.get("FunctionName"))
        reserved = number(function.get("ReservedConcurrentExecutions")) if function is not None else None
        wanted = number(most)
        if function is not None and reserved is not None and wanted is not None and wanted > reserved:
            message = f"{label(mapping)} invokes up to {wanted:g} at once; {function.owner} may run {reserved:g}."
            yield at(mapping, message, "ScalingConfig.MaximumConcurrency", "ScalingConfig")


def _more_than_reserved(deployment: Deployment) -> Iterator[Problem]:
    """Provisioned concurrency that Lambda refuses, as it is part of what is reserved.

    https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html
    """
    setting = "ProvisionedConcurrencyConfig"
    provisioned: dict[Resource, float] = {}
    for each in deployment.of_type("AWS::Lambda::Alias", "AWS::Lambda::Version"):
        function = deployment.function(each.get("FunctionName"))
        wanted = number(each.get(setting, "ProvisionedConcurrentExecutions"))
        if function is not None and wanted is not None:
            provisioned[function] = provisioned.get(function, 0.0) + wanted
    for function, total in provisioned.items():
        reserved = number(function.get("ReservedConcurrentExecutions"))
        if reserved is not None and total > reserved:
            message = f"{function.owner} has {total:g} provisioned executions and reserves {reserved:g}."
            mend = "Reserve at least as many as are provisioned."
            yield at(function, message, setting, "ReservedConcurrentExecutions", severity=Severity.ERROR, mend=mend)


def _more_than_the_account(deployment: Deployment) -> Iterator[Problem]:
    reserved = [(number(f.get("ReservedConcurrentExecutions")) or 0.0, f) for f in deployment.of_type(FUNCTION)]
    total = sum(count for count, _ in reserved)
    if total > RESERVABLE:
        _, function = max(reserved, key=lambda item: item[0])
        message = f"The functions reserve {total:g} executions; an account has {RESERVABLE} to reserve by default."
        yield at(function, message, "ReservedConcurrentExecutions")


@rule(
    "SG505",
    "What fails is tried again a limited number of times, and then kept.",
    Severity.WARNING,
    "Give each source retries, an age, and a dead-letter queue or a destination on failure.",
    "https://docs.aws.amazon.com/lambda/latest/dg/invocation-retries.html",
)
def failures(case: Case) -> Iterator[Problem]:
    """Asynchronous functions, streams and queues whose failed events are lost, or block the others."""
    for deployment in case.deployments:
        yield from _lost_events(deployment)
        yield from _lost_deliveries(deployment)
        for mapping in deployment.of_type(MAPPING):
            kind = source_kind(deployment, mapping)
            if kind == "queue":
                yield from _queue(deployment, mapping)
            elif kind == "stream":
                yield from _stream(mapping)
            elif kind == "kafka" and not _goes_on(mapping.get("DestinationConfig")):
                yield _lost_records(mapping)
        for pipe in deployment.of_type("AWS::Pipes::Pipe"):
            yield from _pipe(deployment, pipe)


def _lost_events(deployment: Deployment) -> Iterator[Problem]:
    configs: dict[str, list[Resource]] = {}
    for config in deployment.of_type("AWS::Lambda::EventInvokeConfig"):
        function = deployment.function(config.get("FunctionName"))
        if function is not None:
            configs.setdefault(function.symbol, []).append(config)
        elif not is_known(config.get("FunctionName")):
            # Whose settings these are is not known; they may be anybody's.
            return
    for symbol, function in asynchronous(deployment).items():
        own = configs.get(symbol, [])
        kept = function.get("DeadLetterConfig", "TargetArn") is not None or not is_known(
            function.get("DeadLetterConfig")
        )
        if not kept and not any(_goes_on(config.get("DestinationConfig")) for config in own):
            message = f"{function.owner} is invoked asynchronously and loses what it cannot handle."
            yield at(function, message, "DeadLetterQueue", "DeadLetterConfig", "EventInvokeConfig.DestinationConfig")
        for name, words in (("MaximumRetryAttempts", "how often"), ("MaximumEventAgeInSeconds", "how long")):
            if all(config.get(name) is None for config in own):
                message = (
                    f"{function.owner} is invoked asynchronously and does not say {words} an event is tried again."
                )
                yield at(function, message, "EventInvokeConfig", severity=Severity.INFO, mend=f"Set {name}.")


def _goes_on(destinations: Any) -> bool:
    """Whether a configuration of destinations has one for failures, or may have."""
    if not is_known(destinations):
        return True
    failure = destinations.get("OnFailure") if isinstance(destinations, dict) else None
    return isinstance(failure, dict) and failure.get("Destination") is not None


def _lost_deliveries(deployment: Deployment) -> Iterator[Problem]:
    mend = "Give the target a dead-letter queue: the function's own does not see what never reached it."
    for source, function, target, path in deliveries(deployment):
        if target.get("DeadLetterConfig") is None:
            message = f"{label(source)} loses an event that does not reach {function.owner}."
            yield at(source, message, path, severity=Severity.INFO, mend=mend)
    for subscription in deployment.of_type("AWS::SNS::Subscription"):
        subscriber = deployment.function(subscription.get("Endpoint"))
        if subscriber is not None and subscription.get("RedrivePolicy") is None:
            message = f"{label(subscription)} loses a message that does not reach {subscriber.owner}."
            yield at(subscription, message, severity=Severity.INFO, mend="Give the subscription a RedrivePolicy.")


def _queue(deployment: Deployment, mapping: Resource) -> Iterator[Problem]:
    queue = deployment.find(mapping.get("EventSourceArn"), QUEUE)
    if queue is not None and queue.get("RedrivePolicy") is None and not _keeps_dead_letters(deployment, queue):
        message = f"{queue.owner} hands out a message that always fails until it expires."
        yield at(queue, message, mend="Give the queue a RedrivePolicy with a dead-letter queue.")
    yield from _whole_batches(mapping)


def _keeps_dead_letters(deployment: Deployment, queue: Resource) -> bool:
    """Whether a queue is where another one's messages end, and is read to try them again."""
    others = (other.get("RedrivePolicy", "deadLetterTargetArn") for other in deployment.of_type(QUEUE))
    return any(deployment.find(other, QUEUE) is queue for other in others)


def _lost_records(mapping: Resource) -> Problem:
    message = f"{label(mapping)} loses the records that its function cannot handle."
    return at(mapping, message, "DestinationConfig", mend="Set DestinationConfig.OnFailure.")


def _whole_batches(mapping: Resource, *also: str) -> Iterator[Problem]:
    """Mappings that try a whole batch again because of one part of it."""
    responses = mapping.get("FunctionResponseTypes")
    reports = not is_known(responses) or "ReportBatchItemFailures" in as_list(responses)
    if reports or number(mapping.get("BatchSize")) == 1 or any(mapping.get(name) not in (None, False) for name in also):
        return
    yield at(
        mapping,
        f"{label(mapping)} tries a whole batch again when a part of it failed.",
        "FunctionResponseTypes",
        mend="Set FunctionResponseTypes to ReportBatchItemFailures, and let the function name what failed.",
    )


def _stream(mapping: Resource) -> Iterator[Problem]:
    if not _goes_on(mapping.get("DestinationConfig")):
        yield _lost_records(mapping)
    bounds = [mapping.get("MaximumRetryAttempts"), mapping.get("MaximumRecordAgeInSeconds")]
    if all(bound is None or number(bound) == -1 for bound in bounds):
        message = f"{label(mapping)} tries a record that fails until it expires, and holds up all that follow."
        mend = "Set MaximumRetryAttempts and MaximumRecordAgeInSeconds."
        yield at(mapping, message, "MaximumRetryAttempts", "MaximumRecordAgeInSeconds", mend=mend)
    yield from _whole_batches(mapping, "BisectBatchOnFunctionError")


def _pipe(deployment: Deployment, pipe: Resource) -> Iterator[Problem]:
    """Pipes whose stream is held up by one record, or whose queue has nowhere to put one.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-batching-concurrency.html
    """
    queue = deployment.find(pipe.get("Source"), QUEUE)
    if queue is not None and queue.get("RedrivePolicy") is None and not _keeps_dead_letters(deployment, queue):
        message = f"{queue.owner} hands out a message that always fails until it expires."
        yield at(queue, message, mend="Give the queue a RedrivePolicy with a dead-letter queue.")
    for name in ("KinesisStreamParameters", "DynamoDBStreamParameters"):
        settings = pipe.get("SourceParameters", name)
        if not isinstance(settings, dict) or not is_known(settings):
            continue
        where = (f"SourceParameters.{name}", "SourceParameters")
        if settings.get("DeadLetterConfig") is None:
            mend = f"Set DeadLetterConfig in its {name}."
            yield at(pipe, f"{pipe.owner} loses the records that its target cannot handle.", *where, mend=mend)
        bounds = [settings.get("MaximumRetryAttempts"), settings.get("MaximumRecordAgeInSeconds")]
        if all(bound is None or number(bound) == -1 for bound in bounds):
            message = f"{pipe.owner} tries a record that fails until it expires, and holds up all that follow."
            mend = f"Set MaximumRetryAttempts and MaximumRecordAgeInSeconds in its {name}."
            yield at(pipe, message, *where, mend=mend)


@rule(
    "SG506",
    "A function's processor architecture is chosen, and SnapStart has a version to start from.",
    Severity.INFO,
    "Set Architectures: arm64 costs a fifth less than x86_64, the default.",
    "https://docs.aws.amazon.com/lambda/latest/dg/foundation-arch.html",
)
def architecture(case: Case) -> Iterator[Problem]:
    """Functions that do not say their architecture, or turn SnapStart on to no effect."""
    for deployment, function in regional_functions(case.deployments):
        if function.get("Architectures") is None:
            yield at(function, f"{function.owner} does not choose its architecture.")
        if literal(function.get("SnapStart", "ApplyOn")) != "PublishedVersions":
            continue
        if not _published(deployment, function):
            message = f"{function.owner} turns SnapStart on and has no version that it would apply to."
            yield at(function, message, "SnapStart", mend="Publish a version (AutoPublishAlias), or remove SnapStart.")
        against = _against_snapstart(deployment, function)
        if against:
            message = f"{function.owner} turns SnapStart on, which Lambda refuses with {against}."
            yield at(function, message, "SnapStart", severity=Severity.WARNING, mend="Remove one of the two.")


def _against_snapstart(deployment: Deployment, function: Resource) -> str:
    """What a function has that SnapStart does not go with; empty where there is nothing.

    https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html
    """
    name = literal(function.get("Runtime"))
    storage = number(function.get("EphemeralStorage", "Size"))
    if function.get("PackageType") == "Image":
        return "container images"
    if name is not None and not name.startswith(_WITH_SNAPSTART):
        return f"the runtime {name}"
    if storage is not None and storage > SMALLEST_STORAGE:
        return f"{storage:g} MB of ephemeral storage"
    if function.get("FileSystemConfigs"):
        return "a file system"
    for alias in deployment.of_type("AWS::Lambda::Alias", "AWS::Lambda::Version"):
        if alias.get("ProvisionedConcurrencyConfig") and deployment.function(alias.get("FunctionName")) is function:
            return "provisioned concurrency"
    return ""


def _published(deployment: Deployment, function: Resource) -> bool:
    versions = (v.get("FunctionName") for v in deployment.of_type("AWS::Lambda::Version"))
    return any(not is_known(name) or deployment.function(name) is function for name in versions)
