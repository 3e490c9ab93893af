"""What a template takes from files beside it is a part of it, and is told of where it stands."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from generator.checks import load_rules
from generator.checks.run import read_case, run_rules
from generator.findings import Finding
from generator.project import load_project
from generator.project.evaluate import is_known
from generator.validate import validate_project

SAM = "Transform: AWS::Serverless-2016-10-31"
API = """
    openapi: 3.0.1
    info: {title: orders, version: "1"}
    paths:
      /orders:
        get:
          x-amazon-apigateway-integration: {type: mock}
"""
INLINE = """
    Transform: AWS::Serverless-2016-10-31
    Resources:
      Api:
        Type: AWS::Serverless::Api
        Properties:
          StageName: dev
          DefinitionBody:
            Fn::Transform: {Name: AWS::Include, Parameters: {Location: spec/api.yaml}}
"""
SHORT = INLINE.replace("Fn::Transform: {", "!Transform {")
BY_URI = """
    Transform: AWS::Serverless-2016-10-31
    Resources:
      Api:
        Type: AWS::Serverless::Api
        Properties: {StageName: dev, DefinitionUri: spec/api.yaml}
"""
BY_S3 = "Resources: {Api: {Type: AWS::ApiGateway::RestApi, Properties: {BodyS3Location: spec/api.yaml}}}"
HTTP = "Resources: {Api: {Type: AWS::ApiGatewayV2::Api, Properties: {BodyS3Location: spec/api.yaml}}}"


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(dedent(text), encoding="utf-8")
    return folder


def found(folder: Path, *rules: str) -> list[Finding]:
    return run_rules(read_case(folder), {rule: load_rules()[rule] for rule in rules})


@pytest.mark.parametrize("template", [INLINE, SHORT, BY_URI, BY_S3, HTTP])
def test_an_open_route_in_a_file_is_found_in_that_file(tmp_path: Path, template: str) -> None:
    write(tmp_path, {"template.yaml": template, "spec/api.yaml": API})
    (finding,) = found(tmp_path, "SG104")
    assert (finding.file, finding.line) == ("spec/api.yaml", 6)


@pytest.mark.parametrize("template", [INLINE, BY_URI])
def test_a_secured_route_in_a_file_is_fine(tmp_path: Path, template: str) -> None:
    secured = API + (
        "      security: [{sigv4: []}]\n"
        "    components: {securitySchemes: {sigv4: {type: apiKey, name: Authorization, in: header,\n"
        "      x-amazon-apigateway-authtype: awsSigv4}}}\n"
    ).replace("      security", "          security")
    write(tmp_path, {"template.yaml": template, "spec/api.yaml": secured})
    assert found(tmp_path, "SG104") == []


def test_rules_about_operations_see_a_document_in_a_file(tmp_path: Path) -> None:
    places = []
    for template in (INLINE, BY_URI):
        write(tmp_path, {"template.yaml": template, "spec/api.yaml": API})
        places.append({(f.rule, f.file, f.line) for f in found(tmp_path, "SG601", "SG602", "SG603", "SG606")})
    assert places[0] == places[1] != set()
    assert {file for _, file, _ in places[0]} <= {"spec/api.yaml", "template.yaml"}
    assert "spec/api.yaml" in {file for _, file, _ in places[0]}


def test_a_snippet_is_merged_where_it_stands(tmp_path: Path) -> None:
    template = """
        Resources:
          Queue:
            Type: AWS::SQS::Queue
            Properties:
              QueueName: mine
              Fn::Transform: {Name: AWS::Include, Parameters: {Location: more.yaml}}
    """
    write(tmp_path, {"template.yaml": template, "more.yaml": "QueueName: theirs\nDelaySeconds: !Ref Delay\n"})
    (read,) = load_project(tmp_path).templates
    assert read.resources["Queue"]["Properties"] == {"QueueName": "mine", "DelaySeconds": {"Ref": "Delay"}}
    properties = ("Resources", "Queue", "Properties")
    assert read.place(*properties, "DelaySeconds") == ("more.yaml", 2, 1)
    assert read.place(*properties, "QueueName") == ("template.yaml", 6, 7)
    assert read.line_of(*properties, "DelaySeconds") == (5, 5)


@pytest.mark.parametrize("many", [False, True])
def test_sections_are_merged_at_the_top(tmp_path: Path, many: bool) -> None:
    include = "{Name: AWS::Include, Parameters: {Location: common.yaml}}"
    transform = f"[AWS::Serverless-2016-10-31, {include}]" if many else include
    template = f"Transform: {transform}\nResources: {{Topic: {{Type: AWS::SNS::Topic}}}}\n"
    common = "Resources:\n  Queue: {Type: AWS::SQS::Queue}\nOutputs: {Arn: {Value: !GetAtt Queue.Arn}}\n"
    write(tmp_path, {"template.yaml": template, "common.yaml": common})
    project = load_project(tmp_path)
    (read,) = project.templates
    assert list(read.resources) == ["Topic", "Queue"]
    assert read.place("Resources", "Queue") == ("common.yaml", 2, 3)
    assert read.place("Outputs", "Arn") == ("common.yaml", 3, 11)
    assert read.data.get("Transform") == (["AWS::Serverless-2016-10-31"] if many else None)
    ((_, queue),) = read_case(tmp_path).of_type("AWS::SQS::Queue")
    assert queue.place() == ("common.yaml", 2, 3)


@pytest.mark.parametrize(
    ("content", "rule", "file"),
    [
        (None, "link-file", "template.yaml"),
        ("a: [", "yaml", "spec/api.yaml"),
        ("- a", "yaml", "spec/api.yaml"),
        ("a: 1\na: 2\n", "yaml", "spec/api.yaml"),
    ],
)
def test_a_file_that_cannot_be_used_is_a_finding(tmp_path: Path, content: str | None, rule: str, file: str) -> None:
    write(tmp_path, {"template.yaml": INLINE, **({} if content is None else {"spec/api.yaml": content})})
    assert [(f.rule, f.file) for f in load_project(tmp_path).findings] == [(rule, file)]


def test_a_document_that_cannot_be_read_is_a_finding(tmp_path: Path) -> None:
    write(tmp_path, {"template.yaml": BY_URI, "spec/api.yaml": "a: ["})
    assert [(f.rule, f.file) for f in load_project(tmp_path).findings] == [("yaml", "spec/api.yaml")]


def test_the_tools_judge_what_is_included(tmp_path: Path) -> None:
    template = """
        Resources:
          Queue:
            Type: AWS::SQS::Queue
            Properties:
              Fn::Transform: {Name: AWS::Include, Parameters: {Location: more.yaml}}
    """
    write(tmp_path, {"template.yaml": template, "more.yaml": "DelaySeconds: 10\nNonsense: 1\n"})
    findings = validate_project(tmp_path, jobs=1).findings
    assert [(f.file, f.line, f.rule) for f in findings] == [("more.yaml", 2, "E3002")]


@pytest.mark.parametrize(
    "template",
    [
        INLINE.replace("spec/api.yaml", "s3://bucket/api.yaml"),
        INLINE.replace("spec/api.yaml", "!Ref Where").replace(
            "    Resources:", "    Parameters: {Where: {Type: String}}\n    Resources:"
        ),
        INLINE.replace("AWS::Include", "OurMacro"),
    ],
)
def test_what_only_aws_can_read_is_unknown_and_no_finding(tmp_path: Path, template: str) -> None:
    write(tmp_path, {"template.yaml": template})
    assert load_project(tmp_path).findings == []
    (_, api) = next(read_case(tmp_path).of_type("AWS::ApiGateway::RestApi"))
    assert not is_known(api.get("Body"))
    assert found(tmp_path, "SG104", "SG601", "SG602", "SG603") == []
    assert validate_project(tmp_path, jobs=1).findings == ()


def test_a_property_that_a_snippet_in_s3_may_set_is_unknown(tmp_path: Path) -> None:
    template = """
        Resources:
          Queue:
            Type: AWS::SQS::Queue
            Properties:
              DelaySeconds: 5
              Fn::Transform: {Name: AWS::Include, Parameters: {Location: "s3://bucket/more.yaml"}}
    """
    ((_, queue),) = read_case(write(tmp_path, {"template.yaml": template})).of_type("AWS::SQS::Queue")
    assert queue.get("DelaySeconds") == 5
    assert not is_known(queue.get("KmsMasterKeyId"))
    assert not is_known(queue.get("RedrivePolicy", "maxReceiveCount"))


def test_a_file_included_again_and_again_is_bounded(tmp_path: Path) -> None:
    large = "".join(f"K{number}: [{'1, ' * 100}]\n" for number in range(300))
    include = "{Fn::Transform: {Name: AWS::Include, Parameters: {Location: large.yaml}}}"
    template = "Resources:\n" + "".join(f"  R{n}: {{Type: T, Properties: {include}}}\n" for n in range(100))
    write(tmp_path, {"template.yaml": template, "large.yaml": large})
    findings = load_project(tmp_path).findings
    assert {finding.rule for finding in findings} == {"link-file"}
    assert "more than 250,000 values" in findings[0].message
