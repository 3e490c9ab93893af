"""What is watched: every alarm looks at something that is there, and everything that is there has its alarms."""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from deployment import Deployment, deploy
from rendering import document, findings, render

from generator.render import alarms, monitoring, views
from generator.render.alarms import KINDS
from generator.render.dashboard import QUERY_LOG_GROUPS, WIDGET_ALARMS
from generator.render.monitoring import sampled_service, xray_filter, xray_name
from generator.spec.load import spec_from
from generator.spec.names import physical_name

EXISTING_BUS = "arn:aws:events:us-west-2:123456789012:event-bus/partner"
SPEC: dict[str, Any] = document(
    environments=[{"name": "dev"}, {"name": "prod", "alarm_email": "on-call@example.com"}],
    tables=[{"name": "orders", "partition_key": {"name": "id"}}],
    queues=[{"name": "spare"}],
    topics=[{"name": "news"}],
    functions=[
        {"name": "web", "timeout": 20, "triggers": [{"type": "api", "path": "/orders"}]},
        {"name": "nightly", "triggers": [{"type": "schedule", "expression": "rate(1 day)"}]},
        {"name": "fulfil", "timeout": 100, "triggers": [{"type": "sqs", "queue": "jobs"}]},
        {"name": "invoice", "triggers": [{"type": "dynamodb", "table": "orders"}]},
        {
            "name": "notify",
            "memory_size": 512,
            "triggers": [
                {"type": "eventbridge", "bus": "shop", "pattern": {"source": ["orders"]}},
                {"type": "eventbridge", "pattern": {"source": ["aws.health"]}},
                {"type": "eventbridge", "bus": EXISTING_BUS, "pattern": {"source": ["partner"]}},
                {"type": "eventbridge", "bus": "/shared/bus", "pattern": {"source": ["shared"]}},
                {"type": "s3", "bucket": "files"},
                {"type": "sns", "topic": "news"},
            ],
        },
        {"name": "apologize", "triggers": [{"type": "function", "function": "notify", "outcome": "failure"}]},
        {"name": "few", "reserved_concurrency": 4, "triggers": []},
    ],
)
NAMES = [f"dev-orders-{function['name']}" for function in SPEC["functions"]]
HOOK = "dev-orders-pre-traffic"
TOPIC = "arn:aws:sns:us-west-2:123456789012:dev-orders-alarms"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return render(SPEC, tmp_path_factory.mktemp("monitoring"))


@pytest.fixture(scope="module")
def dev(project: Path) -> Deployment:
    return deploy(project, "dev")


def dimensions(alarm: Mapping[str, Any]) -> dict[str, str]:
    return {dimension["Name"]: dimension["Value"] for dimension in alarm["Dimensions"]}


def watched(deployment: Deployment) -> dict[tuple[str, str], list[dict[str, str]]]:
    """For each metric, what alarms look at."""
    found: dict[tuple[str, str], list[dict[str, str]]] = {}
    for alarm in deployment.of_type("AWS::CloudWatch::Alarm").values():
        found.setdefault((alarm["Namespace"], alarm["MetricName"]), []).append(dimensions(alarm))
    return found


def names(deployment: Deployment, kind: str, key: str) -> set[str]:
    return {properties[key] for properties in deployment.of_type(kind).values()}


def functions_with(deployment: Deployment, kind: str, key: str = "FunctionName") -> set[str]:
    """The names of the functions that a mapping or configuration of events is about."""
    stacks = [s for name, s in deployment.stacks.items() if name.startswith("stacks/functions")]
    found = set()
    for stack in stacks:
        for properties in stack.of_type(kind).values():
            if kind == "AWS::Lambda::EventInvokeConfig" and not properties.get("DestinationConfig"):
                continue
            name = properties[key].strip("<>")
            resource = stack.resources[name]
            if resource["Type"] == "AWS::Lambda::Alias":
                resource = stack.resources[resource["Properties"]["FunctionName"].strip("<>")]
            found.add(resource["Properties"]["FunctionName"])
    return found


