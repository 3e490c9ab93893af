"""Permissions, encryption, firewall, authorization and secrets of a generated project, broken one at a time."""

from __future__ import annotations

from mutation import Mutation

ROOT = "template.yaml"
API = "stacks/api/template.yaml"
DATA = "stacks/data/template.yaml"
FUNCTIONS = "stacks/functions/template.yaml"
MONITORING = "stacks/monitoring/template.yaml"
SECURITY = "stacks/security/template.yaml"
BOOTSTRAP = "bootstrap/template.yaml"
PIPELINE = "bootstrap/pipeline.yaml"
SAMCONFIG = "samconfig.toml"

SENDS_TRACES = 'Action: [xray:PutTraceSegments, xray:PutTelemetryRecords]\n                Resource: "*"'
IP_SET = "Scope: REGIONAL\n      IPAddressVersion: IPV4"
OWN_KEY = "Resource: !GetAtt EncryptionKey.Arn"
FIRST_ROLE = "role/${Environment}-orders-place-order-${AWS::Region}"
SECOND_ROLE = "role/${Environment}-orders-report-${AWS::Region}"
OF_ACCOUNT = "              StringEquals: { aws:SourceAccount: !Ref AWS::AccountId }\n"
CODEDEPLOY = f"""            Principal: {{ Service: codedeploy.amazonaws.com }}
            Action: sts:AssumeRole
            Condition:
{OF_ACCOUNT}"""
SCHEDULER = CODEDEPLOY.replace("codedeploy", "scheduler")
LAMBDA = CODEDEPLOY.replace("codedeploy", "lambda")
ALARMS = f"""            Principal: {{ Service: cloudwatch.amazonaws.com }}
            Action: sns:Publish
            Resource: !Ref AlarmTopic
            Condition:
{OF_ACCOUNT}"""
LOG_ROLE = "service-role/AmazonAPIGatewayPushToCloudWatchLogs"

PERMISSIONS = [
    Mutation(
        "SG101", "an action becomes all actions", SECURITY, "Action: sqs:SendMessage", 'Action: "*"', 'Action: "*"'
    ),
    Mutation(
        "SG101",
        "actions become those of a service",
        SECURITY,
        'Action: ["sns:Publish"]',
        'Action: ["sns:*"]',
        'Action: ["sns:*"]',
    ),
    Mutation(
        "SG101",
        "all actions but one",
        SECURITY,
        'Action: ["ssm:GetParameter"]',
        'NotAction: ["ssm:PutParameter"]',
        "NotAction",
    ),
    Mutation(
        "SG101", "all resources but one", SECURITY, OWN_KEY, OWN_KEY.replace("Resource", "NotResource"), "NotResource"
    ),
    Mutation("SG101", "the key becomes every key", SECURITY, OWN_KEY, "Resource: '*'", "Resource: '*'"),
    Mutation(
        "SG101",
        "an action that can be limited joins those that cannot",
        SECURITY,
        SENDS_TRACES,
        SENDS_TRACES.replace("[xray:PutTraceSegments,", "[s3:GetObject,").replace('"*"', "'*'"),
        "Resource: '*'",
    ),
    Mutation(
        "SG101",
        "read access to everything in a service",
        SECURITY,
        '"dynamodb:ConditionCheckItem"]\n'
        '                Resource: [!Sub "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/'
        '${Environment}-orders-orders"]',
        '"dynamodb:Describe*"]\n                Resource: ["arn:aws:dynamodb:*:*:*"]',
        "arn:aws:dynamodb:*:*:*",
    ),
    Mutation(
        "SG101",
        "every table of the account",
        SECURITY,
        "table/${Environment}-orders-orders/index/*",
        "table/*",
        "table/*",
    ),
    Mutation("SG101", "an administrator", BOOTSTRAP, LOG_ROLE, "AdministratorAccess", "AdministratorAccess"),
    Mutation("SG101", "a power user", BOOTSTRAP, LOG_ROLE, "PowerUserAccess", "PowerUserAccess"),
    Mutation(
        "SG101",
        "full access to a service",
        BOOTSTRAP,
        LOG_ROLE,
        'AmazonAPIGatewayAdministrator"\n        - !Sub "arn:${AWS::Partition}:iam::aws:policy/CloudWatchFullAccess',
        "CloudWatchFullAccess",
    ),
    Mutation("SG101", "two functions share a role", FUNCTIONS, SECOND_ROLE, FIRST_ROLE, FIRST_ROLE),
    Mutation(
        "SG101",
        "any role may be handed to CloudFormation",
        PIPELINE,
        "Resource: !GetAtt StacksRole.Arn",
        "Resource: '*'",
        "Resource: '*'",
    ),
    Mutation(
        "SG101",
        "CodeDeploy takes its role for anybody",
        SECURITY,
        CODEDEPLOY,
        CODEDEPLOY.split("            Cond", maxsplit=1)[0],
        "codedeploy.amazonaws.com",
    ),
    Mutation(
        "SG101",
        "the scheduler takes its role for anybody",
        SECURITY,
        SCHEDULER,
        SCHEDULER.split("            Cond")[0],
        "scheduler.amazonaws.com",
    ),
    Mutation(
        "SG101",
        "Lambda takes a role for anybody",
        SECURITY,
        LAMBDA,
        LAMBDA.split("            Cond")[0],
        "lambda.amazonaws.com",
    ),
    Mutation(
        "SG101",
        "the world takes a role",
        SECURITY,
        LAMBDA,
        LAMBDA.replace("Service: lambda.amazonaws.com", "AWS: '*'").split("            Cond")[0],
        "AWS: '*'",
    ),
    Mutation(
        "SG101",
        "alarms of any account",
        MONITORING,
        ALARMS,
        ALARMS.split("            Cond", maxsplit=1)[0],
        "cloudwatch.amazonaws.com",
    ),
    Mutation(
        "SG101",
        "a function for any topic",
        FUNCTIONS,
        '      SourceArn: !Sub "arn:${AWS::Partition}:sns:'
        '${AWS::Region}:${AWS::AccountId}:${Environment}-orders-announcements"\n',
        "",
        "Principal: sns.amazonaws.com",
    ),
    Mutation(
        "SG101",
        "an action becomes all actions, minimal",
        SECURITY,
        "Action: [kms:Decrypt, kms:GenerateDataKey]\n                Resource: !GetAtt",
        "Action: kms:*\n                Resource: !GetAtt",
        "                Action: kms:*",
        example="minimal",
    ),
]

