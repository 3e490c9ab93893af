"""The order of stacks, and what of a template the emulator gets."""

from __future__ import annotations

from typing import Any

import pytest

from generator.errors import InputError
from generator.local.stacks import children, own, ready

NESTED = "AWS::Serverless::Application"
TYPES = frozenset(["AWS::SQS::Queue", "AWS::SQS::QueuePolicy", "AWS::Lambda::Alias"])
TLS_ONLY = {"Effect": "Deny", "Principal": "*", "Action": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}


def nested(**parameters: Any) -> dict[str, Any]:
    return {"Type": NESTED, "Properties": {"Location": "x.yaml", "Parameters": parameters}}


def test_a_stack_comes_after_those_whose_outputs_it_takes() -> None:
    resources = {
        "Last": {**nested(), "DependsOn": ["Middle"]},
        "Middle": nested(A={"Fn::Sub": "${First.Outputs.Arn}/x"}),
        "First": nested(),
        "Other": nested(B={"Fn::GetAtt": ["Last", "Outputs.B"]}, C={"Fn::GetAtt": "First.Outputs.C"}),
    }
    assert children({"Resources": resources}) == ["First", "Middle", "Last", "Other"]


def test_stacks_that_wait_for_each_other_are_refused() -> None:
    resources = {name: nested(X={"Fn::GetAtt": [other, "Outputs.X"]}) for name, other in (("A", "B"), ("B", "A"))}
    with pytest.raises(InputError, match="wait for each other: A, B"):
        children({"Resources": resources})


def test_a_parent_keeps_its_own_resources_and_their_outputs() -> None:
    data = {
        "Rules": {"R": {}},
        "Resources": {"Child": nested(), "Queue": {"Type": "AWS::SQS::Queue"}},
        "Outputs": {
            "Of": {"Value": {"Fn::GetAtt": ["Child", "Outputs.X"]}},
            "Queue": {"Value": {"Ref": "Queue"}},
        },
    }
    rest = own(data)
    assert list(rest["Resources"]) == ["Queue"]
    assert list(rest["Outputs"]) == ["Queue"]
    assert "Rules" not in rest


def test_what_is_not_emulated_is_left_out_with_what_refers_to_it() -> None:
    data = {
        "Resources": {
            "Set": {"Type": "AWS::WAFv2::IPSet"},
            "Queue": {
                "Type": "AWS::SQS::Queue",
                "DependsOn": ["Set", "Other"],
                "Properties": {
                    "A": {"Ref": "Set"},
                    "B": {"Fn::GetAtt": ["Set", "Arn"]},
                    "C": {"Fn::Sub": "x-${Set.Arn}-${Other}"},
                    "D": {"Ref": "Other"},
                },
            },
            "Other": {"Type": "AWS::SQS::Queue", "DependsOn": "Set"},
        },
        "Outputs": {"Arn": {"Value": {"Fn::GetAtt": "Set.Arn"}}},
    }
    found = ready(data, TYPES, "eu-west-1", "123456789012")
    stand_in = "arn:aws:not-emulated:eu-west-1:123456789012:Set"
    assert found.skipped == {"Set": "AWS::WAFv2::IPSet"}
    assert found.data["Resources"]["Queue"] == {
        "Type": "AWS::SQS::Queue",
        "DependsOn": ["Other"],
        "Properties": {
            "A": "not-emulated-Set",
            "B": stand_in,
            "C": {"Fn::Sub": f"x-{stand_in}-${{Other}}"},
            "D": {"Ref": "Other"},
        },
    }
    assert "DependsOn" not in found.data["Resources"]["Other"]
    assert found.data["Outputs"]["Arn"]["Value"] == stand_in


def test_an_alias_moves_without_codedeploy() -> None:
    alias = {"Type": "AWS::Lambda::Alias", "UpdatePolicy": {"CodeDeployLambdaAliasUpdate": {}}, "Properties": {}}
    found = ready({"Resources": {"Live": alias}}, TYPES, "eu-west-1", "1")
    assert "UpdatePolicy" not in found.data["Resources"]["Live"]
    assert "UpdatePolicy" in alias


def test_statements_that_deny_plain_http_go_and_others_stay() -> None:
    allow = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage"}
    resources = {
        name: {"Type": "AWS::SQS::QueuePolicy", "Properties": {"PolicyDocument": {"Statement": statements}}}
        for name, statements in (("Only", [TLS_ONLY]), ("Both", [TLS_ONLY, allow]))
    }
    found = ready({"Resources": resources}, TYPES, "eu-west-1", "1")
    assert found.skipped == {"Only": "AWS::SQS::QueuePolicy that wants TLS"}
    assert found.data["Resources"]["Both"]["Properties"]["PolicyDocument"]["Statement"] == [allow]
    assert len(resources["Both"]["Properties"]["PolicyDocument"]["Statement"]) == 2  # type: ignore[index]
