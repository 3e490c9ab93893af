"""The dashboard of a part as JSON for `Fn::Sub`: what somebody on call looks at, the most urgent on top.

CloudWatch shows at most 500 widgets, 500 metrics a widget and 2,500 metrics a dashboard, 100 alarms in a
widget of alarms, and reads at most 50 log groups a query. A part's functions are few enough for all of them.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from generator.render import arns

if TYPE_CHECKING:
    from generator.render.alarms import Alarm, Composite
    from generator.render.data import DataView

WIDGET_ALARMS = 100
QUERY_LOG_GROUPS = 50
COLUMNS = 24
ALARM_ARN = "arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:${Environment}-"
API = ["ApiName", "${ApiName}", "Stage", "${Environment}"]
WEB_ACL = ["WebACL", "${WebAclName}", "Region", "${AWS::Region}", "Rule", "ALL"]

Row = list[Any]


@dataclass
class _Grid:
    """Widgets from left to right and from top to bottom."""

    widgets: list[dict[str, Any]] = field(default_factory=list)
    x: int = 0
    y: int = 0
    row: int = 0

    def add(self, kind: str, width: int, height: int, properties: dict[str, Any]) -> None:
        """Place a widget beside the last one, or below where there is no room."""
        if self.x + width > COLUMNS:
            self.x, self.y, self.row = 0, self.y + self.row, 0
        place = {"type": kind, "x": self.x, "y": self.y, "width": width, "height": height}
        self.widgets.append({**place, "properties": properties})
        self.x += width
        self.row = max(self.row, height)

    def graph(self, title: str, rows: list[Row], stat: str) -> None:
        """A graph, unless there is nothing to show."""
        if rows:
            region = "${AWS::Region}"
            properties = {"title": title, "region": region, "stat": stat, "period": 300, "metrics": rows}
            self.add("metric", 8, 6, properties)


@dataclass(frozen=True)
class Shown:
    """What the dashboard of a part shows."""

    service: str
    functions: list[str]
    alarms: list[Alarm]
    composites: list[Composite]
    data: DataView | None
    """The service's tables and queues, on the first part's dashboard alone."""
    has_api: bool
    log_groups: list[str]
    runbook: str


def dashboard_body(shown: Shown) -> str:
    """The dashboard's JSON, a widget a line."""
    grid = _Grid()
    grid.add("text", 24, 2, {"markdown": _introduction(shown)})
    for number, arns_shown in enumerate(_chunks(_alarm_arns(shown), WIDGET_ALARMS), start=1):
        title = "Alarms" if number == 1 else f"Alarms, continued ({number})"
        grid.add("alarm", 24, min(2 + len(arns_shown) // 6, 8), {"title": title, "alarms": arns_shown})
    if shown.has_api:
        _api(grid)
    _functions(grid, shown)
    _queues_and_tables(grid, shown)
    grid.add("log", 24, 6, _recent_errors(shown))
    lines = ",\n".join(json.dumps(widget) for widget in grid.widgets)
    return f'{{"widgets": [\n{lines}\n]}}'


def _introduction(shown: Shown) -> str:
    return (
        f"# ${{Environment}}-{shown.service}\n"
        f"What each alarm means and what to do about it: {shown.runbook}. "
        f"Saved queries: Logs Insights, folder `${{Environment}}-{shown.service}`."
    )


def _alarm_arns(shown: Shown) -> list[str]:
    composites = [f"{ALARM_ARN}{shown.service}{composite.name}" for composite in reversed(shown.composites)]
    return composites + [f"{ALARM_ARN}{shown.service}-{alarm.name}" for alarm in shown.alarms]


def _api(grid: _Grid) -> None:
    counts = [["AWS/ApiGateway", metric, *API] for metric in ("Count", "4XXError", "5XXError")]
    grid.graph("API: requests and errors", counts, "Sum")
    rows = [
        ["AWS/ApiGateway", metric, *API, {"stat": stat, "label": f"{metric} {stat}"}]
        for metric in ("Latency", "IntegrationLatency")
        for stat in ("p50", "p95", "p99")
    ]
    grid.graph("API: latency, and the functions' share of it (ms)", rows, "p95")
    blocked = [["AWS/WAFV2", metric, *WEB_ACL] for metric in ("AllowedRequests", "BlockedRequests")]
    grid.graph("Web ACL: requests let through and blocked", blocked, "Sum")


def _functions(grid: _Grid, shown: Shown) -> None:
    def rows(metric: str) -> list[Row]:
        names = [arns.convention(shown.service, name) for name in shown.functions]
        return [["AWS/Lambda", metric, "FunctionName", name] for name in names]

    grid.graph("Invocations", rows("Invocations"), "Sum")
    grid.graph("Errors", rows("Errors"), "Sum")
    grid.graph("Throttles", rows("Throttles"), "Sum")
    for stat in ("p50", "p95", "p99"):
        grid.graph(f"Duration {stat} (ms)", rows("Duration"), stat)
    grid.graph("Concurrency", rows("ConcurrentExecutions"), "Maximum")
    grid.graph("Dead letters", _watched(shown, "dead-letters", "unprocessed", "unreadable"), "Maximum")


def _queues_and_tables(grid: _Grid, shown: Shown) -> None:
    if shown.data:
        names = [arns.convention(shown.service, queue.name) for queue in shown.data.queues]
        rows = [["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", name] for name in names]
        grid.graph("Messages that wait", rows, "Maximum")
    grid.graph("Age of the oldest message (s)", _watched(shown, "queue-age"), "Maximum")
    grid.graph("Age of the oldest change in a stream (ms)", _watched(shown, "stream-age"), "Maximum")
    grid.graph("Throttled by tables", _watched(shown, "reads-refused", "writes-refused"), "Sum")
    grid.graph("Not delivered", _watched(shown, "lost-matches", "undelivered", "schedules-dropped"), "Sum")


def _watched(shown: Shown, *keys: str) -> list[Row]:
    """The metrics that alarms of these kinds watch."""
    return [
        [alarm.kind.namespace, alarm.kind.metric, *(text for pair in alarm.dimensions.items() for text in pair)]
        for alarm in shown.alarms
        if alarm.kind.key in keys
    ]


def _recent_errors(shown: Shown) -> dict[str, Any]:
    groups = shown.log_groups[:QUERY_LOG_GROUPS]
    sources = " | ".join(f"SOURCE '{group}'" for group in groups)
    query = (
        "fields @timestamp, @log, message, correlation_id | filter level = 'ERROR' | sort @timestamp desc | limit 20"
    )
    title = "Latest errors" if len(groups) == len(shown.log_groups) else f"Latest errors of {len(groups)} functions"
    return {"title": title, "region": "${AWS::Region}", "query": f"{sources} | {query}", "view": "table"}


def _chunks(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    listed = list(items)
    for start in range(0, len(listed), size):
        yield listed[start : start + size]