GLOBAL_KEY = "    KmsKeyArn: !Ref KmsKeyArn\n    EphemeralStorage"
ROTATION = "      EnableKeyRotation: true\n"
ROOT_ONLY = '            Principal: { AWS: !Sub "arn:${AWS::Partition}:iam::${AWS::AccountId}:root" }\n'
ENCRYPTION = [
    Mutation("SG102", "functions without a key", FUNCTIONS, GLOBAL_KEY, "    EphemeralStorage", "      Environment:"),
    Mutation(
        "SG102",
        "functions without a key, minimal",
        FUNCTIONS,
        GLOBAL_KEY,
        "    EphemeralStorage",
        "  PreTrafficFunction:",
        example="minimal",
    ),
    Mutation("SG102", "a key that never changes", SECURITY, ROTATION, "", "  EncryptionKey:"),
    Mutation(
        "SG102", "rotation turned off", SECURITY, ROTATION, ROTATION.replace("true", "false"), "EnableKeyRotation"
    ),
    Mutation("SG102", "a key for everybody", SECURITY, ROOT_ONLY, '            Principal: "*"\n', 'Principal: "*"'),
]

ASSOCIATION = "${Api}/stages/${Api.Stage}"
DEFAULT = "DefaultAction: !If [IsPublic, { Allow: {} }, { Block: {} }]"
GROUPS = "          OverrideAction: { None: {} }"
LOGGING = "      ResourceArn: !GetAtt WebAcl.Arn\n"
ALLOWED = """          Statement:
            OrStatement:
              Statements:
                - IPSetReferenceStatement: { Arn: !GetAtt AllowedIpv4.Arn }
                - IPSetReferenceStatement: { Arn: !GetAtt AllowedIpv6.Arn }
"""
LOGS = "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/other/1"
FIREWALL = [
    Mutation(
        "SG103", "the web ACL stands in front of another stage", API, ASSOCIATION, "${Api}/stages/other", "  Api:"
    ),
    Mutation(
        "SG103",
        "the web ACL stands in front of another API",
        API,
        ASSOCIATION,
        "a1b2c3/stages/live",
        "  Api:",
        example="minimal",
    ),
    Mutation("SG103", "a managed group only counts", SECURITY, GROUPS, GROUPS.replace("None", "Count"), "Count"),
    Mutation(
        "SG103",
        "a set of addresses for CloudFront",
        SECURITY,
        IP_SET,
        IP_SET.replace("REGIONAL", "CLOUDFRONT"),
        "CLOUDFRONT",
    ),
    Mutation("SG103", "nothing is logged", SECURITY, LOGGING, f"      ResourceArn: {LOGS}\n", "  WebAcl:"),
    Mutation(
        "SG103",
        "a web ACL for CloudFront",
        SECURITY,
        '${Environment}-OrdersAPI"\n      Scope: REGIONAL\n      # Whoever',
        '${Environment}-OrdersAPI"\n      Scope: CLOUDFRONT\n      # Whoever',
        "CLOUDFRONT",
    ),
    Mutation("SG105", "everyone by default", SECURITY, DEFAULT, "DefaultAction: { Allow: {} }", "DefaultAction"),
    Mutation(
        "SG105",
        "everyone by default, minimal",
        SECURITY,
        DEFAULT,
        "DefaultAction: { Allow: {} }",
        "DefaultAction",
        example="minimal",
    ),
    Mutation(
        "SG105",
        "no IP set",
        SECURITY,
        ALLOWED,
        "          Statement: { GeoMatchStatement: { CountryCodes: [AT] } }\n",
        "  WebAcl:",
    ),
    Mutation(
        "SG105",
        "everyone who is not in the set",
        SECURITY,
        ALLOWED,
        "          Statement:\n            NotStatement:\n"
        "              Statement: { IPSetReferenceStatement: { Arn: !GetAtt AllowedIpv4.Arn } }\n",
        "          Action: { Allow: {} }",
    ),
    Mutation(
        "SG105",
        "the whole world",
        SECURITY,
        "Addresses: !If [HasIpv4, !Ref AllowedIpv4Cidrs, []]",
        "Addresses: [0.0.0.0/1, 128.0.0.0/1]",
        "Addresses: [0",
    ),
    Mutation(
        "SG105",
        "the whole world by samconfig",
        SAMCONFIG,
        "AllowedIpv4Cidrs=52.94.80.0/24",
        "AllowedIpv4Cidrs=0.0.0.0/0",
        "0.0.0.0/0",
    ),
    Mutation(
        "SG105",
        "a range of examples",
        SECURITY,
        "Addresses: !If [HasIpv6, !Ref AllowedIpv6Cidrs, []]",
        "Addresses: [2001:db8:1::/48]",
        "Addresses: [2001",
    ),
]

