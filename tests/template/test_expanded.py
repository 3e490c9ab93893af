"""What the rendered and expanded templates say, read by resource type."""

from __future__ import annotations

import ipaddress
import json
from pathlib import Path
from typing import Any

import pytest
from rendering import document, render

from generator.project import expand, load_project

CIDRS = ["10.0.0.0/8", "2001:db8::/32"]
FUNCTIONS = [
    {"name": "orders", "triggers": [{"type": "api", "method": "POST", "path": "/orders/{id}"}], "secrets": ["key"]},
    {"name": "open", "triggers": [{"type": "api", "path": "/open", "authorization": "none"}]},
    {"name": "nightly", "triggers": [{"type": "schedule", "expression": "rate(1 hour)"}]},
]


def resources(project: Path) -> dict[str, dict[str, Any]]:
    """Every resource of every expanded stack, by stack and logical id."""
    found = {}
    for template in load_project(project).templates:
        if template.name.startswith("bootstrap"):
            continue
        data = expand(template, "us-west-2").data
        assert data is not None
        found.update({f"{template.name}#{name}": resource for name, resource in data["Resources"].items()})
    return found


def of_type(found: dict[str, dict[str, Any]], kind: str) -> dict[str, dict[str, Any]]:
    return {name.split("#")[1]: r.get("Properties", {}) for name, r in found.items() if r["Type"] == kind}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    return resources(render(document(functions=FUNCTIONS), tmp_path_factory.mktemp("expanded")))


def test_every_function_is_fit_for_production(found: dict[str, dict[str, Any]]) -> None:
    functions = of_type(found, "AWS::Lambda::Function")
    groups = of_type(found, "AWS::Logs::LogGroup")
    assert set(functions) == {"OrdersFunction", "OpenFunction", "NightlyFunction", "PreTrafficFunction"}
    for name, function in functions.items():
        wanted = {"KmsKeyArn", "ReservedConcurrentExecutions", "Timeout", "MemorySize", "Architectures"}
        assert wanted <= set(function)
        assert function["TracingConfig"] == {"Mode": "Active"}
        assert function["DeadLetterConfig"]["TargetArn"]["Fn::GetAtt"][0] == name.replace("Function", "DeadLetterQueue")
        group = groups[function["LoggingConfig"]["LogGroup"]["Ref"]]
        assert group["LogGroupName"]["Fn::Sub"] == f"/aws/lambda/{function['FunctionName']['Fn::Sub']}"
        assert function["LoggingConfig"]["ApplicationLogLevel"] == {"Ref": "LogLevel"}
    assert all("RetentionInDays" in group and "KmsKeyId" in group for group in groups.values())
    assert len(of_type(found, "AWS::Lambda::Alias")) == len(of_type(found, "AWS::Lambda::Version")) == len(functions)
    for group in of_type(found, "AWS::CodeDeploy::DeploymentGroup").values():
        assert group["AlarmConfiguration"]["Alarms"]


def test_roles_name_their_actions_and_resources(found: dict[str, dict[str, Any]]) -> None:
    roles = of_type(found, "AWS::IAM::Role")
    statements = {
        name: [s for policy in role.get("Policies", []) for s in policy["PolicyDocument"]["Statement"]]
        for name, role in roles.items()
    }
    unlimited = []
    for listed in statements.values():
        for statement in listed:
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            assert not any("*" in action for action in actions)
            if statement["Resource"] == "*":
                unlimited += actions
    assert set(unlimited) == {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}
    by_sid = {s["Sid"]: s for s in statements["OrdersRole"]}
    assert set(by_sid) == {"WriteOwnLogs", "UseTheKey", "KeepFailedEvents", "SendTraces", "ReadOwnSecrets"}
    (secret,) = by_sid["ReadOwnSecrets"]["Resource"]
    assert secret["Fn::Sub"].endswith(":parameter/${Environment}/orders/key")
    assert "ReadOwnSecrets" not in {s["Sid"] for s in statements["OpenRole"]}


def test_a_new_release_publishes_and_the_same_does_not(tmp_path: Path) -> None:
    project = render(document(functions=FUNCTIONS), tmp_path)
    stack = project / "stacks/functions/template.yaml"
    text = stack.read_text("utf-8")

    def versions(release: str) -> set[str]:
        stack.write_text(text.replace("Default: unset", f"Default: {release}"), encoding="utf-8")
        return set(of_type(resources(project), "AWS::Lambda::Version"))

    assert versions("aaaaaaaa") == versions("aaaaaaaa")
    assert not versions("aaaaaaaa") & versions("bbbbbbbb")


def decide(found: dict[str, dict[str, Any]], address: str, public: bool, cidrs: list[str]) -> str:
    """What the web ACL does with an address that no managed rule objects to."""
    (acl,) = of_type(found, "AWS::WAFv2::WebACL").values()
    wanted = {"AllowedIpv4": [c for c in cidrs if ":" not in c], "AllowedIpv6": [c for c in cidrs if ":" in c]}

    def matches(statement: dict[str, Any]) -> bool:
        ((kind, body),) = statement.items()
        if kind == "OrStatement":
            return any(matches(inner) for inner in body["Statements"])
        if kind == "IPSetReferenceStatement":
            ranges = wanted[body["Arn"]["Fn::GetAtt"][0]]
            return any(ipaddress.ip_address(address) in ipaddress.ip_network(c) for c in ranges)
        assert kind in {"ManagedRuleGroupStatement", "RateBasedStatement"}
        return False

    for rule in sorted(acl["Rules"], key=lambda r: r["Priority"]):
        if matches(rule["Statement"]):
            return str(next(iter(rule["Action"])))
    condition, yes, no = acl["DefaultAction"]["Fn::If"]
    assert condition == "IsPublic"
    return str(next(iter(yes if public else no)))


