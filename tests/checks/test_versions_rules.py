"""SG701 to SG705 on templates in other styles than samgen's: each good one has nothing, each change is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.checks import load_rules
from generator.checks.run import read_case, run_rules
from generator.findings import Finding

PLAIN = """AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Release: { Type: String }
  RoleArn: { Type: String }
Resources:
  Function:
    Type: AWS::Lambda::Function
    Properties:
      PackageType: Image
      Code: { ImageUri: "111122223333.dkr.ecr.eu-west-1.amazonaws.com/orders:1" }
      Role: !Ref RoleArn
  Version:
    Type: AWS::Lambda::Version
    Properties: { FunctionName: !Ref Function, Description: !Ref Release }
  Alias:
    Type: AWS::Lambda::Alias
    Properties: { FunctionName: !Ref Function, FunctionVersion: !GetAtt Version.Version, Name: live }
    UpdatePolicy:
      CodeDeployLambdaAliasUpdate: { ApplicationName: !Ref Application, DeploymentGroupName: !Ref Group }
  Application:
    Type: AWS::CodeDeploy::Application
    Properties: { ComputePlatform: Lambda }
  Group:
    Type: AWS::CodeDeploy::DeploymentGroup
    Properties:
      ApplicationName: !Ref Application
      ServiceRoleArn: !Ref RoleArn
      DeploymentConfigName: CodeDeployDefault.LambdaLinear10PercentEvery1Minute
      AlarmConfiguration: { Enabled: true, Alarms: [{ Name: !Ref Alarm }] }
      AutoRollbackConfiguration: { Enabled: true, Events: [DEPLOYMENT_FAILURE, DEPLOYMENT_STOP_ON_ALARM] }
      DeploymentStyle: { DeploymentType: BLUE_GREEN, DeploymentOption: WITH_TRAFFIC_CONTROL }
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/Lambda
      MetricName: Errors
      Dimensions: [{ Name: FunctionName, Value: !Ref Function }]
      Statistic: Sum
      Period: 60
      EvaluationPeriods: 1
      Threshold: 1
      ComparisonOperator: GreaterThanOrEqualToThreshold
  Url:
    Type: AWS::Lambda::Url
    DependsOn: Alias
    Properties: { TargetFunctionArn: !Ref Function, Qualifier: live, AuthType: AWS_IAM }
  Rule:
    Type: AWS::Events::Rule
    Properties: { ScheduleExpression: rate(1 hour), Targets: [{ Id: function, Arn: !Ref Alias }] }
  Table:
    Type: AWS::DynamoDB::Table
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{ AttributeName: id, AttributeType: S }]
      KeySchema: [{ AttributeName: id, KeyType: HASH }]
"""
SAM = """AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage: { Type: String, Default: dev }
Conditions:
  IsProduction: !Equals [!Ref Stage, prod]
Globals:
  Function: { Runtime: python3.13, Handler: app.handler, AutoPublishAlias: live, AutoPublishAliasAllProperties: true }
Resources:
  Function:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      DeploymentPreference:
        Type: !If [IsProduction, Canary10Percent5Minutes, AllAtOnce]
        Alarms: [!Ref Alarm]
      VpcConfig: { SubnetIds: [subnet-11111111], SecurityGroupIds: [sg-11111111] }
      Events: { Nightly: { Type: ScheduleV2, Properties: { ScheduleExpression: rate(1 day) } } }
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/Lambda
      MetricName: Errors
      Statistic: Sum
      Period: 60
      EvaluationPeriods: 1
      Threshold: 1
      ComparisonOperator: GreaterThanOrEqualToThreshold
