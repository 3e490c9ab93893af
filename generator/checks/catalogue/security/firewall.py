"""SG103 and SG105: the web ACL in front of an API, and from where it lets requests in."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Any

from generator.checks.case import Case, as_list, literal
from generator.checks.facts.statements import put, spot
from generator.checks.rule import Place, Problem, rule
from generator.findings import Severity
from generator.project import Deployment, Resource
from generator.project.evaluate import is_known

ACL = "AWS::WAFv2::WebACL"
IP_SET = "AWS::WAFv2::IPSet"
GROUP = "AWS::WAFv2::RuleGroup"
STAGE = "AWS::ApiGateway::Stage"
REST_API = "AWS::ApiGateway::RestApi"

# A range wider than these is most of the world, however it is split.
_WIDEST = {4: 8, 6: 16}
_DOCUMENTATION = [
    ipaddress.ip_network(text) for text in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
]
_DEPTH = 20  # WAF allows far less
_STOPPING = {"Block", "Captcha", "Challenge"}


@rule(
    "SG103",
    "A web ACL stands in front of every REST API, blocks what is bad, and writes down what it does.",
    Severity.WARNING,
    "Associate the stage with a WAFv2 WebACL that has AWS's managed rules in force, and log it.",
    "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-aws-waf.html",
)
def web_acl(case: Case) -> Iterator[Problem]:
    """Stages without a web ACL, and web ACLs that let everything pass, only count, or leave no trace."""
    for deployment in case.deployments:
        for stage in deployment.of_type(STAGE):
            if not _is_associated(deployment, stage) and not _is_private(deployment, stage):
                yield put(stage, f"No web ACL stands in front of {stage.owner}.")
        yield from _staged_by_deployments(deployment)
        for acl in deployment.of_type(ACL):
            yield from _without_effect(deployment, acl)
            yield from _unlogged(deployment, acl)
        yield from _wrong_scope(deployment)


def _staged_by_deployments(deployment: Deployment) -> Iterator[Problem]:
    """Stages that a deployment makes by itself."""
    own = {str(stage.get("RestApiId")) for stage in deployment.of_type(STAGE)}
    for made in deployment.of_type("AWS::ApiGateway::Deployment"):
        if made.get("StageName") is None or str(made.get("RestApiId")) in own:
            continue
        if not _is_associated(deployment, made) and not _is_private(deployment, made):
            yield put(made, f"No web ACL stands in front of the stage of {made.owner}.", "StageName")


def _is_associated(deployment: Deployment, stage: Resource) -> bool:
    api, name = stage.get("RestApiId"), literal(stage.get("StageName"))
    for association in deployment.of_type("AWS::WAFv2::WebACLAssociation"):
        target = association.get("ResourceArn")
        if not isinstance(target, str) or not is_known(target):
            return True  # it may well be this one
        same_api = isinstance(api, str) and f"/restapis/{api}/" in target
        if same_api and (str(stage.symbol) in target or (name is not None and target.endswith(f"/stages/{name}"))):
            return True
    return False


def _is_private(deployment: Deployment, stage: Resource) -> bool:
    api = deployment.find(stage.get("RestApiId"), REST_API)
    return api is not None and "PRIVATE" in as_list(api.get("EndpointConfiguration", "Types"))


def _without_effect(deployment: Deployment, acl: Resource) -> Iterator[Problem]:
    rules = _rules(acl)
    stops = any(_stops(deployment, each) for each in rules)
    action = acl.get("DefaultAction")
    if isinstance(action, dict) and "Allow" in action and is_known(acl.get("Rules")) and not stops:
        yield put(acl, f"The web ACL {acl.owner} lets everything pass: it allows by default and no rule blocks.",
                  "DefaultAction", severity=Severity.ERROR)  # fmt: skip
    if any(_stops(deployment, each) and _reads_labels(each) for each in rules):
        return  # what a group counts, a later rule decides by its labels
    for index, each in enumerate(rules):
        if _group(each) and isinstance(each.get("OverrideAction"), dict) and "Count" in each["OverrideAction"]:
            message = f"The web ACL {acl.owner} only counts what {_group(each)} finds."
            yield put(acl, message, "Rules", index, "OverrideAction", mend="Set OverrideAction to None.")


def _rules(acl: Resource) -> list[dict[str, Any]]:
    return [each for each in as_list(acl.get("Rules")) if isinstance(each, dict)]


def _group(each: dict[str, Any]) -> str:
    """The rule group that a rule refers to: its name, or that it is one; empty for a rule that decides itself."""
    statement = each.get("Statement")
    found = statement.get("ManagedRuleGroupStatement") if isinstance(statement, dict) else None
    if isinstance(found, dict):
        return literal(found.get("Name")) or "a managed rule group"
    return "a rule group" if isinstance(statement, dict) and "RuleGroupReferenceStatement" in statement else ""


def _stops(deployment: Deployment, each: dict[str, Any], depth: int = 0) -> bool:
    """Whether a rule, or one of the group that it refers to, may stop a request."""
    if _group(each):
        override = each.get("OverrideAction")
        group = _own_group(deployment, each)
        if (isinstance(override, dict) and "Count" in override) or depth > _DEPTH:
            return False
        return group is None or any(_stops(deployment, inner, depth + 1) for inner in _rules(group))
    action = each.get("Action")
    return not isinstance(action, dict) or bool(_STOPPING & set(action))


def _own_group(deployment: Deployment, each: dict[str, Any]) -> Resource | None:
    """The rule group of the project that a rule refers to; None where it is another's or not known."""
    statement = each.get("Statement")
    reference = statement.get("RuleGroupReferenceStatement") if isinstance(statement, dict) else None
    found = deployment.find(reference.get("Arn"), GROUP) if isinstance(reference, dict) else None
    return found if found is not None and is_known(found.get("Rules")) else None


