"""Rules about triggers and permissions: what they name exists, and each source is taken from as it allows."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from generator.spec import names, values
from generator.spec.draft import Draft
from generator.spec.permissions import KINDS, VARIABLE_SUFFIX, declared_name, variable_name
from generator.spec.problems import Path, Problem
from generator.spec.references import is_name

if TYPE_CHECKING:
    from generator.spec.model import Permission

# IAM: 10,240 characters for all inline policies of a role; what every role has needs some of them.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
POLICY_CHARACTERS = 8_000
POLLING_CHARACTERS = 400
SQS_BATCH_WITHOUT_WINDOW = 10
# EventBridge's and SNS's own: a rule's name has at most 64 characters.
# https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
RULE_NAME_LIMIT = 64
_ASYNCHRONOUS = {"schedule", "sns", "eventbridge", "s3", "function"}


def _unknown(path: Path, key: str, section: str, name: str, known: list[str]) -> Problem:
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean '{near[0]}'?" if near else f"declare it under {section}"
    return Problem((*path, key), f"{section} have no '{name}': {hint}")


def _tables(draft: Draft) -> Iterator[Problem]:
    known = draft.names("tables")
    for path, _, trigger in draft.triggers("dynamodb"):
        if is_name(trigger.table) and trigger.table not in known:
            yield _unknown(path, "table", "tables", trigger.table, known)


def _queues(draft: Draft) -> Iterator[Problem]:
    consumers: dict[str, str] = {}
    for path, function, trigger in draft.triggers("sqs"):
        if trigger.batch_size > SQS_BATCH_WITHOUT_WINDOW and not trigger.batching_window:
            yield Problem((*path, "batch_size"), f"{trigger.batch_size} needs a batching_window of 1 second or more")
        if trigger.queue in consumers:
            yield Problem(
                (*path, "queue"),
                f"'{trigger.queue}' is read by {consumers[trigger.queue]} already, and a message goes to one reader: "
                "use a topic for both",
            )
        consumers.setdefault(trigger.queue, function.name)
    for index, function in draft.functions:
        wanted = sum(t.maximum_concurrency for t in function.triggers if t.type == "sqs")
        if wanted > function.reserved_concurrency:
            yield Problem(
                ("functions", index, "reserved_concurrency"),
                f"{function.reserved_concurrency} is less than the {wanted} that its queues may start at once "
                "(maximum_concurrency, at least 2 a queue): raise it",
            )


def _rule_names(draft: Draft) -> Iterator[Problem]:
    for path, function, trigger in draft.triggers("eventbridge", "s3"):
        name = names.physical_name(draft.longest_environment(), draft.service.name, function.name, trigger.type, "10")
        if len(name) > RULE_NAME_LIMIT:
            yield Problem(
                path,
                f"the rule's name '{name}' has {len(name)} characters, EventBridge allows {RULE_NAME_LIMIT}: shorten "
                "the environment's, the service's or the function's name",
            )


def _function_triggers(draft: Draft) -> Iterator[Problem]:
    known = {function.name: function for _, function in draft.functions}
    outcomes: dict[tuple[str, str], str] = {}
    targets: dict[str, set[str]] = defaultdict(set)
    for path, function, trigger in draft.triggers("function"):
        source = known.get(trigger.function)
        if source is None:
            yield _unknown(path, "function", "functions", trigger.function, list(known))
            continue
        kinds = {t.type for t in source.triggers}
        if kinds and not kinds & _ASYNCHRONOUS:
            yield Problem(
                (*path, "function"),
                f"nothing invokes '{source.name}' asynchronously ({', '.join(sorted(kinds))}), so Lambda hands on no "
                "outcome of it",
            )
        taken = outcomes.setdefault((source.name, trigger.outcome), function.name)
        if taken != function.name:
            yield Problem(path, f"{taken} has the {trigger.outcome} of '{source.name}' already, and it goes to one")
        if _reaches(targets, function.name, source.name):
            yield Problem((*path, "function"), f"'{source.name}' would be invoked by its own outcome, in a circle")
        else:
            targets[source.name].add(function.name)


def _reaches(targets: dict[str, set[str]], start: str, end: str) -> bool:
    """Whether the outcome of one function leads to another, over any number of steps."""
    return start == end or any(_reaches(targets, following, end) for following in targets[start])


def _permissions(draft: Draft) -> Iterator[Problem]:
    for index, function in draft.functions:
        for place, permission in enumerate(function.permissions):
            yield from _permission(draft, ("functions", index, "permissions", place), permission)
        size = sum(_size(permission) for permission in function.permissions) + 120 * len(function.secrets)
        size += POLLING_CHARACTERS * sum(trigger.type in {"sqs", "dynamodb"} for trigger in function.triggers)
        if size > POLICY_CHARACTERS:
            yield Problem(
                ("functions", index, "permissions"),
                f"the statements need about {size:,} characters; a role's policies hold {POLICY_CHARACTERS:,}",
            )


def _size(permission: Permission) -> int:
    raw = sum(len(text) + 4 for text in (*(permission.actions or ()), *(permission.resources or ())))
    return raw or (700 if permission.dynamodb or permission.s3 else 350)


def _permission(draft: Draft, path: Path, permission: Permission) -> Iterator[Problem]:
    typed = [kind for kind in KINDS if getattr(permission, kind) is not None]
    if permission.actions is None and permission.resources is None:
        if len(typed) != 1:
            yield Problem(path, f"say one thing that the function may do: {', '.join(KINDS)}, or actions and resources")
            return
        yield from _typed_permission(draft, path, typed[0], getattr(permission, typed[0]))
        return
    if typed:
        yield Problem(path, f"{typed[0]} and a raw statement are two permissions: list them one by one")
    for key in ("actions", "resources", "reason"):
        if getattr(permission, key) is None:
            why = " why the function needs it" if key == "reason" else ""
            yield Problem((*path, key), f"is missing: a raw statement has actions, resources and a reason{why}")
    limitable = [action for action in permission.actions or () if values.can_be_limited(action)]
    if "*" in (permission.resources or ()) and limitable:
        yield Problem(
            (*path, "resources"), f"{', '.join(limitable)} can be limited to a resource: name it instead of '*'"
        )


def _typed_permission(draft: Draft, path: Path, kind: str, access: Any) -> Iterator[Problem]:
    section, key = KINDS[kind]
    if section is None:
        return
    known = [f.name for _, f in draft.functions] if section == "functions" else draft.names(section)
    name = getattr(access, key)
    if is_name(name) and name not in known and (kind, name) != ("events", "default"):
        yield _unknown((*path, kind), key, section, name, known)


def _access_variables(draft: Draft) -> Iterator[Problem]:
    for index, function in draft.functions:
        for permission in function.permissions:
            for kind in VARIABLE_SUFFIX:
                access = getattr(permission, kind)
                name = declared_name(kind, access) if access is not None else None
                if name is not None and variable_name(kind, name) in function.environment:
                    yield Problem(
                        ("functions", index, "environment", variable_name(kind, name)),
                        f"is set by the permission on {kind} '{name}': use another name",
                    )


def _many_triggers(draft: Draft) -> Iterator[Problem]:
    for index, function in draft.functions:
        seen: dict[str, set[str]] = defaultdict(set)
        for place, trigger in enumerate(function.triggers):
            key = {"sns": "topic", "dynamodb": "table"}.get(trigger.type)
            if key is None:
                continue
            source = str(getattr(trigger, key))
            if source in seen[trigger.type]:
                yield Problem(("functions", index, "triggers", place, key), f"'{source}' invokes the function already")
            seen[trigger.type].add(source)


RULES: tuple[Callable[[Draft], Iterator[Problem]], ...] = (
    _tables,
    _queues,
    _rule_names,
    _function_triggers,
    _many_triggers,
    _permissions,
    _access_variables,
)
