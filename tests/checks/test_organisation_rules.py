"""Category 10: how a project is divided, described, tagged and packaged."""

from __future__ import annotations

from pathlib import Path

import pytest
from written_projects import findings, lines

from generator.findings import Severity

SAM = "Transform: AWS::Serverless-2016-10-31\n"
ROLE = "  Role:\n    Type: AWS::IAM::Role\n    Properties: { AssumeRolePolicyDocument: {} }\n"
API = "  Api:\n    Type: AWS::ApiGatewayV2::Api\n    Properties: { Name: a, ProtocolType: HTTP }\n"
ALARM = "  Alarm:\n    Type: AWS::CloudWatch::Alarm\n    Properties: { Threshold: 1 }\n"


def functions(number: int) -> str:
    """So many plain functions."""
    return "".join(
        f"  F{i}:\n    Type: AWS::Lambda::Function\n    Properties: {{ Handler: a.b }}\n" for i in range(number)
    )


def test_everything_in_one_large_template_is_a_monolith(tmp_path: Path) -> None:
    large = f"Resources:\n{ROLE}{API}{ALARM}{functions(50)}"

    assert lines(findings(tmp_path, "SG001", large)) == [("template.yaml", 1)]


@pytest.mark.parametrize(
    "template",
    [
        f"Resources:\n{ROLE}{API}{ALARM}{functions(10)}",
        f"Resources:\n{ROLE}{ALARM}{functions(60)}",
        f"Resources:\n{API}{ALARM}{functions(60)}",
    ],
)
def test_a_small_template_or_one_of_one_area_is_none(template: str, tmp_path: Path) -> None:
    assert findings(tmp_path, "SG001", template) == []


def test_what_sam_generates_counts(tmp_path: Path) -> None:
    template = f"{SAM}Resources:\n{ALARM}" + "".join(
        f"""  F{i}:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: pass
      Handler: index.handler
      Runtime: python3.13
      Events: {{ Get: {{ Type: HttpApi, Properties: {{ Path: /{i}, Method: get }} }} }}
"""
        for i in range(20)
    )

    assert lines(findings(tmp_path, "SG001", template)) == [("template.yaml", 2)]


FUNCTION = (
    "  F:\n    Type: AWS::Serverless::Function\n"
    "    Properties: { InlineCode: pass, Handler: a.b, Runtime: python3.13 }\n"
)


@pytest.mark.parametrize(
    ("template", "line", "severity"),
    [
        (f"Resources:\n{FUNCTION}", 3, Severity.ERROR),
        (f"Transform: AWS::LanguageExtensions\nResources:\n{FUNCTION}", 4, Severity.ERROR),
        (f"{SAM}Resources:\n{ROLE}", 1, Severity.WARNING),
        (
            "Transform: AWS::LanguageExtensions\nResources:\n  Fn::ForEach::Each:\n    - X\n    - [a, b]\n"
            '    - "F${X}":\n        Type: AWS::Serverless::Function\n        Properties: {}\n',
            7,
            Severity.ERROR,
        ),
        (
            "Resources:\n  T:\n    Type: AWS::SNS::Topic\n    Properties: { TopicName: { Fn::Length: [1] } }\n",
            4,
            Severity.ERROR,
        ),
    ],
)
def test_a_transform_stands_where_it_is_needed_and_only_there(
    template: str, line: int, severity: Severity, tmp_path: Path
) -> None:
    (found,) = findings(tmp_path, "SG002", template)

    assert (found.line, found.severity) == (line, severity)


@pytest.mark.parametrize(
    "template",
    [
        f"{SAM}Resources:\n{FUNCTION}",
        f"Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]\nResources:\n{FUNCTION}",
        f"Resources:\n{ROLE}",
        # What a macro or an included file brings along is not known.
        f"Transform: [Macro, AWS::Serverless-2016-10-31]\nResources:\n{ROLE}",
        f"{SAM}Resources:\n{ROLE}  Fn::Transform: {{ Name: AWS::Include, Parameters: {{ Location: more.yaml }} }}\n",
    ],
)
def test_transforms_that_are_right(template: str, tmp_path: Path) -> None:
    assert findings(tmp_path, "SG002", template) == []


