"""Each point of the catalogue, on both examples as they are deployed to dev and to prod.

The tests ask for every function, queue, table and so on that is there, whatever the spec made. docs/catalogue.md
says which test stands for which point.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from deployment import Deployment, overrides, samconfig
from example_projects import (
    TARGETS,
    bootstrapped,
    deployed,
    function_ids,
    identity_statements,
    project,
    resources,
    spec,
    targets,
)
from rendering import findings

from generator.project import expand, load_project
from generator.spec import lintdata

pytestmark = pytest.mark.parametrize(("example", "target"), TARGETS)
LIVE = re.compile(r"<\w+FunctionAlias\w*>|.+:live(/invocations)?")
HANDED_OVER = {"AWS::CloudFormation::Stack"}


@pytest.fixture
def deployment(example: str, target: str) -> Deployment:
    return deployed(example, target)


def of_type(deployment: Deployment, kind: str) -> list[dict[str, Any]]:
    return list(deployment.of_type(kind).values())


# 1 Security


def test_sg101_a_role_a_function_with_named_actions(deployment: Deployment) -> None:
    roles = [f["Role"] for f in of_type(deployment, "AWS::Lambda::Function")]
    assert max(Counter(roles).values()) == 1
    for role in of_type(deployment, "AWS::IAM::Role"):
        assert not [arn for arn in role.get("ManagedPolicyArns", []) if re.search("Administrator|PowerUser", str(arn))]
        for statement in identity_statements(role):
            assert not {"NotAction", "NotResource"} & set(statement)
            assert not [action for action in statement["Action"] if "*" in action]
            assert "iam:PassRole" not in statement["Action"] or "*" not in statement["Resource"]


def test_sg102_variables_are_encrypted_with_a_key_that_rotates(deployment: Deployment) -> None:
    keys = deployment.of_type("AWS::KMS::Key")
    assert all(key["EnableKeyRotation"] is True for key in keys.values())
    arns = {f"<{name}.Arn>" for name in keys}
    assert {f["KmsKeyArn"] for f in of_type(deployment, "AWS::Lambda::Function")} <= arns


def test_sg103_a_web_acl_stands_before_each_stage(deployment: Deployment) -> None:
    stages = of_type(deployment, "AWS::ApiGateway::Stage")
    associations = of_type(deployment, "AWS::WAFv2::WebACLAssociation")
    assert len(associations) == len(stages)
    acls = deployment.of_type("AWS::WAFv2::WebACL")
    assert {a["WebACLArn"] for a in associations} == {f"<{name}.Arn>" for name in acls}
    logged = {log["ResourceArn"] for log in of_type(deployment, "AWS::WAFv2::LoggingConfiguration")}
    assert logged == {f"<{name}.Arn>" for name in acls}


def test_sg104_nothing_is_open_that_the_spec_does_not_open(example: str, deployment: Deployment) -> None:
    opened = {
        (trigger.path, trigger.method)
        for function in spec(example).functions
        for trigger in function.triggers
        if trigger.type == "api" and trigger.authorization == "none"
    }
    for api in of_type(deployment, "AWS::ApiGateway::RestApi"):
        for path, operations in api["Body"]["paths"].items():
            for method, operation in operations.items():
                if method in {"options", "parameters"} or (path, method.upper()) in opened:
                    continue
                assert operation["security"], f"{method} {path}"
    assert not deployment.of_type("AWS::Lambda::Url")


def test_sg105_ranges_that_may_call_are_listed(example: str, target: str, deployment: Deployment) -> None:
    listed = {cidr for s in of_type(deployment, "AWS::WAFv2::IPSet") for cidr in s["Addresses"]}
    (environment,) = [e for e in spec(example).environments if e.name == target]
    assert listed == set(environment.allowed_cidrs)
    assert environment.public is ("Allow" in deployment.one("AWS::WAFv2::WebACL")["DefaultAction"])


SECRET_WORDS = re.compile("secret|password|passwd|token|credential|api.?key|private.?key", re.IGNORECASE)


def test_sg106_no_secret_stands_in_a_template(example: str, deployment: Deployment) -> None:
    for function in of_type(deployment, "AWS::Lambda::Function"):
        for name, value in function["Environment"]["Variables"].items():
            assert not SECRET_WORDS.search(name) or str(value).startswith("/"), name
            assert "{{resolve:" not in str(value)
    for template in load_project(project(example)).templates:
        assert "SecretString" not in template.source
        assert not re.search("{{resolve:(secretsmanager|ssm-secure):", template.source)


def test_sg107_data_is_encrypted_private_and_asked_for_by_tls(deployment: Deployment) -> None:
    for queue in of_type(deployment, "AWS::SQS::Queue"):
        assert queue["KmsMasterKeyId"]
    for topic in of_type(deployment, "AWS::SNS::Topic"):
        assert topic["KmsMasterKeyId"]
    for table in of_type(deployment, "AWS::DynamoDB::Table"):
        assert table["SSESpecification"]["KMSMasterKeyId"]
    for group in of_type(deployment, "AWS::Logs::LogGroup"):
        assert group["KmsKeyId"]
    for bus in of_type(deployment, "AWS::Events::EventBus"):
        assert bus["KmsKeyIdentifier"]
    for bucket in of_type(deployment, "AWS::S3::Bucket"):
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
        (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"]
    _tls_only(deployment, "AWS::S3::Bucket", "AWS::S3::BucketPolicy", "Bucket")
    _tls_only(deployment, "AWS::SQS::Queue", "AWS::SQS::QueuePolicy", "Queues")
    _tls_only(deployment, "AWS::SNS::Topic", "AWS::SNS::TopicPolicy", "Topics")


def _tls_only(deployment: Deployment, kind: str, policy_kind: str, key: str) -> None:
    """Every resource of a kind has a policy that denies what does not come by TLS."""
    covered: set[str] = set()
    for policy in of_type(deployment, policy_kind):
        denied = [s for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Deny"]
        if any(s["Condition"].get("Bool") == {"aws:SecureTransport": "false"} for s in denied):
            named = policy[key]
            covered.update(named if isinstance(named, list) else [named])
    assert {f"<{name}>" for name in deployment.of_type(kind)} <= covered


# 2 Template validity


def test_sg201_every_file_parses(example: str, target: str) -> None:
    class Loader(yaml.CSafeLoader):
        """Knows CloudFormation's tags."""

    Loader.add_multi_constructor("!", lambda *tagged: str(tagged[1]))
    for path in sorted(project(example).rglob("*.y*ml")):
        assert yaml.load(path.read_text("utf-8"), Loader=Loader), path  # noqa: S506 (a SafeLoader)
    for path in sorted(project(example).rglob("*.json")):
        if path.name != "tsconfig.json":
            json.loads(path.read_text("utf-8"))


