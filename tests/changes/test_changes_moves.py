"""Resources that move: from stack to stack, or to another logical id."""

from __future__ import annotations

from pathlib import Path

import pytest
from compared import HEAD, compare, dangers, indented, templates

from generator.changes import Changes, Danger

ROOT = (
    HEAD
    + "Resources:\n"
    + indented("""
A: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: a.yaml}}
B: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: b.yaml}}
""")
)
STAYS = "Topic: {Type: AWS::SNS::Topic}\n"


def moved(tmp_path: Path, resource: str) -> Changes:
    """A resource that goes from one nested stack to another."""
    with_it, without = (HEAD + "Resources:\n" + indented(STAYS + text) for text in (resource, ""))
    return compare(
        tmp_path,
        {"template.yaml": ROOT, "a.yaml": with_it, "b.yaml": without},
        {"template.yaml": ROOT, "a.yaml": without, "b.yaml": with_it},
    )


def test_a_stateful_resource_without_a_name_starts_empty(tmp_path: Path) -> None:
    changes = moved(tmp_path, "Jobs: {Type: AWS::SQS::Queue}")
    assert dangers(changes) == [(Danger.LOST, "Jobs"), (Danger.LOST, "Jobs")]
    assert any("starts empty" in warning.message for warning in changes.environments[0].warnings)


def test_a_fixed_name_clashes(tmp_path: Path) -> None:
    changes = moved(tmp_path, "Jobs: {Type: AWS::SQS::Queue, Properties: {QueueName: jobs}}")
    message = next(w.message for w in changes.environments[0].warnings if w.danger is Danger.FAILS)
    assert "jobs moves from a.yaml, Jobs to b.yaml, Jobs" in message
    assert "import" in message


def test_a_stateless_resource_with_a_fixed_name_clashes_too(tmp_path: Path) -> None:
    changes = moved(tmp_path, "Role: {Type: AWS::IAM::Role, Properties: {RoleName: r, AssumeRolePolicyDocument: {}}}")
    assert dangers(changes) == [(Danger.FAILS, "Role")]


def test_a_stateless_resource_without_a_name_just_moves(tmp_path: Path) -> None:
    changes = moved(tmp_path, "Role: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {}}}")
    assert not dangers(changes)


@pytest.mark.parametrize(("second", "clash"), [("jobs", True), ("work", False)])
def test_another_logical_id_with_the_same_name_clashes(tmp_path: Path, second: str, clash: bool) -> None:
    queue = "{}: {{Type: AWS::SQS::Queue, Properties: {{QueueName: {}}}}}"
    changes = templates(tmp_path, queue.format("Jobs", "jobs"), queue.format("Work", second))
    assert ((Danger.FAILS, "Work") in dangers(changes)) == clash


def test_a_nested_stack_that_goes_takes_all_with_it(tmp_path: Path) -> None:
    data = HEAD + "Resources:\n" + indented(STAYS + "Jobs: {Type: AWS::SQS::Queue}")
    less = ROOT.replace("  A:", "  B2:").replace("a.yaml", "b.yaml")
    other = HEAD + "Resources:\n" + indented(STAYS)
    changes = compare(
        tmp_path, {"template.yaml": ROOT, "a.yaml": data, "b.yaml": other}, {"template.yaml": less, "b.yaml": other}
    )
    assert (Danger.LOST, "Jobs") in dangers(changes)


def test_a_nested_stack_that_is_kept_keeps_all(tmp_path: Path) -> None:
    data = HEAD + "Resources:\n" + indented(STAYS + "Jobs: {Type: AWS::SQS::Queue}")
    kept = ROOT.replace("A: {Type", "A: {DeletionPolicy: Retain, Type")
    less = "\n".join(line for line in ROOT.splitlines() if "A: {" not in line)
    other = HEAD + "Resources:\n" + indented(STAYS)
    changes = compare(
        tmp_path, {"template.yaml": kept, "a.yaml": data, "b.yaml": other}, {"template.yaml": less, "b.yaml": other}
    )
    assert (Danger.LEFT, "Jobs") in dangers(changes)
    assert (Danger.LOST, "Jobs") not in dangers(changes)


@pytest.mark.parametrize(
    ("qualifier", "clashes"),
    [
        ("{Ref: Alias}", False),
        ("live", True),
        ('{"Fn::Select": [7, {"Fn::Split": [":", {Ref: Alias}]}]}', True),
        ("canary", False),
    ],
)
def test_an_alias_has_one_configuration_of_invocations(tmp_path: Path, qualifier: str, clashes: bool) -> None:
    """However it is called: SAM's own and one of the template are the same to Lambda."""
    function = """
Function: {Type: AWS::Lambda::Function, Properties: {Code: {ZipFile: a}, Role: r, Handler: a.b, Runtime: python3.13}}
Alias: {Type: AWS::Lambda::Alias, Properties: {FunctionName: {Ref: Function}, FunctionVersion: "1", Name: live}}
"""
    text = "%s: {Type: AWS::Lambda::EventInvokeConfig, Properties: {FunctionName: {Ref: Function}, Qualifier: %s}}\n"
    before, after = (function + text % pair for pair in (("Old", "live"), ("New", qualifier)))
    changes = compare(
        tmp_path,
        {"template.yaml": HEAD + "Resources:\n" + indented(before)},
        {"template.yaml": HEAD + "Resources:\n" + indented(after)},
    )
    assert ((Danger.FAILS, "New") in dangers(changes)) is clashes