POST = """              summary: "Places an order and shows it"
              security: """
WITH_COGNITO = '[{"cognito": []}]'
AUTHORIZER = """              x-amazon-apigateway-authtype: cognito_user_pools
              x-amazon-apigateway-authorizer:
                type: cognito_user_pools
                providerARNs: [!Ref UserPoolArn]
"""
HEADER = "              name: Authorization\n              in: header\n"
IAM = "              x-amazon-apigateway-authtype: awsSigv4\n"
AUTHORIZATION = [
    Mutation("SG104", "a route for everybody", API, POST + WITH_COGNITO, POST + "[ ]", "security: [ ]"),
    Mutation(
        "SG104",
        "a route without security",
        API,
        f"{POST}{WITH_COGNITO}\n",
        POST.split("              security", maxsplit=1)[0],
        "            post:",
    ),
    Mutation("SG104", "a scheme that is not defined", API, POST + WITH_COGNITO, POST + '[{"oauth": []}]', "oauth"),
    Mutation("SG104", "a scheme without authorizer", API, AUTHORIZER, "", WITH_COGNITO),
    Mutation("SG104", "a scheme that does not ask for a signature", API, IAM, "", '[{"iam": []}]', example="minimal"),
    Mutation(
        "SG104",
        "an API key alone",
        API,
        HEADER + AUTHORIZER,
        HEADER.replace("Authorization", "x-api-key"),
        WITH_COGNITO,
    ),
    Mutation(
        "SG104",
        "a function with a URL for everybody",
        FUNCTIONS,
        "      LoggingConfig:\n        LogFormat: JSON\n",
        "      FunctionUrlConfig:\n        AuthType: NONE\n      LoggingConfig:\n        LogFormat: JSON\n",
        "AuthType: NONE",
    ),
]

