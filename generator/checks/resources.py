"""Category 5 of the catalogue: what a function may use, and what happens to what fails."""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks.case import Case, number
from generator.checks.rule import Problem, about, rule
from generator.findings import Severity

FUNCTION = "AWS::Lambda::Function"


@rule(
    "SG501",
    "A function's memory is set.",
    Severity.WARNING,
    "Set MemorySize; 128 MB, the default, has the slowest processor.",
    "https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html",
)
def memory(case: Case) -> Iterator[Problem]:
    """Functions without MemorySize."""
    for _, function in case.of_type(FUNCTION):
        if function.get("MemorySize") is None:
            yield about(function, f"{function.owner} does not set its memory.")


@rule(
    "SG502",
    "A function's timeout is set, fits who waits for it, and a queue waits for the function.",
    Severity.WARNING,
    "Set Timeout: at most 29 seconds behind an API; make a queue's VisibilityTimeout six times the timeout.",
    "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html",
)
def timeout(case: Case) -> Iterator[Problem]:
    """Functions without Timeout, and queues that hand a message out again while it is being handled."""
    for _, function in case.of_type(FUNCTION):
        if function.get("Timeout") is None:
            yield about(function, f"{function.owner} does not set its timeout.")
    for deployment, mapping in case.of_type("AWS::Lambda::EventSourceMapping"):
        queue = deployment.find(mapping.get("EventSourceArn"), "AWS::SQS::Queue")
        function_ = deployment.function(mapping.get("FunctionName"))
        if queue is None or function_ is None:
            continue
        seconds, visible = number(function_.get("Timeout") or 3), number(queue.get("VisibilityTimeout") or 30)
        if seconds is not None and visible is not None and visible < 6 * seconds:
            message = f"{queue.owner} hides a message for {visible:.0f} s; {function_.owner} may take {seconds:.0f} s."
            yield about(queue, message, "VisibilityTimeout", severity=Severity.ERROR)