def streams(deployment: Deployment) -> set[str]:
    """The functions that read a stream."""
    stack = deployment.stacks["stacks/functions/template.yaml"]
    readers = {k: v for k, v in stack.of_type("AWS::Lambda::EventSourceMapping").items() if "StartingPosition" in v}
    kept = Deployment({"stacks/functions/template.yaml": stack})
    return functions_with(kept, "AWS::Lambda::EventSourceMapping") & {
        stack.resources[stack.resources[m["FunctionName"].strip("<>")]["Properties"]["FunctionName"].strip("<>")][
            "Properties"
        ]["FunctionName"]
        for m in readers.values()
    }


def emitted(deployment: Deployment) -> dict[tuple[str, str], list[dict[str, str]]]:
    """Every metric that something deployed emits and an alarm may look at, with its dimensions.

    The dimensions are those of the services' own documentation, each in the words of its "dimensions" table.
    """
    functions = [{"FunctionName": name} for name in names(deployment, "AWS::Lambda::Function", "FunctionName")]
    aliases = [{**f, "Resource": f"{f['FunctionName']}:live"} for f in functions]
    ids = {name: f["FunctionName"] for name, f in deployment.of_type("AWS::Lambda::Function").items()}
    versions = {
        ids[v["FunctionName"].strip("<>")]: f"<{name}.Version>"
        for name, v in deployment.of_type("AWS::Lambda::Version").items()
    }
    # While an alias shares its traffic between two versions.
    shared = [{**alias, "ExecutedVersion": versions[alias["FunctionName"]]} for alias in aliases]
    queues = [{"QueueName": name} for name in names(deployment, "AWS::SQS::Queue", "QueueName")]
    tables = [{"TableName": t["TableName"]} for t in deployment.of_type("AWS::DynamoDB::Table").values()]
    topics = [{"TopicName": name} for name in names(deployment, "AWS::SNS::Topic", "TopicName")]
    groups = [{"ScheduleGroup": g["Name"]} for g in deployment.of_type("AWS::Scheduler::ScheduleGroup").values()]
    rules = [
        {"RuleName": rule["Name"]}
        if (bus := rule.get("EventBusName", "default")) == "default"
        else {"RuleName": rule["Name"], "EventBusName": bus.rpartition("/")[2]}
        for rule in deployment.of_type("AWS::Events::Rule").values()
    ]
    found: dict[tuple[str, str], list[dict[str, str]]] = {
        ("AWS/Events", "FailedInvocations"): rules,
        ("AWS/Scheduler", "InvocationDroppedCount"): groups,
        ("AWS/SNS", "NumberOfNotificationsFailed"): topics,
        ("AWS/Lambda", "IteratorAge"): [{"FunctionName": name} for name in streams(deployment)],
        ("AWS/Lambda", "DestinationDeliveryFailures"): [
            {"FunctionName": name} for name in functions_with(deployment, "AWS::Lambda::EventInvokeConfig")
        ],
    }
    for metric in ("Errors", "Throttles", "Duration", "ConcurrentExecutions", "DeadLetterErrors"):
        found["AWS/Lambda", metric] = functions + aliases + shared
    for metric in ("ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"):
        found["AWS/SQS", metric] = queues
    for metric in ("ReadThrottleEvents", "WriteThrottleEvents"):
        found["AWS/DynamoDB", metric] = tables
    for api in deployment.of_type("AWS::ApiGateway::RestApi").values():
        stage = {"ApiName": api["Name"], "Stage": deployment.one("AWS::ApiGateway::Stage")["StageName"]}
        for metric in ("Count", "4XXError", "5XXError", "Latency", "IntegrationLatency"):
            found["AWS/ApiGateway", metric] = [stage]
    for acl in deployment.of_type("AWS::WAFv2::WebACL").values():
        whole = {"WebACL": acl["VisibilityConfig"]["MetricName"], "Region": "us-west-2", "Rule": "ALL"}
        for metric in ("AllowedRequests", "BlockedRequests"):
            found["AWS/WAFV2", metric] = [whole]
    return found


