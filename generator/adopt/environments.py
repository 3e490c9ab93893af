"""The service and its environments: where each is deployed, how it logs, who may call it."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any, get_args

import tomlkit

from generator.adopt.source import Remark, Source
from generator.checks.case import as_list, literal, number
from generator.checks.facts.configuration import settings_of
from generator.project import Deployment
from generator.spec.model import DeploymentPreference, LogLevel

Document = dict[str, Any]
_STANDARD_TAGS = ("Environment", "Service")
_MAIL = "email"


def service(source: Source) -> Document:
    """The section `service`."""
    found: Document = {"name": source.service}
    text = source.project.templates[0].data.get("Description")
    if isinstance(text, str) and text.strip():
        # What samgen itself puts before it.
        found["description"] = " ".join(text.removeprefix(f"Root of {source.service} - ").split())
    tags = _tags(source, source.main)
    for _, deployment in source.environments:
        others = _tags(source, deployment)
        # What differs between environments is no tag of the service.
        tags = {key: value for key, value in tags.items() if others.get(key) == value}
    for key, name in (("owner", "Owner"), ("cost_center", "CostCenter")):
        if tags.get(name):
            found[key] = tags[name]
    rest = {key: value for key, value in tags.items() if key not in (*_STANDARD_TAGS, "Owner", "CostCenter")}
    return {**found, **({"tags": rest} if rest else {})}


def _tags(source: Source, deployment: Deployment) -> dict[str, str]:
    """The tags of the stack, as samconfig.toml gives them: a list, or one text."""
    written = settings_of(source.config, deployment.environment).get("tags")
    pairs = (
        re.findall(r'([^\s=]+)=("[^"]*"|\S*)', written)
        if isinstance(written, str)
        else [str(item).partition("=")[::2] for item in as_list(written)]
    )
    return {key.strip('"'): value.strip('"') for key, value in pairs if value.strip('"')}


def environments(source: Source, *, has_api: bool) -> list[Document]:
    """The section `environments`; a further region of one is a part of it."""
    accounts = _accounts(source)
    found: dict[str, Document] = {}
    for name, deployment in source.environments:
        said = accounts.get(deployment.environment.name, {})
        home = said.get("environment")
        if isinstance(home, str) and home != name and home in found:
            role = deployment.environment.parameters.get("RegionRole", "standby")
            found[home].setdefault("further_regions", []).append({"name": deployment.region, "role": role})
            continue
        found[name] = _environment(source, name, deployment, has_api=has_api)
        if isinstance(said.get("production"), bool):
            found[name]["production"] = said["production"]
    return list(found.values())


def _accounts(source: Source) -> dict[str, Document]:
    """What samconfig.toml says of accounts, in a table that samgen's projects have."""
    if source.config.document is not None or not source.config.text:
        return {}
    tables: Document = tomlkit.parse(source.config.text).unwrap()
    found = {}
    for name, table in tables.items():
        account = table.get("account") if isinstance(table, dict) else None
        parameters = account.get("parameters") if isinstance(account, dict) else None
        found[name] = parameters if isinstance(parameters, dict) else {}
    return found


def _environment(source: Source, name: str, deployment: Deployment, *, has_api: bool) -> Document:
    found: Document = {"name": name}
    for key in ("region", "account"):
        value = getattr(deployment.environment, key)
        found.update({key: value} if value else {})
        if not value:
            message = f"No {key} of {name} is named: samgen.yaml has a stand-in for it, which is yours to replace."
            source.remarks.add(Remark(source.config.name if source.config.text else _root(source), 1, message))
    level = _log_level(source, deployment)
    optional = {
        "log_level": level,
        "deployment_preference": _preference(source, deployment),
        "log_retention_days": _retention(source, deployment),
        "alarm_email": _email(source, deployment),
    }
    found.update({key: value for key, value in optional.items() if value is not None})
    gates = [
        literal(gate)
        for api in source.deployed(deployment, "AWS::ApiGateway::RestApi")
        for gate in as_list(api.get("EndpointConfiguration", "VpcEndpointIds"))
    ]
    found.update({"vpc_endpoint_ids": gates} if gates and all(gates) else {})
    if has_api:
        found.update(_access(source, deployment))
    return found


def _root(source: Source) -> str:
    return source.project.templates[0].name


def _log_level(source: Source, deployment: Deployment) -> str | None:
    levels: Counter[str] = Counter()
    for function in source.deployed(deployment, "AWS::Lambda::Function"):
        level = literal(function.get("LoggingConfig", "ApplicationLogLevel")) or literal(
            function.get("Environment", "Variables", "LOG_LEVEL")
        )
        if level is None:
            continue
        levels[level.upper().replace("WARNING", "WARN")] += 1
        if level.upper() not in (*get_args(LogLevel), "WARNING"):
            source.note(function, f"It logs from {level} on; samgen logs warnings and errors only.")
    known = [level for level, _ in levels.most_common() if level in get_args(LogLevel)]
    return known[0] if known else None


def _preference(source: Source, deployment: Deployment) -> str | None:
    found = Counter(
        name.rpartition("CodeDeployDefault.Lambda")[2]
        for group in source.deployed(deployment, "AWS::CodeDeploy::DeploymentGroup")
        if (name := literal(group.get("DeploymentConfigName"))) is not None
    )
    return next((name for name, _ in found.most_common() if name in get_args(DeploymentPreference)), None)


def _retention(source: Source, deployment: Deployment) -> int | None:
    days = Counter(
        int(value)
        for group in source.deployed(deployment, "AWS::Logs::LogGroup")
        if (literal(group.get("LogGroupName")) or "").startswith("/aws/lambda/")
        and (value := number(group.get("RetentionInDays"))) is not None
    )
    return days.most_common(1)[0][0] if days else None


def _email(source: Source, deployment: Deployment) -> str | None:
    """Who gets a mail from the topic that alarms write to."""
    topics = {
        str(found.symbol)
        for alarm in source.deployed(deployment, "AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
        for action in as_list(alarm.get("AlarmActions"))
        if (found := deployment.find(action, "AWS::SNS::Topic")) is not None
    }
    for subscription in source.deployed(deployment, "AWS::SNS::Subscription"):
        topic = deployment.find(subscription.get("TopicArn"), "AWS::SNS::Topic")
        if topic is not None and str(topic.symbol) in topics and literal(subscription.get("Protocol")) == _MAIL:
            return literal(subscription.get("Endpoint"))
    return None


def _access(source: Source, deployment: Deployment) -> Document:
    """Who may call the API, as far as a web ACL says; without one, everybody."""
    acls = [
        acl for acl in source.deployed(deployment, "AWS::WAFv2::WebACL") if literal(acl.get("Scope")) != "CLOUDFRONT"
    ]
    if not acls:
        message = "No web ACL stands before the API, so samgen.yaml opens it to every address (public: true)."
        source.remarks.add(Remark(_root(source), 1, message))
        return {"public": True}
    if any(acl.get("DefaultAction", "Allow") is not None for acl in acls):
        return {"public": True}
    cidrs = [
        address
        for ranges in source.deployed(deployment, "AWS::WAFv2::IPSet")
        for item in as_list(ranges.get("Addresses"))
        if (address := literal(item))
    ]
    return {"allowed_cidrs": list(dict.fromkeys(cidrs))}
