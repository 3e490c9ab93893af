"""Every alarm of a service: what it watches, from when on it is raised, and whether it is worth waking somebody.

One list feeds the monitoring stack, the composite alarm, the dashboard, the runbook and the cost notes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from generator.render import arns
from generator.spec.names import logical_id

if TYPE_CHECKING:
    from generator.render.data import DataView
    from generator.render.sources import Source
    from generator.render.views import FunctionView
    from generator.spec.model import Api


@dataclass(frozen=True)
class Kind:
    """A kind of alarm; its key ends the alarm's name and is its heading in the runbook."""

    key: str
    namespace: str
    metric: str
    statistic: str
    meaning: str
    pages: bool = False
    """Whether it says that customers notice or that work is lost, not only that something is on its way there."""
    periods: int = 1
    unit: str = ""


# No key ends with a hyphen and another key, so that a name belongs to one kind and one subject.
_ALL = (
    Kind("errors", "AWS/Lambda", "Errors", "Sum", "Invocations failed"),
    Kind("throttles", "AWS/Lambda", "Throttles", "Sum", "Invocations were refused for lack of concurrency", pages=True),
    Kind("duration", "AWS/Lambda", "Duration", "Maximum", "An invocation took 80 % of the timeout", unit="ms"),
    Kind(
        "concurrency",
        "AWS/Lambda",
        "ConcurrentExecutions",
        "Maximum",
        "80 % of the reserved concurrency has been in use for a quarter of an hour",
        periods=3,
    ),
    Kind(
        "dead-letters",
        "AWS/SQS",
        "ApproximateNumberOfMessagesVisible",
        "Maximum",
        "Failed events wait in the dead-letter queue",
        pages=True,
    ),
    Kind(
        "lost-events",
        "AWS/Lambda",
        "DeadLetterErrors",
        "Sum",
        "A failed event could not be kept in the dead-letter queue and is gone",
        pages=True,
    ),
    Kind(
        "lost-outcomes",
        "AWS/Lambda",
        "DestinationDeliveryFailures",
        "Sum",
        "An outcome could not be handed to the function that waits for it",
        pages=True,
    ),
    Kind(
        "stream-age",
        "AWS/Lambda",
        "IteratorAge",
        "Maximum",
        "Changes of the table have been waiting in its stream for too long",
        pages=True,
        periods=3,
        unit="ms",
    ),
    Kind(
        "lost-matches",
        "AWS/Events",
        "FailedInvocations",
        "Sum",
        "Events that the rule matched did not reach the function",
        pages=True,
    ),
    Kind(
        "queue-age",
        "AWS/SQS",
        "ApproximateAgeOfOldestMessage",
        "Maximum",
        "Messages have been waiting in the queue for too long",
        pages=True,
        periods=3,
        unit="s",
    ),
    Kind(
        "unprocessed",
        "AWS/SQS",
        "ApproximateNumberOfMessagesVisible",
        "Maximum",
        "Messages that failed every time wait in the queue's dead-letter queue",
        pages=True,
    ),
    Kind(
        "unreadable",
        "AWS/SQS",
        "ApproximateNumberOfMessagesVisible",
        "Maximum",
        "Events that the bus could not encrypt or decrypt wait in its dead-letter queue",
        pages=True,
    ),
    Kind("reads-refused", "AWS/DynamoDB", "ReadThrottleEvents", "Sum", "The table throttles reads", periods=3),
    Kind("writes-refused", "AWS/DynamoDB", "WriteThrottleEvents", "Sum", "The table throttles writes", periods=3),
    Kind(
        "undelivered",
        "AWS/SNS",
        "NumberOfNotificationsFailed",
        "Sum",
        "Messages of the topic did not reach a subscriber",
        pages=True,
    ),
    Kind(
        "schedules-dropped",
        "AWS/Scheduler",
        "InvocationDroppedCount",
        "Sum",
        "A schedule gave up on an invocation after every retry",
        pages=True,
    ),
    Kind("api-5xx", "AWS/ApiGateway", "5XXError", "Sum", "The API answered with server errors", pages=True),
    # The average of a metric that is 0 or 1 a request is the share of requests.
    Kind(
        "api-4xx",
        "AWS/ApiGateway",
        "4XXError",
        "Average",
        "A fifth of the requests are refused",
        periods=3,
        unit="of the requests",
    ),
    Kind(
        "api-latency",
        "AWS/ApiGateway",
        "Latency",
        "p95",
        "One request in twenty takes close to the functions' timeout",
        pages=True,
        periods=3,
        unit="ms",
    ),
    Kind("waf-blocks", "AWS/WAFV2", "BlockedRequests", "Sum", "The web ACL blocks many requests"),
)
KINDS = {kind.key: kind for kind in _ALL}

