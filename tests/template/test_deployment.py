"""What is deployed, looked at as resources: roles, functions, web ACL, API, alarms, names."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from deployment import Deployment, admits, deploy, statements
from rendering import document, findings, render

from generator.project import expand, load_project
from generator.render import views

TABLE = "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${Environment}-orders"
SPEC: dict[str, Any] = document(
    api={"cors_origins": ["https://app.example.com"], "throttling": {"rate_limit": 7, "burst_limit": 9}},
    environments=[
        {"name": "dev", "log_level": "ERROR"},
        {
            "name": "lists",
            "region": "eu-west-1",
            "account": "012345678901",
            "allowed_cidrs": ["203.0.113.0/24", "2001:db8::/32"],
            "alarm_email": "on-call@example.com",
        },
        {"name": "only6", "region": "eu-west-2", "allowed_cidrs": ["2001:db8::/32"]},
        {"name": "open", "region": "eu-west-3", "public": True},
        {"name": "prod", "region": "us-east-1"},
    ],
    functions=[
        {
            "name": "orders",
            "memory_size": 512,
            "timeout": 29,
            "reserved_concurrency": 3,
            "architecture": "x86_64",
            "triggers": [
                {"type": "api", "path": "/orders/{id}"},
                {"type": "api", "method": "POST", "path": "/orders"},
                {"type": "api", "method": "ANY", "path": "/files/{path+}", "authorization": "cognito"},
                {"type": "api", "path": "/health", "authorization": "none"},
            ],
            "environment": {"TABLE_NAME": "orders"},
            "secrets": ["db-password"],
            "permissions": [
                {"actions": ["dynamodb:GetItem"], "resources": [TABLE], "reason": "Reads orders one by one"},
                {"actions": ["xray:GetSamplingRules"], "resources": ["*"], "reason": "Samples by the rules"},
            ],
        },
        {
            "name": "night-shift",
            "timeout": 600,
            "triggers": [
                {"type": "schedule", "expression": "rate(1 day)"},
                {"type": "schedule", "expression": "cron(0 6 ? * MON-FRI *)", "timezone": "Europe/Vienna"},
            ],
        },
        {"name": "by-hand", "triggers": []},
        {
            "name": "both",
            "triggers": [
                {"type": "api", "path": "/orders"},
                {"type": "schedule", "expression": "rate(5 minutes)"},
            ],
        },
    ],
)
NAMES = [function["name"] for function in SPEC["functions"]]
SCHEDULED = ["night-shift", "both"]
# Calls new versions before traffic reaches them.
HOOK = "pre-traffic"
ALL = [*NAMES, HOOK]
KEY = "<EncryptionKey.Arn>"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return render(SPEC, tmp_path_factory.mktemp("expanded"))


@pytest.fixture(scope="module")
def dev(project: Path) -> Deployment:
    return deploy(project, "dev")


@pytest.fixture(scope="module")
def lists(project: Path) -> Deployment:
    return deploy(project, "lists")


def arn(service: str, rest: str) -> str:
    return f"arn:aws:{service}:us-west-2:123456789012:{rest}"


def roles(deployment: Deployment) -> dict[str, dict[str, list[str]]]:
    """For every role that is named, each action with the resources it is allowed on."""
    found: dict[str, dict[str, list[str]]] = {}
    for role in deployment.of_type("AWS::IAM::Role").values():
        if "RoleName" not in role:
            continue
        allowed: dict[str, list[str]] = {}
        for policy in role["Policies"]:
            for statement in statements(policy["PolicyDocument"]):
                assert statement["Effect"] == "Allow"
                assert set(statement) <= {"Sid", "Effect", "Action", "Resource"}
                for action in statement["Action"]:
                    allowed.setdefault(action, []).extend(statement["Resource"])
        assert "ManagedPolicyArns" not in role
        found[role["RoleName"]] = allowed
    return found


def own_actions(name: str) -> dict[str, list[str]]:
    """What every function may do, and no more."""
    logs = [arn("logs", f"log-group:/aws/lambda/dev-orders-{name}:*")]
    return {
        "logs:CreateLogStream": logs,
        "logs:PutLogEvents": logs,
        "kms:Decrypt": [KEY],
        "kms:GenerateDataKey": [KEY],
        "sqs:SendMessage": [arn("sqs", f"dev-orders-{name}-dlq")],
        "xray:PutTraceSegments": ["*"],
        "xray:PutTelemetryRecords": ["*"],
    }


def test_a_role_a_function_with_exactly_what_it_needs(dev: Deployment) -> None:
    expected = {f"dev-orders-{name}": own_actions(name) for name in NAMES}
    expected["dev-orders-orders"] |= {
        "ssm:GetParameter": [arn("ssm", "parameter/dev/orders/db-password")],
        "dynamodb:GetItem": [arn("dynamodb", "table/dev-orders")],
        "xray:GetSamplingRules": ["*"],
    }
    for name in SCHEDULED:
        expected[f"dev-orders-{name}-schedule"] = {
            "lambda:InvokeFunction": [arn("lambda", f"function:dev-orders-{name}:live")],
            "sqs:SendMessage": [arn("sqs", f"dev-orders-{name}-dlq")],
            "kms:Decrypt": [KEY],
            "kms:GenerateDataKey": [KEY],
        }
    expected["dev-orders-pre-traffic"] = own_actions(HOOK) | {
        "codedeploy:GetDeployment": [arn("codedeploy", "deploymentgroup:dev-orders*")],
        "codedeploy:PutLifecycleEventHookExecutionStatus": [arn("codedeploy", "deploymentgroup:dev-orders*")],
        "lambda:InvokeFunction": [arn("lambda", f"function:dev-orders-{name}:*") for name in NAMES],
    }
    deployed = [arn("lambda", f"function:dev-orders-{name}") for name in NAMES]
    expected["dev-orders-codedeploy"] = {
        "lambda:GetAlias": deployed,
        "lambda:UpdateAlias": deployed,
        "lambda:GetProvisionedConcurrencyConfig": [f"{function}:*" for function in deployed],
        "lambda:InvokeFunction": [arn("lambda", f"function:dev-orders-{HOOK}")],
        "cloudwatch:DescribeAlarms": [arn("cloudwatch", "alarm:*")],
    }
    assert roles(dev) == expected


def test_every_function_has_its_own_role(dev: Deployment) -> None:
    used = Counter(function["Role"] for function in dev.of_type("AWS::Lambda::Function").values())
    assert used == Counter(f"arn:aws:iam::123456789012:role/dev-orders-{name}" for name in ALL)


def test_no_wildcards_but_where_nothing_else_is_possible(dev: Deployment) -> None:
    for name, role in dev.of_type("AWS::IAM::Role").items():
        for policy in role.get("Policies", []):
            for statement in statements(policy["PolicyDocument"]):
                assert not any("*" in action for action in statement["Action"]), name
                if "*" in statement["Resource"]:
                    assert {action.split(":")[0] for action in statement["Action"]} == {"xray"}
        for statement in role["AssumeRolePolicyDocument"]["Statement"]:
            assert statement["Action"] == "sts:AssumeRole"
            assert set(statement["Principal"]) == {"Service"}
    for kind in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::User"):
        assert dev.of_type(kind) == {}


def test_the_key_rotates_and_is_open_to_this_account_and_its_services_alone(dev: Deployment) -> None:
    key = dev.one("AWS::KMS::Key")
    by_sid = {statement["Sid"]: statement for statement in statements(key["KeyPolicy"])}

    assert key["EnableKeyRotation"] is True
    assert by_sid["AccountAdministration"]["Principal"] == {"AWS": "arn:aws:iam::123456789012:root"}
    assert all(s["Condition"] for sid, s in by_sid.items() if sid != "AccountAdministration")
    assert all(set(s["Principal"]) == {"Service"} for sid, s in by_sid.items() if sid != "AccountAdministration")
    groups = by_sid["LogGroupsOfThisService"]["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]
    patterns = [re.escape(pattern).replace(r"\*", ".*") for pattern in groups]
    for group in dev.of_type("AWS::Logs::LogGroup").values():
        name = arn("logs", f"log-group:{group['LogGroupName']}")
        assert any(re.fullmatch(pattern, name) for pattern in patterns), name


def test_every_function_is_set_up_in_full(dev: Deployment) -> None:
    functions = {f["FunctionName"]: f for f in dev.of_type("AWS::Lambda::Function").values()}
    groups = {f"<{name}>": g for name, g in dev.of_type("AWS::Logs::LogGroup").items()}
    queues = {f"<{name}.Arn>": q for name, q in dev.of_type("AWS::SQS::Queue").items()}

    assert sorted(functions) == sorted(f"dev-orders-{name}" for name in ALL)
    for name, function in functions.items():
        assert function["KmsKeyArn"] == KEY
        assert function["TracingConfig"] == {"Mode": "Active"}
        assert function["EphemeralStorage"] == {"Size": 512}
        logging = function["LoggingConfig"]
        assert (logging["LogFormat"], logging["ApplicationLogLevel"], logging["SystemLogLevel"]) == (
            "JSON",
            "ERROR",
            "WARN",
        )
        assert groups[logging["LogGroup"]]["LogGroupName"] == f"/aws/lambda/{name}"
        queue = queues[function["DeadLetterConfig"]["TargetArn"]]
        assert (queue["QueueName"], queue["KmsMasterKeyId"]) == (f"{name}-dlq", KEY)
        assert len(function["Description"]) <= 256
    assert len({f["LoggingConfig"]["LogGroup"] for f in functions.values()}) == len(ALL)
    assert len({f["DeadLetterConfig"]["TargetArn"] for f in functions.values()}) == len(ALL)
    keys = ("MemorySize", "Timeout", "ReservedConcurrentExecutions", "Architectures")
    assert [functions["dev-orders-orders"][key] for key in keys] == [512, 29, 3, ["x86_64"]]
    assert [functions["dev-orders-night-shift"][key] for key in keys] == [256, 600, 10, ["arm64"]]


def test_variables_and_the_paths_of_secrets(dev: Deployment) -> None:
    functions = {
        f["FunctionName"]: f["Environment"]["Variables"] for f in dev.of_type("AWS::Lambda::Function").values()
    }
    shared = {
        "ENVIRONMENT": "dev",
        "SERVICE": "orders",
        "POWERTOOLS_SERVICE_NAME": "orders",
        "ALLOWED_ORIGINS": "https://app.example.com",
    }
    for variables in functions.values():
        assert shared.items() <= variables.items()
    own = {"TABLE_NAME": "orders", "DB_PASSWORD_PARAMETER": "/dev/orders/db-password"}
    assert own.items() <= functions["dev-orders-orders"].items()
    assert not set(own) & set(functions["dev-orders-both"])


def test_a_version_an_alias_and_a_deployment_that_watches_an_alarm(dev: Deployment) -> None:
    versions = dev.of_type("AWS::Lambda::Version")
    alarms = dev.of_type("AWS::CloudWatch::Alarm")
    groups = dev.of_type("AWS::CodeDeploy::DeploymentGroup")
    stack = dev.stacks["stacks/functions/template.yaml"]
    aliases = {name: r for name, r in stack.resources.items() if r["Type"] == "AWS::Lambda::Alias"}

    assert len(versions) == len(aliases) == len(ALL)
    # The hook is not deployed with itself.
    assert len(groups) == len(NAMES)
    for alias in aliases.values():
        properties = alias["Properties"]
        assert properties["Name"] == "live"
        if properties["FunctionName"] == "<PreTrafficFunction>":
            assert "UpdatePolicy" not in alias
            continue
        (version,) = (name for name in versions if properties["FunctionVersion"] == f"<{name}.Version>")
        assert versions[version]["FunctionName"] == properties["FunctionName"]
        update = alias["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
        group = groups[update["DeploymentGroupName"].strip("<>")]
        (alarm,) = group["AlarmConfiguration"]["Alarms"]
        watched = alarms[alarm["Name"].strip("<>")]
        function = stack.resources[properties["FunctionName"].strip("<>")]["Properties"]["FunctionName"]
        assert {d["Name"]: d["Value"] for d in watched["Dimensions"]} == {
            "FunctionName": function,
            "Resource": f"{function}:live",
            # Of the new version alone: what the version before does wrong must not stop the release that mends it.
            "ExecutedVersion": f"<{version}.Version>",
        }
        assert group["AutoRollbackConfiguration"]["Enabled"] is True
        assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]
        assert group["ServiceRoleArn"] == "<CodeDeployRole.Arn>"


@pytest.mark.parametrize(
    ("environment", "configuration"),
    [("dev", "CodeDeployDefault.LambdaAllAtOnce"), ("prod", "CodeDeployDefault.LambdaCanary10Percent5Minutes")],
)
def test_how_traffic_shifts_is_the_environments(project: Path, environment: str, configuration: str) -> None:
    groups = deploy(project, environment).of_type("AWS::CodeDeploy::DeploymentGroup").values()
    assert {group["DeploymentConfigName"] for group in groups} == {configuration}


def versions_of(project: Path, **parameters: str) -> set[str]:
    return set(deploy(project, "dev", **parameters).of_type("AWS::Lambda::Version"))


def test_a_release_and_nothing_else_publishes_a_version(project: Path) -> None:
    first = versions_of(project, ReleaseId="release1")
    assert versions_of(project, ReleaseId="release1") == first
    assert versions_of(project, ReleaseId="release1", LogLevel="WARN", LogRetentionDays="7") == first
    second = versions_of(project, ReleaseId="release2")
    assert len(second) == len(first) == len(ALL)
    assert not second & first


EVERYWHERE = ["203.0.113.7", "10.0.0.1", "8.8.8.8", "2001:db8::1", "2600::1"]


@pytest.mark.parametrize(
    ("environment", "admitted"),
    [
        ("dev", []),
        ("lists", ["203.0.113.7", "2001:db8::1"]),
        ("only6", ["2001:db8::1"]),
        ("open", EVERYWHERE),
        ("prod", []),
    ],
)
def test_the_web_acl_admits_who_is_listed(project: Path, environment: str, admitted: list[str]) -> None:
    deployment = deploy(project, environment)
    assert [address for address in EVERYWHERE if admits(deployment, address)] == admitted


@pytest.mark.parametrize("environment", ["lists", "open"])
def test_managed_rules_and_the_rate_limit_apply_to_who_is_admitted(project: Path, environment: str) -> None:
    deployment = deploy(project, environment)
    rules = deployment.one("AWS::WAFv2::WebACL")["Rules"]
    groups = [r["Statement"]["ManagedRuleGroupStatement"] for r in rules if "OverrideAction" in r]
    names = {group["Name"] for group in groups}

    assert {
        "AWSManagedRulesCommonRuleSet",
        "AWSManagedRulesKnownBadInputsRuleSet",
        "AWSManagedRulesAmazonIpReputationList",
    } <= names
    assert all(group["VendorName"] == "AWS" for group in groups)
    assert all(rule["OverrideAction"] == {"None": {}} for rule in rules if "OverrideAction" in rule)
    assert all("RuleActionOverrides" not in group for group in groups)
    assert admits(deployment, "203.0.113.7")
    for objection in [*names, "rate"]:
        assert not admits(deployment, "203.0.113.7", objection), objection


def test_a_web_acl_that_only_counts_would_be_noticed(lists: Deployment) -> None:
    changed = Deployment({name: stack for name, stack in lists.stacks.items() if "security" in name})
    acl = changed.one("AWS::WAFv2::WebACL")
    kept = acl["Rules"], acl["DefaultAction"]
    acl["Rules"] = [{**rule, "Action": {"Count": {}}} for rule in acl["Rules"]]
    acl["DefaultAction"] = {"Allow": {}}
    assert admits(changed, "8.8.8.8")
    acl["Rules"], acl["DefaultAction"] = kept
    assert not admits(changed, "8.8.8.8")


def test_the_web_acl_is_regional_associated_and_logs(lists: Deployment) -> None:
    acl = lists.one("AWS::WAFv2::WebACL")
    association = lists.one("AWS::WAFv2::WebACLAssociation")
    logging = lists.one("AWS::WAFv2::LoggingConfiguration")
    groups = {g["LogGroupName"] for g in lists.of_type("AWS::Logs::LogGroup").values()}
    (destination,) = logging["LogDestinationConfigs"]

    assert acl["Scope"] == "REGIONAL"
    assert {s["Scope"] for s in lists.of_type("AWS::WAFv2::IPSet").values()} == {"REGIONAL"}
    assert {s["IPAddressVersion"] for s in lists.of_type("AWS::WAFv2::IPSet").values()} == {"IPV4", "IPV6"}
    assert association["WebACLArn"] == logging["ResourceArn"] == "<WebAcl.Arn>"
    assert association["ResourceArn"] == "arn:aws:apigateway:eu-west-1::/restapis/<Api>/stages/<ApiStage>"
    assert destination.startswith("arn:aws:logs:eu-west-1:012345678901:log-group:aws-waf-logs-")
    assert destination.rpartition(":")[2] in groups


METHODS = {"get", "post", "put", "patch", "delete", "head", "options", "x-amazon-apigateway-any-method"}


def operations(deployment: Deployment) -> dict[tuple[str, str], dict[str, Any]]:
    """Every operation of the API but the preflights, by path and method."""
    paths = deployment.one("AWS::ApiGateway::RestApi")["Body"]["paths"]
    return {(p, m): o for p, item in paths.items() for m, o in item.items() if m in METHODS - {"options"}}


def test_every_route_is_there_with_its_security(dev: Deployment) -> None:
    body = dev.one("AWS::ApiGateway::RestApi")["Body"]
    assert {key: o["security"] for key, o in operations(dev).items()} == {
        ("/orders/{id}", "get"): [{"iam": []}],
        ("/orders", "post"): [{"iam": []}],
        ("/orders", "get"): [{"iam": []}],
        ("/files/{path+}", "x-amazon-apigateway-any-method"): [{"cognito": []}],
        ("/health", "get"): [],
    }
    schemes = body["components"]["securitySchemes"]
    assert schemes["iam"]["x-amazon-apigateway-authtype"] == "awsSigv4"
    assert schemes["cognito"]["x-amazon-apigateway-authorizer"]["providerARNs"] == ["<UserPool.Arn>"]
    ids = [o["operationId"] for item in body["paths"].values() for m, o in item.items() if m in METHODS]
    assert len(set(ids)) == len(ids)


def test_no_user_pool_without_cognito(tmp_path: Path) -> None:
    deployment = deploy(render(document(), tmp_path))
    assert deployment.of_type("AWS::Cognito::UserPool") == {}
    assert list(deployment.one("AWS::ApiGateway::RestApi")["Body"]["components"]["securitySchemes"]) == ["iam"]


def test_every_route_calls_the_alias_that_it_may_call(dev: Deployment) -> None:
    permissions = dev.of_type("AWS::Lambda::Permission").values()
    allowed = {p["FunctionName"] for p in permissions}
    called = set()
    for operation in operations(dev).values():
        integration = operation["x-amazon-apigateway-integration"]
        assert (integration["type"], integration["httpMethod"]) == ("aws_proxy", "POST")
        match = re.fullmatch(
            r"arn:aws:apigateway:us-west-2:lambda:path/2015-03-31/functions/(.+)/invocations", integration["uri"]
        )
        assert match
        called.add(match[1])
    assert called == allowed == {arn("lambda", f"function:dev-orders-{name}:live") for name in ("orders", "both")}
    assert len(permissions) == 2
    for permission in permissions:
        assert permission["Principal"] == "apigateway.amazonaws.com"
        assert permission["SourceArn"] == arn("execute-api", "<Api>/*")


def test_every_path_answers_preflights(dev: Deployment) -> None:
    for path, item in dev.one("AWS::ApiGateway::RestApi")["Body"]["paths"].items():
        options = item["options"]
        integration = options["x-amazon-apigateway-integration"]
        headers = integration["responses"]["default"]["responseParameters"]
        assert options["security"] == []
        assert integration["type"] == "mock"
        allowed = headers["method.response.header.Access-Control-Allow-Methods"].strip("'").split(",")
        methods = {m.upper() for m in item if m in METHODS}
        wanted = (
            {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}
            if "X-AMAZON-APIGATEWAY-ANY-METHOD" in methods
            else methods
        )
        assert set(allowed) == wanted, path
        assert "https://app.example.com" in integration["responses"]["default"]["responseTemplates"]["application/json"]
        named = {parameter["name"] for parameter in options.get("parameters", [])}
        assert named == set(re.findall(r"\{(\w+)\+?\}", path))
        for name in headers:
            assert name.rpartition(".")[2] in options["responses"]["204"]["headers"]


def test_the_stage_throttles_logs_and_traces(dev: Deployment) -> None:
    stage = dev.one("AWS::ApiGateway::Stage")
    (settings,) = stage["MethodSettings"]
    groups = {f"<{name}.Arn>": g for name, g in dev.of_type("AWS::Logs::LogGroup").items()}

    assert stage["StageName"] == "dev"
    assert stage["TracingEnabled"] is True
    assert (settings["ResourcePath"], settings["HttpMethod"]) == ("/*", "*")
    assert (settings["ThrottlingRateLimit"], settings["ThrottlingBurstLimit"]) == (7, 9)
    assert (settings["LoggingLevel"], settings["DataTraceEnabled"], settings["MetricsEnabled"]) == (
        "ERROR",
        False,
        True,
    )
    assert groups[stage["AccessLogSetting"]["DestinationArn"]]["LogGroupName"] == "/aws/apigateway/dev-MyAPI"
    # A value of the access log stands in quotes, so a line of it is JSON whatever the values are.
    log = json.loads(re.sub(r"\$context\.[\w.]+", "x", stage["AccessLogSetting"]["Format"]))
    assert {"requestId", "ip", "caller", "status", "error", "waf"} <= set(log)
    assert dev.one("AWS::ApiGateway::RestApi")["Name"] == "dev-MyAPI"


def test_errors_of_the_gateway_are_json(dev: Deployment) -> None:
    responses = dev.one("AWS::ApiGateway::RestApi")["Body"]["x-amazon-apigateway-gateway-responses"]
    assert {"DEFAULT_4XX", "DEFAULT_5XX", "BAD_REQUEST_BODY"} <= set(responses)
    for response in responses.values():
        template = response["responseTemplates"]["application/json"]
        text = template.replace("$context.error.messageString", '"m"').replace("$context.requestId", "r")
        text = text.replace("$context.error.validationErrorString", "m")
        assert json.loads(text) == {"message": "m", "requestId": "r"}
        assert (
            response["responseParameters"]["gatewayresponse.header.Access-Control-Allow-Origin"]
            == "'https://app.example.com'"
        )


def alarm_keys(deployment: Deployment) -> set[tuple[str, str, str]]:
    """Metric, first dimension and its value of every alarm."""
    return {
        (f"{a['Namespace']}/{a['MetricName']}", a["Dimensions"][0]["Name"], a["Dimensions"][0]["Value"])
        for a in deployment.of_type("AWS::CloudWatch::Alarm").values()
    }


def test_every_function_queue_and_api_has_its_alarms(dev: Deployment) -> None:
    found = alarm_keys(dev)
    for name in NAMES:
        function = f"dev-orders-{name}"
        for metric in ("Errors", "Throttles", "Duration"):
            assert (f"AWS/Lambda/{metric}", "FunctionName", function) in found
        assert ("AWS/SQS/ApproximateNumberOfMessagesVisible", "QueueName", f"{function}-dlq") in found
    for metric in ("5XXError", "4XXError", "Latency"):
        assert (f"AWS/ApiGateway/{metric}", "ApiName", "dev-MyAPI") in found
    assert ("AWS/WAFV2/BlockedRequests", "WebACL", "dev-orders") in found


def test_every_alarm_tells_the_topic(dev: Deployment, lists: Deployment) -> None:
    topic = dev.one("AWS::SNS::Topic")
    assert (topic["TopicName"], topic["KmsMasterKeyId"]) == ("dev-orders-alarms", KEY)
    for alarm in dev.of_type("AWS::CloudWatch::Alarm").values():
        assert alarm["AlarmActions"] in (["<AlarmTopic>"], [arn("sns", "dev-orders-alarms")])
        assert alarm["TreatMissingData"] == "notBreaching"
    assert dev.of_type("AWS::SNS::Subscription") == {}
    assert lists.one("AWS::SNS::Subscription")["Endpoint"] == "on-call@example.com"


def test_duration_is_watched_near_the_timeout(dev: Deployment) -> None:
    alarms = dev.of_type("AWS::CloudWatch::Alarm")
    assert alarms["OrdersDurationAlarm"]["Threshold"] == 0.8 * 29_000
    assert alarms["NightShiftDurationAlarm"]["Threshold"] == 0.8 * 600_000
    assert alarms["ApiLatencyAlarm"]["Threshold"] <= 29_000


def test_the_dashboard_is_json_about_every_function(dev: Deployment) -> None:
    dashboard = dev.one("AWS::CloudWatch::Dashboard")
    widgets = json.loads(dashboard["DashboardBody"])["widgets"]
    graphs = [w["properties"] for w in widgets if w["type"] == "metric"]
    shown = {str(value) for graph in graphs for row in graph["metrics"] for value in row}

    assert dashboard["DashboardName"] == "dev-orders-us-west-2"
    assert {f"dev-orders-{name}" for name in NAMES} <= shown
    assert "dev-MyAPI" in shown
    assert {graph["region"] for graph in graphs} == {"us-west-2"}


OWN_NAMES = {
    "AWS::Lambda::Function": "FunctionName",
    "AWS::IAM::Role": "RoleName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::CloudWatch::Dashboard": "DashboardName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::Cognito::UserPool": "UserPoolName",
    "AWS::Cognito::UserPoolClient": "ClientName",
    "AWS::KMS::Alias": "AliasName",
    "AWS::WAFv2::WebACL": "Name",
    "AWS::WAFv2::IPSet": "Name",
    "AWS::ApiGateway::RestApi": "Name",
    "AWS::Scheduler::Schedule": "Name",
}


def physical_names(deployment: Deployment) -> list[tuple[str, str]]:
    return [
        (kind, properties[key])
        for kind, key in OWN_NAMES.items()
        for properties in deployment.of_type(kind).values()
        if key in properties
    ]


def test_names_begin_with_the_environment(dev: Deployment, lists: Deployment) -> None:
    for environment, deployment in (("dev", dev), ("lists", lists)):
        names = physical_names(deployment)
        assert {kind for kind, _ in names} == set(OWN_NAMES)
        for kind, name in names:
            short = re.sub(r"^(/aws/(lambda|apigateway)/|aws-waf-logs-|alias/)", "", name)
            assert short.startswith(f"{environment}-"), (kind, name)
        assert len(set(names)) == len(names)
    assert not set(physical_names(dev)) & set(physical_names(lists))


def test_no_template_names_an_environment_a_region_or_an_account(project: Path) -> None:
    for template in load_project(project).templates:
        text = json.dumps({k: v for k, v in template.data.items() if k not in {"Parameters", "Description"}})
        for literal in ("us-west-2", "eu-west-1", "123456789012", "012345678901", "dev-", "prod-", "arn:aws:"):
            assert literal not in text, (template.name, literal)


def test_log_groups_have_retention_and_key(lists: Deployment, dev: Deployment) -> None:
    groups = dev.of_type("AWS::Logs::LogGroup").values()
    assert len(groups) == len(ALL) + 2
    assert {(str(g["RetentionInDays"]), g["KmsKeyId"]) for g in groups} == {("30", KEY)}


def test_retention_is_the_environments(project: Path) -> None:
    groups = deploy(project, "prod").of_type("AWS::Logs::LogGroup").values()
    assert {str(group["RetentionInDays"]) for group in groups} == {"365"}


def test_schedules_have_a_role_retries_and_a_dead_letter_queue(dev: Deployment) -> None:
    schedules = {s["Name"]: s for s in dev.of_type("AWS::Scheduler::Schedule").values()}
    queues = {f"<{name}.Arn>": q["QueueName"] for name, q in dev.of_type("AWS::SQS::Queue").items()}

    assert sorted(schedules) == ["dev-orders-both-1", "dev-orders-night-shift-1", "dev-orders-night-shift-2"]
    for name, schedule in schedules.items():
        function = name.rpartition("-")[0]
        target = schedule["Target"]
        assert target["RoleArn"] == f"arn:aws:iam::123456789012:role/{function}-schedule"
        assert f"{function}-schedule" in roles(dev)
        assert queues[target["DeadLetterConfig"]["Arn"]] == f"{function}-dlq"
        assert target["RetryPolicy"]["MaximumRetryAttempts"] > 0
        assert target["RetryPolicy"]["MaximumEventAgeInSeconds"] <= 86_400
        alias = dev.stacks["stacks/functions/template.yaml"].resources[target["Arn"].strip("<>")]
        assert (alias["Type"], alias["Properties"]["Name"]) == ("AWS::Lambda::Alias", "live")
        assert schedule["KmsKeyArn"] == KEY
    second = schedules["dev-orders-night-shift-2"]
    assert second["ScheduleExpression"] == "cron(0 6 ? * MON-FRI *)"
    assert second["ScheduleExpressionTimezone"] == "Europe/Vienna"


def test_every_stack_is_tagged(dev: Deployment) -> None:
    stacks = dev.of_type("AWS::CloudFormation::Stack")
    assert len(stacks) == 4
    for stack in stacks.values():
        tags = {tag["Key"]: tag["Value"] for tag in stack["Tags"]}
        wanted = {"Environment": "dev", "Service": "orders", "Owner": "platform-team", "CostCenter": "unassigned"}
        assert wanted.items() <= tags.items()


def test_what_cannot_be_made_again_is_kept(dev: Deployment) -> None:
    for stack in dev.stacks.values():
        for name, resource in stack.resources.items():
            if resource["Type"] in {"AWS::KMS::Key", "AWS::Cognito::UserPool"}:
                assert resource["DeletionPolicy"] == "RetainExceptOnCreate", name
                assert resource["UpdateReplacePolicy"] == "Retain", name


def many(number: int) -> dict[str, Any]:
    """A service of this many functions, every third of them with two schedules."""
    daily = {"type": "schedule", "expression": "rate(1 day)"}
    return document(
        environments=[{"name": "dev", "concurrency_limit": 10_000}],
        functions=[
            {"name": f"f{n}", "triggers": [daily, daily] if n % 3 == 0 else [{"type": "api", "path": f"/f{n}"}]}
            for n in range(number)
        ],
    )


@pytest.mark.parametrize(("number", "parts"), [(1, 1), (12, 1), (25, 1), (60, 3), (120, 5)])
def test_any_number_of_functions_fits(number: int, parts: int, tmp_path: Path) -> None:
    project = render(many(number), tmp_path)
    deployment = deploy(project)
    names = Counter(f["FunctionName"] for f in deployment.of_type("AWS::Lambda::Function").values())
    folders = ["", *(f"-{part}" for part in range(2, parts + 1))]

    assert names == Counter(["dev-orders-pre-traffic", *(f"dev-orders-f{n}" for n in range(number))])
    assert {
        name.split("/")[1] for name in deployment.stacks if name.startswith(("stacks/functions", "stacks/monitoring"))
    } == {f"{kind}{folder}" for kind in ("functions", "monitoring") for folder in folders}
    for name, stack in deployment.stacks.items():
        assert len(stack.resources) < 500, name
        assert len(stack.outputs) < 200, name
        assert (project / name).stat().st_size < 1_000_000
    watched = {value for _, dimension, value in alarm_keys(deployment) if dimension == "FunctionName"}
    assert watched == set(names)
    dashboards = [
        dashboard["DashboardName"]
        for stack in deployment.stacks.values()
        for dashboard in stack.of_type("AWS::CloudWatch::Dashboard").values()
    ]
    assert sorted(dashboards) == sorted(f"dev-orders{folder}-us-west-2" for folder in folders)


def test_parts_hold_as_many_resources_as_was_counted(tmp_path: Path) -> None:
    from generator.render.names import template_names
    from generator.spec.load import spec_from

    spec = spec_from(many(60), "x")
    deployment = deploy(render(many(60), tmp_path))
    for part in template_names({"_spec": spec.model_dump_json()})["parts"]:
        stack = deployment.stacks[f"stacks/{part.functions_folder}/template.yaml"]
        # CodeDeploy's application stands for all; the first part has the pre-traffic hook and the schedules' group.
        own = 1 + (8 if part.is_first else 0)
        assert len(stack.resources) == sum(function.resources for function in part.functions) + own


def test_several_parts_are_valid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "STACK_RESOURCES", 24)
    project = render(many(5), tmp_path)
    assert sorted(p.name for p in (project / "stacks").iterdir() if "functions" in p.name) == [
        "functions",
        "functions-2",
        "functions-3",
    ]
    found = findings(project)
    assert found == []


def test_a_service_without_routes_has_nothing_of_an_api(tmp_path: Path) -> None:
    project = render(document(functions=[{"name": "a", "triggers": []}]), tmp_path)
    deployment = deploy(project)

    assert not (project / "stacks" / "api").exists()
    assert set(deployment.stacks) == {
        "template.yaml",
        "stacks/security/template.yaml",
        "stacks/functions/template.yaml",
        "stacks/monitoring/template.yaml",
    }
    kinds = {r["Type"] for stack in deployment.stacks.values() for r in stack.resources.values()}
    assert not {kind for kind in kinds if "ApiGateway" in kind or "WAF" in kind}


def test_the_bootstrap_is_private_and_encrypted(project: Path) -> None:
    data = expand(load_project(project).template("bootstrap/template.yaml"), "us-west-2").data
    assert data is not None
    bucket = data["Resources"]["ArtifactBucket"]["Properties"]
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["BucketEncryption"]
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
