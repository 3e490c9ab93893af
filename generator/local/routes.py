"""The routes of a project's REST APIs, who may call each, and a command that does."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from generator.local.aws import SECRET
from generator.local.gateway import operations
from generator.local.workplace import State
from generator.project import Deployment
from generator.spec.example import example

IAM, COGNITO, LAMBDA, NONE = "iam", "cognito", "lambda", "none"
HEADER = "Authorization"
_PLACEHOLDER = re.compile(r"\{[^{}]+\}")
_FUNCTION = re.compile(r":function:([A-Za-z0-9_-]+)")


@dataclass(frozen=True)
class Route:
    """One method of one path.

    Attributes:
        method: the HTTP method.
        path: the path as the API declares it.
        authorization: `iam`, `cognito`, `lambda` or `none`.
        api_key: whether it wants an API key as well.
        url: where it answers on this machine.
        call: a command for a shell that calls it as someone who may.
        header: the header that takes the credentials.
        body: a body that its model accepts; None where it takes none.
        function: the name of the function that answers; empty where none does.
    """

    method: str
    path: str
    authorization: str
    api_key: bool
    url: str
    call: str
    header: str = "Authorization"
    body: str | None = None
    function: str = ""

    def as_data(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Access:
    """What callers need beside the account's own credentials.

    Attributes:
        key: the API's key; empty where it has none.
        token: whether a token is known that the Lambda authorizer lets in.
    """

    key: str = ""
    token: bool = False


def routes(deployment: Deployment, state: State, addresses: Mapping[str, str], access: Access) -> list[Route]:
    """Every route but preflights, of every REST API.

    Args:
        deployment: the project as it is deployed.
        state: the emulator.
        addresses: where each stack's API answers, by the name of the emulator's stack.
        access: what callers need.
    """
    found = []
    for resource in deployment.of_type("AWS::ApiGateway::RestApi"):
        address = addresses.get("-".join([deployment.environment.name, *resource.stack.nesting]))
        body = resource.get("Body")
        if address and isinstance(body, dict):
            found += list(_of_api(deployment.project.root, body, address, state, access))
    return found


def _of_api(root: Path, body: Mapping[str, Any], address: str, state: State, access: Access) -> Iterator[Route]:
    schemes = (body.get("components") or {}).get("securitySchemes") or body.get("securityDefinitions") or {}
    bodies = _example_bodies(root)
    for path, method, operation in operations(body):
        if method == "OPTIONS":
            continue
        wanted = [schemes.get(name) or {} for entry in _security(operation, body) for name in entry]
        kinds = [_kind(scheme) for scheme in wanted]
        authorization = next((kind for kind in kinds if kind in {IAM, COGNITO, LAMBDA}), NONE)
        header = next((str(s.get("name", HEADER)) for s in wanted if _kind(s) == authorization), HEADER)
        url = address + _PLACEHOLDER.sub("1", path)
        sent = bodies.get((method, path)) or _body(operation, body)
        key = [f"-H 'x-api-key: {access.key or 'KEY'}'"] if "key" in kinds else []
        parts = [*_method(method, sent), *_credentials(authorization, header, state, access), *key]
        call = " ".join(["curl", *parts, shlex.quote(url)])
        yield Route(method, path, authorization, "key" in kinds, url, call, header, sent, _function(operation))


def _function(operation: Mapping[str, Any]) -> str:
    uri = str((operation.get("x-amazon-apigateway-integration") or {}).get("uri", ""))
    match = _FUNCTION.search(uri)
    return match[1] if match else ""


def _security(operation: Mapping[str, Any], body: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = operation.get("security", body.get("security"))
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def _kind(scheme: Mapping[str, Any]) -> str:
    authorizer = scheme.get("x-amazon-apigateway-authorizer")
    if isinstance(authorizer, dict):
        return COGNITO if authorizer.get("type") == "cognito_user_pools" else LAMBDA
    if str(scheme.get("x-amazon-apigateway-authtype", "")).lower() == "awssigv4":
        return IAM
    return "key" if str(scheme.get("name", "")).lower() == "x-api-key" else ""


def _credentials(authorization: str, header: str, state: State, access: Access) -> list[str]:
    if authorization == IAM:
        return [f"--aws-sigv4 aws:amz:{state.region}:execute-api", f"--user {state.account}:{SECRET}"]
    if authorization == COGNITO:
        return [f'-H "{header}: $(samgen local token)"']
    if authorization == LAMBDA:
        return [
            f'-H "{header}: $(samgen local token --authorizer lambda)"' if access.token else f"-H '{header}: TOKEN'"
        ]
    return []


def _method(method: str, sent: str | None) -> list[str]:
    verb = [] if method == "GET" else [f"-X {method}"]
    return verb if sent is None else [*verb, "-H 'Content-Type: application/json'", f"-d {shlex.quote(sent)}"]


def _body(operation: Mapping[str, Any], body: Mapping[str, Any]) -> str | None:
    """A body that the operation's model accepts; None where it takes none."""
    content = (operation.get("requestBody") or {}).get("content") or {}
    schema = (content.get("application/json") or {}).get("schema")
    if not isinstance(schema, dict):
        return None
    return json.dumps(example(schema, (body.get("components") or {}).get("schemas") or {}))


def _example_bodies(root: Path) -> dict[tuple[str, str], str]:
    """The bodies of the events that the project keeps as examples, by method and path."""
    found = {}
    for file in sorted((root / "events").glob("*/*.json")):
        try:
            event = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(event, dict) and isinstance(event.get("body"), str):
            found[str(event.get("httpMethod")), str(event.get("resource"))] = event["body"]
    return found
