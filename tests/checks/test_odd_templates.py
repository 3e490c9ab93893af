"""Templates in styles that few think of: what is right in them is not found; what is wrong is, and at its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.checks import load_rules
from generator.checks.catalogue.validity import catalogue_id
from generator.checks.run import read_case, run_rules
from generator.findings import Finding, Severity
from generator.project import expand, read_template
from generator.validate import validate_project

SAM = "Transform: AWS::Serverless-2016-10-31\n"
EXTENDED = "Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]\n"
FUNCTION = """\
  Function:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      InlineCode: "def handler(event, context): pass"
"""
LOOP = """\
Resources:
  Fn::ForEach::Services:
    - Name
    - !Ref Names
    - ${Name}Function:
        Type: AWS::Serverless::Function
        Properties:
          Runtime: python3.13
          Handler: index.handler
          InlineCode: "def handler(event, context): pass"
"""


NAMED = ["OrdersFunction", "UsersFunction"]


def project(folder: Path, text: str, **files: str) -> Path:
    (folder / "template.yaml").write_text(text, encoding="utf-8")
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    return folder


def judged(folder: Path, *rules: str) -> list[Finding]:
    """What rules say, knowing what the tools have said."""
    chosen = {name: rule for name, rule in load_rules().items() if name.startswith(rules)}
    return run_rules(read_case(folder, validate_project(folder, jobs=1).findings), chosen)


def said(folder: Path, *rules: str) -> list[str]:
    return [finding.as_text() for finding in judged(folder, *rules)]


def test_an_application_of_the_repository_is_nobodys_business(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def call(*_: object, **__: object) -> None:
        raise AssertionError("AWS is asked")

    monkeypatch.setattr("boto3.client", call)
    nested = """\
Resources:
  Application:
    Type: AWS::Serverless::Application
    Properties:
      Location:
        ApplicationId: arn:aws:serverlessrepo:us-east-1:111122223333:applications/clock
        SemanticVersion: 1.0.0
"""

    assert said(project(tmp_path, SAM + nested), "SG2") == []


def test_an_incomplete_application_is_found(tmp_path: Path) -> None:
    nested = """\
Resources:
  Application:
    Type: AWS::Serverless::Application
    Properties:
      Location: { ApplicationId: clock }
"""

    (found,) = judged(project(tmp_path, SAM + nested), "SG204")

    assert "SemanticVersion" in found.message


def test_loops_are_unrolled(tmp_path: Path) -> None:
    names = "Parameters:\n  Names: { Type: CommaDelimitedList, Default: 'Users,Orders' }\n"
    folder = project(tmp_path, EXTENDED + names + LOOP)

    assert said(folder, "SG2") == []
    assert sorted(finding.message.split()[0] for finding in judged(folder, "SG501")) == NAMED


@pytest.mark.parametrize(
    "collection", ["!Ref Names", "!FindInMap [Teams, !Ref Team, Services]"], ids=["parameter", "mapping"]
)
def test_a_loop_over_what_only_the_deployment_knows_is_not_refused(tmp_path: Path, collection: str) -> None:
    head = """\
Parameters:
  Names: { Type: CommaDelimitedList }
  Team: { Type: String }
Mappings:
  Teams:
    shop: { Services: [Users, Orders] }
"""
    assert said(project(tmp_path, EXTENDED + head + LOOP.replace("!Ref Names", collection)), "SG2") == []


def test_lookups_by_what_only_the_extensions_allow(tmp_path: Path) -> None:
    text = """\
Transform: AWS::LanguageExtensions
Mappings:
  Names:
    Queue: { Short: orders }
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !FindInMap [Names, !Select [0, !Split [".", "Queue.Short"]], Short]
"""
    assert said(project(tmp_path, text), "SG2") == []


def test_a_parameter_that_the_deployment_gives_is_no_mistake(tmp_path: Path) -> None:
    head = "Parameters:\n  Stage: { Type: String }\nResources:\n"
    folder = project(tmp_path, SAM + head + FUNCTION + "      AutoPublishAlias: !Ref Stage\n")

    assert said(folder, "SG204") == []
    # The command refuses it, and samgen validate gives the command's verdict.
    assert any(finding.rule == "sam" for finding in validate_project(folder, jobs=1).findings)


def test_what_sam_refuses_whatever_the_deployment_gives(tmp_path: Path) -> None:
    head = "Parameters:\n  Stage: { Type: String }\nResources:\n"
    wrong = FUNCTION + "      AutoPublishAlias: !Ref Stage\n      Events: { One: { Type: Sometimes } }\n"

    assert said(project(tmp_path, SAM + head + wrong), "SG204")


def test_a_child_that_a_dynamic_reference_names_is_not_missing(tmp_path: Path) -> None:
    text = """\
