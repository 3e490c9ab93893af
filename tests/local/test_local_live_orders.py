"""The example with every kind of trigger, live: each reaches its function, and each refusal is the right one."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from local_projects import Local

from generator.local.aws import Aws

pytestmark = [pytest.mark.live, pytest.mark.slow]
pytest_plugins = ["local_projects"]

LIMIT = 60.0


# What each trigger's function counts, by which its log shows that it was reached.
TRIGGERS = {
    ("fulfil", "sqs"): "Messages",
    ("archive", "s3"): "Objects",
    ("invoice", "dynamodb"): "Changes",
    ("notify", "eventbridge"): "Events",
    ("notify", "sns"): "Notifications",
    ("report", "schedule"): "ScheduledRuns",
    ("apologize", "function"): "Outcomes",
}


@pytest.fixture(scope="module")
def up(orders: Local) -> Local:
    (orders.project / ".env").write_text("PAYMENT_API_KEY=local-key\n")
    orders("up")
    return orders


@pytest.fixture(scope="module")
def sent(up: Local) -> dict[tuple[str, str], Any]:
    """A message through each trigger, all at once, because the scheduler looks every ten seconds only."""
    return {(name, kind): up.json("send", name, "--trigger", kind) for name, kind in reversed(TRIGGERS)}


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
    for command in ("token --authorizer lambda", "token"):
        if f"$(samgen local {command})" in text:
            text = text.replace(f"$(samgen local {command})", up(*command.split()).strip())
    return text


def test_every_route_answers_as_it_says_it_is_called(up: Local) -> None:
    kinds = set()
    for route in up.state.report["routes"]:
        status, body = curl(call(up, route["method"], route["path"]))
        assert status == 200, (route, body)
        kinds.add((route["authorization"], route["api_key"]))
    assert kinds == {("cognito", True), ("lambda", True), ("iam", True)}


def test_a_route_is_a_trigger_that_send_calls(up: Local) -> None:
    told = up.json("send", "report", "--trigger", "api")
    assert (told["source"], told["sent"][:4]) == ("GET /reports/daily", "200 ")
    order = up.project / "order.json"
    order.write_text("{}")
    assert up.json("send", "place-order", "--trigger", "api", "--event", str(order))["sent"].startswith("400 ")


def test_who_may_not_call_is_refused(up: Local) -> None:
    urls = {route["path"]: route["url"] for route in up.state.report["routes"]}
    assert curl(f"curl {urls['/orders/{id}']}")[0] == 401
    assert curl(f"curl -H 'Authorization: Bearer wrong' {urls['/orders/{id}']}")[0] == 403
    assert curl(f"curl {urls['/reports/daily']}")[0] == 403
    assert curl(f"curl -H 'Authorization: nonsense' {urls['/health']}")[0] == 401


@pytest.mark.parametrize(("method", "path"), [("POST", "/orders"), ("GET", "/orders/{id}"), ("GET", "/reports/daily")])
def test_without_the_key_nobody_is_let_in(up: Local, method: str, path: str) -> None:
    whole = call(up, method, path)
    assert curl(re.sub(r"-H 'x-api-key: [^']+'", "", whole))[0] == 403


def test_a_body_that_its_model_refuses_is_refused(up: Local) -> None:
    wrong = call(up, "POST", "/orders").replace('"customer": "a", ', "")
    assert '"customer"' not in wrong
    assert curl(wrong)[0] == 400


def test_the_preflight_is_answered_without_authorization(up: Local) -> None:
    url = next(route["url"] for route in up.state.report["routes"] if route["path"] == "/orders")
    status, headers = curl(f"curl -X OPTIONS -H 'Origin: https://shop.example.com' {url}", "--dump-header -")
    assert status == 204
    assert "Access-Control-Allow-Methods: POST,OPTIONS" in headers


@pytest.mark.parametrize(("function", "trigger"), TRIGGERS)
def test_every_trigger_reaches_its_function(up: Local, sent: dict[Any, Any], function: str, trigger: str) -> None:
    assert sent[function, trigger]["trigger"] == trigger
    metric = TRIGGERS[function, trigger]
    until(lambda: f'"{metric}"' in up("logs", function), f"{trigger} does not reach {function}")


def test_a_trigger_that_is_not_there_is_named(up: Local) -> None:
    assert "has several triggers; name one with --trigger: eventbridge, sns" in up("send", "notify", code=2)
    assert "it has s3" in up("send", "archive", "--trigger", "sqs", code=2)
    assert "only calls by its name reach it" in up("send", "pre-traffic", code=2)
    assert "What dynamodb takes is a JSON object" in up(
        "send", "invoice", "--event", str(up.project / "Makefile"), code=2
    )


def depth(up: Local, queue: str) -> int:
    client: Any = Aws(up.state)["sqs"]
    url = client.get_queue_url(QueueName=queue)["QueueUrl"]
    wanted = "ApproximateNumberOfMessages"
    return int(client.get_queue_attributes(QueueUrl=url, AttributeNames=[wanted])["Attributes"][wanted])


def _has_one(up: Local, queue: str) -> bool:
    return depth(up, queue) == 1


def test_what_fails_to_the_end_arrives_in_the_dead_letter_queue(up: Local) -> None:
    """An event that nobody here knows fails again and again.

    The emulator knows no destination of an alias: what AWS would hand on to `apologize` is in notify's queue, too.
    """
    client = Aws(up.state)["lambda"]
    for name in ("archive", "notify"):
        event = b'{"x": 1}'
        client.invoke(FunctionName=f"dev-orders-{name}", Qualifier="live", InvocationType="Event", Payload=event)
    for name in ("archive", "notify"):
        queue = f"dev-orders-{name}-dlq"
        until(partial(_has_one, up, queue), f"nothing arrives in {queue}")


def test_a_message_that_nobody_takes_is_moved_to_the_dead_letter_queue(up: Local) -> None:
    """Received as often as the queue's redrive policy allows, without waiting for its visibility timeout."""
    client: Any = Aws(up.state)["sqs"]
    mappings = Aws(up.state)["lambda"].list_event_source_mappings(FunctionName="dev-orders-fulfil:live")
    mapping = mappings["EventSourceMappings"][0]["UUID"]
    Aws(up.state)["lambda"].update_event_source_mapping(UUID=mapping, Enabled=False)
    url = client.get_queue_url(QueueName="dev-orders-fulfilment")["QueueUrl"]
    policy = client.get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy"])["Attributes"]["RedrivePolicy"]
    target = json.loads(policy)["deadLetterTargetArn"].rpartition(":")[2]
    before = depth(up, target)
    client.send_message(QueueUrl=url, MessageBody="nonsense")
    received = 0
    for _ in range(int(json.loads(policy)["maxReceiveCount"]) + 1):
        for message in client.receive_message(QueueUrl=url).get("Messages", []):
            received += 1
            client.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
    assert received == int(json.loads(policy)["maxReceiveCount"])
    assert depth(up, target) == before + 1


def test_a_caller_that_asks_too_much_is_slowed_down(up: Local) -> None:
    """More at once than the key's usage plan allows; the stage allows five times that."""
    whole = call(up, "GET", "/health")
    time.sleep(2)
    silent = "--silent --output /dev/null --write-out '%{http_code} '"
    command = f"for _ in $(seq 40); do {whole} {silent} & done; wait"
    told = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True).stdout
    assert {"200", "429"} <= set(told.split())


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


def test_two_projects_stand_side_by_side(up: Local, tiny: Local) -> None:
    tiny("up")
    assert tiny.state.port != up.state.port
    assert tiny.json("invoke", "echo")["payload"] == ["one", {}]
    tiny("down")
    assert up.json("status")[0]["status"] == "up"
