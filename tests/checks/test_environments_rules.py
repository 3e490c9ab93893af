"""Category 3: what differs between environments, and where it is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from written_projects import findings, lines, write

from generator.checks.run import read_case
from generator.errors import InputError
from generator.findings import Severity
from generator.project.samconfig import read_samconfig

TWO = """
[dev.deploy.parameters]
stack_name = "dev-shop"
parameter_overrides = "Environment=dev"

[prod.deploy.parameters]
stack_name = "prod-shop"
parameter_overrides = "Environment=prod"
"""
PARAMETER = """
Parameters:
  Environment:
    Type: String
    AllowedValues: [dev, prod]
Resources:
"""


def resource(kind: str, *properties: str) -> str:
    """A template with one resource."""
    body = "\n".join(f"      {line}" for line in properties)
    return f"{PARAMETER}  Thing:\n    Type: {kind}\n    Properties:\n{body}\n"


@pytest.mark.parametrize(
    "properties",
    [
        ("AWS::SQS::Queue", "QueueName: prod-orders"),
        ("AWS::SQS::Queue", "QueueName: orders_PROD"),
        ("AWS::SQS::Queue", 'QueueName: !Join ["-", [prod, orders]]'),
        ("AWS::SQS::Queue", 'QueueName: !Sub "${AWS::Region}-dev-orders"'),
        ("AWS::Events::EventBus", "Name: dev-bus"),
        ("AWS::Serverless::Api", "StageName: Prod"),
        ("AWS::SNS::Subscription", "Endpoint: https://prod-hooks.example.com/orders"),
        ("AWS::SNS::Subscription", "Endpoint: https://a1.execute-api.eu-west-1.amazonaws.com/prod/hook"),
        ("AWS::SNS::Subscription", 'TopicArn: !Sub "arn:${AWS::Partition}:sns:${AWS::Region}:1:prod-topic"'),
        ("AWS::Lambda::Function", "Environment: { Variables: { STAGE: production } }"),
    ],
)
def test_an_environment_that_is_written_out_is_found(properties: tuple[str, ...], tmp_path: Path) -> None:
    found = findings(tmp_path, "SG301", resource(*properties), TWO)

    assert lines(found) == [("template.yaml", 9)]


@pytest.mark.parametrize(
    "properties",
    [
        ("AWS::SQS::Queue", 'QueueName: !Sub "${Environment}-dev-tools"'),
        ("AWS::SQS::Queue", "QueueName: products"),
        ("AWS::Lambda::Function", "MemorySize: !If [IsProd, 1024, 256]"),
        ("AWS::SNS::Subscription", "Endpoint: https://dev.azure.com/team/hook"),
        ("AWS::SNS::Subscription", "Endpoint: https://web.dev/hook"),
        ("AWS::SNS::Subscription", "Endpoint: https://example.com/dev"),
        ("AWS::Lambda::Function", "Description: Runs in prod as in dev"),
        ("AWS::Lambda::Function", "Environment: { Variables: { NODE_ENV: production } }"),
        ("AWS::Serverless::Api", "StageName: !Ref Environment"),
    ],
)
def test_what_only_looks_like_an_environment_is_not(properties: tuple[str, ...], tmp_path: Path) -> None:
    assert findings(tmp_path, "SG301", resource(*properties), TWO) == []


def test_a_name_that_a_parameter_gives_every_environment_is_found(tmp_path: Path) -> None:
    template = """
        Parameters:
          Environment: { Type: String }
          Queue: { Type: String, Default: prod-orders }
        Resources:
          Orders:
            Type: AWS::SQS::Queue
            Properties:
              QueueName: !Ref Queue
    """

    (found,) = findings(tmp_path, "SG301", template, TWO)

    assert (found.line, "in the environment dev" in found.message) == (8, True)


def test_an_environment_without_a_value_is_found_where_its_values_stand(tmp_path: Path) -> None:
    template = "Parameters:\n  Environment: { Type: String }\n  Owner: { Type: String }\nResources: {}\n"
    config = TWO.replace("Environment=prod", "Environment=prod Owner=me")

    (found,) = findings(tmp_path, "SG301", template, config)

    assert (found.file, found.line, found.severity) == ("samconfig.toml", 3, Severity.ERROR)
    assert "Owner" in found.message


def test_values_in_a_file_of_their_own_are_not_known(tmp_path: Path) -> None:
    config = '[dev.deploy.parameters]\nparameter_overrides = "file://dev.yaml"\n'

    assert findings(tmp_path, "SG301", "Parameters:\n  Owner: { Type: String }\nResources: {}\n", config) == []


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("", ["SG102"]),
        ("KmsKeyArn: !Sub arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:alias/aws/lambda", ["SG302"]),
        ("KmsKeyArn: !Ref AWS::NoValue", ["SG302"]),
        ("KmsKeyArn: !ImportValue key", []),
        ("KmsKeyArn: !Ref Environment", []),
    ],
)
def test_variables_want_a_key_and_that_is_said_once(key: str, expected: list[str], tmp_path: Path) -> None:
    template = resource("AWS::Lambda::Function", "Environment: { Variables: { A: b } }", key)

    found = [*findings(tmp_path, "SG102", template), *findings(tmp_path, "SG302", template)]

    assert [finding.rule for finding in found] == expected
    assert all(finding.severity is Severity.WARNING for finding in found)


def test_the_environment_without_a_key_is_named(tmp_path: Path) -> None:
    template = """
        Parameters: { KeyArn: { Type: String } }
        Resources:
          Function:
            Type: AWS::Lambda::Function
            Properties: { KmsKeyArn: !Ref KeyArn, Environment: { Variables: { A: b } } }
    """
    config = """
        [dev.deploy.parameters]
        parameter_overrides = "KeyArn=''"
        [prod.deploy.parameters]
        parameter_overrides = "KeyArn=arn:aws:kms:eu-west-1:210987654321:key/k"
    """

    (found,) = findings(tmp_path, "SG302", template, config)

    assert found.message.endswith("Function is empty in the environment dev.")


def test_a_function_without_variables_wants_no_key(tmp_path: Path) -> None:
    assert findings(tmp_path, "SG302", resource("AWS::Lambda::Function", "Handler: a.b")) == []


def test_a_key_from_globals_counts(tmp_path: Path) -> None:
    template = """
        Transform: AWS::Serverless-2016-10-31
        Globals: { Function: { KmsKeyArn: !ImportValue key, Environment: { Variables: { A: b } } } }
        Resources:
          Function:
            Type: AWS::Serverless::Function
            Properties: { InlineCode: "pass", Handler: index.handler, Runtime: python3.13 }
    """

    assert findings(tmp_path, "SG302", template) == []
    assert len(findings(tmp_path, "SG302", template.replace("!ImportValue key, ", "!Ref AWS::NoValue, "))) == 1
    assert len(findings(tmp_path, "SG102", template.replace("KmsKeyArn: !ImportValue key, ", ""))) == 1


def test_names_of_two_environments_in_one_account_collide(tmp_path: Path) -> None:
    (found,) = findings(tmp_path, "SG303", resource("AWS::SQS::Queue", "QueueName: orders"), TWO)

    assert (found.file, found.line) == ("template.yaml", 9)
    assert "dev, prod" in found.message


def test_names_collide_without_a_samconfig_by_what_the_environment_may_be(tmp_path: Path) -> None:
    assert len(findings(tmp_path, "SG303", resource("AWS::DynamoDB::Table", "TableName: orders"))) == 1
    assert findings(tmp_path, "SG303", resource("AWS::DynamoDB::Table", 'TableName: !Sub "${Environment}-o"')) == []


@pytest.mark.parametrize(
    "properties",
    [
        ("AWS::SQS::Queue", 'QueueName: !Sub "${Environment}-orders"'),
        ("AWS::SQS::Queue", 'QueueName: !Sub "${AWS::StackName}-orders"'),
        ("AWS::SQS::Queue", "DelaySeconds: 1"),
        ("AWS::ApiGateway::RestApi", "Name: orders"),
    ],
)
def test_names_that_differ_or_need_not_do_not_collide(properties: tuple[str, ...], tmp_path: Path) -> None:
    assert findings(tmp_path, "SG303", resource(*properties), TWO) == []


def test_accounts_of_their_own_keep_names_apart_except_those_of_buckets(tmp_path: Path) -> None:
    config = TWO.replace("[dev.deploy", '[dev.account.parameters]\nid = "111111111111"\n[dev.deploy')
    config = config.replace("[prod.deploy", '[prod.account.parameters]\nid = "222222222222"\n[prod.deploy')

    assert findings(tmp_path, "SG303", resource("AWS::SQS::Queue", "QueueName: orders"), config) == []
    assert len(findings(tmp_path, "SG303", resource("AWS::S3::Bucket", "BucketName: orders"), config)) == 1
    named = resource("AWS::S3::Bucket", 'BucketName: !Sub "orders-${AWS::AccountId}"')
    assert findings(tmp_path, "SG303", named, config) == []


def test_two_environments_do_not_share_a_stack(tmp_path: Path) -> None:
    (found,) = findings(tmp_path, "SG303", "Resources: {}\n", TWO.replace("prod-shop", "dev-shop"))

    assert (found.file, found.line) == ("samconfig.toml", 6)


@pytest.mark.parametrize(
    "name", ["DatabasePassword", "PaymentApiKey", "GitHubToken", "CLIENT_SECRET", "SigningKeyValue"]
)
def test_a_secret_is_no_parameter(name: str, tmp_path: Path) -> None:
    template = f"Parameters:\n  {name}:\n    Type: String\nResources: {{}}\n"

    (found,) = findings(tmp_path, "SG304", template)
    assert (found.line, found.severity) == (2, Severity.ERROR)

    (hidden,) = findings(tmp_path, "SG304", template.replace("Type: String", "Type: String\n    NoEcho: true"))
    assert hidden.severity is Severity.WARNING


@pytest.mark.parametrize(
    "parameter",
    [
        "DatabaseSecretArn: { Type: String }",
        "PasswordLength: { Type: Number }",
        "TokenUrl: { Type: String }",
        "ApiKeyParameter: { Type: String }",
        'ApiKey: { Type: String, AllowedValues: ["true", "false"] }',
        "DatabasePassword: { Type: AWS::SSM::Parameter::Name }",
        'DatabasePassword: { Type: String, Default: "{{resolve:ssm-secure:/db/password}}" }',
        "PartitionKey: { Type: String }",
    ],
)
def test_what_tells_of_a_secret_is_none(parameter: str, tmp_path: Path) -> None:
    assert findings(tmp_path, "SG304", f"Parameters:\n  {parameter}\nResources: {{}}\n") == []


def test_a_secret_in_samconfig_or_handed_to_a_nested_stack_is_found(tmp_path: Path) -> None:
    root = """
        Parameters:
          Password: { Type: String, NoEcho: true }
        Resources:
          Child:
            Type: AWS::CloudFormation::Stack
            Properties:
              TemplateURL: child.yaml
              Parameters:
                ApiToken: hunter2
    """
    child = "Parameters:\n  ApiToken: { Type: String }\nResources: {}\n"
    config = '[dev.deploy.parameters]\nparameter_overrides = [\n  "Password=hunter2",\n]\n'

    found = findings(tmp_path, "SG304", {"template.yaml": root, "child.yaml": child}, config)

    assert lines(found) == [("samconfig.toml", 3), ("template.yaml", 2), ("template.yaml", 9)]


def test_a_parameter_of_ssm_keeps_no_secret_in_clear(tmp_path: Path) -> None:
    stored = resource("AWS::SSM::Parameter", "Type: String", "Name: /shop/api-key", "Value: abc")

    assert lines(findings(tmp_path, "SG304", stored)) == [("template.yaml", 9)]
    assert findings(tmp_path, "SG304", stored.replace("api-key", "api-key-arn")) == []


def test_a_parameter_that_one_environment_alone_sets_is_found(tmp_path: Path) -> None:
    template = "Parameters:\n  Environment: { Type: String }\n  Days: { Type: Number, Default: 7 }\nResources: {}\n"

    (found,) = findings(tmp_path, "SG305", template, TWO.replace("=prod", "=prod Days=30"))
    assert (found.file, found.line, found.severity) == ("samconfig.toml", 7, Severity.WARNING)

    assert findings(tmp_path, "SG305", template, TWO) == []
    (same,) = findings(tmp_path, "SG305", template, TWO.replace("=prod", "=prod Days=7"))
    assert same.severity is Severity.INFO


def test_a_parameter_is_found_where_it_stands_not_where_a_longer_one_does(tmp_path: Path) -> None:
    template = (
        "Parameters:\n  Days: { Type: Number, Default: 7 }\n  LogDays: { Type: Number, Default: 7 }\nResources: {}\n"
    )
    config = '[dev.deploy.parameters]\nparameter_overrides = ["LogDays=1"]\n'
    config += '[prod.deploy.parameters]\nparameter_overrides = [\n  "LogDays=2",\n  "Days=3",\n]\n'

    assert lines(findings(tmp_path, "SG305", template, config)) == [("samconfig.toml", 6)]


@pytest.mark.parametrize(("value", "expected"), [("staging", 1), ("prod", 0)])
def test_a_condition_asks_for_an_environment_that_exists(value: str, expected: int, tmp_path: Path) -> None:
    template = f"""
        Parameters:
          Environment: {{ Type: String, AllowedValues: [dev, prod] }}
        Conditions:
          Kept: !And [!Not [!Equals ["{value}", !Ref Environment]], !Equals [!Ref AWS::Region, eu-west-1]]
        Resources: {{}}
    """

    assert lines(findings(tmp_path, "SG305", template)) == [("template.yaml", 4)] * expected
    assert len(findings(tmp_path, "SG305", template.replace(", AllowedValues: [dev, prod]", ""), TWO)) == expected


def test_nothing_is_said_of_an_environment_whose_values_are_not_known(tmp_path: Path) -> None:
    template = """
        Parameters:
          Environment: { Type: String }
        Conditions:
          Kept: !Equals [!Ref Environment, staging]
        Resources: {}
    """

    assert findings(tmp_path, "SG305", template) == []


def test_a_mapping_has_every_environment_and_no_other(tmp_path: Path) -> None:
    template = """
        Parameters:
          Environment: { Type: String, AllowedValues: [dev, prod] }
        Mappings:
          Size:
            dev: { Memory: 128 }
            staging: { Memory: 128 }
        Resources:
          Function:
            Type: AWS::Lambda::Function
            Properties:
              MemorySize: !FindInMap [Size, !Ref Environment, Memory]
    """

    assert lines(findings(tmp_path, "SG305", template)) == [("template.yaml", 4), ("template.yaml", 6)]
    assert findings(tmp_path, "SG305", template.replace("staging:", "prod:")) == []


DEFAULTS = {
    "a stack of its own": ('[default.deploy.parameters]\nstack_name = "orders-dev"\n', True),
    "a stack for all commands": (
        '[default.global.parameters]\nstack_name = "orders-dev"\n[default.deploy.parameters]\nregion = "eu-west-1"\n',
        True,
    ),
    "how to build": ("[default.build.parameters]\nparallel = true\n", False),
    "which questions to ask": ("[default.deploy.parameters]\nconfirm_changeset = true\n", False),
    "the stack of another": (
        '[default.deploy.parameters]\nstack_name = "orders-prod"\nparameter_overrides = "Memory=256"\n',
        False,
    ),
}


@pytest.mark.parametrize("name", DEFAULTS)
def test_default_is_an_environment_where_it_deploys_something_of_its_own(name: str, tmp_path: Path) -> None:
    default, counts = DEFAULTS[name]
    prod = '[prod.deploy.parameters]\nstack_name = "orders-prod"\nparameter_overrides = "Memory=256"\n'
    (tmp_path / "samconfig.toml").write_text(default + prod, encoding="utf-8")

    names = [environment.name for environment in read_samconfig(tmp_path).environments]

    assert names == (["default", "prod"] if counts else ["prod"])


def test_a_value_that_default_lacks_is_missing(tmp_path: Path) -> None:
    config = """
        [default.deploy.parameters]
        stack_name = "orders-dev"
        [prod.deploy.parameters]
        stack_name = "orders-prod"
        parameter_overrides = "Owner=team"
    """

    (found,) = findings(tmp_path, "SG301", "Parameters:\n  Owner: { Type: String }\nResources: {}\n", config)

    assert "default sets no value for Owner" in found.message


def test_a_parameter_that_default_sets_too_does_not_drift(tmp_path: Path) -> None:
    config = """
        [default.deploy.parameters]
        parameter_overrides = "Owner=me"
        [prod.deploy.parameters]
        parameter_overrides = "Owner=team"
    """

    assert findings(tmp_path, "SG305", "Parameters:\n  Owner: { Type: String, Default: x }\n", config) == []


def test_an_environment_is_not_looked_for_in_a_samconfig_that_is_not_there(tmp_path: Path) -> None:
    project = write(tmp_path, {"template.yaml": "Resources: {T: {Type: AWS::SNS::Topic}}"})

    with pytest.raises(InputError, match=r"There is no environment 'dev': no samconfig.toml in .* deploys one\."):
        read_case(project, environment="dev")
