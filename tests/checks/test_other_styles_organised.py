"""Good projects that look nothing like samgen's, of which categories 3, 9 and 10 have nothing to say; and odd ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from written_projects import write

from generator.checks import load_rules
from generator.checks.run import read_case, run_rules
from generator.findings import Finding

HEAD = """
Parameters:
  Stage:
    Type: String
    Description: Where this is deployed to
    AllowedValues: [dev, prod]
"""
TAGS = "Tags: [{ Key: Service, Value: shop }, { Key: Environment, Value: !Ref Stage }]"

PLAIN = f"""
AWSTemplateFormatVersion: "2010-09-09"
{HEAD}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Mappings:
  Memory:
    dev: {{ Size: 128 }}
    prod: {{ Size: 512 }}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{{ Effect: Allow, Action: sts:AssumeRole, Principal: {{ Service: lambda.amazonaws.com }} }}]
      ManagedPolicyArns: [!Sub "arn:${{AWS::Partition}}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]
  Function:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: !Sub "${{Stage}}-shop-orders"
      Runtime: python3.13
      Handler: index.handler
      Code: {{ ZipFile: "region = 'us-east-1'  # arn:aws:s3:::bucket of 123456789012" }}
      Role: !GetAtt Role.Arn
      MemorySize: !FindInMap [Memory, !Ref Stage, Size]
      KmsKeyArn: !GetAtt Key.Arn
      Environment:
        Variables: {{ STAGE: !Ref Stage, MODE: !If [IsProd, strict, lax] }}
      {TAGS}
  Key:
    Type: AWS::KMS::Key
    Properties:
      EnableKeyRotation: true
      KeyPolicy:
        Statement:
          - {{ Effect: Allow, Action: "kms:*", Resource: "*",
              Principal: {{ AWS: !Sub "arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:root" }} }}
      {TAGS}
  Table:
    Type: AWS::DynamoDB::Table
    Properties: {{ TableName: !Sub "${{Stage}}-orders", BillingMode: PAY_PER_REQUEST, {TAGS} }}
Outputs:
  Table: {{ Value: !Ref Table }}
"""

HTTP_API = f"""
Transform: AWS::Serverless-2016-10-31
{HEAD}
  Issuer:
    Type: String
    Description: Who signs the tokens
    AllowedPattern: https://.+
Globals:
  Function: {{ Runtime: nodejs22.x, Timeout: 10, Tags: {{ Service: shop }} }}
Resources:
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      Tags: {{ Service: shop }}
      PropagateTags: true
      StageName: $default
      Auth:
        DefaultAuthorizer: Tokens
        Authorizers:
          Tokens:
            IdentitySource: $request.header.Authorization
            JwtConfiguration: {{ issuer: !Ref Issuer, audience: [!Sub "${{Stage}}-shop"] }}
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Events: {{ Get: {{ Type: HttpApi, Properties: {{ ApiId: !Ref Api, Path: /orders, Method: get }} }} }}
"""

URL = f"""
Transform: AWS::Serverless-2016-10-31
{HEAD}
  CertificateArn:
    Type: String
    Description: The certificate, in us-east-1
    AllowedPattern: arn:.+:acm:us-east-1:.+
Resources:
  Page:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      FunctionUrlConfig: {{ AuthType: AWS_IAM }}
      Tags: {{ Service: shop }}
  Site:
    Type: AWS::CloudFront::Distribution
    Properties:
      {TAGS}
      DistributionConfig:
        Enabled: true
        Comment: !Sub "${{Stage}} in every region, us-east-1 as well"
        ViewerCertificate: {{ AcmCertificateArn: !Ref CertificateArn, SslSupportMethod: sni-only }}
        DefaultCacheBehavior: {{ TargetOriginId: page, ViewerProtocolPolicy: redirect-to-https }}
        Origins:
          - {{ Id: page, DomainName: !Select [2, !Split ["/", !GetAtt PageUrl.FunctionUrl]],
              CustomOriginConfig: {{ OriginProtocolPolicy: https-only }} }}
"""

IMAGE_IN_VPC = f"""
Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]
{HEAD}
  Subnets:
    Type: List<AWS::EC2::Subnet::Id>
    Description: Where the function runs
Resources:
  Report:
    Type: AWS::Serverless::Function
    Metadata: {{ DockerContext: ./src, Dockerfile: Dockerfile, DockerTag: v1 }}
    Properties:
      PackageType: Image
      ImageUri: !Sub "${{AWS::AccountId}}.dkr.ecr.${{AWS::Region}}.${{AWS::URLSuffix}}/shop:v1"
      VpcConfig: {{ SubnetIds: !Ref Subnets, SecurityGroupIds: [!Ref Group] }}
      Environment: {{ Variables: {{ STAGE: !Ref Stage }} }}
      KmsKeyArn: !ImportValue key
      Tags: {{ Service: shop }}
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties: {{ GroupDescription: Of the report, {TAGS} }}
"""

JSON = json.dumps(
    {
        "Parameters": {
            "Environment": {"Type": "String", "Description": "Where", "AllowedValues": ["test", "live"]},
        },
        "Resources": {
            "Queue": {
                "Type": "AWS::SQS::Queue",
                "Properties": {
                    "QueueName": {"Fn::Join": ["-", [{"Ref": "Environment"}, "orders"]]},
                    "Tags": [{"Key": "Service", "Value": "shop"}],
                },
            },
        },
        "Outputs": {"QueueArn": {"Value": {"Fn::GetAtt": ["Queue", "Arn"]}}},
    },
    indent=2,
)

CONFIG = """
version = 0.1
[dev.deploy.parameters]
stack_name = "shop-dev"
region = "eu-west-1"
profile = "shop-dev"
parameter_overrides = "Stage=dev"

