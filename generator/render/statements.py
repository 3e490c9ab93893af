"""What a function's role allows beside logs, traces and the key: from its secrets, triggers and permissions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from generator.render import arns
from generator.spec import permissions
from generator.spec.references import is_name

if TYPE_CHECKING:
    from generator.spec.model import Function, Permission

# What Lambda's pollers do with the function's role.
# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
# https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
_POLL_QUEUE = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
_POLL_STREAM = ("dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream")
# Lambda asks for it too; IAM has no resource that it could be limited to.
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
_LIST_STREAMS = ("dynamodb:ListStreams",)


@dataclass(frozen=True)
class Statement:
    """A statement of a function's role beside those that every function needs."""

    sid: str
    reason: str
    actions: list[str]
    resources: list[str]
    condition: Condition | None = None


@dataclass(frozen=True)
class Condition:
    """A condition of a statement: an operator, a key and its values."""

    operator: str
    key: str
    values: list[str]


def statements(function: Function, service: str, outcomes: list[tuple[str, str]]) -> Iterator[Statement]:
    """The statements of a function's role; `outcomes` are the functions that its own outcome invokes."""
    if function.secrets:
        paths = [arns.parameter_arn(f"/${{Environment}}/{service}/{secret}") for secret in function.secrets]
        yield Statement("ReadOwnSecrets", "The secrets it reads at run time.", ["ssm:GetParameter"], paths)
    yield from _polled(function.triggers, service)
    for outcome, target in outcomes:
        resource = arns.arn("invoke", service, target)
        reason = f"Lambda hands its {outcome} on to {target} as the function."
        yield Statement(f"HandOn{outcome.capitalize()}", reason, ["lambda:InvokeFunction"], [resource])
    for number, permission in enumerate(function.permissions, start=1):
        yield from _permission(number, permission, service)


def _polled(triggers: Iterable[Any], service: str) -> Iterator[Statement]:
    """What Lambda needs to poll queues and streams."""
    numbers: Counter[str] = Counter()
    for trigger in triggers:
        numbers[trigger.type] += 1
        number = numbers[trigger.type]
        if trigger.type == "sqs":
            queue = arns.arn("sqs", service, trigger.queue)
            yield Statement(f"PollQueue{number}", "Lambda polls the queue as the function.", list(_POLL_QUEUE), [queue])
            yield from _foreign_key(f"ReadQueue{number}", trigger)
        if trigger.type == "dynamodb":
            yield from _stream(number, trigger, service)
            yield from _foreign_key(f"ReadStream{number}", trigger)
    if numbers["dynamodb"]:
        reason = "Lambda lists streams as the function; IAM has no resource that this could be limited to."
        yield Statement("ListStreams", reason, list(_LIST_STREAMS), ["*"])


def _stream(number: int, trigger: Any, service: str) -> Iterator[Statement]:
    table = trigger.table
    # The stream's own name is the time it was turned on.
    stream = arns.arn("dynamodb", service, table) + "/stream/*" if is_name(table) else arns.existing(table)
    reason = "Lambda reads the table's stream as the function."
    yield Statement(f"ReadStream{number}", reason, list(_POLL_STREAM), [stream])


def _foreign_key(sid: str, trigger: Any) -> Iterator[Statement]:
    if getattr(trigger, "kms_key", None):
        key = arns.existing(trigger.kms_key)
        yield Statement(f"{sid}Key", "What arrives is encrypted with another key.", ["kms:Decrypt"], [key])


def _permission(number: int, permission: Permission, service: str) -> Iterator[Statement]:
    if permission.actions is not None and permission.resources is not None:
        reason = permission.reason or ""
        yield Statement(f"Declared{number}", reason, list(permission.actions), list(permission.resources))
        return
    kind = next(kind for kind in permissions.KINDS if getattr(permission, kind, None) is not None)
    access = getattr(permission, kind)
    name = getattr(access, permissions.KINDS[kind][1])
    wanted = getattr(access, "access", kind)
    reason = getattr(permission, "reason", None) or f"The spec's permission {number}: {kind} {wanted}."
    sid = f"Declared{number}"
    allowed = permissions.actions(kind, wanted)
    resources = [_resource(kind, access, name, service)]
    if kind == "dynamodb" and "dynamodb:Query" in allowed:
        yield Statement(f"{sid}Indexes", reason, list(permissions.INDEX_ACTIONS), [f"{resources[0]}/index/*"])
    if kind == "s3" and "s3:GetObject" in allowed:
        prefix = Condition("StringLike", "s3:prefix", [f"{access.prefix}*"]) if access.prefix else None
        bucket = arns.arn("s3", service, name)
        yield Statement(f"{sid}List", reason, list(permissions.LIST_ACTIONS), [bucket], prefix)
    yield Statement(sid, reason, allowed, resources)


def _resource(kind: str, access: Any, name: str, service: str) -> str:
    if kind == "ssm":
        return arns.parameter_arn(name)
    if kind == "secrets":
        return arns.secret_arn(name)
    if kind == "kms":
        return arns.existing(name)
    if kind == "s3":
        return f"{arns.arn('s3', service, name)}/{access.prefix}*"
    return arns.arn(kind, service, name)


def access_variables(function: Function, service: str) -> dict[str, str]:
    """The variables that tell a function what the declared resources are called that it may use."""
    found: dict[str, str] = {}
    for permission in function.permissions:
        for kind in permissions.VARIABLE_SUFFIX:
            access = getattr(permission, kind, None)
            name = permissions.declared_name(kind, access) if access is not None else None
            if name is not None:
                found[permissions.variable_name(kind, name)] = _variable(kind, service, name)
    return found


def _variable(kind: str, service: str, name: str) -> str:
    if kind == "sqs":
        return arns.queue_url(service, name)
    if kind in {"sns", "invoke"}:
        return arns.arn(kind, service, name)
    return arns.physical(kind, service, name)
