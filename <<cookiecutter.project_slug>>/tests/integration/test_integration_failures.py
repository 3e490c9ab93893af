"""What fails to the end: it arrives in a dead-letter queue, where a person finds it."""

import json
import secrets
from typing import Any

import pytest
from stage import PATIENCE, SERVICE, Stage


def take(stage: Stage, queue: str, mark: str) -> bool:
    """Whether a message with a mark is in a queue; it is removed, the others stay as they are."""
    client = stage.aws("sqs")
    url = client.get_queue_url(QueueName=queue)["QueueUrl"]
    found = client.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=1).get("Messages", [])
    for message in found:
        if mark in message["Body"]:
            client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            return True
    return False


@pytest.fixture(scope="module")
def marks(stage: Stage) -> dict[str, str]:
    """Events that nobody knows, sent to all functions at once, as each is tried again for minutes."""
    found = {failure["function"]: secrets.token_hex(8) for failure in SERVICE["failures"]}
    for function, mark in found.items():
        stage.aws("lambda").invoke(
            FunctionName=stage.function(function),
            Qualifier="live",
            InvocationType="Event",
            Payload=json.dumps({"integration-test": mark}),
        )
    return found


@pytest.mark.parametrize("failure", SERVICE["failures"], ids=lambda f: f["function"])
def test_an_event_that_fails_is_kept(stage: Stage, failure: dict[str, str], marks: dict[str, str]) -> None:
    queue, mark = stage.name(failure["queue"]), marks[failure["function"]]
    stage.until(lambda: take(stage, queue, mark), f"the event that {failure['function']} refuses is not in {queue}")


def attributes(stage: Stage, queue: str) -> tuple[str, dict[str, str]]:
    """A queue's address and attributes."""
    client = stage.aws("sqs")
    url = client.get_queue_url(QueueName=stage.name(queue))["QueueUrl"]
    return url, client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]


def each(queues: list[dict[str, Any]]) -> pytest.MarkDecorator:
    """A test of each of these queues."""
    return pytest.mark.parametrize("queue", queues, ids=[queue["queue"].partition("}-")[2] for queue in queues])


@each(SERVICE["queues"])
def test_a_queue_names_its_dead_letter_queue(stage: Stage, queue: dict[str, Any]) -> None:
    policy = json.loads(attributes(stage, queue["queue"])[1].get("RedrivePolicy", "{}"))
    assert policy.get("deadLetterTargetArn", "").endswith(f":{stage.name(queue['dead_letters'])}")


@each([queue for queue in SERVICE["queues"] if queue["read_by_a_function"]])
def test_a_message_that_fails_is_kept(stage: Stage, queue: dict[str, Any]) -> None:
    url, known = attributes(stage, queue["queue"])
    assert "RedrivePolicy" in known, "a message that fails is tried until it is too old, and lost"
    times = json.loads(known["RedrivePolicy"])["maxReceiveCount"]
    client = stage.aws("sqs")
    if stage.kind == "emulator":
        # A message that failed comes back at once: nothing else is in the queue that could suffer.
        client.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "1"})
    elif (wait := int(times) * int(known["VisibilityTimeout"])) > PATIENCE["aws"] or stage.is_standby:
        pytest.skip(f"a message is given up after {wait} seconds, longer than these tests wait")
    mark = secrets.token_hex(8)
    try:
        client.send_message(QueueUrl=url, MessageBody=f"{queue['unreadable']} {mark}")
        letters = stage.name(queue["dead_letters"])
        stage.until(lambda: take(stage, letters, mark), f"the message that its function refuses is not in {letters}")
    finally:
        if stage.kind == "emulator":
            client.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": known["VisibilityTimeout"]})


STREAMS = [trigger for trigger in SERVICE["triggers"] if trigger["kind"] == "dynamodb" and trigger["name"]]


@pytest.mark.parametrize("trigger", STREAMS, ids=lambda t: t["function"])
def test_a_stream_names_its_dead_letter_queue(stage: Stage, trigger: dict[str, Any]) -> None:
    name = f"{stage.function(trigger['function'])}:live"
    found = stage.aws("lambda").list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
    ends = [m["DestinationConfig"]["OnFailure"]["Destination"] for m in found if ":dynamodb:" in m["EventSourceArn"]]
    assert ends
    assert all(end.endswith(f":{stage.function(trigger['function'])}-dlq") for end in ends)