Resources:
  Child:
    Type: AWS::CloudFormation::Stack
    Properties: { TemplateURL: "{{resolve:ssm:/templates/child:1}}" }
"""
    assert said(project(tmp_path, text), "SG202") == []


def test_cfn_lints_own_breakdown_is_not_the_authors(tmp_path: Path) -> None:
    # There is no such runtime; a rule of cfn-lint breaks down when it looks for the day on which it ended.
    found = judged(project(tmp_path, SAM + "Resources:\n" + FUNCTION.replace("python3.13", "dotnet9")), "SG2")

    assert not any("raised while" in finding.message for finding in found)
    broken = Finding("template.yaml", 1, 1, "E1101", Severity.INFO, "A rule broke down.", "", "cfn-lint")
    assert catalogue_id(broken) is None


def test_one_key_at_the_wrong_place_is_one_mistake(tmp_path: Path) -> None:
    event = """\
      Events:
        Root:
          Type: HttpApi
          PayloadFormatVersion: "2.0"
          Properties: { Path: /, Method: GET }
"""
    found = judged(project(tmp_path, SAM + "Resources:\n" + FUNCTION + event), "SG2")

    assert [finding.line for finding in found] == [10, 12]
    assert "PayloadFormatVersion" in found[1].message


def test_attributes_of_types_that_only_sam_knows(tmp_path: Path) -> None:
    text = """\
Resources:
  Graph:
    Type: AWS::Serverless::GraphQLApi
    Properties:
      SchemaInline: "type Query { hello: String }"
      Auth: { Type: AWS_IAM }
Outputs:
  Address: { Value: !GetAtt Graph.GraphQLUrl }
"""
    assert said(project(tmp_path, SAM + text), "SG202") == []

    (found,) = judged(project(tmp_path, SAM + text.replace("GraphQLUrl }", "GraphQLUri }")), "SG202")
    assert found.line == 9


def test_actions_of_sams_own_policies_are_sams(tmp_path: Path) -> None:
    policy = "      Policies: [{ SQSPollerPolicy: { QueueName: !GetAtt Queue.QueueName } }]\n"
    own = "      Policies: [{ Statement: [{ Effect: Allow, Action: 'sqs:Pol', Resource: !GetAtt Queue.Arn }] }]\n"
    queue = "  Queue: { Type: AWS::SQS::Queue }\n"

    def unknown(text: str) -> list[str]:
        folder = project(tmp_path, SAM + "Resources:\n" + queue + FUNCTION + text)
        return [each.message for each in validate_project(folder, jobs=1).findings if each.rule == "W3037"]

    assert unknown(policy) == []
    assert any("'pol'" in message for message in unknown(own))


def test_sub_that_sam_resolves_was_needed(tmp_path: Path) -> None:
    text = """\
Parameters:
  Stage: { Type: String, Default: dev }
Resources:
  Layer:
    Type: AWS::Serverless::LayerVersion
    Properties:
      LayerName: !Sub "common-${Stage}"
      ContentUri: s3://code/layer.zip
"""
    found = validate_project(project(tmp_path, SAM + text), jobs=1).findings

    assert not any(finding.rule == "W1020" for finding in found)


def test_a_loop_may_stay_in_the_expansion(tmp_path: Path) -> None:
    template = project(tmp_path, EXTENDED + "Parameters:\n  Names: { Type: CommaDelimitedList }\n" + LOOP)

    assert expand(read_template(template / "template.yaml", template), "us-west-2").findings == ()


def test_what_a_lookup_is_asked_for_may_be_anything(tmp_path: Path) -> None:
    text = """\
Mappings: { Names: { Queue: { Short: orders } } }
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties: { QueueName: !FindInMap [Names, { Short: Queue }, [Short]] }
"""
    assert read_case(project(tmp_path, text)).deployments


def test_open_routes_in_a_document_beside_the_template(tmp_path: Path) -> None:
    text = """\
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties: { StageName: live, DefinitionUri: api.yaml }
"""
    document = """\