def test_every_alarm_looks_at_something_that_is_there(dev: Deployment) -> None:
    there = emitted(dev)
    for metric, subjects in watched(dev).items():
        for subject in subjects:
            assert subject in there.get(metric, []), (metric, subject)


def test_every_function_has_its_alarms(dev: Deployment) -> None:
    found = watched(dev)

    def of(metric: str) -> Counter[str]:
        return Counter(d["FunctionName"] for d in found["AWS/Lambda", metric] if "Resource" not in d)

    for metric in ("Errors", "Duration", "DeadLetterErrors"):
        assert of(metric) == Counter([*NAMES, HOOK]), metric
    # What the hook cannot do at once Lambda tries again.
    assert of("Throttles") == Counter(NAMES)
    # With few invocations at once, all of them in use is nothing unusual.
    assert of("ConcurrentExecutions") == Counter(name for name in NAMES if name != "dev-orders-few")
    assert of("IteratorAge") == Counter(["dev-orders-invoice"])
    assert of("DestinationDeliveryFailures") == Counter(["dev-orders-notify"])


def test_every_queue_has_its_alarms(dev: Deployment) -> None:
    found = watched(dev)
    queues = names(dev, "AWS::SQS::Queue", "QueueName")
    dead = {name for name in queues if name.endswith("-dlq")}

    def of(metric: str) -> Counter[str]:
        return Counter(d["QueueName"] for d in found["AWS/SQS", metric])

    assert queues - dead == {"dev-orders-jobs", "dev-orders-spare"}
    assert of("ApproximateAgeOfOldestMessage") == Counter(queues - dead)
    assert of("ApproximateNumberOfMessagesVisible") == Counter(dead)
    # A function has one, the hook, each queue and each bus.
    assert len(dead) == len(NAMES) + 1 + 2 + 1


def test_tables_topics_rules_schedules_and_the_api_have_their_alarms(dev: Deployment) -> None:
    found = watched(dev)
    assert found["AWS/DynamoDB", "ReadThrottleEvents"] == [{"TableName": "dev-orders-orders"}]
    assert found["AWS/DynamoDB", "WriteThrottleEvents"] == [{"TableName": "dev-orders-orders"}]
    assert found["AWS/SNS", "NumberOfNotificationsFailed"] == [{"TopicName": "dev-orders-news"}]
    assert found["AWS/Scheduler", "InvocationDroppedCount"] == [{"ScheduleGroup": "dev-orders"}]
    # The bus that only the deployment knows the name of has none: its rule has the dead-letter queue.
    assert sorted(d["RuleName"] for d in found["AWS/Events", "FailedInvocations"]) == [
        "dev-orders-notify-eventbridge-1",
        "dev-orders-notify-eventbridge-2",
        "dev-orders-notify-eventbridge-3",
        "dev-orders-notify-s3-1",
    ]
    for metric in ("5XXError", "4XXError", "Latency"):
        assert len(found["AWS/ApiGateway", metric]) == 1
    assert len(found["AWS/WAFV2", "BlockedRequests"]) == 1


def test_schedules_are_in_the_group_that_is_watched(dev: Deployment) -> None:
    assert {s["GroupName"] for s in dev.of_type("AWS::Scheduler::Schedule").values()} == {"<ScheduleGroup>"}


def test_thresholds_follow_from_what_is_watched(dev: Deployment) -> None:
    found = {a["AlarmName"]: a for a in dev.of_type("AWS::CloudWatch::Alarm").values()}

    def threshold(name: str) -> float:
        return float(found[f"dev-orders-{name}"]["Threshold"])

    assert threshold("fulfil-duration") == 80_000
    assert threshold("web-duration") == threshold("api-latency") == 16_000
    assert threshold("web-concurrency") == 8
    # Twice as long as a failing message is out of sight; a quarter of an hour where nobody reads.
    assert threshold("jobs-queue-age") == 2 * 6 * 100
    assert threshold("spare-queue-age") == 900
    assert threshold("invoice-stream-age") < 86_400_000
    assert found["dev-orders-api-latency"]["ExtendedStatistic"] == "p95"
    assert found["dev-orders-api-4xx"]["Statistic"] == "Average"


