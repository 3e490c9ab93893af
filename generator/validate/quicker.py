"""Spares cfn-lint what it does again for every template with the same outcome.

It is made for a process a template. Here a process lints many, and what depends on nothing but cfn-lint's own code
is worked out once: the fields of its data classes, the classes of its validators, which rules a keyword asks for. Its
immutable objects, of which a template takes a hundred thousand copies, are copied as a whole instead of field by field.
Where something is not there as expected, it stays as it is: cfn-lint is only slower then.
"""

from __future__ import annotations

import dataclasses
import hashlib
import inspect
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import lru_cache, wraps
from importlib import import_module
from typing import Any

from generator.validate.slices import knows_rules, sparing

# What the function that makes cfn-lint's validators takes.
_PARTS = ["validators", "function_filter", "fn_resolvers"]
# A run needs fewer than twenty; rules of a project's own may bring more.
_CLASSES = 256


def quicken_cfnlint() -> None:
    """Let cfn-lint remember the fields of its data classes and the classes of its validators; once a process."""
    import cfnlint.jsonschema._filter as functions
    import cfnlint.rules
    from cfnlint.context import context
    from cfnlint.jsonschema import validators

    remembered = lru_cache(maxsize=_CLASSES)(dataclasses.fields)
    for module in (context, functions, validators):
        if getattr(module, "fields", None) is dataclasses.fields:
            module.fields = remembered
    create = getattr(validators, "create", None)
    if inspect.isfunction(create) and list(inspect.signature(create).parameters) == _PARTS:
        validators.create = _remembering(create)
    _copy_wholly(context)
    _find_patterns_quickly()
    run, rule = cfnlint.rules.Rules.run, cfnlint.rules.CloudFormationLintRule
    if _reads(run, _RULES_RUN) and _reads(rule.matchall_resource_properties, _MATCHALL):
        cfnlint.rules.Rules.run = _ask_by_type


def quicken_rules(rules: Mapping[str, Any]) -> None:
    """Let rules that have just been loaded remember; cfn-lint loads their modules under names of its own."""
    asking, properties = rules.get(_ASKING), rules.get(_PROPERTIES)
    if asking is not None and _reads(type(asking).cfnLint, _CFNLINT):
        kind: Any = type(asking)
        kind.initialize = _forget_keywords
        kind.cfnLint = _asks_by_keyword(kind.cfnLint.__globals__["Unset"])
    if properties is not None and knows_rules():
        kind = type(properties)
        kind.validate = sparing(kind.validate)
    updates = rules.get(_UPDATES)
    if updates is not None and _reads(type(updates).validate, _UPDATES_VALIDATE):
        kind = type(updates)
        kind.validate = _where_there_is_one(kind.validate)


_ASKING, _PROPERTIES, _UPDATES = "E1101", "E3002", "E3016"


def _copy_wholly(context: Any) -> None:
    """Let a context, and a path one step further down, be a copy with changes."""
    if _reads(context.Context.evolve, _CONTEXT_EVOLVE):
        context.Context.evolve = _evolved_context
    if _reads(context.Path.descend, _PATH_DESCEND):
        context.Path.descend = _descended(context.FUNCTIONS, context.Path.descend)


def _reads(function: Any, digest: str) -> bool:
    """Whether a function of cfn-lint's is the very one that is known here, by its text."""
    try:
        return hashlib.sha256(inspect.getsource(function).encode()).hexdigest()[:16] == digest
    except (OSError, TypeError):
        return False


# The texts that are known: cfn-lint 1.55 to 1.58.
_CONTEXT_EVOLVE = "05aa695393629cc4"
_PATH_DESCEND = "9e072b7330800127"
_CFNLINT = "23947c8987cd5a17"
_VALIDATOR_EVOLVE = "680d3a64a14823f8"
_RULES_RUN = "6fa2334a73faecae"
_MATCHALL = "8b3a447601a66d88"
_UPDATES_VALIDATE = "6914525244580fc5"


def _find_patterns_quickly() -> None:
    """Look a compiled pattern up at once: the library that cfn-lint matches with asks for the locale first."""
    try:
        library: Any = import_module("regex._main")
    except ImportError:
        return
    compile_ = getattr(library, "_compile", None)
    if not inspect.isfunction(compile_) or list(inspect.signature(compile_).parameters) != _COMPILED_BY:
        return
    known: dict[Any, Any] = {}

    @wraps(compile_)
    def found(pattern: Any, flags: Any, ignore_unused: Any, kwargs: Any, cache_it: Any) -> Any:
        key = (type(pattern), pattern, flags)
        if kwargs or not cache_it:
            return compile_(pattern, flags, ignore_unused, kwargs, cache_it)
        if key not in known:
            made = compile_(pattern, flags, ignore_unused, kwargs, cache_it)
            # It knows of each pattern whether the locale matters.
            if flags & library.LOCALE or library._locale_sensitive.get(key[:2], True):
                return made
            if len(known) >= _PATTERNS:
                known.clear()
            known[key] = made
        return known[key]

    library._compile = found


_COMPILED_BY = ["pattern", "flags", "ignore_unused", "kwargs", "cache_it"]
_PATTERNS = 2_000


def _copy_with(original: Any, changes: Mapping[str, Any]) -> Any:
    copy = object.__new__(type(original))
    fields = copy.__dict__
    fields.update(original.__dict__)
    fields.update(changes)
    return copy


