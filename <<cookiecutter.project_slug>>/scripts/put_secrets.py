#!/usr/bin/env python3
"""Puts the secrets of an environment into its SSM parameters, in every region, without showing them.

    python scripts/put_secrets.py dev                     asks for each secret that is not there yet
    python scripts/put_secrets.py dev --only db-password --overwrite < file

A value is typed without echo, or read from standard input where that is no terminal: a line for each
secret, or everything for the only one. It travels to the AWS CLI through a pipe, so no list of processes,
no shell history and no log ever holds it. CloudFormation cannot make SecureString parameters; this does,
with the key of the service, after the first deployment has made it.
"""

import argparse
import getpass
import json
import sys

from _aws import AwsError, Target, ask, call, guard, member, run, shown, stop, targets

SERVICE = << service.name | python >>
SECRETS = """
#% for secret in secret_names
<< secret >>
#% endfor
""".split()
# https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
LIMIT = 4096


def path(target: Target, secret: str) -> str:
    """The parameter that holds a secret."""
    return f"/{target.environment}/{SERVICE}/{secret}"


def is_there(target: Target, secret: str) -> bool:
    """Whether the parameter exists; its value is not asked for."""
    condition = f"Key=Name,Option=Equals,Values={path(target, secret)}"
    answer = call(target, "ssm", "describe-parameters", "--parameter-filters", condition)
    return bool(member(answer, "Parameters"))


def read(secrets: list[str]) -> dict[str, str]:
    """The values, from a person or from standard input."""
    if sys.stdin.isatty():
        return {secret: getpass.getpass(f"{secret}: ") for secret in secrets}
    text = sys.stdin.read()
    if len(secrets) == 1:
        return {secrets[0]: text.removesuffix("\n")}
    lines = text.splitlines()
    if len(lines) != len(secrets):
        names = ", ".join(secrets)
        stop(f"Standard input has {len(lines)} lines; a line for each of {names} is needed, in this order.")
    return dict(zip(secrets, lines, strict=True))


def check(values: dict[str, str]) -> None:
    """Stop where a value cannot be stored."""
    for secret, value in values.items():
        if not value:
            stop(f"The value of {secret} is empty: nothing was stored.")
        if len(value.encode()) > LIMIT:
            stop(f"The value of {secret} has more than {LIMIT:,} bytes, which a parameter holds: nothing was stored.")


def put(target: Target, secret: str, value: str, exists: bool) -> None:
    """Store one secret in one region."""
    request = {
        "Name": path(target, secret),
        "Value": value,
        "Type": "SecureString",
        "KeyId": f"alias/{target.stack}",
        "Overwrite": exists,
    }
    if not exists:  # AWS takes tags only with a new parameter
        tags = {"Environment": target.environment, "Service": SERVICE}
        request["Tags"] = [{"Key": key, "Value": text} for key, text in tags.items()]
    try:
        ask(target, "ssm", "put-parameter", "--cli-input-json", "file:///dev/stdin", stdin=json.dumps(request))
    except AwsError as error:
        # What AWS says of a request may quote it.
        said = str(error).replace(shown(value), "…").replace(value, "…")
        stop(f"{path(target, secret)} in {target.region} was not stored: {said}")
    print(f"{path(target, secret)} in {target.region}: stored")


def main() -> int:
    """Read the arguments and do what they say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("environment")
    parser.add_argument("--only", metavar="NAME", help="this secret alone")
    parser.add_argument("--overwrite", action="store_true", help="also those that are there already")
    parser.add_argument("--region-name", metavar="REGION", help="this region of the environment only")
    arguments = parser.parse_args()
    chosen = targets(arguments.environment, arguments.region_name)
    wanted = SECRETS if arguments.only is None else [arguments.only]
    if unknown := set(wanted) - set(SECRETS):
        stop(f"{unknown.pop()!r} is not a secret of samgen.yaml; choose from {', '.join(SECRETS) or 'none'}.")
    guard(chosen)
    there = {(target, secret): is_there(target, secret) for target in chosen for secret in wanted}
    places = {
        secret: [target for target in chosen if arguments.overwrite or not there[target, secret]] for secret in wanted
    }
    for secret in (secret for secret, missing in places.items() if not missing):
        print(f"{secret} is there already: OVERWRITE=1 replaces it")
    asked = [secret for secret, missing in places.items() if missing]
    if not asked:
        return 0
    values = read(asked)
    check(values)
    for secret, value in values.items():
        for target in places[secret]:
            put(target, secret, value, there[target, secret])
    return 0


if __name__ == "__main__":
    run(main)
