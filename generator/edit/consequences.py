"""What a deployment after a change means in AWS: what goes, what stays behind, what is made anew.

It compares the whole specs, as a change may reach further than its own lines: a queue that only a trigger named goes
with the trigger. What is kept and what is deleted are the deletion policies of the template's resources.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from generator.edit.change import Edited
from generator.spec.authorization import schemes
from generator.spec.names import physical_name
from generator.spec.triggers import trigger_text

if TYPE_CHECKING:
    from generator.spec.model import ServiceSpec
    from generator.spec.request_models import Models


@dataclass(frozen=True)
class Consequence:
    """One thing that a deployment does.

    Attributes:
        text: a sentence.
        is_loss: whether something that holds data is deleted, replaced or left behind.
    """

    text: str
    is_loss: bool = False

    def as_json(self) -> dict[str, Any]:
        """JSON-ready data."""
        return {"text": self.text, "is_loss": self.is_loss}


# The template keeps what holds data (DeletionPolicy: RetainExceptOnCreate) and deletes what only hands it on.
_KEPT = {"tables": "table", "queues": "queue", "buckets": "bucket"}
_DELETED = {"topics": "topic", "event_buses": "event bus"}


def consequences(edited: Edited, models: Models) -> list[Consequence]:
    """What the next deployments do, the losses first; `models` is what `load_models` has read."""
    before, after = edited.before, edited.after
    found = [*_stacks(edited, models), *_resources(before, after), *_environments(before, after), *_api(before, after)]
    if edited.change.moves:
        found += _renamed(before, *edited.change.moves)
    else:
        found += _functions(before, after)
        found += _triggers(before, after)
    found += _concurrency(edited)
    return sorted(found, key=lambda one: not one.is_loss)


def _gone(before: ServiceSpec, after: ServiceSpec, section: str) -> list[str]:
    left = [item.name for item in getattr(after, section)]
    return [item.name for item in getattr(before, section) if item.name not in left]


# Below it all functions are in one stack, and nobody has to wait for an answer to that.
_ONE_STACK = 10


def _stacks(edited: Edited, models: Models) -> Iterator[Consequence]:
    """Functions that go to another stack, as the order of functions decides which stack each one is in."""
    if len(edited.before.functions) <= _ONE_STACK:
        return
    from generator.render import stack_folders

    was, becomes = stack_folders(edited.before, models), stack_folders(edited.after, models)
    names = dict([edited.change.moves] if edited.change.moves else [])
    moved = [name for name, folder in was.items() if becomes.get(names.get(name, name), folder) != folder]
    if moved:
        yield Consequence(
            f"{', '.join(moved)}: goes to another functions stack, and the deployment can FAIL, as each name is taken "
            "until the other stack has let it go: deploy without it first, then with it.",
            is_loss=True,
        )


def _api(before: ServiceSpec, after: ServiceSpec) -> Iterator[Consequence]:
    """What goes with the last route, or with the last one that a user pool's tokens open."""
    if _routes(before) and not _routes(after):
        name = physical_name("<environment>", before.api.name)
        yield Consequence(
            f"The REST API {name} is DELETED with its access logs: the last route goes. One that is made later has "
            "another address.",
            is_loss=True,
        )
    if _makes_user_pool(before) and not _makes_user_pool(after):
        pool = physical_name("<environment>", before.service.name)
        yield Consequence(
            f"The Cognito user pool {pool} leaves the stack, but is NOT deleted: its users stay until you delete it.",
            is_loss=True,
        )


def _routes(spec: ServiceSpec) -> list[tuple[str, str | None]]:
    return [(t.path, t.authorization) for f in spec.functions for t in f.triggers if t.type == "api"]


def _makes_user_pool(spec: ServiceSpec) -> bool:
    used = schemes(spec.api.authorization, spec.api.health, _routes(spec))
    return spec.api.user_pool == "created" and "cognito" in used


