"""Documents for the tests of the spec: small ones, and one that says something in every field."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from generator.spec.load import parse_spec, spec_from
from generator.spec.model import ServiceSpec
from generator.spec.problems import Problem, SpecError, path_text

RICH: dict[str, Any] = {
    "service": {
        "name": "order-desk",
        "description": 'Takes orders: it\'s "the" desk, & <more>',
        "owner": "team-orders",
        "cost_center": "cc-42",
        "tags": {"Tier": "1", "data:class": "internal"},
    },
    "api": {
        "name": "OrdersAPI",
        "authorization": "cognito",
        "cors_origins": ["https://app.example.com", "http://localhost:3000"],
        "throttling": {"rate_limit": 20, "burst_limit": 40},
    },
    "environments": [
        {"name": "dev", "allowed_cidrs": ["10.20.0.0/16", "2001:db8::/32"], "alarm_email": "dev@example.com"},
        {
            "name": "live-eu",
            "region": "eu-west-1",
            "account": "012345678901",
            "production": True,
            "log_level": "WARN",
            "public": True,
            "deployment_preference": "Linear10PercentEvery1Minute",
            "log_retention_days": 90,
            "concurrency_limit": 3000,
        },
    ],
    "functions": [
        {
            "name": "orders",
            "description": "Orders, one by one",
            "memory_size": 512,
            "timeout": 29,
            "reserved_concurrency": 7,
            "architecture": "x86_64",
            "triggers": [
                {"type": "api", "path": "/orders/{id}"},
                {"type": "api", "method": "POST", "path": "/orders", "authorization": "iam"},
                {"type": "api", "method": "ANY", "path": "/files/{path+}", "authorization": "none"},
                {"type": "schedule", "expression": "cron(0 6 ? * MON-FRI *)", "timezone": "Europe/Vienna"},
            ],
            "environment": {"TABLE_NAME": "orders", "NOTE": "a: b # c"},
            "secrets": ["db-password"],
            "permissions": [
                {
                    "actions": ["dynamodb:GetItem", "dynamodb:PutItem"],
                    "resources": [
                        "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${Environment}-orders"
                    ],
                    "reason": "Reads and writes orders",
                }
            ],
        },
        {"name": "nightly", "triggers": [{"type": "schedule", "expression": "rate(1 day)"}]},
        {"name": "by-hand", "triggers": []},
    ],
}


def document(**sections: Any) -> dict[str, Any]:
    """A document of a service called `orders` and the given sections."""
    return {"service": {"name": "orders"}, **sections}


def with_function(**fields: Any) -> dict[str, Any]:
    """A document of one function with the given fields."""
    return document(functions=[{"name": "hello", **fields}])


def with_environment(**fields: Any) -> dict[str, Any]:
    """A document of one environment with the given fields."""
    return document(environments=[{"name": "dev", **fields}])


def with_triggers(*triggers: dict[str, Any]) -> dict[str, Any]:
    """A document of one function with the given triggers."""
    return with_function(triggers=list(triggers))


def get(path: str, method: str = "GET") -> dict[str, Any]:
    """An api trigger."""
    return {"type": "api", "method": method, "path": path}


def accepted(data: dict[str, Any]) -> ServiceSpec:
    """The spec of a document that has to be sound; the document itself is not touched."""
    before = deepcopy(data)
    spec = spec_from(data, "the document")
    assert data == before
    return spec


def refused(data: dict[str, Any]) -> dict[str, str]:
    """Path and message of every problem of a document that has to have some."""
    try:
        spec_from(data, "the document")
    except SpecError as error:
        return _by_path(error.problems)
    raise AssertionError("the document was accepted")


def refused_text(text: str) -> str:
    """The message about a samgen.yaml that has to be refused for what it says."""
    try:
        parse_spec(text.encode(), "samgen.yaml")
    except SpecError as error:
        return str(error)
    raise AssertionError("the text was accepted")


def _by_path(problems: tuple[Problem, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for problem in problems:
        assert problem.message.strip()
        assert "\n" not in problem.message
        path = path_text(problem.path)
        found[path] = f"{found[path]}; {problem.message}" if path in found else problem.message
    return found