WAF_BLOCKS = 1000
CLIENT_ERROR_SHARE = 0.2
# Below it the few invocations that are allowed at once are in use on any ordinary day.
WATCHED_CONCURRENCY = 5
# A quarter of an hour, or longer where failing messages are tried again for longer.
QUEUE_AGE = 900
STREAM_AGE_MS = 900_000


@dataclass(frozen=True)
class Alarm:
    """One alarm of one subject: a function, a queue, the API."""

    kind: Kind
    subject: str
    """What stands in its name before the kind; empty where the kind is the service's own."""
    dimensions: dict[str, str]
    """What the metric is of; values for `Fn::Sub`."""
    threshold: float
    title: str = field(default="")
    """What it is about, in words: `function charge`."""

    @property
    def name(self) -> str:
        """Its name after the environment's and the service's."""
        return f"{self.subject}-{self.kind.key}" if self.subject else self.kind.key

    @property
    def id(self) -> str:
        """Its logical id."""
        return f"{logical_id(self.name)}Alarm"

    @property
    def description(self) -> str:
        """What whoever is woken reads first."""
        about = f" ({self.title})" if self.title else ""
        return f"{self.kind.meaning}{about}. What to do: docs/runbook.md#{self.kind.key}"

    @property
    def threshold_text(self) -> str:
        """From when on it is raised, in words."""
        value = f"{self.threshold:.0%}" if self.kind.statistic == "Average" else f"{self.threshold:,}"
        amount = f"{value} {self.kind.unit}".rstrip()
        return f"from {amount} " + ("within 5 minutes" if self.kind.periods == 1 else "for a quarter of an hour")

    @property
    def statistic_key(self) -> str:
        """The property that its statistic stands under; percentiles have one of their own."""
        return "ExtendedStatistic" if self.kind.statistic.startswith("p") else "Statistic"


