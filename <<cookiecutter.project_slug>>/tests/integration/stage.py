"""The stage under test: a deployed environment of this service, in AWS or in the emulator, and what is asked of it."""

import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.httpsession import URLLib3Session

# What there is to test: routes, triggers, queues, roles. The README says what may be changed in it.
SERVICE: dict[str, Any] = json.loads(Path(__file__).with_name("service.json").read_text(encoding="utf-8"))
API: dict[str, Any] = SERVICE["api"] or {}

TIMEOUT = 35
CONNECTIONS = 16
# Lambda tries again after one and two minutes; the emulator does at once.
PATIENCE = {"aws": 420.0, "emulator": 120.0}
PAUSE = {"aws": 5.0, "emulator": 0.2}


@dataclass(frozen=True)
class Answer:
    """What a route answered; names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def data(self) -> Any:
        """The body, which is JSON."""
        return json.loads(self.text)


@dataclass
class Stage:
    """An environment in a region, as scripts/integration.py found it."""

    environment: str
    region: str
    account: str
    outputs: dict[str, str]
    is_standby: bool
    # Where the emulator answers; empty for AWS.
    endpoint: str = ""
    api_url: str = ""
    _clients: dict[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """`aws` or `emulator`."""
        return "emulator" if self.endpoint else "aws"

    @cached_property
    def session(self) -> Any:
        """Whoever runs the tests."""
        return boto3.Session(region_name=self.region)

    def aws(self, service: str) -> Any:
        """The client of a service."""
        if service not in self._clients:
            config = Config(connect_timeout=5, read_timeout=TIMEOUT, s3={"addressing_style": "path"})
            self._clients[service] = self.session.client(service, endpoint_url=self.endpoint or None, config=config)
        return self._clients[service]

    def name(self, text: str) -> str:
        """A name of service.json in this stage: `${Environment}-orders` is `dev-orders`."""
        values = {
            "Environment": self.environment,
            "AWS::Partition": self.session.get_partition_for_region(self.region),
            "AWS::Region": self.region,
            "AWS::AccountId": self.account,
        }
        for key, value in values.items():
            text = text.replace(f"${{{key}}}", value)
        return text

    def function(self, name: str) -> str:
        """A function's name in this stage."""
        return f"{self.environment}-{SERVICE['service']}-{name}"

    def until(self, wanted: Callable[[], Any], what: str) -> None:
        """Wait until something is so; fail with `what` where it is not so in time."""
        deadline = time.monotonic() + PATIENCE[self.kind]
        while not wanted():
            if time.monotonic() > deadline:
                raise AssertionError(f"{what}, within {PATIENCE[self.kind]:.0f} seconds")
            time.sleep(PAUSE[self.kind])

    def logged(self, function: str, text: str) -> int:
        """How many lines of a function's log hold a text."""
        client = self.aws("logs")
        pages = client.get_paginator("filter_log_events").paginate(
            logGroupName=f"/aws/lambda/{self.function(function)}",
            startTime=int((time.time() - 3600) * 1000),
        )
        try:
            return sum(text in event["message"] for page in pages for event in page["events"])
        except client.exceptions.ResourceNotFoundException:
            return 0

    @cached_property
    def _http(self) -> Any:
        return URLLib3Session(timeout=TIMEOUT, max_pool_connections=CONNECTIONS)

    def call(self, method: str, path: str, body: str | None = None, **headers: str) -> Answer:
        """Call a path of the API as nobody; underscores in headers' names are hyphens."""
        return self._send(self._request(method, path, body, headers))

    def call_signed(self, method: str, path: str, body: str | None = None, **headers: str) -> Answer:
        """The same, signed with the credentials of whoever runs the tests."""
        request = self._request(method, path, body, headers)
        SigV4Auth(self.session.get_credentials().get_frozen_credentials(), "execute-api", self.region).add_auth(request)
        return self._send(request)

    def call_route(self, route: dict[str, Any], body: str | None = None, *, with_key: bool = True) -> Answer:
        """Call a route as someone who may."""
        headers = {"X_Api_Key": self.api_key} if route["api_key"] and with_key else {}
        if route["authorization"] == "iam":
            return self.call_signed(route["method"], route["example"], body, **headers)
        if route["authorization"] == "cognito":
            headers["Authorization"] = self.user_token
        if route["authorization"] == "lambda":
            headers["Authorization"] = f"Bearer {self.shared_token}"
        return self.call(route["method"], route["example"], body, **headers)

    def _request(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            named["Content-Type"] = "application/json"
        return AWSRequest(method, self.api_url + path, headers=named, data=body)

    def _send(self, request: Any) -> Answer:
        answer = self._http.send(request.prepare())
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Answer(answer.status_code, headers, answer.content.decode("utf-8", errors="replace"))

    @cached_property
    def api_key(self) -> str:
        """The value of the API's key."""
        name = self.name(API["key"])
        items = self.aws("apigateway").get_api_keys(nameQuery=name, includeValues=True)["items"]
        return str(next(item["value"] for item in items if item["name"] == name))

    @cached_property
    def shared_token(self) -> str:
        """What the authorizer's function lets pass."""
        name = self.name(API["token_parameter"])
        return str(self.aws("ssm").get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"])

    @cached_property
    def user_token(self) -> str:
        """A token of a user that is made for it, as is a client that takes passwords; `forget_user` removes both."""
        client, pool = self.aws("cognito-idp"), self.outputs["UserPoolId"]
        name, password = f"integration-{secrets.token_hex(4)}@example.com", f"Aa1!{secrets.token_urlsafe(24)}"
        client.admin_create_user(
            UserPoolId=pool,
            Username=name,
            TemporaryPassword=password,
            MessageAction="SUPPRESS",
            UserAttributes=[{"Name": "email", "Value": name}, {"Name": "email_verified", "Value": "true"}],
        )
        made = client.create_user_pool_client(
            UserPoolId=pool,
            ClientName=name.partition("@")[0],
            ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        )
        self._user = (name, made["UserPoolClient"]["ClientId"])
        client.admin_set_user_password(UserPoolId=pool, Username=name, Password=password, Permanent=True)
        answer = client.admin_initiate_auth(
            UserPoolId=pool,
            ClientId=self._user[1],
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": name, "PASSWORD": password},
        )
        return str(answer["AuthenticationResult"]["IdToken"])

    _user: tuple[str, str] | None = None

    def forget_user(self) -> None:
        """Remove the user that a token was made for, and the client."""
        if self._user:
            name, identity = self._user
            client, pool = self.aws("cognito-idp"), self.outputs["UserPoolId"]
            client.delete_user_pool_client(UserPoolId=pool, ClientId=identity)
            client.admin_delete_user(UserPoolId=pool, Username=name)
