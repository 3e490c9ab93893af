"""Category 9: which region and account a project is deployed to, and which it is written for."""

from __future__ import annotations

from pathlib import Path

import pytest
from written_projects import findings, lines

from generator.checks.facts.arns import fault_of
from generator.findings import Severity

CONFIG = """
[dev.deploy.parameters]
region = "eu-west-1"
profile = "dev"
"""


def resource(kind: str, *properties: str) -> str:
    """A template with one resource, whose properties begin on line 5."""
    body = "\n".join(f"      {line}" for line in properties)
    return f"Resources:\n  Thing:\n    Type: {kind}\n    Properties:\n{body}\n"


def test_an_environment_says_its_region(tmp_path: Path) -> None:
    config = '[dev.deploy.parameters]\nstack_name = "dev"\n\n[prod.global.parameters]\nregion = "eu-west-1"\n'
    config += '[prod.deploy.parameters]\nstack_name = "prod"\n'

    (found,) = findings(tmp_path, "SG901", "Resources: {}\n", config)

    assert (found.file, found.line, found.severity) == ("samconfig.toml", 1, Severity.ERROR)
    assert "dev" in found.message


@pytest.mark.parametrize(
    "value",
    [
        "Endpoint: https://sqs.us-west-2.amazonaws.com/x",
        'Endpoint: !Sub "arn:${AWS::Partition}:lambda:eu-central-1:${AWS::AccountId}:function:x"',
        'Endpoint: !Join [":", [arn, !Ref AWS::Partition, sns, ap-southeast-2, x]]',
        "Zone: us-gov-west-1a",
    ],
)
def test_a_region_that_is_written_out_is_found(value: str, tmp_path: Path) -> None:
    assert lines(findings(tmp_path, "SG901", resource("AWS::SNS::Subscription", value), CONFIG)) == [
        ("template.yaml", 5)
    ]


@pytest.mark.parametrize(
    "template",
    [
        resource("AWS::SNS::Subscription", 'Endpoint: !Sub "https://sqs.${AWS::Region}.${AWS::URLSuffix}/x"'),
        resource("AWS::SNS::Subscription", "Description: In us-east-1 as elsewhere"),
        resource("AWS::DynamoDB::GlobalTable", "Replicas: [{ Region: eu-west-1 }, { Region: us-east-1 }]"),
        resource(
            "AWS::CloudFront::Distribution",
            "DistributionConfig:",
            '  ViewerCertificate: { AcmCertificateArn: !Sub "arn:${AWS::Partition}:acm:us-east-1:x" }',
        ),
        "Mappings:\n  Images:\n    us-east-1: { Id: ami-1 }\nResources: {}\n",
        "Parameters:\n  Replica: { Type: String, Default: us-east-1 }\nResources: {}\n",
        "Conditions:\n  Home: !Equals [!Ref AWS::Region, us-east-1]\nResources: {}\n",
        "Metadata:\n  Note: us-east-1\nResources: {}\n",
        resource("AWS::Lambda::Function", "Code: { ZipFile: 'region = \"us-east-1\"' }"),
        resource("AWS::SQS::Queue", "QueueName: bus-eastern-2"),
    ],
)
def test_a_region_that_has_to_be_named_may_be(template: str, tmp_path: Path) -> None:
    assert findings(tmp_path, "SG901", template, CONFIG) == []


@pytest.mark.parametrize(
    "value",
    [
        "RoleArn: arn:aws:iam::210987654321:role/x",
        'RoleArn: !Sub "arn:${AWS::Partition}:iam::210987654321:role/x"',
        "QueueUrl: https://sqs.eu-west-1.amazonaws.com/210987654321/orders",
        "ImageUri: 210987654321.dkr.ecr.eu-west-1.amazonaws.com/orders:1",
        "SourceAccount: 210987654321",
        'Principal: { AWS: "210987654321" }',
        "BucketName: orders-210987654321",
    ],
)
def test_an_account_that_is_written_out_is_found(value: str, tmp_path: Path) -> None:
    assert lines(findings(tmp_path, "SG902", resource("AWS::X::Y", value), CONFIG)) == [("template.yaml", 5)]


