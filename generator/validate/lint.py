"""cfn-lint in process: its rules are loaded once, and asked as its command line would ask them."""

from __future__ import annotations

import copy
import glob
import hashlib
import logging
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from generator.errors import InputError, ToolError
from generator.findings import Severity
from generator.validate.nested import Nested
from generator.validate.quicker import quicken_cfnlint, quicken_rules
from generator.validate.slices import knows_rules, scope

# cfn-lint's own id of a rule that broke down.
_BROKEN = "E0002"
_SEVERITIES = {
    "error": Severity.ERROR,
    "warning": Severity.WARNING,
    "informational": Severity.INFO,
}
# Verdicts on templates that a process remembers; a few lines each where little is found.
_REMEMBERED = 256
# cfn-lint looks at what a template nests, too; the names of such types may be written with escapes.
_NESTING = re.compile(rb"AWS::CloudFormation::Stack|AWS::Serverless::Application|\\[xuU\r\n]")

# How cfn-lint says that a rule of its own broke down, which is not the template's fault.
_BROKEN_DOWN = re.compile(r"Unknown exception while processing rule|Exception .* raised while validating ")
# Said of a value that fits none of several schemas, and followed by what each of these objects to. Beyond a few, as
# with the twenty kinds of SAM's events, that is noise: what was meant is not among the first.
_NO_SCHEMA_FITS = {"E3017", "E3018"}
_FEW = 8
# Where cfn-lint names all that would do, which may be every action of a service.
_CHOICE = re.compile(r"^'([^']*)' is not one of \[('[^']*'(?:, '[^']*')*)\]")


class Hit(NamedTuple):
    """One match of a cfn-lint rule; `path` leads into the template and is empty if unknown."""

    rule: str
    severity: Severity
    message: str
    line: int
    column: int
    path: tuple[str | int, ...]


class Shelf(Protocol):
    """Where verdicts are kept beyond this process, by a name made of everything that they depend on here."""

    def read(self, key: str) -> Any:
        """The data of that name; None where there is none."""

    def write(self, key: str, data: Any) -> None:
        """Keep JSON-ready data."""


