"""Traces, logs, AWS Config and alarms, taken away or turned to what is not there."""

from __future__ import annotations

from mutation import Mutation

ROOT = "template.yaml"
CONFIG = "samconfig.toml"
FUNCTIONS = "stacks/functions/template.yaml"
SECURITY = "stacks/security/template.yaml"
MONITORING = "stacks/monitoring/template.yaml"
DATA = "stacks/data/template.yaml"
API = "stacks/api/template.yaml"
BOOTSTRAP = "bootstrap/template.yaml"

TRACING = [
    Mutation(
        "SG401",
        "functions leave tracing to others",
        FUNCTIONS,
        "Tracing: Active",
        "Tracing: PassThrough",
        "Tracing: Pass",
    ),
    Mutation("SG401", "functions do not trace", FUNCTIONS, "    Tracing: Active\n", "", "  PlaceOrderFunction:"),
    Mutation(
        "SG401", "the stage does not trace", API, "TracingEnabled: true", "TracingEnabled: false", "TracingEnabled"
    ),
    Mutation("SG401", "the stage says nothing of traces", API, "      TracingEnabled: true\n", "", "  Api:"),
    Mutation(
        "SG401",
        "a role may not send traces",
        SECURITY,
        "Action: [xray:PutTraceSegments, xray:PutTelemetryRecords]",
        "Action: [xray:GetSamplingRules]",
        "  PreTrafficRole:",
    ),
    Mutation(
        "SG401",
        "the minimal project's stage does not trace",
        API,
        "TracingEnabled: true",
        "TracingEnabled: no",
        "TracingEnabled",
        example="minimal",
    ),
]

LOGS = [
    Mutation(
        "SG402",
        "a log group has another name than its function",
        FUNCTIONS,
        '"/aws/lambda/${Environment}-orders-place-order"',
        '"/aws/lambda/${Environment}-orders-placeorder"',
        "-orders-placeorder",
    ),
    Mutation(
        "SG402",
        "a function's logs are kept for ever",
        FUNCTIONS,
        "      RetentionInDays: !Ref LogRetentionDays\n",
        "",
        "  PlaceOrderLogGroup:",
    ),
    Mutation(
        "SG402",
        "access logs are kept for ever",
        API,
        "      RetentionInDays: !Ref LogRetentionDays\n",
        "",
        "  AccessLogGroup:",
    ),
    Mutation(
        "SG402",
        "a function logs to a group that is nowhere",
        FUNCTIONS,
        "LogGroup: !Ref PlaceOrderLogGroup",
        'LogGroup: !Sub "/${Environment}/orders/place-order"',
        "LogGroup: !Sub",
    ),
    Mutation(
        "SG402",
        "two functions share a log group",
        FUNCTIONS,
        "LogGroup: !Ref ReportLogGroup",
        "LogGroup: !Ref PlaceOrderLogGroup",
        "LogGroup: !Ref PlaceOrderLogGroup",
    ),
    Mutation(
        "SG402",
        "the minimal project's function has no log group",
        FUNCTIONS,
        "  HelloLogGroup:\n    Type: AWS::Logs::LogGroup\n",
        "  HelloLogGroup:\n    Type: AWS::Logs::LogStream\n",
        "LogGroup: !Ref HelloLogGroup",
        example="minimal",
    ),
]

RECORDER_PARAMETER = 'Description: Whether AWS Config is turned on here; "false" where the region has a recorder\n'

CONFIG_RULES = [
    Mutation(
        "SG403",
        "an environment has no rules of AWS Config",
        CONFIG,
        "ConfigRules=true",
        "ConfigRules=false",
        "  PlaceOrderFunction:",
        FUNCTIONS,
    ),
    Mutation(
        "SG403",
        "the recorder records buckets alone",
        BOOTSTRAP,
        "ResourceTypes: !Ref ConfigResourceTypes",
        "ResourceTypes: [AWS::S3::Bucket]",
        "ResourceTypes: [AWS::S3::Bucket]",
    ),
    Mutation(
        "SG403",
        "the recorder is told to record buckets",
        BOOTSTRAP,
        "    Default: AWS::Lambda::Function\n",
        "    Default: AWS::S3::Bucket\n",
        "ResourceTypes: !Ref ConfigResourceTypes",
    ),
    Mutation(
        "SG403",
        "nothing makes a recorder",
        BOOTSTRAP,
        f'{RECORDER_PARAMETER}    Default: "true"',
        f'{RECORDER_PARAMETER}    Default: "false"',
        "  PublicAccessRule:",
        MONITORING,
    ),
    Mutation(
        "SG403",
        "a condition never holds",
        MONITORING,
        'HasConfigRules: !Equals [!Ref ConfigRules, "true"]',
        'HasConfigRules: !Equals [!Ref ConfigRules, "yes"]',
        "  HelloFunction:",
        FUNCTIONS,
        example="minimal",
    ),
]

