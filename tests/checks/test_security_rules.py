"""The rules of category 1, each on good and bad templates in several styles."""

from __future__ import annotations

from pathlib import Path

import pytest
from template_samples import Sample, check, examine, lines

from generator.findings import Severity

SAM = "Transform: AWS::Serverless-2016-10-31\nResources:\n"
ROLE = """Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}]
      Policies:
        - PolicyName: it
          PolicyDocument:
            Statement:
"""
FUNCTION = """  Worker:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      Runtime: python3.14
      CodeUri: src
"""


def policy(statement: str) -> str:
    return ROLE + "".join(f"              {line}\n" for line in statement.splitlines())


def trust(principal: str, condition: str = "") -> str:
    return f"""Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          - Effect: Allow
            Action: sts:AssumeRole
            Principal: {principal}
            {condition}
"""


IAM = [
    Sample("SG101", "everything", policy('- Effect: Allow\n  Action: "*"\n  Resource: "*"'), ('Action: "*"',)),
    Sample(
        "SG101",
        "a service",
        policy("- Effect: Allow\n  Action: [s3:GetObject, 'dynamodb:*']\n  Resource: a"),
        ("Action: [s3",),
    ),
    Sample("SG101", "one statement, no list", policy('Effect: Allow\nAction: "sqs:*"\nResource: a'), ("Action:",)),
    Sample("SG101", "all but", policy("- Effect: Allow\n  NotAction: iam:*\n  Resource: a"), ("NotAction",)),
    Sample(
        "SG101",
        "all but a resource",
        policy("- Effect: Allow\n  Action: s3:GetObject\n  NotResource: a"),
        ("NotResource",),
    ),
    Sample(
        "SG101",
        "on everything",
        policy('- Effect: Allow\n  Action: dynamodb:GetItem\n  Resource: "*"'),
        ('Resource: "*"',),
    ),
    Sample(
        "SG101",
        "on everything of a service",
        policy("- Effect: Allow\n  Action: s3:GetObject\n  Resource: !Sub 'arn:${AWS::Partition}:s3:::*'"),
        ("Resource: !Sub",),
    ),
    Sample(
        "SG101",
        "on everything, some actions",
        policy('- Effect: Allow\n  Action: "s3:Get*"\n  Resource: ["*"]'),
        ('Resource: ["*"]',),
    ),
    Sample(
        "SG101",
        "any role to a service",
        policy(
            '- Effect: Allow\n  Action: iam:PassRole\n  Resource: "*"\n  Condition:\n'
            "    StringEquals: {iam:PassedToService: lambda.amazonaws.com}"
        ),
        ('Resource: "*"',),
    ),
    Sample(
        "SG101",
        "any role of the account",
        policy("- Effect: Allow\n  Action: iam:PassRole\n  Resource: !Sub 'arn:aws:iam::${AWS::AccountId}:role/*'"),
        ("Resource: !Sub",),
    ),
    Sample(
        "SG101",
        "by a parameter",
        "Parameters:\n  What: {Type: String, Default: 'kms:*'}\n"
        + policy("- Effect: Allow\n  Action: !Ref What\n  Resource: a"),
        ("Action: !Ref What",),
    ),
    Sample(
        "SG101",
        "a policy of its own",
        """Resources:
  Wide:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Statement:
          Effect: Allow
          Action: "*"
          Resource: "*"
""",
        ('Action: "*"',),
    ),
    Sample(
        "SG101",
        "SAM's Policies",
        SAM
        + FUNCTION
        + """      Policies:
        - DynamoDBReadPolicy: {TableName: orders}
        - Statement:
            - Effect: Allow
              Action: "ssm:*"
              Resource: a
""",
        ('Action: "ssm:*"',),
    ),
    Sample(
        "SG101",
        "SAM's Policies by name",
        SAM
        + FUNCTION
        + """      Policies:
        - AWSXRayDaemonWriteAccess
        - PowerUserAccess
""",
        ("- PowerUserAccess",),
    ),
    Sample(
        "SG101",
        "administrator",
        """Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {}
      ManagedPolicyArns:
        - !Sub "arn:${AWS::Partition}:iam::aws:policy/AdministratorAccess"
        - arn:aws:iam::aws:policy/AmazonS3FullAccess
        - arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole
""",
        ("AdministratorAccess", "AmazonS3FullAccess"),
    ),
    Sample(
        "SG101",
        "a role of two functions",
        SAM
        + """  Role: {Type: AWS::IAM::Role, Properties: {}}
  First:
    Type: AWS::Serverless::Function
    Properties: {Handler: a.b, Runtime: python3.14, CodeUri: a, Role: !GetAtt Role.Arn}
  Second:
    Type: AWS::Serverless::Function
    Properties:
      {Handler: a.b, Runtime: python3.14, CodeUri: b, Role: !Sub "${Role.Arn}"}
""",
        ("CodeUri: b",),
    ),
    Sample("SG101", "trusts a scheduler for anybody", trust("{Service: scheduler.amazonaws.com}"), ("Principal",)),
    Sample(
        "SG101",
        "trusts a scheduler for any account",
        trust("{Service: scheduler.amazonaws.com}", 'Condition: {ArnLike: {aws:SourceArn: "*"}}'),
        ("Principal",),
    ),
    Sample(
        "SG101",
        "trusts everybody but one",
        trust('{AWS: "*"}', "Condition: {StringNotEquals: {aws:PrincipalOrgID: o-1}}"),
        ("Principal",),
    ),
    Sample("SG101", "trusts the world", trust('{AWS: "*"}'), ("Principal",)),
    Sample(
        "SG101",
        "a queue for any topic",
        """Resources:
  Policy:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [q]
      PolicyDocument:
        Statement:
          - Effect: Allow
            Principal: {Service: sns.amazonaws.com}
            Action: sqs:SendMessage
            Resource: "*"
""",
        ("Principal",),
    ),
    Sample(
        "SG101",
        "a function for any bucket",
        """Resources:
  Permission:
    Type: AWS::Lambda::Permission
    Properties:
      Action: lambda:InvokeFunction
      FunctionName: f
      Principal: s3.amazonaws.com
""",
        ("Principal",),
    ),
    Sample(
        "SG101",
        "a function for the world",
        """Resources:
  Permission:
    Type: AWS::Lambda::Permission
    Properties:
      Action: lambda:InvokeFunction
      FunctionName: f
      Principal: "*"
""",
        ("Principal",),
    ),
    # good
    Sample(
        "SG101",
        "a function for the organisation, and for an API",
        """Resources:
  Permission:
    Type: AWS::Lambda::Permission
    Properties: {Action: lambda:InvokeFunction, FunctionName: f, Principal: "*", PrincipalOrgID: o-1}
  Api:
    Type: AWS::Lambda::Permission
    Properties: {Action: lambda:InvokeFunction, FunctionName: f, Principal: apigateway.amazonaws.com}
""",
    ),
    Sample(
        "SG101",
        "named",
        policy(
            "- Effect: Allow\n  Action: [s3:GetObject, s3:PutObject*]\n"
            "  Resource: !Sub 'arn:${AWS::Partition}:s3:::bucket/*'"
        ),
    ),
    Sample(
        "SG101",
        "what cannot be limited",
        policy(
            "- Effect: Allow\n  Action: [xray:PutTraceSegments, ec2:DescribeSubnets, ecr:GetAuthorizationToken]\n"
            '  Resource: "*"'
        ),
    ),
    Sample(
        "SG101",
        "metrics and interfaces",
        policy(
            "- Effect: Allow\n  Action: [cloudwatch:PutMetricData, ec2:DetachNetworkInterface, ce:GetCostAndUsage]\n"
            '  Resource: "*"'
        ),
    ),
    Sample(
        "SG101",
        "limited by tags",
        policy(
            '- Effect: Allow\n  Action: ec2:StartInstances\n  Resource: "*"\n'
            '  Condition: {StringEquals: {"aws:ResourceTag/team": orders}}'
        ),
    ),
    Sample("SG101", "a denial", policy('- Effect: Deny\n  NotAction: "*"\n  Resource: "*"')),
    Sample(
        "SG101",
        "unknown",
        "Parameters:\n  What: {Type: String}\n" + policy("- Effect: Allow\n  Action: !Ref What\n  Resource: !Ref What"),
    ),
    Sample(
        "SG101",
        "a boundary bounds",
        """Resources:
  Boundary:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument: {Statement: [{Effect: Allow, Action: "*", Resource: "*"}]}
  Role:
    Type: AWS::IAM::Role
    Properties: {AssumeRolePolicyDocument: {}, PermissionsBoundary: !Ref Boundary}
""",
    ),
    Sample(
        "SG101",
        "a boundary bounds by its name",
        """Resources:
  Boundary:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      ManagedPolicyName: limit
      Path: /team/
      PolicyDocument: {Statement: [{Effect: Allow, Action: "*", Resource: "*"}]}
  Role:
    Type: AWS::IAM::Role
    Properties: {PermissionsBoundary: !Sub "arn:aws:iam::${AWS::AccountId}:policy/team/limit"}
""",
    ),
    Sample(
        "SG101",
        "a boundary that is attached too",
        """Resources:
  Boundary:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument: {Statement: [{Effect: Allow, Action: "*", Resource: [a]}]}
  Role:
    Type: AWS::IAM::Role
    Properties: {PermissionsBoundary: !Ref Boundary, ManagedPolicyArns: [!Ref Boundary]}
""",
        ("PolicyDocument",),
    ),
    Sample("SG101", "trusts API Gateway", trust("{Service: apigateway.amazonaws.com}")),
    Sample("SG101", "trusts Lambda", trust("{Service: [lambda.amazonaws.com, edgelambda.amazonaws.com]}")),
    Sample(
        "SG101",
        "trusts an identity provider for a repository",
        trust(
            '{Federated: "arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com"}',
            "Condition: {StringEquals: {token.actions.githubusercontent.com:sub: repo:a/b:ref:refs/heads/main}}",
        ),
    ),
    Sample(
        "SG101",
        "trusts a scheduler for the account",
        trust(
            "{Service: scheduler.amazonaws.com}", "Condition: {StringEquals: {aws:SourceAccount: !Ref AWS::AccountId}}"
        ),
    ),
    Sample(
        "SG101",
        "SAM's own role, with templates",
        SAM
        + FUNCTION
        + """      Tracing: Active
      VpcConfig: {SecurityGroupIds: [sg-1], SubnetIds: [subnet-1]}
      Policies: [{S3ReadPolicy: {BucketName: b}}, {SQSPollerPolicy: {QueueName: q}}, {CloudWatchPutMetricPolicy: {}}]
      Events:
        Tick: {Type: Schedule, Properties: {Schedule: rate(1 day)}}
        Put: {Type: S3, Properties: {Bucket: !Ref Bucket, Events: "s3:ObjectCreated:*"}}
  Bucket: {Type: AWS::S3::Bucket}
""",
    ),
]

