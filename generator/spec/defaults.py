"""Defaults that depend on other answers: an environment's name, how many functions share an account.

They are filled into the plain document before the models see it. Whatever has an unexpected shape is left
as it is, for the models to name. Standard library only.
"""

from __future__ import annotations

from collections import defaultdict
from copy import deepcopy
from typing import Any

from generator.spec.authorization import API_TOKEN, schemes
from generator.spec.references import is_name
from generator.spec.runtimes import newest

DEFAULT_REGION = "us-west-2"
DEFAULT_ACCOUNT = "123456789012"
DEFAULT_ENVIRONMENTS = ("dev", "prod")
DEFAULT_FUNCTION = "hello"
DEFAULT_AUTHORIZER = "authorizer"

PRODUCTION_NAMES = frozenset(["prod", "production"])
RESERVED_CONCURRENCY = 10
# Lambda keeps 100 executions of the account's quota unreserved.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
UNRESERVED = 100
# What the pre-traffic hook reserves in every environment: a release calls it once a function, all at about the same
# time, and who finds it busy waits longer each time.
HOOK_CONCURRENCY = 5
CONCURRENCY_LIMIT = 1_000

_PRODUCTION = {"log_level": "ERROR", "deployment_preference": "Canary10Percent5Minutes", "log_retention_days": 365}
_DEVELOPMENT = {"log_level": "WARN", "deployment_preference": "AllAtOnce", "log_retention_days": 30}


def complete(document: dict[str, Any]) -> dict[str, Any]:
    """Return a copy of a samgen.yaml document with every default that depends on another answer."""
    full = deepcopy(document)
    full.setdefault("environments", [{"name": name} for name in DEFAULT_ENVIRONMENTS])
    full.setdefault("functions", [{"name": DEFAULT_FUNCTION}])
    environments = _mappings(full["environments"])
    functions = _mappings(full["functions"])
    for environment in environments:
        _complete_environment(environment)
    for function in functions:
        _complete_function(function)
    _declare_authorizer(full, functions)
    _declare_sources(full, functions)
    _share_concurrency(functions, environments)
    for function in functions:
        _share_queues(function)
    return full


def _mappings(items: Any) -> list[dict[str, Any]]:
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _complete_environment(environment: dict[str, Any]) -> None:
    production = environment.setdefault("production", environment.get("name") in _names(PRODUCTION_NAMES))
    for key, value in (_PRODUCTION if production is True else _DEVELOPMENT).items():
        environment.setdefault(key, value)
    if isinstance(account := environment.get("account"), int) and not isinstance(account, bool):
        # YAML reads twelve digits as a number; one that starts with 0 arrives as text already.
        environment["account"] = str(account)


def _names(names: frozenset[str]) -> list[str]:
    """A list, as membership in a set would fail on a value that cannot be hashed."""
    return list(names)


def _complete_function(function: dict[str, Any]) -> None:
    if "runtime" not in function and (runtime := newest()) is not None:
        function["runtime"] = runtime
    if isinstance(name := function.get("name"), str):
        function.setdefault("triggers", [default_trigger(name)])


# What a trigger names and where the spec declares it. A table is not among them: nobody can guess its key.
_DECLARED = {"queue": "queues", "topic": "topics", "bucket": "buckets", "bus": "event_buses"}


def _declare_sources(document: dict[str, Any], functions: list[dict[str, Any]]) -> None:
    """Declare the queues, topics, buckets and buses that triggers name and nothing declares."""
    known: dict[str, set[str]] = {}
    for section in _DECLARED.values():
        listed = _mappings(document.get(section, []))
        known[section] = {name for item in listed if isinstance(name := item.get("name"), str)}
    known[_DECLARED["bus"]].add("default")
    for trigger in (t for f in functions for t in _mappings(f.get("triggers"))):
        for key, section in _DECLARED.items():
            name = trigger.get(key)
            listed = document.get(section, [])
            if not isinstance(name, str) or not is_name(name) or not isinstance(listed, list):
                continue
            if name not in known[section]:
                known[section].add(name)
                document[section] = [*listed, {"name": name}]


def _share_queues(function: dict[str, Any]) -> None:
    """Let the function's queues share its reserved concurrency; Lambda takes no fewer than 2 for each."""
    triggers = [t for t in _mappings(function.get("triggers")) if t.get("type") == "sqs"]
    reserved = function.get("reserved_concurrency")
    for trigger in triggers:
        if isinstance(reserved, int):
            trigger.setdefault("maximum_concurrency", max(2, min(reserved // len(triggers), 1_000)))


def _declare_authorizer(document: dict[str, Any], functions: list[dict[str, Any]]) -> None:
    """Declare the function that decides where the authorization is `lambda`, unless it is declared."""
    api = document.get("api", {})
    if not isinstance(api, dict) or not functions:
        return
    name = api.get("authorizer", DEFAULT_AUTHORIZER)
    triggers = [t for f in functions for t in _mappings(f.get("triggers")) if t.get("type") == "api"]
    routes = [(str(t.get("path")), _text(t.get("authorization"))) for t in triggers]
    used = schemes(_text(api.get("authorization")) or "iam", api.get("health", True) is True, routes)
    if "lambda" not in used:
        return
    for function in functions:
        if function.get("name") == name:
            function.setdefault("secrets", [API_TOKEN])
    if isinstance(name, str) and is_name(name) and all(f.get("name") != name for f in functions):
        function = {
            "name": name,
            "description": "Decides who may call the API",
            "runtime": functions[0].get("runtime"),
            "triggers": [],
            "secrets": [API_TOKEN],
        }
        functions.append({key: value for key, value in function.items() if value is not None})
        document["functions"] = [*document["functions"], functions[-1]]


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def default_trigger(function_name: str) -> dict[str, Any]:
    """The route a function answers when nothing else was said: `GET /<name>`."""
    return {"type": "api", "method": "GET", "path": f"/{function_name}"}


def _share_concurrency(functions: list[dict[str, Any]], environments: list[dict[str, Any]]) -> None:
    """Give the functions 10 each, or what the account's quota leaves where that is less."""
    silent = [function for function in functions if "reserved_concurrency" not in function]
    if not silent:
        return
    taken = HOOK_CONCURRENCY + sum(c for f in functions if isinstance(c := f.get("reserved_concurrency"), int))
    shares = [((limit - UNRESERVED) // count - taken) // len(silent) for limit, count in _quotas(environments)]
    share = max(1, min([RESERVED_CONCURRENCY, *shares]))
    for function in silent:
        function["reserved_concurrency"] = share


def _quotas(environments: list[dict[str, Any]]) -> list[tuple[int, int]]:
    """For each account and region: its quota and how many environments share it."""
    limits: dict[tuple[str, str], list[int]] = defaultdict(list)
    for environment in environments:
        account = str(environment.get("account", DEFAULT_ACCOUNT))
        further = [region.get("name") for region in _mappings(environment.get("further_regions"))]
        limit = environment.get("concurrency_limit", CONCURRENCY_LIMIT)
        for region in (environment.get("region", DEFAULT_REGION), *further):
            limits[account, str(region)].append(limit if isinstance(limit, int) else CONCURRENCY_LIMIT)
    return [(min(quotas), len(quotas)) for quotas in limits.values()]
