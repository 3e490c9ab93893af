"""The environments of a project, as its samconfig.toml says them: where each is deployed, and with what parameters.

SAM takes a samconfig.yaml or samconfig.yml just as well, where there is no samconfig.toml.

`sam deploy` takes the table `[default]` where no `--config-env` is given, and that table alone: no other environment
inherits from it (samcli/lib/config/samconfig.py, get_all). So it is an environment like the others where its table
`deploy` deploys something of its own: it names a stack or sets parameters. It is none where it only says how to build,
or which questions to ask, nor where it deploys the very stack of a named environment with the same parameters.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from generator.findings import Finding, Severity
from generator.project.document import Document, DocumentError

NAME = "samconfig.toml"
# In SAM's order.
_NAMES = (NAME, "samconfig.yaml", "samconfig.yml")
SIZE_LIMIT = 1_000_000
UNNAMED = "default"


@dataclass(frozen=True)
class ConfigEnvironment:
    """One environment of samconfig.toml.

    Attributes:
        name: what SAM calls it (`--config-env`).
        region: the region that it is deployed to; None where none is said.
        account: the account that it belongs to, where a table `account` says so, as samgen's projects do.
        parameters: the root stack's parameters that it sets, as text.
        settings: everything that its `deploy` table says.
    """

    name: str
    region: str | None = None
    account: str | None = None
    parameters: dict[str, str] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class SamConfig:
    """A samconfig.toml.

    Attributes:
        environments: those that deploy something, in the order of the file.
        text: the file as it is; empty where there is none.
        findings: why it cannot be read.
        name: the file's name.
        document: the file with its lines, where it is YAML.
    """

    environments: tuple[ConfigEnvironment, ...] = ()
    text: str = ""
    findings: tuple[Finding, ...] = ()
    name: str = NAME
    document: Document | None = None

    def line_of(self, text: str) -> int:
        """The line on which a text first occurs; 1 where it does not."""
        for number, line in enumerate(self.text.splitlines(), start=1):
            if text in line:
                return number
        return 1


def read_samconfig(root: Path) -> SamConfig:
    """Read the samconfig.toml of a folder; one that cannot be read is a finding, none at all is empty."""
    name = next((name for name in _NAMES if (root / name).is_file()), NAME)
    path = root / name
    try:
        if not path.is_file():
            return SamConfig()
        if path.stat().st_size > SIZE_LIMIT:
            return _unread(name, f"The file has more than {SIZE_LIMIT:,} bytes.")
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return _unread(name, "The file is not UTF-8 text.")
    except OSError as error:
        return _unread(name, f"The file cannot be read: {error.strerror or error}.")
    return _read_toml(text) if name == NAME else _read_yaml(name, text)


def _read_toml(text: str) -> SamConfig:
    try:
        tables = tomlkit.parse(text).unwrap()
    except TOMLKitError as error:
        return _unread(NAME, f"This is not TOML: {error}.", getattr(error, "line", 1), text)
    return SamConfig(_environments(tables), text)


def _read_yaml(name: str, text: str) -> SamConfig:
    try:
        document = Document(text)
    except DocumentError as error:
        return _unread(name, str(error), error.line, text)
    tables = document.data if isinstance(document.data, dict) else {}
    return SamConfig(_environments(tables), text, name=name, document=document)


def _environments(tables: dict[str, Any]) -> tuple[ConfigEnvironment, ...]:
    found = [_environment(str(name), table) for name, table in tables.items() if isinstance(table, dict)]
    deployed = [e for e in found if e.settings or e.parameters]
    others = [e for e in deployed if e.name != UNNAMED]
    return tuple(e for e in deployed if e.name != UNNAMED or not others or _is_one_more(e, tables, others))


def _is_one_more(default: ConfigEnvironment, tables: dict[str, Any], others: list[ConfigEnvironment]) -> bool:
    """Whether `default` deploys a stack of its own, and not the same as an environment with a name."""
    stack = _stack_name(tables, default)
    if stack is None and not default.parameters:
        return False
    same = [e for e in others if _stack_name(tables, e) == stack and _where(e) == _where(default)]
    return not any(e.parameters == default.parameters for e in same)


def _where(environment: ConfigEnvironment) -> tuple[str | None, str | None]:
    return environment.region, environment.account


def _stack_name(tables: dict[str, Any], environment: ConfigEnvironment) -> Any:
    common = _parameters(tables[environment.name].get("global")).get("stack_name")
    return environment.settings.get("stack_name", common)


def _environment(name: str, tables: dict[str, Any]) -> ConfigEnvironment:
    deploy = _parameters(tables.get("deploy"))
    settings = {**_parameters(tables.get("global")), **deploy}
    region = settings.get("region")
    overrides = settings.get("parameter_overrides")
    account = _parameters(tables.get("account")).get("id")
    return ConfigEnvironment(
        name,
        region if isinstance(region, str) else None,
        account if isinstance(account, str) else None,
        _overrides(overrides),
        deploy,
    )


def _parameters(table: Any) -> dict[str, Any]:
    inner = table.get("parameters") if isinstance(table, dict) else None
    return inner if isinstance(inner, dict) else {}


def _overrides(value: Any) -> dict[str, str]:
    """`"A=1 B=2"`, `["A=1", "B=2"]` or a table; SAM takes each of them."""
    if isinstance(value, dict):
        return {str(name): str(item) for name, item in value.items()}
    try:
        pairs = shlex.split(value) if isinstance(value, str) else list(value or ())
    except (ValueError, TypeError):
        return {}
    split = (str(pair).partition("=") for pair in pairs if "=" in str(pair))
    return {name: text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text for name, _, text in split}


def _unread(name: str, message: str, line: int = 1, text: str = "") -> SamConfig:
    finding = Finding(name, line, 1, "samconfig", Severity.ERROR, message, "", "samgen")
    return SamConfig(text=text, findings=(finding,), name=name)
