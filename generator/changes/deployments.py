"""Two deployments of one environment compared, across all of their stacks."""

from __future__ import annotations

from collections.abc import Sequence

from generator.changes.masking import Masker
from generator.changes.model import Consequence, EnvironmentChanges, Notice, PropertyChange, ResourceChange
from generator.changes.moves import move_warnings
from generator.changes.pairing import Pair, pairs, stack_keys
from generator.changes.resources import Context, compare, follow
from generator.changes.stateful import deletion_warning, replacement_warnings
from generator.project import Deployment, Resource, Stack

_REPLACING = (Consequence.REPLACE, Consequence.MAY_REPLACE)
_RETAINED = ("Retain", "RetainExceptOnCreate")


def compare_deployments(before: Deployment, after: Deployment, name: str, files: Sequence[str]) -> EnvironmentChanges:
    """What deploying `after` over `before` does.

    Args:
        before: what is deployed.
        after: what will be.
        name: what the environment is called.
        files: the files that changed, for the code of functions.
    """
    old, new = stack_keys(before), stack_keys(after)
    renames = {old[key].name: stack.name for key, stack in new.items() if key in old and old[key].name != stack.name}
    context = Context(after.region, files, renames, Masker((before, after)))
    found = [pair for key in dict.fromkeys([*old, *new]) for pair in pairs(old.get(key), new.get(key))]
    changes = {id(pair): change for pair in found if (change := compare(pair, context)) is not None}
    _propagate(found, changes, context)
    ordered = sorted(changes.values(), key=lambda change: -change.consequence.rank)
    return EnvironmentChanges(name, resources=ordered, warnings=_warnings(found, changes, old, context))


def _propagate(found: Sequence[Pair], changes: dict[int, ResourceChange], context: Context) -> None:
    """Let what is replaced change whatever refers to it, until nothing new comes of it."""
    done: dict[str, Consequence] = {}
    while True:
        replaced = _replaced(found, changes)
        fresh = {symbol: worst for symbol, worst in replaced.items() if done.get(symbol) is not worst}
        if not fresh:
            return
        done.update(replaced)
        for pair in found:
            if pair.before is None or pair.after is None:
                continue
            change = changes.get(id(pair))
            following = _new(change, follow(pair, fresh, context))
            if not following:
                continue
            if change is None:
                change = changes[id(pair)] = _unchanged(pair.after)
            change.properties.extend(following)
            if change.consequence is not Consequence.PUBLISH:
                worst = max((change.consequence, *(f.consequence for f in following)), key=lambda c: c.rank)
                change.consequence = worst


def _new(change: ResourceChange | None, following: Sequence[PropertyChange]) -> list[PropertyChange]:
    """Those that say more than what is known of the resource already."""
    known = {p.path: p.consequence.rank for p in change.properties} if change is not None else {}
    return [f for f in following if f.consequence.rank > known.get(f.path, -1)]


def _replaced(found: Sequence[Pair], changes: dict[int, ResourceChange]) -> dict[str, Consequence]:
    return {
        str(pair.after.symbol): change.consequence
        for pair in found
        if pair.after is not None and (change := changes.get(id(pair))) is not None and change.consequence in _REPLACING
    }


def _unchanged(resource: Resource) -> ResourceChange:
    file, line, _ = resource.place()
    stack = resource.stack.template.name
    return ResourceChange(
        stack, resource.logical_id, resource.type, Consequence.RECORD, (file, line), resource.name or ""
    )


def _warnings(
    found: Sequence[Pair], changes: dict[int, ResourceChange], stacks: dict[tuple[str, ...], Stack], context: Context
) -> list[Notice]:
    warnings = move_warnings(found, context.region)
    for pair in found:
        if pair.before is None:
            continue
        if pair.after is None:
            warning = deletion_warning(pair.before, kept_with_stack=_is_kept(pair.before.stack, stacks, found))
            warnings.extend([warning] if warning is not None else [])
        elif (change := changes.get(id(pair))) is not None and change.consequence in _REPLACING:
            warnings.extend(replacement_warnings(pair.before, pair.after, change.consequence, context.region))
    return sorted(warnings, key=lambda warning: warning.danger.rank)


def _is_kept(stack: Stack, stacks: dict[tuple[str, ...], Stack], found: Sequence[Pair]) -> bool:
    """Whether a stack that nests it goes, and is told to leave everything behind."""
    gone = {(pair.before.stack.nesting, pair.before.logical_id) for pair in found if pair.before and not pair.after}
    for depth in range(len(stack.nesting)):
        parent, nesting = stack.nesting[:depth], stack.nesting[depth]
        holder = stacks.get(("nested", *parent)) if parent else stacks.get(())
        definition = holder.resources[nesting].definition if holder and nesting in holder.resources else {}
        if (parent, nesting) in gone and definition.get("DeletionPolicy") in _RETAINED:
            return True
    return False