class Linter:
    """cfn-lint with its rules loaded; construct it once a process, with `linter()`."""

    def __init__(self) -> None:
        try:
            import cfnlint.rules
        except ImportError as error:
            raise ToolError(f"cfn-lint cannot be loaded ({error}); reinstall samgen with its dependencies.") from error
        # Like SAM: what cfn-lint logs is in its matches as well.
        logger = logging.getLogger("cfnlint")
        logger.addHandler(logging.NullHandler())
        logger.propagate = False
        quicken_cfnlint()
        rules = cfnlint.rules.Rules
        self._rules = rules()
        self._rules.update(rules.create_from_directory(str(Path(cfnlint.rules.__file__).parent)))
        quicken_rules(self._rules)
        self._special: dict[tuple[object, ...], Any] = {}
        self._known: dict[bytes, list[Hit]] = {}
        self._nested = Nested()
        self._nesting: dict[bytes, list[str]] = {}
        self._shelf: Shelf | None = None

    def keep(self, shelf: Shelf | None) -> None:
        """Keep verdicts from here on where other processes, and later ones, find them; None keeps them here."""
        self._shelf = shelf

    def source(self, root: Path, name: str, region: str) -> list[Hit]:
        """What `cfn-lint <name>` says in the folder `root`, with the configuration that lies there.

        Args:
            root: the project's folder; becomes the working directory for the time being.
            name: the template's path relative to it.
            region: whose resource schemas count, unless the configuration names regions itself.
        """
        with _run_in(root, region), self._runner(name) as runner:
            if not runner.config.templates:  # left out by the configuration
                return []
            return self._remembered(_key(runner.config, name), lambda: _answer(name, runner.run))

    def expanded(self, root: Path, name: str, region: str, data: dict[str, Any]) -> list[Hit]:
        """What cfn-lint says about SAM's expansion `data` of the template `name`.

        Lines mean nothing in the result; paths lead into the expansion.
        """
        from cfnlint.core import run_checks
        from cfnlint.decode import convert_dict

        with _run_in(root, region), self._runner(name) as runner:
            if not runner.config.templates:
                return []
            config = runner.config

            def work() -> list[Hit]:
                template = convert_dict(copy.deepcopy(data))
                regions, mandatory = config.regions, config.mandatory_checks
                return _answer(name, lambda: run_checks(name, template, runner.rules, regions, mandatory))

            return self._remembered(_key(config, name, data), work)

    def _remembered(self, key: _Key | None, work: Callable[[], list[Hit]]) -> list[Hit]:
        """What the work gave for the same key before; projects that were generated alike share templates."""
        if key is None:
            return work()
        if key.nests:
            return self._with_what_it_nests(key.digest, work)
        return self._told(key.digest, work)

    def _told(self, key: bytes, work: Callable[[], list[Hit]]) -> list[Hit]:
        if key not in self._known:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[key] = work() if self._shelf is None else self._shelved(self._shelf, key.hex(), work)
        return list(self._known[key])

    def _with_what_it_nests(self, key: bytes, work: Callable[[], list[Hit]]) -> list[Hit]:
        """The verdict on a template that nests others: which files these are is told by its text."""
        from cfnlint.decode import cfn_yaml

        if not knows_rules():
            return work()
        names = self._nesting.get(key)
        if names is None:
            with self._nested.asked() as names:
                hits = work()
            if len(self._nesting) >= _REMEMBERED:
                self._nesting.clear()
            self._nesting[key] = names
        else:
            hits = None
        faces = self._nested.faces(names, cfn_yaml.load)
        if faces is None:
            return work() if hits is None else hits
        whole = hashlib.sha256(key + faces).digest()
        return self._told(whole, work if hits is None else lambda: hits)

    def _shelved(self, shelf: Shelf, key: str, work: Callable[[], list[Hit]]) -> list[Hit]:
        kept = shelf.read(key)
        try:
            return [
                Hit(rule, Severity(level), text, line, column, tuple(path))
                for rule, level, text, line, column, path in kept
            ]
        except (TypeError, ValueError):  # nothing is kept, or it is damaged
            hits = work()
            shelf.write(key, [[*hit[:-1], list(hit.path)] for hit in hits])
            return hits

    @contextmanager
    def _runner(self, name: str) -> Iterator[Any]:
        from cfnlint.config import ConfigMixIn
        from cfnlint.exceptions import CfnLintExitException
        from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

        try:
            config = ConfigMixIn([], templates=[glob.escape(name)])
            patched = bool(config.override_spec or config.registry_schemas)
            if patched:
                PROVIDER_SCHEMA_MANAGER.reset()
            with _remembering_schemas(), _reading_files_only(self._nested), scope(_configured(config)):
                yield self._make_runner(config)
            if patched:
                PROVIDER_SCHEMA_MANAGER.reset()
        except CfnLintExitException as error:
            # Of an unknown region it goes on to list all that it knows.
            reason = str(error).partition(". Supported regions")[0]
            raise InputError(f"cfn-lint refuses its configuration: {reason}.") from error
        except SystemExit as error:
            raise ToolError(f"cfn-lint gave up on {name}; is the file still there?") from error

    def _make_runner(self, config: Any) -> Any:
        from cfnlint.runner import Runner

        shared, special = self._rules, self._special

        class SharedRunner(Runner):  # type: ignore[misc]
            """cfn-lint's runner, but the rules that everyone has are not loaded again."""

            def _get_rules(self) -> None:
                extra = (*self.config.append_rules[1:], self.config.custom_rules)
                if not any(extra):
                    self.rules = shared
                    return
                key = (os.getcwd(), *extra)  # noqa: PTH109 - relative to the project's folder
                if key not in special:
                    super()._get_rules()
                    special[key] = self.rules
                self.rules = special[key]

        return SharedRunner(config)


@lru_cache(maxsize=1)
def linter() -> Linter:
    """The linter of this process; the first call takes most of a second."""
    return Linter()


@contextmanager
def _run_in(root: Path, region: str) -> Iterator[None]:
    """Work in `root` with `region` as the region of the environment, as its command line would."""
    try:
        folder = Path.cwd()
    except FileNotFoundError:  # somebody has removed it
        folder = root
    before = os.environ.get("AWS_REGION")
    os.chdir(root)
    os.environ["AWS_REGION"] = region
    try:
        yield
    finally:
        os.chdir(folder)
        if before is None:
            del os.environ["AWS_REGION"]
        else:
            os.environ["AWS_REGION"] = before


