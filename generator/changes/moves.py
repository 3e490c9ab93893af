"""Resources that a change takes out of one place and puts into another, which CloudFormation does not see as a move."""

from __future__ import annotations

from collections.abc import Sequence

from generator.changes.model import Danger, Notice
from generator.changes.pairing import Pair
from generator.changes.schemas import identity, schema_of
from generator.changes.stateful import is_stateful, words
from generator.project import Resource
from generator.project.evaluate import is_known

_INVOCATION = "AWS::Lambda::EventInvokeConfig"


def move_warnings(pairs: Sequence[Pair], region: str) -> list[Notice]:
    """What to say about resources that are deleted here and made there.

    Args:
        pairs: all resources of an environment.
        region: where it is deployed.
    """
    gone = [pair.before for pair in pairs if pair.after is None and pair.before is not None]
    come = [pair.after for pair in pairs if pair.before is None and pair.after is not None]
    found, taken = [], set()
    for old in gone:
        for new in come:
            if id(new) in taken or old.type != new.type:
                continue
            clash = _clash(old, new, region)
            if clash or (old.logical_id == new.logical_id and old.stack.name != new.stack.name):
                taken.add(id(new))
                found.extend(_warning(old, new, clash=clash, region=region))
                break
    return [*found, *_retyped(gone, come)]


def _clash(old: Resource, new: Resource, region: str) -> bool:
    """Whether two resources of a type cannot be there at once."""
    if old.type == _INVOCATION:
        # A function's alias has one. The alias is often said in a way that only AWS can follow.
        functions, aliases = ({str(r.get(key)) for r in (old, new)} for key in ("FunctionName", "Qualifier"))
        return len(functions) == 1 and all(map(is_known, functions)) and len({*filter(is_known, aliases)}) == 1
    return _name(old, region) is not None and _name(old, region) == _name(new, region)


def _warning(old: Resource, new: Resource, *, clash: bool, region: str) -> list[Notice]:
    here, there = (f"{resource.stack.template.name}, {resource.logical_id}" for resource in (old, new))
    place = (new.stack.template.name, new.logical_id)
    if clash:
        shown = "/".join(map(str, _name(old, region) or _name(new, region) or ()))
        message = (
            f"{new.type} {shown} moves from {here} to {there}: CloudFormation makes the new one before it deletes the "
            f"old one, and the name is taken. The deployment fails; {_way_out(old)}"
        )
        return [Notice(Danger.FAILS, message, *place)]
    if is_stateful(old.type):
        message = f"{words(old)} moves to {there}: the new one starts empty; {_way_out(old)}"
        return [Notice(Danger.LOST, message, *place)]
    return []


def _way_out(old: Resource) -> str:
    if is_stateful(old.type):
        return "retain it first (DeletionPolicy: Retain), then import it into the other place."
    return "remove it with one deployment and add it with the next, or give it another name."


def _retyped(gone: Sequence[Resource], come: Sequence[Resource]) -> list[Notice]:
    """Logical ids that get another type, which CloudFormation refuses."""
    types = {(resource.stack.nesting, resource.stack.template.name, resource.logical_id): resource for resource in gone}
    found = []
    for new in come:
        old = types.get((new.stack.nesting, new.stack.template.name, new.logical_id))
        if old is not None and old.type != new.type:
            message = (
                f"{new.logical_id} ({new.stack.template.name}) is {old.type} and becomes {new.type}: CloudFormation "
                "refuses another type under the same logical id. Give it another logical id."
            )
            found.append(Notice(Danger.FAILS, message, new.stack.template.name, new.logical_id))
    return found


def _name(resource: Resource, region: str) -> tuple[object, ...] | None:
    return identity(resource, schema_of(region, resource.type))