def test_sg202_sg203_sg204_sg205_nothing_is_found(example: str, target: str) -> None:
    if target == "dev":  # one validation an example; it does not depend on the environment
        assert findings(project(example)) == []


def test_sg205_no_resource_type_is_unknown(deployment: Deployment) -> None:
    folder = lintdata._data_folder()
    assert folder is not None
    known = {path.stem for path in (folder / "schemas" / "providers" / "us_east_1").glob("*.json")}
    for _, name, resource in resources(deployment):
        module = resource["Type"].lower().replace("::", "-")
        assert not known or module in known or resource["Type"].startswith("AWS::CloudFormation"), name


def test_sg206_templates_stay_below_cloudformations_limits(example: str, target: str) -> None:
    for template in load_project(project(example)).templates:
        data = expand(template, "us-west-2").data
        assert data is not None
        assert len(json.dumps(data, separators=(",", ":"))) < 0.8 * 1_000_000, template.name
        assert len(data["Resources"]) < 0.8 * 500, template.name
        assert len(data.get("Parameters", {})) < 0.8 * 200, template.name
        assert len(data.get("Outputs", {})) < 0.8 * 200, template.name


# 3 Environments


def test_sg301_an_environments_values_are_in_samconfig_alone(example: str, target: str, deployment: Deployment) -> None:
    text = json.dumps([resource for _, _, resource in resources(deployment)])
    others = [e.name for e in spec(example).environments if e.name != target]
    for other in others:
        assert not re.search(rf'"{other}-', text), f"{other} in {target}"