def function_alarms(function: FunctionView, service: str) -> Iterator[Alarm]:
    """The alarms of a function and of what invokes it."""
    name = arns.convention(service, function.name)
    of_function = {"FunctionName": name}

    def alarm(key: str, threshold: float = 1, dimensions: dict[str, str] | None = None) -> Alarm:
        title = f"function {function.name}"
        return Alarm(KINDS[key], function.name, dimensions or of_function, threshold, title)

    yield alarm("errors")
    yield alarm("throttles")
    yield alarm("duration", function.timeout * 800)
    yield alarm("dead-letters", 1, {"QueueName": f"{name}-dlq"})
    yield alarm("lost-events")
    if function.reserved_concurrency >= WATCHED_CONCURRENCY:
        yield alarm("concurrency", -(-function.reserved_concurrency * 4 // 5))
    if function.destinations:
        yield alarm("lost-outcomes")
    kinds = {source.kind for source in function.sources}
    if "dynamodb" in kinds:
        yield alarm("stream-age", STREAM_AGE_MS)
    for source in function.sources:
        if dimensions := _rule_dimensions(source, service):
            yield Alarm(KINDS["lost-matches"], source.name, dimensions, 1, f"rule of function {function.name}")


def _rule_dimensions(source: Source, service: str) -> dict[str, str]:
    """What a rule's metrics are of: its name, and its bus unless that is the default one.

    None where nobody knows the bus's name before the deployment. What such a rule cannot deliver is seen in
    the function's dead-letter queue all the same.
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
    """
    if source.kind not in {"eventbridge", "s3"}:
        return {}
    rule = {"RuleName": arns.convention(service, source.name)}
    bus = "default" if source.kind == "s3" else source.bus_name
    if bus == "default":
        return rule
    if bus.startswith("{{"):
        return {}
    return {"EventBusName": bus.rpartition("/")[2]} | rule


def data_alarms(data: DataView, functions: Iterable[FunctionView], service: str) -> Iterator[Alarm]:
    """The alarms of the queues, tables and topics that the service has."""
    readers = {s.declared: s.function for f in functions for s in f.sources if s.kind == "sqs"}
    for queue in data.queues:
        name, title = arns.convention(service, queue.name), f"queue {queue.name}"
        # A message that fails twice is no backlog yet.
        age = max(QUEUE_AGE, 2 * queue.visibility_timeout) if queue.name in readers else QUEUE_AGE
        yield Alarm(KINDS["queue-age"], queue.name, {"QueueName": name}, age, title)
        yield Alarm(KINDS["unprocessed"], queue.name, {"QueueName": f"{name}-queue-dlq"}, 1, title)
    for table in data.tables:
        of_table = {"TableName": arns.convention(service, table.name)}
        for key in ("reads-refused", "writes-refused"):
            yield Alarm(KINDS[key], table.name, of_table, 1, f"table {table.name}")
    for bus in data.event_buses:
        of_queue = {"QueueName": f"{arns.convention(service, bus.name)}-bus-dlq"}
        yield Alarm(KINDS["unreadable"], bus.name, of_queue, 1, f"bus {bus.name}")
    for topic in data.topics:
        of_topic = {"TopicName": arns.convention(service, topic.name)}
        yield Alarm(KINDS["undelivered"], topic.name, of_topic, 1, f"topic {topic.name}")


def schedule_alarms(functions: Iterable[FunctionView], service: str) -> Iterator[Alarm]:
    """The alarm of all schedules together: Scheduler's metrics are of a group.

    https://docs.aws.amazon.com/scheduler/latest/UserGuide/monitoring-cloudwatch.html
    """
    if any(function.schedules for function in functions):
        yield Alarm(KINDS["schedules-dropped"], "", {"ScheduleGroup": f"${{Environment}}-{service}"}, 1)


def api_alarms(api: Api, latency_ms: int) -> Iterator[Alarm]:
    """The alarms of the API and of the web ACL in front of it."""
    stage = {"ApiName": "${ApiName}", "Stage": "${Environment}"}
    yield Alarm(KINDS["api-5xx"], "", stage, 1, f"API {api.name}")
    yield Alarm(KINDS["api-4xx"], "", stage, CLIENT_ERROR_SHARE, f"API {api.name}")
    yield Alarm(KINDS["api-latency"], "", stage, latency_ms, f"API {api.name}")
    acl = {"WebACL": "${WebAclName}", "Region": "${AWS::Region}", "Rule": "ALL"}
    yield Alarm(KINDS["waf-blocks"], "", acl, WAF_BLOCKS)


# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
RULE_ALARMS = 100
RULE_CHARACTERS = 10_240


@dataclass(frozen=True)
class Composite:
    """An alarm that is raised while one of others is."""

    id: str
    name: str
    """Its name after the environment's and the service's, with the hyphen before it."""
    rule: str
    """Its rule, for `Fn::Sub`; alarms of the same stack by reference, so that they are there first."""
    is_whole: bool
    """Whether it stands for the whole service, and tells the topic."""


def composites(parts: list[list[Alarm]], service: str) -> list[list[Composite]]:
    """For each part, its composite alarms; the last part's last one stands for the service.

    A rule has at most 100 alarms and 10,240 characters. Where one is not enough, the alarms are grouped, and
    the service's alarm watches the groups.
    """
    paging = [[alarm for alarm in part if alarm.kind.pages] for part in parts]
    whole = ("ServiceAlarm", "")
    if len(parts) == 1 and len(groups := list(_groups(paging[0], service))) == 1:
        return [[Composite(*whole, _any_of(f"${{{alarm.id}}}" for alarm in groups[0]), is_whole=True)]]
    result: list[list[Composite]] = []
    number = 0
    for members in paging:
        result.append([])
        for group in _groups(members, service):
            number += 1
            rule = _any_of(f"${{{alarm.id}}}" for alarm in group)
            result[-1].append(Composite(f"Group{number}Alarm", f"-group-{number}", rule, is_whole=False))
    names = [f"${{Environment}}-{service}{group.name}" for groups in result[:-1] for group in groups]
    own = [f"${{{group.id}}}" for group in result[-1]]
    result[-1].append(Composite(*whole, _any_of([*names, *own]), is_whole=True))
    return result


def _any_of(names: Iterable[str]) -> str:
    return " OR ".join(f'ALARM("{name}")' for name in names)


def _groups(alarms: list[Alarm], service: str) -> Iterator[list[Alarm]]:
    """The alarms in groups that fit a rule, whatever the environment is called."""
    group: list[Alarm] = []
    used = 0
    for alarm in alarms:
        length = len(f'ALARM("{"e" * 16}-{service}-{alarm.name}") OR ')
        if group and (len(group) == RULE_ALARMS or used + length > RULE_CHARACTERS):
            yield group
            group, used = [], 0
        group.append(alarm)
        used += length
    if group:
        yield group


def raised(listed: Iterable[Alarm], service: str) -> dict[str, str]:
    """For each kind, its alarms as a list in Markdown: what they are called and from when on they are raised."""
    lines: dict[str, list[str]] = {}
    for alarm in listed:
        title = f" ({alarm.title})" if alarm.title else ""
        text = f"- `<environment>-{service}-{alarm.name}`{title}: {alarm.threshold_text}"
        lines.setdefault(alarm.kind.key, []).append(text)
    return {kind: "\n".join(texts) for kind, texts in lines.items()}
