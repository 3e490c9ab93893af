"""The checks of single answers for an environment without pydantic: the functions the models use, by hand.

Only what cookiecutter.json asks for can stand in such a document; everything else has its default.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from generator.spec import names, patterns, references, values
from generator.spec.problems import Path, Problem, SpecError
from generator.spec.runtimes import check_runtime
from generator.spec.schema import choices

_Check = Callable[[Any], Any]


def _one_of(allowed: list[Any]) -> _Check:
    def check(value: Any) -> Any:
        if value not in allowed:
            raise ValueError(f"{names.shown(value)} is not allowed; choose from {', '.join(map(repr, allowed))}")
        return value

    return check


def check_plain(document: dict[str, Any]) -> None:
    """Check a completed document of short answers in place; SpecError with every problem.

    Values are replaced by their canonical form, as the models do (`10.0.0.1` → `10.0.0.1/32`).
    """
    problems: list[Problem] = []
    service, api = document["service"], document.get("api", {})
    _apply(
        service,
        ("service",),
        {"name": names.check_service_name, "description": names.check_text, "owner": names.check_tag_value},
        problems,
    )
    if "name" not in service:
        problems.append(Problem(("service", "name"), "is missing"))
    _apply(
        api,
        ("api",),
        {"name": names.check_api_name, "authorization": _one_of(choices("Api", "authorization"))},
        problems,
    )
    for index, environment in enumerate(document["environments"]):
        checks: dict[Any, _Check] = {
            "name": names.check_environment_name,
            "region": values.check_region,
            "account": values.check_account,
        }
        _apply(environment, ("environments", index), checks, problems)
        cidrs = environment.get("allowed_cidrs", [])
        for place in range(len(cidrs)):
            _apply(cidrs, ("environments", index, "allowed_cidrs"), {place: values.check_cidr}, problems)
    for index, function in enumerate(document["functions"]):
        _check_function(function, ("functions", index), problems)
    if problems:
        raise SpecError("the answers", problems)


def _check_function(function: dict[str, Any], path: Path, problems: list[Problem]) -> None:
    _apply(function, path, {"name": names.check_function_name, "runtime": check_runtime}, problems)
    if "runtime" not in function:
        problems.append(
            Problem(
                (*path, "runtime"),
                "name it (hello:python3.14): cfn-lint, whose data says which is the newest, is not installed",
            )
        )
    for place, trigger in enumerate(function.get("triggers", [])):
        checks: dict[Any, _Check] = {
            "method": _one_of(choices("ApiTrigger", "method")),
            "path": values.check_path,
            "expression": values.check_schedule,
            "queue": references.reference("sqs", "queue"),
            "topic": references.reference("sns", "topic"),
            "bucket": references.reference("s3", "bucket"),
            "pattern": patterns.check_pattern,
        }
        _apply(trigger, (*path, "triggers", place), checks, problems)


def _apply(data: Any, path: Path, checks: dict[Any, _Check], problems: list[Problem]) -> None:
    for key, check in checks.items():
        if isinstance(data, dict) and key not in data:
            continue
        try:
            data[key] = check(data[key])
        except ValueError as error:
            problems.append(Problem((*path, key), str(error)))