def test_sg303_environments_share_no_name(example: str, target: str) -> None:
    names = [_physical_names(deployed(example, environment.name)) for environment in spec(example).environments]
    assert all(names)
    assert len(set().union(*names)) == sum(map(len, names))


NAME_KEYS = (
    "AlarmName", "BucketName", "DashboardName", "FunctionName", "LogGroupName", "QueueName", "RoleName", "TableName",
    "TopicName", "UserPoolName",
)  # fmt: skip
# Types whose name is what the key says, and not a reference to something else.
NAMED = {
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::CloudWatch::CompositeAlarm": "AlarmName",
    "AWS::CloudWatch::Dashboard": "DashboardName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::IAM::Role": "RoleName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::Events::Rule": "Name",
    "AWS::Events::EventBus": "Name",
    "AWS::Scheduler::Schedule": "Name",
    "AWS::ApiGateway::RestApi": "Name",
    "AWS::WAFv2::WebACL": "Name",
    "AWS::WAFv2::IPSet": "Name",
    "AWS::Cognito::UserPool": "UserPoolName",
    "AWS::KMS::Alias": "AliasName",
}
# AWS prescribes what these begin with.
PREFIXES = re.compile("^(/aws/(lambda|apigateway)/|aws-waf-logs-|alias/)")


def _physical_names(deployment: Deployment) -> set[str]:
    found = set()
    for _, _, resource in resources(deployment):
        key = NAMED.get(resource["Type"], "")
        if key in resource.get("Properties", {}):
            found.add(f"{resource['Type']} {PREFIXES.sub('', resource['Properties'][key])}")
    return found


def test_sg304_secrets_are_parameters_read_by_their_exact_path(example: str, deployment: Deployment) -> None:
    secrets = {f"{f.name}/{secret}" for f in spec(example).functions for secret in f.secrets}
    read = []
    for role in of_type(deployment, "AWS::IAM::Role"):
        for statement in identity_statements(role):
            if "ssm:GetParameter" in statement["Action"]:
                read += statement["Resource"]
    assert all("*" not in arn and ":parameter/" in arn for arn in read)
    assert len(read) >= len(secrets)
    assert not deployment.of_type("AWS::SSM::Parameter")
    for template in load_project(project(example)).templates:
        for name in template.section("Parameters"):
            assert not SECRET_WORDS.search(name), name


def test_sg305_every_target_sets_the_same_parameters(example: str, target: str) -> None:
    declared = set(load_project(project(example)).template("template.yaml").section("Parameters"))
    for other in targets(example):
        assert set(overrides(project(example), other)) | {"ReleaseId"} == declared


# 4 Monitoring


def test_sg401_traces_from_the_stage_to_the_function(deployment: Deployment) -> None:
    assert all(f["TracingConfig"] == {"Mode": "Active"} for f in of_type(deployment, "AWS::Lambda::Function"))
    assert all(stage["TracingEnabled"] is True for stage in of_type(deployment, "AWS::ApiGateway::Stage"))
    assert len(of_type(deployment, "AWS::XRay::Group")) == len(of_type(deployment, "AWS::XRay::SamplingRule")) == 1
    roles = {role["RoleName"]: role for role in of_type(deployment, "AWS::IAM::Role") if "RoleName" in role}
    for function in of_type(deployment, "AWS::Lambda::Function"):
        actions = {a for s in identity_statements(roles[function["Role"].split("role/")[1]]) for a in s["Action"]}
        assert {"xray:PutTraceSegments", "xray:PutTelemetryRecords"} <= actions


def test_sg402_each_function_has_its_own_log_group(deployment: Deployment) -> None:
    groups = {f"<{name}>": group for name, group in deployment.of_type("AWS::Logs::LogGroup").items()}
    assert all(int(group["RetentionInDays"]) > 0 for group in groups.values())
    used = []
    for name, function in function_ids(deployment).items():
        used.append(function["LoggingConfig"]["LogGroup"])
        assert groups[used[-1]]["LogGroupName"] == f"/aws/lambda/{name}"
    assert len(set(used)) == len(used)