def test_every_alarm_tells_the_topic_when_it_comes_and_goes(dev: Deployment) -> None:
    assert {t["TopicName"] for t in dev.of_type("AWS::SNS::Topic").values()} == {"dev-orders-alarms", "dev-orders-news"}
    for name, alarm in dev.of_type("AWS::CloudWatch::Alarm").items():
        assert alarm["AlarmActions"] == [TOPIC], name
        if not name.endswith("DeploymentAlarm"):
            assert alarm["OKActions"] == [TOPIC], name
        assert alarm["TreatMissingData"] == "notBreaching"


def test_a_deployment_is_stopped_by_errors_of_its_own_version_alone(dev: Deployment) -> None:
    """Errors of the version before would stop the release that mends them."""
    versions = dev.of_type("AWS::Lambda::Version")
    found = [a for name, a in dev.of_type("AWS::CloudWatch::Alarm").items() if name.endswith("DeploymentAlarm")]
    assert found
    for alarm in found:
        dimensions = {d["Name"]: d["Value"] for d in alarm["Dimensions"]}
        version, _, attribute = dimensions["ExecutedVersion"].strip("<>").partition(".")
        assert attribute == "Version"
        assert (
            dev.of_type("AWS::Lambda::Function")[versions[version]["FunctionName"].strip("<>")]["FunctionName"]
            == dimensions["FunctionName"]
        )


def test_every_alarm_says_what_it_means_and_where_to_read_on(project: Path, dev: Deployment) -> None:
    headings = re.findall(r"^#+ (.+)$", (project / "docs" / "runbook.md").read_text("utf-8"), re.MULTILINE)
    for alarm in dev.of_type("AWS::CloudWatch::Alarm").values():
        if alarm["AlarmName"].endswith("-deployment"):
            continue
        meaning, _, anchor = alarm["AlarmDescription"].partition(". What to do: docs/runbook.md#")
        assert meaning
        assert alarm["AlarmName"].endswith(anchor)
        assert anchor in headings
        assert len(alarm["AlarmDescription"]) <= 1024


def test_no_kind_can_be_mistaken_for_another() -> None:
    for one, two in itertools.permutations(KINDS, 2):
        assert not f"-{one}".endswith(f"-{two}")


def leaves(deployment: Deployment, rule: str, stack: str) -> Iterator[str]:
    """The names of the metric alarms below a composite alarm's rule."""
    metric = {k: v["AlarmName"] for k, v in deployment.stacks[stack].of_type("AWS::CloudWatch::Alarm").items()}
    groups = {
        key: (name, logical, properties)
        for name, s in deployment.stacks.items()
        for logical, properties in s.of_type("AWS::CloudWatch::CompositeAlarm").items()
        for key in (properties["AlarmName"], *([logical] if name == stack else []))
    }
    parts = rule.split(" OR ")
    assert len(parts) <= 100
    for part in parts:
        match = re.fullmatch(r'ALARM\("<?([\w-]+)>?"\)', part)
        assert match, part
        if match[1] in metric:
            yield metric[match[1]]
        else:
            name, _, properties = groups[match[1]]
            yield from leaves(deployment, properties["AlarmRule"], name)


def whole(deployment: Deployment) -> tuple[str, dict[str, Any]]:
    """The service's composite alarm and the stack it is in."""
    (found,) = (
        (name, properties)
        for name, stack in deployment.stacks.items()
        for properties in stack.of_type("AWS::CloudWatch::CompositeAlarm").values()
        if properties["AlarmName"] == "dev-orders"
    )
    return found


def test_the_composite_is_raised_by_whatever_customers_notice_or_loses_work(dev: Deployment) -> None:
    stack, composite = whole(dev)
    below = sorted(leaves(dev, composite["AlarmRule"], stack))
    all_names = [a["AlarmName"] for a in dev.of_type("AWS::CloudWatch::Alarm").values()]
    early = ("errors", "duration", "concurrency", "deployment", "reads-refused", "writes-refused", "4xx", "blocks")

    assert composite["AlarmActions"] == composite["OKActions"] == [TOPIC]
    assert below == sorted(name for name in all_names if not name.endswith(early))