def _evolved_context(self: Any, **changes: Any) -> Any:
    if "ref_values" in changes:
        changes["ref_values"] = {**self.ref_values, **changes["ref_values"]}
    copy = _copy_with(self, changes)
    # Derived from `resources`, and kept beside the fields.
    copy.__dict__.pop("module_names", None)
    return copy


def _evolved_validator(self: Any, **changes: Any) -> Any:
    copy = _copy_with(self, changes)
    copy.__post_init__()
    return copy


def _descended(functions: Collection[str], original: Callable[..., Any]) -> Callable[..., Any]:
    names = frozenset(functions)

    def descend(self: Any, **steps: Any) -> Any:
        if steps.get("cfn_path") in names or isinstance(steps.get("cfn_path"), int):
            return original(self, **steps)
        changes = {}
        for name, step in steps.items():
            if step is not None:
                changes[name] = getattr(self, name).copy()
                changes[name].append(step)
        return _copy_with(self, changes)

    return descend


def _asks_by_keyword(unset: type) -> Callable[..., Any]:
    def cfn_lint(self: Any, validator: Any, keywords: Any, instance: Any, schema: Any) -> Iterator[Any]:
        """Ask every child rule for its keywords: in cfn-lint's order, one keyword after the other."""
        validator = validator.evolve(function_filter=validator.function_filter.evolve(add_cfn_lint_keyword=False))
        known = self.__dict__.get(_KNOWN)
        if known is None:
            known = self.__dict__[_KNOWN] = _by_keyword(self.child_rules.values())
        for keyword in keywords:
            for rule in known.get(keyword, ()):
                for error in rule.validate(validator, keyword, instance, schema):
                    if error.rule is None and isinstance(error.validator, unset):
                        error.rule = rule
                    yield error

    return cfn_lint


def _forget_keywords(self: Any, _template: Any) -> None:
    """Called before each template: what rules answer to may be another with each."""
    self.__dict__.pop(_KNOWN, None)


_KNOWN = "_samgen_by_keyword"


def _by_keyword(rules: Iterable[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for rule in rules:
        if rule is not None and rule.id:
            for keyword in rule.keywords:
                found.setdefault(keyword, []).append(rule)
    return found


def _ask_by_type(self: Any, filename: str | None, cfn: Any, config: Any) -> Iterator[Any]:
    """`Rules.run`: of each resource only those rules are asked that name its type, where cfn-lint tries them all."""
    enabled = _made_ready(self, cfn, config)

    def ask(name: str, check: Any, *what: Any) -> Iterator[Any]:
        found = self.run_check(check, filename, name, config, enabled, filename, cfn, *what)
        yield from self._filter_matches(enabled, found)

    for name, rule in self.data.items():
        yield from ask(name, rule.matchall)
    typed = [(name, rule) for name, rule in self.data.items() if rule.resource_property_types]
    for resource, attributes in cfn.get_resources().items():
        kind, properties = attributes.get("Type"), attributes.get("Properties")
        if isinstance(kind, str) and isinstance(properties, dict):
            path = ["Resources", resource, "Properties"]
            for name, rule in typed:
                if kind in rule.resource_property_types:
                    yield from ask(name, rule.matchall_resource_properties, properties, kind, path)


def _made_ready(rules: Any, cfn: Any, config: Any) -> set[str]:
    """Make rules ready for a template, and tell each of its children; the result are the ids of those to ask."""
    enabled = set()
    for name, rule in rules.data.items():
        rule.configure(config.configure_rules.get(name, None), config.include_experimental)
        rule.initialize(cfn)
        if rules.is_rule_enabled(name, config):
            enabled.add(name)
    for name, rule in rules.data.items():
        for key in rule.child_rules:
            if key in rules.data:
                rule.child_rules[key] = rules.data[key]
        for parent in rule.parent_rules:
            if parent in rules.data:
                rules.data[parent].child_rules[name] = rule
    return enabled


def _where_there_is_one(validate: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    """The verdict on a resource's UpdatePolicy, for the resources that have one."""

    def checked(self: Any, validator: Any, keywords: Any, instance: Any, schema: Any) -> Iterator[Any]:
        plain = isinstance(instance, dict) and isinstance(instance.get("Type"), str)
        if not plain or "UpdatePolicy" in instance or any(str(key).startswith("Fn::") for key in instance):
            yield from validate(self, validator, keywords, instance, schema)

    return checked


def _remembering(create: Callable[..., Any]) -> Callable[..., Any]:
    """The function that makes a class of validators, but the same parts give the same class.

    cfn-lint makes one some hundred times a template, a data class each, which Python writes and compiles anew.
    """
    known: dict[Any, Any] = {}

    @wraps(create)
    def remembered(validators: Any = None, function_filter: Any = None, fn_resolvers: Any = None) -> Any:
        key = (
            tuple((validators or {}).items()),
            (type(function_filter), repr(function_filter)),
            tuple((fn_resolvers or {}).items()),
        )
        try:
            if key not in known:
                if len(known) >= _CLASSES:
                    known.clear()
                known[key] = _with_quick_copies(create(validators, function_filter, fn_resolvers))
            return known[key]
        except TypeError:  # a part that cannot be looked up by
            return create(validators, function_filter, fn_resolvers)

    return remembered


def _with_quick_copies(validator: Any) -> Any:
    if _reads(validator.evolve, _VALIDATOR_EVOLVE):
        validator.evolve = _evolved_validator
    return validator
