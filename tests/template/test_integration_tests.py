"""The generated project's integration tests over the options: clean, collected, and what there is to test is in them.

That they pass, and fail where they have to, is tested live: tests/local/test_local_integration.py.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from rendering import document, render

from generator.render.integration import refused
from generator.spec.example import example
from generator.spec.runtimes import newest

Ids = Mapping[str, set[str]]

GET: dict[str, Any] = {"type": "api", "path": "/things/{id}"}
POST: dict[str, Any] = {"type": "api", "method": "POST", "path": "/things"}
TABLES = [{"name": "things", "partition_key": {"name": "id"}}]
RULE = {"type": "eventbridge", "bus": "shop", "pattern": {"source": ["shop"], "detail-type": [{"prefix": "Order"}]}}
TRIGGERS: dict[str, dict[str, Any]] = {
    "sqs": {"type": "sqs", "queue": "work"},
    "sns": {"type": "sns", "topic": "news"},
    "s3": {"type": "s3", "bucket": "files", "prefix": "in/", "suffix": ".pdf"},
    "eventbridge": RULE,
    "dynamodb": {"type": "dynamodb", "table": "things"},
    "schedule": {"type": "schedule", "expression": "rate(5 minutes)"},
    "function": {"type": "function", "function": "other", "outcome": "success"},
}


def of(*triggers: dict[str, Any], runtime: str = "python", **sections: Any) -> dict[str, Any]:
    """A service with one function that these triggers invoke, and another one."""
    members = [
        {"name": "one", "runtime": newest(runtime), "triggers": list(triggers)},
        {"name": "other", "runtime": newest(runtime), "triggers": []},
    ]
    return document(functions=members, **sections)


def guarded(authorization: str, **api: Any) -> dict[str, Any]:
    """A service whose API has an authorization."""
    data = of(GET, POST, api={"authorization": authorization, **api})
    if authorization == "lambda":
        data["functions"].append({"name": "authorizer", "triggers": []})
    return data


MATRIX: dict[str, dict[str, Any]] = {
    "no api": of(),
    "only api": of(GET, POST),
    "node only": of(GET, TRIGGERS["sqs"], runtime="nodejs"),
    "everything of another service": of({"type": "sqs", "queue": "arn:aws:sqs:us-west-2:123456789012:theirs"}),
    "a route for every path": of({"type": "api", "path": "/{rest+}", "method": "ANY"}),
    "open": of({**GET, "authorization": "none"}),
    **{kind: of(trigger, tables=TABLES) for kind, trigger in TRIGGERS.items()},
    **{scheme: guarded(scheme) for scheme in ("iam", "cognito", "lambda")},
    "api key": guarded("iam", api_key=True),
}

# Collects each project in one process: the same modules, read anew, with another service.json.
COLLECT = """
import json, pathlib, sys
import boto3, pytest

class Names:
    def pytest_collection_finish(self, session):
        self.found = [item.name for item in session.items]

collected = {}
for folder in sys.argv[1:]:
    names = Names()
    code = pytest.main(["-q", "--collect-only", "-p", "no:cacheprovider", "--rootdir", folder, folder], [names])
    assert code == 0, (folder, code)
    collected[folder] = names.found
    for name in [n for n, m in sys.modules.items() if (getattr(m, "__file__", "") or "").startswith(folder)]:
        del sys.modules[name]
    sys.path.remove(folder)