def test_many_alarms_are_grouped_as_cloudwatch_allows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "STACK_RESOURCES", 50)
    monkeypatch.setattr(alarms, "RULE_ALARMS", 5)
    functions = [{"name": f"f{n}", "triggers": []} for n in range(12)]
    project = render(document(environments=[{"name": "dev"}], functions=functions), tmp_path)
    assert findings(project) == []
    deployment = deploy(project)
    stacks = [s for name, s in deployment.stacks.items() if name.startswith("stacks/monitoring")]
    stack, composite = whole(deployment)
    (last,) = (s for s in deployment.of_type("AWS::CloudFormation::Stack") if s == f"Monitoring{len(stacks)}")
    root = deployment.stacks["template.yaml"].resources[last]

    assert len(stacks) == 3
    assert stack == "stacks/monitoring-3/template.yaml"
    assert sorted(root["DependsOn"]) == ["Monitoring", "Monitoring2"]
    assert Counter(leaves(deployment, composite["AlarmRule"], stack)) == Counter(
        f"dev-orders-{name}-{kind}"
        for name in [*(f["name"] for f in functions), "pre-traffic"]
        for kind in ("dead-letters", "lost-events", "throttles")
        if (name, kind) != ("pre-traffic", "throttles")
    )
    for group in (g for s in stacks for g in s.of_type("AWS::CloudWatch::CompositeAlarm").values()):
        assert group["AlarmRule"].count("ALARM(") <= 12
        assert ("AlarmActions" in group) is (group["AlarmName"] == "dev-orders")


def test_rules_of_composites_stay_below_the_limit_whatever_the_names() -> None:
    kind = KINDS["dead-letters"]
    listed = [alarms.Alarm(kind, f"{'f' * 37}{n:03}", {}, 1) for n in range(235)]
    for part in alarms.composites([listed, listed], "s" * 40):
        for composite in part:
            rule = re.sub(r"\$\{\w+Alarm\}", "x" * physical_length(kind.key), composite.rule)
            assert len(rule.replace("${Environment}", "e" * 16)) <= alarms.RULE_CHARACTERS
            assert composite.rule.count("ALARM(") <= alarms.RULE_ALARMS


def physical_length(kind: str) -> int:
    return len(physical_name("e" * 16, "s" * 40, "f" * 40, kind))


def widgets(deployment: Deployment) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(deployment.one("AWS::CloudWatch::Dashboard")["DashboardBody"])["widgets"]
    return found


def test_the_dashboard_shows_only_what_is_there(dev: Deployment) -> None:
    there = emitted(dev)
    extra = {("AWS/Lambda", "Invocations"): there["AWS/Lambda", "Errors"]}
    for widget in widgets(dev):
        if widget["type"] != "metric":
            continue
        for row in widget["properties"]["metrics"]:
            values = [value for value in row[2:] if isinstance(value, str)]
            subject = dict(zip(values[::2], values[1::2], strict=True))
            assert subject in ({**there, **extra}).get((row[0], row[1]), []), row


def test_the_dashboard_shows_all_that_matters(dev: Deployment) -> None:
    shown = [w for w in widgets(dev) if w["type"] == "metric"]
    rows = [row for w in shown for row in w["properties"]["metrics"]]
    metrics = {(row[0], row[1]) for row in rows}
    stats = {w["properties"]["stat"] for w in shown if w["properties"]["metrics"][0][1] == "Duration"}

    assert stats == {"p50", "p95", "p99"}
    for metric in ("Invocations", "Errors", "Throttles", "Duration", "ConcurrentExecutions", "IteratorAge"):
        assert ("AWS/Lambda", metric) in metrics
    for metric in ("Count", "4XXError", "5XXError", "Latency", "IntegrationLatency"):
        assert ("AWS/ApiGateway", metric) in metrics
    assert {("AWS/WAFV2", "AllowedRequests"), ("AWS/WAFV2", "BlockedRequests")} <= metrics
    assert {("AWS/SQS", "ApproximateAgeOfOldestMessage"), ("AWS/DynamoDB", "ReadThrottleEvents")} <= metrics
    for name in [*NAMES, HOOK]:
        assert sum(name in row for row in rows) >= 7
    dead = {row[3] for row in rows if row[0] == "AWS/SQS" and str(row[3]).endswith("-dlq")}
    assert dead == {n for n in names(dev, "AWS::SQS::Queue", "QueueName") if n.endswith("-dlq")}


