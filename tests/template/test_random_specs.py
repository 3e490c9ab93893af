"""Two hundred drawn specs: each is refused with a message, or renders to a project without findings."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from rendering import findings as all_findings
from rendering import render, supported_runtimes

from generator.errors import InputError

CHUNKS, EXAMPLES = 10, 20

NAMES = st.from_regex(r"[a-z](-?[a-z0-9]){0,11}", fullmatch=True) | st.sampled_from(
    ["on", "null", "con", "A", "a_b", ""]
)
TEXTS = st.text(max_size=60) | st.sampled_from(
    ["${X}", "<< x >>", "#% if", "{{resolve:ssm:x}}", "!Ref A", "'\"", "\u202e"]
)
CIDRS = st.sampled_from(["10.0.0.0/8", "203.0.113.7", "2001:db8::/32", "0.0.0.0/0", "10.0.0.1/8", "x"])
PATHS = st.sampled_from(
    ["/", "/a", "/a/{id}", "/a/{id}/b", "/b/{rest+}", "/c/{app}/{class}", "/a/{other}", "/ping", "a"]
)
API = st.fixed_dictionaries(
    {"type": st.just("api"), "path": PATHS},
    optional={
        "method": st.sampled_from(["GET", "POST", "ANY", "TRACE"]),
        "authorization": st.sampled_from(["iam", "cognito", "none"]),
    },
)
SCHEDULE = st.fixed_dictionaries(
    {
        "type": st.just("schedule"),
        "expression": st.sampled_from(["rate(5 minutes)", "cron(0 6 ? * MON *)", "rate(1 days)"]),
    },
    optional={"timezone": st.sampled_from(["UTC", "Europe/Vienna", "$(id)"])},
)
FUNCTIONS = st.fixed_dictionaries(
    {"name": NAMES},
    optional={
        "description": TEXTS,
        "runtime": st.sampled_from([*supported_runtimes(), "python3.8"]),
        "memory_size": st.sampled_from([128, 512, 10_240, 64]),
        "timeout": st.sampled_from([1, 29, 30, 900]),
        "reserved_concurrency": st.integers(1, 60),
        "architecture": st.sampled_from(["arm64", "x86_64"]),
        "triggers": st.lists(API | SCHEDULE, max_size=4),
        "environment": st.dictionaries(st.sampled_from(["TABLE", "MODE", "PATH", "DB_PASSWORD"]), TEXTS, max_size=2),
        "secrets": st.lists(st.sampled_from(["db-password", "api-key"]), max_size=2),
    },
)
ENVIRONMENTS = st.fixed_dictionaries(
    {"name": st.sampled_from(["dev", "prod", "stage-2", "test", "default"])},
    optional={
        "region": st.sampled_from(["us-west-2", "eu-central-1"]),
        "log_level": st.sampled_from(["ERROR", "WARN", "INFO"]),
        "allowed_cidrs": st.lists(CIDRS, max_size=3),
        "public": st.booleans(),
        "log_retention_days": st.sampled_from([1, 365, 2]),
        "alarm_email": st.sampled_from(["a@example.com", "nobody"]),
    },
)
SPECS = st.fixed_dictionaries(
    {
        "service": st.fixed_dictionaries(
            {"name": NAMES}, optional={"description": TEXTS, "owner": st.sampled_from(["team", "Team A", "$(id)"])}
        ),
        "functions": st.lists(FUNCTIONS, min_size=1, max_size=4),
    },
    optional={
        "environments": st.lists(ENVIRONMENTS, min_size=1, max_size=3),
        "api": st.fixed_dictionaries(
            {},
            optional={
                "name": st.sampled_from(["MyAPI", "orders-2", "a b"]),
                "authorization": st.sampled_from(["iam", "cognito"]),
                "cors_origins": st.lists(
                    st.sampled_from(["https://a.example.com", "http://localhost:3000"]), max_size=2
                ),
            },
        ),
    },
)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_drawn_spec_is_refused_or_sound(chunk: int) -> None:
    refused: list[str] = []

    @seed(chunk)
    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(SPECS)
    def check(data: dict[str, Any]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            try:
                project = render(data, Path(folder))
            except InputError as error:
                refused.append(str(error))
                return
            assert all_findings(project) == []

    check()
    assert all(message.strip() for message in refused)


def test_most_good_looking_specs_are_not_refused() -> None:
    """The test above would pass if everything were refused."""
    made = []

    @seed(1)
    @settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(SPECS)
    def count(data: dict[str, Any]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            try:
                made.append(render(data, Path(folder)))
            except InputError:
                return

    count()
    assert made