pathlib.Path("collected.json").write_text(json.dumps(collected))
"""


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("integration")
    return {name: render(data, folder) for name, data in MATRIX.items()}


def told(project: Path) -> Any:
    """What a project's data file says."""
    return json.loads((project / "tests" / "integration" / "service.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def collected(projects: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The names of each project's integration tests."""
    folder = tmp_path_factory.mktemp("collected")
    places = {name: str(project / "tests" / "integration") for name, project in projects.items()}
    command = [sys.executable, "-c", COLLECT, *places.values()]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads((folder / "collected.json").read_text("utf-8"))
    return {name: set(found[place]) for name, place in places.items()}


def test_they_are_clean(projects: dict[str, Path]) -> None:
    """By the rules of each project's own ruff.toml."""
    files = [p / name for p in projects.values() for name in ("tests/integration", "scripts/integration.py")]
    for command in (["check"], ["format", "--check"]):
        words = [sys.executable, "-m", "ruff", *command, "--no-cache", *map(str, files)]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_tests_are_the_same_in_every_project(projects: dict[str, Path]) -> None:
    seen: dict[str, set[str]] = {}
    for project in projects.values():
        for file in (project / "tests" / "integration").glob("*.py"):
            seen.setdefault(file.name, set()).add(file.read_text("utf-8"))
    assert len(seen) > 1
    assert {name for name, texts in seen.items() if len(texts) > 1} == set()


@pytest.mark.parametrize("kind", TRIGGERS)
def test_every_trigger_has_its_test(kind: str, collected: Ids) -> None:
    assert f"test_it_reaches_its_function[{kind} one]" in collected[kind]


@pytest.mark.parametrize("scheme", ["iam", "cognito", "lambda", "api key"])
def test_every_route_has_its_tests(scheme: str, collected: Ids) -> None:
    for test in ("test_it_answers_who_may_call", "test_it_refuses_who_may_not"):
        for route in ("GET /things/{id}", "POST /things", "GET /health"):
            assert f"{test}[{route}]" in collected[scheme]
    assert "test_the_preflight_needs_no_authorization[/things/example]" in collected[scheme]
    assert ("test_it_refuses_who_has_no_key[POST /things]" in collected[scheme]) is (scheme == "api key")


def test_without_an_api_no_route_is_called(projects: dict[str, Path], collected: Ids) -> None:
    assert told(projects["no api"])["routes"] == []
    assert not [name for name in collected["no api"] if "who_may" in name and "NOTSET" not in name]
    assert "test_a_function_may_do_what_it_is_for[one]" in collected["no api"]


def test_an_open_route_refuses_nobody(collected: Ids) -> None:
    assert "test_it_answers_who_may_call[GET /things/{id}]" in collected["open"]
    assert "test_it_refuses_who_may_not[GET /things/{id}]" not in collected["open"]


def test_every_method_of_any_is_called_and_no_path_is_unknown(projects: dict[str, Path]) -> None:
    found = told(projects["a route for every path"])
    assert {r["method"] for r in found["routes"] if r["path"] == "/{rest+}"} >= {"GET", "POST", "DELETE"}
    assert found["api"]["unknown_path"] is None
    assert told(projects["only api"])["api"]["unknown_path"]


def test_nothing_is_sent_through_what_belongs_to_others(projects: dict[str, Path]) -> None:
    found = told(projects["everything of another service"])
    assert [trigger["name"] for trigger in found["triggers"]] == [None]
    assert found["queues"] == []


def test_a_role_is_not_asked_for_what_it_is_allowed(tmp_path: Path) -> None:
    """What two functions may both do is no neighbour's, also where one of them has it by a wider pattern."""
    wide = {"actions": ["dynamodb:GetItem"], "resources": ["arn:aws:dynamodb:*:*:table/*"], "reason": "It reads any."}
    own = {"dynamodb": {"table": "things", "access": "read"}}
    members = [
        {"name": "reader", "triggers": [], "permissions": [own]},
        {"name": "sender", "triggers": [], "permissions": [{"sqs": {"queue": "work"}}, own]},
        {"name": "keeper", "triggers": [], "permissions": [wide]},
    ]
    found = told(render(document(functions=members, tables=TABLES, queues=[{"name": "work"}]), tmp_path))
    roles = {role["function"]: role for role in found["roles"]}
    for role in roles.values():
        allowed = {(call["action"], call["resource"]) for call in role["allowed"]}
        assert not allowed & {(call["action"], call["resource"]) for call in role["denied"]}
    assert "sqs:SendMessage" in {call["action"] for call in roles["reader"]["denied"]}
    assert "dynamodb:GetItem" in {call["action"] for call in roles["sender"]["allowed"]}
    assert "dynamodb:GetItem" not in {call["action"] for call in roles["keeper"]["denied"]}


@pytest.mark.parametrize(
    ("schema", "wanted"),
    [({"type": "object"}, "[]"), ({"type": "array"}, "{}"), ({"type": ["object", "null"]}, None), ({}, None)],
)
def test_a_refused_body_is_of_another_type(schema: dict[str, Any], wanted: str | None) -> None:
    assert refused(schema) == wanted


def test_bodies_come_from_the_model() -> None:
    """The one is what jsonschema accepts, the other is what it refuses."""
    from jsonschema import Draft4Validator

    file = Path(__file__).resolve().parents[2] / "examples" / "orders" / "models" / "order.json"
    schema = json.loads(file.read_text("utf-8"))
    assert Draft4Validator(schema).is_valid(example(schema, {}))
    assert not Draft4Validator(schema).is_valid(json.loads(refused(schema) or "null"))