def test_the_dashboard_begins_with_the_alarms(dev: Deployment) -> None:
    text, first, *_ = widgets(dev)
    existing = {
        f"arn:aws:cloudwatch:us-west-2:123456789012:alarm:{alarm['AlarmName']}"
        for kind in ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
        for alarm in dev.of_type(kind).values()
    }
    listed = [arn for w in widgets(dev) if w["type"] == "alarm" for arn in w["properties"]["alarms"]]

    assert (text["type"], first["type"]) == ("text", "alarm")
    assert first["properties"]["alarms"][0].endswith(":alarm:dev-orders")
    assert Counter(listed) == Counter(arn for arn in existing if not arn.endswith("-deployment"))
    assert all(len(w["properties"]["alarms"]) <= WIDGET_ALARMS for w in widgets(dev) if w["type"] == "alarm")


def test_widgets_do_not_overlap(dev: Deployment) -> None:
    cells = Counter(
        (x, y)
        for w in widgets(dev)
        for x in range(w["x"], w["x"] + w["width"])
        for y in range(w["y"], w["y"] + w["height"])
    )
    assert set(cells.values()) == {1}
    assert max(x for x, _ in cells) < 24


def test_the_dashboard_reads_the_functions_logs(dev: Deployment) -> None:
    (log,) = (w["properties"]["query"] for w in widgets(dev) if w["type"] == "log")
    groups = set(re.findall(r"SOURCE '([^']+)'", log))
    assert groups == {f"/aws/lambda/{name}" for name in [*NAMES, HOOK]}
    assert groups <= names(dev, "AWS::Logs::LogGroup", "LogGroupName")


def test_a_dashboard_links_to_the_runbook_of_the_repository(tmp_path: Path) -> None:
    pipeline = {"provider": "github", "repository": "shop/orders"}
    (text, *_) = widgets(deploy(render(document(pipeline=pipeline), tmp_path)))
    assert "https://github.com/shop/orders/blob/HEAD/docs/runbook.md" in text["properties"]["markdown"]


def test_saved_queries_read_log_groups_that_are_there(dev: Deployment) -> None:
    groups = names(dev, "AWS::Logs::LogGroup", "LogGroupName")
    queries = {q["Name"]: q for q in dev.of_type("AWS::Logs::QueryDefinition").values()}

    assert {name.split("/")[0] for name in queries} == {"dev-orders"}
    for topic in ("errors-by-function", "one-request", "slowest-failed-invocations", "api-refused", "waf-blocked"):
        assert f"dev-orders/{topic}" in queries
    for query in queries.values():
        assert set(query["LogGroupNames"]) <= groups
        assert 0 < len(query["LogGroupNames"]) <= QUERY_LOG_GROUPS
        assert "\n" in query["QueryString"]
    assert set(queries["dev-orders/errors-by-function"]["LogGroupNames"]) == {
        f"/aws/lambda/{name}" for name in [*NAMES, HOOK]
    }


