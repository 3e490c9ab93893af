"""ARNs, names and URLs as text for `Fn::Sub`: what the spec declares by its convention, what exists as it is named.

What stands in an SSM parameter becomes a dynamic reference, which CloudFormation resolves when it deploys
(https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-ssm.html).
"""

from __future__ import annotations

from generator.spec.references import is_name, is_parameter

PREFIX = "arn:${AWS::Partition}"
PLACE = "${AWS::Region}:${AWS::AccountId}"

# What stands before a resource's name in its ARN, by the typed permission or trigger that means it.
_STEMS = {
    "dynamodb": f"{PREFIX}:dynamodb:{PLACE}:table/",
    "sqs": f"{PREFIX}:sqs:{PLACE}:",
    "sns": f"{PREFIX}:sns:{PLACE}:",
    "events": f"{PREFIX}:events:{PLACE}:event-bus/",
    "invoke": f"{PREFIX}:lambda:{PLACE}:function:",
    "s3": f"{PREFIX}:s3:::",
}


def convention(service: str, name: str) -> str:
    """The physical name of what the spec declares: `${Environment}-orders-charge`."""
    return f"${{Environment}}-{service}-{name}"


def bucket_name(service: str, name: str) -> str:
    """A bucket's name; as all AWS accounts share one name space, account and region stand in it."""
    return convention(service, name) + "-${AWS::AccountId}-${AWS::Region}"


def physical(kind: str, service: str, name: str) -> str:
    """The physical name of a declared table, queue, topic, bucket, bus or function."""
    if kind == "events" and name == "default":
        return name
    return bucket_name(service, name) if kind == "s3" else convention(service, name)


def existing(reference: str) -> str:
    """The ARN of what exists already: as it is written, or from the parameter that holds it."""
    return f"{{{{resolve:ssm:{reference}}}}}" if is_parameter(reference) else reference


def arn(kind: str, service: str, reference: str) -> str:
    """The ARN of what a trigger or permission names."""
    if not is_name(reference):
        return existing(reference)
    alias = ":live" if kind == "invoke" else ""
    return _STEMS[kind] + physical(kind, service, reference) + alias


def parameter_arn(path: str) -> str:
    """The ARN of an SSM parameter."""
    return f"{PREFIX}:ssm:{PLACE}:parameter{path}"


def secret_arn(reference: str) -> str:
    """The ARN of a secret; Secrets Manager ends it with six characters of its own.

    https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_iam-policies.html
    """
    return reference if reference.startswith("arn:") else f"{PREFIX}:secretsmanager:{PLACE}:secret:{reference}-??????"


def queue_url(service: str, name: str) -> str:
    """The address that messages to a declared queue are sent to."""
    return f"https://sqs.${{AWS::Region}}.${{AWS::URLSuffix}}/${{AWS::AccountId}}/{convention(service, name)}"