KEYS = [
    Sample("SG102", "no key", SAM + FUNCTION + "      Environment: {Variables: {TABLE: orders}}\n", ("Environment",)),
    Sample(
        "SG102",
        "no key, plain",
        """Resources:
  Worker:
    Type: AWS::Lambda::Function
    Properties: {Role: r, Code: {ZipFile: x}, Environment: {Variables: {A: b}}}
""",
        ("Properties: {Role",),
    ),
    Sample(
        "SG102",
        "variables of all",
        """Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Environment: {Variables: {A: b}}}}
Resources:
"""
        + FUNCTION,
        ("Worker:",),
    ),
    Sample(
        "SG102", "no rotation", "Resources:\n  Key: {Type: AWS::KMS::Key, Properties: {KeyPolicy: {}}}\n", ("Key:",)
    ),
    Sample(
        "SG102",
        "rotation off",
        "Resources:\n  Key:\n    Type: AWS::KMS::Key\n    Properties:\n      EnableKeyRotation: 'false'\n",
        ("EnableKeyRotation",),
    ),
    Sample(
        "SG102",
        "a key for everybody",
        """Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      EnableKeyRotation: true
      KeyPolicy:
        Statement:
          - Effect: Allow
            Principal: "*"
            Action: kms:Decrypt
            Resource: "*"
""",
        ("Principal",),
    ),
    Sample(
        "SG102",
        "a key of all",
        """Transform: AWS::Serverless-2016-10-31
Parameters: {KeyArn: {Type: String}}
Globals: {Function: {KmsKeyArn: !Ref KeyArn, Environment: {Variables: {A: b}}}}
Resources:
"""
        + FUNCTION,
    ),
    Sample("SG102", "no variables", SAM + FUNCTION),
    Sample(
        "SG102",
        "keys that rotate, or cannot",
        """Resources:
  Key: {Type: AWS::KMS::Key, Properties: {EnableKeyRotation: "true"}}
  Signing: {Type: AWS::KMS::Key, Properties: {KeySpec: ECC_NIST_P256, KeyUsage: SIGN_VERIFY}}
  Ours:
    Type: AWS::KMS::Key
    Properties:
      EnableKeyRotation: true
      KeyPolicy:
        Statement:
          - {Effect: Allow, Principal: {AWS: "*"}, Action: "kms:*", Resource: "*",
             Condition: {StringEquals: {kms:CallerAccount: !Ref AWS::AccountId}}}
""",
    ),
]

