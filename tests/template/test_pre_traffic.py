"""Before traffic reaches a new version CodeDeploy lets the hook call it, and both may do just that."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from deployment import Deployment, deploy, statements
from rendering import document, render

from generator.render import pre_traffic, views
from generator.spec.load import spec_from

NAMES = ["web", "nightly"]
SPEC: dict[str, Any] = document(
    functions=[
        {"name": "web", "triggers": [{"type": "api", "path": "/"}]},
        {"name": "nightly", "triggers": [{"type": "schedule", "expression": "rate(1 day)"}]},
    ]
)
HOOK = "dev-orders-pre-traffic"


def function_arn(name: str) -> str:
    return f"arn:aws:lambda:us-west-2:123456789012:function:{name}"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return render(SPEC, tmp_path_factory.mktemp("hook"))


@pytest.fixture(scope="module")
def dev(project: Path) -> Deployment:
    return deploy(project, "dev")


def hooks(deployment: Deployment) -> dict[str, str | None]:
    """For each function, the hook that is called before its alias gets traffic."""
    found = {}
    for name, stack in deployment.stacks.items():
        if not name.startswith("stacks/functions"):
            continue
        for resource in stack.resources.values():
            if resource["Type"] != "AWS::Lambda::Alias":
                continue
            function = stack.resources[resource["Properties"]["FunctionName"].strip("<>")]["Properties"]
            update = resource.get("UpdatePolicy", {}).get("CodeDeployLambdaAliasUpdate", {})
            hook = update.get("BeforeAllowTrafficHook")
            if hook and hook.startswith("<"):
                hook = stack.resources[hook.strip("<>")]["Properties"]["FunctionName"]
            found[function["FunctionName"]] = hook
    return found


def allowed(deployment: Deployment, role: str) -> dict[str, list[str]]:
    """Each action that a role's policies allow, with the resources."""
    properties = deployment.of_type("AWS::IAM::Role")[role]
    assert "ManagedPolicyArns" not in properties
    found: dict[str, list[str]] = {}
    for policy in properties["Policies"]:
        for statement in statements(policy["PolicyDocument"]):
            for action in statement["Action"]:
                found.setdefault(action, []).extend(statement["Resource"])
    return found


def test_every_function_is_called_before_it_gets_traffic_and_the_hook_is_not(dev: Deployment) -> None:
    assert hooks(dev) == {"dev-orders-web": HOOK, "dev-orders-nightly": HOOK, HOOK: None}


def test_codedeploy_may_shift_traffic_and_call_the_hook_and_no_more(dev: Deployment) -> None:
    functions = [function_arn(f"dev-orders-{name}") for name in NAMES]
    found = allowed(dev, "CodeDeployRole")
    assert found.pop("cloudwatch:DescribeAlarms") == ["arn:aws:cloudwatch:us-west-2:123456789012:alarm:*"]
    assert found == {
        "lambda:GetAlias": functions,
        "lambda:UpdateAlias": functions,
        "lambda:GetProvisionedConcurrencyConfig": [f"{arn}:*" for arn in functions],
        "lambda:InvokeFunction": [function_arn(HOOK)],
    }
    (trust,) = dev.of_type("AWS::IAM::Role")["CodeDeployRole"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}


def test_the_hook_may_call_versions_and_report(dev: Deployment) -> None:
    found = allowed(dev, "PreTrafficRole")
    assert found["lambda:InvokeFunction"] == [function_arn(f"dev-orders-{name}:*") for name in NAMES]
    (group,) = {arn for action in found if action.startswith("codedeploy") for arn in found[action]}
    made = "dev-orders-Functions-1A2B3C4D5E6F-ServerlessDeploymentApplication-abcdefghijkl/group"
    assert fnmatchcase(f"arn:aws:codedeploy:us-west-2:123456789012:deploymentgroup:{made}", group)
    assert not fnmatchcase(f"arn:aws:codedeploy:us-west-2:123456789012:deploymentgroup:prod-orders-{made}", group)


def test_the_hook_is_set_up_as_every_function(dev: Deployment) -> None:
    (hook,) = (f for f in dev.of_type("AWS::Lambda::Function").values() if f["FunctionName"] == HOOK)
    queues = {f"<{name}.Arn>": q["QueueName"] for name, q in dev.of_type("AWS::SQS::Queue").items()}

    assert hook["Role"] == f"arn:aws:iam::123456789012:role/{HOOK}"
    assert hook["KmsKeyArn"] == "<EncryptionKey.Arn>"
    assert hook["TracingConfig"] == {"Mode": "Active"}
    assert hook["ReservedConcurrentExecutions"] == 5
    assert queues[hook["DeadLetterConfig"]["TargetArn"]] == f"{HOOK}-dlq"
    assert hook["LoggingConfig"]["ApplicationLogLevel"] in {"ERROR", "WARN"}
    # It has the time to report what it waited for.
    assert hook["Timeout"] >= 4 * 15


def test_parts_after_the_first_use_its_hook_and_wait_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "STACK_RESOURCES", 40)
    functions = [{"name": f"f{n}", "triggers": []} for n in range(6)]
    deployment = deploy(render(document(functions=functions), tmp_path))
    stacks = {name: r for name, r in deployment.stacks["template.yaml"].resources.items() if "Functions" in name}

    assert sorted(stacks) == ["Functions", "Functions2"]
    assert stacks["Functions2"]["DependsOn"] == ["Functions"]
    assert hooks(deployment) == {HOOK: None, **{f"dev-orders-f{n}": HOOK for n in range(6)}}


@pytest.mark.parametrize(("number", "named"), [(1, True), (30, True), (235, False)])
def test_policies_stay_below_their_limit(number: int, named: bool, tmp_path: Path) -> None:
    functions = [{"name": f"function-{n:03}", "reserved_concurrency": 1, "triggers": []} for n in range(number)]
    environment = {"name": "e" * 16, "region": "ap-southeast-3"}
    spec = document(environments=[environment], functions=functions)
    deployment = deploy(render({**spec, "service": {"name": "s" * 34}}, tmp_path), "e" * 16)
    for role in ("CodeDeployRole", "PreTrafficRole"):
        policies = deployment.of_type("AWS::IAM::Role")[role]["Policies"]
        size = sum(len(json.dumps(policy["PolicyDocument"], separators=(",", ":"))) for policy in policies)
        assert size < 10_240
    called = allowed(deployment, "PreTrafficRole")["lambda:InvokeFunction"]
    for function in deployment.of_type("AWS::Lambda::Function").values():
        arn = f"arn:aws:lambda:ap-southeast-3:123456789012:function:{function['FunctionName']}:7"
        assert any(fnmatchcase(arn, pattern) for pattern in called) or "pre-traffic" in arn
    assert (len(called) == number) is named


def test_the_hooks_runtime_without_data_on_runtimes(monkeypatch: pytest.MonkeyPatch) -> None:
    functions: list[Any] = [type("F", (), {"name": "a", "runtime": "nodejs24.x"})]
    spec = spec_from(document(functions=[{"name": "b", "runtime": "python3.12"}]), "x")
    assert pre_traffic.pre_traffic(functions, "orders", ["dev"]).runtime == "python3.14"
    monkeypatch.setattr(pre_traffic, "newest", lambda _family: None)
    assert pre_traffic.pre_traffic(functions, "orders", ["dev"]).runtime == "python3.14"
    written: list[Any] = [*functions, *spec.functions]
    assert pre_traffic.pre_traffic(written, "orders", ["dev"]).runtime == "python3.12"
