"""A project as its environments deploy it: parameters passed, stacks linked, resources found by what names them."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from generator.project import Deployment, deployments, load_project, read_samconfig

ROOT = """
    Parameters:
      Stage: { Type: String, AllowedValues: [dev, prod] }
    Conditions:
      IsProd: !Equals [!Ref Stage, prod]
    Resources:
      Keys:
        Type: AWS::CloudFormation::Stack
        Properties: { TemplateURL: keys.yaml, Parameters: { Stage: !Ref Stage } }
      Work:
        Type: AWS::CloudFormation::Stack
        Properties:
          TemplateURL: work.yaml
          Parameters: { Key: !GetAtt Keys.Outputs.KeyArn, Names: "a,b" }
      OnlyProd:
        Type: AWS::SNS::Topic
        Condition: IsProd
"""
KEYS = """
    Parameters: { Stage: { Type: String } }
    Resources:
      Key: { Type: AWS::KMS::Key }
      Queue:
        Type: AWS::SQS::Queue
        Properties: { QueueName: !Sub "${Stage}-work" }
    Outputs:
      KeyArn: { Value: !GetAtt Key.Arn }
"""
WORK = """
    Transform: AWS::Serverless-2016-10-31
    Parameters: { Key: { Type: String }, Names: { Type: CommaDelimitedList } }
    Resources:
      Handler:
        Type: AWS::Serverless::Function
        Properties:
          FunctionName: handler
          InlineCode: x
          Handler: index.handler
          Runtime: python3.13
          KmsKeyArn: !Ref Key
          AutoPublishAlias: live
          Tags: { Names: !Select [1, !Ref Names] }
"""
CONFIG = """
    version = 0.1
    [dev.global.parameters]
    region = "eu-west-1"
    [dev.account.parameters]
    id = "111122223333"
    [dev.deploy.parameters]
    parameter_overrides = ["Stage=dev"]
    [prod.deploy.parameters]
    region = "us-gov-west-1"
    parameter_overrides = "Stage=prod Other=\\"a b\\""
"""


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(dedent(text))
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path, template__yaml=ROOT, keys__yaml=KEYS, work__yaml=WORK)


def deployed(folder: Path) -> list[Deployment]:
    return deployments(load_project(folder), read_samconfig(folder))


def test_an_environment_s_parameters_reach_every_stack(folder: Path) -> None:
    dev, prod = deployed(write(folder, samconfig__toml=CONFIG))
    assert [(d.environment.name, d.region, d.account) for d in (dev, prod)] == [
        ("dev", "eu-west-1", "111122223333"),
        ("prod", "us-gov-west-1", "<account>"),
    ]
    assert [q.name for d in (dev, prod) for q in d.of_type("AWS::SQS::Queue")] == ["dev-work", "prod-work"]
    assert [stack.name for stack in dev.stacks] == ["template.yaml", "keys.yaml", "work.yaml"]
    assert [len(list(d.of_type("AWS::SNS::Topic"))) for d in (dev, prod)] == [0, 1]


def test_an_output_is_the_same_thing_where_it_arrives(folder: Path) -> None:
    (dev, _) = deployed(write(folder, samconfig__toml=CONFIG))
    (function,) = dev.of_type("AWS::Lambda::Function")
    key = dev.find(function.get("KmsKeyArn"), "AWS::KMS::Key")
    assert key is not None
    assert (key.stack.name, key.logical_id) == ("keys.yaml", "Key")
    assert {"Key": "Names", "Value": "b"} in function.get("Tags")


@pytest.mark.parametrize(
    "reference",
    [
        "handler",
        "arn:aws:lambda:eu-west-1:111122223333:function:handler",
        "arn:aws:lambda:eu-west-1:111122223333:function:handler:live",
    ],
)
def test_a_function_is_found_by_name_and_arn(folder: Path, reference: str) -> None:
    (dev, _) = deployed(write(folder, samconfig__toml=CONFIG))
    found = dev.function(reference)
    assert found is not None
    assert found.owner == "Handler"
    alias = next(dev.of_type("AWS::Lambda::Alias"))
    assert alias.owner == "Handler"
    assert dev.function(alias.symbol) is found


@pytest.mark.parametrize(
    "reference",
    [
        "dev-work",
        "arn:aws:sqs:eu-west-1:111122223333:dev-work",
        "https://sqs.eu-west-1.amazonaws.com/111122223333/dev-work",
    ],
)
def test_a_queue_is_found_by_name_arn_and_url(folder: Path, reference: str) -> None:
    (dev, _) = deployed(write(folder, samconfig__toml=CONFIG))
    found = dev.find(reference, "AWS::SQS::Queue")
    assert found is not None
    assert found.place("QueueName") == ("keys.yaml", 7, 19)
    assert dev.find(reference + "-2", "AWS::SQS::Queue") is None


def test_without_samconfig_each_allowed_value_is_tried(folder: Path) -> None:
    found = deployed(folder)
    assert [d.environment.parameters for d in found] == [{}, {"Stage": "dev"}, {"Stage": "prod"}]
    assert [next(d.of_type("AWS::SQS::Queue")).name for d in found] == [None, "dev-work", "prod-work"]
    # Whether the topic exists is not known in the first: then it does.
    assert [len(list(d.of_type("AWS::SNS::Topic"))) for d in found] == [1, 0, 1]


def test_stacks_that_wait_for_each_other_end(tmp_path: Path) -> None:
    root = """
        Resources:
          A:
            Type: AWS::CloudFormation::Stack
            Properties: { TemplateURL: c.yaml, Parameters: { P: !GetAtt B.Outputs.O } }
          B:
            Type: AWS::CloudFormation::Stack
            Properties: { TemplateURL: c.yaml, Parameters: { P: !GetAtt A.Outputs.O } }
    """
    child = """
        Parameters: { P: { Type: String } }
        Resources: { Topic: { Type: AWS::SNS::Topic, Properties: { TopicName: !Ref P } } }
        Outputs: { O: { Value: !Ref P } }
    """
    (found,) = deployed(write(tmp_path, template__yaml=root, c__yaml=child))
    assert len({stack.name for stack in found.stacks}) == 3
    assert [topic.name for topic in found.of_type("AWS::SNS::Topic")] == [None, None]


def test_what_is_no_template_has_no_resources(tmp_path: Path) -> None:
    (found,) = deployed(write(tmp_path, template__yaml="Resources: [1, {Type: x}]"))
    assert list(found.resources()) == []


@pytest.mark.parametrize(
    "text",
    [
        "[",
        "a = 1",
        "[dev]\ndeploy = 3",
        '[dev.deploy]\nparameters = "x"',
        "[dev.deploy.parameters]\nparameter_overrides = 5",
    ],
)
def test_an_odd_samconfig_is_no_accident(folder: Path, text: str) -> None:
    (folder / "samconfig.toml").write_text(text)
    config = read_samconfig(folder)
    assert all(finding.file == "samconfig.toml" for finding in config.findings)
    assert deployments(load_project(folder), config)
