"""SAM's expansion of a template, offline, and its objections at their lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.project import Expansion, expand, read_template

FUNCTION = """\
Transform: AWS::Serverless-2016-10-31
Parameters:
  Release: {Type: String, Default: r1}
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      Runtime: python3.13
      CodeUri: src/
      AutoPublishAlias: live
      AutoPublishCodeSha256: !Ref Release
      Policies: [AWSLambdaBasicExecutionRole]
      Events:
        Get:
          Type: Api
          Properties: {Path: /, Method: get}
"""


def expanded(folder: Path, text: str) -> Expansion:
    (folder / "template.yaml").write_text(text)
    return expand(read_template(folder / "template.yaml", folder), "us-west-2")


def types(expansion: Expansion) -> set[str]:
    assert expansion.data is not None
    return {resource["Type"] for resource in expansion.data["Resources"].values()}


def test_the_expansion_is_plain_cloudformation(tmp_path: Path) -> None:
    expansion = expanded(tmp_path, FUNCTION)

    assert expansion.findings == ()
    assert types(expansion) >= {
        "AWS::Lambda::Function",
        "AWS::Lambda::Version",
        "AWS::Lambda::Alias",
        "AWS::IAM::Role",
        "AWS::ApiGateway::RestApi",
    }
    assert expansion.data is not None
    assert type(expansion.data["Resources"]["Hello"]["Type"]) is str


def test_a_template_without_transform_stays_as_it_is(tmp_path: Path) -> None:
    expansion = expanded(tmp_path, "Resources:\n  T: {Type: AWS::SNS::Topic}\n")

    assert expansion.data == {"Resources": {"T": {"Type": "AWS::SNS::Topic"}}}


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("Method: get", "Verb: get", 15, "Property 'Method' is required"),
        ("      Handler: app.handler\n", "", 8, "Handler needs to be present"),
        ("AutoPublishAlias: live", "AutoPublishAlias: [live]", 11, "AutoPublishAlias"),
    ],
)
def test_sams_objections(tmp_path: Path, old: str, new: str, line: int, said: str) -> None:
    expansion = expanded(tmp_path, FUNCTION.replace(old, new))

    assert old in FUNCTION
    assert expansion.data is None
    (finding,) = expansion.findings
    assert (finding.rule, finding.tool, finding.line) == ("sam", "sam validate", line)
    assert said in finding.message


@pytest.mark.parametrize("text", ["Resources: {}\n", "Resources: null\n", "Resources: [1]\n", "Foo: 1\n"])
def test_what_is_no_template_is_a_finding(tmp_path: Path, text: str) -> None:
    expansion = expanded(tmp_path, text)

    assert expansion.data is None
    assert expansion.findings


def test_a_parameter_without_default(tmp_path: Path) -> None:
    expansion = expanded(tmp_path, FUNCTION.replace(", Default: r1", ""))

    # `sam validate` refuses it, a deployment gives the value.
    assert "AutoPublishCodeSha256" in expansion.findings[0].message
    assert "AWS::Lambda::Version" in types(expansion)


def test_unknown_managed_policies_need_no_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    expansion = expanded(tmp_path, FUNCTION.replace("AWSLambdaBasicExecutionRole", "NoSuchPolicy"))

    assert expansion.data is not None
    assert "NoSuchPolicy" in expansion.data["Resources"]["HelloRole"]["Properties"]["ManagedPolicyArns"]


def test_it_is_quiet(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    expanded(tmp_path, FUNCTION)
    expanded(tmp_path, FUNCTION.replace("Method: get", "Verb: get"))

    assert capfd.readouterr() == ("", "")
