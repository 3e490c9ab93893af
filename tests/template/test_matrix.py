"""Every option off its default, and every pair of the options that change the most: 0 findings each."""

from __future__ import annotations

import itertools
import json
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


def source(**fields: Any) -> dict[str, Any]:
    return function(triggers=[fields])


def access(**fields: Any) -> dict[str, Any]:
    """A function that may do one thing with what DATA declares."""
    return {**DATA, "functions": [{"name": "hello", "permissions": [fields]}, {"name": "other", "triggers": [DAILY]}]}


POOL = "arn:aws:cognito-idp:us-west-2:123456789012:userpool/us-west-2_AbCdEf123"
DOMAIN = {
    "name": "orders.example.com",
    "certificate_arn": "arn:aws:acm:us-west-2:123456789012:certificate/00000000-0000-4000-8000-000000000000",
}
KEY = "arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:key/00000000-0000-4000-8000-000000000000"
QUEUE = "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:${Environment}-shared"
STREAM = f"{TABLE}/stream/2026-01-01T00:00:00.000"
PARAMETER = "/${Environment}/shared/arn"
# Everything that can be declared, and a function for each way to be invoked.
DATA: dict[str, Any] = {
    "service": {"name": "orders"},
    "tables": [
        {
            "name": "orders",
            "partition_key": {"name": "id"},
            "sort_key": {"name": "line", "type": "N"},
            "indexes": [
                {"name": "by-day", "partition_key": {"name": "day", "type": "B"}, "sort_key": {"name": "id"}},
                {"name": "by-line", "partition_key": {"name": "line", "type": "N"}},
            ],
            "time_to_live": "expires",
        },
        {"name": "plain", "partition_key": {"name": "id"}},
    ],
    "queues": [{"name": "work", "retention_days": 14, "max_receive_count": 1}, {"name": "rest"}],
    "topics": [{"name": "news"}],
    "buckets": [{"name": "files", "expiration_days": 30}, {"name": "more"}],
    "event_buses": [{"name": "shop"}],
}
EVERYTHING: dict[str, Any] = {
    **DATA,
    "environments": [
        {"name": "dev", "region": "eu-west-1"},
        {"name": "prod", "further_regions": [{"name": "us-east-1", "role": "active"}, {"name": "eu-west-1"}]},
    ],
    "functions": [
        {"name": "route", "triggers": [{"type": "api", "path": "/x"}, DAILY]},
        {"name": "work", "triggers": [{"type": "sqs", "queue": "work"}], "permissions": [{"s3": {"bucket": "files"}}]},
        {"name": "news", "triggers": [{"type": "sns", "topic": "news", "filter": {"kind": ["a", "b"]}}]},
        {
            "name": "shop",
            "triggers": [
                {
                    "type": "eventbridge",
                    "bus": "shop",
                    "pattern": {"source": ["x"], "detail": {"n": [{"exists": True}]}},
                },
                {"type": "eventbridge", "pattern": {"source": ["aws.health"]}},
            ],
        },
        {
            "name": "files",
            "triggers": [
                {"type": "s3", "bucket": "files", "events": ["Object Deleted"], "prefix": "a/", "suffix": ".b"}
            ],
        },
        {
            "name": "changes",
            "triggers": [{"type": "dynamodb", "table": "orders"}, {"type": "dynamodb", "table": "plain"}],
        },
        {"name": "after", "triggers": [{"type": "function", "function": "news"}]},
        {"name": "afterwards", "triggers": [{"type": "function", "function": "after", "outcome": "failure"}]},
    ],
}

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
    "ServiceSpec.pipeline": [document(pipeline={"provider": "none"})],
    "Pipeline.provider": [document(pipeline={"provider": name}) for name in ("gitlab", "none")],
    "Pipeline.repository": [document(pipeline={"repository": "acme/orders"})],
    "Api.user_pool": [
        document(
            api={"authorization": "cognito", "user_pool": "given"},
            environments=[{"name": "dev", "user_pool_arn": POOL}],
        )
    ],
    "Api.authorizer": [document(api={"authorization": "lambda", "authorizer": "gate"})],
    "Api.api_key": [document(api={"api_key": True})],
    "Api.usage_plan": [document(api={"api_key": True, "usage_plan": {"daily_quota": 1}})],
    "Api.endpoint": [
        document(
            api={"endpoint": "private"},
            environments=[{"name": "dev", "vpc_endpoint_ids": ["vpce-0123456789abcdef0", "vpce-01234567"]}],
        )
    ],
    "Api.health": [document(api={"health": False})],
    "UsagePlan.rate_limit": [document(api={"api_key": True, "usage_plan": {"rate_limit": 10_000}})],
    "UsagePlan.burst_limit": [document(api={"api_key": True, "usage_plan": {"burst_limit": 1}})],
    "UsagePlan.daily_quota": [document(api={"api_key": True, "usage_plan": {"daily_quota": 100_000_000}})],
    "ApiTrigger.request_model": [],
    "ApiTrigger.response_model": [],
    "Environment.domain": [environment(domain=DOMAIN)],
    "Domain.name": [environment(domain=DOMAIN)],
    "Domain.certificate_arn": [environment(domain=DOMAIN)],
    "Environment.user_pool_arn": [
        document(api={"user_pool": "given"}, environments=[{"name": "dev", "user_pool_arn": POOL}])
    ],
    "Environment.vpc_endpoint_ids": [
        document(
            api={"endpoint": "private"},
            environments=[{"name": "dev", "vpc_endpoint_ids": [f"vpce-{n:08d}" for n in range(10)]}],
        )
    ],
    "Environment.further_regions": [EVERYTHING],
    "FurtherRegion.name": [EVERYTHING],
    "FurtherRegion.role": [EVERYTHING],
    **{f"ServiceSpec.{section}": [DATA, EVERYTHING] for section in DATA if section != "service"},
    **{f"Table.{name}": [DATA] for name in ("name", "partition_key", "sort_key", "indexes", "time_to_live")},
    **{f"Attribute.{name}": [DATA] for name in ("name", "type")},
    **{f"Index.{name}": [DATA] for name in ("name", "partition_key", "sort_key")},
    **{f"Queue.{name}": [DATA] for name in ("name", "retention_days", "max_receive_count")},
    **{f"Bucket.{name}": [DATA] for name in ("name", "expiration_days")},
    "Topic.name": [DATA],
    "EventBus.name": [DATA],
    "SqsTrigger.type": [EVERYTHING],
    "SqsTrigger.queue": [source(type="sqs", queue=name) for name in ("new", QUEUE, PARAMETER)],
    "SqsTrigger.batch_size": [source(type="sqs", queue="q", batch_size=10_000, batching_window=1)],
    "SqsTrigger.batching_window": [source(type="sqs", queue="q", batching_window=300)],
    "SqsTrigger.maximum_concurrency": [source(type="sqs", queue="q", maximum_concurrency=2)],
    "SqsTrigger.kms_key": [
        source(type="sqs", queue=QUEUE, kms_key=KEY),
        source(type="sqs", queue=QUEUE, kms_key=PARAMETER),
    ],
    "SnsTrigger.type": [EVERYTHING],
    "SnsTrigger.topic": [
        source(type="sns", topic=name) for name in ("new", "arn:aws:sns:us-west-2:123456789012:x", PARAMETER)
    ],
    "SnsTrigger.filter": [EVERYTHING, source(type="sns", topic="/shared/topic")],
    "EventBridgeTrigger.type": [EVERYTHING],
    "EventBridgeTrigger.bus": [
        source(type="eventbridge", bus=name, pattern={"source": ["x"]})
        for name in ("new", "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/x", PARAMETER)
    ],
    "EventBridgeTrigger.pattern": [EVERYTHING],
    "S3Trigger.type": [EVERYTHING],
    "S3Trigger.bucket": [source(type="s3", bucket=name) for name in ("new", "arn:${AWS::Partition}:s3:::x", PARAMETER)],
    "S3Trigger.events": [EVERYTHING],
    "S3Trigger.prefix": [source(type="s3", bucket="b", prefix="a/b!")],
    "S3Trigger.suffix": [source(type="s3", bucket="b", suffix=".jpg")],
    "DynamoDbTrigger.type": [EVERYTHING],
    "DynamoDbTrigger.table": [source(type="dynamodb", table=name) for name in (STREAM, PARAMETER)],
    "DynamoDbTrigger.batch_size": [source(type="dynamodb", table=STREAM, batch_size=1)],
    "DynamoDbTrigger.batching_window": [source(type="dynamodb", table=STREAM, batching_window=300)],
    "DynamoDbTrigger.starting_position": [source(type="dynamodb", table=STREAM, starting_position="TRIM_HORIZON")],
    "DynamoDbTrigger.maximum_retries": [source(type="dynamodb", table=STREAM, maximum_retries=0)],
    "DynamoDbTrigger.maximum_record_age": [source(type="dynamodb", table=STREAM, maximum_record_age=60)],
    "DynamoDbTrigger.kms_key": [source(type="dynamodb", table=STREAM, kms_key=KEY)],
    **{f"FunctionTrigger.{name}": [EVERYTHING] for name in ("type", "function", "outcome")},
    **{
        f"TableAccess.{name}": [
            access(dynamodb={"table": "orders", "access": kind}) for kind in ("read", "write", "readwrite")
        ]
        for name in ("table", "access")
    },
    "Permission.dynamodb": [access(dynamodb={"table": TABLE}), access(dynamodb={"table": PARAMETER})],
    **{
        f"BucketAccess.{name}": [
            access(s3={"bucket": "files", "prefix": prefix, "access": kind})
            for kind, prefix in (("read", ""), ("read", "a/"), ("write", "b"), ("readwrite", "c/"))
        ]
        for name in ("bucket", "access", "prefix")
    },
    "Permission.s3": [access(s3={"bucket": "arn:aws:s3:::x"}), access(s3={"bucket": PARAMETER, "prefix": "a/"})],
    **{f"QueueAccess.{name}": [access(sqs={"queue": "work"})] for name in ("queue", "access")},
    "Permission.sqs": [access(sqs={"queue": QUEUE}), access(sqs={"queue": PARAMETER})],
    **{f"TopicAccess.{name}": [access(sns={"topic": "news"})] for name in ("topic", "access")},
    "Permission.sns": [access(sns={"topic": PARAMETER})],
    **{f"BusAccess.{name}": [access(events={"bus": "shop"}), access(events={})] for name in ("bus", "access")},
    "Permission.events": [access(events={"bus": PARAMETER})],
    **{f"ParameterAccess.{name}": [access(ssm={"parameter": PARAMETER})] for name in ("parameter", "access")},
    "Permission.ssm": [access(ssm={"parameter": PARAMETER})],
    **{f"SecretAccess.{name}": [access(secrets={"secret": "${Environment}/db"})] for name in ("secret", "access")},
    "Permission.secrets": [
        access(
            secrets={"secret": "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:db-AbCdEf"}
        )
    ],
    **{f"KeyAccess.{name}": [access(kms={"key": KEY, "access": "encrypt"})] for name in ("key", "access")},
    "Permission.kms": [access(kms={"key": PARAMETER})],
    "FunctionAccess.function": [access(invoke={"function": "other"})],
    "Permission.invoke": [access(invoke={"function": "other"})],
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


# Fields whose documents need a file beside them; tests of their own render these.
ELSEWHERE = {"ApiTrigger.request_model", "ApiTrigger.response_model"}
# A document that stands for several fields is rendered once.
CASES = list(
    {
        json.dumps(data, sort_keys=True): (field, data) for field, documents in OPTIONS.items() for data in documents
    }.values()
)


def test_every_field_is_off_its_default_somewhere() -> None:
    assert {field for field, documents in OPTIONS.items() if not documents} == ELSEWHERE


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
    # And the pre-traffic hook.
    assert len(list((project / "src").iterdir())) == row["functions"] + 1
    assert (project / "stacks" / "api").exists() is (row["trigger"] in {"api", "both"})
