"""The example with every kind of trigger, live: each reaches its function, and each refusal is the right one."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from typing import Any

import pytest
from local_projects import Local

from generator.local.aws import Aws

pytestmark = [pytest.mark.live, pytest.mark.slow]
pytest_plugins = ["local_projects"]

LIMIT = 60.0


@pytest.fixture(scope="module")
def up(orders: Local) -> Local:
    (orders.project / ".env").write_text("PAYMENT_API_KEY=local-key\n")
    orders("up")
    return orders


def until(wanted: Callable[[], bool], what: str) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + LIMIT
    while not wanted():
        assert time.monotonic() < deadline, what
        time.sleep(0.3)


def curl(command: str, *more: str) -> tuple[int, str]:
    """Run one of the commands that `up` prints, with more options; status and body."""
    done = subprocess.run(
        ["bash", "-c", f"{command} --silent --max-time 30 --write-out '\\n%{{http_code}}' {' '.join(more)}"],
        capture_output=True,
        text=True,
        check=True,
    )
    body, _, status = done.stdout.rpartition("\n")
    return int(status), body


def call(up: Local, method: str, path: str) -> str:
    """The command that `up` prints for a route, with a token in it."""
    found = next(r for r in up.state.report["routes"] if (r["method"], r["path"]) == (method, path))
    text = str(found["call"])
    return text.replace("$(samgen local token)", up("token").strip()) if "token)" in text else text


def test_every_route_answers_as_it_says_it_is_called(up: Local) -> None:
    for route in up.state.report["routes"]:
        status, body = curl(call(up, route["method"], route["path"]))
        assert status == 200, (route, body)


def test_who_may_not_call_is_refused(up: Local) -> None:
    urls = {route["path"]: route["url"] for route in up.state.report["routes"]}
    assert curl(f"curl {urls['/orders/{id}']}")[0] == 401
    assert curl(f"curl {urls['/reports/daily']}")[0] == 403
    assert curl(f"curl -H 'Authorization: nonsense' {urls['/health']}")[0] == 401


def test_a_body_that_its_model_refuses_is_refused(up: Local) -> None:
    wrong = call(up, "POST", "/orders").replace('"customer": "a", ', "")
    assert '"customer"' not in wrong
    assert curl(wrong)[0] == 400


def test_the_preflight_is_answered_without_authorization(up: Local) -> None:
    url = next(route["url"] for route in up.state.report["routes"] if route["path"] == "/orders")
    status, headers = curl(f"curl -X OPTIONS -H 'Origin: https://shop.example.com' {url}", "--dump-header -")
    assert status == 204
    assert "Access-Control-Allow-Methods: POST,OPTIONS" in headers


@pytest.mark.parametrize(
    ("function", "trigger", "metric"),
    [
        ("fulfil", "sqs", "Messages"),
        ("archive", "s3", "Objects"),
        ("invoice", "dynamodb", "Changes"),
        ("notify", "eventbridge", "Events"),
        ("notify", "sns", "Notifications"),
    ],
)
def test_every_trigger_reaches_its_function(up: Local, function: str, trigger: str, metric: str) -> None:
    assert up.json("send", function, "--trigger", trigger)["trigger"] == trigger
    until(lambda: f'"{metric}"' in up("logs", function), f"{trigger} does not reach {function}")


def test_a_trigger_that_is_not_there_is_named(up: Local) -> None:
    assert "has several triggers; name one with --trigger: eventbridge, sns" in up("send", "notify", code=2)
    assert "it has s3" in up("send", "archive", "--trigger", "sqs", code=2)
    assert "no trigger" in up("send", "report", code=2)


def depth(up: Local, queue: str) -> int:
    client: Any = Aws(up.state)["sqs"]
    url = client.get_queue_url(QueueName=queue)["QueueUrl"]
    wanted = "ApproximateNumberOfMessages"
    return int(client.get_queue_attributes(QueueUrl=url, AttributeNames=[wanted])["Attributes"][wanted])


def test_what_fails_to_the_end_arrives_in_the_dead_letter_queue(up: Local) -> None:
    """An event that nobody here knows fails again and again."""
    client = Aws(up.state)["lambda"]
    client.invoke(FunctionName="dev-orders-archive", Qualifier="live", InvocationType="Event", Payload=b'{"x": 1}')
    until(lambda: depth(up, "dev-orders-archive-dlq") == 1, "nothing arrives in the dead-letter queue")


def test_a_failure_that_another_function_takes_over_is_not_lost(up: Local) -> None:
    """The emulator knows no destination of an alias; what AWS would hand on is in the dead-letter queue here."""
    client = Aws(up.state)["lambda"]
    client.invoke(FunctionName="dev-orders-notify", Qualifier="live", InvocationType="Event", Payload=b'{"x": 1}')
    until(lambda: depth(up, "dev-orders-notify-dlq") == 1, "notify's failure is lost")


def test_secrets_come_from_the_file(up: Local) -> None:
    value = Aws(up.state)["ssm"].get_parameter(Name="/dev/orders/payment-api-key", WithDecryption=True)["Parameter"]
    assert (value["Value"], value["Type"]) == ("local-key", "SecureString")
    assert "local-key" not in json.dumps(up.json("status"))


def test_a_function_may_do_what_its_role_says_and_no_more(up: Local) -> None:
    """With the code of the function itself, as its role alone."""
    code = up.project / "src" / "fulfil" / "app.py"
    before = code.read_text()
    trial = (
        "\n\ndef handler(event, context):\n    import boto3\n    from botocore.exceptions import ClientError\n"
        "    ssm = boto3.client('ssm')\n    told = []\n    for name in event['names']:\n        try:\n"
        "            told.append(ssm.get_parameter(Name=name, WithDecryption=True)['Parameter']['Value'])\n"
        "        except ClientError as error:\n            told.append(error.response['Error']['Code'])\n"
        "    return told\n"
    )
    code.write_text(before + trial)
    up("up")
    Aws(up.state)["ssm"].put_parameter(Name="/dev/other/key", Value="secret", Type="SecureString")
    event = up.project / "names.json"
    event.write_text(json.dumps({"names": ["/dev/orders/payment-api-key", "/dev/other/key"]}))
    answer = up.json("invoke", "fulfil", "--event", str(event))["payload"]
    assert answer[0] == "local-key"
    assert answer[1].startswith("AccessDenied")


def test_two_projects_stand_side_by_side(up: Local, minimal: Local) -> None:
    minimal("up")
    assert minimal.state.port != up.state.port
    assert minimal.json("invoke", "pre-traffic", code=1)["function"] == "dev-minimal-pre-traffic"
    minimal("down")
    assert up.json("status")[0]["status"] == "up"