def _reads_labels(each: dict[str, Any]) -> bool:
    return any(name == "LabelMatchStatement" for name, _ in _nested(each.get("Statement")))


def _unlogged(deployment: Deployment, acl: Resource) -> Iterator[Problem]:
    for logging in deployment.of_type("AWS::WAFv2::LoggingConfiguration"):
        target = logging.get("ResourceArn")
        if not is_known(target) or deployment.find(target, ACL) is acl:
            return
    yield put(acl, f"Nobody can see what the web ACL {acl.owner} blocked: it has no logging configuration.")


def _wrong_scope(deployment: Deployment) -> Iterator[Problem]:
    for association in deployment.of_type("AWS::WAFv2::WebACLAssociation"):
        acl = deployment.find(association.get("WebACLArn"), ACL)
        if acl is not None and literal(acl.get("Scope")) == "CLOUDFRONT":
            message = f"The web ACL {acl.owner} is one for CloudFront; it cannot stand in front of a stage."
            yield put(acl, message, "Scope", severity=Severity.ERROR, mend="Set Scope to REGIONAL.")
    for distribution in deployment.of_type("AWS::CloudFront::Distribution"):
        acl = deployment.find(distribution.get("DistributionConfig", "WebACLId"), ACL)
        if acl is not None and literal(acl.get("Scope")) == "REGIONAL":
            message = f"The web ACL {acl.owner} is a regional one; it cannot stand in front of CloudFront."
            yield put(acl, message, "Scope", severity=Severity.ERROR, mend="Set Scope to CLOUDFRONT.")
    for acl in deployment.of_type(ACL, GROUP):
        for reference in _referred(acl.get("Rules")):
            found = deployment.find(reference, IP_SET, GROUP)
            scopes = [literal(each.get("Scope")) for each in (acl, found) if each is not None]
            if found is not None and None not in scopes and len(set(scopes)) > 1:
                message = f"{found.owner} is of the scope {scopes[1]}; {acl.owner}, which refers to it, of {scopes[0]}."
                yield put(found, message, "Scope", severity=Severity.ERROR, mend="Give both the same Scope.")


def _referred(value: Any, depth: int = 0) -> Iterator[Any]:
    """What the rules of a web ACL refer to."""
    if depth > 2 * _DEPTH or not isinstance(value, (dict, list)):
        return
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        if key in {"IPSetReferenceStatement", "RuleGroupReferenceStatement"} and isinstance(item, dict):
            yield item.get("Arn")
        yield from _referred(item, depth + 1)


