"""What functions may do in AWS: statements of their roles as typed permissions where they map to one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from generator.adopt.data import BUCKET, BUS, QUEUE, TABLE, TOPIC
from generator.adopt.source import Source
from generator.adopt.triggers import outcomes
from generator.checks.case import as_list, literal
from generator.checks.facts.routes import mapping
from generator.project import Resource
from generator.spec import permissions as typed

Document = dict[str, Any]
_TYPES = {"dynamodb": TABLE, "s3": BUCKET, "sqs": QUEUE, "sns": TOPIC, "events": BUS}
# What every function of samgen may do, or may do because of its triggers.
_IMPLIED = re.compile(
    r"(logs|xray|cloudwatch):.*|ec2:\w*NetworkInterface\w*|sqs:(ReceiveMessage|DeleteMessage|GetQueue\w+|ChangeMessage\w+)"
    r"|dynamodb:(GetRecords|GetShardIterator|DescribeStream|ListStreams)|s3:ListBucket\w*|kms:(Decrypt|GenerateDataKey\w*)"
    r"|s3:GetBucketLocation|sns:Get\w+|secretsmanager:(Describe|List)Secret\w*"
)
_PARAMETER = re.compile(r":parameter(/.+)")
_SECRET = re.compile(r":secret:(.+?)(?:-\?{6}|-\*|\*)?$")
_REASON = "Adopted from the template: say why it is needed"
Grants = dict[tuple[str, str, str], set[str]]
"""Of each kind, resource and key prefix, the actions."""


def permissions(source: Source, function: Resource) -> tuple[list[str], list[Document]]:
    """The secrets that a function reads from its own parameters, and its other permissions."""
    role = source.main.find(function.get("Role"), "AWS::IAM::Role")
    if role is None:
        if literal(function.get("Role")):
            source.note(function, f"The role of {function.owner} is not in the project: nobody knows what it may do.")
        return [], []
    secrets: list[str] = []
    grants: Grants = {}
    rest: list[Document] = []
    for statement in _statements(source, role):
        _sort(source, role, statement, (secrets, grants, rest))
    for _, outcome in outcomes(source):
        # Lambda hands an outcome on as the function that it is of.
        if outcome["function"] == source.label(function):
            grants.pop(("invoke", outcome["target"], ""), None)
    found = [_typed(source, role, key, actions) for key, actions in grants.items()]
    return list(dict.fromkeys(secrets)), [*found, *rest]


def _statements(source: Source, role: Resource) -> Iterator[Document]:
    """The statements of a role's own policies, and of policies that are attached to it."""
    policies = [item.get("PolicyDocument") for item in as_list(role.get("Policies")) if isinstance(item, dict)]
    for policy in source.resources("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        roles = [source.main.find(item, "AWS::IAM::Role") for item in as_list(policy.get("Roles"))]
        policies += [policy.get("PolicyDocument")] if role in roles else []
    for managed in as_list(role.get("ManagedPolicyArns")):
        name = str(managed).rpartition("/")[2]
        if not re.search(r"(?i)AWSLambda\w*ExecutionRole|AWSXray\w+|LambdaInsights\w+", name):
            source.note(role, f"{role.owner} has the managed policy {name}, which is left out: name what it needs.")
    for document in policies:
        for statement in as_list(mapping(document).get("Statement")):
            if isinstance(statement, dict) and statement.get("Effect") == "Allow":
                yield statement
            elif isinstance(statement, dict):
                source.note(role, f"{role.owner} denies something, which samgen.yaml has no word for.")


def _sort(source: Source, role: Resource, statement: Document, found: tuple[list[str], Grants, list[Document]]) -> None:
    """Put each action of a statement where it belongs."""
    secrets, grants, rest = found
    left: dict[str, list[str]] = {}
    actions = [
        action for item in as_list(statement.get("Action")) if (text := literal(item)) for action in _named(text)
    ]
    for resource in as_list(statement.get("Resource")):
        if not isinstance(resource, str):
            continue
        for action in actions:
            named = _meant(source, action, resource)
            if named is None:
                left.setdefault(action, []).append(resource)
            elif named[0] == "secret":
                secrets.append(named[1])
            elif action in {*sum(typed.ACTIONS[named[0]].values(), ())}:
                grants.setdefault(named, set()).add(action)
            elif not _IMPLIED.fullmatch(action):
                message = f"{role.owner} allows {action} on {named[1]}, which no {named[0]} permission of samgen has."
                source.note(role, message)
    _keep(source, role, {a: r for a, r in left.items() if not _is_own(source, a, r)}, rest)


def _named(action: str) -> list[str]:
    """An action with a wildcard as the typed ones that it stands for: `sqs:SendMessage*` → sqs:SendMessage."""
    if "*" not in action:
        return [action]
    known = [one for accesses in typed.ACTIONS.values() for names in accesses.values() for one in names]
    found = list(dict.fromkeys(one for one in known if fnmatchcase(one, action)))
    # The wildcard itself stays too, unless it says no more, so that what is lost is said.
    return found if [f"{one}*" for one in found] == [action] else [*found, action]


def _keep(source: Source, role: Resource, left: dict[str, list[str]], rest: list[Document]) -> None:
    """What has no typed permission stays a statement, where it names what it is about."""
    statements: dict[tuple[str, ...], list[str]] = {}
    for action, resources in left.items():
        if "*" in resources or "*" in action or any("<" in resource for resource in resources):
            message = f"{role.owner} allows {action} on what has no name, which is left out: name what it needs."
            source.note(role, message)
        else:
            statements.setdefault(tuple(_portable(source, resource) for resource in resources), []).append(action)
    for named, actions in statements.items():
        rest.append({"actions": actions, "resources": list(named), "reason": _REASON})
        source.note(role, f"{role.owner} allows {', '.join(actions)}: its reason in samgen.yaml is yours to write.")


def _is_own(source: Source, action: str, resources: list[str]) -> bool:
    """Whether every function of samgen may do it anyway: its logs, traces, failed events, the project's key."""
    if _IMPLIED.fullmatch(action):
        return True
    queues = [source.main.find(resource, QUEUE) for resource in resources]
    return action == "sqs:SendMessage" and all(queue is not None for queue in queues)


def _meant(source: Source, action: str, resource: str) -> tuple[str, str, str] | None:
    """The kind, the name and the prefix of what an action is allowed on; None where that is not known."""
    service = action.partition(":")[0]
    if service in _TYPES:
        target, _, key = resource.partition("/") if service == "s3" else (resource, "", "")
        target = target if service == "s3" else resource.partition("/index/")[0]
        found = source.main.find(target, _TYPES[service])
        if found is None or str(found.symbol) in source.letters:
            return None
        return service, source.label(found), key.removesuffix("*")
    if action == "lambda:InvokeFunction":
        function = source.main.function(resource.removesuffix(":*"))
        return ("invoke", source.label(function), "") if function is not None else None
    return _secret(source, service, resource)


def _secret(source: Source, service: str, resource: str) -> tuple[str, str, str] | None:
    """The parameter or secret that an ARN names."""
    if service == "ssm" and (path := _PARAMETER.search(resource)) and "*" not in path[1]:
        own = f"/{source.name}/{source.service}/"
        if path[1].startswith(own) and "/" not in path[1].removeprefix(own):
            return "secret", path[1].removeprefix(own), ""
        return "ssm", path[1].replace(f"/{source.name}/", "/${Environment}/"), ""
    if service == "secretsmanager" and (secret := _SECRET.search(resource)) and "<" not in secret[1]:
        return "secrets", re.sub(rf"\b{re.escape(source.name)}\b", "${Environment}", secret[1]), ""
    return None


def _typed(source: Source, role: Resource, key: tuple[str, str, str], actions: set[str]) -> Document:
    """The typed permission with the least that covers the actions."""
    kind, name, prefix = key
    accesses = typed.ACTIONS[kind]
    wanted = [access for access, allowed in accesses.items() if actions & set(allowed)]
    access = "readwrite" if {"read", "write"} <= set(wanted) else wanted[-1]
    covered = set(typed.actions(kind, access))
    if more := covered - actions - set(typed.INDEX_ACTIONS):
        message = f"{role.owner} may then do a little more with {name}: {', '.join(sorted(more))}."
        source.note(role, message)
    body: Document = {typed.KINDS[kind][1]: name}
    body.update({"prefix": prefix} if kind == "s3" and prefix else {})
    if kind != "invoke":
        body["access"] = access
    return {kind: body}


def _portable(source: Source, arn: str) -> str:
    """An ARN without account, region and environment of the place that it was read in."""
    parts = arn.split(":", 5)
    if len(parts) == 6 and parts[0] == "arn":  # noqa: PLR2004 (an ARN's fields)
        parts[1] = "${AWS::Partition}"
        parts[3] = "${AWS::Region}" if parts[3] == source.main.region else parts[3]
        parts[4] = "${AWS::AccountId}" if parts[4] == source.main.account else parts[4]
        parts[5] = re.sub(rf"\b{re.escape(source.name)}\b", "${Environment}", parts[5])
    return ":".join(parts)
