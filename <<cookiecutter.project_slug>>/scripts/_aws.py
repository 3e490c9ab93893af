"""What the scripts share: the environments of samconfig.toml, the guard of account and region, calls of the AWS CLI."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

try:
    import tomllib
except ModuleNotFoundError:
    sys.exit("The scripts of this project need Python 3.11 or newer.")

PROJECT = Path(__file__).resolve().parents[1]
# Long enough for any single call; what takes longer is asked for again and again.
TIMEOUT = 120
SHOWN = 600


@dataclass(frozen=True)
class Target:
    """An environment in one of its regions: a table of samconfig.toml, a stack."""

    name: str
    environment: str
    region: str
    account: str
    stack: str
    production: bool
    parameters: tuple[str, ...]
    tags: tuple[str, ...]


def stop(message: str) -> NoReturn:
    """End with a sentence."""
    sys.exit(shown(message))


def shown(text: str) -> str:
    """Text of AWS or of a file as a terminal may show it: printable, and no more than a few lines."""
    plain = "".join(c if c.isprintable() else " " for c in text)
    plain = " ".join(plain.split())
    return plain if len(plain) <= SHOWN else plain[:SHOWN] + "…"


def all_targets() -> list[Target]:
    """Every environment and region of samconfig.toml, in its order."""
    path = PROJECT / "samconfig.toml"
    try:
        config = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        stop(f"samconfig.toml cannot be read: {error}")
    found = [name for name, tables in config.items() if isinstance(tables, dict) and "account" in tables]
    try:
        return [_target(name, config[name]) for name in found]
    except (KeyError, TypeError) as error:
        stop(f"samconfig.toml is not as the scripts expect it: {error} is missing or misplaced.")


def _target(name: str, tables: dict[str, Any]) -> Target:
    account, place = tables["account"]["parameters"], tables["global"]["parameters"]
    deploy = tables["deploy"]["parameters"]
    return Target(
        name=name,
        environment=account["environment"],
        region=place["region"],
        account=account["id"],
        stack=place["stack_name"],
        production=account["production"] is True,
        parameters=tuple(deploy["parameter_overrides"]),
        tags=tuple(deploy["tags"]),
    )


def targets(environment: str, region: str | None = None) -> list[Target]:
    """The regions of an environment, the first one first; or the one that is named."""
    known = all_targets()
    found = [target for target in known if target.environment == environment]
    if not found:
        names = ", ".join(dict.fromkeys(target.environment for target in known))
        stop(f"{environment!r} is not an environment of samconfig.toml; choose from {names}.")
    if region is None:
        return found
    chosen = [target for target in found if target.region == region]
    if not chosen:
        names = ", ".join(target.region for target in found)
        stop(f"{region!r} is not a region of {environment}; choose from {names}.")
    return chosen


def guard(chosen: list[Target]) -> None:
    """Stop unless the credentials at hand are those of the environment's account, and the region is one of its own."""
    tool("aws", "The AWS CLI is needed to see which account the credentials are for")
    own = {target.region for target in targets(chosen[0].environment)}
    for variable in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        region = os.environ.get(variable)
        if region and region not in own:
            places = ", ".join(sorted(own))
            stop(f"Refused: {variable} is {region}, this environment belongs to {places}. Unset it, or choose another.")
    actual = call(chosen[0], "sts", "get-caller-identity").get("Account")
    if actual != chosen[0].account:
        stop(f"Refused: the credentials are for account {actual}, this environment belongs to {chosen[0].account}.")


def tool(name: str, why: str) -> str:
    """The path of a command, or the end."""
    path = shutil.which(name)
    if path is None:
        stop(f"{why}: install `{name}`, then try again.")
    return path


class AwsError(Exception):
    """AWS refused a call; the text is what it said."""


def call(target: Target, *arguments: str, stdin: str | None = None) -> dict[str, Any]:
    """The answer of an AWS CLI command in the target's region; the end, with a sentence, where AWS refuses."""
    try:
        return ask(target, *arguments, stdin=stdin)
    except AwsError as error:
        stop(f"aws {' '.join(arguments[:2])} in {target.region} failed: {error}")


def ask(target: Target, *arguments: str, stdin: str | None = None) -> dict[str, Any]:
    """The same, with AwsError where AWS refuses. What is secret goes through stdin, never through arguments."""
    command = [tool("aws", "The AWS CLI is needed"), *arguments, "--region", target.region, "--output", "json"]
    try:
        done = subprocess.run(  # noqa: S603 (a list of arguments, no shell)
            command,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TIMEOUT,
            check=False,
            env=environment_of(target),
        )
    except subprocess.TimeoutExpired:
        raise AwsError(f"no answer within {TIMEOUT} seconds") from None
    except OSError as error:
        raise AwsError(f"it cannot be started: {error}") from None
    if done.returncode:
        raise AwsError(shown(done.stderr) or f"exit code {done.returncode}")
    if not done.stdout.strip():
        return {}
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        raise AwsError("the answer is not JSON") from None
    if not isinstance(answer, dict):
        raise AwsError("the answer is not an object")
    return answer


def environment_of(target: Target) -> dict[str, str]:
    """The variables of a child process: the target's region, patience where AWS throttles, no pager."""
    return {
        "AWS_RETRY_MODE": "standard",
        "AWS_MAX_ATTEMPTS": "10",
        **os.environ,
        "AWS_REGION": target.region,
        "AWS_DEFAULT_REGION": target.region,
        "AWS_PAGER": "",
    }


def member(answer: Any, *keys: str | int) -> Any:
    """A part of an answer; the end where AWS answered something else."""
    for key in keys:
        try:
            answer = answer[key]
        except (KeyError, IndexError, TypeError):
            stop(f"AWS answered without {key!r}: try again, or update the AWS CLI.")
    return answer


def listed(answer: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """The objects of a list in an answer; what is no object is left out."""
    found = answer.get(key)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def run(main: Callable[[], int]) -> NoReturn:
    """Run a script's main function; Ctrl-C is no error of the program."""
    try:
        code = main()
    except KeyboardInterrupt:
        code = 130
    except BrokenPipeError:
        code = 1
    sys.exit(code)