def test_the_web_acl_lets_in_whom_it_should(found: dict[str, dict[str, Any]]) -> None:
    assert decide(found, "10.1.2.3", False, []) == "Block"
    assert decide(found, "10.1.2.3", False, CIDRS) == "Allow"
    assert decide(found, "2001:db8::1", False, CIDRS) == "Allow"
    assert decide(found, "11.1.2.3", False, CIDRS) == "Block"
    assert decide(found, "2001:db9::1", False, CIDRS) == "Block"
    assert decide(found, "11.1.2.3", True, []) == "Allow"


def test_the_web_acl_is_complete(found: dict[str, dict[str, Any]]) -> None:
    (acl,) = of_type(found, "AWS::WAFv2::WebACL").values()
    managed = [r for r in acl["Rules"] if "ManagedRuleGroupStatement" in r["Statement"]]
    assert len(managed) == 3
    assert all(rule["OverrideAction"] == {"None": {}} for rule in managed)
    assert of_type(found, "AWS::WAFv2::LoggingConfiguration")
    (association,) = of_type(found, "AWS::WAFv2::WebACLAssociation").values()
    assert "/stages/" in association["ResourceArn"]["Fn::Sub"]


def test_every_route_is_authorized_and_calls_the_alias(found: dict[str, dict[str, Any]]) -> None:
    (api,) = of_type(found, "AWS::ApiGateway::RestApi").values()
    body = api["Body"]
    for path, methods in body["paths"].items():
        assert "options" in methods
        for method, operation in methods.items():
            if method == "options":
                continue
            assert operation["security"] == ([] if path == "/open" else [{"iam": []}])
            integration = operation["x-amazon-apigateway-integration"]
            if path == "/health":
                assert integration["type"] == "mock"
                continue
            assert (integration["type"], integration["httpMethod"]) == ("aws_proxy", "POST")
            assert ":live/invocations" in integration["uri"]["Fn::Sub"]
    assert set(body["components"]["securitySchemes"]) == {"iam"}
    (stage,) = of_type(found, "AWS::ApiGateway::Stage").values()
    (setting,) = stage["MethodSettings"]
    assert stage["TracingEnabled"] is True
    assert (setting["LoggingLevel"], setting["ThrottlingRateLimit"], setting["DataTraceEnabled"]) == (
        "ERROR",
        50,
        False,
    )
    for permission in of_type(found, "AWS::Lambda::Permission").values():
        assert "${Api}/" in permission["SourceArn"]["Fn::Sub"]


def test_every_alarm_tells_somebody(found: dict[str, dict[str, Any]]) -> None:
    alarms = of_type(found, "AWS::CloudWatch::Alarm")
    assert all(alarm["AlarmActions"] for alarm in alarms.values())
    for name in ("Orders", "Open", "Nightly"):
        assert {f"{name}{what}Alarm" for what in ("Errors", "Throttles", "Duration", "DeadLetters")} <= set(alarms)
    assert {"Api5xxAlarm", "Api4xxAlarm", "ApiLatencyAlarm", "WafBlocksAlarm"} <= set(alarms)


def test_physical_names_begin_with_the_environment(found: dict[str, dict[str, Any]]) -> None:
    keys = ("FunctionName", "RoleName", "QueueName", "TopicName", "AlarmName", "DashboardName", "Name")
    named = 0
    for resource in found.values():
        if resource["Type"] == "AWS::Lambda::Permission":  # names the function by its ARN
            continue
        for key in keys:
            value = resource.get("Properties", {}).get(key)
            if isinstance(value, dict) and "Fn::Sub" in value:
                assert value["Fn::Sub"].startswith("${Environment}-"), value
                named += 1
    assert named > 20


def test_a_schedule_has_its_own_role_retries_and_queue(found: dict[str, dict[str, Any]]) -> None:
    (schedule,) = of_type(found, "AWS::Scheduler::Schedule").values()
    target = schedule["Target"]
    assert target["RoleArn"]["Fn::Sub"].endswith("orders-nightly-schedule")
    assert target["RetryPolicy"]["MaximumRetryAttempts"] == 10
    assert target["DeadLetterConfig"]["Arn"]["Fn::GetAtt"] == ["NightlyDeadLetterQueue", "Arn"]
    assert target["Arn"]["Ref"].startswith("NightlyFunctionAlias")


@pytest.mark.parametrize("number", [1, 60, 120])
def test_any_number_of_functions_fits(number: int, tmp_path: Path) -> None:
    functions = [{"name": f"fn-{i}", "triggers": [{"type": "api", "path": f"/fn/{i}"}]} for i in range(number)]
    environments = [{"name": "dev", "concurrency_limit": 100_000}]
    project = render(document(functions=functions, environments=environments), tmp_path)
    sizes: dict[str, int] = {}
    for name in (found := resources(project)):
        sizes[name.split("#")[0]] = sizes.get(name.split("#")[0], 0) + 1
    assert max(sizes.values()) < 500
    # And the pre-traffic hook.
    assert len(of_type(found, "AWS::Lambda::Function")) == number + 1
    names = [json.dumps(f["FunctionName"]) for f in of_type(found, "AWS::Lambda::Function").values()]
    assert len(set(names)) == number + 1
    assert (project / "stacks/functions-2/template.yaml").exists() is (number > 25)
