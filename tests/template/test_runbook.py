"""The runbook speaks of this service's own alarms and names, and the cost notes count what is deployed."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from deployment import Deployment, deploy
from rendering import document, render
from test_monitoring import SPEC

from generator.render.alarms import KINDS


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    regions = [{"name": "eu-west-1", "role": "standby"}]
    environments = [{"name": "dev"}, {"name": "prod", "further_regions": regions}]
    return render({**SPEC, "environments": environments}, tmp_path_factory.mktemp("runbook"))


@pytest.fixture(scope="module")
def text(project: Path) -> str:
    return (project / "docs" / "runbook.md").read_text("utf-8")


@pytest.fixture(scope="module")
def dev(project: Path) -> Deployment:
    return deploy(project, "dev")


def alarms(deployment: Deployment) -> set[str]:
    return {a["AlarmName"] for a in deployment.of_type("AWS::CloudWatch::Alarm").values()}


def sections(text: str) -> dict[str, str]:
    """The text of each section, by its heading."""
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_alarm_stands_in_the_section_of_its_kind(text: str, dev: Deployment) -> None:
    listed: Counter[str] = Counter()
    for heading, section in sections(text).items():
        if heading not in KINDS:
            continue
        found = re.findall(r"^- `<environment>-([\w-]+)`", section, re.MULTILINE)
        assert found, heading
        assert all(name.endswith(heading) for name in found), heading
        listed.update(f"dev-{name}" for name in found)
    assert listed == Counter(name for name in alarms(dev) if not name.endswith("-deployment"))


def test_a_link_within_the_runbook_leads_somewhere(text: str) -> None:
    anchors = {heading.lower().replace(" ", "-") for heading in sections(text)}
    links = re.findall(r"\]\(#([\w-]+)\)", text)
    assert links
    assert set(links) <= anchors


@pytest.mark.parametrize("functions", [[{"name": "a", "triggers": []}], [{"name": "a"}]])
def test_a_small_service_has_a_small_runbook(functions: list[dict[str, object]], tmp_path: Path) -> None:
    project = render(document(functions=functions), tmp_path)
    text = (project / "docs" / "runbook.md").read_text("utf-8")
    anchors = {heading.lower().replace(" ", "-") for heading in sections(text)}
    has_api = "triggers" not in functions[0]

    assert set(re.findall(r"\]\(#([\w-]+)\)", text)) <= anchors
    assert ("api-5xx" in anchors) is has_api
    assert not {"queue-age", "stream-age", "unprocessed", "schedules-dropped", "lost-matches"} & anchors
    assert not re.search(r"<<|>>|#%|<%|None|\n\n\n", text)


def test_every_place_of_the_service_is_named(text: str) -> None:
    assert "| `dev` | us-west-2 | 123456789012 |" in text
    assert "| `prod` | us-west-2 | 123456789012 |" in text
    assert "| `prod` | eu-west-1 (standby) | 123456789012 |" in text


def test_names_are_those_of_what_is_deployed(text: str, dev: Deployment) -> None:
    groups = {g["LogGroupName"] for g in dev.of_type("AWS::Logs::LogGroup").values()}
    named = {g.replace("<environment>", "dev") for g in re.findall(r"`((?:/aws/|aws-waf-logs-)[^`]+)`", text)}
    assert named == groups
    queues = {q["QueueName"] for q in dev.of_type("AWS::SQS::Queue").values()}
    for name in re.findall(r'--queue-name "\$ENV-([^"]+)"', text):
        assert f"dev-{name.replace('$FUNCTION', 'web')}" in queues
    queries = {q["Name"].split("/")[1] for q in dev.of_type("AWS::Logs::QueryDefinition").values()}
    mentioned = {name for name in re.findall(r"`([a-z-]+)`", text) if name.split("-")[0] in {"errors", "api", "waf"}}
    assert mentioned <= queries | {"waf-logs"}
    assert f"`<environment>-{dev.one('AWS::XRay::Group')['GroupName'].removeprefix('dev-')}`" in text


def test_queues_and_schedules_say_whom_they_invoke(text: str) -> None:
    assert "| `<environment>-orders-jobs` | fulfil |" in text
    assert "| `<environment>-orders-spare` | no function of this service |" in text
    assert "| `<environment>-orders-nightly-1` | nightly, rate(1 day) |" in text


def test_make_knows_the_commands(text: str, project: Path) -> None:
    targets = re.findall(r"^([a-z-]+):", (project / "Makefile").read_text("utf-8"), re.MULTILINE)
    called = set(re.findall(r"`?make ([a-z-]+)", text))
    assert {"logs", "rollback", "deploy"} <= called
    assert called <= set(targets)


def test_costs_are_counted(project: Path, dev: Deployment) -> None:
    text = (project / "docs" / "costs.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| ([^|]+) \| (\d+) \|", text, re.MULTILINE))
    counted = {
        "KMS key, customer-managed": "AWS::KMS::Key",
        "WAF web ACL": "AWS::WAFv2::WebACL",
        "CloudWatch alarms on metrics": "AWS::CloudWatch::Alarm",
        "CloudWatch composite alarms": "AWS::CloudWatch::CompositeAlarm",
        "CloudWatch dashboards": "AWS::CloudWatch::Dashboard",
        "DynamoDB tables with point-in-time recovery": "AWS::DynamoDB::Table",
        "S3 buckets, versioned": "AWS::S3::Bucket",
        "Log groups": "AWS::Logs::LogGroup",
    }
    rules = len(dev.one("AWS::WAFv2::WebACL")["Rules"])
    assert rows.pop("WAF rules and rule groups in it") == str(rules)
    assert rows == {what: str(len(dev.of_type(kind))) for what, kind in counted.items()}
    (config,) = re.findall(r"(\d+) rules\b", text)
    assert int(config) == len(dev.of_type("AWS::Config::ConfigRule"))
