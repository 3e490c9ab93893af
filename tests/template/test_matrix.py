"""Every option off its default, and every pair of the options that change the most: 0 findings each."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel
from rendering import document, sound, supported_runtimes

from generator.spec import model

DAILY = {"type": "schedule", "expression": "rate(1 day)"}
TABLE = "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${Environment}-x"


def service(**fields: Any) -> dict[str, Any]:
    return {"service": {"name": "orders", **fields}}


def environment(**fields: Any) -> dict[str, Any]:
    return document(environments=[{"name": "dev", **fields}])


def function(**fields: Any) -> dict[str, Any]:
    return document(functions=[{"name": "hello", **fields}])


def trigger(**fields: Any) -> dict[str, Any]:
    kind = {"type": "schedule", "expression": "rate(1 day)"} if "timezone" in fields else {"type": "api", "path": "/x"}
    return function(triggers=[{**kind, **fields}])


def permission(**fields: Any) -> dict[str, Any]:
    plain = {"actions": ["dynamodb:GetItem"], "resources": [TABLE], "reason": "Reads the table: all"}
    return function(permissions=[{**plain, **fields}])


# For each field of each model, documents in which it has another value than its default.
OPTIONS: dict[str, list[dict[str, Any]]] = {
    "Service.name": [{"service": {"name": "a"}}, {"service": {"name": "o" * 40}}],
    "Service.description": [service(description='It\'s: "the" <desk> & more # % \\')],
    "Service.owner": [service(owner="team: a/b+c=d@e -.")],
    "Service.cost_center": [service(cost_center="0042")],
    "Service.tags": [service(tags={"Tier": "1", "a:b/c": "yes", "On": ""})],
    "Throttling.rate_limit": [document(api={"throttling": {"rate_limit": 1}})],
    "Throttling.burst_limit": [document(api={"throttling": {"burst_limit": 5000}})],
    "Api.name": [document(api={"name": "Other-API"})],
    "Api.authorization": [document(api={"authorization": "cognito"})],
    "Api.cors_origins": [
        document(api={"cors_origins": ["https://app.example.com"]}),
        document(api={"cors_origins": ["http://localhost:3000", "https://b.example.com:8443"]}),
    ],
    "Api.throttling": [document(api={"throttling": {"rate_limit": 10_000, "burst_limit": 1}})],
    "Environment.name": [environment(name="production"), environment(name="e" * 16)],
    "Environment.region": [environment(region="eu-central-1"), environment(region="us-gov-west-1")],
    "Environment.account": [environment(account="000000000001")],
    "Environment.production": [environment(production=True)],
    "Environment.log_level": [environment(log_level="ERROR")],
    "Environment.allowed_cidrs": [
        environment(allowed_cidrs=["203.0.113.7"]),
        environment(allowed_cidrs=["10.0.0.0/8", "2001:db8::/32", "2001:db8:1::1"]),
        environment(allowed_cidrs=["2001:db8::/32"]),
    ],
    "Environment.public": [environment(public=True)],
    "Environment.deployment_preference": [
        environment(deployment_preference=name) for name in get_args(model.DeploymentPreference)[1:]
    ],
    "Environment.log_retention_days": [
        environment(log_retention_days=days) for days in get_args(model.RetentionDays) if days != 30
    ],
    "Environment.alarm_email": [environment(alarm_email="on-call+orders@example.com")],
    "Environment.concurrency_limit": [environment(concurrency_limit=111)],
    "ApiTrigger.type": [trigger()],
    "ApiTrigger.method": [trigger(method=method) for method in get_args(model.Method)[1:]],
    "ApiTrigger.path": [
        trigger(path=path) for path in ("/", "/a/b.c/d-e_f:g", "/{id}", "/{a}/b/{c}", "/f/{rest+}", "/{app}/{os}")
    ],
    "ApiTrigger.authorization": [trigger(authorization=name) for name in ("cognito", "none")],
    "ScheduleTrigger.type": [function(triggers=[DAILY])],
    "ScheduleTrigger.expression": [
        function(triggers=[{"type": "schedule", "expression": "cron(0/15 6 ? * MON-FRI *)"}, DAILY, DAILY])
    ],
    "ScheduleTrigger.timezone": [trigger(timezone="America/Argentina/Buenos_Aires")],
    "Permission.actions": [permission(actions=["dynamodb:GetItem", "dynamodb:PutItem"])],
    "Permission.resources": [
        permission(resources=[TABLE, "arn:aws:dynamodb:us-west-2:123456789012:table/y"]),
        permission(actions=["xray:GetSamplingRules"], resources=["*"]),
    ],
    "Permission.reason": [permission(reason="#% if x: <# y #> << z >>")],
    "Function.name": [function(name="a-b-1"), function(name="f" * 40)],
    "Function.description": [function(description='"""quotes""" \\ and: colons')],
    "Function.runtime": [function(runtime=name) for name in supported_runtimes()[1:]],
    "Function.memory_size": [function(memory_size=10_240)],
    "Function.timeout": [function(timeout=29), function(timeout=900, triggers=[])],
    "Function.reserved_concurrency": [function(reserved_concurrency=1)],
    "Function.architecture": [function(architecture="x86_64")],
    "Function.triggers": [function(triggers=[])],
    "Function.environment": [function(environment={"TABLE": "x: y # z", "EMPTY": "", "MONEY": "${} $1 {{x}}"})],
    "Function.secrets": [
        function(secrets=["db-password", "k"]),
        function(secrets=["db-password"], environment={"A_B": "c"}),
    ],
    "Function.permissions": [permission()],
    "ServiceSpec.service": [{"service": {"name": "o", "description": "d", "owner": "o", "cost_center": "c"}}],
    "ServiceSpec.api": [document(api={"name": "A", "authorization": "cognito"})],
    "ServiceSpec.environments": [document(environments=[{"name": f"e{n}"} for n in range(20)])],
    "ServiceSpec.functions": [document(functions=[{"name": "a"}, {"name": "b"}])],
}


def fields() -> Iterator[str]:
    for name, kind in vars(model).items():
        if (
            isinstance(kind, type)
            and issubclass(kind, BaseModel)
            and not name.startswith("_")
            and kind is not BaseModel
        ):
            yield from (f"{name}.{field}" for field in kind.model_fields)


def test_every_field_has_a_case() -> None:
    assert sorted(OPTIONS) == sorted(fields())


CASES = [(field, data) for field, documents in OPTIONS.items() for data in documents]


@pytest.mark.parametrize(("field", "data"), CASES, ids=[f"{field}-{number}" for number, (field, _) in enumerate(CASES)])
def test_an_option_off_its_default(field: str, data: dict[str, Any], tmp_path: Path) -> None:
    sound(data, tmp_path)


AXES: dict[str, list[Any]] = {
    "authorization": ["iam", "cognito", "none"],
    "trigger": ["api", "schedule", "both", "none"],
    "functions": [1, 2, 12],
    "environments": [1, 2, 4],
}
Row = dict[str, Any]
Pair = tuple[tuple[str, Any], tuple[str, Any]]


def pairs_of(row: Row) -> set[Pair]:
    return set(itertools.combinations(row.items(), 2))


def pairwise() -> list[Row]:
    """As few rows as a greedy choice gives in which every pair of values stands together."""
    rows = [dict(zip(AXES, values, strict=True)) for values in itertools.product(*AXES.values())]
    missing = {pair for row in rows for pair in pairs_of(row)}
    chosen: list[Row] = []
    while missing:
        # Of equally good rows the one with the fewest functions, which is the fastest.
        best = max(rows, key=lambda row: (len(pairs_of(row) & missing), -row["functions"]))
        chosen.append(best)
        missing -= pairs_of(best)
    return chosen


def combined(row: Row) -> dict[str, Any]:
    """The document of a row."""

    def triggers(number: int) -> list[dict[str, Any]]:
        open_to_all = {"authorization": "none"} if row["authorization"] == "none" else {}
        api = {"type": "api", "method": "POST", "path": f"/f{number}/{{id}}", **open_to_all}
        return {"api": [api], "schedule": [DAILY], "both": [api, DAILY], "none": []}[row["trigger"]]

    names = ["dev", "test", "stage", "prod"][: row["environments"]]
    return document(
        api={"authorization": row["authorization"].replace("none", "iam")},
        environments=[{"name": name} for name in names],
        functions=[{"name": f"f{n}", "triggers": triggers(n)} for n in range(row["functions"])],
    )


def test_every_pair_of_values_is_covered() -> None:
    covered = {pair for row in pairwise() for pair in pairs_of(row)}
    wanted = {
        ((one, a), (two, b)) for one, two in itertools.combinations(AXES, 2) for a in AXES[one] for b in AXES[two]
    }
    assert covered == wanted
    assert len(pairwise()) <= 16


@pytest.mark.parametrize("row", pairwise(), ids=lambda row: "-".join(map(str, row.values())))
def test_options_in_pairs(row: Row, tmp_path: Path) -> None:
    project = sound(combined(row), tmp_path)
    assert len(list((project / "src").iterdir())) == row["functions"]
    assert (project / "stacks" / "api").exists() is (row["trigger"] in {"api", "both"})
