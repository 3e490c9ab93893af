"""What a resource is called, and which texts mean it: its name, an ARN, a URL, its symbol."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.project.evaluate import Symbol

if TYPE_CHECKING:
    from generator.project.deployment import Resource

# The property that gives a resource its physical name.
NAME_PROPERTIES = {
    "AWS::ApiGateway::RestApi": "Name",
    "AWS::ApiGatewayV2::Api": "Name",
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::CloudWatch::CompositeAlarm": "AlarmName",
    "AWS::CloudWatch::Dashboard": "DashboardName",
    "AWS::Cognito::UserPool": "UserPoolName",
    "AWS::DynamoDB::GlobalTable": "TableName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::Events::EventBus": "Name",
    "AWS::Events::Rule": "Name",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Role": "RoleName",
    "AWS::KMS::Alias": "AliasName",
    "AWS::Kinesis::Stream": "Name",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Lambda::LayerVersion": "LayerName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::SSM::Parameter": "Name",
    "AWS::Scheduler::Schedule": "Name",
    "AWS::Scheduler::ScheduleGroup": "Name",
    "AWS::SecretsManager::Secret": "Name",
    "AWS::StepFunctions::StateMachine": "StateMachineName",
    "AWS::WAFv2::IPSet": "Name",
    "AWS::WAFv2::WebACL": "Name",
}


def refers(text: str, resource: Resource) -> bool:
    """Whether a text is the resource's name, an ARN or URL that ends with it, or holds the resource's symbol."""
    if _holds(text, resource.symbol):
        return True
    name = resource.name
    if name is None:
        return False
    if text == name:
        return True
    rest = text.split(":", 5)[-1] if text.startswith("arn:") else text.rpartition("/")[2] if "://" in text else ""
    rest = rest.removesuffix(":*")
    if resource.type == "AWS::Lambda::Function":
        rest = rest.removeprefix("function:").partition(":")[0]
    return bool(rest) and (rest == name or rest.removeprefix("/") == name or _named(rest) == name)


def _holds(text: str, symbol: Symbol) -> bool:
    """Whether a text holds a resource's symbol, or one of its attributes'."""
    start = symbol[:-1]
    return f"{start}>" in text or f"{start}." in text


def _named(rest: str) -> str:
    """An ARN's resource without its type: `table/orders/stream/*` → `orders`, `log-group:/aws/x` → `/aws/x`."""
    for prefix in ("log-group:", "alarm:", "secret:", "stateMachine:"):
        if rest.startswith(prefix):
            return rest.removeprefix(prefix)
    kind, _, name = rest.partition("/")
    if kind in {"table", "stream"}:
        return name.partition("/")[0]
    return name.rpartition("/")[2] if kind == "role" else name
