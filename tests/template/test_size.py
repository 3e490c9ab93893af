"""Large services: inside CloudFormation's quotas, or refused with the number."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from deployment import Deployment, deploy
from rendering import findings, render

from generator.errors import InputError
from generator.project import expand, load_project
from generator.render.names import template_names
from generator.spec.load import spec_from

# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
TEMPLATE_BYTES, INLINE_BYTES, RESOURCES, PARAMETERS, OUTPUTS = 1_048_576, 51_200, 500, 200, 200
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html, white space not counted
POLICY_CHARACTERS = 10_240


def trigger(kind: int, number: int) -> dict[str, Any]:
    kinds: list[dict[str, Any]] = [
        {"type": "api", "method": "POST", "path": f"/route-{number}/{{id}}"},
        {"type": "schedule", "expression": "rate(1 day)"},
        {"type": "sqs", "queue": f"queue-{number}"},
        {"type": "sns", "topic": f"topic-{number % 5}"},
        {"type": "eventbridge", "bus": "shop", "pattern": {"source": [f"s{number}"]}},
        {"type": "s3", "bucket": f"b{number % 10}", "prefix": f"{number}/"},
        {"type": "dynamodb", "table": f"table-{number % 10}"},
    ]
    return kinds[kind]


def large(count: int) -> dict[str, Any]:
    """A service of functions with three or four triggers each, and permissions on everything."""
    return {
        "service": {"name": "a-large-service"},
        "environments": [{"name": "production-eu", "concurrency_limit": 10_000}],
        "tables": [{"name": f"table-{n}", "partition_key": {"name": "id"}} for n in range(10)],
        "buckets": [{"name": f"b{n}"} for n in range(10)],
        "functions": [
            {
                "name": f"function-{number}",
                "triggers": [trigger(kind, number) for kind in range(7) if (number + kind) % 2 == 0],
                "secrets": ["first", "second"],
                "permissions": [
                    {"dynamodb": {"table": f"table-{number % 10}", "access": "readwrite"}},
                    {"s3": {"bucket": f"b{number % 10}", "access": "readwrite"}},
                    {"events": {}},
                ],
            }
            for number in range(count)
        ],
    }


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return render(large(40), tmp_path_factory.mktemp("large"))


@pytest.fixture(scope="module")
def deployment(project: Path) -> Deployment:
    return deploy(project, "production-eu")


def test_forty_functions_stay_under_every_quota(project: Path) -> None:
    loaded = load_project(project)
    assert (project / "template.yaml").stat().st_size < INLINE_BYTES
    for template in loaded.templates:
        expansion = expand(template, "us-west-2")
        assert expansion.data is not None
        assert len(json.dumps(expansion.data)) < TEMPLATE_BYTES, template.name
        assert len(expansion.data["Resources"]) <= RESOURCES, template.name
        assert len(expansion.data.get("Parameters", {})) <= PARAMETERS, template.name
        assert len(expansion.data.get("Outputs", {})) <= OUTPUTS, template.name


def test_no_role_s_policies_are_too_long(deployment: Deployment) -> None:
    roles = deployment.of_type("AWS::IAM::Role")
    assert len(roles) > 40
    for name, role in roles.items():
        size = sum(len(json.dumps(p["PolicyDocument"], separators=(",", ":"))) for p in role.get("Policies", []))
        assert size <= POLICY_CHARACTERS, name


def places(functions: list[dict[str, Any]]) -> dict[str, int]:
    """The part that each function is in."""
    spec = spec_from({**large(0), "functions": functions}, "x")
    parts = template_names({"_spec": spec.model_dump_json()})["parts"]
    return {function.name: part.number for part in parts for function in part.functions}


def test_no_function_changes_its_stack_as_the_service_grows() -> None:
    """It would be made in one stack while it is still there in the other."""
    functions = large(45)["functions"]
    before = places(functions)
    assert set(before.values()) == {1, 2}
    later = [{"name": f"later-{n}", "triggers": [trigger(1, n)]} for n in range(30)]
    assert before.items() <= places([*functions, *later]).items()
    grown = [{**f, "triggers": [trigger(kind, n) for kind in range(7)]} for n, f in enumerate(functions)]
    assert before == places(grown)


def test_the_functions_are_in_more_than_one_stack(deployment: Deployment) -> None:
    stacks = [name for name in deployment.stacks if name.startswith("stacks/functions")]
    assert len(stacks) > 1
    assert len(deployment.of_type("AWS::Lambda::Alias")) >= 40


@pytest.mark.slow
def test_forty_functions_are_valid(project: Path) -> None:
    assert findings(project) == []


def test_a_policy_at_the_rule_s_limit_fits_a_role(tmp_path: Path) -> None:
    """The rule's estimate of a typed permission is not below what is rendered for the longest names."""
    data = large(1)
    data["tables"] = [{"name": "t" * 40, "partition_key": {"name": "id"}}]
    permission = {"dynamodb": {"table": "t" * 40, "access": "readwrite"}}
    data["functions"][0]["permissions"] = [permission] * 9
    deployment = deploy(render(data | {"tables": [*data["tables"], *large(1)["tables"]]}, tmp_path), "production-eu")
    role = deployment.of_type("AWS::IAM::Role")["Function0Role"]
    size = sum(len(json.dumps(p["PolicyDocument"], separators=(",", ":"))) for p in role["Policies"])
    assert 5_000 < size <= POLICY_CHARACTERS


def test_a_service_too_large_is_refused_with_the_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generator.render.quotas.TEMPLATE_BYTES", 20_000)
    with pytest.raises(InputError, match=r"stacks/\w+/template.yaml has [\d,]+ bytes.*split the service"):
        render(large(3), tmp_path)
    assert list(tmp_path.iterdir()) == []