def test_sg403_config_rules_watch_lambda(example: str, deployment: Deployment) -> None:
    rules = [*of_type(deployment, "AWS::Config::ConfigRule")]
    rules += [r["Properties"] for r in bootstrapped(example).values() if r["Type"] == "AWS::Config::ConfigRule"]
    watched = {rule["Source"]["SourceIdentifier"] for rule in rules}
    assert {
        "LAMBDA_FUNCTION_PUBLIC_ACCESS_PROHIBITED",
        "LAMBDA_FUNCTION_SETTINGS_CHECK",
        "LAMBDA_DLQ_CHECK",
        "LAMBDA_CONCURRENCY_CHECK",
    } <= watched
    kinds = {resource["Type"] for resource in bootstrapped(example).values()}
    assert {"AWS::Config::ConfigurationRecorder", "AWS::Config::DeliveryChannel"} <= kinds


def _metrics(deployment: Deployment) -> dict[str, set[str]]:
    """The metrics that an alarm watches, by each value of their dimensions."""
    watched: dict[str, set[str]] = {}
    for alarm in of_type(deployment, "AWS::CloudWatch::Alarm"):
        found = [alarm] if "MetricName" in alarm else []
        found += [m["MetricStat"]["Metric"] for m in alarm.get("Metrics", []) if "MetricStat" in m]
        for metric in found:
            for dimension in metric.get("Dimensions", []):
                watched.setdefault(dimension["Value"], set()).add(metric["MetricName"])
    return watched


def test_sg404_every_function_queue_and_api_has_its_alarms(deployment: Deployment) -> None:
    watched = _metrics(deployment)
    for name in function_ids(deployment):
        # CodeDeploy calls the hook once a deployment, and stops the deployment itself where it is not answered.
        wanted = {"Errors"} if name.endswith("-pre-traffic") else {"Errors", "Throttles", "Duration"}
        assert wanted <= watched[name], name
    for queue in of_type(deployment, "AWS::SQS::Queue"):
        depth = {"ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"}
        assert depth & watched.get(queue["QueueName"], set()), queue["QueueName"]
    for mapping in of_type(deployment, "AWS::Lambda::EventSourceMapping"):
        if "StartingPosition" in mapping:
            assert any("IteratorAge" in metrics for metrics in watched.values())
    for api in of_type(deployment, "AWS::ApiGateway::RestApi"):
        assert {"4XXError", "5XXError", "Latency"} <= watched[api["Name"]]
    for acl in of_type(deployment, "AWS::WAFv2::WebACL"):
        assert "BlockedRequests" in watched[acl["Name"]]
    assert of_type(deployment, "AWS::CloudWatch::CompositeAlarm")
    topics = {topic["TopicName"] for topic in of_type(deployment, "AWS::SNS::Topic")}
    for alarm in of_type(deployment, "AWS::CloudWatch::CompositeAlarm"):
        assert alarm["AlarmActions"]
    assert any(name.endswith("-alarms") for name in topics)


def test_sg405_only_errors_and_warnings_are_logged(deployment: Deployment) -> None:
    for function in of_type(deployment, "AWS::Lambda::Function"):
        logging = function["LoggingConfig"]
        assert logging["LogFormat"] == "JSON"
        assert {logging["ApplicationLogLevel"], logging["SystemLogLevel"]} <= {"ERROR", "WARN"}
    for stage in of_type(deployment, "AWS::ApiGateway::Stage"):
        for setting in stage["MethodSettings"]:
            assert (setting["LoggingLevel"], setting["DataTraceEnabled"]) == ("ERROR", False)


# 5 Resources


def test_sg501_sg502_sg504_sg506_every_limit_is_set(deployment: Deployment) -> None:
    for function in of_type(deployment, "AWS::Lambda::Function"):
        assert 128 <= function["MemorySize"] <= 10_240
        assert 1 <= function["Timeout"] <= 900
        assert function["ReservedConcurrentExecutions"] >= 1
        assert len(function["Architectures"]) == 1
        assert function["EphemeralStorage"]["Size"] >= 512
    for mapping in of_type(deployment, "AWS::Lambda::EventSourceMapping"):
        if "StartingPosition" not in mapping:
            assert mapping["ScalingConfig"]["MaximumConcurrency"] >= 2