STAGE = """Resources:
  Api: {Type: AWS::ApiGateway::RestApi, Properties: {Name: api}}
  Live:
    Type: AWS::ApiGateway::Stage
    Properties: {RestApiId: !Ref Api, StageName: live}
"""


def acl(rules: str = "", action: str = "{Block: {}}", scope: str = "REGIONAL", logged: bool = True) -> str:
    text = f"""Resources:
  Set:
    Type: AWS::WAFv2::IPSet
    Properties:
      IPAddressVersion: IPV4
      Addresses: [10.1.0.0/16]
      Scope: {scope}
  Acl:
    Type: AWS::WAFv2::WebACL
    Properties:
      Scope: {scope}
      DefaultAction: {action}
      Rules:
{rules}"""
    logging = "  Logging: {Type: AWS::WAFv2::LoggingConfiguration, Properties: {ResourceArn: !GetAtt Acl.Arn}}\n"
    return text.rstrip() + "\n" + (logging if logged else "")


def waf_rule(statement: str, action: str = "Action: {Block: {}}") -> str:
    return f"        - Name: one\n          Statement: {statement}\n          {action}\n"


GROUP = "{ManagedRuleGroupStatement: {VendorName: AWS, Name: AWSManagedRulesCommonRuleSet}}"
INSIDE = "{IPSetReferenceStatement: {Arn: !GetAtt Set.Arn}}"
OUTSIDE = f"{{NotStatement: {{Statement: {INSIDE}}}}}"
RATE = "{RateBasedStatement: {Limit: 1000, AggregateKeyType: IP}}"
ALLOW = "Action: {Allow: {}}"

