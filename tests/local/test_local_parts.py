"""The parts of `samgen local` that need no emulator: interpreters, secrets, first bodies, the record, the lock."""

from __future__ import annotations

import json
import multiprocessing
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from local_projects import render_example

from generator.errors import InputError, ToolError
from generator.local import emulator, gateway, parameters
from generator.local.packages import for_node, packages
from generator.local.routes import Access, routes
from generator.local.runtimes import players
from generator.local.session import deployment_of
from generator.local.workplace import State, Workplace
from generator.spec.example import example


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return render_example("orders", tmp_path_factory.mktemp("parts") / "orders")


def test_the_nearest_interpreter_of_a_family_plays_a_runtime(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generator.local.runtimes._node", lambda: 20)
    found = players({"python3.14", "python3.11", "nodejs24.x", "nodejs20.x"}, (3, 11))
    told = {name: (player.name, player.differs, player.build) for name, player in found.items()}
    assert told == {
        "python3.14": ("Python 3.11", True, "python3.11"),
        "python3.11": ("Python 3.11", False, "python3.11"),
        "nodejs24.x": ("Node 20", True, "nodejs24.x"),
        "nodejs20.x": ("Node 20", False, "nodejs20.x"),
    }


def test_runtimes_of_other_families_are_refused() -> None:
    with pytest.raises(InputError, match=r"java21"):
        players({"java21"}, (3, 11))


def test_node_that_is_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ToolError, match="install Node"):
        players({"nodejs24.x"}, (3, 11))


def test_all_code_of_a_project_is_found(project: Path) -> None:
    found = packages(deployment_of(project, "dev"))
    assert {package.logical_id for package in found} >= {"PlaceOrderFunction", "ReportFunction", "PreTrafficFunction"}
    report = next(package for package in found if package.logical_id == "ReportFunction")
    assert report.folder == project / "src" / "report"
    assert for_node(report.resource, 20)["Metadata"]["BuildProperties"]["Target"] == "node20"
    assert report.resource["Metadata"]["BuildProperties"]["Target"] == "node24"


def test_code_that_is_not_there_is_named(tmp_path: Path) -> None:
    project = render_example("minimal", tmp_path / "minimal")
    (project / "src" / "hello").rename(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="the code of HelloFunction is not there"):
        packages(deployment_of(project, "dev"))


def test_every_route_says_who_may_call_it_and_how(project: Path) -> None:
    state = State(port=4566, account="123456789012", region="us-west-2")
    found = {
        (route.method, route.path): route
        for route in routes(
            deployment_of(project, "dev"), state, {"dev-Api": "http://127.0.0.1:4566/api/dev"}, Access()
        )
    }
    assert {key: route.authorization for key, route in found.items()} == {
        ("GET", "/health"): "cognito",
        ("POST", "/orders"): "cognito",
        ("GET", "/orders/{id}"): "cognito",
        ("GET", "/reports/daily"): "iam",
    }
    assert found["GET", "/orders/{id}"].url == "http://127.0.0.1:4566/api/dev/orders/1"
    assert "--aws-sigv4 aws:amz:us-west-2:execute-api" in found["GET", "/reports/daily"].call
    assert '"lines": [{"product": "A", "quantity": 1}]' in found["POST", "/orders"].call


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"const": 1}, 1),
        ({"enum": ["x", "y"]}, "x"),
        ({"type": "string", "minLength": 3}, "aaa"),
        ({"type": "string", "pattern": "^[A-Z]+$"}, "A"),
        ({"type": "string", "pattern": "^[A-"}, "a"),
        ({"type": "string", "format": "date"}, "2026-01-01"),
        ({"type": "number", "exclusiveMinimum": 3}, 4),
        ({"type": ["boolean", "null"]}, True),
        ({"type": "array", "minItems": 2, "items": {"type": "integer"}}, [1, 1]),
        ({"$ref": "#/components/schemas/A"}, {"b": "a"}),
        ({"allOf": [{"type": "null"}]}, None),
    ],
)
def test_an_example_is_what_its_schema_accepts(schema: dict[str, Any], value: Any) -> None:
    assert example(schema, {"A": {"type": "object", "required": ["b"], "properties": {"c": {}}}}) == value