@rule(
    "SG105",
    "The web ACL lets only declared ranges of addresses in.",
    Severity.WARNING,
    "Block by default and allow an IP set, or block what is not in one.",
    "https://docs.aws.amazon.com/waf/latest/developerguide/waf-ip-set-managing.html",
)
def ip_ranges(case: Case) -> Iterator[Problem]:
    """Regional web ACLs that let everyone in, and ranges that mean everyone or nobody."""
    for deployment in case.deployments:
        for acl in deployment.of_type(ACL):
            if literal(acl.get("Scope")) == "REGIONAL" and is_known(acl.get("Rules")):
                yield from _everyone(deployment, acl)
        for ip_set in deployment.of_type(IP_SET):
            for index, address in enumerate(as_list(ip_set.get("Addresses"))):
                yield from _range(case, ip_set, index, literal(address) or "")


def _everyone(deployment: Deployment, acl: Resource) -> Iterator[Problem]:
    """What makes an IP set useless, or that there is none."""
    action = acl.get("DefaultAction")
    if not isinstance(action, dict):
        return
    allows = "Allow" in action
    restricting, has_set = False, False
    for index, each in enumerate(_rules(acl)):
        group = _own_group(deployment, each)
        if group is None and _group(each) == "a rule group":
            return  # somebody else's, which may look at addresses
        for decisive in [each] if group is None else _rules(group):
            chosen, (inside, outside) = decisive.get("Action"), _sets(decisive.get("Statement"))
            if not isinstance(chosen, dict) or not (inside or outside):
                continue
            has_set = True
            if outside and "Allow" in chosen:
                message = f"The web ACL {acl.owner} lets everyone in who is not in the IP set."
                yield put(acl, message, "Rules", index, "Action", severity=Severity.ERROR)
            if allows:
                restricting |= outside and bool(_STOPPING & set(chosen))
            else:
                restricting |= inside and "Allow" in chosen
    if not restricting:
        yield _unrestricted(acl, allows, has_set)


def _unrestricted(acl: Resource, allows: bool, has_set: bool) -> Problem:
    # A default action that depends on the environment is one that somebody chose.
    properties = acl.definition.get("Properties")
    written = properties.get("DefaultAction") if isinstance(properties, dict) else None
    chosen = allows and isinstance(written, dict) and "Fn::If" in written
    severity = Severity.INFO if chosen else Severity.WARNING
    if not has_set:
        return put(acl, f"The web ACL {acl.owner} has no IP set: it does not look where requests come from.",
                   *(("DefaultAction",) if chosen else ()), severity=severity)  # fmt: skip
    who = "lets every address in by default" if allows else "has no IP set whose addresses it lets in"
    return put(acl, f"The web ACL {acl.owner} {who}.", "DefaultAction", severity=severity)


def _sets(statement: Any) -> tuple[bool, bool]:
    """Whether a statement is true for addresses in an IP set, and for those that are not in one."""
    found = [negated for name, negated in _nested(statement) if name == "IPSetReferenceStatement"]
    return False in found, True in found


def _nested(statement: Any, negated: bool = False, depth: int = 0) -> Iterator[tuple[str, bool]]:
    """The names of the statements in a statement, each with whether it is denied."""
    if depth > _DEPTH:
        return
    for name, inner in statement.items() if isinstance(statement, dict) else ():
        yield str(name), negated
        if isinstance(inner, dict):
            denied = negated != (name == "NotStatement")
            for each in [*as_list(inner.get("Statement")), *as_list(inner.get("Statements"))]:
                yield from _nested(each, denied, depth + 1)


def _range(case: Case, ip_set: Resource, index: int, address: str) -> Iterator[Problem]:
    try:
        network = ipaddress.ip_network(address, strict=False)
    except ValueError:
        return
    place = _place(case, ip_set, index, address)
    if network.prefixlen < _WIDEST[network.version]:
        message = f"The IP set {ip_set.owner} has {address}, which is a large part of the world."
        yield Problem(place, message, ip_set, Severity.ERROR, "Name the ranges of those who call the API.")
    elif any(network.version == known.version and network.subnet_of(known) for known in _DOCUMENTATION):  # type: ignore[arg-type]
        message = f"The IP set {ip_set.owner} has {address}, a range for examples in which nobody is."
        yield Problem(place, message, ip_set, Severity.INFO, "Name the ranges of those who call the API.")


def _place(case: Case, ip_set: Resource, index: int, address: str) -> Place:
    """Where an address is written: in the IP set, or in samconfig.toml."""
    template = ip_set.stack.template
    file, line, column = spot(ip_set, "Addresses", index)
    if file != template.name or address in template.source or address not in case.config.text:
        return file, line, column
    return case.config.name, case.config.line_of(address), 1