def test_sg502_timeouts_fit_what_calls(example: str, deployment: Deployment) -> None:
    functions = {f"<{name}": f for name, f in deployment.of_type("AWS::Lambda::Function").items()}
    queues = {queue["QueueName"]: queue for queue in of_type(deployment, "AWS::SQS::Queue")}
    for mapping in of_type(deployment, "AWS::Lambda::EventSourceMapping"):
        name = str(mapping["EventSourceArn"]).rsplit(":", 1)[-1]
        if name in queues:
            (timeout,) = [f["Timeout"] for key, f in functions.items() if mapping["FunctionName"].startswith(key)]
            assert queues[name]["VisibilityTimeout"] >= 6 * timeout
    called = {f.name for f in spec(example).functions if any(t.type == "api" for t in f.triggers)}
    for name, function in function_ids(deployment).items():
        if any(name.endswith(f"-{short}") for short in called):
            assert function["Timeout"] <= 29


def test_sg503_runtimes_are_supported_for_long(deployment: Deployment) -> None:
    lifecycle = lintdata.runtime_lifecycle()
    assert lifecycle is not None
    for function in of_type(deployment, "AWS::Lambda::Function"):
        end = lifecycle[function["Runtime"]]["deprecated"]
        assert end is None or date.fromisoformat(end) > date.today() + timedelta(days=90)


def test_sg505_what_fails_is_tried_again_and_kept(deployment: Deployment) -> None:
    configured = {c["FunctionName"] for c in of_type(deployment, "AWS::Lambda::EventInvokeConfig")}
    for name, function in deployment.of_type("AWS::Lambda::Function").items():
        assert function["DeadLetterConfig"]["TargetArn"]
        assert f"<{name}>" in configured
    for config in of_type(deployment, "AWS::Lambda::EventInvokeConfig"):
        assert {"MaximumEventAgeInSeconds", "MaximumRetryAttempts"} <= set(config)
    for mapping in of_type(deployment, "AWS::Lambda::EventSourceMapping"):
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        if "StartingPosition" in mapping:
            assert mapping["DestinationConfig"]["OnFailure"]["Destination"]
            assert {"MaximumRetryAttempts", "MaximumRecordAgeInSeconds", "BisectBatchOnFunctionError"} <= set(mapping)
    for rule in of_type(deployment, "AWS::Events::Rule"):
        assert all(t["DeadLetterConfig"]["Arn"] and t["RetryPolicy"] for t in rule["Targets"])
    for schedule in of_type(deployment, "AWS::Scheduler::Schedule"):
        assert schedule["Target"]["DeadLetterConfig"]["Arn"]
        assert schedule["Target"]["RetryPolicy"]
    for subscription in of_type(deployment, "AWS::SNS::Subscription"):
        assert subscription["Protocol"] == "email" or subscription["RedrivePolicy"]["deadLetterTargetArn"]
    for queue in of_type(deployment, "AWS::SQS::Queue"):
        assert queue["QueueName"].endswith("-dlq") or queue["RedrivePolicy"]["deadLetterTargetArn"]


# 6 API Gateway


def test_sg601_the_api_calls_aliases_and_each_caller_has_a_permission(deployment: Deployment) -> None:
    allowed = {str(p["FunctionName"]) for p in of_type(deployment, "AWS::Lambda::Permission")}
    for api in of_type(deployment, "AWS::ApiGateway::RestApi"):
        for operations in api["Body"]["paths"].values():
            for operation in operations.values():
                integration = operation["x-amazon-apigateway-integration"]
                assert integration["type"] in {"aws_proxy", "mock"}
                if integration["type"] == "aws_proxy":
                    assert integration["httpMethod"] == "POST"
                    function = integration["uri"].split("/functions/")[1].removesuffix("/invocations")
                    assert function.endswith(":live")
                    assert function in allowed
    for permission in of_type(deployment, "AWS::Lambda::Permission"):
        assert permission["Principal"] != "*"
        assert permission["SourceArn"] not in {None, "*"}


