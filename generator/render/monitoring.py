"""What the monitoring stack watches and shows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from generator.render.views import Part


def dashboard_body(service: str, part: Part, has_api: bool) -> str:
    """The dashboard of a part as JSON for `Fn::Sub`: invocations, errors, durations, queues and the API."""

    def metrics(namespace: str, metric: str, dimension: str, suffix: str = "") -> list[list[str]]:
        names = [f"${{Environment}}-{service}-{function.name}{suffix}" for function in part.functions]
        return [[namespace, metric, dimension, name] for name in names]

    def widget(index: int, title: str, rows: list[list[Any]], stat: str) -> dict[str, Any]:
        return {
            "type": "metric",
            "x": 12 * (index % 2),
            "y": 6 * (index // 2),
            "width": 12,
            "height": 6,
            "properties": {
                "title": title,
                "region": "${AWS::Region}",
                "stat": stat,
                "period": 300,
                "metrics": rows,
            },
        }

    rows = [
        ("Invocations", metrics("AWS/Lambda", "Invocations", "FunctionName"), "Sum"),
        ("Errors", metrics("AWS/Lambda", "Errors", "FunctionName"), "Sum"),
        ("Duration (p95, ms)", metrics("AWS/Lambda", "Duration", "FunctionName"), "p95"),
        ("Throttles", metrics("AWS/Lambda", "Throttles", "FunctionName"), "Sum"),
        ("Dead letters", metrics("AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", "-dlq"), "Maximum"),
    ]
    if has_api:
        api = ["ApiName", "${ApiName}", "Stage", "${Environment}"]
        rows.append(("API", [["AWS/ApiGateway", m, *api] for m in ("Count", "4XXError", "5XXError")], "Sum"))
    widgets = [widget(index, title, members, stat) for index, (title, members, stat) in enumerate(rows)]
    lines = ",\n".join(json.dumps(item) for item in widgets)
    return f'{{"widgets": [\n{lines}\n]}}'
