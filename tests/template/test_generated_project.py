"""A generated project stands alone: its own tests, linters, build and deployment guard work."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from rendering import document, render

from generator.spec.runtimes import supported

FUNCTIONS = [
    {
        "name": "create-order",
        "secrets": ["db-password"],
        "triggers": [
            {"type": "api", "method": "POST", "path": "/orders"},
            {"type": "api", "path": "/apps/{app}/x/{class}"},
            {"type": "api", "method": "ANY", "path": "/files/{path+}"},
            {"type": "schedule", "expression": "rate(5 minutes)"},
        ],
    },
    {"name": "nightly", "triggers": [{"type": "schedule", "expression": "cron(0 6 ? * MON-FRI *)"}]},
    {"name": "tool", "triggers": []},
    {
        "name": "a" * 40,
        "description": "long " * 39,
        "triggers": [
            {"type": "api", "path": f"/a/{'x' * 249}/{{y}}"},
            {"type": "api", "method": "ANY", "path": f"/a/{'x' * 240}/{{y}}"},
            {"type": "api", "path": "/b/{eight}/{lettered}/{variable}/{names}/{here}"},
            {"type": "api", "path": "/camel/{orderId}/{order_id}/{l}/{Class}"},
        ],
    },
    {"name": "echo", "triggers": [{"type": "api", "path": "/echo/{rest}/{MetricUnit}/{name+}"}]},
    {"name": "on", "triggers": [{"type": "api", "path": "/"}]},
]
OFFLINE = {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9", "PIP_NO_INDEX": "1"}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return render(document(functions=FUNCTIONS), tmp_path_factory.mktemp("alone"))


def run(project: Path, *command: str, path: str = "", **extra: str) -> subprocess.CompletedProcess[str]:
    search = os.pathsep.join([*([path] if path else []), str(Path(sys.executable).parent), os.environ["PATH"]])
    env = {**os.environ, **extra, "PATH": search, "SAM_CLI_TELEMETRY": "0"}
    env.pop("PYTHONPATH", None)
    if "CI" not in extra:  # a pipeline sets it, and the project's scripts act on it
        env.pop("CI", None)
    return subprocess.run(command, cwd=project, env=env, capture_output=True, text=True, check=False)


def test_its_own_tests_pass_offline(project: Path) -> None:
    done = run(project, "make", "test", f"PYTHON={sys.executable}", **OFFLINE)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout
    assert not (project / ".venv").exists()


def test_its_code_is_clean(project: Path) -> None:
    for command in (["check"], ["format", "--check"]):
        done = run(project, sys.executable, "-m", "ruff", *command, "--no-cache", ".")
        assert done.returncode == 0, done.stdout


ECHO = """
import importlib.util, json, pathlib
spec = importlib.util.spec_from_file_location("app", "src/echo/app.py")
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
event = json.loads(next(pathlib.Path("events/echo").glob("*.json")).read_text())
event["path"] = "/echo/1/2/3/4"
event["pathParameters"] = {"rest": "1", "MetricUnit": "2", "name": "3/4"}
class Context:
    function_name = memory_limit_in_mb = invoked_function_arn = aws_request_id = "x"
print(json.loads(module.handler(event, Context())["body"]))
"""


def test_a_parameter_may_have_a_name_that_the_handler_uses(project: Path) -> None:
    quiet = {"POWERTOOLS_TRACE_DISABLED": "true", "POWERTOOLS_METRICS_NAMESPACE": "x", "POWERTOOLS_LOG_LEVEL": "ERROR"}
    done = run(project, sys.executable, "-c", ECHO, **quiet)
    assert done.returncode == 0, done.stderr
    echoed = {"message": "Hello from echo", "name": "3/4", "rest": "1", "MetricUnit": "2"}
    assert done.stdout.splitlines()[-1] == str(echoed)


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """An AWS CLI that knows one account and a SAM CLI that writes down how it was called."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "aws").write_text('#!/bin/sh\necho "{\\"Account\\": \\"$FAKE_ACCOUNT\\"}"\n')
    (folder / "sam").write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > "{tmp_path}/called"\n')
    for tool in folder.iterdir():
        tool.chmod(0o755)
    return folder


@pytest.mark.skipif(sys.version_info < (3, 11), reason="scripts/deploy.py needs Python 3.11, and says so")
def test_the_deployment_guard(project: Path, tools: Path) -> None:
    build = project / ".aws-sam/build"
    build.mkdir(parents=True, exist_ok=True)
    (build / "template.yaml").write_text("{}")
    called = tools.parent / "called"

    def deploy(environment: str, account: str, **extra: str) -> subprocess.CompletedProcess[str]:
        command = (sys.executable, "scripts/deploy.py", environment)
        return run(project, *command, path=str(tools), FAKE_ACCOUNT=account, **extra)

    refused = deploy("dev", "999999999999")
    assert refused.returncode == 1
    assert "belongs to 123456789012" in refused.stderr
    assert not called.exists()
    assert "choose from dev, prod" in deploy("nowhere", "123456789012").stderr

    assert deploy("prod", "123456789012").returncode == 0
    first = called.read_text().splitlines()
    assert first[:3] == ["deploy", "--config-env", "prod"]
    assert "Environment=prod" in first
    deploy("prod", "123456789012")
    assert called.read_text().splitlines() == first
    (build / "template.yaml").write_text("{ }")
    deploy("prod", "123456789012")
    second = called.read_text().splitlines()
    assert second[:-1] == first[:-1]
    assert second[-1].startswith("ReleaseId=")
    assert second[-1] != first[-1]
    deploy("prod", "123456789012", CI="true")
    assert called.read_text().splitlines() == [*second, "--no-confirm-changeset"]


@pytest.mark.slow
def test_sam_builds_it_with_this_python(tmp_path: Path) -> None:
    runtime = f"python{sys.version_info.major}.{sys.version_info.minor}"
    if runtime not in supported("python"):
        pytest.skip(f"Lambda does not support {runtime} on {date.today()}")
    functions = [{"name": "hello", "runtime": runtime}]
    project = render(document(functions=functions), tmp_path)
    done = run(project, "sam", "build", "--config-env", "dev")
    assert done.returncode == 0, done.stderr[-3000:]
    assert (project / ".aws-sam/build/Functions/HelloFunction/app.py").is_file()
    assert (project / ".aws-sam/build/Functions/HelloFunction/aws_lambda_powertools").is_dir()
