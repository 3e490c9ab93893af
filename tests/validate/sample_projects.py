"""Small projects for the tests of validation: one that is sound, and ways to break it."""

from __future__ import annotations

from pathlib import Path

ROOT = """\
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Parameters:
  Environment: {Type: String, Default: dev}
Resources:
  Queues:
    Type: AWS::Serverless::Application
    Properties:
      Location: stacks/queues.yaml
      Parameters:
        Environment: !Ref Environment
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      Runtime: python3.13
      CodeUri: src/
      Environment:
        Variables:
          QUEUE: !GetAtt Queues.Outputs.Name
  Other:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      Runtime: python3.13
      CodeUri: src/
      Environment:
        Variables:
          HELLO: !Ref Hello
"""
QUEUES = """\
AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Environment: {Type: String}
Resources:
  Queue:
    Type: AWS::SQS::Queue
    DeletionPolicy: Delete
    UpdateReplacePolicy: Delete
    Properties:
      QueueName: !Sub ${Environment}-queue
Outputs:
  Name: {Value: !GetAtt Queue.QueueName}
"""

# What is replaced in ROOT, by what, and the rules and lines that are to be found in the result.
BROKEN: dict[str, tuple[str, str, set[tuple[str, int]]]] = {
    "syntax error": ("Parameters:\n", "Parameters: [\n", {("yaml", 5)}),
    "duplicate key": ("  Other:\n", "  Hello:\n", {("yaml", 21)}),
    "unknown reference": ("HELLO: !Ref Hello", "HELLO: !Ref Nothing", {("E1020", 29), ("E3030", 29), ("E3031", 29)}),
    "translator": ("      Runtime: python3.13\n", "", {("sam", 15), ("W2533", 16)}),
    "bad value": ("CodeUri: src/", "CodeUri: src/\n      Timeout: 9000", {("E3034", 18), ("E3717", 18)}),
    "hidden cycle": ("QUEUE: !GetAtt Queues.Outputs.Name", "OTHER: !Ref Other", {("E3004", 12), ("E3004", 21)}),
    "hidden dependency": ("Other:\n    Type", "Other:\n    DependsOn: Nothing\n    Type", {("E3005", 22)}),
    "policy of another type": ("Other:\n    Type", "Other:\n    UpdatePolicy: {UseOnlineResharding: true}\n    Type",
        {("E3016", 22)}),
    "missing child": ("stacks/queues.yaml", "stacks/none.yaml", {("link-file", 9)}),
    "nested parameter": ("  Environment: !Ref", "  Enviroment: !Ref",
        {("link-parameter", 11), ("link-parameter", 10), ("E3043", 11), ("E3043", 10)}),
    "missing output": ("Outputs.Name", "Outputs.Arn", {("link-output", 20)}),
    "stack cycle": ("Environment: !Ref Environment", "Environment: !Ref Hello", {("link-cycle", 11)}),
    "self-including": ("stacks/queues.yaml", "template.yaml", {("link-cycle", 9), ("link-output", 20)}),
}  # fmt: skip


def sound(folder: Path) -> Path:
    """Write the sound project into a folder and return it."""
    (folder / "stacks").mkdir(parents=True)
    (folder / "template.yaml").write_text(ROOT)
    (folder / "stacks" / "queues.yaml").write_text(QUEUES)
    return folder


def broken(folder: Path, how: str) -> Path:
    """Write the project broken in one of the ways of BROKEN into a folder and return it."""
    old, new, _ = BROKEN[how]
    assert old in ROOT
    sound(folder)
    (folder / "template.yaml").write_text(ROOT.replace(old, new, 1))
    return folder
