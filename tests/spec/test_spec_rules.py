"""Rules that relate fields to each other: each with what passes just so and what just does not."""

from __future__ import annotations

from typing import Any

import pytest
from spec_documents import accepted, document, get, refused, with_environment, with_function, with_triggers

from generator.spec import rules
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
    return document(functions=functions)


GOOD = {
    "64 characters": named(16, 7, 39),
    "64 characters with a schedule": named(16, 7, 30, DAILY),
    "names that differ": document(functions=[{"name": "a-b"}, {"name": "a-c"}]),
    "one method a path": with_triggers(get("/a"), get("/a", "POST"), get("/b", "ANY")),
    "the same variable": with_triggers(get("/a/{id}"), get("/a/{id}/b"), get("/b/{other}")),
    "a variable beside a word": with_triggers(get("/a/{id}"), get("/a/new")),
    "300 resources": at_paths(300),
    "29 seconds with a route": with_function(timeout=29),
    "900 seconds with a schedule": with_function(timeout=900, triggers=[DAILY]),
    "all that can be reserved": document(functions=[{"name": "a", "reserved_concurrency": 450}]),
    "apart by region": document(
        environments=[{"name": "a"}, {"name": "b", "region": "eu-west-1"}],
        functions=[{"name": "a", "reserved_concurrency": 900}],
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
    "a method beside ANY": (
        with_triggers(get("/a", "ANY"), get("/a")),
        "functions[0].triggers[1]",
        "GET /a is covered by ANY already",
    ),
    "ANY beside a method": (
        with_triggers(get("/a"), get("/a", "ANY")),
        "functions[0].triggers[1]",
        "ANY /a covers GET, which is there already",
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
        document(functions=[{"name": "a", "reserved_concurrency": 451}]),
        "functions",
        "adds up to 902 in account 123456789012, us-west-2 (dev and prod), where 900 can be reserved",
    ),
    "the smallest quota counts": (
        with_environment(concurrency_limit=101) | {"functions": [{"name": "a", "reserved_concurrency": 2}]},
        "functions",
        "where 1 can be reserved",
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


def _draft(data: dict[str, Any]) -> rules.Draft:
    from generator.spec.defaults import complete
    from generator.spec.model import ServiceSpec

    return rules.Draft.of(ServiceSpec.model_validate(complete(data)))


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
