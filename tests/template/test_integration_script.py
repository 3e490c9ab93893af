"""`make integration` with a samgen and an AWS CLI that are not the real ones: what is started is stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from rendering import document, render

pytestmark = pytest.mark.skipif(sys.version_info < (3, 11), reason="the scripts need Python 3.11, and say so")

ACCOUNT = "123456789012"
SPEC: dict[str, Any] = {
    "functions": [{"name": "one", "triggers": [{"type": "api", "path": "/one"}]}],
    "environments": [{"name": "dev", "region": "us-west-2"}, {"name": "prod", "region": "eu-central-1"}],
}
REPORT = {
    "account": ACCOUNT,
    "region": "us-west-2",
    "url": "http://127.0.0.1:9",
    "apis": ["http://127.0.0.1:9/api"],
    "outputs": {"ApiUrl": "https://elsewhere"},
    "credentials": {"access_key_id": ACCOUNT, "secret_access_key": "test"},
}
OUTPUTS = [{"OutputKey": "ApiUrl", "OutputValue": "https://api.example.com/dev"}]

# Stands for `samgen` and `aws`: writes down how it was called, and answers from a file of its own.
FAKE = r"""#!{python}
import json, os, sys, time
here = os.path.dirname(os.path.abspath(sys.argv[0]))
name = os.path.basename(sys.argv[0])
with open(os.path.join(here, "calls"), "a") as log:
    log.write(" ".join([name, *sys.argv[1:]]) + "\n")
with open(os.path.join(here, "answers")) as file:
    answers = json.load(file)
answer = next((a for word, a in answers.items() if word in sys.argv), {{}})
time.sleep(answer.get("seconds", 0))
print(json.dumps(answer.get("out")))
sys.exit(answer.get("code", 0))
"""


class Tools:
    """The commands that the script finds."""

    def __init__(self, folder: Path, project: Path) -> None:
        self.folder, self.project = folder, project
        for name in ("samgen", "aws"):
            (folder / name).write_text(FAKE.format(python=sys.executable))
            (folder / name).chmod(0o755)
        self.answers: dict[str, dict[str, Any]] = {
            "status": {"out": [], "code": 1},
            "up": {"out": REPORT},
            "get-caller-identity": {"out": {"Account": ACCOUNT}},
            "describe-stacks": {"out": {"Stacks": [{"Outputs": OUTPUTS}]}},
        }

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start the script."""
        (self.folder / "answers").write_text(json.dumps(self.answers))
        env = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
        env |= {"PATH": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_ADDOPTS": "-p no:cacheprovider"}
        command = [sys.executable, "scripts/integration.py", *arguments]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=self.project, env=env, stdout=pipe, stderr=pipe, text=True)

    def run(self, *arguments: str) -> tuple[int, str]:
        """Run the script; its code and what it said."""
        out, err = (process := self.start(*arguments)).communicate(timeout=60)
        assert "Traceback" not in err, err
        return process.returncode, out + err

    @property
    def samgen(self) -> list[str]:
        """The commands of `samgen local` that were given."""
        file = self.folder / "calls"
        lines = file.read_text().splitlines() if file.exists() else []
        return [line.split()[2] for line in lines if line.startswith("samgen local")]

    @property
    def target(self) -> Any:
        """What the tests were told of the stage."""
        return json.loads((self.project / ".aws-sam" / "integration-dev.json").read_text())


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return render(document(**SPEC), tmp_path_factory.mktemp("integration-script"))


@pytest.fixture
def tools(tmp_path: Path, project: Path) -> Tools:
    return Tools(tmp_path, project)


def test_the_emulator_is_stopped_when_the_tests_fail(tools: Tools) -> None:
    """Nothing answers at that address, so that they do."""
    code, said = tools.run("dev", "--", "-k", "declared or a_path_that_is_no_route")
    assert code == 1, said
    assert "1 failed" in said
    assert tools.samgen == ["status", "up", "down"]
    assert tools.target["endpoint"] == REPORT["url"]
    assert tools.target["api_url"] == "http://127.0.0.1:9/api"


def test_the_emulator_is_stopped_when_it_does_not_come_up(tools: Tools) -> None:
    tools.answers["up"] = {"code": 3}
    assert tools.run("dev")[0] == 3
    assert tools.samgen == ["status", "up", "down"]


def test_an_emulator_that_was_up_stays_up(tools: Tools) -> None:
    tools.answers["status"] = {"out": [{"environment": "dev", "status": "up"}]}
    assert tools.run("dev", "--", "--collect-only")[0] == 0
    assert tools.samgen == ["status", "up"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_emulator_is_stopped_when_somebody_ends_the_tests(number: signal.Signals, tools: Tools) -> None:
    tools.answers["up"]["seconds"] = 30
    process = tools.start("dev")
    deadline = time.monotonic() + 30
    while "up" not in tools.samgen and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(number)
    assert process.wait(timeout=60) == 130
    process.communicate()
    assert tools.samgen == ["status", "up", "down"]


def test_without_samgen_it_says_what_to_do(tools: Tools) -> None:
    (tools.folder / "samgen").unlink()
    code, said = tools.run("dev")
    assert code == 1
    assert "aws-samgen[local]" in said


def test_production_is_refused_unless_it_is_asked_for(tools: Tools) -> None:
    code, said = tools.run("prod", "--deployed")
    assert code == 1
    assert "Refused: prod is production, and these tests write test data" in said
    assert not (tools.folder / "calls").exists()


def test_a_deployed_stack_is_found_by_its_outputs(tools: Tools) -> None:
    code, said = tools.run("dev", "--deployed", "--", "--collect-only")
    assert code == 0, said
    assert "Testing dev-orders in us-west-2, with test data." in said
    assert tools.target["api_url"] == "https://api.example.com/dev"
    assert "endpoint" not in tools.target
    assert tools.samgen == []


def test_make_test_does_not_run_them(project: Path) -> None:
    done = subprocess.run(["make", "--dry-run", "test"], cwd=project, capture_output=True, text=True, check=True)
    assert "pytest -q tests/unit" in done.stdout
    assert "tests/integration" not in done.stdout


def test_without_a_stage_they_are_skipped(project: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/integration"]
    env = {key: value for key, value in os.environ.items() if key != "INTEGRATION_TARGET"}
    done = subprocess.run(command, cwd=project, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "passed" not in done.stdout
    assert "skipped" in done.stdout
