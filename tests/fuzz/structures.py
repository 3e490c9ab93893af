"""Changes to a template that a person or a bad merge might make: any part replaced, removed, doubled, renamed."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import yaml

from generator.project.document import Document, DocumentError

GOOD = Path(__file__).parents[1] / "checks" / "good_parts"
ORDERS = """
Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]
Parameters:
  Stage: {Type: String, AllowedValues: [dev, prod], Default: dev}
  Names: {Type: CommaDelimitedList, Default: "a,b"}
Mappings: {Sizes: {dev: {Memory: 128}, prod: {Memory: 512}}}
Conditions: {IsProd: !Equals [!Ref Stage, prod], Other: !Not [Condition: IsProd]}
Globals: {Function: {Runtime: python3.13, Timeout: 10, Environment: {Variables: {STAGE: !Ref Stage}}}}
Resources:
  Keys:
    Type: AWS::Serverless::Application
    Properties: {Location: ./keys.yaml, Parameters: {Stage: !Ref Stage}}
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: !Ref Stage
      DefinitionBody: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: api.yaml}}}
  Handler:
    Type: AWS::Serverless::Function
    Condition: IsProd
    Properties:
      FunctionName: !Sub "${Stage}-handler"
      InlineCode: x
      Handler: index.handler
      MemorySize: !FindInMap [Sizes, !Ref Stage, Memory]
      KmsKeyArn: !ImportValue orders-key
      AutoPublishAlias: live
      DeploymentPreference: {Type: Canary10Percent5Minutes, Alarms: [!Ref Alarm]}
      Policies: [Statement: [{Effect: Allow, Action: "s3:*", Resource: "*"}]]
      Events:
        Get: {Type: Api, Properties: {Path: /orders, Method: get, RestApiId: !Ref Api, Auth: {Authorizer: AWS_IAM}}}
        Poll: {Type: SQS, Properties: {Queue: !GetAtt Queue.Arn, BatchSize: 5}}
  Queue:
    Type: AWS::SQS::Queue
    DependsOn: [Keys]
    Properties: {VisibilityTimeout: 60, RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 3}}
  Dead: {Type: AWS::SQS::Queue, DeletionPolicy: Retain}
  Fn::ForEach::Topics: [Name, !Ref Names, {"Topic${Name}": {Type: AWS::SNS::Topic, Properties: {TopicName: !Ref Name}}}]
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Metadata: {samgen: {suppress: [{id: SG501, reason: It is looked at by hand.}]}}
    Properties:
      MetricName: Errors
      Namespace: AWS/Lambda
      Dimensions: [{Name: FunctionName, Value: !Ref Handler}]
      Statistic: Sum
      Period: 60
      EvaluationPeriods: 1
      Threshold: 1
      ComparisonOperator: GreaterThanThreshold
Outputs: {QueueArn: {Value: !GetAtt Queue.Arn, Export: {Name: !Sub "${Stage}-queue"}}}
"""
API = """
openapi: 3.0.1
paths:
  /orders:
    get:
      x-amazon-apigateway-integration:
        {type: aws_proxy, httpMethod: POST, uri: !Sub "arn:aws:apigateway:x:lambda:path/${Handler.Arn}/invocations"}
"""
KEYS = """
Parameters: {Stage: {Type: String}}
Resources:
  Key: {Type: AWS::KMS::Key, Properties: {KeyPolicy: {Statement: [{Effect: Allow, Principal: "*", Action: "kms:*"}]}}}
