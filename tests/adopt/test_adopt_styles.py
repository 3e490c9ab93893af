"""SAM projects in other styles, adopted: what is read, and what is said to be left out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from adopted_projects import BEYOND, HEAD, HTTP_API, NESTED, ONE_FILE, OPEN_API, written

from generator.adopt import Adoption, adopt
from generator.errors import InputError
from generator.spec.load import parse_spec

STYLES = {"one-file": ONE_FILE, "nested": NESTED, "http-api": HTTP_API, "open-api": OPEN_API, "beyond": BEYOND}


def adopted(tmp_path: Path, files: dict[str, str]) -> Adoption:
    """A project, adopted."""
    return adopt(written(tmp_path / "project", files))


def function(adoption: Adoption, name: str) -> dict[str, Any]:
    """A function of what was adopted."""
    found: dict[str, Any] = next(f for f in adoption.functions if f["name"] == name)
    return found


def said(adoption: Adoption, words: str) -> bool:
    """Whether a remark says it, at a line of a file."""
    return any(words in remark.message and remark.line > 0 and remark.file for remark in adoption.remarks)


@pytest.mark.parametrize("style", STYLES)
def test_the_spec_takes_what_is_adopted(style: str, tmp_path: Path) -> None:
    adoption = adopted(tmp_path, STYLES[style])
    spec = parse_spec(adoption.text.encode(), "samgen.yaml")
    assert [f.name for f in spec.functions] == [f["name"] for f in adoption.functions]


def test_one_file_with_every_kind_of_event(tmp_path: Path) -> None:
    adoption = adopted(tmp_path, ONE_FILE)
    document = adoption.document
    assert document["service"] == {"name": "shoes", "description": "Sells shoes"}
    assert [(e["name"], e["region"]) for e in document["environments"]] == [
        ("dev", "eu-west-1"),
        ("prod", "eu-central-1"),
    ]
    place = function(adoption, "place")
    assert (place["runtime"], place["memory_size"], place["timeout"]) == ("python3.13", 512, 20)
    assert place["environment"] == {"CURRENCY": "EUR"}
    assert {"type": "api", "method": "POST", "path": "/orders", "authorization": "none"} in place["triggers"]
    assert {"type": "schedule", "expression": "rate(1 day)"} in place["triggers"]
    assert {"dynamodb": {"table": "orders", "access": "write"}} in place["permissions"]
    assert {"sqs": {"queue": "jobs", "access": "send"}} in place["permissions"]
    assert {"sns": {"topic": "news", "access": "publish"}} in place["permissions"]
    assert said(adoption, "The variable STAGE of PlaceFunction differs between environments: dev, prod")
    work = {trigger["type"]: trigger for trigger in function(adoption, "work")["triggers"]}
    assert work["sqs"] == {"type": "sqs", "queue": "jobs", "batch_size": 5}
    assert work["dynamodb"] == {"type": "dynamodb", "table": "orders", "starting_position": "LATEST"}
    assert work["sns"] == {"type": "sns", "topic": "news", "filter": {"kind": ["shoe", "boot"]}}
    assert work["s3"] == {"type": "s3", "bucket": "pictures", "events": ["Object Created"], "suffix": ".png"}
    assert work["eventbridge"]["pattern"] == {"source": ["shop"], "detail-type": ["Paid"]}
    assert document["queues"] == [{"name": "jobs", "retention_days": 2, "max_receive_count": 3}]
    assert document["tables"][0]["sort_key"] == {"name": "placed", "type": "N"}
    assert said(adoption, "No web ACL")


def test_nested_applications_with_a_role_of_their_own(tmp_path: Path) -> None:
    adoption = adopted(tmp_path, NESTED)
    worker = function(adoption, "worker")
    assert worker["triggers"] == [{"type": "schedule", "expression": "rate(1 hour)", "timezone": "UTC"}]
    table, raw = worker["permissions"]
    assert table == {"dynamodb": {"table": "items", "access": "read"}}
    assert raw["actions"] == ["states:StartExecution"]
    assert raw["resources"] == [
        "arn:${AWS::Partition}:states:${AWS::Region}:123456789012:stateMachine:${Environment}-flow"
    ]
    assert said(adoption, "Role allows iam:PassRole on what has no name")
    assert said(adoption, "The code of Worker is work/code (main.run)")
    assert "api" not in adoption.document
    assert [e["name"] for e in adoption.document["environments"]] == ["test"]


def test_an_http_api_without_samconfig(tmp_path: Path) -> None:
    adoption = adopted(tmp_path, HTTP_API)
    assert [e["name"] for e in adoption.document["environments"]] == ["dev", "live"]
    assert adoption.document["api"]["authorization"] == "cognito"
    assert adoption.document["api"]["cors_origins"] == ["https://app.example.com"]
    assert function(adoption, "list")["triggers"] == [
        {"type": "api", "method": "GET", "path": "/things/{id}"},
        {"type": "api", "method": "GET", "path": "/open", "authorization": "none"},
    ]
    assert said(adoption, "Api is an HTTP API")
    assert said(adoption, "No account of live is named")


def test_an_openapi_document_with_an_authorizer(tmp_path: Path) -> None:
    adoption = adopted(tmp_path, OPEN_API)
    api = adoption.document["api"]
    assert (api["name"], api["authorization"], api["authorizer"]) == ("Library", "lambda", "guard")
    assert function(adoption, "books")["triggers"] == [{"type": "api", "method": "GET", "path": "/books"}]
    assert function(adoption, "guard")["triggers"] == []


def test_what_has_no_word_is_said_with_its_line(tmp_path: Path) -> None:
    adoption = adopted(tmp_path, BEYOND)
    assert function(adoption, "plain")["environment"] == {"GREETING": "hello"}
    for words in (
        "Plain runs in a VPC",
        "API_TOKEN of Plain looks like a secret",
        "Clicks of Plain is of type Kinesis",
        "Picture is a container image",
        "Clicks is AWS::Kinesis::Stream",
        "Ordered is a FIFO queue",
        "Flow is AWS::Serverless::StateMachine",
    ):
        assert said(adoption, words), words
    assert "t0ps3cret" not in adoption.text + "".join(map(str, adoption.remarks))
    lines = BEYOND["template.yaml"].splitlines()
    for remark in adoption.remarks:
        if remark.message.startswith(("Flow", "Ordered", "Picture")):
            assert remark.message.split()[0] in lines[remark.line - 1]


def test_what_the_spec_refuses_is_left_out_and_said(tmp_path: Path) -> None:
    resources = (
        "Resources:\n  %s: {Type: 'AWS::Serverless::Function', Properties: {CodeUri: src/a, Handler: a.b, %s}}\n"
    )
    old = adopted(
        tmp_path / "old", {"template.yaml": HEAD + resources % ("Fine", "Runtime: python3.13, Timeout: 5000")}
    )
    assert "timeout" not in function(old, "fine")
    assert said(old, "functions fine timeout is left out")
    with pytest.raises(InputError, match="cannot be described"):
        adopted(tmp_path / "no", {"template.yaml": HEAD + resources % ("Old", "Runtime: python2.7")})


ONE = (
    HEAD
    + """
