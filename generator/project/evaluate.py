"""CloudFormation's intrinsics, evaluated as far as it can be known before a deployment.

What only the deployment knows stands for itself: a `Symbol` for what a resource will be called (`!Ref Table`,
`!GetAtt Table.Arn`), which equals itself wherever it is passed, and `UNKNOWN` for a value that nothing says. A text
that holds either is a text like any other, with the symbol's name in angle brackets in it; `is_known` tells.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from ipaddress import ip_network
from itertools import islice
from typing import Any

_PLACEHOLDER = re.compile(r"\$\{(!?[^{}]+)\}")
_DEPTH = 100
_MOST_BLOCKS = 256


class Symbol(str):
    """What a resource will be called, or one of its attributes: `<template.yaml#Table.Arn>`."""

    stack: str
    logical_id: str
    attribute: str

    def __new__(cls, stack: str, logical_id: str, attribute: str = "") -> Symbol:
        """The symbol of a resource of a stack, or of an attribute of it."""
        ending = f".{attribute}" if attribute else ""
        symbol = super().__new__(cls, f"<{stack}#{logical_id}{ending}>")
        symbol.stack, symbol.logical_id, symbol.attribute = stack, logical_id, attribute
        return symbol

    def __getnewargs__(self) -> tuple[str, str, str]:  # type: ignore[override]
        """What makes it again where it is copied."""
        return self.stack, self.logical_id, self.attribute


class _Unknown(str):
    """A value that nothing says; it equals nothing, so that no rule concludes anything from it."""

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = str.__hash__

    def __reduce__(self) -> str:
        """There is one only, also where it is copied."""
        return "UNKNOWN"


class _NoValue:
    def __reduce__(self) -> str:
        """There is one only, also where it is copied."""
        return "NO_VALUE"


class Partial(dict[Any, Any]):
    """A mapping of which only a part is known: whatever else is asked for is unknown.

    It stands where a template lets AWS put in more: an `AWS::Include` of a file in S3, a macro, a loop over a list
    that only the deployment has.
    """

    def get(self, key: Any, _default: Any = None) -> Any:
        """What is known, or `UNKNOWN`; no default, since something may be there."""
        return super().get(key, UNKNOWN)

    def __missing__(self, key: Any) -> Any:
        """What is not known."""
        return UNKNOWN


UNKNOWN = _Unknown("<?>")
"""A value that nobody knows before the deployment."""
NO_VALUE = _NoValue()
"""`AWS::NoValue`: the property that has it is not there."""


def is_known(value: Any) -> bool:
    """Whether nothing of a value is unknown; a symbol is known."""
    if isinstance(value, str):
        return "<?>" not in value
    if isinstance(value, dict):
        return not isinstance(value, Partial) and all(is_known(item) for item in value.values())
    return all(is_known(item) for item in value) if isinstance(value, list) else True


class Scope:
    """What the names in one template mean.

    Args:
        stack: the stack's name, which symbols carry.
        values: parameters and pseudo parameters.
        template: the expanded template, for its conditions and mappings.
        attributes: gives the value of a resource's attribute where it is known, such as a nested stack's output;
            None where it is not.
        imports: what other stacks export, by name.
    """

    def __init__(
        self,
        stack: str,
        values: Mapping[str, Any],
        template: Mapping[str, Any],
        attributes: Callable[[str, str], Any] = lambda _name, _attribute: None,
        imports: Mapping[str, Any] | None = None,
    ) -> None:
        self.stack = stack
        self._values = values
        self._resources = _section(template, "Resources")
        self._conditions = _section(template, "Conditions")
        self._mappings = _section(template, "Mappings")
        self._attributes = attributes
        self._imports = imports or {}
        self._open: set[str] = set()
        self._known: dict[str, bool | None] = {}

    def condition(self, name: str, depth: int = 0) -> bool | None:
        """Whether a condition holds; None where that is not known before the deployment."""
        if name not in self._conditions or name in self._open:
            return None
        if name in self._known:
            return self._known[name]
        self._open.add(name)
        try:
            value = self.evaluate(self._conditions[name], depth)
        finally:
            self._open.discard(name)
        holds = value if isinstance(value, bool) else None
        if not self._open and not depth:
            # Within another it may be unknown only because that one is not done.
            self._known[name] = holds
        elif holds is not None:
            self._known[name] = holds
        return holds

    def evaluate(self, value: Any, depth: int = 0) -> Any:
        """The value with every intrinsic in it evaluated; `NO_VALUE` items and properties are gone.

        What is nested so deeply that nobody wrote it is unknown.
        """
        try:
            return self._evaluate(value, depth)
        except RecursionError:
            return UNKNOWN

    def _evaluate(self, value: Any, depth: int) -> Any:  # noqa: PLR0911 (a kind of value a line)
        if depth > _DEPTH:
            return UNKNOWN
        if isinstance(value, list):
            items = [self._evaluate(item, depth + 1) for item in value]
            return [item for item in items if item is not NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((key, inner),) = value.items()
            if key == "Ref" and isinstance(inner, str):
                return self._ref(inner)
            if key == "Condition" and isinstance(inner, str) and inner in self._conditions:
                return _or_unknown(self.condition(inner, depth + 1))
            if isinstance(key, str) and key.startswith("Fn::"):
                return self._function(key[4:], inner, depth + 1)
        known = [name for name in value if not is_filled_in(name)]
        found = [(name, self._evaluate(value[name], depth + 1)) for name in known]
        kind = dict if len(known) == len(value) else Partial
        return kind((name, item) for name, item in found if item is not NO_VALUE)

    def _ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return NO_VALUE
        if name in self._values:
            return self._values[name]
        return Symbol(self.stack, name) if name in self._resources else UNKNOWN

    def _attribute(self, name: str, attribute: str) -> Any:
        value = self._attributes(name, attribute)
        if value is not None:
            return value
        return Symbol(self.stack, name, attribute) if name in self._resources else UNKNOWN

    def _function(self, name: str, inner: Any, depth: int) -> Any:  # noqa: PLR0911 (a function a line)
        if name == "GetAtt":
            parts = inner.split(".") if isinstance(inner, str) else inner
            if isinstance(parts, list) and len(parts) > 1 and all(isinstance(part, str) for part in parts):
                return self._attribute(parts[0], ".".join(parts[1:]))
            return UNKNOWN
        if name == "Sub":
            return self._sub(inner, depth)
        if name == "If":
            return self._if(inner, depth)
        handler = _FUNCTIONS.get(name)
        arguments = self._evaluate(inner, depth)
        if name == "FindInMap":
            return self._find_in_map(arguments, depth)
        if name == "ImportValue":
            return self._imports.get(arguments, UNKNOWN) if isinstance(arguments, str) else UNKNOWN
        if handler is None:
            return UNKNOWN
        try:
            return handler(arguments)
        except (TypeError, ValueError, LookupError, ArithmeticError, AttributeError):
            return UNKNOWN

    def _if(self, inner: Any, depth: int) -> Any:
        if not isinstance(inner, list) or len(inner) != 3 or not isinstance(inner[0], str):  # noqa: PLR2004
            return UNKNOWN
        holds = self.condition(inner[0], depth)
        if holds is not None:
            return self._evaluate(inner[1 if holds else 2], depth)
        both = [self._evaluate(part, depth) for part in inner[1:]]
        return both[0] if both[0] == both[1] else UNKNOWN

    def _sub(self, inner: Any, depth: int) -> Any:
        text, local = (inner, {}) if isinstance(inner, str) else _text_and_names(inner)
        if not isinstance(text, str):
            return UNKNOWN
        names = {key: self._evaluate(item, depth) for key, item in local.items()}
        whole = _PLACEHOLDER.fullmatch(text)
        if whole and not whole[1].startswith("!"):
            # Alone it is the thing itself, so that a symbol stays one.
            return self._named(whole[1].strip(), names)

        def replace(match: re.Match[str]) -> str:
            name = match[1].strip()
            return "${" + name[1:] + "}" if name.startswith("!") else _as_text(self._named(name, names))

        return _PLACEHOLDER.sub(replace, text)

    def _named(self, name: str, names: Mapping[str, Any]) -> Any:
        if name in names:
            return names[name]
        head, _, attribute = name.partition(".")
        return self._attribute(head, attribute) if attribute else self._ref(name)

    def _find_in_map(self, arguments: Any, depth: int) -> Any:
        if not isinstance(arguments, list) or len(arguments) < 3 or not is_known(arguments[:3]):  # noqa: PLR2004
            return UNKNOWN
        found: Any = self._mappings
        for key in arguments[:3]:
            if not isinstance(found, dict) or not isinstance(key, (str, int)) or key not in found:
                # The language extensions let it name what else it is.
                rest = arguments[3] if len(arguments) > 3 else None  # noqa: PLR2004
                return rest.get("DefaultValue", UNKNOWN) if isinstance(rest, dict) else UNKNOWN
            found = found[key]
        return self._evaluate(found, depth)


def is_filled_in(key: Any) -> bool:
    """Whether a key of a mapping stands for others that only AWS knows."""
    return isinstance(key, str) and key.startswith(("Fn::Transform", "Fn::ForEach::"))


def _section(template: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    section = template.get(name)
    return section if isinstance(section, dict) else {}


def _text_and_names(inner: Any) -> tuple[Any, dict[str, Any]]:
    if isinstance(inner, list) and len(inner) == 2 and isinstance(inner[1], dict):  # noqa: PLR2004
        return inner[0], inner[1]
    return None, {}


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, (str, int, float)) else str(UNKNOWN)


def _or_unknown(value: bool | None) -> Any:
    return UNKNOWN if value is None else value


def _join(arguments: Any) -> Any:
    separator, items = arguments
    if not isinstance(items, list):
        return UNKNOWN
    return str(separator).join(map(_as_text, items))


def _select(arguments: Any) -> Any:
    index, items = arguments
    return items[int(index)] if isinstance(items, list) else UNKNOWN


def _split(arguments: Any) -> Any:
    separator, text = arguments
    return text.split(separator) if isinstance(text, str) and is_known(text) else UNKNOWN


def _equals(arguments: Any) -> Any:
    first, second = arguments
    if not (is_known(first) and is_known(second)):
        return UNKNOWN
    if isinstance(first, Symbol) or isinstance(second, Symbol):
        return True if first == second else UNKNOWN
    return _as_text(first) == _as_text(second)


def _not(arguments: Any) -> Any:
    (value,) = arguments
    return not value if isinstance(value, bool) else UNKNOWN


def _and(arguments: Any) -> Any:
    if any(value is False for value in arguments):
        return False
    return True if all(value is True for value in arguments) else UNKNOWN


def _or(arguments: Any) -> Any:
    if any(value is True for value in arguments):
        return True
    return False if all(value is False for value in arguments) else UNKNOWN


def _to_json(value: Any) -> Any:
    if not isinstance(value, (dict, list)) or not is_known(value):
        return UNKNOWN
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _cidr(arguments: Any) -> Any:
    """The first so many blocks of a size within another; CloudFormation takes 1 to 256."""
    block, count, bits = (*arguments, None)[:3]
    if not is_known(arguments):
        return UNKNOWN
    network = ip_network(block, strict=False)
    prefix = network.max_prefixlen - int(bits if bits is not None else 8)
    if not 1 <= int(count) <= _MOST_BLOCKS or prefix < network.prefixlen:
        return UNKNOWN
    found = [str(part) for part in islice(network.subnets(new_prefix=prefix), int(count))]
    return found if len(found) == int(count) else UNKNOWN


_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "Join": _join,
    "Select": _select,
    "Split": _split,
    "Equals": _equals,
    "Not": _not,
    "And": _and,
    "Or": _or,
    # Whoever gets it reads what was encoded, and so do rules: it stays as it is.
    "Base64": lambda value: value,
    "Cidr": _cidr,
    "GetAZs": lambda _region: UNKNOWN,
    "Length": lambda items: len(items) if isinstance(items, list) else UNKNOWN,
    "ToJsonString": _to_json,
}
