"""SAM projects in other styles than samgen's."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

HEAD = "AWSTemplateFormatVersion: '2010-09-09'\nTransform: AWS::Serverless-2016-10-31\n"

# Everything in one file: Globals, SAM's events and policy templates.
ONE_FILE = {
    "template.yaml": HEAD
    + dedent("""
    Description: Sells shoes
    Parameters: {Stage: {Type: String}}
    Globals:
      Function: {Runtime: python3.13, MemorySize: 512, Timeout: 20, Architectures: [arm64]}
    Resources:
      PlaceFunction:
        Type: AWS::Serverless::Function
        Properties:
          FunctionName: !Sub "${Stage}-shoes-place"
          Description: Takes orders
          CodeUri: src/place
          Handler: app.handler
          Environment: {Variables: {TABLE: !Ref OrdersTable, CURRENCY: EUR, STAGE: !Ref Stage}}
          Policies:
            - DynamoDBWritePolicy: {TableName: !Ref OrdersTable}
            - SQSSendMessagePolicy: {QueueName: !GetAtt Jobs.QueueName}
            - SNSPublishMessagePolicy: {TopicName: !GetAtt News.TopicName}
          Events:
            Post: {Type: Api, Properties: {Path: /orders, Method: post}}
            Nightly: {Type: Schedule, Properties: {Schedule: rate(1 day)}}
      WorkFunction:
        Type: AWS::Serverless::Function
        Properties:
          CodeUri: src/work
          Handler: app.handler
          Policies:
            - S3ReadPolicy: {BucketName: !Sub "${Stage}-shoes-pictures"}
          Events:
            Jobs: {Type: SQS, Properties: {Queue: !GetAtt Jobs.Arn, BatchSize: 5}}
            Changes: {Type: DynamoDB, Properties: {Stream: !GetAtt OrdersTable.StreamArn, StartingPosition: LATEST}}
            News: {Type: SNS, Properties: {Topic: !Ref News, FilterPolicy: {kind: [shoe, boot]}}}
            Picture:
              Type: S3
              Properties:
                Bucket: !Ref Pictures
                Events: s3:ObjectCreated:*
                Filter: {S3Key: {Rules: [{Name: suffix, Value: .png}]}}
            Paid:
              Type: EventBridgeRule
              Properties: {Pattern: {source: [shop], detail-type: [Paid]}}
      OrdersTable:
        Type: AWS::DynamoDB::Table
        Properties:
          BillingMode: PAY_PER_REQUEST
          AttributeDefinitions:
            - {AttributeName: customer, AttributeType: S}
            - {AttributeName: placed, AttributeType: N}
          KeySchema: [{AttributeName: customer, KeyType: HASH}, {AttributeName: placed, KeyType: RANGE}]
          StreamSpecification: {StreamViewType: NEW_IMAGE}
      Jobs:
        Type: AWS::SQS::Queue
        Properties:
          MessageRetentionPeriod: 172800
          RedrivePolicy: {deadLetterTargetArn: !GetAtt Failed.Arn, maxReceiveCount: 3}
      Failed: {Type: AWS::SQS::Queue}
      News: {Type: AWS::SNS::Topic}
      Pictures: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub "${Stage}-shoes-pictures"}}
    """),
    "samconfig.toml": dedent("""
    version = 0.1
    [dev.deploy.parameters]
    stack_name = "shoes-dev"
    region = "eu-west-1"
    parameter_overrides = "Stage=dev"
    [prod.deploy.parameters]
    stack_name = "shoes-prod"
    region = "eu-central-1"
    parameter_overrides = "Stage=prod"
    """),
}

# Nested applications, the environments in YAML, and a role that is written out.
NESTED = {
    "template.yml": HEAD
    + dedent("""
    Parameters: {Env: {Type: String}}
    Resources:
      Store:
        Type: AWS::Serverless::Application
        Properties: {Location: store/template.yaml, Parameters: {Env: !Ref Env}}
      Work:
        Type: AWS::Serverless::Application
        Properties:
          Location: work/template.yaml
          Parameters: {Env: !Ref Env, TableArn: !GetAtt Store.Outputs.TableArn}
    """),
    "store/template.yaml": HEAD
    + dedent("""
    Parameters: {Env: {Type: String}}
    Resources:
      Items: {Type: AWS::Serverless::SimpleTable, Properties: {TableName: !Sub "${Env}-items"}}
    Outputs: {TableArn: {Value: !GetAtt Items.Arn}}
    """),
    "work/template.yaml": HEAD
    + dedent("""
    Parameters: {Env: {Type: String}, TableArn: {Type: String}}
    Resources:
      Role:
        Type: AWS::IAM::Role
        Properties:
          AssumeRolePolicyDocument: {}
          Policies:
            - PolicyName: work
              PolicyDocument:
                Statement:
                  - {Effect: Allow, Action: "dynamodb:GetItem", Resource: !Ref TableArn}
                  - Effect: Allow
                    Action: ["states:StartExecution"]
                    Resource: !Sub "arn:aws:states:us-east-1:123456789012:stateMachine:${Env}-flow"
                  - {Effect: Allow, Action: "iam:PassRole", Resource: "*"}
      Worker:
        Type: AWS::Serverless::Function
        Properties:
          CodeUri: code
          Handler: main.run
          Runtime: nodejs22.x
          Role: !GetAtt Role.Arn
          Events:
            Hourly:
              Type: ScheduleV2
              Properties: {ScheduleExpression: "rate(1 hour)", ScheduleExpressionTimezone: UTC}
    """),
    "samconfig.yaml": dedent("""
    version: 0.1
    test: {deploy: {parameters: {stack_name: items-test, region: us-east-1, parameter_overrides: "Env=test"}}}
    """),
}

# An HTTP API with tokens, and no samconfig.toml: a parameter names the environments.
HTTP_API = {
    "template.yaml": HEAD
    + dedent("""
    Parameters: {Stage: {Type: String, AllowedValues: [dev, live], Default: dev}}
    Resources:
      Api:
        Type: AWS::Serverless::HttpApi
        Properties:
          CorsConfiguration: {AllowOrigins: ["https://app.example.com"], AllowMethods: [GET]}
          Auth:
            DefaultAuthorizer: Tokens
            Authorizers:
              Tokens:
                IdentitySource: $request.header.Authorization
                JwtConfiguration: {issuer: "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_x", audience: [a]}
      ListFunction:
        Type: AWS::Serverless::Function
        Properties:
          CodeUri: list
          Handler: app.handler
          Runtime: python3.13
          Events:
            Get: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: "/things/{id}", Method: GET}}
            Open: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: /open, Method: GET, Auth: {Authorizer: NONE}}}
    """),
}

# An OpenAPI document in a file of its own, with a function that decides who may call.
OPEN_API = {
    "template.yaml": HEAD
    + dedent("""
    Resources:
      Api: {Type: AWS::Serverless::Api, Properties: {Name: Library, StageName: v1, DefinitionBody: {"Fn::Transform":
        {Name: AWS::Include, Parameters: {Location: api.yaml}}}}}
      Books:
        Type: AWS::Serverless::Function
        Properties: {CodeUri: src/books, Handler: app.handler, Runtime: python3.13}
      Guard:
        Type: AWS::Serverless::Function
        Properties: {CodeUri: src/guard, Handler: app.handler, Runtime: python3.13}
    """),
    "api.yaml": dedent("""
    openapi: 3.0.1
    info: {title: library, version: "1"}
    paths:
      /books:
        get:
          security: [{guard: []}]
          x-amazon-apigateway-integration:
            type: aws_proxy
            httpMethod: POST
            uri:
              Fn::Sub: "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Books.Arn}/invocations"
    components:
      securitySchemes:
        guard:
          type: apiKey
          name: Authorization
          in: header
          x-amazon-apigateway-authtype: custom
          x-amazon-apigateway-authorizer:
            type: token
            authorizerUri:
              Fn::Sub: "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Guard.Arn}/invocations"
    """),
}

# What samgen.yaml has no word for, beside a function that it has.
BEYOND = {
    "template.yaml": HEAD
    + dedent("""
    Resources:
      Plain:
        Type: AWS::Serverless::Function
        Properties:
          CodeUri: src/plain
          Handler: app.handler
          Runtime: python3.13
          VpcConfig: {SecurityGroupIds: [sg-1], SubnetIds: [subnet-1]}
          Environment: {Variables: {API_TOKEN: t0ps3cret-value-1, GREETING: hello}}
          Events:
            Clicks: {Type: Kinesis, Properties: {Stream: !GetAtt Clicks.Arn, StartingPosition: LATEST}}
      Picture:
        Type: AWS::Serverless::Function
        Properties: {PackageType: Image, ImageUri: "123456789012.dkr.ecr.us-east-1.amazonaws.com/p:1"}
      Clicks: {Type: AWS::Kinesis::Stream, Properties: {ShardCount: 1}}
      Ordered: {Type: AWS::SQS::Queue, Properties: {FifoQueue: true}}
      Flow:
        Type: AWS::Serverless::StateMachine
        Properties: {DefinitionUri: flow.asl.json, Role: "arn:aws:iam::1:role/r"}
    """),
}


def written(folder: Path, files: dict[str, str]) -> Path:
    """A project in a folder of its own."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder
