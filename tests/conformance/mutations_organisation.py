"""Ways to break category 10: organisation."""

from __future__ import annotations

from mutation import Mutation

DATA = "stacks/data/template.yaml"
FUNCTIONS = "stacks/functions/template.yaml"
SECURITY = "stacks/security/template.yaml"
API = "stacks/api/template.yaml"
CONFIG = "samconfig.toml"
ROOT = "template.yaml"

_ROLE_AND_API = """
  LocalRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - { Effect: Allow, Principal: { Service: lambda.amazonaws.com }, Action: sts:AssumeRole }

  LocalApi:
    Type: AWS::ApiGatewayV2::Api
    Properties: { Name: local, ProtocolType: HTTP }
"""
_FUNCTION_WITH_ROUTE = """
  AdminFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: ../../src/notify/
      Handler: app.handler
      Runtime: python3.14
      Events:
        Get: { Type: Api, Properties: { Path: /admin, Method: get } }
"""
BUCKET_TAGS = "      Tags: [{ Key: Service, Value: sam-bootstrap }]\n"

MUTATIONS = [
    Mutation(
        "SG001",
        "roles and an API beside the functions",
        FUNCTIONS,
        "Resources:\n",
        f"Resources:{_ROLE_AND_API}",
        "Resources:",
    ),
    Mutation(
        "SG001",
        "a function that SAM makes a role and an API for",
        FUNCTIONS,
        "Resources:\n",
        f"Resources:{_FUNCTION_WITH_ROUTE}",
        "Resources:",
    ),
    Mutation(
        "SG002",
        "SAM's types without the transform",
        API,
        "Transform: AWS::Serverless-2016-10-31\n",
        "",
        "Type: AWS::Serverless::Api",
    ),
    Mutation(
        "SG002",
        "a transform without SAM's types",
        DATA,
        'AWSTemplateFormatVersion: "2010-09-09"\n',
        'AWSTemplateFormatVersion: "2010-09-09"\nTransform: AWS::Serverless-2016-10-31\n',
        "Transform:",
    ),
    Mutation(
        "SG003",
        "a parameter without a description",
        ROOT,
        "    Description: The lowest level that the functions log\n",
        "",
        "  LogLevel:",
    ),
    Mutation(
        "SG003",
        "a parameter without a constraint",
        ROOT,
        '    AllowedPattern: "[A-Za-z0-9._%+@-]*"\n',
        "",
        "  AlarmEmail:",
    ),
    Mutation(
        "SG003",
        "a parameter that nothing uses",
        DATA,
        "Parameters:\n",
        "Parameters:\n  Forgotten:\n    Type: Number\n    Description: Of no use\n    Default: 1\n    MinValue: 1\n",
        "  Forgotten:",
    ),
    Mutation(
        "SG003",
        "a condition that nothing uses",
        FUNCTIONS,
        "Conditions:\n",
        "Conditions:\n  Forgotten: !Equals [!Ref LogLevel, WARN]\n",
        "  Forgotten:",
    ),
    Mutation(
        "SG003",
        "an output that nobody reads",
        DATA,
        "Outputs:\n",
        "Outputs:\n  Forgotten:\n    Description: Of no use\n    Value: !Ref OrdersTable\n",
        "  Forgotten:",
    ),
    Mutation(
        "SG003",
        "a mapping that nothing looks into",
        DATA,
        "Resources:\n",
        "Mappings:\n  Forgotten:\n    a: { b: c }\n\nResources:\n",
        "  Forgotten:",
    ),
    Mutation(
        "SG004",
        "a bucket of the bootstrap without tags",
        "bootstrap/template.yaml",
        BUCKET_TAGS,
        "",
        "  ArtifactBucket:",
    ),
    Mutation(
        "SG004",
        "a queue that nothing tags",
        "bootstrap/template.yaml",
        "Resources:\n",
        "Resources:\n  Releases:\n    Type: AWS::SQS::Queue\n    Properties: { DelaySeconds: 1 }\n",
        "  Releases:",
    ),
    Mutation(
        "SG005",
        "code that is not there",
        FUNCTIONS,
        "CodeUri: ../../src/report/",
        "CodeUri: ../../src/reports/",
        "src/reports/",
    ),
    Mutation(
        "SG005",
        "a path from the root",
        FUNCTIONS,
        "CodeUri: ../../src/notify/",
        "CodeUri: src/notify/",
        "CodeUri: src/notify/",
    ),
    Mutation(
        "SG005",
        "what Globals say said again",
        FUNCTIONS,
        '      Runtime: "python3.14"\n',
        '      Runtime: "python3.14"\n      Tracing: Active\n',
        "      Tracing: Active",
    ),
]
