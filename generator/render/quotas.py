"""CloudFormation's quotas on what was rendered: a spec too large for one service is refused with the number."""

from __future__ import annotations

from pathlib import Path

from generator.errors import InputError

# A template passed by S3, as SAM passes all of them.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
TEMPLATE_BYTES = 1_048_576
# SAM's transform writes more than the source says; measured at 1.4 times for the functions stack.
EXPANSION = 1.5


def check_sizes(project: Path) -> None:
    """Refuse a project one of whose templates CloudFormation would not take; InputError names it."""
    for template in sorted(project.rglob("template.yaml")):
        size = template.stat().st_size
        if size * EXPANSION > TEMPLATE_BYTES:
            name = template.relative_to(project).as_posix()
            raise InputError(
                f"{name} has {size:,} bytes, about {int(size * EXPANSION):,} when SAM has expanded it; CloudFormation "
                f"takes {TEMPLATE_BYTES:,}: split the service"
            )