USING = """
Parameters:
  Name:
    Type: String
    Description: What it is called
    AllowedPattern: "[a-z]+"
Conditions:
  Named: !Not [!Equals [!Ref Name, none]]
Mappings:
  Sizes:
    a: { Size: 1 }
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Condition: Named
    Properties:
      TopicName: !Sub "${Name}-topic"
      DisplayName: !FindInMap [Sizes, a, Size]
Outputs:
  Topic: { Value: !Ref Topic }
"""


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("    Description: What it is called\n", "", 2),
        ("    Description: What it is called\n", '    Description: ""\n', 2),
        ('    AllowedPattern: "[a-z]+"\n', "", 2),
        ("Conditions:\n", "  Spare:\n    Type: Number\n    Description: a\n    MinValue: 1\nConditions:\n", 6),
        ("    Condition: Named\n", "", 7),
        ("!FindInMap [Sizes, a, Size]", "a", 9),
    ],
)
def test_what_is_declared_is_described_and_used(old: str, new: str, line: int, tmp_path: Path) -> None:
    assert findings(tmp_path, "SG003", USING) == []

    assert old in USING
    assert lines(findings(tmp_path, "SG003", USING.replace(old, new))) == [("template.yaml", line)]


@pytest.mark.parametrize(
    "use",
    [
        "Rules:\n  A: { Assertions: [{ Assert: !Not [!Equals [!Ref Spare, a]] }] }\n",
        "Rules:\n  A: { Assertions: [{ Assert: { Fn::EachMemberIn: [{ Fn::ValueOf: [Spare, VpcId] }, [a]] } }] }\n",
        "Outputs:\n  Spare: { Value: !Sub '${Spare}' }\n",
        "Globals: { Function: { Handler: !Ref Spare } }\n",
    ],
)
def test_a_use_anywhere_counts(use: str, tmp_path: Path) -> None:
    parameter = "Parameters:\n  Spare: { Type: AWS::EC2::VPC::Id, Description: a }\n"

    assert findings(tmp_path, "SG003", f"{parameter}{use}Resources:\n{ROLE}") == []
    assert len(findings(tmp_path, "SG003", f"{parameter}Resources:\n{ROLE}")) == 1


def test_somebody_reads_what_a_nested_stack_gives(tmp_path: Path) -> None:
    root = """
        Resources:
          Child: { Type: AWS::CloudFormation::Stack, Properties: { TemplateURL: child.yaml } }
        Outputs:
          Used: { Value: !GetAtt Child.Outputs.Used }
    """
    child = """
        Resources:
          Topic: { Type: AWS::SNS::Topic }
        Outputs:
          Used: { Value: !Ref Topic }
          Exported: { Value: !Ref Topic, Export: { Name: topic } }
          Forgotten: { Value: !Ref Topic }
    """

    assert lines(findings(tmp_path, "SG003", {"template.yaml": root, "child.yaml": child})) == [("child.yaml", 6)]


def test_a_nested_stack_gets_what_its_parents_parameters_let_through(tmp_path: Path) -> None:
    root = """
        Parameters:
          Name: { Type: String, Description: a, MaxLength: 9 }
        Resources:
          Child:
            Type: AWS::CloudFormation::Stack
            Properties: { TemplateURL: child.yaml, Parameters: { Name: !Ref Name } }
    """
    child = """
        Parameters:
          Name: { Type: String, Description: a }
        Resources:
          Topic: { Type: AWS::SNS::Topic, Properties: { TopicName: !Ref Name } }
    """

    assert findings(tmp_path, "SG003", {"template.yaml": root, "child.yaml": child}) == []


QUEUE = "Resources:\n  Queue:\n    Type: AWS::SQS::Queue\n    Properties:\n      DelaySeconds: 1\n"


def test_what_has_no_tags_is_found(tmp_path: Path) -> None:
    assert lines(findings(tmp_path, "SG004", QUEUE)) == [("template.yaml", 2)]
    assert findings(tmp_path, "SG004", f"{QUEUE}      Tags: [{{ Key: Service, Value: shop }}]\n") == []
    assert findings(tmp_path, "SG004", f"{QUEUE}      Tags: !Ref AWS::NoValue\n") != []


def test_the_tag_that_sam_gives_is_none_of_ones_own(tmp_path: Path) -> None:
    assert lines(findings(tmp_path, "SG004", f"{SAM}Resources:\n{FUNCTION}")) == [("template.yaml", 3)]
    tagged = FUNCTION.replace("{ InlineCode", "{ Tags: { Service: shop }, InlineCode")
    assert findings(tmp_path, "SG004", f"{SAM}Resources:\n{tagged}") == []


