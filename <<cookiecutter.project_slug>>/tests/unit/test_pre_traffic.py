"""Tests of the pre-traffic hook: it lets a version pass that answers, and fails closed in every other case."""

import io
import json
from types import ModuleType
from typing import Any

import pytest

EVENT = {"DeploymentId": "d-1", "LifecycleEventHookExecutionId": "hook-1"}
PROPERTIES = {"Name": "test-function", "Alias": "live", "CurrentVersion": "1", "TargetVersion": "2"}


class FakeCodeDeploy:
    """Knows one deployment and writes down what is reported."""

    def __init__(self, revision: dict[str, Any]) -> None:
        self.revision = revision
        self.reported: list[dict[str, str]] = []

    def get_deployment(self, deploymentId: str) -> dict[str, Any]:  # noqa: N803
        assert deploymentId == EVENT["DeploymentId"]
        return {"deploymentInfo": {"revision": self.revision}}

    def put_lifecycle_event_hook_execution_status(self, **reported: str) -> None:
        self.reported.append(reported)


class FakeLambda:
    """Answers every invocation alike and writes down who was invoked."""

    def __init__(self, body: str, error: str = "") -> None:
        self.answer = {"StatusCode": 200, **({"FunctionError": error} if error else {})}
        self.body = body
        self.invoked: list[dict[str, Any]] = []

    def invoke(self, **arguments: Any) -> dict[str, Any]:
        self.invoked.append(arguments)
        return {**self.answer, "Payload": io.BytesIO(self.body.encode())}


@pytest.fixture
def hook(load: Any, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The hook's module, loaded anew, without clients that look for credentials."""
    monkeypatch.setattr("boto3.client", lambda *_arguments, **_options: None)
    module: ModuleType = load("pre-traffic")
    return module


def revision(**properties: str) -> dict[str, Any]:
    """A revision as CodeDeploy hands it out."""
    resource = {"test-function": {"Type": "AWS::Lambda::Function", "Properties": {**PROPERTIES, **properties}}}
    content = json.dumps({"version": 0.0, "Resources": [resource], "Hooks": [{"BeforeAllowTraffic": "hook"}]})
    return {"revisionType": "AppSpecContent", "appSpecContent": {"content": content}}


def run(hook: Any, deployments: FakeCodeDeploy, functions: Any) -> str:
    """Run the hook and return the one status that it reported."""
    hook.codedeploy, hook.functions = deployments, functions
    answer = hook.handler(EVENT, None)
    ((reported),) = deployments.reported
    assert reported["deploymentId"] == "d-1"
    assert reported["lifecycleEventHookExecutionId"] == "hook-1"
    assert answer == {"status": reported["status"]}
    return reported["status"]


def test_a_version_that_answers_gets_traffic(hook: ModuleType) -> None:
    functions = FakeLambda('{"status": "ok"}')
    assert run(hook, FakeCodeDeploy(revision()), functions) == "Succeeded"
    (invoked,) = functions.invoked
    assert (invoked["FunctionName"], invoked["Qualifier"]) == ("test-function", "2")
    assert json.loads(invoked["Payload"]) == {"source": "pre-traffic"}


def test_the_older_form_of_a_revision_and_of_its_keys(hook: ModuleType) -> None:
    lower = {key.lower(): value for key, value in PROPERTIES.items()}
    content = json.dumps({"resources": [{"test-function": {"properties": lower}}]})
    functions = FakeLambda('{"status": "ok"}')
    assert run(hook, FakeCodeDeploy({"string": {"content": content}}), functions) == "Succeeded"
    assert functions.invoked[0]["Qualifier"] == "2"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ('{"errorMessage": "No module named x"}', "Unhandled"),
        ('{"status": "ok"}', "Handled"),
        ('{"statusCode": 404}', ""),
        ("null", ""),
        ("not JSON", ""),
    ],
)
def test_any_other_answer_fails_the_deployment(hook: ModuleType, body: str, error: str) -> None:
    assert run(hook, FakeCodeDeploy(revision()), FakeLambda(body, error)) == "Failed"


def test_an_exception_fails_the_deployment(hook: ModuleType) -> None:
    class Refusing:
        def invoke(self, **_arguments: Any) -> None:
            raise PermissionError("not allowed")

    assert run(hook, FakeCodeDeploy(revision()), Refusing()) == "Failed"


@pytest.mark.parametrize("broken", [{}, {"string": {"content": "version: 0.0"}}, {"string": {"content": "{}"}}])
def test_a_revision_that_cannot_be_read_fails_the_deployment(hook: ModuleType, broken: dict[str, Any]) -> None:
    functions = FakeLambda('{"status": "ok"}')
    assert run(hook, FakeCodeDeploy(broken), functions) == "Failed"
    assert functions.invoked == []
