"""CloudWatch's metrics: which resource emits which, by what name, and what a project's alarms watch.

The names are those of each service's own page on its metrics; see the links at `EMITTERS`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from generator.checks.case import as_list
from generator.project import Deployment, Resource
from generator.project.evaluate import Symbol, is_known

ALARM = "AWS::CloudWatch::Alarm"
_STACK = "<stack "
# By one of these an alarm watches a part of what emits: the rest may fail unseen.
_PARTS = {"EventSourceMappingUUID", "ExecutedVersion", "Method", "Route"}


@dataclass(frozen=True)
class Emitter:
    """What emits the metrics of a namespace.

    Attributes:
        dimension: the dimension that names it.
        types: the types of resources that do.
        symbols: the attributes that give that name; "" is what `!Ref` gives.
        names: the properties that say the name.
        metrics: what it emits.
        complete: whether it emits nothing else; otherwise only a name that looks like one of them is a mistake.
        dimensions: every dimension that it knows; empty where that is not said.
        needed: whether it emits nothing that does not carry its dimension.
    """

    dimension: str
    types: tuple[str, ...]
    symbols: tuple[str, ...]
    names: tuple[str, ...]
    metrics: frozenset[str] = frozenset()
    complete: bool = False
    dimensions: frozenset[str] = frozenset()
    needed: bool = False

    def called(self, resource: Resource) -> list[Any]:
        """What a resource may be called in its dimension, as far as the template says."""
        paths = (name.split(".") for name in self.names)
        return [value for path in paths if (value := resource.get(*path)) is not None]

    def mistaken(self, metric: str) -> str | None:
        """What is wrong with a metric's name; None if nothing is."""
        if not self.metrics or metric in self.metrics:
            return None
        close = get_close_matches(metric, sorted(self.metrics), n=1, cutoff=0.75)
        if close:
            return f"{close[0]} is meant"
        return f"there are {', '.join(sorted(self.metrics))}" if self.complete else None


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_LAMBDA = _names(
    """
    Invocations Errors Throttles Duration IteratorAge OffsetLag DeadLetterErrors DestinationDeliveryFailures
    ConcurrentExecutions UnreservedConcurrentExecutions ClaimedAccountConcurrency PostRuntimeExtensionsDuration
    ProvisionedConcurrentExecutions ProvisionedConcurrencyUtilization ProvisionedConcurrencyInvocations
    ProvisionedConcurrencySpilloverInvocations RecursiveInvocationsDropped OversizedRecordCount
    AsyncEventsReceived AsyncEventAge AsyncEventsDropped PolledEventCount FilteredOutEventCount
    InvokedEventCount FailedInvokeEventCount DroppedEventCount OnFailureDestinationDeliveredEventCount
    DeletedEventCount ProvisionedPollers EventPollerUnit UrlRequestCount UrlRequestLatency Url4xxCount
    Url5xxCount SignatureValidationErrors
    """
)
_SQS = _names(
    """
    ApproximateAgeOfOldestMessage ApproximateNumberOfGroupsWithInflightMessages
    ApproximateNumberOfMessagesDelayed ApproximateNumberOfMessagesNotVisible ApproximateNumberOfMessagesVisible
    NumberOfDeduplicatedSentMessages NumberOfEmptyReceives NumberOfMessagesDeleted NumberOfMessagesReceived
    NumberOfMessagesSent SentMessageSize ApproximateNumberOfNoisyGroups
    ApproximateNumberOfMessagesVisibleInQuietGroups ApproximateNumberOfMessagesNotVisibleInQuietGroups
    ApproximateNumberOfMessagesDelayedInQuietGroups ApproximateAgeOfOldestMessageInQuietGroups
    """
)
_SNS = _names(
    """
    NumberOfMessagesPublished NumberOfNotificationsDelivered NumberOfNotificationsFailed
    NumberOfNotificationsFilteredOut NumberOfNotificationsFilteredOut-MessageAttributes
    NumberOfNotificationsFilteredOut-MessageBody NumberOfNotificationsFilteredOut-InvalidAttributes
    NumberOfNotificationsFilteredOut-NoMessageAttributes NumberOfNotificationsFilteredOut-InvalidMessageBody
    NumberOfNotificationsRedrivenToDlq NumberOfNotificationsFailedToRedriveToDlq PublishSize SMSSuccessRate
    SMSMonthToDateSpentUSD
    """
)
_REST_API = _names(
    """
    4XXError 5XXError CacheHitCount CacheMissCount Count IntegrationLatency Latency
    """
)
_HTTP_API = _names(
    """
    4xx 5xx Count IntegrationLatency Latency DataProcessed ConnectCount MessageCount IntegrationError
    ClientError ExecutionError
    """
)
_API_DIMENSIONS = frozenset({"ApiName", "ApiId", "Stage", "Method", "Resource", "Route"})
_WAF = frozenset({"AllowedRequests", "BlockedRequests", "CountedRequests", "PassedRequests"})
_TABLE = _names(
    """
    ReadThrottleEvents WriteThrottleEvents ThrottledRequests SystemErrors UserErrors
    ConditionalCheckFailedRequests ConsumedReadCapacityUnits ConsumedWriteCapacityUnits
    ProvisionedReadCapacityUnits ProvisionedWriteCapacityUnits SuccessfulRequestLatency ReturnedItemCount
    TransactionConflict ReplicationLatency AgeOfOldestUnreplicatedRecord
    AccountProvisionedReadCapacityUtilization AccountProvisionedWriteCapacityUtilization ReturnedBytes
    OnlineIndexConsumedWriteCapacity OnlineIndexPercentageProgress OnlineIndexThrottleEvents
    ReturnedRecordsCount TimeToLiveDeletedItemCount MaxProvisionedTableReadCapacityUtilization
    PendingReplicationCount MaxProvisionedTableWriteCapacityUtilization AccountMaxReads AccountMaxWrites
    AccountMaxTableLevelReads AccountMaxTableLevelWrites ConsumedChangeDataCaptureUnits
    FailedToReplicateRecordCount ThrottledPutRecordCount ReadAccountLimitThrottleEvents
    ReadKeyRangeThroughputThrottleEvents ReadMaxOnDemandThroughputThrottleEvents
    ReadProvisionedThroughputThrottleEvents WriteAccountLimitThrottleEvents
    WriteKeyRangeThroughputThrottleEvents WriteMaxOnDemandThroughputThrottleEvents
    WriteProvisionedThroughputThrottleEvents
    """
)

