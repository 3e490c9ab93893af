"""What a function may use, and what happens to what fails, taken away or set to what does not fit."""

from __future__ import annotations

from mutation import Mutation

from generator.spec.runtimes import newest

FUNCTIONS = "stacks/functions/template.yaml"
DATA = "stacks/data/template.yaml"

NODEJS = 'Runtime: "nodejs24.x"'
# What a project gets by default is the newest at the time.
PYTHON = f'Runtime: "{newest("python")}"'
REPORT_QUEUE = """\
      DeadLetterQueue:
        Type: SQS
        TargetArn: !GetAtt ReportDeadLetterQueue.Arn
"""
REDRIVE = """\
      RedrivePolicy:
        deadLetterTargetArn: !GetAtt FulfilmentQueueDeadLetters.Arn
        maxReceiveCount: 5
"""
BOUNDS = """\
      MaximumRetryAttempts: 3
      MaximumRecordAgeInSeconds: 3600
"""
STREAM_DESTINATION = """\
      DestinationConfig:
        OnFailure: { Destination: !GetAtt InvoiceDeadLetterQueue.Arn }
"""
STREAM_WHOLE = """\
      FunctionResponseTypes: [ReportBatchItemFailures]
      # A record that fails holds up all after it: the batch is halved around it, tried again, and given up.
      BisectBatchOnFunctionError: true
"""
SUBSCRIPTION_REDRIVE = """\
      RedrivePolicy:
        deadLetterTargetArn: !GetAtt NotifyDeadLetterQueue.Arn
"""
SCHEDULE_QUEUE = """\
        DeadLetterConfig:
          Arn: !GetAtt ReportDeadLetterQueue.Arn
"""
RULE_QUEUE = "          DeadLetterConfig: { Arn: !GetAtt NotifyDeadLetterQueue.Arn }\n"

MUTATIONS = [
    Mutation(
        "SG501",
        "a function's memory is no value",
        FUNCTIONS,
        "MemorySize: 256",
        "MemorySize: !Ref AWS::NoValue",
        "  PlaceOrderFunction:",
    ),
    Mutation(
        "SG501",
        "the minimal project's function loses its memory",
        FUNCTIONS,
        "      MemorySize: 256\n",
        "",
        "  HelloFunction:",
        example="minimal",
    ),
    Mutation(
        "SG502", "a function takes longer than its API waits", FUNCTIONS, "Timeout: 10", "Timeout: 60", "Timeout: 60"
    ),
    Mutation(
        "SG502",
        "a function takes longer than its queue waits",
        FUNCTIONS,
        "Timeout: 30",
        "Timeout: 90",
        "VisibilityTimeout: 180",
        DATA,
    ),
    Mutation(
        "SG502", "a queue waits as long as queues do", DATA, "      VisibilityTimeout: 180\n", "", "  FulfilmentQueue:"
    ),
    Mutation(
        "SG502",
        "the hook before traffic loses its timeout",
        FUNCTIONS,
        "      Timeout: 60\n",
        "",
        "  PreTrafficFunction:",
        example="minimal",
    ),
    Mutation(
        "SG503",
        "a function runs on a deprecated Python",
        FUNCTIONS,
        PYTHON,
        'Runtime: "python3.9"',
        'Runtime: "python3.9"',
    ),
    Mutation(
        "SG503",
        "a function runs on an older Node.js",
        FUNCTIONS,
        NODEJS,
        'Runtime: "nodejs22.x"',
        'Runtime: "nodejs22.x"',
    ),
    Mutation(
        "SG503",
        "the minimal project's function runs on an older Python",
        FUNCTIONS,
        PYTHON,
        'Runtime: "python3.13"',
        'Runtime: "python3.13"',
        example="minimal",
    ),
    Mutation(
        "SG504",
        "a function may take all there is",
        FUNCTIONS,
        "      ReservedConcurrentExecutions: 10\n",
        "",
        "  PlaceOrderFunction:",
    ),
    Mutation(
        "SG504",
        "functions reserve more than an account has",
        FUNCTIONS,
        "ReservedConcurrentExecutions: 10",
        "ReservedConcurrentExecutions: 900",
        "ReservedConcurrentExecutions: 900",
    ),
    Mutation(
        "SG504",
        "a queue invokes more than the function may run",
        FUNCTIONS,
        "MaximumConcurrency: 10",
        "MaximumConcurrency: 50",
        "MaximumConcurrency: 50",
    ),
    Mutation(
        "SG504",
        "a queue invokes without a limit",
        FUNCTIONS,
        "      ScalingConfig: { MaximumConcurrency: 10 }\n",
        "",
        "  FulfilQueue1:",
    ),
    Mutation("SG505", "a schedule's function loses events", FUNCTIONS, REPORT_QUEUE, "", "  ReportFunction:"),
    Mutation("SG505", "a queue hands out a message for ever", DATA, REDRIVE, "", "  FulfilmentQueue:"),
    Mutation("SG505", "a stream is stuck", FUNCTIONS, BOUNDS, "", "  InvoiceStream1:"),
    Mutation("SG505", "a stream loses records", FUNCTIONS, STREAM_DESTINATION, "", "  InvoiceStream1:"),
    Mutation("SG505", "a stream tries whole batches again", FUNCTIONS, STREAM_WHOLE, "", "  InvoiceStream1:"),
    Mutation(
        "SG505",
        "a queue tries whole batches again",
        FUNCTIONS,
        "      FunctionResponseTypes: [ReportBatchItemFailures]\n",
        "",
        "  FulfilQueue1:",
    ),
    Mutation("SG505", "a topic loses messages", FUNCTIONS, SUBSCRIPTION_REDRIVE, "", "  NotifyTopic1:"),
    Mutation("SG505", "a schedule loses invocations", FUNCTIONS, SCHEDULE_QUEUE, "", "Target:"),
    Mutation("SG505", "a rule loses events", FUNCTIONS, RULE_QUEUE, "", "- Id: function"),
    Mutation(
        "SG506",
        "SnapStart for a runtime without it",
        FUNCTIONS,
        '      Runtime: "nodejs24.x"\n',
        '      Runtime: "nodejs24.x"\n      SnapStart: { ApplyOn: PublishedVersions }\n',
        "SnapStart",
    ),
    Mutation(
        "SG506",
        "a function's architecture is left to Lambda",
        FUNCTIONS,
        "      Architectures: [arm64]\n",
        "",
        "  PlaceOrderFunction:",
    ),
    Mutation(
        "SG506",
        "the minimal project's architecture is left to Lambda",
        FUNCTIONS,
        "      Architectures: [arm64]\n",
        "",
        "  HelloFunction:",
        example="minimal",
    ),
]
