"""The function that calls a new version before traffic reaches it, and what CodeDeploy and it may call."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from generator import paths
from generator.spec.defaults import HOOK_CONCURRENCY
from generator.spec.names import HOOK
from generator.spec.runtimes import family, newest, version

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.render.views import FunctionView

# A role's inline policies have at most 10,240 characters together; half of it leaves room for the other statements.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
POLICY_ROOM = 5_000
# The longest partition, region and account: arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:NAME:live
ARN_LENGTH = 75

# CloudFormation makes the name of stack, logical id and random characters, at most 100 of them together.
APPLICATION_PREFIX = 24


@dataclass(frozen=True)
class PreTraffic:
    """The hook, as the monitoring and the security stack see it; of a function it has what they ask for."""

    runtime: str
    callees: list[str]
    """The names after the environment's and the service's of the functions that are deployed; `*` where they
    are more than a role's policy can name."""
    application_prefix: str
    """What the name of CodeDeploy's application begins with after the environment's."""
    name: str = HOOK
    id: str = "PreTraffic"
    timeout: int = 60
    memory_size: int = 128
    architecture: str = "arm64"
    # What waits is tried again by Lambda for an hour, so one at a time is enough.
    reserved_concurrency: int = HOOK_CONCURRENCY
    sources: list[Any] = field(default_factory=list)
    destinations: list[Any] = field(default_factory=list)


def pre_traffic(functions: list[FunctionView], service: str, environments: Iterable[str]) -> PreTraffic:
    """The hook of a service."""
    longest = max(map(len, environments))
    names = [function.name for function in functions]
    length = sum(ARN_LENGTH + longest + len(service) + len(name) for name in names)
    return PreTraffic(_runtime(functions), names if length <= POLICY_ROOM else ["*"], service[:APPLICATION_PREFIX])


def _runtime(functions: list[FunctionView]) -> str:
    """The newest Python that the functions use, so that one interpreter builds all; else the newest there is.

    Where no data says which that is, the example in the question about functions.
    """
    written = [function.runtime for function in functions if family(function.runtime) == "python"]
    if written:
        return max(written, key=version)
    settings = json.loads((paths.template_root() / "cookiecutter.json").read_text(encoding="utf-8"))
    example: str = settings["functions"].split(":")[1]
    return newest("python") or example