@pytest.mark.parametrize("tags", ['"Service=shop"', '["Service=shop"]', '{ Service = "shop" }'])
def test_tags_of_a_stack_reach_all_that_it_deploys(tags: str, tmp_path: Path) -> None:
    root = "Resources:\n  Child: { Type: AWS::CloudFormation::Stack, Properties: { TemplateURL: child.yaml } }\n"
    files = {"template.yaml": root, "child.yaml": QUEUE, "beside.yaml": QUEUE}

    found = findings(tmp_path, "SG004", files, f"[dev.deploy.parameters]\ntags = {tags}\n")

    assert lines(found) == [("beside.yaml", 2)]


def test_tags_of_a_nested_stack_reach_what_is_in_it(tmp_path: Path) -> None:
    root = """
        Resources:
          Child:
            Type: AWS::CloudFormation::Stack
            Properties: { TemplateURL: child.yaml, Tags: [{ Key: Service, Value: shop }] }
    """
    child = "Resources:\n  Inner: { Type: AWS::CloudFormation::Stack, Properties: { TemplateURL: inner.yaml } }\n"

    assert findings(tmp_path, "SG004", {"template.yaml": root, "child.yaml": child, "inner.yaml": QUEUE}) == []


def test_what_cannot_be_tagged_need_not_be(tmp_path: Path) -> None:
    template = "Resources:\n  Alias: { Type: AWS::Lambda::Alias }\n  Own: { Type: Custom::Thing }\n"
    template += "  Odd: { Type: AWS::No::Such }\n"

    assert findings(tmp_path, "SG004", template) == []


def local(location: str, kind: str = "AWS::Serverless::Function", key: str = "CodeUri") -> str:
    """A template whose code or definition is at a place."""
    return f"{SAM}Resources:\n  F:\n    Type: {kind}\n    Properties:\n      {key}: {location}\n      Handler: a.b\n"


@pytest.mark.parametrize(
    "template",
    [
        local("src/missing/"),
        local("../elsewhere", "AWS::Lambda::Function", "Code"),
        local("api.yaml", "AWS::Serverless::Api", "DefinitionUri"),
        local("layer", "AWS::Serverless::LayerVersion", "ContentUri"),
    ],
)
def test_code_that_is_not_there_is_found(template: str, tmp_path: Path) -> None:
    (found,) = findings(tmp_path / "project", "SG005", template)

    assert (found.line, found.severity) == (6, Severity.ERROR)


@pytest.mark.parametrize(
    "template",
    [
        local("src/"),
        local("./src/app.py"),
        local("s3://bucket/code.zip"),
        local("!Ref CodeUri"),
        local("{ Bucket: a, Key: b }"),
        local("target/app.jar"),
        local("https://bucket.s3.amazonaws.com/api.yaml", "AWS::Serverless::Api", "DefinitionUri"),
        local("{ ZipFile: pass }", "AWS::Lambda::Function", "Code"),
    ],
)
def test_code_that_is_there_elsewhere_or_made_later_is_not(template: str, tmp_path: Path) -> None:
    assert findings(tmp_path, "SG005", {"template.yaml": template, "src/app.py": ""}) == []


def test_an_image_is_built_from_a_folder(tmp_path: Path) -> None:
    template = f"{SAM}Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Metadata: {{ DockerContext: ./app }}\n"
    template += "    Properties: { PackageType: Image }\n"

    assert lines(findings(tmp_path, "SG005", template)) == [("template.yaml", 5)]
    assert findings(tmp_path, "SG005", {"template.yaml": template, "app/Dockerfile": ""}) == []


def test_what_globals_say_is_not_said_again(tmp_path: Path) -> None:
    template = f"Globals: {{ Function: {{ Timeout: 5, Tracing: Active }} }}\n{local('.')}"
    template += "      Timeout: 5\n      Tracing: PassThrough\n"

    (found,) = findings(tmp_path, "SG005", template)

    assert (found.line, "Timeout" in found.message) == (9, True)


def test_what_all_functions_share_belongs_to_globals(tmp_path: Path) -> None:
    shared = "InlineCode: pass, Handler: index.handler, Runtime: python3.13"
    one = "  F{}:\n    Type: AWS::Serverless::Function\n    Properties: {{ {}, MemorySize: {} }}\n"
    several = "".join(one.format(i, shared, 128 + i) for i in range(3))

    (found,) = findings(tmp_path, "SG005", f"{SAM}Resources:\n{several}")
    assert (found.line, found.severity) == (2, Severity.INFO)
    assert "MemorySize" not in found.message

    assert findings(tmp_path, "SG005", f"{SAM}Globals: {{ Function: {{ Timeout: 3 }} }}\nResources:\n{several}") == []
