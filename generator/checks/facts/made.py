"""Templates that a tool has made of something else, a template for each environment: nobody writes their names."""

from __future__ import annotations

from generator.project import Template

_OF_SERVERLESS = "The AWS CloudFormation template for this Serverless application"


def is_made(template: Template) -> bool:
    """Whether the CDK or the Serverless Framework made a template: the environment is chosen where they are run.

    https://docs.aws.amazon.com/cdk/v2/guide/environments.html
    """
    kinds = {resource.get("Type") for resource in template.resources.values()}
    paths = (resource.get("Metadata") for resource in template.resources.values())
    return (
        "AWS::CDK::Metadata" in kinds
        or any(isinstance(metadata, dict) and "aws:cdk:path" in metadata for metadata in paths)
        or template.data.get("Description") == _OF_SERVERLESS
        or "ServerlessDeploymentBucketName" in template.section("Outputs")
    )
