"""Templates that a tool has made of something else, a template for each environment: nobody writes their names."""

from __future__ import annotations

import re

from generator.project import Resource, Template

_OF_SERVERLESS = "The AWS CloudFormation template for this Serverless application"


def is_made(template: Template) -> bool:
    """Whether the CDK or the Serverless Framework made a template: the environment is chosen where they are run.

    https://docs.aws.amazon.com/cdk/v2/guide/environments.html
    """
    kinds = [resource.get("Type") for resource in template.resources.values()]
    paths = (resource.get("Metadata") for resource in template.resources.values())
    return (
        "AWS::CDK::Metadata" in kinds
        or any(isinstance(metadata, dict) and "aws:cdk:path" in metadata for metadata in paths)
        or template.data.get("Description") == _OF_SERVERLESS
        or "ServerlessDeploymentBucketName" in template.section("Outputs")
    )


# The functions that the CDK puts into a stack for itself, and what belongs to them, by their constructs' names.
# https://github.com/aws/aws-cdk/tree/main/packages/aws-cdk-lib/custom-resource-handlers
_PROVIDERS = re.compile(
    r"LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8a"
    r"|BucketNotificationsHandler050a0587b7544547bf325f094a3db834"
    r"|AWS679f53fac002430cb0da5b7982bd2287"
    r"|(Custom)?CDKBucketDeployment8693BB64968944B69AAFB0CC9EB8756C"
    r"|Custom[A-Za-z0-9]+CustomResourceProvider"
    r"|[A-Za-z0-9]*(frameworkonEvent|frameworkisComplete|frameworkonTimeout|waiterstatemachine)"
)
_PROVIDERS_AT = re.compile(
    r"/(Custom::[^/]+|framework-(onEvent|isComplete|onTimeout)|waiter-state-machine"
    r"|(LogRetentionaae0aa3c|BucketNotificationsHandler050a0587|AWS679f53fa)[0-9a-f]+)/"
)
# Names that the Serverless Framework gives; `custom` settings aside, nobody chooses them.
_NAMED_BY_SERVERLESS = {"IamRoleLambdaExecution"}


def is_of_the_tool(resource: Resource) -> bool:
    """Whether the CDK wrote a resource for itself, such as the function that sets how long logs are kept.

    Its author can set nothing of it; a newer CDK may.
    """
    metadata = resource.definition.get("Metadata")
    path = metadata.get("aws:cdk:path") if isinstance(metadata, dict) else None
    by_name = _PROVIDERS_AT.search(path) if isinstance(path, str) else _PROVIDERS.match(str(resource.logical_id))
    return by_name is not None and is_made(resource.stack.template)


def is_named_by_the_tool(resource: Resource) -> bool:
    """Whether the Serverless Framework gave a resource its name."""
    return resource.logical_id in _NAMED_BY_SERVERLESS and is_made(resource.stack.template)
