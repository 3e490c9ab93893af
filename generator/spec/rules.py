"""Rules that relate several fields of a spec to each other. Each yields every problem it finds.

They read the spec by attributes and work on whatever parts are sound, so that one run reports everything.
Standard library only.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from generator.spec import api_rules, data_rules, names, pipeline_rules, trigger_rules, values
from generator.spec.authorization import HEALTH_PATH, has_health
from generator.spec.defaults import HOOK_CONCURRENCY, UNRESERVED
from generator.spec.draft import Draft, region_names
from generator.spec.problems import Path, Problem

if TYPE_CHECKING:
    from generator.spec.model import Environment

# API Gateway answers within 29 seconds, whatever the function's timeout.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
API_TIMEOUT = 29
API_RESOURCES = 300
# Lambda: 4 KB for all variables of a function.
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
VARIABLES_BYTES = 4_096
# A typed permission sets a variable that holds at most an ARN.
ACCESS_VARIABLE_BYTES = 160
# One role and at most one schedule role a function in the security stack, CloudFormation's 500 resources a
# stack, and what else stands there.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
FUNCTIONS = 235


def check(draft: Draft) -> list[Problem]:
    """Every problem between the fields, in the order of the document's sections."""
    return [problem for rule in _RULES for problem in rule(draft)]


def _unique_names(draft: Draft) -> Iterator[Problem]:
    for section, items in (("environments", draft.environments), ("functions", draft.functions)):
        seen: dict[str, str] = {}
        for index, item in items:
            key = names.logical_id(item.name)
            if key in seen:
                same = seen[key] == item.name
                why = "is there already" if same else f"and '{seen[key]}' would share the logical id {key}"
                yield Problem((section, index, "name"), f"'{item.name}' {why}: use another name")
            seen.setdefault(key, item.name)


def _name_lengths(draft: Draft) -> Iterator[Problem]:
    longest = max((e.name for _, e in draft.environments), key=len, default="")
    for index, function in draft.functions:
        schedules = sum(t.type == "schedule" for t in function.triggers)
        name = names.physical_name(longest, draft.service.name, function.name)
        # A schedule is called <function>-<number>, the role that invokes it <function>-schedule.
        length = len(name) + (len("-schedule") if schedules else 0)
        if length > names.FUNCTION_NAME_LIMIT:
            called = f"'{name}'" if not schedules else f"'{name}-schedule'"
            yield Problem(
                ("functions", index, "name"),
                f"{called} has {length} characters, AWS allows {names.FUNCTION_NAME_LIMIT}: "
                "shorten the environment's, the service's or the function's name",
            )


def _routes(draft: Draft) -> Iterator[Problem]:
    """A route once; API Gateway lets ANY stand beside single methods, which go before it.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-any-method.html
    """
    taken: dict[str, set[str]] = defaultdict(set)
    places: dict[str, Path] = {}
    for path, route in draft.routes():
        if route.method in taken[route.path]:
            yield Problem(path, f"the route {route.method} {route.path} is there already")
        taken[route.path].add(route.method)
        if route.method == "ANY":
            places[route.path] = path
    for name, path in places.items():
        if taken[name] >= set(values.METHODS):
            yield Problem(path, f"the route ANY {name} stands beside every single method: leave it out")


def _path_variables(draft: Draft) -> Iterator[Problem]:
    """API Gateway allows one variable name among siblings: /orders/{id} beside /orders/{order} fails."""
    variables: dict[str, str] = {}
    for path, route in draft.routes():
        parts = route.path.strip("/").split("/")
        for depth, part in enumerate(parts):
            parent = "/".join(parts[:depth])
            if part.startswith("{") and variables.setdefault(parent, part) != part:
                yield Problem(
                    (*path, "path"),
                    f"{part} stands beside {variables[parent]} under /{parent}; API Gateway allows one variable "
                    "there: use the same name",
                )


def _api_size(draft: Draft) -> Iterator[Problem]:
    resources: set[str] = set()
    paths = [route.path for _, route in draft.routes()]
    for path in paths + [HEALTH_PATH] * has_health(draft.api.health, paths):
        parts = path.strip("/").split("/")
        resources.update("/".join(parts[:depth]) for depth in range(1, len(parts) + 1))
    if len(resources) > API_RESOURCES:
        yield Problem(
            ("functions",),
            f"the routes need {len(resources)} API Gateway resources, an API has at most {API_RESOURCES}: "
            "split the service",
        )


