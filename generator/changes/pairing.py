"""Which stack, and which resource, of one deployment is which of another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from generator.project import Deployment, Resource, Stack

# SAM ends the logical ids of what it makes anew with each release (versions, deployments, layers) with a digest.
_DIGEST = re.compile(r"(?P<stem>.+?)[0-9a-f]{10}")
_VERSION = "AWS::Lambda::Version"

StackKey = tuple[str, ...]


@dataclass(frozen=True)
class Pair:
    """A resource before and after; one of them may be missing.

    Attributes:
        before: as it was.
        after: as it will be.
        published: whether it is a new version of the same thing, under a name of its own.
    """

    before: Resource | None
    after: Resource | None
    published: bool = False

    @property
    def either(self) -> Resource:
        """The resource that is there; afterwards where it is in both."""
        found = self.after or self.before
        assert found is not None  # noqa: S101 (one of them is there)
        return found


def stack_keys(deployment: Deployment) -> dict[StackKey, Stack]:
    """The stacks by what makes one the same to CloudFormation: the nesting resources; for the others their files."""
    templates = deployment.project.templates
    root = templates[0].name if templates else ""
    return {
        ("nested", *stack.nesting)
        if stack.nesting
        else ()
        if stack.template.name == root
        else (stack.template.name,): stack
        for stack in deployment.stacks
    }


def pairs(before: Stack | None, after: Stack | None) -> Iterator[Pair]:
    """The resources of a stack, before and after."""
    old = dict(before.resources) if before is not None else {}
    new = dict(after.resources) if after is not None else {}
    for name in [name for name in old if name in new]:
        one, other = old.pop(name), new.pop(name)
        if one.type == other.type:
            yield Pair(one, other)
        else:  # CloudFormation refuses it; what it would take is told as what it is
            yield Pair(one, None)
            yield Pair(None, other)
    for one, other in _published(old, new):
        del old[one.logical_id], new[other.logical_id]
        yield Pair(one, other, published=True)
    for resource in old.values():
        yield Pair(resource, None)
    for resource in new.values():
        yield Pair(None, resource)


def _published(old: dict[str, Resource], new: dict[str, Resource]) -> list[tuple[Resource, Resource]]:
    """Those that differ in their digest alone, where there is no doubt about it."""
    stems = _by_stem(new)
    return [
        (resources[0], stems[key][0])
        for key, resources in _by_stem(old).items()
        if len(resources) == 1 and len(stems.get(key, ())) == 1
    ]


def _by_stem(resources: dict[str, Resource]) -> dict[tuple[str, str], list[Resource]]:
    found: dict[tuple[str, str], list[Resource]] = {}
    for name, resource in resources.items():
        if name in resource.stack.template.resources:
            continue
        match = _DIGEST.fullmatch(name)
        # A version's name may end with whatever its author gives instead of a digest; a function has one at a time.
        stem = resource.owner if resource.type == _VERSION else match["stem"] if match else None
        if stem is not None:
            found.setdefault((resource.type, stem), []).append(resource)
    return found
