"""An environment in several regions: a stack each, what is the account's once, what is a region's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from deployment import deploy, overrides, samconfig
from rendering import document, render

from generator.render.environments import partition_of
from generator.spec.problems import SpecError

CERTIFICATE = "arn:aws:acm:eu-central-1:123456789012:certificate/0d0a1b2c-0000-4000-8000-000000000000"
PROD: dict[str, Any] = {
    "name": "prod",
    "region": "eu-central-1",
    "further_regions": [{"name": "eu-west-1", "role": "active"}, {"name": "us-east-1"}],
    "domain": {"name": "orders.example.com", "certificate_arn": CERTIFICATE},
}
SPEC: dict[str, Any] = {
    "environments": [{"name": "dev"}, PROD],
    "functions": [
        {"name": "create"},
        {"name": "nightly", "triggers": [{"type": "schedule", "expression": "rate(5 minutes)"}]},
    ],
}
TABLES = {"prod": "primary", "prod-eu-west-1": "active", "prod-us-east-1": "standby"}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return render(document(**SPEC), tmp_path_factory.mktemp("regions"))


def test_every_region_has_a_table_with_the_same_parameters(project: Path) -> None:
    tables = {
        name: table for name, table in samconfig(project).items() if isinstance(table, dict) and "account" in table
    }
    assert list(tables) == ["dev", *TABLES]
    for name, role in TABLES.items():
        given = overrides(project, name)
        assert given["RegionRole"] == role
        assert set(given) == set(overrides(project, "dev"))
        region = tables[name]["global"]["parameters"]["region"]
        deploys = tables[name]["deploy"]["parameters"]
        assert deploys["s3_bucket"] == f"sam-artifacts-123456789012-{region}"
        assert deploys["role_arn"] == "arn:aws:iam::123456789012:role/bootstrap/prod-orders-stacks"
        assert tables[name]["global"]["parameters"]["stack_name"] == "prod-orders"


def test_what_is_of_the_account_is_named_after_the_region_and_the_rest_is_not(project: Path) -> None:
    names = [
        {role["RoleName"] for role in deploy(project, table).of_type("AWS::IAM::Role").values()} for table in TABLES
    ]
    assert not names[0] & names[1]
    assert not names[1] & names[2]
    functions = [
        {f["FunctionName"] for f in deploy(project, table).of_type("AWS::Lambda::Function").values()}
        for table in TABLES
    ]
    assert functions[0] == functions[1] == functions[2]


def test_a_domain_is_the_first_regions(project: Path) -> None:
    assert overrides(project, "prod")["DomainName"] == "orders.example.com"
    assert deploy(project, "prod").of_type("AWS::ApiGateway::DomainName")
    for name in ("prod-eu-west-1", "prod-us-east-1"):
        assert (overrides(project, name)["DomainName"], overrides(project, name)["CertificateArn"]) == ("", "")
        assert not deploy(project, name).of_type("AWS::ApiGateway::DomainName")


def test_schedules_run_in_one_region(project: Path) -> None:
    states = {
        table: {s.get("State", "ENABLED") for s in deploy(project, table).of_type("AWS::Scheduler::Schedule").values()}
        for table in TABLES
    }
    assert states["prod"] == {"ENABLED"}
    assert states["prod-us-east-1"] == {"DISABLED"}


@pytest.mark.parametrize(
    ("region", "partition"),
    [("eu-west-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov"), ("us-west-2", "aws")],
)
def test_partitions(region: str, partition: str) -> None:
    assert partition_of(region) == partition


def test_an_environment_cannot_be_called_as_a_regions_table_is(tmp_path: Path) -> None:
    environments = [{"name": "p", "further_regions": [{"name": "eu-west-1"}]}, {"name": "p-eu-west-1"}]
    with pytest.raises(SpecError, match=r"'p-eu-west-1' is what samconfig\.toml calls p in eu-west-1"):
        render(document(environments=environments), tmp_path)


def test_no_function_takes_the_name_of_code_deploys_role(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="CodeDeploy's role"):
        render(document(functions=[{"name": "codedeploy"}]), tmp_path)


def test_roles_of_the_projects_own_have_to_have_room_for_their_names(tmp_path: Path) -> None:
    long = {"service": {"name": "s" * 40}, "environments": [{"name": "e" * 16}], "functions": [{"name": "f"}]}
    with pytest.raises(SpecError, match="has 69 characters, AWS allows 64"):
        render(long, tmp_path)
