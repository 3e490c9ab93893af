"""What one stack exports another imports, in the same project and in the others of the same call."""

from __future__ import annotations

import textwrap
from pathlib import Path

from generator.checks.run import read_case
from generator.project import Neighbours
from generator.project.evaluate import UNKNOWN

EXPORTING = """
    Parameters: {Stage: {Type: String, Default: dev}}
    Resources:
      Key: {Type: AWS::KMS::Key}
      Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: !Sub "${Stage}-work"}}
    Outputs:
      Key: {Value: !GetAtt Key.Arn, Export: {Name: !Sub "${Stage}-key"}}
      Name: {Value: !Sub "${Stage}-work", Export: {Name: !Sub "${Stage}-name"}}
"""
IMPORTING = """
    Parameters: {Stage: {Type: String, Default: dev}}
    Resources:
      Topic:
        Type: AWS::SNS::Topic
        Properties:
          KmsMasterKeyId: !ImportValue {"Fn::Sub": "${Stage}-key"}
          DisplayName: {"Fn::ImportValue": !Sub "${Stage}-name"}
    Outputs:
      Again: {Value: {"Fn::ImportValue": !Sub "${Stage}-name"}, Export: {Name: again}}
"""
LAST = """
    Resources: {Last: {Type: AWS::SNS::Topic, Properties: {DisplayName: !ImportValue again}}}
"""
CONFIG = """
    [dev.deploy.parameters]
    region = "eu-west-1"
    parameter_overrides = "Stage=dev"
    [prod.deploy.parameters]
    region = "eu-west-1"
    parameter_overrides = "Stage=prod"
"""


def write(folder: Path, **files: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(textwrap.dedent(text), encoding="utf-8")
    return folder


def test_an_export_of_the_same_project_is_the_thing_itself(tmp_path: Path) -> None:
    write(tmp_path, a_importing__yaml=IMPORTING, b_exporting__yaml=EXPORTING, c__yaml=LAST.lstrip("\n"))
    case = read_case(tmp_path)
    (deployment,) = case.deployments
    first, last = deployment.of_type("AWS::SNS::Topic")
    assert deployment.find(first.get("KmsMasterKeyId")) is next(deployment.of_type("AWS::KMS::Key"))
    # What is imported may be exported again.
    assert (first.get("DisplayName"), last.get("DisplayName")) == ("dev-work", "dev-work")


def test_an_export_of_another_project_is_that_of_the_same_environment(tmp_path: Path) -> None:
    one = write(tmp_path / "one", template__yaml=IMPORTING, samconfig__toml=CONFIG)
    other = write(tmp_path / "other", template__yaml=EXPORTING, samconfig__toml=CONFIG)
    importing = read_case(one, neighbours=Neighbours([one, other]))
    names = [topic.get("DisplayName") for _, topic in importing.of_type("AWS::SNS::Topic")]
    assert names == ["dev-work", "prod-work"]
    for deployment, topic in importing.of_type("AWS::SNS::Topic"):
        # It is known, and nothing of this project, though both stacks are made of a template.yaml.
        assert topic.get("KmsMasterKeyId").endswith("template.yaml#Key.Arn>")
        assert deployment.find(topic.get("KmsMasterKeyId")) is None


def test_what_nobody_exports_is_unknown(tmp_path: Path) -> None:
    elsewhere = CONFIG.replace("eu-west-1", "us-east-1")
    one = write(tmp_path / "one", template__yaml=IMPORTING, samconfig__toml=CONFIG)
    other = write(tmp_path / "other", template__yaml=EXPORTING, samconfig__toml=elsewhere)
    importing = read_case(one, neighbours=Neighbours([one, other]))
    for case in (importing, read_case(one)):
        assert all(topic.get("DisplayName") is UNKNOWN for _, topic in case.of_type("AWS::SNS::Topic"))


def test_stacks_that_import_each_other_end(tmp_path: Path) -> None:
    one = """
        Resources: {Topic: {Type: AWS::SNS::Topic}}
        Outputs: {A: {Value: !Sub ["x${B}", {B: !ImportValue b}], Export: {Name: a}}}
    """
    two = one.replace("!ImportValue b", "!ImportValue a").replace("Name: a}", "Name: b}")
    write(tmp_path, a__yaml=one, b__yaml=two)
    assert len(read_case(tmp_path).deployments) == 1
