"""Permissions boundaries of roles, which the emulator enforces, but which its CloudFormation leaves out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from generator.local.aws import Aws
from generator.project import Deployment
from generator.project.evaluate import Scope, is_known

ALLOW_ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def outputs(data: Mapping[str, Any]) -> dict[str, Any]:
    """Outputs of a stack that tell the names of its roles and the ARNs of their boundaries."""
    told: dict[str, Any] = {}
    for logical_id, resource in data["Resources"].items():
        boundary = (resource.get("Properties") or {}).get("PermissionsBoundary")
        if resource.get("Type") == "AWS::IAM::Role" and boundary:
            told |= {f"{logical_id}Role": {"Ref": logical_id}, f"{logical_id}Boundary": boundary}
    return told


def complete(aws: Aws, deployment: Deployment, wanted: Mapping[str, Any], told: Mapping[str, str]) -> None:
    """Give each role its boundary; a policy that is not there yet is made of what the project says of it."""
    for key in wanted:
        if key.endswith("Boundary") and (arn := told.get(key)):
            _make(aws["iam"], deployment, arn)
            role = told[f"{key.removesuffix('Boundary')}Role"]
            aws["iam"].put_role_permissions_boundary(RoleName=role, PermissionsBoundary=arn)


def _make(client: Any, deployment: Deployment, arn: str) -> None:
    """Make a policy as the project's own templates declare it, such as those of an account's preparation."""
    from botocore.exceptions import ClientError

    path, _, name = arn.partition(":policy")[2].rpartition("/")
    try:
        client.get_policy(PolicyArn=arn)
    except ClientError:
        document = _declared(deployment, name)
        client.create_policy(PolicyName=name, Path=f"{path}/", PolicyDocument=json.dumps(document or ALLOW_ALL))


def _declared(deployment: Deployment, name: str) -> Any:
    """The document of a managed policy that one of the project's templates declares; None where none does.

    Templates that prepare an account have no environment of their own: they get the parameters of this one.
    """
    pseudo = {"AWS::Partition": "aws", "AWS::Region": deployment.region, "AWS::AccountId": deployment.account}
    for template in deployment.project.templates:
        defaults = {key: item["Default"] for key, item in template.section("Parameters").items() if "Default" in item}
        scope = Scope(template.name, {**pseudo, **defaults, **deployment.environment.parameters}, template.data)
        for resource in template.resources.values():
            properties = resource.get("Properties") or {}
            is_policy = resource.get("Type") == "AWS::IAM::ManagedPolicy"
            if is_policy and scope.evaluate(properties.get("ManagedPolicyName")) == name:
                document = scope.evaluate(properties.get("PolicyDocument"))
                return document if is_known(document) else None
    return None
