"""What can be broken so that SAM, cfn-lint or CloudFormation would refuse it."""

from __future__ import annotations

from mutation import Mutation

ROOT = "template.yaml"
API = "stacks/api/template.yaml"
DATA = "stacks/data/template.yaml"
FUNCTIONS = "stacks/functions/template.yaml"
SECURITY = "stacks/security/template.yaml"

MUTATIONS = [
    Mutation(
        "SG201",
        "a key without its colon",
        DATA,
        "      BillingMode: PAY_PER_REQUEST",
        "      BillingMode",
        "AttributeDefinitions:",
    ),
    Mutation(
        "SG201",
        "a bracket that is not closed",
        DATA,
        "Queues: [!Ref FulfilmentQueue, !Ref FulfilmentQueueDeadLetters]",
        "Queues: [!Ref FulfilmentQueue, !Ref FulfilmentQueueDeadLetters",
        "PolicyDocument:",
    ),
    Mutation(
        "SG201",
        "a property that is written twice",
        DATA,
        "      BillingMode: PAY_PER_REQUEST\n",
        "      BillingMode: PAY_PER_REQUEST\n      BillingMode: PROVISIONED\n",
        "BillingMode: PROVISIONED",
    ),
    Mutation(
        "SG202",
        "a reference to nothing",
        DATA,
        "Topics: [!Ref AnnouncementsTopic]",
        "Topics: [!Ref AnouncementsTopic]",
        "AnouncementsTopic",
    ),
    Mutation(
        "SG202",
        "an output that the child does not have",
        ROOT,
        "!GetAtt Data.Outputs.OrdersTableStreamArn",
        "!GetAtt Data.Outputs.OrderTableStreamArn",
        "OrderTableStreamArn",
    ),
    Mutation(
        "SG202",
        "a parameter that the child needs is not passed",
        ROOT,
        "        KmsKeyArn: !GetAtt Security.Outputs.KmsKeyArn\n      Tags: *tags\n",
        "      Tags: *tags\n",
        "Parameters:",
    ),
    Mutation(
        "SG202",
        "stacks that wait for each other",
        ROOT,
        "    Type: AWS::Serverless::Application\n    Properties:\n      Location: stacks/security/template.yaml\n",
        "    Type: AWS::Serverless::Application\n    DependsOn: Monitoring\n    Properties:\n"
        "      Location: stacks/security/template.yaml\n",
        "DependsOn: Monitoring",
    ),
    Mutation(
        "SG202",
        "a child that is not there",
        ROOT,
        "stacks/data/template.yaml",
        "stacks/date/template.yaml",
        "Location:",
    ),
    Mutation(
        "SG202",
        "a condition that is not there",
        FUNCTIONS,
        "Condition: HandlesEvents",
        "Condition: HandleEvents",
        "Condition: HandleEvents",
    ),
    Mutation(
        "SG203",
        "a required property is missing",
        DATA,
        '      KeySchema: [{"AttributeName": "id", "KeyType": "HASH"}]\n',
        "",
        "Properties:",
    ),
    Mutation(
        "SG202",
        "a mapping that does not exist",
        FUNCTIONS,
        'ORDERS_TABLE: !Sub "${Environment}-orders-orders"',
        "ORDERS_TABLE: !FindInMap [Tables, orders, name]",
        "!FindInMap",
    ),
    Mutation("SG203", "a property that does not exist", DATA, "BillingMode:", "BilingMode:", "BilingMode"),
    Mutation(
        "SG203",
        "a value that is not allowed",
        DATA,
        "BillingMode: PAY_PER_REQUEST",
        "BillingMode: PAY_PER_USE",
        "BillingMode: PAY_PER_USE",
    ),
    Mutation(
        "SG204", "shifts between no versions", FUNCTIONS, "    AutoPublishAlias: live\n", "", "DeploymentPreference:"
    ),
    Mutation("SG204", "an API without stage name", API, "      StageName: !Ref Environment\n", "", "Api:"),
    Mutation(
        "SG205",
        "an unknown type",
        DATA,
        "Type: AWS::SNS::Topic\n",
        "Type: AWS::SNS::Topics\n",
        "Type: AWS::SNS::Topics",
    ),
    Mutation(
        "SG205",
        "a type that AWS has replaced",
        DATA,
        "  ShopEventBus:\n",
        "  Origin:\n    Type: AWS::CloudFront::CloudFrontOriginAccessIdentity\n    Properties:\n"
        "      CloudFrontOriginAccessIdentityConfig: { Comment: old }\n\n  ShopEventBus:\n",
        "Type: AWS::CloudFront::CloudFrontOriginAccessIdentity",
    ),
    Mutation(
        "SG205",
        "a property that AWS has deprecated",
        DATA,
        "  ShopEventBus:\n",
        "  BusPolicy:\n    Type: AWS::Events::EventBusPolicy\n    Properties:\n      EventBusName: !Ref ShopEventBus\n"
        '      StatementId: one\n      Action: events:PutEvents\n      Principal: "111122223333"\n\n  ShopEventBus:\n',
        "Action: events:PutEvents",
    ),
    Mutation(
        "SG206",
        "a description that is too long",
        DATA,
        "Data of orders - tables",
        "Data of orders - " + "very " * 220 + "many tables",
        "Description:",
    ),
    Mutation(
        "SG206",
        "variables that are too large",
        FUNCTIONS,
        '          POWERTOOLS_METRICS_FUNCTION_NAME: "place-order"\n',
        f'          POWERTOOLS_METRICS_FUNCTION_NAME: "place-order"\n          TEXT: "{"x" * 4_100}"\n',
        "Variables:",
    ),
    Mutation(
        "SG206",
        "variables that hardly fit",
        FUNCTIONS,
        '          POWERTOOLS_METRICS_FUNCTION_NAME: "place-order"\n',
        f'          POWERTOOLS_METRICS_FUNCTION_NAME: "place-order"\n          TEXT: "{"x" * 3_400}"\n',
        "Variables:",
    ),
]