[prod.deploy.parameters]
stack_name = "shop-prod"
region = "eu-west-1"
profile = "shop-prod"
parameter_overrides = ["Stage=prod"]
"""
OTHERS = {"src/app.py": "", "src/Dockerfile": ""}


def reviewed(folder: Path, files: dict[str, str]) -> list[Finding]:
    """What the rules of the three categories find."""
    rules = {name: rule for name, rule in load_rules().items() if rule.category in {3, 9, 10}}
    return run_rules(read_case(write(folder, {**OTHERS, **files})), rules)


@pytest.mark.parametrize(
    "files",
    [
        {"template.yaml": PLAIN},
        {"template.yaml": PLAIN, "samconfig.toml": CONFIG},
        {"template.yaml": HTTP_API},
        {"template.yaml": URL},
        {"template.yaml": IMAGE_IN_VPC},
        {"template.yaml": IMAGE_IN_VPC, "samconfig.toml": CONFIG.replace("=dev", "=dev Subnets=subnet-1").replace(
            '"Stage=prod"', '"Stage=prod", "Subnets=subnet-2"'
        )},
        {"template.json": JSON},
    ],
    ids=["plain", "plain with samconfig", "HTTP API", "function URL", "image", "image with samconfig", "JSON"],
)  # fmt: skip
def test_a_good_project_of_another_style_has_no_findings(files: dict[str, str], tmp_path: Path) -> None:
    assert [finding.as_text() for finding in reviewed(tmp_path, files)] == []


ODD = ["text", 7, None, [[]], {}, {"Fn::If": 1}, {"Fn::Sub": {}}, {"Ref": ["x"]}]


@pytest.mark.parametrize("odd", ODD, ids=map(json.dumps, ODD))
def test_whatever_stands_somewhere_the_rules_go_on(odd: object, tmp_path: Path) -> None:
    names = ("Tags", "Environment", "KmsKeyArn", "CodeUri", "Code", "Name", "Value", "Scope", "DistributionConfig")
    kinds = (
        "Lambda::Function",
        "SSM::Parameter",
        "WAFv2::WebACL",
        "CloudFront::Distribution",
        "S3::Bucket",
        "SQS::Queue",
    )
    resources = {
        f"R{i}": {"Type": f"AWS::{kind}", "Properties": dict.fromkeys(names, odd)} for i, kind in enumerate(kinds)
    }
    nested = {"TemplateURL": "child.json", "Parameters": odd, "Tags": odd}
    template = {
        "Resources": {**resources, "Bare": odd, "NoType": {"Type": odd},
                      "Props": {"Type": "AWS::Lambda::Function", "Properties": odd, "Metadata": odd},
                      "Nested": {"Type": "AWS::CloudFormation::Stack", "Properties": nested}},
        "Parameters": {"Environment": {"Type": odd, "AllowedValues": odd, "Default": odd}, "Password": odd},
        "Conditions": {"A": {"Fn::Equals": [odd, {"Ref": "Environment"}]}, "B": odd},
        "Mappings": {"M": odd, "N": {"a": odd}},
        "Outputs": {"O": {"Value": odd}, "P": odd},
        "Globals": {"Function": odd},
        "Rules": odd,
        "Transform": odd,
    }  # fmt: skip
    child = {**template, "Resources": resources}
    sections = [{name: odd} for name in template]
    for number, part in enumerate([template, *({**template, **section} for section in sections)]):
        files = {"template.json": json.dumps(part), "child.json": json.dumps(child), "samconfig.toml": CONFIG}
        reviewed(tmp_path / str(number), files)


def test_keys_that_are_no_text_do_no_harm(tmp_path: Path) -> None:
    sections = ("Parameters", "Mappings", "Conditions", "Resources", "Outputs", "Globals", "Rules")
    properties = "{ 1: a, 2: b, null: c, Tags: { 3: 4 } }"
    entry = f'{{ 1: 2, true: x, null: [1], Type: "AWS::Serverless::Function", Properties: {properties} }}'
    template = "".join(f"{section}:\n  1: {entry}\n  true: {entry}\n  Function: {entry}\n" for section in sections)

    reviewed(tmp_path, {"template.yaml": template, "samconfig.toml": CONFIG})


@pytest.mark.parametrize(
    "text",
    [
        "[dev]\ndeploy = 1\n",
        "[dev.deploy]\nparameters = []\n",
        '[dev.deploy.parameters]\nparameter_overrides = 5\nregion = ["x"]\ntags = 3\nrole_arn = false\n',
        "[dev.global]\nparameters = 1\n[dev.deploy.parameters]\nstack_name = []\n",
        "not toml at all [",
        "dev.deploy.parameters = { stack_name = 'a', parameter_overrides = 'A=\"' }\n",
    ],
)
def test_whatever_samconfig_says_the_rules_go_on(text: str, tmp_path: Path) -> None:
    reviewed(tmp_path, {"template.yaml": PLAIN, "samconfig.toml": text})