Parameters: {Phrase: {Type: String, NoEcho: true, Default: open-sesame}}
Resources:
  2nd%s:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: a
      Handler: a.b
      Runtime: python3.13
      Environment: {Variables: {PHRASE: !Ref Phrase, WHERE: !Sub "https://x/${Phrase}", PLAIN: text}}
"""
)


def test_no_secret_is_written_or_said(tmp_path: Path) -> None:
    adoption = adopted(tmp_path, {"template.yaml": ONE % "Worker"})
    assert "sesame" not in adoption.text + "".join(map(str, adoption.remarks))
    assert function(adoption, "nd-worker")["environment"] == {"PLAIN": "text"}
    assert said(adoption, "The variable WHERE")


def test_a_long_name_is_shortened(tmp_path: Path) -> None:
    adoption = adopted(tmp_path, {"template.yaml": ONE % ("VeryLong" * 12)})
    assert len(adoption.functions[0]["name"]) <= 40


@pytest.mark.parametrize(("gates", "endpoint"), [("[vpce-0123456789abcdef0]", "private"), ("[!Ref Gate]", None)])
def test_a_private_api_needs_its_endpoints(gates: str, endpoint: str | None, tmp_path: Path) -> None:
    text = OPEN_API["template.yaml"].replace(
        "StageName: v1,", f"StageName: v1, EndpointConfiguration: {{Type: PRIVATE, VPCEndpointIds: {gates}}},"
    )
    text = text.replace("Resources:", "Parameters: {Gate: {Type: String}}\nResources:")
    adoption = adopted(tmp_path, {**OPEN_API, "template.yaml": text})
    assert adoption.document["api"].get("endpoint") == endpoint
    assert said(adoption, "does not name its VPC endpoints") == (endpoint is None)


PROJECTS = Path(__file__).parents[1] / "checks" / "good_projects"
GOOD = sorted(path.parent.name for path in PROJECTS.glob("*/samconfig.toml") if path.parent.name != "image")


@pytest.mark.parametrize("name", GOOD)
def test_good_projects_of_others_are_taken(name: str) -> None:
    adoption = adopt(PROJECTS / name)
    assert parse_spec(adoption.text.encode(), "samgen.yaml")
    assert adoption.remarks


def test_a_project_of_container_images_is_refused() -> None:
    with pytest.raises(InputError, match="no function with a runtime"):
        adopt(PROJECTS / "image")
