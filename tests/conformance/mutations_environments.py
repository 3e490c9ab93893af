"""Ways to break category 3: environments."""

from __future__ import annotations

from mutation import Mutation

DATA = "stacks/data/template.yaml"
FUNCTIONS = "stacks/functions/template.yaml"
API = "stacks/api/template.yaml"
CONFIG = "samconfig.toml"
ROOT = "template.yaml"

_HIDDEN = """Parameters:
  DatabasePassword:
    Type: String
    Description: Password of the database
    NoEcho: true
    AllowedPattern: ".+"
    Default: none
"""
_REFERENCE = """    Properties:
      Location: stacks/data/template.yaml
      Parameters:
"""

MUTATIONS = [
    Mutation(
        "SG301",
        "a table named after one environment",
        DATA,
        'TableName: !Sub "${Environment}-orders-orders"',
        "TableName: prod-orders-orders",
        "TableName: prod-orders-orders",
    ),
    Mutation(
        "SG301",
        "an address of one environment in a variable",
        FUNCTIONS,
        'ALLOWED_ORIGINS: "https://shop.example.com"',
        'ALLOWED_ORIGINS: "https://prod.shop.example.com"',
        "https://prod.shop",
    ),
    Mutation(
        "SG301",
        "a nested stack told its environment by name",
        ROOT,
        "        Environment: !Ref Environment\n        KmsKeyArn: !GetAtt Security",
        "        Environment: prod\n        KmsKeyArn: !GetAtt Security",
        "        Environment: prod",
    ),
    Mutation(
        "SG301",
        "an ARN of one environment",
        FUNCTIONS,
        "role/${Environment}-orders-report-schedule-",
        "role/prod-orders-report-schedule-",
        "role/prod-orders-report-schedule-",
    ),
    Mutation(
        "SG301",
        "the stage's name written out",
        API,
        "StageName: !Ref Environment",
        "StageName: prod",
        "StageName: prod",
    ),
    Mutation(
        "SG301",
        "an environment without a value for a parameter that has no default",
        ROOT,
        "Parameters:\n",
        'Parameters:\n  Currency:\n    Type: String\n    Description: Money\n    AllowedPattern: "[A-Z]{3}"\n',
        "parameter_overrides = [",
        CONFIG,
    ),
    Mutation(
        "SG301",
        "a variable names an environment's table",
        FUNCTIONS,
        'ORDERS_TABLE: !Sub "${Environment}-orders-orders"',
        "ORDERS_TABLE: prod-orders-orders",
        "ORDERS_TABLE: prod-orders-orders",
    ),
    Mutation(
        "SG302",
        "an empty key in Globals",
        FUNCTIONS,
        "    KmsKeyArn: !Ref KmsKeyArn\n",
        "    KmsKeyArn: !Ref AWS::NoValue\n",
        "      Environment:",
    ),
    Mutation(
        "SG302",
        "no key on one function",
        FUNCTIONS,
        '      Runtime: "python3.14"\n',
        '      Runtime: "python3.14"\n      KmsKeyArn: !Ref AWS::NoValue\n',
        "      Environment:",
    ),
    Mutation(
        "SG302",
        "the key that AWS manages",
        FUNCTIONS,
        "    KmsKeyArn: !Ref KmsKeyArn\n",
        '    KmsKeyArn: !Sub "arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:alias/aws/lambda"\n',
        "      Environment:",
    ),
    Mutation(
        "SG303",
        "a bucket of the same name everywhere",
        DATA,
        'BucketName: !Sub "${Environment}-orders-invoices-${AWS::AccountId}-${AWS::Region}"',
        "BucketName: orders-invoices",
        "BucketName: orders-invoices",
    ),
    Mutation(
        "SG303",
        "a role of the same name in both regions",
        "stacks/security/template.yaml",
        'RoleName: !Sub "${Environment}-orders-codedeploy-${AWS::Region}"',
        'RoleName: !Sub "${Environment}-orders-codedeploy"',
        "RoleName: !Sub",
    ),
    Mutation(
        "SG303",
        "a queue without its environment, and both environments in one account",
        "stacks/functions/template.yaml",
        'QueueName: !Sub "${Environment}-minimal-hello-dlq"',
        "QueueName: hello-dlq",
        "QueueName: hello-dlq",
        example="minimal",
    ),
    Mutation(
        "SG303",
        "two environments that deploy one stack",
        CONFIG,
        'stack_name = "dev-minimal"',
        'stack_name = "prod-minimal"',
        'stack_name = "prod-minimal"',
        example="minimal",
    ),
    Mutation(
        "SG304",
        "a password as a parameter",
        ROOT,
        "Parameters:\n  Environment:",
        "Parameters:\n  PaymentApiKey:\n    Type: String\n    Description: Key\n    Default: none\n  Environment:",
        "  PaymentApiKey:",
    ),
    Mutation("SG304", "a hidden password as a parameter", ROOT, "Parameters:\n", _HIDDEN, "  DatabasePassword:"),
    Mutation(
        "SG304",
        "a secret in a parameter that is not encrypted",
        DATA,
        "Resources:\n",
        "Resources:\n  PaymentSecret:\n    Type: AWS::SSM::Parameter\n    Properties:\n"
        '      Name: !Sub "/${Environment}/orders/payment-api-key"\n      Type: String\n      Value: changeme\n',
        "      Type: String",
    ),
    Mutation(
        "SG305",
        "a parameter that one environment does not set",
        CONFIG,
        '  "LogRetentionDays=30",\n',
        "",
        '"LogRetentionDays=365"',
    ),
    Mutation(
        "SG305",
        "a condition on an environment that does not exist",
        FUNCTIONS,
        "Conditions:\n",
        "Conditions:\n  IsStaging: !Equals [!Ref Environment, staging]\n",
        "IsStaging:",
    ),
    Mutation(
        "SG305",
        "a mapping without one of the environments",
        DATA,
        "Resources:\n",
        "Mappings:\n  Days:\n    prod: { Kept: 1209600 }\n\n"
        "Resources:\n  SpareQueue:\n    Type: AWS::SQS::Queue\n    Properties:\n"
        "      MessageRetentionPeriod: !FindInMap [Days, !Ref Environment, Kept]\n",
        "  Days:",
    ),
]