WAF = [
    Sample("SG103", "a stage without", STAGE, ("Live:",)),
    Sample(
        "SG103",
        "SAM's stage without",
        SAM + "  Api: {Type: AWS::Serverless::Api, Properties: {StageName: p, "
        "DefinitionBody: {openapi: 3.0.1, paths: {}}}}\n",
        ("Api:",),
    ),
    Sample(
        "SG103",
        "another stage's",
        STAGE
        + """  Association:
    Type: AWS::WAFv2::WebACLAssociation
    Properties:
      WebACLArn: arn:aws:wafv2:eu-west-1:1:regional/webacl/a/b
      ResourceArn: !Sub "arn:aws:apigateway:${AWS::Region}::/restapis/${Api}/stages/other"
""",
        ("Live:",),
    ),
    Sample("SG103", "allows all", acl(waf_rule(RATE, "Action: {Count: {}}"), "{Allow: {}}"), ("DefaultAction",)),
    Sample("SG103", "only counts", acl(waf_rule(GROUP, "OverrideAction: {Count: {}}")), ("OverrideAction",)),
    Sample("SG103", "not logged", acl(waf_rule(GROUP, "OverrideAction: {None: {}}"), logged=False), ("Acl:",)),
    Sample(
        "SG103",
        "of CloudFront",
        acl(waf_rule(RATE), scope="CLOUDFRONT")
        + """  Association:
    Type: AWS::WAFv2::WebACLAssociation
    Properties: {WebACLArn: !GetAtt Acl.Arn, ResourceArn: "arn:aws:apigateway:x::/restapis/a/stages/b"}
""",
        ("Scope: CLOUDFRONT",),
    ),
    Sample(
        "SG103",
        "regional before CloudFront",
        acl(waf_rule(RATE))
        + """  Site:
    Type: AWS::CloudFront::Distribution
    Properties: {DistributionConfig: {WebACLId: !GetAtt Acl.Arn}}
""",
        ("Scope: REGIONAL",),
    ),
    Sample(
        "SG103",
        "in front of a stage by its name",
        STAGE
        + """  Association:
    Type: AWS::WAFv2::WebACLAssociation
    Properties:
      WebACLArn: arn:aws:wafv2:eu-west-1:1:regional/webacl/a/b
      ResourceArn: !Sub "arn:aws:apigateway:${AWS::Region}::/restapis/${Api}/stages/live"
""",
    ),
    Sample(
        "SG103",
        "in front of a stage by reference",
        STAGE
        + """  Association:
    Type: AWS::WAFv2::WebACLAssociation
    Properties:
      WebACLArn: arn:aws:wafv2:eu-west-1:1:regional/webacl/a/b
      ResourceArn: !Join ["", ["arn:aws:apigateway:eu-west-1::/restapis/", !Ref Api, "/stages/", !Ref Live]]
""",
    ),
    Sample(
        "SG103",
        "an HTTP API cannot have one",
        """Resources:
  Api: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: a, ProtocolType: HTTP}}
  Live: {Type: AWS::ApiGatewayV2::Stage, Properties: {ApiId: !Ref Api, StageName: $default}}
""",
    ),
    Sample("SG103", "in force", acl(waf_rule(GROUP, "OverrideAction: {None: {}}"), "{Allow: {}}")),
    Sample(
        "SG103",
        "counts, and blocks by label",
        acl(
            waf_rule(GROUP, "OverrideAction: {Count: {}}")
            + waf_rule("{LabelMatchStatement: {Scope: LABEL, Key: 'awswaf:managed:aws:core-rule-set:a'}}")
        ),
    ),
]

