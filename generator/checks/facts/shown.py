"""How a message calls what only this program has a name for: a stack's name, a loop's resources, what is not known."""

from __future__ import annotations

import re

from generator.project import Resource
from generator.project.deployment import ACCOUNT
from generator.project.evaluate import UNKNOWN
from generator.project.loops import LOOP

_STACK = re.compile(r"<stack (id )?[^<>]*>")
_SYMBOL = re.compile(r"<[^<>\s#]+#([A-Za-z0-9.]+)>")
_LOOPED = re.compile(rf"{LOOP}([A-Za-z0-9]+)")


def shown(message: str, subject: Resource | None = None) -> str:
    """A message with what its reader wrote, or would write, in place of the stand-ins for it.

    Args:
        message: the message.
        subject: the resource that it is about, which a loop may have made.
    """
    if subject is not None and subject.owner.startswith(LOOP):
        message = message.replace(subject.owner, subject.logical_id)
    message = _STACK.sub(lambda match: "${AWS::StackId}" if match[1] else "${AWS::StackName}", message)
    message = _SYMBOL.sub(lambda match: f"${{{match[1]}}}", message)
    message = message.replace(ACCOUNT, "${AWS::AccountId}").replace(str(UNKNOWN), "…")
    return _LOOPED.sub(r"each resource of the loop \1", message)