@pytest.mark.parametrize(
    "template",
    [
        resource("AWS::X::Y", 'RoleArn: !Sub "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/x"'),
        resource("AWS::X::Y", "PolicyArn: arn:aws:iam::aws:policy/ReadOnlyAccess"),
        resource("AWS::X::Y", "Timestamp: 202401011200"),
        resource("AWS::Lambda::Function", "Layers: [arn:aws:lambda:eu-west-1:580247275435:layer:LambdaInsights:1]"),
        "Parameters:\n  Partner: { Type: String, Default: '210987654321' }\nResources: {}\n",
    ],
)
def test_a_number_that_is_no_account_of_ones_own_is_not(template: str, tmp_path: Path) -> None:
    assert findings(tmp_path, "SG902", template, CONFIG) == []


def test_an_account_of_the_documentation_is_no_default(tmp_path: Path) -> None:
    template = "Parameters:\n  Partner:\n    Type: String\n    Default: '123456789012'\nResources: {}\n"

    assert lines(findings(tmp_path, "SG902", template, CONFIG)) == [("template.yaml", 4)]


@pytest.mark.parametrize(
    ("guard", "expected"),
    [
        ("", 1),
        ('profile = "dev"\n', 0),
        ('role_arn = "arn:aws:iam::210987654321:role/deploy"\n', 0),
        ('[dev.account.parameters]\nid = "210987654321"\n', 0),
    ],
)
def test_something_says_which_account_an_environment_belongs_to(guard: str, expected: int, tmp_path: Path) -> None:
    config = f'[dev.deploy.parameters]\nregion = "eu-west-1"\n{guard}'

    assert lines(findings(tmp_path, "SG902", "Resources: {}\n", config)) == [("samconfig.toml", 1)] * expected


def test_a_rule_of_the_template_guards_the_account_as_well(tmp_path: Path) -> None:
    template = """
        Rules:
          Here: { Assertions: [{ Assert: !Equals [!Ref AWS::AccountId, !Ref Account] }] }
        Resources: {}
    """

    assert findings(tmp_path, "SG902", template, '[dev.deploy.parameters]\nregion = "eu-west-1"\n') == []


def test_the_role_of_an_environment_is_of_its_account(tmp_path: Path) -> None:
    config = '[dev.account.parameters]\nid = "210987654321"\n[dev.deploy.parameters]\n'
    config += 'role_arn = "arn:aws:iam::111122223333:role/deploy"\n'

    (found,) = findings(tmp_path, "SG902", "Resources: {}\n", config)

    assert (found.line, found.severity) == (4, Severity.ERROR)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('Topic: !Sub "arn:${AWS::Partition}:sns:us-east-1:${AWS::AccountId}:x"', 1),
        ('Topic: !Join [":", [arn, aws, sns, us-east-1, !Ref AWS::AccountId, x]]', 1),
        ("Queue: https://sqs.us-east-1.amazonaws.com/1/x", 1),
        ('Topic: !Sub "arn:${AWS::Partition}:sns:eu-west-1:${AWS::AccountId}:x"', 0),
        ("Topic: arn:aws:sns:*:*:x", 0),
        ("Replicas: [{ SSESpecification: { KMSMasterKeyId: arn:aws:kms:us-east-1:1:key/x } }]", 0),
        ("Text: an ARN like arn:aws:sns:us-east-1:1:x", 0),
        ("Condition: { StringEquals: { 'aws:RequestedRegion': us-east-1 } }", 0),
    ],
)
def test_a_stack_refers_to_its_own_region(value: str, expected: int, tmp_path: Path) -> None:
    assert findings(tmp_path, "SG903", resource("AWS::X::Y", value)) == []  # deployed nobody knows where

    found = findings(tmp_path, "SG903", resource("AWS::X::Y", value), CONFIG)

    assert lines(found) == [("template.yaml", 5)] * expected


def test_another_region_may_be_declared_as_a_parameter(tmp_path: Path) -> None:
    template = """
        Parameters:
          KeyArn: { Type: String }
        Resources:
          Table:
            Type: AWS::DynamoDB::Table
            Properties: { KeyArn: !Ref KeyArn }
    """
    config = f'{CONFIG}parameter_overrides = "KeyArn=arn:aws:kms:us-east-1:1:key/x"\n'

    assert findings(tmp_path, "SG903", template, config) == []