openapi: 3.0.1
info: { title: Orders, version: "1" }
paths:
  /orders:
    options: {}
    get: {}
    post: { security: [{ Pool: [] }] }
components: { securitySchemes: { Pool: { type: apiKey, name: Authorization, in: header } } }
"""
    folder = project(tmp_path, SAM + text)
    (folder / "api.yaml").write_text(document.replace("type: apiKey", "x-amazon-apigateway-authtype: cognito"))

    found = judged(folder, "SG104")

    assert [(finding.file, finding.line) for finding in found] == [("api.yaml", 6)]


def test_an_open_route_to_an_alias_is_found_at_its_event(tmp_path: Path) -> None:
    event = """\
      AutoPublishAlias: live
      Events:
        Get:
          Type: Api
          Properties: { Path: /, Method: get }
"""
    (found,) = judged(project(tmp_path, SAM + "Resources:\n" + FUNCTION + event), "SG104")

    assert found.line == 11


def test_of_many_names_the_nearest_are_said(tmp_path: Path) -> None:
    text = """\
Resources:
  Function:
    Type: AWS::Lambda::Function
    Properties: { Runtime: python3.113, Handler: a.b, Role: !Sub "${AWS::StackId}", Code: { ZipFile: "" } }
"""
    (found,) = [each for each in judged(project(tmp_path, text), "SG203") if "python3.113" in each.message]

    assert "'python3.13'" in found.message
    assert len(found.message) < 150


CONFIGURATION = """\
version: 0.1
prod:
  deploy:
    parameters:
      stack_name: prod-orders
      resolve_s3: true
      capabilities: [CAPABILITY_IAM]
      parameter_overrides: Stage=prod
"""


def test_sam_reads_its_configuration_from_yaml_as_well(tmp_path: Path) -> None:
    head = "Parameters:\n  Stage: { Type: String }\nResources:\n"
    folder = project(tmp_path, SAM + head + FUNCTION + "      FunctionName: !Sub '${Stage}-orders'\n")
    (folder / "samconfig.yaml").write_text(CONFIGURATION)

    found = judged(folder, "SG704", "SG901")
    (deployment,) = read_case(folder).deployments

    assert [(finding.rule, finding.file, finding.line) for finding in found] == [("SG901", "samconfig.yaml", 4)]
    assert deployment.stacks[0].parameters == {"Stage": "prod"}


@pytest.mark.parametrize("text", ["prod: [", "\udcff", "prod: {deploy: 1}", "1"])
def test_configuration_that_cannot_be_read(tmp_path: Path, text: str) -> None:
    folder = project(tmp_path, SAM + "Resources:\n" + FUNCTION)
    (folder / "samconfig.yml").write_bytes(text.encode("utf-8", "surrogateescape"))

    assert {finding.file for finding in judged(folder, "SG704")} == {"samconfig.yml"}


def test_a_property_without_a_name_is_no_other_property(tmp_path: Path) -> None:
    text = """\
Parameters:
  Environment: {Type: String, AllowedValues: [dev, prod]}
Resources:
  Policy:
    Type: AWS::IAM::Policy
    Properties: {"": reader, PolicyName: reader}
  Topic:
    Type: AWS::SNS::Topic
    Properties: {"": {DB_PASSWORD: hunter2hunter2}}
"""
    folder = project(tmp_path, text)

    assert said(folder, "SG102", "SG303") == []


def test_a_resource_whose_name_is_a_number(tmp_path: Path) -> None:
    text = """\
Resources:
  7:
    Type: AWS::SQS::Queue
    Properties:
      Tags: [{Key: environment, Value: dev}, {Key: 8, Value: dev}]
      Fn::Join: [":", [arn, aws, sqs]]
"""
    assert said(project(tmp_path, text), "SG301", "SG701") != []


def test_a_url_that_is_open_is_said_once(tmp_path: Path) -> None:
    """SAM gives it two permissions for everybody; who may call is said by the URL."""
    text = f"{SAM}Resources:\n{FUNCTION}      FunctionUrlConfig: {{AuthType: NONE}}\n"

    (only,) = said(project(tmp_path, text), "SG101", "SG104", "SG601")

    assert "SG104" in only
    assert only.startswith("template.yaml:9:27: ")