"""
SAMCONFIG = """version = 0.1
[dev.deploy.parameters]
stack_name = "dev-orders"
resolve_s3 = true
capabilities = "CAPABILITY_IAM"
parameter_overrides = "Stage=dev"
[prod.global.parameters]
stack_name = "prod-orders"
[prod.deploy.parameters]
resolve_s3 = true
capabilities = "CAPABILITY_IAM"
parameter_overrides = "Stage=prod"
"""
BAD = [
    ("SG701", "plain", PLAIN[PLAIN.index("  Alias:\n") : PLAIN.index("  Application:\n")], "", "has no alias"),
    ("SG701", "plain", "FunctionVersion: !GetAtt Version.Version", "FunctionVersion: $LATEST", "an alias of $LATEST"),
    ("SG701", "plain", "Description: !Ref Release", "Description: release", "published once"),
    ("SG701", "plain", "Arn: !Ref Alias", "Arn: !GetAtt Function.Arn", "Rule goes past the alias"),
    ("SG701", "plain", ", Qualifier: live", "", "Url goes past the alias"),
    ("SG701", "sam", ", AutoPublishAliasAllProperties: true", "", "not when its configuration does"),
    ("SG701", "sam", "AutoPublishAliasAllProperties: true", "AutoPublishCodeSha256: one", "is always one"),
    (
        "SG702",
        "plain",
        PLAIN[PLAIN.index("    UpdatePolicy:") : PLAIN.index("  Application:\n")],
        "",
        "no deployment strat",
    ),
    (
        "SG702",
        "sam",
        "      DeploymentPreference:\n",
        "      DeploymentPreference:\n        Enabled: false\n",
        "in production",
    ),
    ("SG703", "plain", "LambdaLinear10PercentEvery1Minute", "LambdaAllAtOnce", "all traffic at once"),
    (
        "SG703",
        "plain",
        "AlarmConfiguration: { Enabled: true",
        "AlarmConfiguration: { Enabled: false",
        "without an alarm",
    ),
    ("SG703", "sam", "Canary10Percent5Minutes, AllAtOnce", "AllAtOnce, AllAtOnce", "all traffic at once in production"),
    ("SG703", "sam", "        Alarms: [!Ref Alarm]\n", "", "without an alarm"),
    ("SG704", "config", 'stack_name = "prod-orders"\n', "", "prod has no stack_name"),
    ("SG704", "config", "resolve_s3 = true\n", "", "no artifact bucket"),
    ("SG704", "config", 'capabilities = "CAPABILITY_IAM"\n', "", "lacks CAPABILITY_IAM"),
    ("SG704", "config", "version = 0.1", "version = = 0.1", "not TOML"),
    (
        "SG705",
        "plain",
        "Enabled: true, Events: [DEPLOYMENT_FAILURE",
        "Enabled: false, Events: [DEPLOYMENT_FAILURE",
        "stays",
    ),
    ("SG705", "plain", ", DEPLOYMENT_STOP_ON_ALARM", "", "stays where it is"),
    ("SG705", "plain", "Alarms: [{ Name: !Ref Alarm }]", "Alarms: []", "No alarm rolls a deployment"),
    ("SG705", "plain", "    DeletionPolicy: Retain\n", "", "when it is deleted"),
    ("SG705", "plain", "UpdateReplacePolicy: Retain", "UpdateReplacePolicy: Delete", "when it is replaced"),
    (
        "SG705",
        "config",
        "[prod.deploy.parameters]\n",
        "[prod.deploy.parameters]\ndisable_rollback = true\n",
        "half done",
    ),
]


def findings(folder: Path, style: str, old: str = "", new: str = "", *rules: str) -> list[Finding]:
    """What rules say of a style with a text replaced."""
    texts = {"plain": PLAIN, "sam": SAM, "config": SAMCONFIG}
    assert old in texts[style]
    texts[style] = texts[style].replace(old, new) if old else texts[style]
    (folder / "template.yaml").write_text(texts["plain" if style == "plain" else "sam"], encoding="utf-8")
    if style != "plain":
        (folder / "samconfig.toml").write_text(texts["config"], encoding="utf-8")
    chosen = {name: rule for name, rule in load_rules().items() if name.startswith(rules)}
    return run_rules(read_case(folder), chosen)


@pytest.mark.parametrize("style", ["plain", "sam"])
def test_good_releases_pass(tmp_path: Path, style: str) -> None:
    assert [finding.as_text() for finding in findings(tmp_path, style, "", "", "SG7")] == []


@pytest.mark.parametrize("sample", BAD, ids=lambda sample: f"{sample[0]}-{sample[4]}")
def test_bad_releases_are_found(tmp_path: Path, sample: tuple[str, str, str, str, str]) -> None:
    rule, style, old, new, says = sample

    messages = [finding.message for finding in findings(tmp_path, style, old, new, rule)]

    assert any(says in message for message in messages), messages


def test_a_sam_project_without_samconfig_is_found(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(SAM, encoding="utf-8")

    found = run_rules(read_case(tmp_path), {"SG704": load_rules()["SG704"]})

    assert [(finding.file, finding.line) for finding in found] == [("template.yaml", 1)]


def test_production_is_known_by_the_environments_name_or_a_parameter(tmp_path: Path) -> None:
    preference = SAM[SAM.index("      DeploymentPreference") : SAM.index("      VpcConfig")]

    def named(name: str) -> bool:
        (tmp_path / "samconfig.toml").write_text(SAMCONFIG.replace("prod.", f"{name}."), encoding="utf-8")
        (tmp_path / "template.yaml").write_text(SAM.replace(preference, ""), encoding="utf-8")
        return bool(run_rules(read_case(tmp_path), {"SG702": load_rules()["SG702"]}))

    assert [named(name) for name in ("prod", "eu-production", "live", "preprod", "staging")] == [
        True,
        True,
        True,
        False,
        False,
    ]