def test_what_belongs_to_cloudfront_is_made_in_its_region(tmp_path: Path) -> None:
    template = resource("AWS::WAFv2::WebACL", "Scope: CLOUDFRONT")

    assert lines(findings(tmp_path, "SG903", template, CONFIG)) == [("template.yaml", 5)]
    assert findings(tmp_path, "SG903", template, CONFIG.replace("eu-west-1", "us-east-1")) == []
    assert findings(tmp_path, "SG903", template.replace("CLOUDFRONT", "REGIONAL"), CONFIG) == []


def test_a_certificate_of_cloudfront_is_of_its_region(tmp_path: Path) -> None:
    template = """
        Resources:
          Certificate: { Type: AWS::CertificateManager::Certificate, Properties: { DomainName: example.com } }
          Site:
            Type: AWS::CloudFront::Distribution
            Properties:
              DistributionConfig:
                ViewerCertificate:
                  AcmCertificateArn: !Ref Certificate
    """

    assert lines(findings(tmp_path, "SG903", template, CONFIG)) == [("template.yaml", 8)]
    assert findings(tmp_path, "SG903", template, CONFIG.replace("eu-west-1", "us-east-1")) == []


def test_a_partition_that_is_written_out_is_found(tmp_path: Path) -> None:
    template = resource("AWS::X::Y", "Arns:", '  - !Sub "arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:x"')

    assert lines(findings(tmp_path, "SG904", template)) == [("template.yaml", 6)]
    assert findings(tmp_path, "SG904", template.replace("arn:aws:", "arn:${AWS::Partition}:")) == []


def test_an_arn_that_names_nothing_is_an_error(tmp_path: Path) -> None:
    template = resource("AWS::X::Y", 'Arn: !Sub "arn:${AWS::Partition}:sqs:${AWS::Region}:x"')

    (found,) = findings(tmp_path, "SG904", template)

    assert (found.line, found.severity) == (5, Severity.ERROR)


@pytest.mark.parametrize(
    ("arn", "fault"),
    [
        ("arn:aws:sqs:eu-west-1:orders", "has 5 fields instead of 6"),
        ("arn:aws:lambda:eu-west-1::function:x", "lacks an account"),
        ("arn:aws:sns::210987654321:x", "lacks a region"),
        ("arn:aws:s3:eu-west-1::bucket", "names a region, which s3 has none of there"),
        ("arn:aws:s3::210987654321:bucket/*", "names an account, which s3 has none of there"),
        ("arn:aws:iam:eu-west-1:210987654321:role/x", "names a region, which iam has none of there"),
        ("arn:aws:iam:::role/x", "lacks an account"),
    ],
)
def test_the_form_of_an_arn_is_its_services(arn: str, fault: str) -> None:
    assert fault_of(arn) == fault


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:s3:::bucket/key",
        "arn:aws:s3:eu-west-1:210987654321:accesspoint/x",
        "arn:aws:iam::aws:policy/ReadOnlyAccess",
        "arn:aws:iam::210987654321:root",
        "arn:aws:states:::lambda:invoke",
        "arn:aws:scheduler:::aws-sdk:sqs:sendMessage",
        "arn:aws:apigateway:eu-west-1::/restapis/x/stages/y",
        "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:1:function:x/invocations",
        "arn:aws:ssm:eu-west-1::parameter/aws/service/ami",
        "arn:aws:cloudfront::210987654321:distribution/x",
        "arn:aws:route53:::hostedzone/Z1",
        "arn:aws:events:eu-west-1::event-source/aws.partner/x",
        "arn:aws:ec2:eu-west-1::image/ami-1",
        "arn:aws:rds::210987654321:global-cluster:x",
        "arn:aws:logs:*:*:*",
        "arn:aws:s3*",
        "arn:aws:sqs:eu-west-1:<?>",
        "arn:aws:sqs:<?>:<?>:x",
        "arn:aws:cloudformation:eu-west-1:aws:transform/Serverless-2016-10-31",
        "arn:aws:execute-api:eu-west-1:210987654321:<template.yaml#Api>/*/GET/orders",
        "arn:aws:unheard-of:::x",
    ],
)
def test_arns_that_aws_has_are_sound(arn: str) -> None:
    assert fault_of(arn) == ""
