"""Lists that stand in our code agree with the libraries that keep them."""

from __future__ import annotations

import json
import typing
from pathlib import Path

import cfnlint
import pytest
from samtranslator.model.preferences.deployment_preference_collection import CODEDEPLOY_PREDEFINED_CONFIGURATIONS_LIST

from generator import paths
from generator.spec import lintdata, model, runtimes, values

DATA = Path(cfnlint.__file__).parent / "data"


def test_retention_periods_are_cfn_lints() -> None:
    from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-west-2", "AWS::Logs::LogGroup").schema
    assert sorted(schema["properties"]["RetentionInDays"]["enum"]) == sorted(typing.get_args(model.RetentionDays))


def test_deployment_preferences_are_sams() -> None:
    assert set(typing.get_args(model.DeploymentPreference)) == set(CODEDEPLOY_PREDEFINED_CONFIGURATIONS_LIST)


def test_every_runtime_family_is_a_folder_with_a_supported_runtime() -> None:
    assert set(runtimes.families()) == {
        p.name for p in paths.runtimes().iterdir() if p.is_dir() and p.name[0] not in "_."
    }
    lifecycle = lintdata.runtime_lifecycle()
    assert lifecycle is not None
    for family in runtimes.families():
        newest = runtimes.newest(family)
        assert newest in lifecycle


def test_every_region_with_schemas_is_allowed() -> None:
    regions = lintdata.regions()
    assert regions is not None
    assert {"us-west-2", "eu-central-1", "cn-north-1", "us-gov-west-1"} <= set(regions)
    assert [values.check_region(region) for region in regions] == list(regions)


@pytest.mark.parametrize(
    ("action", "limited"), [("dynamodb:GetItem", True), ("s3:GetObject", True), ("xray:PutTraceSegments", False)]
)
def test_what_can_be_limited_is_cfn_lints_to_say(action: str, limited: bool) -> None:
    service, _, name = action.partition(":")
    data = json.loads((DATA / "AdditionalSpecs" / "Policies.json").read_text("utf-8"))

    assert values.check_action(action) == action
    assert values.can_be_limited(action) is limited is bool(data[service]["Actions"][name.lower()].get("Resources"))
