"""What a typed permission of the spec means in IAM: the exact actions, and what each is limited to.

The sets are small on purpose: what a function needs to work with items, objects or messages, and nothing that
administers their holder or reads all of it (no `dynamodb:Scan`). docs/permissions.md shows them. That every
action exists and can be limited to its kind of resource is held by a test against cfn-lint's policy data, which
is the Service Authorization Reference
(https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html).
Standard library only.
"""

from __future__ import annotations

import re
from typing import Any

from generator.spec.references import is_name

KINDS: dict[str, tuple[str | None, str]] = {
    "dynamodb": ("tables", "table"),
    "s3": ("buckets", "bucket"),
    "sqs": ("queues", "queue"),
    "sns": ("topics", "topic"),
    "events": ("event_buses", "bus"),
    "ssm": (None, "parameter"),
    "secrets": (None, "secret"),
    "kms": (None, "key"),
    "invoke": ("functions", "function"),
}
"""Each typed permission: the section that declares what it names (None where the spec declares none), and the key."""

ACTIONS: dict[str, dict[str, tuple[str, ...]]] = {
    "dynamodb": {
        "read": ("dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:ConditionCheckItem"),
        "write": ("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem"),
    },
    "s3": {
        "read": ("s3:GetObject",),
        "write": ("s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"),
    },
    "sqs": {"send": ("sqs:SendMessage",)},
    "sns": {"publish": ("sns:Publish",)},
    "events": {"put": ("events:PutEvents",)},
    "ssm": {"read": ("ssm:GetParameter",)},
    "secrets": {"read": ("secretsmanager:GetSecretValue",)},
    "kms": {"decrypt": ("kms:Decrypt",), "encrypt": ("kms:Decrypt", "kms:GenerateDataKey")},
    "invoke": {"invoke": ("lambda:InvokeFunction",)},
}
"""The actions of each access; `readwrite` is `read` and `write`."""

# A table's indexes are read by the same request, under an ARN of their own.
INDEX_ACTIONS = ("dynamodb:Query",)
# Listing is a right on the bucket, limited by a condition to the prefix; without it a missing key is a 403.
LIST_ACTIONS = ("s3:ListBucket",)

VARIABLE_SUFFIX = {
    "dynamodb": "TABLE",
    "s3": "BUCKET",
    "sqs": "QUEUE_URL",
    "sns": "TOPIC_ARN",
    "events": "EVENT_BUS",
    "invoke": "FUNCTION",
}
"""What the variable ends with that tells a function what a declared resource is called."""


def actions(kind: str, access: str) -> list[str]:
    """The actions of an access: `actions("s3", "read")` → `["s3:GetObject"]`."""
    parts = ("read", "write") if access == "readwrite" else (access,)
    return [action for part in parts for action in ACTIONS[kind][part]]


def declared_name(kind: str, access: Any) -> str | None:
    """The name that an access uses of the spec's own, or None where it names something existing."""
    section, key = KINDS[kind]
    name = str(getattr(access, key))
    return name if section is not None and is_name(name) else None


def variable_name(kind: str, name: str) -> str:
    """`dynamodb`, `order-items` → `ORDER_ITEMS_TABLE`."""
    return f"{re.sub('-', '_', name).upper()}_{VARIABLE_SUFFIX[kind]}"
