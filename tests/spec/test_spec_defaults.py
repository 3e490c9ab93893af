"""What a spec says when nothing but the service's name was given."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import cfnlint
import pytest
from spec_documents import accepted, document, with_environment, with_function

from generator.render.names import template_names
from generator.spec import runtimes
from generator.spec.runtimes import check_runtime, newest, supported

ROOT = Path(__file__).resolve().parents[2]
LIFECYCLE = json.loads(
    (Path(cfnlint.__file__).parent / "data" / "AdditionalSpecs" / "LmbdRuntimeLifecycle.json").read_text("utf-8")
)


def expected_newest(family: str, day: str) -> str:
    """By cfn-lint's data and nothing of ours."""
    alive = [
        name
        for name, dates in LIFECYCLE.items()
        if name.startswith(family) and (not dates["deprecated"] or dates["deprecated"] > day)
    ]
    newest_name: str = max(alive, key=lambda name: [int(part) for part in name.removeprefix(family).split(".")])
    return newest_name


def test_the_defaults_are_those_of_the_catalogue() -> None:
    spec = accepted(document())

    assert spec.model_dump() == {
        "service": {
            "name": "orders",
            "description": "A serverless service",
            "owner": "platform-team",
            "cost_center": "unassigned",
            "tags": {},
        },
        "api": {
            "name": "MyAPI",
            "authorization": "iam",
            "cors_origins": [],
            "user_pool": "created",
            "authorizer": "authorizer",
            "api_key": False,
            "usage_plan": {"rate_limit": 10, "burst_limit": 20, "daily_quota": 100_000},
            "endpoint": "regional",
            "health": True,
            "throttling": {"rate_limit": 50, "burst_limit": 100},
        },
        "environments": [
            {
                "name": "dev",
                "region": "us-west-2",
                "further_regions": [],
                "account": "123456789012",
                "production": False,
                "log_level": "WARN",
                "allowed_cidrs": [],
                "public": False,
                "deployment_preference": "AllAtOnce",
                "log_retention_days": 30,
                "alarm_email": None,
                "concurrency_limit": 1000,
                "domain": None,
                "user_pool_arn": None,
                "vpc_endpoint_ids": [],
            },
            {
                "name": "prod",
                "region": "us-west-2",
                "further_regions": [],
                "account": "123456789012",
                "production": True,
                "log_level": "ERROR",
                "allowed_cidrs": [],
                "public": False,
                "deployment_preference": "Canary10Percent5Minutes",
                "log_retention_days": 365,
                "alarm_email": None,
                "concurrency_limit": 1000,
                "domain": None,
                "user_pool_arn": None,
                "vpc_endpoint_ids": [],
            },
        ],
        "functions": [
            {
                "name": "hello",
                "description": "",
                "runtime": expected_newest("python", date.today().isoformat()),
                "memory_size": 256,
                "timeout": 10,
                "reserved_concurrency": 10,
                "architecture": "arm64",
                "triggers": [
                    {
                        "type": "api",
                        "method": "GET",
                        "path": "/hello",
                        "authorization": None,
                        "request_model": None,
                        "response_model": None,
                    }
                ],
                "environment": {},
                "secrets": [],
                "permissions": [],
            }
        ],
        "tables": [],
        "queues": [],
        "topics": [],
        "buckets": [],
        "event_buses": [],
        "pipeline": {"provider": "github", "repository": None},
    }


def test_sources_that_triggers_name_are_declared() -> None:
    triggers = [
        {"type": "sqs", "queue": "work"},
        {"type": "sqs", "queue": "arn:aws:sqs:us-west-2:123456789012:other"},
        {"type": "sns", "topic": "/shared/topic"},
        {"type": "s3", "bucket": "files"},
        {"type": "eventbridge", "bus": "shop", "pattern": {"source": ["x"]}},
        {"type": "eventbridge", "pattern": {"source": ["x"]}},
    ]
    spec = accepted(with_function(triggers=triggers) | {"buckets": [{"name": "files", "expiration_days": 1}]})
    assert [queue.name for queue in spec.queues] == ["work"]
    assert [bus.name for bus in spec.event_buses] == ["shop"]
    assert [(bucket.name, bucket.expiration_days) for bucket in spec.buckets] == [("files", 1)]
    assert spec.topics == []