def test_queries_of_many_functions_are_split(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A part has fewer functions than a query takes log groups, unless many of them are linked.
    monkeypatch.setattr(monitoring, "QUERY_LOG_GROUPS", 5)
    functions = [{"name": f"f{n}", "reserved_concurrency": 1, "triggers": []} for n in range(5)]
    stack = deploy(render(document(functions=functions), tmp_path)).stacks["stacks/monitoring/template.yaml"]
    found = {
        q["Name"]: q["LogGroupNames"]
        for q in stack.of_type("AWS::Logs::QueryDefinition").values()
        if "errors-by-function" in q["Name"]
    }
    # The service's functions and the hook.
    assert sorted(len(groups) for groups in found.values()) == [1, 5]


def test_config_rules_look_at_this_deployment_alone(dev: Deployment) -> None:
    rules = dev.of_type("AWS::Config::ConfigRule").values()
    functions = {f["FunctionName"]: f for f in dev.of_type("AWS::Lambda::Function").values()}
    tags = {name: {tag["Key"]: tag["Value"] for tag in f["Tags"]} for name, f in functions.items()}

    assert {"LAMBDA_FUNCTION_PUBLIC_ACCESS_PROHIBITED", "LAMBDA_DLQ_CHECK", "LAMBDA_CONCURRENCY_CHECK"} < {
        rule["Source"]["SourceIdentifier"] for rule in rules
    }
    seen: Counter[str] = Counter()
    for rule in rules:
        assert rule["ConfigRuleName"].startswith("dev-orders-lambda-")
        assert rule["Source"]["Owner"] == "AWS"
        key, value = rule["Scope"]["TagKey"], rule["Scope"]["TagValue"]
        matched = [name for name, own in tags.items() if own.get(key) == value]
        assert matched
        if rule["Source"]["SourceIdentifier"] != "LAMBDA_FUNCTION_SETTINGS_CHECK":
            assert sorted(matched) == sorted(functions)
            continue
        for name in matched:
            settings = rule["InputParameters"]
            assert settings == {
                "runtime": functions[name]["Runtime"],
                "memorySize": str(functions[name]["MemorySize"]),
                "timeout": str(functions[name]["Timeout"]),
            }
        seen.update(matched)
    assert seen == Counter(list(functions))


def test_config_rules_can_be_left_out(project: Path) -> None:
    assert deploy(project, "dev", ConfigRules="false").of_type("AWS::Config::ConfigRule") == {}


def test_x_ray_has_a_group_and_a_rule_for_where_traces_begin(dev: Deployment) -> None:
    group = dev.one("AWS::XRay::Group")
    rule = dev.one("AWS::XRay::SamplingRule")["SamplingRule"]
    named = re.findall(r'service\(id\(name: "([^"]+)", type: "AWS::Lambda::Function"\)\)', group["FilterExpression"])

    assert group["GroupName"] == rule["RuleName"] == "dev-orders"
    assert named == NAMES
    assert rule["ServiceName"] == "dev-MyAPI/dev"
    assert rule["ServiceType"] == "AWS::ApiGateway::Stage"
    assert 0 < rule["FixedRate"] < 1


@pytest.mark.parametrize("service", ["o", "a" * 15, "a" * 16, "a" * 40, "abcdefghi-klmnopqrstu"])
def test_names_of_x_ray_fit_any_environment(service: str) -> None:
    name = xray_name(service)
    assert len(f"{'e' * 16}-{name}") <= 32
    assert "--" not in name
    assert xray_name("a" * 39) != xray_name("a" * 40)


def test_filters_and_sampled_services_of_x_ray_fit() -> None:
    few, many = xray_filter(["a", "b"], "orders"), xray_filter([f"f{n}" for n in range(40)], "orders")
    assert few.count("service(") == 2
    assert many == 'annotation.Service = "orders"'
    for length in (1, 29, 30, 31, 64):
        api = spec_from(document(api={"name": "A" * length}), "x").api
        name = sampled_service(api).replace("${Environment}", "e" * 16)
        assert len(name) <= 64
        assert name.startswith(f"{'e' * 16}-{'A' * min(length, 46)}")


def test_a_service_without_sources_watches_its_functions_alone(tmp_path: Path) -> None:
    deployment = deploy(render(document(functions=[{"name": "a", "triggers": []}]), tmp_path))
    assert {namespace for namespace, _ in watched(deployment)} == {"AWS/Lambda", "AWS/SQS"}
    assert deployment.of_type("AWS::XRay::SamplingRule") == {}
    assert deployment.of_type("AWS::Scheduler::ScheduleGroup") == {}
    there = emitted(deployment)
    for metric, subjects in watched(deployment).items():
        assert all(subject in there[metric] for subject in subjects)