def test_sg602_every_path_answers_preflights_for_the_declared_origins(example: str, deployment: Deployment) -> None:
    origins = spec(example).api.cors_origins
    for api in of_type(deployment, "AWS::ApiGateway::RestApi"):
        for path, operations in api["Body"]["paths"].items():
            assert "options" in operations or path == "/health", path
        text = json.dumps(api["Body"])
        assert all(origin in text for origin in origins)
        assert "Access-Control-Allow-Origin\": \"'*'" not in text


def test_sg603_bodies_with_a_model_are_checked(example: str, deployment: Deployment) -> None:
    wanted = {
        (t.path, t.method.lower())
        for f in spec(example).functions
        for t in f.triggers
        if t.type == "api" and t.request_model
    }
    for api in of_type(deployment, "AWS::ApiGateway::RestApi"):
        body = api["Body"]
        validators = body["x-amazon-apigateway-request-validators"]
        for path, method in wanted:
            operation = body["paths"][path][method]
            assert operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
            used = operation.get("x-amazon-apigateway-request-validator", body["x-amazon-apigateway-request-validator"])
            assert validators[used]["validateRequestBody"] is True


def test_sg604_the_stage_is_the_environments(target: str, deployment: Deployment) -> None:
    deployments = deployment.of_type("AWS::ApiGateway::Deployment")
    for stage in of_type(deployment, "AWS::ApiGateway::Stage"):
        assert stage["StageName"] == target
        assert stage["DeploymentId"].strip("<>") in deployments


def test_sg605_errors_are_json_with_the_requests_id(deployment: Deployment) -> None:
    for api in of_type(deployment, "AWS::ApiGateway::RestApi"):
        responses = api["Body"]["x-amazon-apigateway-gateway-responses"]
        assert {"DEFAULT_4XX", "DEFAULT_5XX"} <= set(responses)
        for response in responses.values():
            assert "$context.requestId" in response["responseTemplates"]["application/json"]
        for operations in api["Body"]["paths"].values():
            for method, operation in operations.items():
                assert method == "options" or any(code[0] in "45" for code in operation["responses"]), method


def test_sg606_the_stage_throttles_and_logs(deployment: Deployment) -> None:
    for stage in of_type(deployment, "AWS::ApiGateway::Stage"):
        assert stage["AccessLogSetting"]["DestinationArn"]
        assert json.loads(re.sub(r"\$context\.[\w.]+", "x", stage["AccessLogSetting"]["Format"]))["requestId"]
        (setting,) = stage["MethodSettings"]
        assert (setting["ResourcePath"], setting["HttpMethod"]) == ("/*", "*")
        assert setting["ThrottlingRateLimit"] > 0
        assert setting["ThrottlingBurstLimit"] > 0


# 7 Versions and deployment


def test_sg701_every_consumer_calls_the_alias(deployment: Deployment) -> None:
    functions = deployment.of_type("AWS::Lambda::Function")
    aliases = of_type(deployment, "AWS::Lambda::Alias")
    assert sorted(alias["FunctionName"] for alias in aliases) == sorted(f"<{name}>" for name in functions)
    assert {alias["Name"] for alias in aliases} == {"live"}
    called = [m["FunctionName"] for m in of_type(deployment, "AWS::Lambda::EventSourceMapping")]
    called += [p["FunctionName"] for p in of_type(deployment, "AWS::Lambda::Permission")]
    called += [t["Arn"] for rule in of_type(deployment, "AWS::Events::Rule") for t in rule["Targets"]]
    called += [s["Target"]["Arn"] for s in of_type(deployment, "AWS::Scheduler::Schedule")]
    called += [
        s["Endpoint"] for s in of_type(deployment, "AWS::SNS::Subscription") if s["Protocol"] == "lambda"
    ]  # fmt: skip
    assert all(LIVE.fullmatch(str(name)) for name in called), called


def _groups(deployment: Deployment) -> list[dict[str, Any]]:
    groups = of_type(deployment, "AWS::CodeDeploy::DeploymentGroup")
    assert groups
    return groups