@contextmanager
def _remembering_schemas() -> Iterator[None]:
    """Look up each part of a resource type's schema once a template.

    cfn-lint makes a resolver for every property of every resource, each of which would search the whole schema anew:
    half of its time on a large template.
    """
    from cfnlint.schema.resolver import RefResolver

    original = RefResolver.resolve_fragment
    # The document is kept with its answer, so that its identity is nobody else's for as long as the key is used.
    known: dict[tuple[int, str], tuple[Any, Any]] = {}

    def resolve_fragment(self: Any, document: Any, fragment: str) -> Any:
        key = (id(document), fragment)
        if key not in known:
            known[key] = (document, original(self, document, fragment))
        return known[key][1]

    RefResolver.resolve_fragment = resolve_fragment
    try:
        yield
    finally:
        RefResolver.resolve_fragment = original


def _hits(matches: Iterable[Any]) -> list[Hit]:
    """The matches as hits, without what schemas object to that were not meant."""
    matches = list(matches)
    children = Counter(match.parent_id for match in matches)
    crowds = {match.id for match in matches if match.rule.id in _NO_SCHEMA_FITS and children[match.id] > _FEW}
    depths = {match.id: len(match.path or ()) for match in matches if match.id in crowds}
    return [_hit(m) for m in matches if m.parent_id not in crowds or _is_telling(m, depths[m.parent_id])]


def _is_telling(match: Any, depth: int) -> bool:
    """Whether all schemas object to a key that belongs elsewhere, or the meant one says what it knows instead."""
    direct = len(match.path or ()) == depth + 1 and match.path[-1] not in {"Type", "Properties"}
    return (direct and "was unexpected" in match.message) or "Did you mean" in match.message


class _Key(NamedTuple):
    """What a verdict depends on, as a digest, and whether on nested templates as well."""

    digest: bytes
    nests: bool


def _key(config: Any, name: str, data: dict[str, Any] | None = None) -> _Key | None:
    """What a verdict depends on; None where further files may have a part in it."""
    if _has_more(config):
        return None
    try:
        text = Path(name).read_bytes()
    except OSError:
        return None
    digest = hashlib.sha256(repr((name, repr(config), repr(data))).encode(errors="surrogatepass"))
    digest.update(text)
    return _Key(digest.digest(), bool(_NESTING.search(text)))


def _has_more(config: Any) -> bool:
    """Whether other files than the template have a part in its verdict."""
    others = (config.append_rules[1:], config.custom_rules, config.override_spec, config.registry_schemas)
    return any(others) or bool(config.parameter_files or config.deployment_files)


def _configured(config: Any) -> Any:
    """What rules are told beside a template; None where that is more than data."""
    if _has_more(config):
        return None
    return (config.configure_rules, config.include_experimental, config.regions, config.mandatory_checks)


@contextmanager
def _reading_files_only(nested: Nested) -> Iterator[None]:
    """Keep cfn-lint from following a nested stack into a pipe or a device, which would never end."""
    from cfnlint.decode import cfn_yaml

    original = cfn_yaml.load

    def load(filename: str) -> Any:
        return nested.load(filename, original)

    cfn_yaml.load = load
    try:
        yield
    finally:
        cfn_yaml.load = original


def _answer(name: str, run: Callable[[], Iterable[Any]]) -> list[Hit]:
    """What cfn-lint says; where it breaks down over a template's shape, that it does."""
    try:
        return _hits(run())
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        message = (
            f"cfn-lint fails on it ({type(error).__name__}: {error}); a section of {name} is not what it should be."
        )
        return [Hit(_BROKEN, Severity.ERROR, " ".join(message.split()), 1, 1, ())]


def _nearest(choice: re.Match[str]) -> str:
    """A choice with the names that are most like what is written, where there are many."""
    names = choice[2].split(", ")
    if len(names) <= _FEW:
        return choice[0]
    near = get_close_matches(f"'{choice[1]}'", names, 3, 0) or names[:3]
    return f"'{choice[1]}' is not one of {len(names)} names, such as {', '.join(near)}"


def _hit(match: Any) -> Hit:
    path = tuple(part if isinstance(part, int) else str(part) for part in getattr(match, "path", None) or ())
    message = _CHOICE.sub(_nearest, " ".join(str(match.message).split()))
    severity = _SEVERITIES.get(match.rule.severity, Severity.ERROR)
    if _BROKEN_DOWN.match(message):
        message = f"cfn-lint cannot judge this, as a rule of its own broke down: {message}"
        severity = Severity.INFO
    if not message.endswith((".", "!", "?")):
        message += "."
    return Hit(match.rule.id, severity, message, match.linenumber, match.columnnumber, path)
