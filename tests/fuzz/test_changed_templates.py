"""Templates that somebody has changed anywhere: the review has an answer to each, whatever it is."""

from __future__ import annotations

import tempfile
from pathlib import Path
from random import Random
from typing import cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structures import API, KEYS, as_yaml, changed, good_templates

from generator.checks import load_rules
from generator.checks.review import Reviewer
from generator.errors import InputError
from generator.validate import Report, Validator

TEMPLATES = good_templates()


class NoTools:
    """Stands where SAM's and cfn-lint's verdicts would come from; SAM expands the templates all the same."""

    forked = False
    jobs = 1

    def start(self) -> None:
        """There is nothing to start."""

    def validate(self, _project: object) -> Report:
        return Report((), (), ())


def failures(text: str) -> tuple[str, ...]:
    """Which rules broke down over a template."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "template.yaml").write_text(text, encoding="utf-8")
        Path(folder, "keys.yaml").write_text(KEYS, encoding="utf-8")
        Path(folder, "api.yaml").write_text(API, encoding="utf-8")
        try:
            (project,) = Reviewer(cast("Validator", NoTools()), load_rules()).review([Path(folder)]).projects
        except InputError:
            return ()
        return project.failures


@pytest.mark.parametrize("number", range(len(TEMPLATES)))
def test_the_templates_are_reviewed_before_they_are_changed(number: int) -> None:
    assert failures(as_yaml(TEMPLATES[number])) == ()


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(template=st.sampled_from(TEMPLATES), number=st.integers(0, 2**32))
def test_no_change_breaks_a_rule(template: object, number: int) -> None:
    text = as_yaml(changed(template, Random(number)))  # noqa: S311 - nothing secret
    assert failures(text) == (), text


@pytest.mark.parametrize(
    "resource",
    [
        {"Type": "AWS::Serverless::Function", "Properties": {"": "x", "Timeout": []}},
        {"Type": "AWS::ApiGatewayV2::Integration", "Properties": {0: "x"}},
        {"Type": "AWS::ApiGateway::Method", "Properties": {"Integration": {True: "x"}}},
        {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::FindInMap": [[], {}, None]}}},
    ],
)
def test_what_broke_once_does_not_break_again(resource: object) -> None:
    assert failures(as_yaml({"Resources": {"Thing": resource}})) == ()


def test_a_stack_whose_name_is_a_number_is_nested() -> None:
    nesting = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "keys.yaml"}}
    assert failures(as_yaml({"Resources": {0: nesting}})) == ()


def test_a_loop_that_makes_a_number_is_written_out() -> None:
    loop = ["Name", ["a"], {0: {"Type": "AWS::SNS::Topic"}}]
    resources = {"Fn::ForEach::X": loop, "Queue": {"Type": "AWS::SQS::Queue"}}
    assert failures(as_yaml({"Transform": "AWS::LanguageExtensions", "Resources": resources})) == ()