def _resources(before: ServiceSpec, after: ServiceSpec) -> Iterator[Consequence]:
    for section, word in _KEPT.items():
        for name in _gone(before, after, section):
            full = physical_name("<environment>", before.service.name, name)
            yield Consequence(
                f"The {word} {full} leaves the stack, but is NOT deleted: it stays in each account with what it holds, "
                f"and costs, until you delete it; added again under this name it is in the way.",
                is_loss=True,
            )
            if section == "queues":
                yield Consequence(f"So does its dead-letter queue {full}-queue-dlq.", is_loss=True)
    for section, word in _DELETED.items():
        for name in _gone(before, after, section):
            full = physical_name("<environment>", before.service.name, name)
            yield Consequence(f"The {word} {full} is deleted, with the subscriptions and rules that others made on it.")
            if section == "event_buses":
                yield Consequence(f"Its dead-letter queue {full}-bus-dlq is NOT deleted, and costs.", is_loss=True)


def _functions(before: ServiceSpec, after: ServiceSpec) -> Iterator[Consequence]:
    for name in _gone(before, after, "functions"):
        full = physical_name("<environment>", before.service.name, name)
        yield Consequence(f"{_lost(full)}.", is_loss=True)
        yield Consequence(f"The function {full} is deleted, with its versions, alias, role and alarms.")
        function = next(one for one in before.functions if one.name == name)
        for secret in function.secrets:
            if not any(secret in one.secrets for one in after.functions):
                yield _parameter_stays(before, secret)


def _lost(full: str) -> str:
    return f"The log group /aws/lambda/{full} and the dead-letter queue {full}-dlq are DELETED with all that is in them"


def _triggers(before: ServiceSpec, after: ServiceSpec) -> Iterator[Consequence]:
    left = {function.name: function for function in after.functions}
    for function in before.functions:
        if function.name not in left:
            continue
        kept = [trigger_text(trigger) for trigger in left[function.name].triggers]
        for trigger in function.triggers:
            if (text := trigger_text(trigger)) not in kept:
                full = physical_name("<environment>", before.service.name, function.name)
                yield Consequence(f"{text} does not invoke {full} any more.")
        for secret in function.secrets:
            if not any(secret in one.secrets for one in after.functions):
                yield _parameter_stays(before, secret)


def _parameter_stays(before: ServiceSpec, secret: str) -> Consequence:
    parameter = f"/<environment>/{before.service.name}/{secret}"
    return Consequence(f"The parameter {parameter} stays, as no stack owns it, until you delete it.")


def _environments(before: ServiceSpec, after: ServiceSpec) -> Iterator[Consequence]:
    for name in _gone(before, after, "environments"):
        stack = physical_name(name, before.service.name)
        yield Consequence(
            f"Nothing of {name} is deleted in AWS: its stack {stack} runs on, and costs, until you delete it "
            f"(aws cloudformation delete-stack --stack-name {stack}).",
            is_loss=True,
        )


def _renamed(before: ServiceSpec, old: str, new: str) -> Iterator[Consequence]:
    was = physical_name("<environment>", before.service.name, old)
    becomes = physical_name("<environment>", before.service.name, new)
    yield Consequence(f"{_lost(was)}: read or move it before you deploy.", is_loss=True)
    yield Consequence(
        f"The function is REPLACED: {becomes} is made with its first version, alias, role, log group, dead-letter "
        f"queue and alarms, then {was} is deleted. Traffic moves at once, without a canary, and "
        f"cannot be rolled back to {was}."
    )
    yield Consequence(f"Whoever calls {was} by its name or ARN from outside of this service has to use {becomes}.")
    function = next(one for one in before.functions if one.name == old)
    if any(trigger.type in {"sqs", "dynamodb"} for trigger in function.triggers):
        yield Consequence(
            "For a moment both functions read the same queue or stream: a record may be handled twice, and of a stream "
            "with LATEST one may be missed."
        )


def _concurrency(edited: Edited) -> Iterator[Consequence]:
    """What changes of functions that the change is not about, as they share the account's quota."""
    after = {function.name: function.reserved_concurrency for function in edited.after.functions}
    moved = [f for f in edited.before.functions if after.get(f.name, f.reserved_concurrency) != f.reserved_concurrency]
    if moved:
        names = ", ".join(function.name for function in moved)
        yield Consequence(
            f"{names}: the reserved concurrency becomes {after[moved[0].name]} from {moved[0].reserved_concurrency}, "
            "as the functions that name none share the account's quota."
        )
