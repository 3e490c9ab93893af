"""Examples of events, and a path in a router's notation."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest

from generator.render.code import Example, route_literal

ENVIRONMENT = SimpleNamespace(name="dev", region="eu-central-1", account="123456789012")


def example(environment: Any = ENVIRONMENT, **trigger: Any) -> Example:
    source: Any = SimpleNamespace(kind=trigger["type"], trigger=SimpleNamespace(**trigger))
    return Example(source, "orders", environment)


@pytest.mark.parametrize(
    ("trigger", "arn"),
    [
        ({"type": "sqs", "queue": "work"}, "arn:aws:sqs:eu-central-1:123456789012:dev-orders-work"),
        ({"type": "sns", "topic": "news"}, "arn:aws:sns:eu-central-1:123456789012:dev-orders-news"),
        ({"type": "s3", "bucket": "files"}, "arn:aws:s3:::dev-orders-files-123456789012-eu-central-1"),
        ({"type": "sqs", "queue": "/shared/${Environment}/queue"}, "arn:aws:sqs:eu-central-1:123456789012:queue"),
        (
            {"type": "sns", "topic": "arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:${Environment}-x"},
            "arn:aws:sns:eu-central-1:123456789012:dev-x",
        ),
        ({"type": "s3", "bucket": "arn:aws:s3:::given"}, "arn:aws:s3:::given"),
    ],
)
def test_an_event_comes_from_where_the_trigger_says(trigger: dict[str, Any], arn: str) -> None:
    assert example(**trigger).arn == arn
    assert example(**trigger).name == arn.rpartition(":")[2]


def test_the_partition_is_that_of_the_region() -> None:
    elsewhere = SimpleNamespace(name="dev", region="us-gov-west-1", account="123456789012")
    assert example(elsewhere, type="sqs", queue="q").arn.startswith("arn:aws-us-gov:sqs:us-gov-west-1:")


@pytest.mark.parametrize(
    ("pattern", "event"),
    [
        ({"source": ["shop", "other"]}, {"source": "shop"}),
        ({"source": [{"prefix": "sho"}]}, {"source": "sho"}),
        ({"detail-type": [{"wildcard": "Order*"}]}, {"detail-type": "Orderexample"}),
        ({"source": [{"exists": True}]}, {"source": "example"}),
        ({"source": [{"anything-but": ["x"]}]}, {"source": "example"}),
        ({"detail": {"order": {"total": [3], "paid": [True]}}}, {"detail": {"order": {"total": 3, "paid": True}}}),
        ({"detail": {"gone": [{"exists": False}]}}, {"detail": {}}),
        ({"resources": ["arn:aws:s3:::x"]}, {"resources": ["arn:aws:s3:::x"]}),
        ({"$or": [{"source": ["a"]}, {"detail-type": ["B"]}]}, {"source": "a"}),
    ],
)
def test_an_event_matches_a_pattern(pattern: dict[str, Any], event: dict[str, Any]) -> None:
    usual = {"source": "example", "detail-type": "Example", "resources": [], "detail": {"id": "example"}}
    assert example(type="eventbridge", pattern=pattern).event == {**usual, **event}


@pytest.mark.parametrize(
    ("path", "literal"),
    [
        ("/", '"/"'),
        ("/orders/{id}/lines/{line}", '"/orders/:id/lines/:line"'),
        ("/a:b/{id}", r"/\/a\x3ab\/(?<id>[^/]+)/"),
        ("/a.b/{rest+}", r"/\/a\.b\/(?<rest>.+)/"),
    ],
)
def test_a_path_in_the_notation_of_a_router(path: str, literal: str) -> None:
    assert route_literal(path) == literal


def test_a_regular_expression_of_a_path_matches_what_the_path_means() -> None:
    pattern = route_literal("/files/{id}/x:y/z.w/{path+}")[1:-1].replace("(?<", "(?P<")
    found = re.fullmatch(pattern, "/files/7/x:y/z.w/a/b/c")
    assert found is not None
    assert found.groupdict() == {"id": "7", "path": "a/b/c"}
    assert re.fullmatch(pattern, "/files/7/x:y/zzw/a") is None
