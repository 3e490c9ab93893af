#!/usr/bin/env python3
"""Deploys an environment of samconfig.toml: checks the account first, names the release, calls SAM.

    python scripts/deploy.py dev               after `sam build`
    python scripts/deploy.py dev --bootstrap   once an account and region
    python scripts/deploy.py dev --region      prints the environment's region

Credentials of another account than the environment's are refused before anything is uploaded. The release
id is a digest of what was built and of the parameters: the same release changes nothing, a new one
publishes a version of every function, also where only a parameter has changed.
"""

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

try:
    import tomllib
except ModuleNotFoundError:
    sys.exit("scripts/deploy.py needs Python 3.11 or newer.")

PROJECT = Path(__file__).resolve().parents[1]
BUILD = PROJECT / ".aws-sam" / "build"


def settings(environment: str) -> dict:
    """The environment's tables of samconfig.toml."""
    config = tomllib.loads((PROJECT / "samconfig.toml").read_text(encoding="utf-8"))
    known = sorted(name for name, tables in config.items() if isinstance(tables, dict) and "account" in tables)
    if environment not in known:
        sys.exit(f"{environment!r} is not an environment of samconfig.toml; choose from {', '.join(known)}.")
    return config[environment]


def check_account(expected: str) -> None:
    """Stop unless the credentials at hand are those of the environment's account."""
    if shutil.which("aws") is None:
        sys.exit("The AWS CLI is needed to see which account the credentials are for: install it, then deploy.")
    command = ["aws", "sts", "get-caller-identity", "--output", "json"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if answer.returncode:
        sys.exit(f"AWS does not accept the credentials: {answer.stderr.strip()}")
    actual = json.loads(answer.stdout)["Account"]
    if actual != expected:
        sys.exit(f"Refused: the credentials are for account {actual}, this environment belongs to {expected}.")


def release_id(parameters: list[str]) -> str:
    """A digest of everything that was built and of the parameters."""
    digest = hashlib.sha256(json.dumps(parameters).encode())
    for path in sorted(BUILD.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(str(path.relative_to(BUILD)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def deploy(environment: str, config: dict) -> list[str]:
    """The command that deploys what was built."""
    if not (BUILD / "template.yaml").is_file():
        sys.exit("Nothing is built: run `make build` first.")
    parameters = config["deploy"]["parameters"]["parameter_overrides"]
    overrides = [*parameters, f"ReleaseId={release_id(parameters)}"]
    return ["sam", "deploy", "--config-env", environment, "--parameter-overrides", *overrides]


def bootstrap(config: dict) -> list[str]:
    """The command that prepares the account and region; its own artifacts are small enough to need no bucket."""
    region = config["global"]["parameters"]["region"]
    return [
        "aws", "cloudformation", "deploy",
        "--stack-name", "sam-bootstrap",
        "--template-file", str(PROJECT / "bootstrap" / "template.yaml"),
        "--capabilities", "CAPABILITY_IAM",
        "--region", region,
        "--no-fail-on-empty-changeset",
    ]  # fmt: skip


def main() -> None:
    """Read the arguments and do what they say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("environment")
    parser.add_argument("--bootstrap", action="store_true", help="prepare the account and region instead")
    parser.add_argument("--region", action="store_true", help="print the environment's region and stop")
    arguments = parser.parse_args()
    config = settings(arguments.environment)
    if arguments.region:
        print(config["global"]["parameters"]["region"])
        return
    command = bootstrap(config) if arguments.bootstrap else deploy(arguments.environment, config)
    check_account(config["account"]["parameters"]["id"])
    sys.exit(subprocess.run(command, cwd=PROJECT, check=False).returncode)  # noqa: S603


if __name__ == "__main__":
    main()
