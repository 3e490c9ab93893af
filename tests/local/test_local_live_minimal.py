"""The smallest example, live: it comes up, stays up, changes, and survives what may happen to it."""

from __future__ import annotations

import json
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from local_projects import LIMIT, Local, Watching

from generator.local import emulator
from generator.local.aws import SECRET, Aws

pytestmark = [pytest.mark.live, pytest.mark.slow]
pytest_plugins = ["local_projects"]


def get(local: Local, path: str, *, signed: bool = True) -> tuple[int, str]:
    """Call a route, as someone who may or as nobody."""
    url = f"{local.state.report['apis'][0]}{path}"
    request = AWSRequest("GET", url)
    if signed:
        credentials = Credentials(local.state.account, SECRET)
        SigV4Auth(credentials, "execute-api", local.state.region).add_auth(request)
    try:
        call = urllib.request.Request(url, headers=dict(request.headers))  # noqa: S310
        with urllib.request.urlopen(call, timeout=30) as answer:  # noqa: S310
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def version(local: Local) -> str:
    """What the function's alias points to."""
    alias = Aws(local.state)["lambda"].get_alias(FunctionName="dev-minimal-hello", Name="live")
    return str(alias["FunctionVersion"])


def test_it_comes_up_and_answers_whom_it_should(minimal: Local) -> None:
    report = minimal.json("up")
    assert report["changed"] == ["dev-Security", "dev-Functions", "dev-Api", "dev-Monitoring"]
    assert get(minimal, "/hello") == (200, '{"message":"Hello from hello"}')
    assert get(minimal, "/health", signed=False)[0] == 403
    assert get(minimal, "/nowhere")[0] == 403
    assert {route["path"]: route["authorization"] for route in report["routes"]} == {"/health": "iam", "/hello": "iam"}
    assert "AWS::CodeDeploy::DeploymentGroup" in {one["type"] for one in report["not_emulated"]}


def test_it_listens_on_this_machine_only(minimal: Local) -> None:
    assert minimal.state.report["url"].startswith("http://127.0.0.1:")
    with pytest.raises(OSError, match="refused"), urllib.request.urlopen(f"http://127.0.0.2:{minimal.state.port}"):
        pass


def test_a_second_time_changes_nothing(minimal: Local) -> None:
    before = (minimal.state.pid, version(minimal))
    report = minimal.json("up")
    assert report["changed"] == []
    assert len(report["unchanged"]) == 4
    assert (minimal.state.pid, version(minimal)) == before


def test_what_the_emulator_leaves_out_is_there(minimal: Local) -> None:
    aws = Aws(minimal.state)
    alias = aws["lambda"].get_function_configuration(FunctionName="dev-minimal-hello", Qualifier="live")
    assert alias["DeadLetterConfig"]["TargetArn"].endswith(":dev-minimal-hello-dlq")
    assert alias["KMSKeyArn"] == minimal.state.report["outputs"]["KmsKeyArn"]
    concurrency = aws["lambda"].get_function_concurrency(FunctionName="dev-minimal-hello")
    assert concurrency["ReservedConcurrentExecutions"] == 10
    role = aws["iam"].get_role(RoleName=alias["Role"].rpartition("/")[2])["Role"]
    boundary = role["PermissionsBoundary"]["PermissionsBoundaryArn"]
    assert boundary.endswith(":policy/bootstrap/dev-minimal-boundary")
    document = aws["iam"].get_policy_version(PolicyArn=boundary, VersionId="v1")["PolicyVersion"]["Document"]
    assert "*" not in [statement["Action"] for statement in document["Statement"]]


def test_functions_are_invoked_and_their_logs_shown(minimal: Local) -> None:
    event = minimal.project / "events" / "hello" / "get_hello.json"
    answer = minimal.json("invoke", "hello", "--event", str(event))
    assert answer["payload"]["statusCode"] == 200
    assert answer["version"] == version(minimal)
    assert minimal.json("invoke", "HelloFunction", code=1)["error"]
    assert '"getHello"' in minimal("logs", "hello")
    lines = [json.loads(line) for line in minimal("logs", "hello", "--json").splitlines()]
    assert all(line["timestamp"] and line["message"] for line in lines)


def test_a_change_of_code_publishes_a_version_and_deploys_its_stack_alone(minimal: Local) -> None:
    before = version(minimal)
    code = minimal.project / "src" / "hello" / "app.py"
    code.write_text(code.read_text().replace("Hello from", "Greetings from"))
    assert minimal.json("up")["changed"] == ["dev-Functions"]
    assert get(minimal, "/hello")[1] == '{"message":"Greetings from hello"}'
    assert int(version(minimal)) > int(before)


