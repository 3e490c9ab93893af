"""SG201 to SG206: what SAM, cfn-lint and the links say gets its id of the catalogue, once, and quotas are watched."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.checks import load_rules
from generator.checks.catalogue.validity import catalogue_id, deprecated_properties
from generator.checks.run import read_case, run_rules
from generator.findings import Finding, Severity
from generator.validate import validate_project

GOOD = """AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Description: Orders
Resources:
  Function:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: app.handler
      CodeUri: src/
      Environment:
        Variables: { TABLE: !Ref Table }
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{ Effect: Allow, Principal: { Service: lambda.amazonaws.com }, Action: sts:AssumeRole }]
  Table:
    Type: AWS::DynamoDB::Table
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{ AttributeName: id, AttributeType: S }]
      KeySchema: [{ AttributeName: id, KeyType: HASH }]
"""
JSON = """{
  "Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "orders"}}}
}
"""
# What is replaced, the id, what is said, and the line.
BAD = [
    ("SG201", "      BillingMode: PAY", "\tBillingMode: PAY", "YAML", 24),
    ("SG201", "Description: Orders", "Description: Orders\nDescription: Others", "twice", 4),
    ("SG202", "!Ref Table", "!Ref Tables", "Tables", 12),
    ("SG202", "!Ref Table", "!If [Nowhere, a, b]", "Nowhere", 12),
    ("SG202", "    DeletionPolicy: Retain\n", "    DeletionPolicy: Retain\n    DependsOn: Function\n", "Circular", 5),
    ("SG203", "      KeySchema: [{ AttributeName: id, KeyType: HASH }]\n", "", "KeySchema", 23),
    ("SG203", "BillingMode: PAY", "BilingMode: PAY", "BilingMode", 24),
    (
        "SG204",
        "      CodeUri: src/\n",
        "      CodeUri: src/\n      DeploymentPreference: { Type: AllAtOnce }\n",
        "",
        11,
    ),
    ("SG204", "      CodeUri: src/\n", "      CodeUri: src/\n      Events: { One: { Type: Sometimes } }\n", "One", 11),
    ("SG205", "Type: AWS::DynamoDB::Table", "Type: AWS::DynamoDB::Tables", "Tables", 20),
    ("SG205", "  Table:\n", "  Old: { Type: AWS::SDB::Domain }\n  Table:\n", "AWS::", 19),
]


def write(folder: Path, text: str, name: str = "template.yaml") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def findings(folder: Path, *rules: str) -> list[Finding]:
    """What rules say, with what the tools say before."""
    chosen = {name: rule for name, rule in load_rules().items() if name.startswith(rules)}
    return run_rules(read_case(folder, validate_project(folder, jobs=1).findings), chosen)


def test_good_templates_pass(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    write(tmp_path, JSON, "topic.json")

    assert [finding.as_text() for finding in findings(tmp_path, "SG2")] == []


@pytest.mark.parametrize("sample", BAD, ids=lambda sample: f"{sample[0]}-{sample[3]}-{sample[4]}")
def test_what_tools_find_has_its_id_and_line(tmp_path: Path, sample: tuple[str, str, str, str, int]) -> None:
    rule, old, new, says, line = sample
    assert old in GOOD

    found = [f for f in findings(write(tmp_path, GOOD.replace(old, new)), "SG2") if f.rule == rule]

    assert any(says in finding.message and finding.line == line for finding in found), found


def test_a_circle_is_said_once(tmp_path: Path) -> None:
    circle = GOOD.replace("    DeletionPolicy: Retain\n", "    DeletionPolicy: Retain\n    DependsOn: Function\n")

    assert len(findings(write(tmp_path, circle), "SG202")) == 1


def test_a_child_that_cannot_be_read_is_said_where_it_cannot(tmp_path: Path) -> None:
    root = "Resources:\n  Child:\n    Type: AWS::CloudFormation::Stack\n    Properties: { TemplateURL: child.yaml }\n"
    write(tmp_path, "Resources: [", "child.yaml")

    found = findings(write(tmp_path, root), "SG2")

    assert [(finding.rule, finding.file) for finding in found] == [("SG201", "child.yaml")]


def test_what_the_translator_refuses_is_not_said_again_by_the_schema(tmp_path: Path) -> None:
    api = "  Api:\n    Type: AWS::Serverless::Api\n    Properties: { Name: orders }\n"

    found = findings(write(tmp_path, GOOD.replace("  Table:\n", f"{api}  Table:\n")), "SG2")

    assert [finding.rule for finding in found] == ["SG204"]


@pytest.mark.parametrize(
    ("old", "new", "severity"),
    [
        ("Description: Orders", f"Description: {'x' * 1_025}", Severity.ERROR),
        ("Description: Orders", f"Description: {'x' * 820}", Severity.WARNING),
        ("Description: Orders", f"Description: {'x' * 819}", None),
        ("TABLE: !Ref Table", f"TEXT: {'x' * 4_093}", Severity.ERROR),
        ("TABLE: !Ref Table", f"TEXT: {'x' * 3_300}", Severity.WARNING),
        ("sts:AssumeRole }", f"sts:AssumeRole, Sid: {'x' * 2_000} }}", Severity.ERROR),
        ("  Table:\n", f"  {'x' * 256}: {{ Type: AWS::SNS::Topic }}\n  Table:\n", Severity.ERROR),
        (
            "  Table:\n",
            "".join(f"  T{n}: {{ Type: AWS::SNS::Topic }}\n" for n in range(410)) + "  Table:\n",
            Severity.WARNING,
        ),
    ],
    ids=str,
)
def test_quotas_are_watched(tmp_path: Path, old: str, new: str, severity: Severity | None) -> None:
    assert old in GOOD
    case = read_case(write(tmp_path, GOOD.replace(old, new)))

    found = run_rules(case, {"SG206": load_rules()["SG206"]})

    assert [finding.severity for finding in found] == ([severity] if severity else [])


def test_deprecated_properties_come_from_cfn_lints_schemas() -> None:
    assert "/Action" in deprecated_properties("AWS::Events::EventBusPolicy")
    assert deprecated_properties("AWS::SNS::Topic") == ()
    assert deprecated_properties("AWS::No::Thing") == ()


def test_a_deprecated_property_is_found_where_it_stands(tmp_path: Path) -> None:
    policy = (
        '  Policy: { Type: AWS::Events::EventBusPolicy, Properties: { StatementId: a, Principal: "111122223333" } }\n'
    )
    case = read_case(write(tmp_path, GOOD.replace("  Table:\n", f"{policy}  Table:\n")))

    found = run_rules(case, {"SG205": load_rules()["SG205"]})

    assert [(finding.line, "Principal" in finding.message) for finding in found] == [(19, True)]


def test_every_finding_of_a_tool_knows_its_place_in_the_catalogue() -> None:
    def identifier(rule: str, tool: str) -> str | None:
        return catalogue_id(Finding("template.yaml", 1, 1, rule, Severity.ERROR, "It is wrong.", "", tool))

    assert identifier("yaml", "sam validate") == "SG201"
    assert identifier("link-output", "links") == "SG202"
    assert identifier("E3012", "cfn-lint (expanded)") == "SG203"
    assert identifier("sam", "sam validate") == "SG204"
    assert identifier("E3006", "cfn-lint") == "SG205"
    assert identifier("W2001", "cfn-lint") == "SG003"
    assert identifier("W9999", "cfn-lint") is None
