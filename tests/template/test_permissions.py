"""Typed permissions on the expanded roles: exact actions on exact ARNs, which cfn-lint's data confirms."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from deployment import Deployment, deploy, statements
from rendering import render
from test_matrix import DATA

from generator.spec.lintdata import iam_actions
from generator.spec.permissions import ACTIONS, INDEX_ACTIONS, LIST_ACTIONS

PLACE = "us-west-2:123456789012"
TABLE = f"arn:aws:dynamodb:{PLACE}:table/dev-orders-orders"
BUCKET = "arn:aws:s3:::dev-orders-files-123456789012-us-west-2"
READ = ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:ConditionCheckItem"]
WRITE = ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem"]

CASES: dict[str, tuple[dict[str, Any], list[tuple[list[str], str]], dict[str, str]]] = {
    "read a table": (
        {"dynamodb": {"table": "orders"}},
        [(["dynamodb:Query"], f"{TABLE}/index/*"), (READ, TABLE)],
        {"ORDERS_TABLE": "dev-orders-orders"},
    ),
    "write a table": (
        {"dynamodb": {"table": "orders", "access": "write"}},
        [(WRITE, TABLE)],
        {"ORDERS_TABLE": "dev-orders-orders"},
    ),
    "read objects": (
        {"s3": {"bucket": "files", "prefix": "in/"}},
        [(["s3:GetObject"], f"{BUCKET}/in/*"), (["s3:ListBucket"], BUCKET)],
        {"FILES_BUCKET": BUCKET.removeprefix("arn:aws:s3:::")},
    ),
    "write objects": (
        {"s3": {"bucket": "files", "access": "write"}},
        [(["s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"], f"{BUCKET}/*")],
        {"FILES_BUCKET": BUCKET.removeprefix("arn:aws:s3:::")},
    ),
    "send": (
        {"sqs": {"queue": "work"}},
        [(["sqs:SendMessage"], f"arn:aws:sqs:{PLACE}:dev-orders-work")],
        {"WORK_QUEUE_URL": "https://sqs.us-west-2.amazonaws.com/123456789012/dev-orders-work"},
    ),
    "publish": (
        {"sns": {"topic": "news"}},
        [(["sns:Publish"], f"arn:aws:sns:{PLACE}:dev-orders-news")],
        {"NEWS_TOPIC_ARN": f"arn:aws:sns:{PLACE}:dev-orders-news"},
    ),
    "put events": (
        {"events": {"bus": "shop"}},
        [(["events:PutEvents"], f"arn:aws:events:{PLACE}:event-bus/dev-orders-shop")],
        {"SHOP_EVENT_BUS": "dev-orders-shop"},
    ),
    "put events on the default bus": (
        {"events": {}},
        [(["events:PutEvents"], f"arn:aws:events:{PLACE}:event-bus/default")],
        {"DEFAULT_EVENT_BUS": "default"},
    ),
    "a parameter": (
        {"ssm": {"parameter": "/${Environment}/shared/endpoint"}},
        [(["ssm:GetParameter"], f"arn:aws:ssm:{PLACE}:parameter/dev/shared/endpoint")],
        {},
    ),
    "a secret": (
        {"secrets": {"secret": "${Environment}/db"}},
        [(["secretsmanager:GetSecretValue"], f"arn:aws:secretsmanager:{PLACE}:secret:dev/db-??????")],
        {},
    ),
    "a key": (
        {"kms": {"key": "/shared/key", "access": "encrypt"}},
        [(["kms:Decrypt", "kms:GenerateDataKey"], "{{resolve:ssm:/shared/key}}")],
        {},
    ),
    "another function": (
        {"invoke": {"function": "other"}},
        [(["lambda:InvokeFunction"], f"arn:aws:lambda:{PLACE}:function:dev-orders-other:live")],
        {"OTHER_FUNCTION": f"arn:aws:lambda:{PLACE}:function:dev-orders-other:live"},
    ),
}


def deployed(tmp_path: Path, permission: dict[str, Any]) -> Deployment:
    functions = [{"name": "hello", "permissions": [permission]}, {"name": "other", "triggers": []}]
    return deploy(render({**DATA, "functions": functions}, tmp_path), "dev")


@pytest.mark.parametrize("name", CASES)
def test_a_typed_permission_is_these_actions_on_this(tmp_path: Path, name: str) -> None:
    permission, expected, variables = CASES[name]
    found = deployed(tmp_path, permission)
    policy = found.of_type("AWS::IAM::Role")["HelloRole"]["Policies"][0]["PolicyDocument"]
    declared = [s for s in statements(policy) if s["Sid"].startswith("Declared")]
    assert [(s["Action"], *s["Resource"]) for s in declared] == [(actions, arn) for actions, arn in expected]
    own = found.of_type("AWS::Lambda::Function")["HelloFunction"]["Environment"]["Variables"]
    ends = ("_TABLE", "_BUCKET", "_QUEUE_URL", "_TOPIC_ARN", "_EVENT_BUS", "_FUNCTION")
    assert {k: v for k, v in own.items() if k.endswith(ends)} == variables


def test_listing_is_limited_to_the_prefix(tmp_path: Path) -> None:
    found = deployed(tmp_path, {"s3": {"bucket": "files", "prefix": "in/"}})
    policy = found.of_type("AWS::IAM::Role")["HelloRole"]["Policies"][0]["PolicyDocument"]
    (listing,) = (s for s in statements(policy) if s["Action"] == ["s3:ListBucket"])
    assert listing["Condition"] == {"StringLike": {"s3:prefix": ["in/*"]}}


def test_every_action_exists_and_can_be_limited_to_its_resource() -> None:
    known = iam_actions()
    assert known is not None
    kinds = {"dynamodb": "table", "s3": "object", "sqs": "queue", "sns": "topic", "events": "event-bus"}
    kinds |= {"ssm": "parameter", "secretsmanager": "Secret", "kms": "key", "lambda": "function"}
    typed = {action for accesses in ACTIONS.values() for actions in accesses.values() for action in actions}
    for action in typed:
        service, name = action.split(":")
        assert kinds[service] in known[service]["Actions"][name.lower()]["Resources"], action
    assert "index" in known["dynamodb"]["Actions"][INDEX_ACTIONS[0].split(":")[1].lower()]["Resources"]
    assert "bucket" in known["s3"]["Actions"][LIST_ACTIONS[0].split(":")[1].lower()]["Resources"]


def test_the_sets_are_documented() -> None:
    text = (Path(__file__).parents[2] / "docs" / "permissions.md").read_text("utf-8")
    shown = set(re.findall(r"`([a-z0-9]+:[A-Za-z]+)`", text))
    wanted = {action for accesses in ACTIONS.values() for actions in accesses.values() for action in actions}
    assert wanted | set(INDEX_ACTIONS) | set(LIST_ACTIONS) <= shown
