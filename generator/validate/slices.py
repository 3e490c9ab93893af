"""Spares cfn-lint the properties of a resource that it has found sound before, in another template.

What services of one template have in common are resources: the same log group, beside other functions. A resource's
verdict depends on itself, on what it refers to, directly or not, and on the types of what refers to it: its slice.
Where a slice was sound once, it is sound; where something was found, it is looked at again, so that every message is
cfn-lint's own, with its line.

That a slice is enough is a fact about cfn-lint's rules as they are. So only versions count whose rules were read for
it, and types are left out whose rules compare resources that do not refer to each other, or read files.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

VERSIONS = {"1.58.0"}
"""The versions of cfn-lint whose rules were read, and compared over everything that samgen's tests lint."""

APART = ("AWS::EC2::", "AWS::CodePipeline::", "AWS::CloudFormation::", "AWS::Serverless::")
"""What has no slice: subnets and routes are compared with each other, artifacts of pipelines too; stacks are files."""
_WORD = re.compile(r"[A-Za-z0-9]+")
# What every slice has: little, the same in most templates of one make, and asked for by many rules.
_COMMON = ("Transform", "Conditions", "Mappings", "Rules", "Globals", "Metadata")
_MOST = 200_000
# Bytes of a digest.
_SIZE = 32

_sound: set[bytes] = set()
_kept: list[Ledger] = []
_scope: list[bytes | None] = [None]
_KEY = "_samgen_slices"


@contextmanager
def scope(configuration: Any) -> Iterator[None]:
    """While it lasts, know sound slices again that were found under an equal configuration; None knows nothing."""
    _scope.append(None if configuration is None else repr(configuration).encode())
    try:
        yield
    finally:
        _scope.pop()


class Ledger:
    """A file of what was found sound, to which several processes and later runs add; each reads what others add.

    Args:
        path: the file. It holds for one version of cfn-lint and of this package.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0
        self._fresh: list[bytes] = []

    def note(self, key: bytes) -> None:
        """Take up what this process has found sound; `exchange` writes it."""
        self._fresh.append(key)

    def exchange(self) -> Iterator[bytes]:
        """Write what is new here; the result is what is new there. A disk that takes nothing only costs time."""
        fresh, self._fresh = b"".join(self._fresh), []
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            # Whatever is half written or damaged is the digest of nothing.
            with self._path.open("a+b", buffering=0) as file:
                file.seek(self._read)
                found = file.read()
                if fresh and self._read + len(found) < _MOST * _SIZE:
                    file.write(fresh)
        except OSError:
            return iter(())
        found = found[: len(found) // _SIZE * _SIZE]
        self._read += len(found)
        return (found[start : start + _SIZE] for start in range(0, len(found), _SIZE))


def keep(path: Path | None) -> None:
    """Keep what is found sound in a file from here on, and know what stands there; None keeps it in this process."""
    _kept[:] = [] if path is None else [Ledger(path)]
    exchange()


def exchange() -> None:
    """Tell other processes what was found sound, and learn what they found."""
    for ledger in _kept:
        _sound.update(ledger.exchange())


def knows_rules() -> bool:
    """Whether the rules of this cfn-lint are those that were read."""
    return version("cfn-lint") in VERSIONS


def sparing(validate: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    """cfn-lint's validation of a resource's properties, but not of those that are known to be sound."""

    def spared(self: Any, validator: Any, keywords: Any, instance: Any, schema: Any) -> Iterator[Any]:
        key = _key(validator, instance)
        if key is None:
            yield from validate(self, validator, keywords, instance, schema)
            return
        if key in _sound:
            return
        clean = True
        for error in validate(self, validator, keywords, instance, schema):
            clean = False
            yield error
        if clean:
            if len(_sound) >= _MOST:
                _sound.clear()
            _sound.add(key)
            for ledger in _kept:
                ledger.note(key)

    return spared


def _key(validator: Any, instance: Any) -> bytes | None:
    """What the verdict on a resource is known by; None where it has to be looked at."""
    known, context = _scope[-1], validator.context
    place = list(context.path.path)
    if known is None or not isinstance(instance, dict) or len(place) != 2 or place[0] != "Resources":  # noqa: PLR2004
        return None
    kind = instance.get("Type")
    if not isinstance(kind, str) or not kind.startswith("AWS::") or kind.startswith(APART):
        return None
    slices = validator.cfn.__dict__.get(_KEY)
    if slices is None or slices.template is not validator.cfn.template:
        slices = validator.cfn.__dict__[_KEY] = Slices(validator.cfn.template)
    if slices.template.get("Resources", {}).get(place[1]) is not instance:
        return None
    said = (context.regions, context.functions, context.conditions.status, context.ref_values, context.parameter_sets)
    digest = hashlib.sha256(known)
    digest.update(repr((place, said, context.strict_types, validator.cfn.transform_pre.get("Transform"))).encode())
    digest.update(slices.of(str(place[1])))
    return digest.digest()


class Slices:
    """A template in slices.

    Args:
        template: the template, as cfn-lint has it after SAM.
    """

    def __init__(self, template: Mapping[str, Any]) -> None:
        self.template = template
        self._resources = _section(template, "Resources")
        self._parameters = _section(template, "Parameters")
        names = {*self._resources, *self._parameters}
        texts = {name: _text(value) for name, value in self._resources.items()}
        self._texts = {**{name: _text(value) for name, value in self._parameters.items()}, **texts}
        self._to = {name: names.intersection(_WORD.findall(text)) - {name} for name, text in texts.items()}
        self._from: dict[str, list[str]] = {}
        for name, others in self._to.items():
            for other in others:
                self._from.setdefault(other, []).append(name)
        common = {key: template.get(key) for key in _COMMON}
        conditions = names.intersection(_WORD.findall(_text(common["Conditions"])))
        # A value may be right for being some parameter's default; cfn-lint asks them all.
        asked = {n for n, p in self._parameters.items() if n in conditions or "AWS::SSM::" in self._texts[n]}
        self._common = _text([common, {name: self._parameters[name] for name in sorted(asked)}])

    def of(self, name: str) -> bytes:
        """A resource's slice, as text: whatever its verdict depends on."""
        inside = self._reached(name)
        parts = [self._common, *(f"{part}={self._texts[part]}" for part in sorted(inside))]
        parts += sorted({str(self._resources[other].get("Type")) for other in self._from.get(name, ())})
        return "\n".join(parts).encode("utf-8", "surrogatepass")

    def _reached(self, name: str) -> set[str]:
        found, left = {name}, [name]
        while left:
            for other in self._to.get(left.pop(), ()):
                if other not in found:
                    found.add(other)
                    left.append(other)
        return found


def _section(template: Mapping[str, Any], name: str) -> dict[str, Any]:
    section = template.get(name)
    return {str(k): v for k, v in section.items() if isinstance(v, dict)} if isinstance(section, dict) else {}


def _text(value: Any) -> str:
    """A value as text that tells types apart; keys in their order, as messages may depend on it."""
    return json.dumps(value, ensure_ascii=False, default=repr)