def _timeouts(draft: Draft) -> Iterator[Problem]:
    for index, function in draft.functions:
        if function.timeout > API_TIMEOUT and any(t.type == "api" for t in function.triggers):
            yield Problem(
                ("functions", index, "timeout"),
                f"{function.timeout} is longer than the {API_TIMEOUT} seconds that API Gateway waits: "
                f"at most {API_TIMEOUT} with an api trigger",
            )


def _concurrency(draft: Draft) -> Iterator[Problem]:
    wanted = HOOK_CONCURRENCY + sum(function.reserved_concurrency for _, function in draft.functions)
    places: dict[tuple[str, str], list[Environment]] = defaultdict(list)
    for _, environment in draft.environments:
        for region in region_names(environment):
            places[environment.account, region].append(environment)
    for (account, region), sharing in places.items():
        limit = min(environment.concurrency_limit for environment in sharing)
        total = wanted * len(sharing)
        if total > limit - UNRESERVED:
            shared = " and ".join(environment.name for environment in sharing)
            yield Problem(
                ("functions",),
                f"reserved_concurrency adds up to {total:,} with the pre-traffic hook's in account {account}, {region} "
                f"({shared}), where "
                f"{limit - UNRESERVED:,} can be reserved: lower it, split the accounts, or raise "
                "concurrency_limit to the account's real quota",
            )


def _access(draft: Draft) -> Iterator[Problem]:
    for index, environment in draft.environments:
        if environment.public and environment.allowed_cidrs:
            yield Problem(
                ("environments", index, "public"),
                "the environment is public and has allowed_cidrs: keep one of the two",
            )


def _listed_twice(draft: Draft) -> Iterator[Problem]:
    """A value that stands twice in a list is a slip: the second one has no effect."""
    lists: list[tuple[Path, Sequence[str]]] = [(("api", "cors_origins"), getattr(draft.api, "cors_origins", []))]
    for index, environment in draft.environments:
        for key in ("allowed_cidrs", "vpc_endpoint_ids"):
            lists.append((("environments", index, key), getattr(environment, key, [])))
    for path, values_ in lists:
        for place, value in enumerate(values_):
            if value in values_[:place]:
                yield Problem((*path, place), f"'{value}' is listed already")


def _variables(draft: Draft) -> Iterator[Problem]:
    for index, function in draft.functions:
        own = set(function.environment)
        for place, secret in enumerate(function.secrets):
            if secret_variable(secret) in own:
                yield Problem(
                    ("functions", index, "secrets", place),
                    f"the secret's path arrives in {secret_variable(secret)}, which environment sets too",
                )
        for secret, times in Counter(function.secrets).items():
            if times > 1:
                yield Problem(("functions", index, "secrets"), f"'{secret}' is listed {times} times")
        size = sum(len(k.encode()) + len(v.encode()) for k, v in function.environment.items())
        size += sum(len(secret_variable(s)) + len(s) + 64 for s in function.secrets)
        size += ACCESS_VARIABLE_BYTES * len(function.permissions)
        if size > VARIABLES_BYTES - 512:
            yield Problem(
                ("functions", index, "environment"),
                f"the variables need {size:,} bytes; Lambda allows {VARIABLES_BYTES:,}, of which the template uses 512",
            )


def secret_variable(secret: str) -> str:
    """`db-password` → `DB_PASSWORD_PARAMETER`, the variable that holds the parameter's name."""
    return re.sub(r"-", "_", secret).upper() + "_PARAMETER"


def _count(draft: Draft) -> Iterator[Problem]:
    if len(draft.functions) > FUNCTIONS:
        yield Problem(
            ("functions",),
            f"{len(draft.functions)} functions are more than one security stack holds ({FUNCTIONS}): split the service",
        )


_RULES: tuple[Callable[[Draft], Iterator[Problem]], ...] = (
    _unique_names,
    _name_lengths,
    _access,
    _listed_twice,
    _count,
    _routes,
    _path_variables,
    _api_size,
    *api_rules.RULES,
    _timeouts,
    _variables,
    *trigger_rules.RULES,
    *data_rules.RULES,
    *pipeline_rules.RULES,
    _concurrency,
)