def test_sg702_traffic_shifts_step_by_step_in_prod(target: str, deployment: Deployment) -> None:
    for group in _groups(deployment):
        shifts = re.search("Canary|Linear", group["DeploymentConfigName"]) is not None
        assert shifts is (target == "prod")


def test_sg703_the_new_version_is_called_before_it_gets_traffic(deployment: Deployment) -> None:
    hooks = deployment.of_type("AWS::Lambda::Function")
    called = [
        (resource["Properties"]["FunctionName"].strip("<>"), resource.get("UpdatePolicy", {}))
        for _, _, resource in resources(deployment)
        if resource["Type"] == "AWS::Lambda::Alias"
    ]
    checked = {
        name: policy["CodeDeployLambdaAliasUpdate"]["BeforeAllowTrafficHook"]
        for name, policy in called
        if not hooks[name]["FunctionName"].endswith("-pre-traffic")
    }
    assert checked
    assert {
        hooks[hook.strip("<>")]["FunctionName"].rsplit("-", 2)[1:] == ["pre", "traffic"] for hook in checked.values()
    }


def test_sg704_samconfig_builds_and_deploys_each_target(example: str, target: str) -> None:
    for table in (samconfig(project(example))[name] for name in targets(example)):
        parameters = table["deploy"]["parameters"]
        assert set(parameters["capabilities"]) >= {"CAPABILITY_AUTO_EXPAND", "CAPABILITY_NAMED_IAM"}
        assert parameters["s3_bucket"]
        assert table["build"]["parameters"]


def test_sg705_a_bad_deployment_goes_back_and_data_stays(deployment: Deployment) -> None:
    for group in _groups(deployment):
        assert group["AutoRollbackConfiguration"]["Enabled"] is True
        assert group["AlarmConfiguration"]["Alarms"]
    kept = {"AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::KMS::Key", "AWS::Cognito::UserPool"}
    for _, name, resource in resources(deployment):
        if resource["Type"] in kept:
            assert resource["DeletionPolicy"].startswith("Retain"), name
            assert resource["UpdateReplacePolicy"].startswith("Retain"), name


# 8 Names


def test_sg801_sg803_one_convention_for_every_name(example: str, target: str, deployment: Deployment) -> None:
    service = spec(example).service.name
    api = spec(example).api.name
    names = _physical_names(deployment)
    assert len(names) > 10
    for kind, name in (text.split(" ", 1) for text in names):
        assert name.startswith((f"{target}-{service}", f"{target}-{api}")), f"{kind} {name}"


def test_sg802_the_api_is_called_after_environment_and_name(
    example: str, target: str, deployment: Deployment
) -> None:  # fmt: skip
    for api in of_type(deployment, "AWS::ApiGateway::RestApi"):
        assert api["Name"] == f"{target}-{spec(example).api.name}"


LIMITS = {"AWS::Lambda::Function": 64, "AWS::IAM::Role": 64, "AWS::SQS::Queue": 80, "AWS::S3::Bucket": 63}


def test_sg804_names_are_ones_that_aws_takes(deployment: Deployment) -> None:
    for kind, name in (text.split(" ", 1) for text in _physical_names(deployment)):
        assert len(name) <= LIMITS.get(kind, 255), name
        assert re.fullmatch(r"[A-Za-z0-9._-]+", name), name
        assert kind != "AWS::S3::Bucket" or name == name.lower()


# 9 Region and account


def test_sg901_every_target_says_its_region(example: str, target: str) -> None:
    for name in targets(example):
        assert re.fullmatch(
            r"[a-z]{2}(-[a-z]+)+-\d", samconfig(project(example))[name]["global"]["parameters"]["region"]
        )
    for template in load_project(project(example)).templates:
        assert not re.search(r"\b(us|eu|ap|sa|ca|me|af)-(east|west|north|south|central)[a-z]*-\d\b", template.source)


def test_sg902_every_target_says_its_account(example: str, target: str) -> None:
    for name in targets(example):
        assert re.fullmatch(r"\d{12}", samconfig(project(example))[name]["account"]["parameters"]["id"])
    for template in load_project(project(example)).templates:
        assert not re.search(r"(?<!\d)\d{12}(?!\d)", template.source), template.name
    assert "account" in (project(example) / "scripts" / "deploy.py").read_text("utf-8")