@pytest.mark.parametrize(("reserved", "queues", "expected"), [(10, 1, 10), (10, 3, 3), (2, 1, 2), (5_000, 2, 1_000)])
def test_queues_share_the_reserved_concurrency(reserved: int, queues: int, expected: int) -> None:
    triggers = [{"type": "sqs", "queue": f"q{number}"} for number in range(queues)]
    data = with_function(triggers=triggers, reserved_concurrency=reserved)
    spec = accepted(data | {"environments": [{"name": "dev", "concurrency_limit": 10_000}]})
    assert [getattr(t, "maximum_concurrency", None) for t in spec.functions[0].triggers] == [expected] * queues


@pytest.mark.parametrize("day", ["2024-01-01", "2026-06-01", "2027-12-31", "2029-06-29"])
def test_the_newest_python_on_a_day(day: str) -> None:
    assert newest("python", date.fromisoformat(day)) == expected_newest("python", day)


@pytest.mark.parametrize("day", ["2024-01-01", "2026-06-01"])
def test_supported_runtimes_are_newest_first(day: str) -> None:
    names = supported("python", date.fromisoformat(day))
    versions = [[int(n) for n in name.removeprefix("python").split(".")] for name in names]

    assert len(names) > 2
    assert versions == sorted(versions, reverse=True)
    assert all((LIFECYCLE[name]["deprecated"] or "9") > day for name in names)


def test_a_runtime_is_refused_from_the_day_it_is_deprecated() -> None:
    ends = date.fromisoformat(LIFECYCLE["python3.11"]["deprecated"])

    assert check_runtime("python3.11", date.fromordinal(ends.toordinal() - 1)) == "python3.11"
    with pytest.raises(ValueError, match=rf"deprecated the runtime python3\.11 on {ends}; its successor is python3\."):
        check_runtime("python3.11", ends)


def test_newest_follows_the_data(monkeypatch: pytest.MonkeyPatch) -> None:
    data: dict[str, dict[str, str | None]] = {
        "python3.9": {"deprecated": None},
        "python3.10": {"deprecated": "2030-01-01"},
        "nodejs99.x": {"deprecated": None},
    }
    monkeypatch.setattr(runtimes, "runtime_lifecycle", lambda: data)

    assert newest("python", date(2029, 12, 31)) == "python3.10"
    assert newest("python", date(2030, 1, 1)) == "python3.9"


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("production", {}, ("ERROR", "Canary10Percent5Minutes", 365)),
        ("live", {}, ("WARN", "AllAtOnce", 30)),
        ("live", {"production": True}, ("ERROR", "Canary10Percent5Minutes", 365)),
        ("prod", {"production": False}, ("WARN", "AllAtOnce", 30)),
        ("prod", {"log_level": "WARN"}, ("WARN", "Canary10Percent5Minutes", 365)),
    ],
)
def test_production_decides_an_environments_defaults(
    name: str, given: dict[str, Any], expected: tuple[str, str, int]
) -> None:
    environment = accepted(document(environments=[{"name": name, **given}])).environments[0]

    assert (environment.log_level, environment.deployment_preference, environment.log_retention_days) == expected


def test_functions_share_what_the_quota_leaves() -> None:
    many = accepted(document(functions=[{"name": f"f{n}"} for n in range(60)]))
    apart = accepted(
        document(
            environments=[{"name": "dev"}, {"name": "prod", "account": "210987654321"}],
            functions=[{"name": f"f{n}"} for n in range(60)],
        )
    )
    given = accepted(document(functions=[{"name": "a", "reserved_concurrency": 438}, {"name": "b"}]))

    assert {f.reserved_concurrency for f in many.functions} == {(450 - 5) // 60}
    assert {f.reserved_concurrency for f in apart.functions} == {10}
    assert [f.reserved_concurrency for f in given.functions] == [438, 7]


def test_an_empty_list_of_triggers_stays_empty() -> None:
    assert accepted(with_function(triggers=[])).functions[0].triggers == []


def test_addresses_become_ranges() -> None:
    spec = accepted(with_environment(allowed_cidrs=["203.0.113.7", "2001:DB8:0::/32"]))
    assert spec.environments[0].allowed_cidrs == ["203.0.113.7/32", "2001:db8::/32"]


def test_cookiecutters_defaults_are_the_same_service() -> None:
    settings = json.loads((ROOT / "cookiecutter.json").read_text("utf-8"))
    answers = {k: v[0] if isinstance(v, list) else v for k, v in settings.items() if not k.startswith("_")}
    by_default = accepted({"service": {"name": answers["project_slug"]}})
    runtime = answers["functions"].split(":")[1]

    assert runtime == newest(), "cookiecutter.json names the newest Python runtime by hand: bring it up to date"
    assert (
        template_names(answers)["samgen_yaml"] == template_names({"_spec": by_default.model_dump_json()})["samgen_yaml"]
    )