RANGES = [
    Sample("SG105", "no IP set", acl(waf_rule(RATE)), ("Acl:",)),
    Sample("SG105", "everyone by default", acl(waf_rule(INSIDE), "{Allow: {}}"), ("DefaultAction",)),
    Sample("SG105", "allowed, like everyone", acl(waf_rule(INSIDE, ALLOW), "{Allow: {}}"), ("DefaultAction",)),
    Sample("SG105", "the wrong way round", acl(waf_rule(OUTSIDE, ALLOW)), ("Action: {Allow", "DefaultAction")),
    Sample(
        "SG105",
        "the world",
        acl(waf_rule(INSIDE, ALLOW)).replace("10.1.0.0/16", "0.0.0.0/1, 128.0.0.0/1"),
        ("Addresses",),
    ),
    Sample("SG105", "the world in IPv6", acl(waf_rule(INSIDE, ALLOW)).replace("10.1.0.0/16", "'::/1'"), ("Addresses",)),
    Sample("SG105", "allowed", acl(waf_rule(INSIDE, ALLOW))),
    Sample(
        "SG105",
        "allowed, one of several",
        acl(
            waf_rule(
                f"{{OrStatement: {{Statements: [{INSIDE}, {{GeoMatchStatement: {{CountryCodes: [A]}}}}]}}}}", ALLOW
            )
        ),
    ),
    Sample("SG105", "others blocked", acl(waf_rule(OUTSIDE), "{Allow: {}}")),
    Sample("SG105", "of a public site", acl(waf_rule(RATE), "{Allow: {}}", scope="CLOUDFRONT")),
    Sample("SG105", "examples are only told", acl(waf_rule(INSIDE, ALLOW)).replace("10.1.0.0/16", "192.0.2.0/24")),
]

HTTP = """Resources:
  Api: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: a, ProtocolType: HTTP}}
  Route:
    Type: AWS::ApiGatewayV2::Route
    Properties:
      ApiId: !Ref Api
"""


def document(security: str, schemes: str, more: str = "") -> str:
    return f"""Resources:
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Body:
        openapi: 3.0.1
        {more}
        components: {{securitySchemes: {schemes}}}
        paths:
          /orders:
            options: {{}}
            get:
              {security}
              responses: {{}}
"""


SIGNED = "{iam: {type: apiKey, name: Authorization, in: header, x-amazon-apigateway-authtype: awsSigv4}}"
METERED = "{key: {type: apiKey, name: x-api-key, in: header}}"