# https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
# https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html
# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html
# https://docs.aws.amazon.com/waf/latest/developerguide/waf-metrics.html
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
EMITTERS: dict[str, tuple[Emitter, ...]] = {
    "AWS/Lambda": (
        Emitter(
            "FunctionName",
            ("AWS::Lambda::Function",),
            ("",),
            ("FunctionName",),
            _LAMBDA,
            dimensions=frozenset({"FunctionName", "Resource", "ExecutedVersion", "EventSourceMappingUUID"}),
        ),
    ),
    "AWS/SQS": (
        Emitter(
            "QueueName",
            ("AWS::SQS::Queue",),
            ("QueueName",),
            ("QueueName",),
            _SQS,
            complete=True,
            dimensions=frozenset({"QueueName"}),
            needed=True,
        ),
    ),
    "AWS/SNS": (Emitter("TopicName", ("AWS::SNS::Topic",), ("TopicName",), ("TopicName",), _SNS, complete=True),),
    "AWS/ApiGateway": (
        Emitter(
            "ApiName",
            ("AWS::ApiGateway::RestApi",),
            (),
            ("Name", "Body.info.title"),
            _REST_API,
            complete=True,
            dimensions=_API_DIMENSIONS,
            needed=True,
        ),
        Emitter(
            "ApiId",
            ("AWS::ApiGatewayV2::Api",),
            ("", "ApiId"),
            (),
            _HTTP_API,
            complete=True,
            dimensions=_API_DIMENSIONS,
            needed=True,
        ),
    ),
    "AWS/WAFV2": (Emitter("WebACL", ("AWS::WAFv2::WebACL",), (), ("VisibilityConfig.MetricName", "Name"), _WAF),),
    "AWS/DynamoDB": (
        Emitter("TableName", ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable"), ("",), ("TableName",), _TABLE),
    ),
    "AWS/Events": (Emitter("RuleName", ("AWS::Events::Rule",), ("",), ("Name",)),),
    "AWS/Scheduler": (Emitter("ScheduleGroup", ("AWS::Scheduler::ScheduleGroup",), ("", "Name"), ("Name",)),),
    "AWS/States": (Emitter("StateMachineArn", ("AWS::StepFunctions::StateMachine",), ("", "Arn"), ()),),
    "AWS/Kinesis": (Emitter("StreamName", ("AWS::Kinesis::Stream",), ("",), ("Name",)),),
    "AWS/S3": (Emitter("BucketName", ("AWS::S3::Bucket",), ("",), ("BucketName",)),),
    "AWS/CloudFront": (Emitter("DistributionId", ("AWS::CloudFront::Distribution",), ("", "Id"), ()),),
}


@dataclass(frozen=True)
class Watch:
    """One metric that an alarm watches.

    Attributes:
        alarm: the alarm.
        namespace: the metric's namespace.
        metric: its name.
        dimensions: its dimensions by name.
        path: where in the alarm's properties the metric is written.
        known: whether namespace, name and the dimensions' names are known.
    """

    alarm: Resource
    namespace: Any
    metric: Any
    dimensions: dict[str, Any] = field(hash=False)
    path: tuple[str | int, ...] = ()
    known: bool = True

    @property
    def emitters(self) -> tuple[Emitter, ...]:
        """What could emit it: those that its dimensions speak of; all of the namespace's where they name none."""
        found = EMITTERS.get(self.namespace, ()) if isinstance(self.namespace, str) else ()
        return tuple(emitter for emitter in found if emitter.dimension in self.dimensions) or found


@dataclass
class Names:
    """What is called something: texts that are known, symbols, and whether there are others that nobody knows.

    The name of a stack is not known, so a text that begins with it may be any that does not.
    """

    texts: set[str] = field(default_factory=set)
    symbols: set[tuple[str, str]] = field(default_factory=set)
    unknown: bool = False
    of_stacks: bool = False
    of_others: bool = False

    def add(self, value: Any) -> None:
        """Add what something is called."""
        if isinstance(value, Symbol):
            self.symbols.add((value.stack, value.logical_id))
        elif not isinstance(value, str) or not is_known(value):
            self.unknown = True
        else:
            self.texts.add(value)
            self.of_stacks = self.of_stacks or _STACK in value
            self.of_others = self.of_others or _STACK not in value

    def may_hold(self, value: Any) -> bool:
        """Whether a text is one of them, or may be."""
        if self.unknown or not isinstance(value, str) or not is_known(value):
            return True
        return value in self.texts or (self.of_others if _STACK in value else self.of_stacks)


class Alarms:
    """What the alarms of a deployment watch, and what there is to watch."""

    def __init__(self, deployment: Deployment) -> None:
        self.alarms = list(deployment.of_type(ALARM))
        self.watches = [watch for alarm in self.alarms for watch in _of(alarm)]
        # A search or a query watches what it names in a language of its own.
        self._text = "\n".join(text for alarm in self.alarms for text in _expressions(alarm))
        self._deployment = deployment
        self._called: dict[str, Names] = {}
        self._watched: dict[tuple[str, str, str], Names] = {}
        self._any = False
        for watch in self.watches:
            self._add(watch)

    def _add(self, watch: Watch) -> None:
        namespace, metric = watch.namespace, watch.metric
        if not isinstance(namespace, str) or not isinstance(metric, str) or not is_known([namespace, metric]):
            self._any = True
            return
        if _PARTS & watch.dimensions.keys():
            return
        for emitter in EMITTERS.get(namespace, ()):
            names = self._watched.setdefault((namespace, metric, emitter.dimension), Names())
            if emitter.dimension in watch.dimensions:
                names.add(watch.dimensions[emitter.dimension])
            elif not watch.known or (not watch.dimensions and not emitter.needed):
                names.unknown = True

    def watch(self, resource: Resource, namespace: str, *metrics: str) -> bool:
        """Whether one watches one of a resource's metrics, or may do so for all that is known."""
        emitter = next((e for e in EMITTERS[namespace] if resource.type in e.types), None)
        if emitter is None or self._any:
            return True
        for metric in metrics:
            names = self._watched.get((namespace, metric, emitter.dimension))
            if names is None:
                continue
            itself = (resource.stack.name, resource.logical_id)
            if names.unknown or itself in names.symbols or any(map(names.may_hold, emitter.called(resource))):
                return True
        named = re.search(rf"{namespace}\b", self._text)
        return bool(named) and any(re.search(rf"\b{metric}\b", self._text) for metric in metrics)

    def called(self, emitter: Emitter) -> Names | None:
        """What everything that emits is called; None if nothing does."""
        names = self._called.get(emitter.dimension)
        if names is None:
            names = self._called[emitter.dimension] = Names()
            for resource in self._deployment.of_type(*emitter.types):
                names.symbols.add((resource.stack.name, resource.logical_id))
                for value in emitter.called(resource):
                    names.add(value)
        return names if names.symbols else None


def _expressions(alarm: Resource) -> Iterator[str]:
    for item in as_list(alarm.get("Metrics")):
        if isinstance(item, dict) and isinstance(item.get("Expression"), str):
            yield item["Expression"]


def _of(alarm: Resource) -> Iterator[Watch]:
    if alarm.get("MetricName") is not None:
        yield _watch(alarm, alarm.properties, ())
    metrics = alarm.get("Metrics")
    if metrics is not None and not isinstance(metrics, list):
        yield Watch(alarm, metrics, metrics, {}, (), known=False)
    for index, item in enumerate(as_list(metrics)):
        metric = item.get("MetricStat", {}) if isinstance(item, dict) else None
        metric = metric.get("Metric") if isinstance(metric, dict) else metric
        if isinstance(metric, dict):
            yield _watch(alarm, metric, ("Metrics", index, "MetricStat", "Metric"))


def _watch(alarm: Resource, metric: dict[str, Any], path: tuple[str | int, ...]) -> Watch:
    dimensions: dict[str, Any] = {}
    known = isinstance(metric.get("Dimensions", []), list)
    for item in as_list(metric.get("Dimensions")):
        if isinstance(item, dict) and isinstance(item.get("Name"), str):
            dimensions[item["Name"]] = item.get("Value")
            known = known and is_known(item["Name"])
        else:
            known = False
    return Watch(alarm, metric.get("Namespace"), metric.get("MetricName"), dimensions, path, known)
