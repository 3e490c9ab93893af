"""CloudWatch's metrics: which resource emits which, and by what name.

The names are those of each service's own page on its metrics; see the links at `EMITTERS`. A namespace that is not
here is never judged.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from generator.project import Resource


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
        # Some carry what went wrong behind an underscore.
        if not self.metrics or metric in self.metrics or any(metric.startswith(f"{name}_") for name in self.metrics):
            return None
        close = get_close_matches(metric, sorted(self.metrics), n=1, cutoff=0.75)
        longer = [name for name in sorted(self.metrics) if name.lower().startswith(metric.lower())]
        if close or longer:
            return f"{(close or longer)[0]} is meant"
        if not self.complete:
            return None
        return f"there are {', '.join(sorted(self.metrics))}" if len(self.metrics) <= _FEW else "none is called so"


_FEW = 15  # as many as a message can list


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
    ApproximateRunningDurableExecutions ApproximateRunningDurableExecutionsUtilization DurableExecutionDuration
    DurableExecutionStarted DurableExecutionStopped DurableExecutionSucceeded DurableExecutionFailed
    DurableExecutionTimedOut DurableExecutionOperations DurableExecutionStorageWrittenBytes
    CPUUtilization MemoryUtilization vCPUAvailable vCPUAllocated MemoryAvailable MemoryAllocated
    ExecutionEnvironmentConcurrency ExecutionEnvironmentConcurrencyLimit ExecutionEnvironmentCPUUtilization
    ExecutionEnvironmentMemoryUtilization
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
_EVENTS = _names(
    """
    DeadLetterInvocations Events FailedInvocations IngestionToInvocationCompleteLatency
    IngestionToInvocationStartLatency IngestionToInvocationSuccessLatency InvocationAttempts Invocations
    InvocationsCreated InvocationsFailedToBeSentToDlq InvocationsSentToDlq MatchedEvents
    PutEventsApproximateCallCount PutEventsApproximateFailedCount PutEventsApproximateSuccessCount
    PutEventsApproximateThrottledCount PutEventsEntriesCount PutEventsFailedEntriesCount PutEventsLatency
    PutEventsRequestSize PutPartnerEventsApproximateCallCount PutPartnerEventsApproximateFailedCount
    PutPartnerEventsApproximateSuccessCount PutPartnerEventsApproximateThrottledCount
    PutPartnerEventsEntriesCount PutPartnerEventsFailedEntriesCount PutPartnerEventsLatency
    RetryInvocationAttempts SuccessfulInvocationAttempts ThrottledRules TriggeredRules
    """
)
_SCHEDULER = _names(
    """
    InvocationAttemptCount InvocationDroppedCount InvocationThrottleCount
    InvocationsFailedToBeSentToDeadLetterCount InvocationsSentToDeadLetterCount TargetErrorCount
    TargetErrorThrottledCount
    """
)
_STATES = _names(
    """
    ExecutionTime ExecutionThrottled ExecutionsAborted ExecutionsFailed ExecutionsStarted ExecutionsSucceeded
    ExecutionsTimedOut ExpressExecutionBilledDuration ExpressExecutionBilledMemory ExpressExecutionMemory
    ExecutionsRedriven RedrivenExecutionsAborted RedrivenExecutionsFailed RedrivenExecutionsSucceeded
    RedrivenExecutionsTimedOut ActivityRunTime ActivityScheduleTime ActivityTime ActivitiesFailed
    ActivitiesHeartbeatTimedOut ActivitiesScheduled ActivitiesStarted ActivitiesSucceeded ActivitiesTimedOut
    LambdaFunctionRunTime LambdaFunctionScheduleTime LambdaFunctionTime LambdaFunctionsFailed
    LambdaFunctionsHeartbeatTimedOut LambdaFunctionsScheduled LambdaFunctionsStarted LambdaFunctionsSucceeded
    LambdaFunctionsTimedOut ServiceIntegrationRunTime ServiceIntegrationScheduleTime ServiceIntegrationTime
    ServiceIntegrationsFailed ServiceIntegrationsHeartbeatTimedOut ServiceIntegrationsScheduled
    ServiceIntegrationsStarted ServiceIntegrationsSucceeded ServiceIntegrationsTimedOut ThrottledEvents
    ProvisionedBucketSize ProvisionedRefillRate ConsumedCapacity OpenExecutionCount OpenExecutionLimit
    ApproximateOpenMapRunCount OpenMapRunLimit ApproximateMapRunBacklogSize
    """
)
_STREAM = _names(
    """
    GetRecords.Bytes GetRecords.IteratorAge GetRecords.IteratorAgeMilliseconds GetRecords.Latency
    GetRecords.Records GetRecords.Success IncomingBytes IncomingRecords IteratorAgeMilliseconds OutgoingBytes
    OutgoingRecords PutRecord.Bytes PutRecord.Latency PutRecord.Success PutRecords.Bytes
    PutRecords.FailedRecords PutRecords.Latency PutRecords.Records PutRecords.Success
    PutRecords.SuccessfulRecords PutRecords.ThrottledRecords PutRecords.TotalRecords
    ReadProvisionedThroughputExceeded SubscribeToShard.RateExceeded SubscribeToShard.Success
    SubscribeToShardEvent.Bytes SubscribeToShardEvent.MillisBehindLatest SubscribeToShardEvent.Records
    SubscribeToShardEvent.Success WriteProvisionedThroughputExceeded
    """
)
# What people call some namespaces, which CloudWatch does not.
CALLED = {"AWS/EventBridge": "AWS/Events", "AWS/StepFunctions": "AWS/States", "AWS/WAF2": "AWS/WAFV2"}

# https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
# https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html
# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html
# https://docs.aws.amazon.com/waf/latest/developerguide/waf-metrics.html
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
# https://docs.aws.amazon.com/scheduler/latest/UserGuide/monitoring-cloudwatch.html
# https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html
# https://docs.aws.amazon.com/streams/latest/dev/monitoring-with-cloudwatch.html
EMITTERS: dict[str, tuple[Emitter, ...]] = {
    "AWS/Lambda": (
        Emitter(
            "FunctionName",
            ("AWS::Lambda::Function",),
            ("",),
            ("FunctionName",),
            _LAMBDA,
            complete=True,
            dimensions=_names(
                "FunctionName Resource ExecutedVersion EventSourceMappingUUID CapacityProviderName InstanceType"
            ),
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
    "AWS/SNS": (
        Emitter(
            "TopicName",
            ("AWS::SNS::Topic",),
            ("TopicName",),
            ("TopicName",),
            _SNS,
            complete=True,
            dimensions=_names("TopicName Application Country Platform SMSType"),
        ),
    ),
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
        Emitter(
            "TableName",
            ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable"),
            ("",),
            ("TableName",),
            _TABLE,
            complete=True,
            dimensions=_names(
                "TableName GlobalSecondaryIndexName Operation OperationType ReceivingRegion SourceRegion StreamLabel "
                "Verb DelegatedOperation"
            ),
        ),
    ),
    "AWS/Events": (
        Emitter(
            "RuleName",
            ("AWS::Events::Rule",),
            ("",),
            ("Name",),
            _EVENTS,
            complete=True,
            dimensions=_names("RuleName EventBusName EventSourceName"),
        ),
    ),
    "AWS/Scheduler": (
        Emitter(
            "ScheduleGroup",
            ("AWS::Scheduler::ScheduleGroup",),
            ("", "Name"),
            (),
            _SCHEDULER,
            complete=True,
            dimensions=_names("ScheduleGroup"),
        ),
    ),
    "AWS/States": (
        Emitter(
            "StateMachineArn",
            ("AWS::StepFunctions::StateMachine",),
            ("", "Arn"),
            (),
            _STATES,
            complete=True,
            dimensions=_names(
                "StateMachineArn ActivityArn LambdaFunctionArn ServiceIntegrationResourceArn ServiceMetric APIName "
                "StateTransition Alias AliasArn Version StateMachineVersionArn"
            ),
        ),
    ),
    "AWS/Kinesis": (
        Emitter(
            "StreamName",
            ("AWS::Kinesis::Stream",),
            ("",),
            ("Name",),
            _STREAM,
            complete=True,
            dimensions=_names("StreamName ShardId ConsumerName"),
        ),
    ),
    "AWS/S3": (Emitter("BucketName", ("AWS::S3::Bucket",), ("",), ("BucketName",)),),
    "AWS/CloudFront": (Emitter("DistributionId", ("AWS::CloudFront::Distribution",), ("", "Id"), ()),),
}
