"""Rules that relate fields to each other: each with what passes just so and what just does not."""

from __future__ import annotations

from typing import Any

import pytest
from spec_documents import accepted, document, get, refused, with_environment, with_function, with_triggers

from generator.spec import rules
from generator.spec.draft import Draft
from generator.spec.names import FUNCTION_NAME_LIMIT

TABLE = "arn:aws:dynamodb:us-west-2:123456789012:table/x"
DAILY = {"type": "schedule", "expression": "rate(1 day)"}


def named(environment: int, service: int, function: int, *triggers: dict[str, Any]) -> dict[str, Any]:
    """A document whose names have the given lengths."""
    return {
        "service": {"name": "s" * service},
        "environments": [{"name": "e"}, {"name": "x" * environment}],
        "functions": [{"name": "f" * function, "triggers": list(triggers)}],
    }


def permissions(*items: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A document of a function with these permissions."""
    return with_function(permissions=[{"reason": "Needs it for work", **item} for item in items], **more)


def with_functions(*triggers: list[dict[str, Any]]) -> dict[str, Any]:
    """A document with a function for each list of triggers."""
    return document(functions=[{"name": f"f{n}", "triggers": items} for n, items in enumerate(triggers)])


def variables(size: int) -> dict[str, str]:
    """Environment variables that need this many bytes."""
    texts = {f"V{n}": "x" * 1000 for n in range(10)}
    kept: dict[str, str] = {}
    for name, text in texts.items():
        room = size - sum(len(k) + len(v) for k, v in kept.items())
        if room <= len(name):
            break
        kept[name] = text[: room - len(name)]
    return kept


def at_paths(number: int) -> dict[str, Any]:
    """A document whose routes need this many API Gateway resources."""
    functions = [
        {"name": f"f{start}", "reserved_concurrency": 1, "triggers": [get(f"/p{n}") for n in range(start, stop)]}
        for start in range(0, number, 50)
        for stop in [min(start + 50, number)]
    ]
    return document(functions=functions, api={"health": False})


CERTIFICATE = "arn:aws:acm:us-west-2:123456789012:certificate/0a1b2c3d"
POOL = "arn:aws:cognito-idp:us-west-2:123456789012:userpool/us-west-2_AbCdEf"
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]


def with_api(*environments: dict[str, Any], triggers: list[dict[str, Any]] | None = None, **api: Any) -> dict[str, Any]:
    """A document with fields of the API, environments called e0, e1, … and a function with these triggers."""
    return document(
        api=api,
        environments=[{"name": f"e{n}", **fields} for n, fields in enumerate(environments or ({},))],
        functions=[{"name": "hello", **({} if triggers is None else {"triggers": triggers})}],
    )


GOOD = {
    "64 characters": named(16, 7, 39),
    "64 characters with a schedule": named(16, 7, 30, DAILY),
    "names that differ": document(functions=[{"name": "a-b"}, {"name": "a-c"}]),
    "one method a path": with_triggers(get("/a"), get("/a", "POST"), get("/b", "ANY")),
    "the same variable": with_triggers(get("/a/{id}"), get("/a/{id}/b"), get("/b/{other}")),
    "a variable beside a word": with_triggers(get("/a/{id}"), get("/a/new")),
    "300 resources": at_paths(300),
    "ANY beside a method": with_triggers(get("/a"), get("/a", "ANY")),
    "a method beside ANY": with_triggers(get("/a", "ANY"), get("/a", "POST")),
    "an authorizer's name without its use": document(functions=[{"name": "authorizer"}]),
    "a given pool": with_api({"user_pool_arn": POOL}, authorization="cognito", user_pool="given"),
    "no pool where nobody uses one": with_api({}, user_pool="given"),
    "a private API": with_api({"vpc_endpoint_ids": ["vpce-0123456789abcdef0"]}, endpoint="private"),
    "a domain": with_api({"domain": {"name": "a.example.com", "certificate_arn": CERTIFICATE}}, {}),
    "a model of a POST's body": with_api(triggers=[{**get("/x", "POST"), "request_model": "models/x.json"}]),
    "29 seconds with a route": with_function(timeout=29),
    "900 seconds with a schedule": with_function(timeout=900, triggers=[DAILY]),
    "all that can be reserved": document(functions=[{"name": "a", "reserved_concurrency": 445}]),
    "apart by region": document(
        environments=[{"name": "a"}, {"name": "b", "region": "eu-west-1"}],
        functions=[{"name": "a", "reserved_concurrency": 895}],
    ),
    "public without ranges": with_environment(public=True),
    "ranges without public": with_environment(allowed_cidrs=["10.0.0.0/8"]),
    "secret beside variables": with_function(secrets=["db"], environment={"DB": "x"}),
    "3,584 bytes of variables": with_function(environment=variables(3584)),
    "a star where nothing else is possible": permissions({"actions": ["xray:GetSamplingRules"], "resources": ["*"]}),
    "235 functions": document(
        environments=[{"name": "dev"}],
        functions=[{"name": f"f{n}", "triggers": [], "reserved_concurrency": 1} for n in range(235)],
    ),
}


@pytest.mark.parametrize("name", GOOD)
def test_what_is_allowed_passes(name: str) -> None:
    accepted(GOOD[name])


def test_the_boundary_is_the_limit() -> None:
    spec = accepted(GOOD["64 characters"])
    scheduled = accepted(GOOD["64 characters with a schedule"])

    assert len(f"{spec.environments[1].name}-{spec.service.name}-{spec.functions[0].name}") == FUNCTION_NAME_LIMIT
    role = f"{scheduled.environments[1].name}-{scheduled.service.name}-{scheduled.functions[0].name}-schedule"
    assert len(role) == FUNCTION_NAME_LIMIT
    assert sum(len(k) + len(v) for k, v in variables(3584).items()) == 3584


BAD: dict[str, tuple[dict[str, Any], str, str]] = {
    "65 characters": (named(16, 7, 40), "functions[0].name", "has 65 characters, AWS allows 64"),
    "65 characters with a schedule": (named(16, 7, 31, DAILY), "functions[0].name", "has 65 characters"),
    "the same environment": (
        document(environments=[{"name": "dev"}, {"name": "dev"}]),
        "environments[1].name",
        "'dev' is there already",
    ),
    "a range twice": (
        with_environment(allowed_cidrs=["203.0.113.7", "203.0.113.7/32"]),
        "environments[0].allowed_cidrs[1]",
        "'203.0.113.7/32' is listed already",
    ),
    "an origin twice": (
        document(api={"cors_origins": ["https://a.com", "https://b.com", "https://a.com"]}),
        "api.cors_origins[2]",
        "'https://a.com' is listed already",
    ),
    "the same function": (
        document(functions=[{"name": "a", "triggers": []}, {"name": "a", "triggers": []}]),
        "functions[1].name",
        "'a' is there already",
    ),
    "the same logical id": (
        document(functions=[{"name": "a-1b", "triggers": []}, {"name": "a1b", "triggers": []}]),
        "functions[1].name",
        "'a1b' and 'a-1b' would share the logical id A1b",
    ),
    "the same route twice": (
        with_functions([get("/a")], [get("/a")]),
        "functions[1].triggers[0]",
        "GET /a is there already",
    ),
    "ANY beside every method": (
        with_triggers(*(get("/a", method) for method in METHODS), get("/a", "ANY")),
        "functions[0].triggers[6]",
        "the route ANY /a stands beside every single method",
    ),
    "an authorizer without the token": (
        document(
            api={"authorization": "lambda"},
            functions=[{"name": "hello"}, {"name": "authorizer", "triggers": [], "secrets": ["other"]}],
        ),
        "functions[1].secrets",
        "compares the callers' token with the secret api-token",
    ),
    "an authorizer with a route": (
        document(
            api={"authorization": "lambda"},
            functions=[{"name": "hello"}, {"name": "authorizer", "triggers": [get("/x")]}],
        ),
        "functions[1].triggers",
        "decides who may call the API and has no triggers",
    ),
    "a given pool that is not given": (
        with_api({}, {"user_pool_arn": POOL}, authorization="cognito", user_pool="given"),
        "environments[0]",
        "user_pool_arn is missing",
    ),
    "a pool that nobody asks for": (
        with_api({"user_pool_arn": POOL}, authorization="cognito"),
        "environments[0].user_pool_arn",
        "say 'user_pool: given' under api",
    ),
    "a private API without a way in": (
        with_api({}, endpoint="private"),
        "environments[0]",
        "vpc_endpoint_ids is missing",
    ),
    "a private API in two regions": (
        with_api(
            {"vpc_endpoint_ids": ["vpce-0123456789abcdef0"], "further_regions": [{"name": "us-east-1"}]},
            endpoint="private",
        ),
        "environments[0].further_regions",
        "a private API stays in one region",
    ),
    "VPC endpoints of a regional API": (
        with_api({"vpc_endpoint_ids": ["vpce-0123456789abcdef0"]}),
        "environments[0].vpc_endpoint_ids",
        "say 'endpoint: private' under api",
    ),
    "a domain of a private API": (
        with_api(
            {
                "vpc_endpoint_ids": ["vpce-0123456789abcdef0"],
                "domain": {"name": "a.example.com", "certificate_arn": CERTIFICATE},
            },
            endpoint="private",
        ),
        "environments[0].domain",
        "a private API has no domain here",
    ),
    "one domain twice": (
        with_api(*[{"domain": {"name": "a.example.com", "certificate_arn": CERTIFICATE}}] * 2),
        "environments[1].domain.name",
        "'a.example.com' is the domain of e0 already",
    ),
    "a certificate of another region": (
        with_api({"domain": {"name": "a.example.com", "certificate_arn": CERTIFICATE}, "region": "us-east-1"}),
        "environments[0].domain.certificate_arn",
        "needs one of 123456789012 in us-east-1",
    ),
    "a model of a body that is not there": (
        with_api(triggers=[{**get("/x"), "request_model": "models/x.json"}]),
        "functions[0].triggers[0].request_model",
        "a GET request has no body",
    ),
    "a model of an answer that is not there": (
        with_api(triggers=[{**get("/x", "HEAD"), "response_model": "models/x.json"}]),
        "functions[0].triggers[0].response_model",
        "the answer to HEAD has no body",
    ),
    "two variables in one place": (
        with_triggers(get("/a/{id}"), get("/a/{other}/b")),
        "functions[0].triggers[1].path",
        "{other} stands beside {id} under /a",
    ),
    "a greedy variable beside another": (
        with_triggers(get("/{id}"), get("/{rest+}")),
        "functions[0].triggers[1].path",
        "{rest+} stands beside {id} under /",
    ),
    "301 resources": (at_paths(301), "functions", "need 301 API Gateway resources"),
    "30 seconds with a route": (with_function(timeout=30), "functions[0].timeout", "at most 29 with an api trigger"),
    "more than can be reserved": (
        document(functions=[{"name": "a", "reserved_concurrency": 446}]),
        "functions",
        "adds up to 902 with the pre-traffic hook's in account 123456789012, us-west-2 (dev and prod), where 900 can",
    ),
    "the smallest quota counts": (
        with_environment(concurrency_limit=101) | {"functions": [{"name": "a", "reserved_concurrency": 2}]},
        "functions",
        "where 1 can be reserved",
    ),
    "a function called as the pre-traffic hook": (
        document(functions=[{"name": "pre-traffic"}]),
        "functions[0].name",
        "'pre-traffic' is the function that calls new versions",
    ),
    "a hook's name that is too long": (
        document(service={"name": "s" * 40}, environments=[{"name": "e" * 12}]),
        "service.name",
        "has 65 characters, AWS allows 64",
    ),
    "public with ranges": (
        with_environment(public=True, allowed_cidrs=["10.0.0.0/8"]),
        "environments[0].public",
        "keep one of the two",
    ),
    "a secret in a taken variable": (
        with_function(secrets=["db-key"], environment={"DB_KEY_PARAMETER": "x"}),
        "functions[0].secrets[0]",
        "arrives in DB_KEY_PARAMETER",
    ),
    "a secret twice": (with_function(secrets=["a", "a"]), "functions[0].secrets", "'a' is listed 2 times"),
    "3,585 bytes of variables": (
        with_function(environment=variables(3585)),
        "functions[0].environment",
        "need 3,585 bytes; Lambda allows 4,096",
    ),
    "a star that can be limited": (
        permissions({"actions": ["dynamodb:GetItem", "xray:GetSamplingRules"], "resources": ["*"]}),
        "functions[0].permissions[0].resources",
        "dynamodb:GetItem can be limited to a resource",
    ),
    "a policy too long": (
        permissions({"actions": ["dynamodb:GetItem"], "resources": [f"{TABLE}{n:0400d}" for n in range(20)]}),
        "functions[0].permissions",
        "a role's policies hold 8,000",
    ),
    "236 functions": (
        document(
            environments=[{"name": "dev"}],
            functions=[{"name": f"f{n}", "triggers": [], "reserved_concurrency": 1} for n in range(236)],
        ),
        "functions",
        "236 functions are more than one security stack holds (235)",
    ),
}


def sqs(queue: str = "work", **fields: Any) -> dict[str, Any]:
    """An sqs trigger."""
    return {"type": "sqs", "queue": queue, **fields}


def outcome(function: str, of: str = "success") -> dict[str, Any]:
    """A function trigger."""
    return {"type": "function", "function": function, "outcome": of}


def table(**fields: Any) -> dict[str, Any]:
    """A document with a table."""
    return document(tables=[{"name": "orders", "partition_key": {"name": "id"}, **fields}])


BAD |= {
    "a stream of an unknown table": (
        table() | {"functions": [{"name": "a", "triggers": [{"type": "dynamodb", "table": "order"}]}]},
        "functions[0].triggers[0].table",
        "tables have no 'order': did you mean 'orders'?",
    ),
    "a large batch at once": (
        with_triggers(sqs(batch_size=11)),
        "functions[0].triggers[0].batch_size",
        "11 needs a batching_window",
    ),
    "two readers of a queue": (
        with_functions([sqs()], [sqs()]),
        "functions[1].triggers[0].queue",
        "is read by f0 already",
    ),
    "less concurrency than a queue needs": (
        with_function(reserved_concurrency=3, triggers=[sqs("a"), sqs("b")]),
        "functions[0].reserved_concurrency",
        "3 is less than the 4",
    ),
    "a rule's name too long": (
        named(9, 20, 30, {"type": "s3", "bucket": "arn:aws:s3:::x"}),
        "functions[0].triggers[0]",
        "EventBridge allows 64",
    ),
    "the outcome of an unknown function": (
        with_triggers(outcome("hallo")),
        "functions[0].triggers[0].function",
        "did you mean 'hello'?",
    ),
    "the outcome of itself": (with_triggers(outcome("hello")), "functions[0].triggers[0].function", "in a circle"),
    "outcomes in a circle": (
        with_functions([outcome("f2")], [outcome("f0")], [outcome("f1")]),
        "functions[2].triggers[0].function",
        "'f1' would be invoked by its own outcome",
    ),
    "the outcome of a route": (
        with_functions([get("/a")], [outcome("f0")]),
        "functions[1].triggers[0].function",
        "nothing invokes 'f0' asynchronously (api)",
    ),
    "an outcome twice": (
        with_functions([DAILY], [outcome("f0")], [outcome("f0")]),
        "functions[2].triggers[0]",
        "f1 has the success of 'f0' already",
    ),
    "a topic twice": (
        with_triggers({"type": "sns", "topic": "news"}, {"type": "sns", "topic": "news"}),
        "functions[0].triggers[1].topic",
        "'news' invokes the function already",
    ),
    "a permission for nothing": (
        with_function(permissions=[{"reason": "because I want to"}]),
        "functions[0].permissions[0]",
        "say one thing that the function may do",
    ),
    "two permissions in one": (
        with_function(permissions=[{"sqs": {"queue": "arn:aws:sqs:us-west-2:1:q"}, "events": {}}]),
        "functions[0].permissions[0]",
        "say one thing",
    ),
    "a raw statement without a reason": (
        with_function(permissions=[{"actions": ["dynamodb:GetItem"], "resources": [TABLE]}]),
        "functions[0].permissions[0].reason",
        "why the function needs it",
    ),
    "a typed permission with actions": (
        permissions({"actions": ["dynamodb:GetItem"], "resources": [TABLE], "events": {}}),
        "functions[0].permissions[0]",
        "list them one by one",
    ),
    "access to an unknown bucket": (
        with_function(permissions=[{"s3": {"bucket": "files"}}]),
        "functions[0].permissions[0].s3.bucket",
        "buckets have no 'files': declare it under buckets",
    ),
    "invoking an unknown function": (
        with_function(permissions=[{"invoke": {"function": "other"}}]),
        "functions[0].permissions[0].invoke.function",
        "functions have no 'other'",
    ),
    "a variable that a permission sets": (
        table()
        | {
            "functions": [
                {
                    "name": "a",
                    "environment": {"ORDERS_TABLE": "x"},
                    "permissions": [{"dynamodb": {"table": "orders"}}],
                }
            ]
        },
        "functions[0].environment.ORDERS_TABLE",
        "is set by the permission on dynamodb 'orders'",
    ),
    "a topic declared twice": (
        document(topics=[{"name": "a"}, {"name": "a"}]),
        "topics[1].name",
        "'a' is there already",
    ),
    "two queues with one logical id": (
        document(queues=[{"name": "a1-b"}, {"name": "a1b"}, {"name": "a-1b"}]),
        "queues[2].name",
        "share the logical id A1b",
    ),
    "a queue called like a dead-letter queue": (
        document(queues=[{"name": "hello-dlq"}]),
        "queues[0].name",
        "the dead-letter queue of the function 'hello'",
    ),
    "the topic of the alarms": (document(topics=[{"name": "alarms"}]), "topics[0].name", "topic of the alarms"),
    "the default bus": (document(event_buses=[{"name": "default"}]), "event_buses[0].name", "account's own bus"),
    "a queue's name too long": (
        {"service": {"name": "s" * 40}, "queues": [{"name": "q" * 40}]},
        "queues[0].name",
        "AWS allows 80",
    ),
    "a bucket's name too long": (
        {"service": {"name": "s" * 20}, "buckets": [{"name": "b" * 20}]},
        "buckets[0].name",
        "AWS allows 63",
    ),
    "a role's name too long with its region": (
        {
            "service": {"name": "s" * 30},
            "environments": [{"name": "e", "further_regions": [{"name": "us-east-1"}]}],
            "functions": [{"name": "f" * 22}],
        },
        "functions[0].name",
        "has 65 characters, AWS allows 64",
    ),
    "an attribute of two types": (
        table(indexes=[{"name": "by-id", "partition_key": {"name": "id", "type": "N"}}]),
        "tables[0].indexes[0].partition_key.type",
        "'id' is N here and S elsewhere",
    ),
    "one key for both": (table(sort_key={"name": "id"}), "tables[0].sort_key", "is the partition key as well"),
    "an index twice": (
        table(
            indexes=[{"name": "abc", "partition_key": {"name": "a"}}, {"name": "abc", "partition_key": {"name": "b"}}]
        ),
        "tables[0].indexes[1].name",
        "'abc' is there already",
    ),
    "a key that expires": (table(time_to_live="id"), "tables[0].time_to_live", "'id' is a key"),
    "a region twice": (
        with_environment(further_regions=[{"name": "us-west-2"}]),
        "environments[0].further_regions[0].name",
        "one of the environment's regions already",
    ),
    "an environment called as a region's table is": (
        document(
            environments=[{"name": "p", "further_regions": [{"name": "eu-west-1"}]}, {"name": "p-eu-west-1"}],
            functions=[{"name": "a"}],
        ),
        "environments[1].name",
        "is what samconfig.toml calls p in eu-west-1",
    ),
    "a function called as CodeDeploy's role is": (
        document(functions=[{"name": "codedeploy"}]),
        "functions[0].name",
        "is CodeDeploy's role",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_not_allowed_is_refused(name: str) -> None:
    data, path, says = BAD[name]
    problems = refused(data)
    assert list(problems) == [path]
    assert says in problems[path]


def test_every_rule_has_a_case() -> None:
    broken: set[str] = set()
    for data, _, _ in BAD.values():
        spec_parts = _draft(data)
        broken |= {rule.__name__ for rule in rules._RULES if list(rule(spec_parts))}
    assert broken == {rule.__name__ for rule in rules._RULES}


def _draft(data: dict[str, Any]) -> Draft:
    from generator.spec.defaults import complete
    from generator.spec.model import ServiceSpec

    return Draft.of(ServiceSpec.model_validate(complete(data)))


def test_rules_speak_beside_broken_fields() -> None:
    data = document(
        environments=[{"name": "dev", "log_level": "INFO"}, {"name": "dev"}],
        functions=[{"name": "a", "timeout": 30, "memory_size": 1}],
    )
    assert set(refused(data)) == {
        "environments[0].log_level",
        "environments[1].name",
        "functions[0].memory_size",
        "functions[0].timeout",
    }