ALARMS = [
    Mutation(
        "SG404", "a metric is misspelt", MONITORING, "MetricName: IteratorAge", "MetricName: IteratorAges", "Ages"
    ),
    Mutation(
        "SG404",
        "nobody sees a stream falling behind",
        MONITORING,
        "MetricName: IteratorAge",
        "MetricName: Invocations",
        "  InvoiceFunction:",
        FUNCTIONS,
    ),
    Mutation(
        "SG404",
        "a metric that schedules do not emit",
        MONITORING,
        "MetricName: InvocationDroppedCount",
        "MetricName: FailedInvocations",
        "MetricName: FailedInvocations",
    ),
    Mutation("SG404", "a namespace is misspelt", MONITORING, "AWS/WAFV2", "AWS/WAFv2", "Namespace: AWS/WAFv2"),
    Mutation(
        "SG404",
        "an alarm watches a queue that is nowhere",
        MONITORING,
        'Value: !Sub "${Environment}-orders-fulfilment-queue-dlq"',
        'Value: !Sub "${Environment}-orders-fulfilment-dlq"',
        "-orders-fulfilment-dlq",
    ),
    Mutation(
        "SG404",
        "nobody sees dead letters",
        MONITORING,
        'Value: !Sub "${Environment}-orders-fulfilment-queue-dlq"',
        'Value: !Sub "${Environment}-orders-fulfilment"',
        "  FulfilmentQueueDeadLetters:",
        DATA,
    ),
    Mutation(
        "SG404",
        "an alarm does nothing",
        MONITORING,
        '      AlarmName: !Sub "${Environment}-orders-api-4xx"\n',
        '      AlarmName: !Sub "${Environment}-orders-api-4xx"\n      ActionsEnabled: false\n',
        "ActionsEnabled: false",
    ),
    Mutation(
        "SG404",
        "an alarm watches another stage",
        MONITORING,
        '{ Name: Stage, Value: !Sub "${Environment}" }',
        "{ Name: Stage, Value: live }",
        "{ Name: Stage, Value: live }",
    ),
    Mutation(
        "SG404",
        "an alarm goes off after the timeout",
        MONITORING,
        "Threshold: 48000",
        "Threshold: 61000",
        "Threshold: 61000",
    ),
    Mutation(
        "SG404",
        "alarms get the API's id for its name",
        ROOT,
        "ApiName: !GetAtt Api.Outputs.ApiName",
        "ApiName: !GetAtt Api.Outputs.ApiId",
        "Name: ApiName, Value",
        MONITORING,
    ),
    Mutation(
        "SG404",
        "a deployment watches another function",
        FUNCTIONS,
        'Name: Resource, Value: !Sub "${Environment}-orders-place-order:live"',
        'Name: Resource, Value: !Sub "${Environment}-orders-report:live"',
        "-orders-report:live",
    ),
    Mutation(
        "SG404",
        "nobody sees a function fail",
        MONITORING,
        'Name: FunctionName, Value: !Sub "${Environment}-orders-pre-traffic"',
        'Name: FunctionName, Value: !Sub "${Environment}-orders-place-order"',
        "  PreTrafficFunction:",
        FUNCTIONS,
    ),
    Mutation(
        "SG404",
        "an alarm has an HTTP API's metric",
        MONITORING,
        "MetricName: 5XXError",
        "MetricName: 5xx",
        "MetricName: 5xx",
    ),
    Mutation(
        "SG404",
        "alarms do not reach their topic",
        MONITORING,
        "      KmsMasterKeyId: !Ref KmsKeyArn\n",
        "      KmsMasterKeyId: alias/aws/sns\n",
        "KmsMasterKeyId: alias/aws/sns",
    ),
    Mutation(
        "SG404",
        "nobody sees the minimal project's API fail",
        MONITORING,
        "MetricName: 5XXError",
        "MetricName: Count",
        "  Api:",
        API,
        example="minimal",
    ),
    Mutation(
        "SG404",
        "a dimension has another name",
        MONITORING,
        "{ Name: FunctionName,",
        "{ Name: Function,",
        "Dimensions:",
        example="minimal",
    ),
]

LEVELS = [
    Mutation(
        "SG405",
        "Lambda tells everything",
        FUNCTIONS,
        "SystemLogLevel: WARN",
        "SystemLogLevel: INFO",
        "SystemLogLevel: INFO",
    ),
    Mutation(
        "SG405", "the stage tells everything", API, "LoggingLevel: ERROR", "LoggingLevel: INFO", "LoggingLevel: INFO"
    ),
    Mutation("SG405", "the stage tells nothing", API, "LoggingLevel: ERROR", 'LoggingLevel: "OFF"', "LoggingLevel:"),
    Mutation(
        "SG405",
        "the stage logs bodies",
        API,
        "DataTraceEnabled: false",
        "DataTraceEnabled: true",
        "DataTraceEnabled: true",
    ),
    Mutation(
        "SG405",
        "an environment debugs",
        CONFIG,
        "LogLevel=WARN",
        "LogLevel=DEBUG",
        "ApplicationLogLevel: !Ref LogLevel",
        FUNCTIONS,
    ),
    Mutation(
        "SG405",
        "production tells everything",
        CONFIG,
        "LogLevel=ERROR",
        "LogLevel=INFO",
        "ApplicationLogLevel: !Ref LogLevel",
        FUNCTIONS,
    ),
    Mutation(
        "SG405",
        "a function's level is the default",
        FUNCTIONS,
        "        ApplicationLogLevel: !Ref LogLevel\n",
        "",
        "LoggingConfig:",
    ),
    Mutation("SG405", "a function logs text", FUNCTIONS, "LogFormat: JSON", "LogFormat: Text", "LogFormat: Text"),
    Mutation(
        "SG405",
        "a variable turns a function's logs up",
        FUNCTIONS,
        '        SERVICE: "orders"\n',
        '        SERVICE: "orders"\n        POWERTOOLS_LOG_LEVEL: DEBUG\n',
        "POWERTOOLS_LOG_LEVEL: DEBUG",
    ),
    Mutation(
        "SG405",
        "the minimal project's stage has no settings",
        API,
        "      MethodSettings:\n        - ResourcePath: /*\n",
        "      MethodSettings:\n        - ResourcePath: /health\n",
        "MethodSettings:",
        example="minimal",
    ),
]

MUTATIONS = [*TRACING, *LOGS, *CONFIG_RULES, *ALARMS, *LEVELS]
