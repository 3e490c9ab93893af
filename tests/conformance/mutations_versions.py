"""What can be broken in versions, deployments and the way back."""

from __future__ import annotations

from mutation import Mutation

FUNCTIONS = "stacks/functions/template.yaml"
DATA = "stacks/data/template.yaml"
SAMCONFIG = "samconfig.toml"

_ALARMS = """        Alarms:
          - !Ref PlaceOrderDeploymentAlarm
"""
_PREFERENCE = """      DeploymentPreference:
        Type: !Ref DeploymentPreference
        Role: !Ref CodeDeployRoleArn
        Alarms:
          - !Ref PlaceOrderDeploymentAlarm
        Hooks: { PreTraffic: !Ref PreTrafficFunction }
"""
_PRODUCTION = "DeploymentPreference=Canary10Percent5Minutes"

MUTATIONS = [
    Mutation(
        "SG701",
        "a release does not change what versions are published for",
        FUNCTIONS,
        "AutoPublishCodeSha256: !Ref ReleaseId",
        "AutoPublishCodeSha256: first",
        "AutoPublishCodeSha256: first",
    ),
    Mutation(
        "SG701",
        "versions are published for changes of code alone",
        FUNCTIONS,
        "      AutoPublishCodeSha256: !Ref ReleaseId\n",
        "",
        "AutoPublishAlias: live",
    ),
    Mutation(
        "SG701",
        "the root does not pass the release on",
        "template.yaml",
        "        ReleaseId: !Ref ReleaseId\n",
        "",
        "AutoPublishCodeSha256: !Ref ReleaseId",
        where=FUNCTIONS,
    ),
    Mutation(
        "SG701",
        "a queue is read past the alias",
        FUNCTIONS,
        "FunctionName: !Ref FulfilFunction.Alias",
        "FunctionName: !GetAtt FulfilFunction.Arn",
        "FunctionName: !GetAtt FulfilFunction.Arn",
    ),
    Mutation(
        "SG701",
        "a schedule calls past the alias",
        FUNCTIONS,
        "Arn: !Ref ReportFunction.Alias",
        "Arn: !GetAtt ReportFunction.Arn",
        "Arn: !GetAtt ReportFunction.Arn",
    ),
    Mutation("SG702", "a function without strategy", FUNCTIONS, _PREFERENCE, "", "PlaceOrderFunction:"),
    Mutation(
        "SG702",
        "a strategy that is switched off",
        FUNCTIONS,
        _PREFERENCE,
        "      DeploymentPreference: { Enabled: false }\n",
        "DeploymentPreference: { Enabled: false }",
    ),
    Mutation("SG703", "a shift without alarms", FUNCTIONS, _ALARMS, "", "DeploymentPreference:"),
    Mutation(
        "SG703",
        "all traffic at once in production",
        SAMCONFIG,
        _PRODUCTION,
        "DeploymentPreference=AllAtOnce",
        "Type: !Ref DeploymentPreference",
        where=FUNCTIONS,
    ),
    Mutation(
        "SG704", "an environment without stack name", SAMCONFIG, 'stack_name = "prod-orders"\n', "", "[prod.deploy"
    ),
    Mutation(
        "SG704",
        "a capability is missing",
        SAMCONFIG,
        '["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]',
        '["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]',
        "capabilities =",
    ),
    Mutation(
        "SG704",
        "no bucket for artifacts",
        SAMCONFIG,
        's3_bucket = "sam-artifacts-210987654321-us-west-2"\n',
        "",
        "[prod.deploy",
    ),
    Mutation("SG705", "nothing stops a deployment", FUNCTIONS, _ALARMS, "", "DeploymentPreference:"),
    Mutation(
        "SG705",
        "a table that goes with its stack",
        DATA,
        "    DeletionPolicy: RetainExceptOnCreate\n",
        "    DeletionPolicy: Delete\n",
        "DeletionPolicy: Delete",
    ),
    Mutation(
        "SG705",
        "a bucket that is not kept when it is replaced",
        DATA,
        "AWS::S3::Bucket\n    DeletionPolicy: RetainExceptOnCreate\n    UpdateReplacePolicy: Retain\n",
        "AWS::S3::Bucket\n    DeletionPolicy: RetainExceptOnCreate\n",
        "InvoicesBucket:",
    ),
    Mutation(
        "SG705",
        "an alarm that watches another function",
        FUNCTIONS,
        '{ Name: FunctionName, Value: !Sub "${Environment}-orders-place-order" }',
        '{ Name: FunctionName, Value: !Sub "${Environment}-orders-report" }',
        "Dimensions:",
    ),
    Mutation(
        "SG705",
        "nobody protects the stack of production",
        "scripts/deploy.py",
        '"update-termination-protection", "--enable-termination-protection",',
        '"describe-stacks",',
        "[prod.deploy",
        where=SAMCONFIG,
    ),
    Mutation(
        "SG705",
        "failed deployments are left as they are",
        SAMCONFIG,
        'disable_rollback = false\nrole_arn = "arn:aws:iam::210987654321',
        'disable_rollback = true\nrole_arn = "arn:aws:iam::210987654321',
        "disable_rollback = true",
    ),
]