Outputs: {KeyArn: {Value: !GetAtt Key.Arn}}
"""

# What no property expects everywhere: each type of YAML, intrinsics of wrong shape, texts that look like something.
ODD: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    10**30,
    1.5,
    float("inf"),
    float("nan"),
    "",
    " ",
    "x",
    "*",
    "${",
    "${}",
    "${A.B.C}",
    "<?>",
    "arn:aws:",
    "arn:aws:lambda:::function:",
    "{{resolve:ssm:x}}",
    "http://[",
    "\u202e\u0000\ud800".encode("utf-8", "replace").decode(),
    "AWS::Serverless::Function",
    "AWS::Serverless::Application",
    "AWS::CloudFormation::Stack",
    [],
    {},
    [None],
    [[]],
    [{}],
    {"": None},
    {1: 2},
    {True: [None]},
    {"Ref": None},
    {"Ref": "Handler"},
    {"Ref": "AWS::NoValue"},
    {"Fn::GetAtt": []},
    {"Fn::GetAtt": ["Queue", {"Ref": "Stage"}]},
    {"Fn::Sub": []},
    {"Fn::Sub": ["${A}", None]},
    {"Fn::If": ["IsProd", None, {"Ref": "AWS::NoValue"}]},
    {"Fn::If": []},
    {"Fn::Join": ["", None]},
    {"Fn::Select": [{"Ref": "Stage"}, None]},
    {"Fn::Split": ["", "x"]},
    {"Fn::FindInMap": [[], {}, None]},
    {"Fn::ImportValue": {}},
    {"Fn::Cidr": ["10.0.0.0/8", 10**9, "8"]},
    {"Fn::ToJsonString": {"a": {"Ref": "Queue"}}},
    {"Fn::Length": None},
    {"Fn::Equals": [[], {}]},
    {"Fn::And": None},
    {"Condition": "IsProd"},
    {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "template.yaml"}}},
    {"Fn::Transform": []},
    {"Fn::ForEach::X": ["A", ["a"], {"${A}": {}}]},
    {"Fn::ForEach::X": []},
)
NAMES: tuple[Any, ...] = ("", "x", "Type", "Properties", "Fn::Sub", "Fn::If", "Ref", "Fn::ForEach::Y", 0, True, 1.5)


def good_templates() -> list[Any]:
    """Templates that are fine, as data."""
    texts = [ORDERS, *(file.read_text(encoding="utf-8") for file in sorted(GOOD.iterdir()))]
    return [Document(text).data for text in texts]


def changed(data: Any, random: Random) -> Any:
    """A copy of `data` with one to three changes anywhere in it."""
    box = [copy.deepcopy(data)]
    for _ in range(random.randint(1, 3)):
        places = list(_parts(box))
        if not places:  # all of it has been removed
            return None
        holder, key = random.choice(places)
        random.choice((_replace, _replace, _delete, _double, _rename, _move))(box, holder, key, random)
    return box[0] if box else None


def as_yaml(data: Any) -> str:
    """The data as YAML; a value that occurs twice becomes an alias."""
    return str(yaml.dump(data, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper), sort_keys=False))


def mutated(text: bytes, random: Random) -> bytes:
    """A template as bytes with some changes; as it is where it cannot be read."""
    try:
        return as_yaml(changed(Document(text.decode("utf-8")).data, random)).encode()
    except (DocumentError, UnicodeError, yaml.YAMLError):
        return text


def _parts(holder: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in the data that has a value, as its holder and the key or index in it."""
    waiting = [holder]
    while waiting:
        holder = waiting.pop()
        for key in list(holder) if isinstance(holder, dict) else range(len(holder)):
            yield holder, key
            if isinstance(holder[key], (dict, list)):
                waiting.append(holder[key])


def _replace(_box: Any, holder: Any, key: Any, random: Random) -> None:
    holder[key] = copy.deepcopy(random.choice(ODD))


def _delete(_box: Any, holder: Any, key: Any, _random: Random) -> None:
    del holder[key]


def _double(_box: Any, holder: Any, key: Any, random: Random) -> None:
    if isinstance(holder, list):
        holder.insert(key, copy.deepcopy(holder[key]))
    else:
        holder[random.choice((*NAMES, f"{key}2"))] = copy.deepcopy(holder[key])


def _rename(_box: Any, holder: Any, key: Any, random: Random) -> None:
    if isinstance(holder, dict):
        holder[random.choice(NAMES)] = holder.pop(key)


def _move(box: Any, holder: Any, key: Any, random: Random) -> None:
    """Another part of the template takes the place of this one."""
    other, name = random.choice(list(_parts(box)))
    holder[key] = copy.deepcopy(other[name])
