"""Projects as graphs: what needs what as an environment deploys it, and what the stacks hand to each other."""

from __future__ import annotations

from pathlib import Path

import networkx as nx

from generator.project import deployments, load_project, read_samconfig
from generator.project.graph import Key, Use, reference_graph, resource_graph, shortest_cycle, stack_graph

ROOT = """\
Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage: {Type: String, Default: prod}
Conditions:
  Prod: !Equals [!Ref Stage, prod]
Resources:
  Data:
    Type: AWS::Serverless::Application
    Properties: {Location: data.yaml, Parameters: {Stage: !Ref Stage}}
  Code:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: code.yaml
      Parameters:
        Table: !GetAtt Data.Outputs.TableArn
        Key: !Sub "${Data.Outputs.KeyArn}/${Stage}"
        Fixed: a
  Topic: {Type: AWS::SNS::Topic, DependsOn: [Code]}
  Other: {Type: AWS::SNS::Topic}
  Policy:
    Type: AWS::SNS::TopicPolicy
    Properties:
      Topics: [!If [Prod, !Ref Topic, !Ref Other]]
  Elsewhere:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: "https://example.com/t.yaml"}
"""
DATA = """\
Parameters:
  Stage: {Type: String}
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties: {TableName: orders, Tags: [{Key: a, Value: jobs}]}
  Key: {Type: AWS::KMS::Key}
Outputs:
  TableArn: {Value: !GetAtt Table.Arn, Export: {Name: !Sub "${Stage}-table"}}
  KeyArn: {Value: !GetAtt Key.Arn}
"""
CODE = """\
Parameters:
  Table: {Type: String}
  Key: {Type: String}
  Fixed: {Type: String}
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties: {QueueName: jobs, KmsMasterKeyId: !Ref Key}
  Role:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyName: jobs
          PolicyDocument:
            Statement:
              - {Effect: Allow, Action: "dynamodb:GetItem", Resource: !Sub "arn:aws:dynamodb:x:1:table/orders"}
              - {Effect: Allow, Action: "dynamodb:Query", Resource: !Sub "${Table}/index/*"}
              - {Effect: Allow, Action: "sqs:SendMessage", Resource: !GetAtt Queue.Arn}
              - {Effect: Allow, Action: "dynamodb:Scan", Resource: !ImportValue prod-table}
              - {Effect: Allow, Action: "dynamodb:Scan", Resource: !ImportValue other-table}
"""


def write(folder: Path) -> Path:
    for name, text in (("template.yaml", ROOT), ("data.yaml", DATA), ("code.yaml", CODE)):
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def deployed(folder: Path) -> nx.MultiDiGraph[Key]:
    project = load_project(write(folder))
    (deployment,) = deployments(project, read_samconfig(project.root))
    return resource_graph(deployment)


def uses(graph: nx.MultiDiGraph[Key], start: Key, end: Key) -> list[tuple[str, str]]:
    found: list[Use] = [data["use"] for _, target, data in graph.out_edges(start, data=True) if target == end]
    return sorted((use.kind, use.attribute) for use in found)


def test_resources_know_what_they_are_and_where(tmp_path: Path) -> None:
    nodes = deployed(tmp_path).nodes

    assert nodes["data.yaml", "Table"]["type"] == "AWS::DynamoDB::Table"
    assert nodes["data.yaml", "Table"]["place"] == ("data.yaml", 4, 3)
    assert nodes["template.yaml", "Data"]["nests"] == "data.yaml"
    assert nodes["template.yaml", "Topic"]["nests"] is None
    assert len(nodes) == 10


def test_references_within_a_stack(tmp_path: Path) -> None:
    graph = deployed(tmp_path)

    assert uses(graph, ("template.yaml", "Topic"), ("template.yaml", "Code")) == [("DependsOn", "")]
    assert uses(graph, ("code.yaml", "Role"), ("code.yaml", "Queue")) == [("GetAtt", "Arn")]
    assert uses(graph, ("template.yaml", "Code"), ("template.yaml", "Data")) == [
        ("GetAtt", "Outputs.TableArn"),
        ("Sub", "Outputs.KeyArn"),
    ]


def test_a_branch_that_is_not_taken_is_no_reference(tmp_path: Path) -> None:
    graph = deployed(tmp_path)

    assert uses(graph, ("template.yaml", "Policy"), ("template.yaml", "Topic")) == [("Ref", "")]
    assert uses(graph, ("template.yaml", "Policy"), ("template.yaml", "Other")) == []


def test_values_arns_and_imports_across_stacks(tmp_path: Path) -> None:
    graph = deployed(tmp_path)

    assert uses(graph, ("code.yaml", "Role"), ("data.yaml", "Table")) == [
        ("arn", ""),
        ("import", "prod-table"),
        ("value", "Arn"),
    ]
    assert uses(graph, ("code.yaml", "Queue"), ("data.yaml", "Key")) == [("value", "Arn")]


def test_what_happens_to_be_called_the_same_is_no_reference(tmp_path: Path) -> None:
    graph = deployed(tmp_path)

    assert uses(graph, ("data.yaml", "Table"), ("code.yaml", "Queue")) == []  # a tag
    assert not graph.has_edge(("code.yaml", "Queue"), ("code.yaml", "Queue"))  # its own name


def test_stacks_and_what_they_hand_over(tmp_path: Path) -> None:
    graph = stack_graph(load_project(write(tmp_path)))

    assert dict(graph.nodes["https://example.com/t.yaml"]) == {"resources": None, "state": "elsewhere"}
    assert dict(graph.nodes["data.yaml"]) == {"resources": 2, "state": "here"}
    assert graph.edges["template.yaml", "data.yaml"] == {"nests": ["Data"], "passes": [("Stage", "Stage")]}
    assert graph.edges["data.yaml", "code.yaml"] == {
        "nests": [],
        "passes": [("TableArn", "Table"), ("KeyArn", "Key")],
    }
    assert graph.edges["template.yaml", "code.yaml"]["passes"] == [("Stage", "Key"), ("", "Fixed")]


def test_the_shortest_way_back() -> None:
    graph: nx.DiGraph[str] = nx.DiGraph([("a", "b"), ("b", "c"), ("c", "a"), ("b", "a"), ("d", "d"), ("a", "e")])

    assert shortest_cycle(graph, "a") == ["a", "b"]
    assert shortest_cycle(graph, "c") == ["c", "a", "b"]
    assert shortest_cycle(graph, "d") == ["d"]
    assert shortest_cycle(graph, "e") == []


def test_references_of_odd_resources() -> None:
    odd = {"A": {"Properties": {"Ref": "B"}}, "B": {"DependsOn": ["A", 1]}, "C": {"Properties": [{"Fn::Sub": [1]}]}}
    graph = reference_graph(odd)

    assert sorted(graph.edges) == [("A", "B"), ("B", "A")]


def test_odd_templates_make_a_graph(tmp_path: Path) -> None:
    odd = "Resources:\n  A: {Type: [], Properties: [!Ref A], DependsOn: {B: 1}}\n  B: {Type: AWS::SQS::Queue}\n"
    odd += "  C: {Type: AWS::SQS::Queue, Properties: {X: !If [[], !Ref A, !Ref B], Y: !ImportValue [!Ref B]}}\n"
    (tmp_path / "template.yaml").write_text(odd + "Outputs: {O: {Value: 1, Export: 3}, P: [1]}\n", encoding="utf-8")
    project = load_project(tmp_path)

    graphs = [resource_graph(deployment) for deployment in deployments(project, read_samconfig(project.root))]

    assert [len(graph) for graph in graphs] == [3]
