#!/usr/bin/env python3
"""Runs tests/integration against the emulator, or against an environment that is deployed.

    python scripts/integration.py dev                       `samgen local`: up, the tests, down
    python scripts/integration.py dev --deployed            the stack of samconfig.toml, in AWS
    python scripts/integration.py dev -- -k preflight       more words for pytest

The emulator is left as it is where it was up already. In AWS the tests call routes, send messages, make and remove
a user, an item, an object and a schedule, and leave what their events make functions do: production is refused
unless it is asked for.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
from typing import Any

from _aws import PROJECT, Target, call, guard, listed, member, run, stop, targets

TESTS = PROJECT / "tests" / "integration"
# What git ignores anyway.
FOLDER = PROJECT / ".aws-sam"
INTERRUPTED = 130


def main() -> int:
    """Read the arguments, find the stage, run the tests."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("environment")
    parser.add_argument("--deployed", action="store_true", help="the stack in AWS, not the emulator")
    parser.add_argument("--production", action="store_true", help="also where the environment is production")
    parser.add_argument("--region-name", metavar="REGION", help="this region of the environment, else the first")
    position = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    arguments, words = parser.parse_args(sys.argv[1:position]), sys.argv[position + 1 :]
    target = targets(arguments.environment, arguments.region_name)[0]
    if arguments.deployed:
        return test(deployed(target, arguments.production), target, words)
    return emulated(target, words)


def deployed(target: Target, production: bool) -> dict[str, Any]:
    """The stage in AWS, by its root stack's outputs."""
    if target.production and not production:
        stop(f"Refused: {target.name} is production, and these tests write test data. PRODUCTION=1 runs them there.")
    guard([target])
    stacks = call(target, "cloudformation", "describe-stacks", "--stack-name", target.stack)
    found = listed(member(stacks, "Stacks", 0), "Outputs")
    outputs = {str(item.get("OutputKey")): str(item.get("OutputValue")) for item in found}
    print(f"Testing {target.stack} in {target.region}, with test data.")
    return {**stage(target), "outputs": outputs, "api_url": outputs.get("ApiUrl", "")}


def stage(target: Target) -> dict[str, Any]:
    """What is known of a stage wherever it is."""
    return {
        "environment": target.environment,
        "region": target.region,
        "account": target.account,
        "is_standby": "RegionRole=standby" in target.parameters,
    }


def emulated(target: Target, words: list[str]) -> int:
    """Run the tests in the emulator, which is stopped again however they end, unless it was up before."""
    if any(one.get("status") == "up" for one in json.loads(samgen("status", target).stdout or "[]")):
        return test_emulated(target, words)
    # A request to end is an exception, as Ctrl-C is, so that the emulator does not outlive the tests.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(INTERRUPTED))
    try:
        return test_emulated(target, words)
    finally:
        samgen("down", target)


def test_emulated(target: Target, words: list[str]) -> int:
    """Bring it up to date and run the tests."""
    done = samgen("up", target)
    if done.returncode:
        return done.returncode
    report = json.loads(done.stdout)
    keys = report["credentials"]
    variables = {
        "AWS_ACCESS_KEY_ID": keys["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": keys["secret_access_key"],
    }
    found = {
        **stage(target),
        "account": report["account"],
        "region": report["region"],
        "outputs": report["outputs"],
        "endpoint": report["url"],
        "api_url": next(iter(report["apis"]), ""),
    }
    return test(found, target, words, variables)


def samgen(command: str, target: Target) -> subprocess.CompletedProcess[str]:
    """The answer of a command of `samgen local`; what it has to say stands on the terminal."""
    path = shutil.which("samgen")
    if path is None:
        stop("The emulator is samgen's: `pip install 'aws-samgen[local]'`; what is deployed is tested with STAGE=….")
    arguments = [path, "local", command, "--json", "--environment", target.name, "--project", str(PROJECT)]
    # That nothing runs yet is no news.
    errors = subprocess.DEVNULL if command == "status" else None
    return subprocess.run(arguments, stdout=subprocess.PIPE, stderr=errors, text=True, check=False)  # noqa: S603 (no shell)


def test(found: dict[str, Any], target: Target, words: list[str], variables: dict[str, str] | None = None) -> int:
    """Run pytest on the stage; credentials are those at hand, or the emulator's."""
    FOLDER.mkdir(exist_ok=True)
    file = FOLDER / f"integration-{target.name}.json"
    file.write_text(json.dumps(found, indent=2), encoding="utf-8")
    environment = {**os.environ, "INTEGRATION_TARGET": str(file)}
    if variables is not None:
        # A profile or a token of the person's own would go with the emulator's keys otherwise.
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
            environment.pop(name, None)
        environment |= variables
    command = [sys.executable, "-m", "pytest", "-q", "--tb=short", str(TESTS), *words]
    return subprocess.run(command, cwd=PROJECT, env=environment, check=False).returncode  # noqa: S603 (no shell)


if __name__ == "__main__":
    run(main)
