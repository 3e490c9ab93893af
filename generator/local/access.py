"""Who may call the API: a token of its user pool, one for its Lambda authorizer, its key; and a call with them."""

from __future__ import annotations

import contextlib
import secrets
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from typing import Any

from generator.errors import InputError
from generator.local.aws import SECRET, Aws
from generator.local.routes import COGNITO, IAM, LAMBDA
from generator.local.running import Running
from generator.spec.authorization import API_TOKEN

CLIENT = "samgen-local"
USER = f"{CLIENT}@example.com"
LIMIT = 35.0


def token(here: Running, authorizer: str | None = None) -> str:
    """What a caller sends to routes that an authorizer protects.

    Args:
        here: what runs.
        authorizer: `cognito` or `lambda`; None for that of the project, Cognito's where it has both.

    Raises:
        InputError: the project has no such authorizer, or its own knows no token that could be read.
    """
    kinds = {route["authorization"] for route in here.state.report.get("routes", [])}
    wanted = authorizer or (LAMBDA if LAMBDA in kinds and COGNITO not in kinds else COGNITO)
    return lambda_token(here) if wanted == LAMBDA else cognito_token(here)


def lambda_token(here: Running) -> str:
    """A token that the generated authorizer lets in: it compares with a secret, which is in the emulator.

    Raises:
        InputError: the project has no such secret.
    """
    name = secret_of(one["name"] for one in here.state.report.get("secrets", []))
    if name is None:
        raise InputError(
            f"This project has no secret {API_TOKEN!r}, which a generated authorizer compares tokens with; "
            "what its own authorizer lets in, only its code knows."
        )
    value = here.aws["ssm"].get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
    return f"Bearer {value}"


def secret_of(names: Iterable[str]) -> str | None:
    """The parameter that holds the authorizer's token, among a project's secrets."""
    return next((name for name in names if name.endswith(f"/{API_TOKEN}")), None)


def api_key(aws: Aws) -> str:
    """The value of the first API key that there is; empty where there is none."""
    keys = aws["apigateway"].get_api_keys(includeValues=True, limit=1)["items"]
    return str(keys[0].get("value", "")) if keys else ""


def request(here: Running, route: Mapping[str, Any], body: str | None = None) -> tuple[int, str]:
    """Call a route of the report of `up` as someone who may; its status and body.

    Raises:
        InputError: it wants a token that is not known.
        OSError: there is no answer.
    """
    text = body if body is not None else route["body"]
    content = None if text is None else text.encode()
    headers = {} if content is None else {"Content-Type": "application/json"}
    if route["authorization"] in {COGNITO, LAMBDA}:
        headers[route["header"]] = token(here, route["authorization"])
    if route["api_key"]:
        headers["x-api-key"] = api_key(here.aws)
    if route["authorization"] == IAM:
        headers = _signed(here, route, content, headers)
    call = urllib.request.Request(route["url"], content, headers, method=route["method"])  # noqa: S310
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(call, timeout=LIMIT) as answer:
            return answer.status, answer.read().decode(errors="replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")


def _signed(
    here: Running, route: Mapping[str, Any], content: bytes | None, headers: Mapping[str, str]
) -> dict[str, str]:
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    signed = AWSRequest(route["method"], route["url"], data=content, headers=dict(headers))
    SigV4Auth(Credentials(here.state.account, SECRET), "execute-api", here.state.region).add_auth(signed)
    return dict(signed.headers)


def cognito_token(here: Running) -> str:
    """A token of a user of the project's first user pool, for routes that Cognito authorizes.

    The project's own client asks for SRP, as it should; this one is made beside it, and only here.

    Raises:
        InputError: the project has no user pool.
    """
    client = here.aws["cognito-idp"]
    pools = client.list_user_pools(MaxResults=1)["UserPools"]
    if not pools:
        raise InputError("This project has no user pool, so that no route wants a token of one.")
    pool = pools[0]["Id"]
    password = f"Aa1!{secrets.token_urlsafe(24)}"
    attributes = [{"Name": "email", "Value": USER}, {"Name": "email_verified", "Value": "true"}]
    with contextlib.suppress(client.exceptions.UsernameExistsException):
        client.admin_create_user(
            UserPoolId=pool,
            Username=USER,
            TemporaryPassword=password,
            MessageAction="SUPPRESS",
            UserAttributes=attributes,
        )
    client.admin_set_user_password(UserPoolId=pool, Username=USER, Password=password, Permanent=True)
    answer = client.admin_initiate_auth(
        UserPoolId=pool,
        ClientId=_client(client, pool),
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": USER, "PASSWORD": password},
    )
    return str(answer["AuthenticationResult"]["IdToken"])


def _client(client: Any, pool: str) -> str:
    for known in client.list_user_pool_clients(UserPoolId=pool, MaxResults=60)["UserPoolClients"]:
        if known["ClientName"] == CLIENT:
            return str(known["ClientId"])
    flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    made = client.create_user_pool_client(UserPoolId=pool, ClientName=CLIENT, ExplicitAuthFlows=flows)
    return str(made["UserPoolClient"]["ClientId"])
