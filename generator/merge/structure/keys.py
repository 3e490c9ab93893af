"""Which item of a list is which: by its natural key, by its value, or by its place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence, Set
from difflib import SequenceMatcher

from generator.merge.structure.tree import MAP, SCALAR, Meaning, Member, Node

Keys = list[Hashable]

# What tells items apart, most telling first: statements, what scanners skip, tags and dimensions, parameters, routes.
_NATURAL: tuple[tuple[str, ...], ...] = (
    ("Sid",),
    ("Id",),
    ("ID",),
    ("id",),
    ("Key",),
    ("key",),
    ("Name",),
    ("name",),
    ("ParameterKey",),
    ("AttributeName",),
    ("IndexName",),
    ("PolicyName",),
    ("path", "method"),
    ("Path", "Method"),
    ("ResourcePath", "HttpMethod"),
)


def identify(parent: Hashable, base: Node | None, ours: Node, theirs: Node) -> tuple[Keys, Keys, Keys] | None:
    """A key for each item of the three lists; None where the lists can only be taken whole.

    Args:
        parent: the function whose arguments it has, or the key under which it stands.
        base: the list as it was rendered last; None where it was not there.
        ours: what the user made of it.
        theirs: the list as it is rendered now.
    """
    lists = [base.members if base is not None else (), ours.members, theirs.members]
    if _is_call(parent):
        # Arguments of a function have a place, not a name.
        if len({len(members) for members in lists}) > 1:
            return None
        places: Keys = list(range(len(ours.members)))
        return places, list(places), list(places)
    for fields in _NATURAL:
        found = [_by_fields(members, fields) for members in lists]
        if all(keys is not None for keys in found):
            return _three(found)
    found = [_by_setting(members) for members in lists]
    if all(keys is not None for keys in found):
        return _three(found)
    before, mine, other = (_by_value(members) for members in lists)
    return before, _paired(before, mine, set(other)), _paired(before, other, set(mine))


def _three(found: Sequence[Keys | None]) -> tuple[Keys, Keys, Keys]:
    base, ours, theirs = (keys or [] for keys in found)
    return base, ours, theirs


def _is_call(parent: Hashable) -> bool:
    return isinstance(parent, str) and parent.startswith("Fn::")


def _by_fields(members: Sequence[Member], fields: tuple[str, ...]) -> Keys | None:
    keys: Keys = []
    for member in members:
        named = ((_name(entry.key), entry.node.meaning) for entry in member.node.members)
        values = {name: meaning for name, meaning in named if name in fields}
        if member.node.kind != MAP or len(values) < len(fields):
            return None
        keys.append(tuple(values[name] for name in fields))
    return keys if len(set(keys)) == len(keys) else None


def _name(key: Hashable) -> Hashable:
    """A key as text; TOML's are made of parts."""
    return key[0] if isinstance(key, tuple) and len(key) == 1 else key


def _by_setting(members: Sequence[Member]) -> Keys | None:
    """Of texts such as `Environment=dev`, which samconfig.toml lists: the part before the sign."""
    keys: Keys = []
    for member in members:
        plain = member.node.plain
        if member.node.kind != SCALAR or not isinstance(plain, tuple) or plain[0] != "str" or "=" not in plain[1]:
            return None
        keys.append(plain[1].split("=", 1)[0])
    return keys if len(set(keys)) == len(keys) else None


def _by_value(members: Sequence[Member]) -> Keys:
    seen: Counter[Meaning] = Counter()
    keys: Keys = []
    for member in members:
        meaning = member.node.meaning
        keys.append((meaning, seen[meaning]))
        seen[meaning] += 1
    return keys


def _paired(base: Keys, keys: Keys, elsewhere: Set[Hashable]) -> Keys:
    """The keys, with those of the base where as many items were replaced as there were: they are the same, changed.

    What the other side has too is no changed item: both have added it.
    """
    result = list(keys)
    known = set(keys)
    for kind, start, end, low, high in SequenceMatcher(None, base, keys, autojunk=False).get_opcodes():
        if kind != "replace" or end - start != high - low:
            continue
        for old, new in zip(range(start, end), range(low, high), strict=True):
            if base[old] not in known and keys[new] not in base and keys[new] not in elsewhere:
                result[new] = base[old]
    return result