WHO = [
    Sample(
        "SG104",
        "a method for all",
        "Resources:\n  Get:\n    Type: AWS::ApiGateway::Method\n    Properties: {HttpMethod: GET}\n",
        ("Get:",),
    ),
    Sample(
        "SG104",
        "a method for key holders",
        """Resources:
  Get:
    Type: AWS::ApiGateway::Method
    Properties:
      HttpMethod: GET
      AuthorizationType: NONE
      ApiKeyRequired: true
""",
        ("AuthorizationType: NONE",),
    ),
    Sample("SG104", "a route for all", HTTP + "      RouteKey: GET /orders\n", ("Route:",)),
    Sample("SG104", "an operation for all", document("x-a: b", SIGNED), ("get:",)),
    Sample(
        "SG104",
        "an operation that says so",
        document("security: []", SIGNED, "security: [{iam: []}]"),
        ("security: []",),
    ),
    Sample("SG104", "an operation for key holders", document("security: [{key: []}]", METERED), ("security:",)),
    Sample("SG104", "an undefined scheme", document("security: [{jwt: []}]", SIGNED), ("security:",)),
    Sample(
        "SG104",
        "a scheme that is only documentation",
        document("security: [{jwt: []}]", "{jwt: {type: http, scheme: bearer}}"),
        ("security:",),
    ),
    Sample(
        "SG104",
        "an event of SAM",
        SAM
        + FUNCTION
        + """      Events:
        Open:
          Type: Api
          Properties: {Path: /open, Method: get}
        Any:
          Type: HttpApi
          Properties: {Path: /any, Method: ANY}
""",
        ("Open:", "Any:"),
    ),
    Sample(
        "SG104",
        "SAM's authorizer, and not",
        SAM
        + FUNCTION
        + """      Events:
        Shut:
          Type: HttpApi
          Properties: {ApiId: !Ref Api, Path: /shut, Method: get}
        Open:
          Type: HttpApi
          Properties: {ApiId: !Ref Api, Path: /open, Method: get, Auth: {Authorizer: NONE}}
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth:
        DefaultAuthorizer: Jwt
        Authorizers:
          Jwt: {IdentitySource: $request.header.Authorization, JwtConfiguration: {issuer: "https://i", audience: [a]}}
""",
        ("Open:",),
    ),
    Sample("SG104", "a URL", SAM + FUNCTION + "      FunctionUrlConfig:\n        AuthType: NONE\n", ("AuthType",)),
    Sample(
        "SG104",
        "a plain URL",
        "Resources:\n  Url:\n    Type: AWS::Lambda::Url\n    Properties:\n      AuthType: NONE\n",
        ("AuthType",),
    ),
    Sample("SG104", "signed", document("security: [{iam: []}]", SIGNED)),
    Sample("SG104", "signed, with a key", document("security: [{iam: [], key: []}]", SIGNED[:-1] + ", " + METERED[1:])),
    Sample(
        "SG104",
        "signed, with a key, as SAM lists them",
        document("security: [{key: []}, {iam: []}]", SIGNED[:-1] + ", " + METERED[1:]),
    ),
    Sample("SG104", "signed by default", document("x-a: b", SIGNED, "security: [{iam: []}]")),
    Sample(
        "SG104",
        "preflight and authorizer",
        """Resources:
  Options: {Type: AWS::ApiGateway::Method, Properties: {HttpMethod: OPTIONS, AuthorizationType: NONE}}
  Get: {Type: AWS::ApiGateway::Method, Properties: {HttpMethod: GET, AuthorizationType: CUSTOM, AuthorizerId: a}}
""",
    ),
    Sample("SG104", "JWT", HTTP + "      RouteKey: GET /orders\n      AuthorizationType: JWT\n      AuthorizerId: a\n"),
    Sample("SG104", "a socket that is open", HTTP.replace("HTTP", "WEBSOCKET") + "      RouteKey: $default\n"),
    Sample("SG104", "a signed URL", SAM + FUNCTION + "      FunctionUrlConfig: {AuthType: AWS_IAM}\n"),
    Sample(
        "SG104", "elsewhere", "Resources:\n  Api: {Type: AWS::ApiGateway::RestApi, Properties: {BodyS3Location: {}}}\n"
    ),
]


def variables(text: str) -> str:
    return SAM + FUNCTION + f"      Environment:\n        Variables:\n          {text}\n"


AWS_KEY = "AKIA" + "IOSFODNN7EXAMPLE"

IN_CLEAR = [
    Sample("SG106", "a password", variables("DB_PASSWORD: hunter2"), ("DB_PASSWORD",)),
    Sample("SG106", "a key in camel case", variables("paymentApiKey: k-1234567"), ("paymentApiKey",)),
    Sample("SG106", "a key by its form", variables(f"OTHER: {AWS_KEY}"), ("OTHER",)),
    Sample("SG106", "in a URL", variables("DATABASE: postgres://me:pass1@db/orders"), ("DATABASE",)),
    Sample("SG106", "resolved", variables("KEY: '{{resolve:secretsmanager:orders:SecretString:key}}'"), ("KEY:",)),
    Sample(
        "SG106",
        "a default that is passed on",
        "Parameters:\n  Token: {Type: String, Default: abc123}\n" + variables("API_TOKEN: !Ref Token"),
        ("API_TOKEN", "Token: {Type"),
    ),
    Sample(
        "SG106",
        "of all functions",
        """Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Environment:
      Variables:
        CLIENT_SECRET: s3cr3t
Resources:
"""
        + FUNCTION,
        ("CLIENT_SECRET",),
    ),
    Sample(
        "SG106",
        "a default that is not shown",
        "Parameters:\n  P:\n    Type: String\n    NoEcho: true\n    Default: abc\nResources: {}\n",
        ("Default",),
    ),
    Sample(
        "SG106",
        "of a database",
        "Resources:\n  Db:\n    Type: AWS::RDS::DBInstance\n    Properties:\n      MasterUserPassword: abc\n",
        ("MasterUserPassword",),
    ),
    Sample(
        "SG106",
        "names and paths",
        variables(
            "{API_KEY_PARAMETER: /prod/key, SECRET_ARN: !Ref AWS::StackId, TOKEN_TTL: '60', PASSWORD_MIN_LENGTH: '14', "
            "SECRET: /prod/secret, TOKEN_URL: 'https://x/t', USE_TOKEN: 'true', KEYBOARD: qwerty, SECRET_NAME: orders}"
        ),
    ),
    Sample(
        "SG106", "a secret by reference", variables("SECRET: !Ref S") + "  S: {Type: AWS::SecretsManager::Secret}\n"
    ),
    Sample(
        "SG106",
        "given at the deployment",
        "Parameters:\n  P: {Type: String, NoEcho: true}\nResources:\n  Db:\n    Type: AWS::RDS::DBInstance\n"
        "    Properties: {MasterUserPassword: '{{resolve:secretsmanager:db:SecretString:password}}'}\n",
    ),
]

