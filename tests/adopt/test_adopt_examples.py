"""What samgen renders, adopted: the spec that comes back is the one that it was rendered from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from generator.adopt import adopt
from generator.render import render_project
from generator.spec.load import load_spec, parse_spec
from generator.spec.model import ServiceSpec
from generator.spec.request_models import load_models

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted(path.parent.name for path in ROOT.glob("examples/*/samgen.yaml"))

# Further choices: what the examples leave out.
WIDE = """
service: {name: wide, description: All kinds of things, owner: team-a, cost_center: cc-1}
api: {name: Wide, authorization: iam, cors_origins: ["https://a.example.com", "https://b.example.com"], health: false,
  throttling: {rate_limit: 7, burst_limit: 9}}
environments:
  - {name: test, region: eu-west-1, account: "111122223333", log_level: ERROR, public: true, log_retention_days: 7}
functions:
  - name: first
    memory_size: 512
    timeout: 29
    reserved_concurrency: 3
    architecture: x86_64
    environment: {GREETING: "hello there", LIMIT: "5"}
    triggers:
      - {type: api, method: ANY, path: "/files/{path+}"}
      - {type: api, method: GET, path: /open, authorization: none}
      - {type: sns, topic: news, filter: {kind: [a, b]}}
    secrets: [token-one, other]
    permissions:
      - dynamodb: {table: items, access: read}
      - ssm: {parameter: "/${Environment}/shared/endpoint"}
      - secrets: {secret: "${Environment}/database"}
      - invoke: {function: second}
      - actions: [states:StartExecution]
        resources: ["arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:stateMachine:${Environment}-flow"]
        reason: Starts the flow of an item
  - name: second
    timeout: 60
    triggers:
      - {type: s3, bucket: files, prefix: in/}
      - {type: eventbridge, pattern: {source: [shop]}}
      - {type: schedule, expression: rate(5 minutes)}
    permissions:
      - s3: {bucket: files, access: readwrite}
      - sqs: {queue: jobs}
tables:
  - {name: items, partition_key: {name: a}, sort_key: {name: b, type: N}}
queues:
  - {name: jobs, retention_days: 2, max_receive_count: 9}
buckets:
  - {name: files, expiration_days: 30}
"""


def claimed(spec: ServiceSpec) -> dict[str, Any]:
    """What adopting claims to read: all but the pipeline and the order of triggers and permissions."""
    data: dict[str, Any] = spec.model_dump(mode="json", exclude={"pipeline": True})
    for function in data["functions"]:
        for listed in ("triggers", "permissions"):
            function[listed] = sorted((_plain(item) for item in function[listed]), key=repr)
    return data


def _plain(item: dict[str, Any]) -> dict[str, Any]:
    # The reason of a raw statement is a comment in the template, for people alone.
    return {key: value for key, value in item.items() if key != "reason"}


def adopted(spec: ServiceSpec, folder: Path, models: dict[str, dict[str, Any]]) -> ServiceSpec:
    """What is adopted of a rendered project without its samgen.yaml."""
    render_project(spec, folder, models)
    (folder / "samgen.yaml").unlink()
    return parse_spec(adopt(folder).text.encode(), "samgen.yaml")


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_comes_back(name: str, tmp_path: Path) -> None:
    folder = ROOT / "examples" / name
    spec = load_spec(folder / "samgen.yaml")
    # Called otherwise than the service, so that the name is not the folder's.
    assert claimed(adopted(spec, tmp_path / "project", load_models(spec, folder))) == claimed(spec)


def test_further_choices_come_back(tmp_path: Path) -> None:
    spec = parse_spec(WIDE.encode(), "samgen.yaml")
    assert claimed(adopted(spec, tmp_path / "project", {})) == claimed(spec)


def test_nothing_of_an_example_is_left_unsaid(tmp_path: Path) -> None:
    spec = load_spec(ROOT / "examples" / "orders" / "samgen.yaml")
    render_project(spec, tmp_path / "project", load_models(spec, ROOT / "examples" / "orders"))
    (tmp_path / "project" / "samgen.yaml").unlink()
    assert not adopt(tmp_path / "project").remarks