def test_a_schema_that_refers_to_itself_ends() -> None:
    loop = {"type": "object", "required": ["a"], "properties": {"a": {"$ref": "#/x/Loop"}}}
    assert example(loop, {"Loop": loop})


def test_secrets_that_functions_read_are_found_and_named(project: Path) -> None:
    assert parameters.names(deployment_of(project, "dev")) == ["/dev/orders/payment-api-key"]
    assert parameters.variable("/dev/orders/payment-api-key") == "PAYMENT_API_KEY"


def test_the_file_of_secrets_is_read_as_shells_write_it(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    assert parameters.read(file) == {}
    file.write_text("# NO=1\nexport A=1\nB='two = 2'\n\nC=\"\"\nnothing\n")
    assert parameters.read(file) == {"A": "1", "B": "two = 2", "C": ""}
    file.write_bytes(b"\xff")
    with pytest.raises(InputError, match="cannot be read"):
        parameters.read(file)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"pid": "x", "stacks": []}'])
def test_a_record_that_is_none_is_empty(tmp_path: Path, text: str) -> None:
    workplace = Workplace(tmp_path, "dev")
    workplace.prepare()
    (workplace.folder / "state.json").write_text(text)
    assert workplace.load() == State()


def test_a_record_is_what_was_written(tmp_path: Path) -> None:
    workplace = Workplace(tmp_path, "dev")
    state = State(1, 2, "t", "123456789012", "eu-west-1", {"a": "b"}, {"a": "c"}, [["a", "b", "c"]], {"F": "f"}, {})
    workplace.save(state)
    assert workplace.load() == state
    assert json.loads((workplace.folder / "state.json").read_text())["port"] == 2


def test_what_is_kept_is_ignored_by_git_and_can_be_purged(tmp_path: Path) -> None:
    one, other = Workplace(tmp_path, "dev"), Workplace(tmp_path, "prod")
    for workplace in (one, other):
        workplace.prepare()
        workplace.save(State())
    assert (one.shared / ".gitignore").read_text() == "*\n"
    one.purge()
    assert not one.folder.exists()
    assert other.folder.exists()
    other.purge()
    assert not one.shared.exists()


def _hold(folder: Path, ready: Any, done: Any) -> None:
    with Workplace(folder, "dev").lock():
        ready.set()
        done.wait(30)


def test_two_commands_do_not_change_one_project_at_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    ready, done = context.Event(), context.Event()
    process = context.Process(target=_hold, args=(tmp_path, ready, done))
    process.start()
    assert ready.wait(30)
    with pytest.raises(InputError, match="Another 'samgen local'"), Workplace(tmp_path, "dev").lock(wait=0.2):
        pass
    # However it ends, the lock ends with it.
    process.kill()
    process.join()
    with Workplace(tmp_path, "dev").lock(wait=5):
        pass


def test_an_emulator_that_is_missing_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SAMGEN_EMULATOR", raising=False)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    with pytest.raises(ToolError, match=r"not installed: pip install 'aws-samgen\[local\]'"):
        emulator.find(Workplace(tmp_path, "dev"))
    monkeypatch.setenv("SAMGEN_EMULATOR", str(tmp_path / "nothing"))
    with pytest.raises(ToolError, match="SAMGEN_EMULATOR names"):
        emulator.find(Workplace(tmp_path, "dev"))


def test_a_process_that_is_no_emulator_is_left_alone(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        assert not emulator.stop(State(process.pid, 0, "samgen-local-1"))
        assert process.poll() is None
    finally:
        process.kill()
        process.wait()


def test_any_stands_for_every_method_that_is_not_there_itself() -> None:
    body = {
        "paths": {"/a": {"x-amazon-apigateway-any-method": {"summary": "any"}, "get": {"summary": "own"}}, "/b": {}}
    }
    api = {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "a", "Body": body}}
    data = {"Resources": {"Api": api, "Other": {"Type": "AWS::SNS::Topic"}}}
    found = gateway.with_every_method(data)["Resources"]["Api"]["Properties"]["Body"]["paths"]
    assert {method: operation["summary"] for method, operation in found["/a"].items()} == {
        **dict.fromkeys(gateway.METHODS, "any"),
        "get": "own",
    }
    assert found["/b"] == {}
    assert {method for path, method, _ in gateway.operations(body)} == {method.upper() for method in gateway.METHODS}