TLS = """  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Bucket
      PolicyDocument:
        Statement:
          - {Effect: Deny, Principal: "*", Action: "s3:*", Resource: "*",
             Condition: {Bool: {"aws:SecureTransport": false}}}
"""
BLOCKED = "BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true"


def bucket(properties: str, policy_text: str = TLS) -> str:
    return f"Resources:\n  Bucket:\n    Type: AWS::S3::Bucket\n    Properties:\n      {properties}\n{policy_text}"


PATHS = [
    Sample("SG107", "a topic in clear", "Resources:\n  Topic: {Type: AWS::SNS::Topic}\n", ("Topic:",)),
    Sample("SG107", "a stream in clear", "Resources:\n  S: {Type: AWS::Kinesis::Stream, Properties: {}}\n", ("S:",)),
    Sample(
        "SG107",
        "a queue in clear",
        "Resources:\n  Q:\n    Type: AWS::SQS::Queue\n    Properties:\n      SqsManagedSseEnabled: false\n",
        ("SqsManagedSseEnabled",),
    ),
    Sample("SG107", "a bucket for readers", bucket("AccessControl: PublicRead"), ("AccessControl",)),
    Sample(
        "SG107",
        "a bucket that may be opened",
        bucket("PublicAccessBlockConfiguration: {BlockPublicAcls: true}"),
        ("PublicAccessBlockConfiguration",),
    ),
    Sample("SG107", "a bucket without TLS", bucket(f"PublicAccessBlockConfiguration: {{{BLOCKED}}}", ""), ("Bucket:",)),
    Sample(
        "SG107",
        "TLS the wrong way round",
        bucket(f"PublicAccessBlockConfiguration: {{{BLOCKED}}}", TLS.replace("false", "true")),
        ("Bucket:",),
    ),
    Sample(
        "SG107",
        "a queue for the world",
        """Resources:
  Policy:
    Type: AWS::SQS::QueuePolicy
    Properties:
      PolicyDocument:
        Statement:
          Effect: Allow
          Principal: {AWS: "*"}
          Action: sqs:SendMessage
          Resource: "*"
""",
        ("Principal",),
    ),
    Sample(
        "SG107",
        "private",
        bucket(f"PublicAccessBlockConfiguration: {{{BLOCKED}}}")
        + """  Topic:
    Type: AWS::SNS::Topic
    Properties: {KmsMasterKeyId: alias/aws/sns}
  Queue: {Type: AWS::SQS::Queue}
  Table: {Type: AWS::DynamoDB::Table}
  Logs: {Type: AWS::Logs::LogGroup}
""",
    ),
    Sample(
        "SG107",
        "a topic for the organisation",
        """Resources:
  Policy:
    Type: AWS::SNS::TopicPolicy
    Properties:
      PolicyDocument:
        Statement:
          - {Effect: Allow, Principal: "*", Action: sns:Publish, Resource: "*",
             Condition: {StringEquals: {aws:PrincipalOrgID: o-1}}}
""",
    ),
]

SAMPLES = [*IAM, *KEYS, *WAF, *RANGES, *WHO, *IN_CLEAR, *PATHS]


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_a_sample_is_judged(sample: Sample, tmp_path: Path) -> None:
    check(sample, tmp_path)


