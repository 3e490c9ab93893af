"""Tests of << function.name >>: offline, one call after another."""

#% if function.routes
import json
#% endif
from types import ModuleType
from typing import Any

import pytest
#% if function.handles_batches
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError
#% endif

FUNCTION = << function.name | python >>


@pytest.fixture
def app(load: Any) -> Any:
    """The function's module, loaded anew."""
    return load(FUNCTION)


def test_pre_traffic_check_does_no_work(app: ModuleType, context: Any) -> None:
    assert app.handler({"source": "pre-traffic"}, context) == {"status": "ok"}
#% for route in function.routes


def test_<< route.handler >>(app: ModuleType, event: Any, context: Any) -> None:
    request = event(f"{FUNCTION}/<< route.handler >>.json")
    response = app.handler(request, context)
    assert response["statusCode"] == 200
    body = json.loads(response["body"])
    assert body == {**(request["pathParameters"] or {}), "message": f"Hello from {FUNCTION}"}
#% endfor
#% if function.routes


def test_allowed_origin_is_answered(load: Any, event: Any, context: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_ORIGINS", "https://app.example.com,https://other.example.com")
    response = load(FUNCTION).handler(event(f"{FUNCTION}/<< function.routes[0].handler >>.json"), context)
    assert response["multiValueHeaders"]["Access-Control-Allow-Origin"] == ["https://app.example.com"]


def test_a_route_that_fails_is_an_error(
    app: ModuleType, event: Any, context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "metrics", None)
    with pytest.raises(AttributeError):
        app.handler(event(f"{FUNCTION}/<< function.routes[0].handler >>.json"), context)
#% endif
#% for schedule in function.schedules


def test_schedule_<< schedule.number >>(app: ModuleType, event: Any, context: Any) -> None:
    due = event(f"{FUNCTION}/schedule_<< schedule.number >>.json")
    assert app.handler(due, context) == {"handled": due["id"]}
#% endfor
#% for source in function.sources
#% if source.kind == "sqs"


def test_<< source.file >>_returns_the_messages_that_failed(app: ModuleType, event: Any, context: Any) -> None:
    batch = event(f"{FUNCTION}/<< source.file >>.json")
    assert app.handler(batch, context) == {"batchItemFailures": []}
    batch["Records"][1]["body"] = "not JSON"
    failed = {"itemIdentifier": batch["Records"][1]["messageId"]}
    assert app.handler(batch, context) == {"batchItemFailures": [failed]}
    batch["Records"][0]["body"] = "not JSON"
    with pytest.raises(BatchProcessingError):
        app.handler(batch, context)
#% endif
#% if source.kind == "dynamodb"


def test_<< source.file >>_returns_the_changes_that_failed(app: ModuleType, event: Any, context: Any) -> None:
    batch = event(f"{FUNCTION}/<< source.file >>.json")
    assert app.handler(batch, context) == {"batchItemFailures": []}
    del batch["Records"][1]["dynamodb"]["Keys"]
    failed = {"itemIdentifier": batch["Records"][1]["dynamodb"]["SequenceNumber"]}
    assert app.handler(batch, context) == {"batchItemFailures": [failed]}
    del batch["Records"][0]["dynamodb"]["Keys"]
    with pytest.raises(BatchProcessingError):
        app.handler(batch, context)
#% endif
#% if source.kind == "sns"


def test_<< source.file >>(app: ModuleType, event: Any, context: Any) -> None:
    notification = event(f"{FUNCTION}/<< source.file >>.json")
    assert app.handler(notification, context) == {"handled": [notification["Records"][0]["Sns"]["MessageId"]]}
#% endif
#% if source.kind == "eventbridge"


def test_<< source.file >>(app: ModuleType, event: Any, context: Any) -> None:
    happened = event(f"{FUNCTION}/<< source.file >>.json")
    assert app.handler(happened, context) == {"handled": happened["id"]}
#% endif
#% if source.kind == "s3"


def test_<< source.file >>(app: ModuleType, event: Any, context: Any) -> None:
    change = event(f"{FUNCTION}/<< source.file >>.json")
    assert app.handler(change, context) == {"handled": change["detail"]["object"]["key"]}
#% endif
#% if source.kind == "function"


def test_<< source.file >>(app: ModuleType, event: Any, context: Any) -> None:
    outcome = event(f"{FUNCTION}/<< source.file >>.json")
    assert app.handler(outcome, context) == {"handled": outcome["requestContext"]["requestId"]}
#% endif
#% endfor
#% if function.is_plain


def test_event(app: ModuleType, context: Any) -> None:
    assert app.handler({"key": "value"}, context)["received"] == ["key"]
#% endif
#% if not function.is_plain


def test_unknown_event_is_an_error(app: ModuleType, context: Any) -> None:
    with pytest.raises(ValueError, match="Nothing here answers"):
        app.handler({"key": "value"}, context)
#% endif
#% if function.secrets


def test_secret_is_read_by_its_parameter_name(app: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_PARAMETER", "/dev/service/a")
    monkeypatch.setattr(app.parameters, "get_parameter", lambda name, **options: f"{name} {options['decrypt']}")
    assert app.read_secret("A_PARAMETER") == "/dev/service/a True"
#% endif
#% if function.is_authorizer


@pytest.fixture
def request_(app: ModuleType, event: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A request with the header `Authorization: Bearer example`, which is the token."""
    monkeypatch.setenv("API_TOKEN_PARAMETER", "/dev/service/api-token")
    monkeypatch.setattr(app.parameters, "get_parameter", lambda name, **options: "example")
    return event(f"{FUNCTION}/authorizer.json")


def test_the_token_opens_the_stage(app: ModuleType, request_: Any, context: Any) -> None:
    policy = app.handler(request_, context)["policyDocument"]
    (statement,) = policy["Statement"]
    assert statement["Effect"] == "Allow"
    assert statement["Action"] == "execute-api:Invoke"
    assert statement["Resource"] == "/".join([*request_["methodArn"].split("/")[:2], "*", "*"])


def test_a_token_alone_is_enough(app: ModuleType, request_: Any, context: Any) -> None:
    event = {"type": "TOKEN", "authorizationToken": "Bearer example", "methodArn": request_["methodArn"]}
    assert app.handler(event, context)["policyDocument"]["Statement"][0]["Effect"] == "Allow"


def test_another_token_is_denied(app: ModuleType, request_: Any, context: Any) -> None:
    request_["headers"]["Authorization"] = "Bearer examples"
    assert app.handler(request_, context)["policyDocument"]["Statement"][0]["Effect"] == "Deny"


@pytest.mark.parametrize("headers", [None, {}, {"Authorization": "Bearer "}, {"Authorization": "Basic example"}])
def test_without_a_token_nobody_passes(app: ModuleType, request_: Any, context: Any, headers: Any) -> None:
    request_["headers"] = headers
    with pytest.raises(Exception, match="^Unauthorized$"):
        app.handler(request_, context)


def test_an_unreadable_secret_lets_nobody_pass(
    app: ModuleType, request_: Any, context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("API_TOKEN_PARAMETER")
    with pytest.raises(KeyError):
        app.handler(request_, context)
#% endif
