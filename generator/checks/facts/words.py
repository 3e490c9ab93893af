"""The words that names consist of, and which of them mean an environment or a secret."""

from __future__ import annotations

import re

from generator.checks.facts.texts import PLACEHOLDER

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
ENVIRONMENTS = {
    *("dev", "devel", "development", "test", "testing", "qa", "uat", "int", "stg", "stage", "staging"),
    *("preprod", "prod", "production", "prd", "live", "sandbox"),
}
# Words that mean an environment wherever they stand; `test` and `live` mean other things as well.
CERTAIN = {"dev", "development", "qa", "uat", "stg", "staging", "preprod", "prod", "production", "prd"}
PASSWORDS = {"password", "passwd", "pwd", "pass", "passphrase"}
_SECRETS = {*PASSWORDS, "secret", "secrets", "token", "creds", "credential", "credentials"}
_SECRET_KEYS = {"api", "private", "access", "secret", "signing", "auth", "license", "hmac", "jwt"}
# What begins the name of a switch.
_SWITCHES = {"allow", "create", "disable", "enable", "has", "is", "rotate", "use"}
# What follows a secret's name without changing what it is.
_ENDINGS = {"value", "plaintext", "plain", "string", "text", "current", "default", "new", "old", "primary", "secondary"}


def words(text: str) -> list[str]:
    """The words of a name in lower case: `DbPassword` → db, password; `prod-orders_v2` → prod, orders, v, 2."""
    return [word.lower() for word in _WORD.findall(text)]


def parts(text: str) -> list[str]:
    """What separators leave of a name, in lower case, without what is filled in: `dev-a.${B}` → dev, a."""
    return [part for part in re.split(r"[^A-Za-z0-9]+", PLACEHOLDER.sub(" ", text).lower()) if part]


def means_secret(name: str) -> bool:
    """Whether something of that name is a secret itself, not a secret's name, ARN, length or address."""
    found = significant(name)
    if not found or found[0] in _SWITCHES:
        return False
    if found[-1] in _SECRETS:
        return True
    return (len(found) > 1 and found[-1] in {"key", "keys"} and found[-2] in _SECRET_KEYS) or found[-1] == "apikey"


def significant(name: str) -> list[str]:
    """The words of a name without what follows and changes nothing: numbers, environments, `Value`."""
    found = words(name)
    while len(found) > 1 and (found[-1] in _ENDINGS | CERTAIN or found[-1].isdecimal()):
        found.pop()
    return found
