"""What is wrong in a part that AWS::Include takes from another file is told at that file's line, by every rule."""

from __future__ import annotations

from pathlib import Path

import pytest
from written_projects import findings, lines

TEMPLATE = """
    AWSTemplateFormatVersion: "2010-09-09"
    Transform: AWS::Serverless-2016-10-31
    Parameters:
      Environment: {Type: String, AllowedValues: [dev, prod], Default: dev}
    Mappings:
      Fn::Transform: {Name: AWS::Include, Parameters: {Location: parts/mappings.yaml}}
    Conditions:
      IsProd: !Equals [!Ref Environment, prod]
    Resources:
      Fn::Transform: {Name: AWS::Include, Parameters: {Location: parts/resources.yaml}}
    Outputs:
      Fn::Transform: {Name: AWS::Include, Parameters: {Location: parts/outputs.yaml}}
"""
MAPPINGS = """
    Sizes:
      dev: {Memory: 128}
      prod: {Memory: 256}
      staging: {Memory: 256}
"""
RESOURCES = """
    Function:
      Type: AWS::Serverless::Function
      Properties:
        Handler: app.handler
        Runtime: python3.14
        CodeUri: src
        MemorySize: !FindInMap [Sizes, !Ref Environment, Memory]
        AutoPublishAlias: live
        Environment:
          Variables:
            API_PASSWORD: hunter2-Zk4vT9qLw8
            TABLE: prod-orders-table
            TOPIC: arn:aws:sns:eu-west-1:210987654321:orders
        Policies:
          - AdministratorAccess
    Url:
      Type: AWS::Lambda::Url
      Properties: {AuthType: NONE, TargetFunctionArn: !Ref Function}
    Old:
      Type: AWS::Elasticsearch::Domain
"""
OUTPUTS = """
    Nobody:
      Value: !Ref Environment
    Exported:
      Value: !Ref Function
      Export: {Name: orders-function}
"""
FILES = {
    "template.yaml": TEMPLATE,
    "parts/mappings.yaml": MAPPINGS,
    "parts/resources.yaml": RESOURCES,
    "parts/outputs.yaml": OUTPUTS,
}


@pytest.mark.parametrize(
    ("rule", "place"),
    [
        ("SG101", ("parts/resources.yaml", 14)),
        ("SG106", ("parts/resources.yaml", 11)),
        ("SG205", ("parts/resources.yaml", 20)),
        ("SG301", ("parts/resources.yaml", 12)),
        ("SG305", ("parts/mappings.yaml", 4)),
        ("SG701", ("parts/resources.yaml", 8)),
        ("SG901", ("parts/resources.yaml", 13)),
        ("SG902", ("parts/resources.yaml", 13)),
        ("SG904", ("parts/resources.yaml", 13)),
    ],
)
def test_a_rule_names_the_line_of_the_included_file(tmp_path: Path, rule: str, place: tuple[str, int]) -> None:
    assert place in lines(findings(tmp_path, rule, FILES))
