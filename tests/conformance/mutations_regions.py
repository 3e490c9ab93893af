"""Ways to break category 9: region and account."""

from __future__ import annotations

from mutation import Mutation

DATA = "stacks/data/template.yaml"
FUNCTIONS = "stacks/functions/template.yaml"
SECURITY = "stacks/security/template.yaml"
API = "stacks/api/template.yaml"
CONFIG = "samconfig.toml"

_DEPLOY = """[dev.validate.parameters]
lint = true

[dev.build.parameters]
cached = true
parallel = true

[dev.deploy.parameters]
s3_bucket = "sam-artifacts-123456789012-us-west-2"
s3_prefix = "dev-minimal"
capabilities = ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
confirm_changeset = false
fail_on_empty_changeset = false
disable_rollback = false
"""
_GUARDED = f"""[dev.account.parameters]
id = "123456789012"
environment = "dev"
production = false

{_DEPLOY}role_arn = "arn:aws:iam::123456789012:role/bootstrap/dev-minimal-stacks"
"""
_UNGUARDED = _DEPLOY

MUTATIONS = [
    Mutation(
        "SG901",
        "an environment without a region",
        CONFIG,
        '[dev.global.parameters]\nregion = "us-west-2"\n',
        "[dev.global.parameters]\n",
        "[dev.deploy.parameters]",
    ),
    Mutation(
        "SG901",
        "a region in a queue's address",
        FUNCTIONS,
        "https://sqs.${AWS::Region}.",
        "https://sqs.us-west-2.",
        "https://sqs.us-west-2.",
    ),
    Mutation(
        "SG901",
        "a region in a bucket's name",
        DATA,
        'BucketName: !Sub "${Environment}-orders-invoices-${AWS::AccountId}-${AWS::Region}"',
        'BucketName: !Sub "${Environment}-orders-invoices-${AWS::AccountId}-us-west-2"',
        "BucketName: !Sub",
    ),
    Mutation(
        "SG902",
        "an account in a role's ARN",
        FUNCTIONS,
        "iam::${AWS::AccountId}:role/${Environment}-orders-place-order-",
        "iam::123456789012:role/${Environment}-orders-place-order-",
        "iam::123456789012:role/",
    ),
    Mutation(
        "SG902",
        "an account in a policy's condition",
        SECURITY,
        "StringEquals: { aws:SourceAccount: !Ref AWS::AccountId }",
        'StringEquals: { aws:SourceAccount: "210987654321" }',
        '"210987654321"',
    ),
    Mutation(
        "SG902",
        "an account that nothing guards",
        CONFIG,
        _GUARDED,
        _UNGUARDED,
        "[dev.deploy.parameters]",
        example="minimal",
    ),
    Mutation(
        "SG902",
        "a role of another account than the environment's",
        CONFIG,
        'role_arn = "arn:aws:iam::123456789012:role/bootstrap/dev-orders-stacks"',
        'role_arn = "arn:aws:iam::999999999999:role/bootstrap/dev-orders-stacks"',
        "role_arn = ",
    ),
    Mutation(
        "SG903",
        "a stream of another region",
        FUNCTIONS,
        'EventSourceArn: !Sub "arn:${AWS::Partition}:sqs:${AWS::Region}:',
        'EventSourceArn: !Sub "arn:${AWS::Partition}:sqs:eu-central-1:',
        "sqs:eu-central-1:",
    ),
    Mutation(
        "SG903",
        "a web ACL for CloudFront beside a regional API",
        SECURITY,
        "Scope: REGIONAL",
        "Scope: CLOUDFRONT",
        "Scope: CLOUDFRONT",
    ),
    Mutation(
        "SG903",
        "a queue's address in another region",
        FUNCTIONS,
        "https://sqs.${AWS::Region}.${AWS::URLSuffix}/",
        "https://sqs.eu-central-1.${AWS::URLSuffix}/",
        "https://sqs.eu-central-1.",
    ),
    Mutation(
        "SG904",
        "the partition written out",
        FUNCTIONS,
        '- !Sub "arn:${AWS::Partition}:sns:',
        '- !Sub "arn:aws:sns:',
        '"arn:aws:sns:',
    ),
    Mutation(
        "SG904",
        "an ARN without its account",
        FUNCTIONS,
        'EventSourceArn: !Sub "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:',
        'EventSourceArn: !Sub "arn:${AWS::Partition}:sqs:${AWS::Region}::',
        "EventSourceArn: !Sub",
    ),
    Mutation(
        "SG904",
        "an ARN of a bucket with a region",
        FUNCTIONS,
        'resources: [!Sub "arn:${AWS::Partition}:s3:::',
        'resources: [!Sub "arn:${AWS::Partition}:s3:${AWS::Region}::',
        "resources: [!Sub",
    ),
    Mutation(
        "SG904",
        "a field too few",
        FUNCTIONS,
        'TopicArn: !Sub "arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:',
        'TopicArn: !Sub "arn:${AWS::Partition}:sns:${AWS::AccountId}:',
        "TopicArn: !Sub",
    ),
]