@pytest.mark.parametrize(
    ("sample", "at"),
    [
        (Sample("SG105", "", acl(waf_rule(INSIDE, ALLOW)).replace("10.1.0.0/16", "203.0.113.7/32")), "Addresses"),
        (Sample("SG101", "", trust("{Service: lambda.amazonaws.com}")), "Principal"),
        (Sample("SG107", "", "Resources:\n  Queue: {Type: AWS::SQS::Queue}\n"), "Queue"),
        (Sample("SG107", "", "Resources:\n  Logs: {Type: AWS::Logs::LogGroup}\n"), "Logs"),
    ],
)
def test_what_does_no_harm_is_told(sample: Sample, at: str, tmp_path: Path) -> None:
    (text,) = lines(examine(sample, tmp_path, Severity.INFO), tmp_path)
    assert at in text


def test_a_range_of_samconfig_is_found_there(tmp_path: Path) -> None:
    parameter = "Parameters:\n  Ranges: {Type: CommaDelimitedList}\n"
    text = parameter + acl(waf_rule(INSIDE, ALLOW)).replace("[10.1.0.0/16]", "!Ref Ranges")
    config = 'version = 0.1\n[prod.deploy.parameters]\nparameter_overrides = [\n  "Ranges=0.0.0.0/0",\n]\n'
    sample = Sample("SG105", "", text, files={"samconfig.toml": config})
    (found,) = examine(sample, tmp_path)
    assert (found.file, found.line, found.severity) == ("samconfig.toml", 4, Severity.ERROR)


def test_a_boundary_of_a_stack_beside_is_one(tmp_path: Path) -> None:
    beside = """Parameters: {Environment: {Type: String}}
Resources:
  Boundary:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      ManagedPolicyName: !Sub "${Environment}-limit"
      PolicyDocument: {Statement: [{Effect: Allow, Action: "*", Resource: "*"}]}
"""
    role = """Resources:
  Role:
    Type: AWS::IAM::Role
    Properties: {PermissionsBoundary: !Sub "arn:aws:iam::${AWS::AccountId}:policy/NAME"}
"""
    good = Sample("SG101", "", role.replace("NAME", "x/prod-limit"), files={"pipeline.yaml": beside})
    bad = Sample("SG101", "", role.replace("NAME", "x/other"), files={"pipeline.yaml": beside})
    assert not examine(good, tmp_path)
    assert [finding.file for finding in examine(bad, tmp_path)] == ["pipeline.yaml"]


ODD = ["text", "17", "[]", "[text]", "{a: b}", "[[{}]]", "{'Fn::If': [A, b]}", "!Ref Nothing", "null", "{Statement: 1}"]
TYPES = {
    "AWS::IAM::Role": ["Policies", "AssumeRolePolicyDocument", "ManagedPolicyArns", "PermissionsBoundary"],
    "AWS::IAM::ManagedPolicy": ["PolicyDocument", "Roles"],
    "AWS::Lambda::Function": ["Role", "Environment", "KmsKeyArn"],
    "AWS::Lambda::Permission": ["Principal", "SourceArn"],
    "AWS::Lambda::Url": ["AuthType"],
    "AWS::KMS::Key": ["KeyPolicy", "EnableKeyRotation", "KeySpec"],
    "AWS::WAFv2::WebACL": ["Rules", "DefaultAction", "Scope"],
    "AWS::WAFv2::IPSet": ["Addresses", "Scope"],
    "AWS::WAFv2::WebACLAssociation": ["ResourceArn", "WebACLArn"],
    "AWS::ApiGateway::Stage": ["RestApiId", "StageName"],
    "AWS::ApiGateway::RestApi": ["Body", "EndpointConfiguration"],
    "AWS::ApiGateway::Method": ["HttpMethod", "AuthorizationType"],
    "AWS::ApiGatewayV2::Route": ["RouteKey", "ApiId", "AuthorizationType"],
    "AWS::S3::Bucket": ["PublicAccessBlockConfiguration", "AccessControl", "BucketEncryption"],
    "AWS::S3::BucketPolicy": ["Bucket", "PolicyDocument"],
    "AWS::SQS::Queue": ["SqsManagedSseEnabled"],
    "AWS::RDS::DBInstance": ["MasterUserPassword"],
}


@pytest.mark.parametrize("value", ODD)
def test_odd_properties_do_no_harm(value: str, tmp_path: Path) -> None:
    text = "Resources:\n"
    for number, (kind, names) in enumerate(TYPES.items()):
        for name in names:
            text += f"  R{number}{name}:\n    Type: {kind}\n    Properties: {{{name}: {value}}}\n"
        text += f"  R{number}:\n    Type: {kind}\n    Properties: {value}\n"
    for rule in sorted({sample.rule for sample in SAMPLES}):
        examine(Sample(rule, "", text), tmp_path)