def _arns(value: Any) -> set[str]:
    return set(re.findall(r'arn:[^"\\ ,]+', json.dumps(value)))


def test_sg903_sg904_arns_are_of_this_partition_region_and_account(
    example: str, target: str, deployment: Deployment
) -> None:
    region = samconfig(project(example))[target]["global"]["parameters"]["region"]
    account = samconfig(project(example))[target]["account"]["parameters"]["id"]
    for _, name, resource in resources(deployment):
        for arn in _arns(resource):
            fields = arn.split(":", 5)
            assert len(fields) == 6, f"{name} {arn}"
            assert fields[1] == "aws"
            assert fields[3] in {"", region, "*"}, f"{name} {arn}"
            assert fields[4] in {"", account, "aws", "lambda", "*"}, f"{name} {arn}"
    for acl in of_type(deployment, "AWS::WAFv2::WebACL"):
        assert acl["Scope"] == "REGIONAL"


def test_sg904_no_template_names_a_partition(example: str, target: str) -> None:
    for template in load_project(project(example)).templates:
        assert not re.search(r"arn:aws[a-z-]*:", template.source), template.name


# 10 Organisation

# What a stack is for; a type that stands under none of them is owned by nobody.
OWNERS = {
    "AWS::IAM::Role": "security",
    "AWS::KMS::Key": "security",
    "AWS::WAFv2::WebACL": "security",
    "AWS::Cognito::UserPool": "security",
    "AWS::Lambda::Function": "functions",
    "AWS::Lambda::EventSourceMapping": "functions",
    "AWS::Scheduler::Schedule": "functions",
    "AWS::Events::Rule": "functions",
    "AWS::ApiGateway::RestApi": "api",
    "AWS::ApiGateway::Stage": "api",
    "AWS::CloudWatch::Dashboard": "monitoring",
    "AWS::XRay::Group": "monitoring",
    "AWS::DynamoDB::Table": "data",
    "AWS::S3::Bucket": "data",
    "AWS::Events::EventBus": "data",
}


def test_sg001_each_stack_has_its_own_area(deployment: Deployment) -> None:
    for stack, name, resource in resources(deployment):
        if owner := OWNERS.get(resource["Type"]):
            assert stack.startswith(f"stacks/{owner}"), f"{name} in {stack}"
    nested = {r["Type"] for stack, _, r in resources(deployment) if stack == "template.yaml"}
    assert nested == HANDED_OVER


def test_sg002_the_transform_is_where_sam_types_are(example: str, target: str) -> None:
    for template in load_project(project(example)).templates:
        uses = any(r["Type"].startswith("AWS::Serverless::") for r in template.section("Resources").values())
        assert uses is ("Transform" in template.data), template.name


def test_sg003_every_parameter_is_described_and_constrained(example: str, target: str) -> None:
    constraints = {"AllowedValues", "AllowedPattern", "MinValue", "MaxValue", "MinLength", "MaxLength"}
    for template in load_project(project(example)).templates:
        for name, parameter in template.section("Parameters").items():
            assert parameter["Description"], name
            lists = parameter["Type"] == "CommaDelimitedList"
            assert lists or constraints & set(parameter), f"{template.name} {name}"


def test_sg004_every_stack_is_tagged(example: str, deployment: Deployment) -> None:
    wanted = {"Environment", "Service", "Owner", "CostCenter", *spec(example).service.tags}
    for stack in of_type(deployment, "AWS::CloudFormation::Stack"):
        assert wanted <= {tag["Key"] for tag in stack["Tags"]}


def test_sg005_sam_finds_the_code_of_every_function(example: str, target: str) -> None:
    found = 0
    for template in load_project(project(example)).templates:
        for resource in template.section("Resources").values():
            if resource["Type"] == "AWS::Serverless::Function":
                assert (template.path.parent / resource["Properties"]["CodeUri"]).is_dir()
                found += 1
    assert found >= len(spec(example).functions)
    assert (Path(project(example)) / "samconfig.toml").is_file()