SERVICE = '        SERVICE: "orders"\n'
TABLE = '          ORDERS_TABLE: !Sub "${Environment}-orders-orders"\n'
PARAMETER = 'PAYMENT_API_KEY_PARAMETER: !Sub "/${Environment}/orders/payment-api-key"'
EMAIL = "  AlarmEmail:\n    Type: String\n"
SECRETS = [
    Mutation("SG106", "a secret in a variable", FUNCTIONS, PARAMETER, "PAYMENT_API_KEY: k3y-7f3a9c", "k3y-7f3a9c"),
    Mutation(
        "SG106",
        "a secret that is resolved",
        FUNCTIONS,
        PARAMETER,
        'PAYMENT_API_KEY: "{{resolve:ssm-secure:/prod/orders/payment-api-key}}"',
        "resolve:ssm-secure",
    ),
    Mutation(
        "SG106",
        "a secret of all functions",
        FUNCTIONS,
        SERVICE,
        SERVICE + "        DB_PASSWORD: hunter2\n",
        "DB_PASSWORD",
    ),
    Mutation(
        "SG106",
        "a key that is known by its form",
        FUNCTIONS,
        TABLE,
        TABLE + "          UPSTREAM: AKIAABCDEFGHIJKLMNOP\n",
        "UPSTREAM",
    ),
    Mutation(
        "SG106",
        "a hidden parameter with a default",
        ROOT,
        EMAIL,
        f"  Token:\n    Type: String\n    NoEcho: true\n    Default: t0ken\n{EMAIL}",
        "Default: t0ken",
    ),
    Mutation(
        "SG106",
        "a secret in a variable, minimal",
        FUNCTIONS,
        '        SERVICE: "minimal"\n',
        '        SERVICE: "minimal"\n        SLACK_TOKEN: abc-123\n',
        "SLACK_TOKEN",
        example="minimal",
    ),
]

TOPIC = '      TopicName: !Sub "${Environment}-orders-announcements"\n      KmsMasterKeyId: !Ref KmsKeyArn\n'
BLOCKS = "        RestrictPublicBuckets: true\n"
WITHOUT_TLS = 'Bool: { aws:SecureTransport: "false" }'
INVOICES = "Bucket: !Ref InvoicesBucket"
QUEUE = '      QueueName: !Sub "${Environment}-orders-fulfilment"\n      KmsMasterKeyId: !Ref KmsKeyArn\n'
GROUP = """      LogGroupName: !Sub "/aws/lambda/${Environment}-orders-place-order"
      RetentionInDays: !Ref LogRetentionDays
      KmsKeyId: !Ref KmsKeyArn
"""
PUBLISH = """            Effect: Deny
            Principal: "*"
            Action: sns:Publish
"""
PATHS = [
    Mutation(
        "SG107", "a topic in clear", DATA, TOPIC, TOPIC.split("      Kms", maxsplit=1)[0], "  AnnouncementsTopic:"
    ),
    Mutation(
        "SG107",
        "the alarms in clear",
        MONITORING,
        "      KmsMasterKeyId: !Ref KmsKeyArn\n",
        "",
        "  AlarmTopic:",
        example="minimal",
    ),
    Mutation(
        "SG107",
        "a queue in clear",
        DATA,
        QUEUE,
        QUEUE.split("      Kms", maxsplit=1)[0] + "      SqsManagedSseEnabled: false\n",
        "SqsManagedSseEnabled",
    ),
    Mutation(
        "SG107", "a queue without the key", DATA, QUEUE, QUEUE.split("      Kms", maxsplit=1)[0], "  FulfilmentQueue:"
    ),
    Mutation(
        "SG107",
        "a log without the key",
        FUNCTIONS,
        GROUP,
        GROUP.split("      Kms", maxsplit=1)[0],
        "  PlaceOrderLogGroup:",
    ),
    Mutation(
        "SG107",
        "a table without the key",
        DATA,
        "      SSESpecification: { SSEEnabled: true, SSEType: KMS, KMSMasterKeyId: !Ref KmsKeyArn }\n",
        "",
        "  OrdersTable:",
    ),
    Mutation("SG107", "a bucket that may become public", DATA, BLOCKS, "", "PublicAccessBlockConfiguration"),
    Mutation(
        "SG107",
        "a bucket whose policies may be public",
        BOOTSTRAP,
        "        BlockPublicPolicy: true\n",
        "        BlockPublicPolicy: false\n",
        "BlockPublicPolicy: false",
    ),
    Mutation(
        "SG107",
        "a bucket for readers",
        DATA,
        "      VersioningConfiguration:",
        "      AccessControl: PublicRead\n      VersioningConfiguration:",
        "AccessControl",
    ),
    Mutation(
        "SG107",
        "a bucket that takes requests without TLS",
        DATA,
        INVOICES,
        "Bucket: another-bucket",
        "  InvoicesBucket:",
    ),
    Mutation(
        "SG107",
        "a condition the wrong way round",
        BOOTSTRAP,
        WITHOUT_TLS,
        WITHOUT_TLS.replace("false", "true"),
        "  ArtifactBucket:",
    ),
    Mutation("SG107", "a topic for the world", DATA, PUBLISH, PUBLISH.replace("Deny", "Allow"), 'Principal: "*"'),
]

MUTATIONS = [*PERMISSIONS, *ENCRYPTION, *FIREWALL, *AUTHORIZATION, *SECRETS, *PATHS]
