#!/usr/bin/env python3
"""Points a function's alias `live` to an earlier version, without CloudFormation; takes effect at once.

    python scripts/rollback.py prod create-order                            the version before, in every region
    python scripts/rollback.py prod create-order 7 --region-name us-west-2  this version

Refused while a deployment is moving the function's traffic: stop that one, and it goes back by itself.
"""

import argparse

from _aws import Target, call, guard, listed, member, run, stop, targets

ALIAS = "live"


def plan(target: Target, function: str, wanted: str | None) -> tuple[str, str, str]:
    """The alias's version now, the one to go to, and the revision of the alias that this was read from."""
    name = f"{target.stack}-{function}"
    stacks = call(target, "cloudformation", "describe-stacks", "--stack-name", target.stack)
    status = str(member(stacks, "Stacks", 0, "StackStatus"))
    if status.endswith("IN_PROGRESS"):
        stop(
            f"{target.stack} in {target.region} is being changed ({status}): stop that deployment, or wait for its end."
        )
    alias = call(target, "lambda", "get-alias", "--function-name", name, "--name", ALIAS)
    routing = alias.get("RoutingConfig")
    if isinstance(routing, dict) and routing.get("AdditionalVersionWeights"):
        stop(
            f"A deployment is moving the traffic of {name} in {target.region}: stop it in CodeDeploy, it goes back then."
        )
    current = str(member(alias, "FunctionVersion"))
    answer = call(target, "lambda", "list-versions-by-function", "--function-name", name)
    numbers = (str(item.get("Version")) for item in listed(answer, "Versions"))
    versions = sorted(int(number) for number in numbers if number.isdecimal())
    if wanted is None:
        earlier = [version for version in versions if current.isdecimal() and version < int(current)]
        if not earlier:
            stop(f"{name} in {target.region} is at version {current}, and there is no earlier one.")
        wanted = str(earlier[-1])
    elif not wanted.isdecimal() or int(wanted) not in versions:
        stop(f"{name} in {target.region} has no version {wanted}; there are {', '.join(map(str, versions)) or 'none'}.")
    return current, wanted, str(member(alias, "RevisionId"))


def main() -> int:
    """Read the arguments and do what they say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("environment")
    parser.add_argument("function", help="its name in samgen.yaml")
    parser.add_argument("version", nargs="?", help="the version before, where none is given")
    parser.add_argument("--region-name", metavar="REGION", help="this region of the environment only")
    arguments = parser.parse_args()
    chosen = targets(arguments.environment, arguments.region_name)
    if arguments.version and len(chosen) > 1:
        stop("Versions are counted in each region by itself: name the region with the version, REGION=….")
    guard(chosen)
    # All is looked at before anything is changed.
    plans = [(target, plan(target, arguments.function, arguments.version)) for target in chosen]
    for target, (current, wanted, revision) in plans:
        name = f"{target.stack}-{arguments.function}"
        if wanted == current:
            print(f"{name} in {target.region}: stays at version {current}")
            continue
        call(
            target, "lambda", "update-alias", "--function-name", name, "--name", ALIAS,
            "--function-version", wanted, "--revision-id", revision,
        )  # fmt: skip
        print(f"{name} in {target.region}: {ALIAS} went from version {current} to {wanted}")
    print("The next deployment takes over again: revert the change in the repository, too.")
    return 0


if __name__ == "__main__":
    run(main)