def test_a_broken_change_leaves_the_version_before_serving(minimal: Local) -> None:
    template = minimal.project / "stacks" / "functions" / "template.yaml"
    sound = template.read_text()
    broken = sound.replace(
        "Resources:\n",
        "Resources:\n  Broken:\n    Type: AWS::KMS::Alias\n"
        "    Properties: { AliasName: wrong, TargetKeyId: !Ref HelloFunction }\n",
        1,
    )
    template.write_text(broken)
    try:
        assert "dev-Functions cannot be deployed: Broken" in minimal("up", code=3)
        assert get(minimal, "/hello")[1] == '{"message":"Greetings from hello"}'
    finally:
        template.write_text(sound)
    assert minimal.json("up")["changed"] == ["dev-Functions"]
    assert get(minimal, "/hello")[0] == 200


@pytest.fixture(scope="module")
def watching(minimal: Local) -> Iterator[Watching]:
    one = Watching(minimal)
    assert one.report()["routes"]
    one.message("Watching")
    yield one
    one.process.kill()
    one.process.wait()


def test_a_file_that_is_saved_in_place_is_deployed(watching: Watching) -> None:
    watching.code.write_text(watching.code.read_text().replace("Greetings from", "Saved in"))
    report = watching.report()
    assert (report["files"], report["changed"]) == (["src/hello/app.py"], ["dev-Functions"])
    assert watching.answer() == "Saved in hello"


def test_a_file_that_an_editor_puts_in_place_is_deployed(watching: Watching) -> None:
    """A swap file first, the new one beside the old one, then renamed over it."""
    swap = watching.code.with_name(".app.py.swp")
    swap.write_bytes(b"\0")
    other = watching.code.with_name("app.py~")
    other.write_text(watching.code.read_text().replace("Saved in", "Renamed over"))
    other.replace(watching.code)
    swap.unlink()
    assert watching.report()["files"] == ["src/hello/app.py"]
    assert watching.answer() == "Renamed over hello"


def test_what_is_broken_is_told_and_what_was_there_serves_on(watching: Watching) -> None:
    sound = watching.code.read_text()
    watching.code.write_text(sound + "def broken(:\n")
    assert "src/hello/app.py" in watching.message("goes on serving")
    assert watching.answer() == "Renamed over hello"
    watching.code.write_text(sound.replace("Renamed over", "Mended"))
    watching.report()
    assert watching.answer() == "Mended hello"


def test_a_template_that_is_broken_is_told_and_a_sound_one_deployed(watching: Watching) -> None:
    """Which is configuration alone, and published as a version all the same."""
    before = version(watching.local)
    template = watching.local.project / "stacks" / "functions" / "template.yaml"
    sound = template.read_text()
    template.write_text(sound + "\nResources: [\n")
    try:
        assert "template.yaml:" in watching.message("template.yaml")
    finally:
        template.write_text(sound)
    template.write_text(sound.replace("EphemeralStorage: { Size: 512 }", "EphemeralStorage: { Size: 1024 }"))
    assert watching.report()["changed"] == ["dev-Functions"]
    assert watching.answer() == "Mended hello"
    assert int(version(watching.local)) > int(before)
    live = Aws(watching.local.state)["lambda"].get_function_configuration(
        FunctionName="dev-minimal-hello", Qualifier="live"
    )
    assert live["EphemeralStorage"]["Size"] == 1024


def test_ctrl_c_takes_nothing_down(watching: Watching) -> None:
    watching.process.send_signal(signal.SIGINT)
    watching.message("What runs goes on")
    assert watching.process.wait(timeout=LIMIT) == 0
    assert watching.answer() == "Mended hello"
    assert watching.local.json("up")["changed"] == []


def test_after_a_kill_in_mid_deployment_the_next_one_works(minimal: Local) -> None:
    minimal("down")
    process = minimal.start("up")
    assert process.stderr is not None
    for line in process.stderr:
        if "dev-Functions" in line:
            break
    process.kill()
    process.communicate()
    assert minimal.json("status")[0]["status"] == "unfinished"
    assert "dev-Monitoring" in minimal.json("up")["changed"]
    assert get(minimal, "/hello")[0] == 200
    assert minimal.json("status")[0]["status"] == "up"


def test_down_ends_what_was_started(minimal: Local, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a narrow terminal, too, for which `ps` shortens the commands that it lists."""
    monkeypatch.setenv("COLUMNS", "20")
    state = minimal.state
    minimal("down")
    deadline = time.monotonic() + 5
    while emulator.is_alive(state) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not emulator.is_alive(state)
    assert minimal("down") == ""
