#!/usr/bin/env python3
"""Finds what somebody changed by hand: drift of the environment's stack and of every stack nested in it.

    python scripts/drift.py prod

Names the resources and properties that differ from the templates, not their values. Exit code 1 where
something differs.
"""

import argparse
import time
from collections.abc import Iterator

from _aws import AwsError, Target, ask, call, guard, listed, member, run, shown, stop, targets

POLL_SECONDS = 3.0
LIMIT_SECONDS = 600


def stacks(target: Target, stack: str) -> Iterator[str]:
    """A stack and all that are nested in it."""
    yield stack
    answer = call(target, "cloudformation", "list-stack-resources", "--stack-name", stack)
    for resource in listed(answer, "StackResourceSummaries"):
        if resource.get("ResourceType") == "AWS::CloudFormation::Stack" and resource.get("PhysicalResourceId"):
            yield from stacks(target, str(resource["PhysicalResourceId"]))


def detect(target: Target, stack: str) -> str:
    """Start the detection of one stack; its id."""
    try:
        answer = ask(target, "cloudformation", "detect-stack-drift", "--stack-name", stack)
    except AwsError as error:
        stop(f"The drift of {name_of(stack)} in {target.region} cannot be detected: {error}")
    return str(member(answer, "StackDriftDetectionId"))


def wait(target: Target, stack: str, detection: str, until: float) -> None:
    """Wait for the end of a detection."""
    while True:
        answer = call(
            target, "cloudformation", "describe-stack-drift-detection-status", "--stack-drift-detection-id", detection
        )
        status = member(answer, "DetectionStatus")
        if status == "DETECTION_COMPLETE":
            return
        if status == "DETECTION_FAILED":
            reason = answer.get("DetectionStatusReason", "no reason was given")
            stop(f"The drift of {name_of(stack)} in {target.region} could not be detected in full: {reason}")
        if time.monotonic() > until:
            stop(f"The detection of {name_of(stack)} in {target.region} did not end within {LIMIT_SECONDS} seconds.")
        time.sleep(POLL_SECONDS)


def differences(target: Target, stack: str) -> Iterator[str]:
    """What differs in a stack, a line each."""
    answer = call(
        target, "cloudformation", "describe-stack-resource-drifts", "--stack-name", stack,
        "--stack-resource-drift-status-filters", "MODIFIED", "DELETED",
    )  # fmt: skip
    for drift in listed(answer, "StackResourceDrifts"):
        paths = [str(item.get("PropertyPath", "?")) for item in listed(drift, "PropertyDifferences")]
        what = "was deleted" if drift.get("StackResourceDriftStatus") == "DELETED" else f"differs in {', '.join(paths)}"
        yield shown(f"{name_of(stack)} in {target.region}: {drift.get('LogicalResourceId')} "
                    f"({drift.get('ResourceType')}) {what}")  # fmt: skip


def name_of(stack: str) -> str:
    """A stack's name out of its ARN."""
    return stack.split("/")[1] if stack.startswith("arn:") and "/" in stack else stack


def main() -> int:
    """Read the arguments and do what they say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("environment")
    parser.add_argument("--region-name", metavar="REGION", help="this region of the environment only")
    arguments = parser.parse_args()
    chosen = targets(arguments.environment, arguments.region_name)
    guard(chosen)
    found = [(target, stack) for target in chosen for stack in stacks(target, target.stack)]
    started = [(target, stack, detect(target, stack)) for target, stack in found]
    until = time.monotonic() + LIMIT_SECONDS
    for target, stack, detection in started:
        wait(target, stack, detection, until)
    lines = [line for target, stack in found for line in differences(target, stack)]
    print("\n".join(lines) or f"{len(found)} stacks are as their templates say.")
    return 1 if lines else 0


if __name__ == "__main__":
    run(main)
