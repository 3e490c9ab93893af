"""A project's scripts with an AWS CLI that is not AWS: what they refuse, what they call, what they never show."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from rendering import document, render

pytestmark = pytest.mark.skipif(sys.version_info < (3, 11), reason="the scripts need Python 3.11, and say so")

ACCOUNT = "123456789012"
SPEC: dict[str, Any] = {
    "functions": [
        {"name": "create", "secrets": ["db-password", "token"]},
        {"name": "nightly", "triggers": [{"type": "schedule", "expression": "rate(5 minutes)"}]},
    ],
    "environments": [
        {"name": "dev", "region": "us-west-2"},
        {"name": "prod", "region": "eu-central-1", "further_regions": [{"name": "eu-west-1"}]},
    ],
    "pipeline": {"provider": "github", "repository": "acme/orders"},
}

# Stands for `aws` and `sam`: writes down how it was called, and answers from a list of [words, answer] pairs.
FAKE = r"""#!{python}
import json, os, sys
name, arguments = os.path.basename(sys.argv[0]), sys.argv[1:]
here = os.path.dirname(os.path.abspath(sys.argv[0]))
said = sys.stdin.read() if "file:///dev/stdin" in arguments else ""
region = os.environ.get("AWS_REGION")
with open(os.path.join(here, "calls"), "a") as log:
    log.write(json.dumps({{"tool": name, "arguments": arguments, "stdin": said, "region": region}}) + "\n")
with open(os.path.join(here, "answers")) as file:
    answers = json.load(file)
for words, answer in answers:
    if all(word in [name, *arguments] for word in words):
        if "file" in answer:
            with open(arguments[arguments.index("--payload") + 2], "w") as out:
                out.write(answer["file"])
        sys.stdout.write(answer.get("out", ""))
        sys.stderr.write(answer.get("err", "").replace("STDIN", said))
        sys.exit(answer.get("code", 0))
sys.stdout.write("{{}}")
"""


@dataclass
class Cloud:
    """The tools that a script finds, and what they saw."""

    folder: Path
    answers: list[Any] = field(default_factory=list)

    def answer(self, *words: str, code: int = 0, err: str = "", out: Any = None, file: str | None = None) -> None:
        """Answer calls that have all these words; the first answer that fits counts."""
        text = out if isinstance(out, str) else json.dumps(out if out is not None else {})
        self.answers.append([words, {"code": code, "err": err, "out": text} | ({} if file is None else {"file": file})])

    @property
    def calls(self) -> list[dict[str, Any]]:
        path = self.folder / "calls"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def called(self, *words: str) -> list[dict[str, Any]]:
        return [call for call in self.calls if all(word in [call["tool"], *call["arguments"]] for word in words)]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = render(document(**SPEC), tmp_path_factory.mktemp("scripts"))
    (project / ".aws-sam/build").mkdir(parents=True)
    (project / ".aws-sam/build/template.yaml").write_text("{}")
    return project


@pytest.fixture
def cloud(tmp_path: Path) -> Cloud:
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in ("aws", "sam"):
        (folder / tool).write_text(FAKE.format(python=sys.executable))
        (folder / tool).chmod(0o755)
    return Cloud(folder)


def run(
    project: Path, cloud: Cloud, script: str, *arguments: str, stdin: str = "", account: str = ACCOUNT, **extra: str
) -> subprocess.CompletedProcess[str]:
    """Run a script with these tools and no others; nothing of it is a traceback."""
    identity = [["get-caller-identity"], {"out": json.dumps({"Account": account})}]
    (cloud.folder / "answers").write_text(json.dumps([*cloud.answers, identity]))
    env = {key: value for key, value in os.environ.items() if not key.startswith("AWS_") and key != "CI"}
    env |= {"PATH": str(cloud.folder), "PYTHONDONTWRITEBYTECODE": "1", **extra}
    command = [sys.executable, f"scripts/{script}.py", *arguments]
    done = subprocess.run(
        command, cwd=project, env=env, input=stdin, capture_output=True, text=True, check=False, timeout=60
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


# The guard

GUARDED = {
    "deploy": ["prod"],
    "put_secrets": ["prod"],
    "rollback": ["prod", "create"],
    "drift": ["prod"],
    "smoke": ["prod"],
    "integration": ["prod", "--deployed", "--production"],
}


@pytest.mark.parametrize("script", GUARDED)
def test_another_account_is_refused_before_anything_happens(script: str, project: Path, cloud: Cloud) -> None:
    done = run(project, cloud, script, *GUARDED[script], account="999999999999")
    assert done.returncode == 1
    assert "account 999999999999, this environment belongs to 123456789012" in done.stderr
    assert [call["arguments"][:2] for call in cloud.calls] == [["sts", "get-caller-identity"]]


@pytest.mark.parametrize("variable", ["AWS_REGION", "AWS_DEFAULT_REGION"])
@pytest.mark.parametrize("script", GUARDED)
def test_another_region_is_refused_before_anything_happens(
    script: str, variable: str, project: Path, cloud: Cloud
) -> None:
    done = run(project, cloud, script, *GUARDED[script], **{variable: "us-west-2"})
    assert done.returncode == 1
    assert f"{variable} is us-west-2, this environment belongs to eu-central-1, eu-west-1" in done.stderr
    assert cloud.calls == []


def test_the_bootstrap_is_guarded_as_well(project: Path, cloud: Cloud) -> None:
    assert run(project, cloud, "deploy", "dev", "--bootstrap", account="999999999999").returncode == 1
    assert not cloud.called("deploy")


@pytest.mark.parametrize("script", GUARDED)
def test_without_the_aws_cli_a_sentence_says_so(script: str, project: Path, cloud: Cloud) -> None:
    (cloud.folder / "aws").unlink()
    done = run(project, cloud, script, *GUARDED[script])
    assert done.returncode == 1
    assert "install `aws`" in done.stderr


@pytest.mark.parametrize("script", GUARDED)
@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"code": 254, "err": "\nAn error occurred (Throttling): Rate exceeded\n"}, "Rate exceeded"),
        ({"code": 255, "err": "Unable to locate credentials. \x1b[31mRun aws configure\x07"}, "Unable to locate"),
        ({"code": 0, "out": "<html>a proxy's page</html>"}, "not JSON"),
        ({"code": 0, "out": '["unexpected"]'}, "not an object"),
        ({"code": 0, "out": '{"Account": {"a": 1}}'}, "Refused"),
        ({"code": 1, "err": "x" * 100_000}, "xxx…"),
        ({"code": 0, "out": ""}, "account None"),
    ],
    ids=["throttled", "terminal", "html", "list", "object", "long", "empty"],
)
def test_whatever_aws_answers_is_a_sentence(
    script: str, answer: dict[str, Any], expected: str, project: Path, cloud: Cloud
) -> None:
    cloud.answers.append([["get-caller-identity"], answer])
    done = run(project, cloud, script, *GUARDED[script])
    assert done.returncode == 1
    assert expected in done.stderr
    assert all(c.isprintable() for c in done.stderr.rstrip("\n"))
    assert len(done.stderr) < 1_000


def test_an_environment_that_is_not_there_is_named(project: Path, cloud: Cloud) -> None:
    assert "choose from dev, prod" in run(project, cloud, "deploy", "nowhere").stderr
    assert "choose from eu-central-1, eu-west-1" in run(project, cloud, "drift", "prod", "--region-name", "x").stderr
    # The table of a further region is not an environment.
    assert "choose from dev, prod" in run(project, cloud, "deploy", "prod-eu-west-1").stderr


def test_a_samconfig_that_cannot_be_read_is_a_sentence(tmp_path: Path, cloud: Cloud) -> None:
    project = render(document(**SPEC), tmp_path / "broken")
    config = project / "samconfig.toml"
    for text in ("[dev", "[dev.account.parameters]\nid = 1\n", '[dev]\naccount = "x"\n'):
        config.write_text(text)
        done = run(project, cloud, "environments")
        assert done.returncode == 1
        assert "samconfig.toml" in done.stderr
    config.unlink()
    assert "cannot be read" in run(project, cloud, "deploy", "dev").stderr


def test_the_regions_of_aws_are_told_to_the_tools(project: Path, cloud: Cloud) -> None:
    run(project, cloud, "deploy", "prod", AWS_REGION="eu-west-1")
    regions = [call["region"] for call in cloud.called("sam", "deploy")]
    assert regions == ["eu-central-1", "eu-west-1"]


# Deploying


def test_every_region_is_deployed_in_order_and_production_is_protected(project: Path, cloud: Cloud) -> None:
    done = run(project, cloud, "deploy", "prod")
    assert done.returncode == 0, done.stderr
    steps = [(call["tool"], *call["arguments"][:3]) for call in cloud.calls[1:]]
    protect = ("aws", "cloudformation", "update-termination-protection", "--enable-termination-protection")
    assert steps == [
        ("sam", "deploy", "--config-env", "prod"),
        protect,
        ("sam", "deploy", "--config-env", "prod-eu-west-1"),
        protect,
    ]
    first, second = cloud.called("sam", "deploy")
    assert "RegionRole=primary" in first["arguments"]
    assert "RegionRole=standby" in second["arguments"]
    assert all(call["arguments"][-1].startswith("ReleaseId=") for call in (first, second))
    assert [call["region"] for call in cloud.called("update-termination-protection")] == ["eu-central-1", "eu-west-1"]


def test_one_region_alone(project: Path, cloud: Cloud) -> None:
    assert run(project, cloud, "deploy", "prod", "--region-name", "eu-west-1").returncode == 0
    assert [call["arguments"][2] for call in cloud.called("sam", "deploy")] == ["prod-eu-west-1"]
    assert run(project, cloud, "deploy", "prod", "--region").stdout == "eu-central-1\n"


def test_dev_is_not_protected(project: Path, cloud: Cloud) -> None:
    assert run(project, cloud, "deploy", "dev").returncode == 0
    assert not cloud.called("update-termination-protection")


def test_a_failed_region_ends_the_deployment(project: Path, cloud: Cloud) -> None:
    cloud.answer("sam", "deploy", code=3)
    assert run(project, cloud, "deploy", "prod").returncode == 3
    assert len(cloud.called("sam", "deploy")) == 1
    assert not cloud.called("update-termination-protection")


def test_nobody_is_asked_in_a_pipeline(project: Path, cloud: Cloud) -> None:
    run(project, cloud, "deploy", "prod", CI="true")
    assert all("--no-confirm-changeset" in call["arguments"] for call in cloud.called("sam", "deploy"))
    (cloud.folder / "calls").unlink()
    run(project, cloud, "deploy", "prod")
    assert not cloud.called("--no-confirm-changeset")


def test_nothing_built_is_said_first(tmp_path: Path, cloud: Cloud) -> None:
    fresh = render(document(**SPEC), tmp_path / "fresh")
    assert "make build" in run(fresh, cloud, "deploy", "dev").stderr
    assert cloud.calls == []


# Bootstrap


def stacks(cloud: Cloud) -> list[tuple[str, str, set[str]]]:
    found = []
    for call in cloud.called("aws", "cloudformation", "deploy"):
        a = call["arguments"]
        overrides = set(a[a.index("--parameter-overrides") + 1 :]) if "--parameter-overrides" in a else set()
        found.append((a[a.index("--stack-name") + 1], call["region"], overrides))
    return found


def test_the_bootstrap_prepares_every_region_and_what_is_global_once(project: Path, cloud: Cloud) -> None:
    done = run(project, cloud, "deploy", "prod", "--bootstrap")
    assert done.returncode == 0, done.stderr
    # Both environments are in one account, whose first region is dev's.
    assert stacks(cloud) == [
        ("sam-bootstrap", "us-west-2", {"ManageGitHubProvider=true"}),
        ("sam-bootstrap", "eu-central-1", set()),
        ("sam-bootstrap", "eu-west-1", set()),
        ("bootstrap-prod-orders", "eu-central-1", {"Environment=prod", "Regions=eu-central-1,eu-west-1"}),
    ]
    assert len(cloud.called("update-termination-protection")) == 4


def test_what_the_account_has_is_skipped(project: Path, cloud: Cloud) -> None:
    run(project, cloud, "deploy", "dev", "--bootstrap", "--skip", "oidc", "--skip", "config", "--repository", "a/b")
    off = {"ManageGitHubProvider=false", "ManageGitLabProvider=false", "ManageConfig=false"}
    assert stacks(cloud) == [
        ("sam-bootstrap", "us-west-2", off),
        ("bootstrap-dev-orders", "us-west-2", {"Environment=dev", "Regions=us-west-2", "Repository=a/b"}),
    ]


def test_a_failed_bootstrap_says_what_can_be_left_out(project: Path, cloud: Cloud) -> None:
    cloud.answer("cloudformation", "deploy", code=255)
    done = run(project, cloud, "deploy", "dev", "--bootstrap")
    assert done.returncode == 255
    assert "SKIP=" in done.stdout


def test_a_repository_that_nobody_named_is_asked_for(tmp_path: Path, cloud: Cloud) -> None:
    unnamed = render(document(**{**SPEC, "pipeline": {"provider": "gitlab"}}), tmp_path / "unnamed")
    cloud.answer("describe-stacks", "bootstrap-dev-orders", code=254, err="does not exist")
    done = run(unnamed, cloud, "deploy", "dev", "--bootstrap")
    assert "REPOSITORY=owner/name" in done.stderr
    cloud.answers.clear()  # a stack that is there remembers it
    assert run(unnamed, cloud, "deploy", "dev", "--bootstrap").returncode == 0
    assert run(unnamed, cloud, "deploy", "dev", "--bootstrap", "--repository", "a/b/c").returncode == 0


def test_without_a_pipeline_the_bootstrap_makes_no_roles(tmp_path: Path, cloud: Cloud) -> None:
    plain = render(document(**{**SPEC, "pipeline": {"provider": "none"}}), tmp_path / "plain")
    assert run(plain, cloud, "deploy", "dev", "--bootstrap").returncode == 0
    assert stacks(cloud) == [("sam-bootstrap", "us-west-2", set())]


# Secrets

VALUE = 'hunter2 "quoted" $(rm -rf /) \'ü'


def test_secrets_go_through_a_pipe_into_every_region(project: Path, cloud: Cloud) -> None:
    cloud.answer("describe-parameters", out={"Parameters": []})
    done = run(project, cloud, "put_secrets", "prod", "--only", "db-password", stdin=VALUE + "\n")
    assert done.returncode == 0, done.stderr
    puts = cloud.called("ssm", "put-parameter")
    assert [call["region"] for call in puts] == ["eu-central-1", "eu-west-1"]
    assert json.loads(puts[0]["stdin"]) == {
        "Name": "/prod/orders/db-password",
        "Value": VALUE,
        "Type": "SecureString",
        "KeyId": "alias/prod-orders",
        "Overwrite": False,
        "Tags": [{"Key": "Environment", "Value": "prod"}, {"Key": "Service", "Value": "orders"}],
    }
    shown = done.stdout + done.stderr + "".join(" ".join(call["arguments"]) for call in cloud.calls)
    assert "hunter2" not in shown


def test_a_line_for_each_secret(project: Path, cloud: Cloud) -> None:
    cloud.answer("describe-parameters", out={"Parameters": []})
    assert run(project, cloud, "put_secrets", "dev", stdin="one\ntwo\n").returncode == 0
    values = {(body := json.loads(c["stdin"]))["Name"]: body["Value"] for c in cloud.called("put-parameter")}
    assert values == {"/dev/orders/db-password": "one", "/dev/orders/token": "two"}
    done = run(project, cloud, "put_secrets", "dev", stdin="one\n")
    assert "has 1 lines" in done.stderr


def test_those_that_are_there_stay_unless_they_are_to_be_replaced(project: Path, cloud: Cloud) -> None:
    cloud.answer("describe-parameters", out={"Parameters": [{"Name": "x"}]})
    done = run(project, cloud, "put_secrets", "dev", stdin="")
    assert done.returncode == 0
    assert "OVERWRITE=1" in done.stdout
    assert not cloud.called("put-parameter")
    assert run(project, cloud, "put_secrets", "dev", "--only", "token", "--overwrite", stdin="new").returncode == 0
    (put,) = cloud.called("put-parameter")
    request = json.loads(put["stdin"])
    assert request["Overwrite"]
    assert "Tags" not in request  # AWS refuses both together


@pytest.mark.parametrize(("value", "why"), [("", "is empty"), ("x" * 4_097, "4,096 bytes"), ("ü" * 2_049, "bytes")])
def test_a_value_that_cannot_be_stored_is_refused(value: str, why: str, project: Path, cloud: Cloud) -> None:
    cloud.answer("describe-parameters", out={"Parameters": []})
    done = run(project, cloud, "put_secrets", "dev", "--only", "token", stdin=value)
    assert done.returncode == 1
    assert why in done.stderr
    assert not cloud.called("put-parameter")


def test_aws_quoting_the_request_does_not_show_the_value(project: Path, cloud: Cloud) -> None:
    cloud.answer("describe-parameters", out={"Parameters": []})
    cloud.answer("put-parameter", code=254, err="Invalid request: STDIN and plainly hunter2")
    done = run(project, cloud, "put_secrets", "dev", "--only", "token", stdin="hunter2")
    assert done.returncode == 1
    assert "was not stored" in done.stderr
    assert "hunter2" not in done.stdout + done.stderr


def test_an_unknown_secret_is_named(project: Path, cloud: Cloud) -> None:
    assert "choose from db-password, token" in run(project, cloud, "put_secrets", "dev", "--only", "x").stderr


def test_a_person_is_asked_without_echo(project: Path, cloud: Cloud) -> None:
    cloud.answer("describe-parameters", out={"Parameters": []})
    identity = [["get-caller-identity"], {"out": json.dumps({"Account": ACCOUNT})}]
    (cloud.folder / "answers").write_text(json.dumps([*cloud.answers, identity]))
    environment = {"PATH": str(cloud.folder), "HOME": "/nonexistent", "PYTHONDONTWRITEBYTECODE": "1"}
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(project)
        command = [sys.executable, "scripts/put_secrets.py", "dev", "--only", "token"]
        os.execve(sys.executable, command, environment)  # noqa: S606
    screen = b""
    typed = False
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            screen += os.read(terminal, 1_000)
        except OSError:  # the terminal is gone with the process
            break
        if b"token: " in screen and not typed:
            os.write(terminal, b"hunter2\n")
            typed = True
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, screen
    os.close(terminal)
    assert b"stored" in screen
    assert b"hunter2" not in screen
    assert json.loads(cloud.called("put-parameter")[0]["stdin"])["Value"] == "hunter2"


# Rolling back


def release(cloud: Cloud, current: str, versions: list[str], weights: dict[str, float] | None = None) -> None:
    alias: dict[str, Any] = {"FunctionVersion": current, "RevisionId": "r-1"}
    if weights:
        alias["RoutingConfig"] = {"AdditionalVersionWeights": weights}
    cloud.answer("describe-stacks", out={"Stacks": [{"StackStatus": "UPDATE_COMPLETE"}]})
    cloud.answer("get-alias", out=alias)
    cloud.answer("list-versions-by-function", out={"Versions": [{"Version": v} for v in versions]})


def test_the_alias_goes_to_the_version_before(project: Path, cloud: Cloud) -> None:
    release(cloud, "10", ["$LATEST", "2", "9", "10", "11"])
    done = run(project, cloud, "rollback", "dev", "create")
    assert done.returncode == 0, done.stderr
    (update,) = cloud.called("update-alias")
    expected = (
        "lambda update-alias --function-name dev-orders-create --name live --function-version 9 --revision-id r-1"
    )
    assert " ".join(update["arguments"]).startswith(expected)
    assert "went from version 10 to 9" in done.stdout


def test_a_version_may_be_named(project: Path, cloud: Cloud) -> None:
    release(cloud, "10", ["$LATEST", "2", "10"])
    assert "has no version 7; there are 2, 10" in run(project, cloud, "rollback", "dev", "create", "7").stderr
    assert run(project, cloud, "rollback", "dev", "create", "2").returncode == 0
    assert "--function-version 2" in " ".join(cloud.called("update-alias")[0]["arguments"])
    several = run(project, cloud, "rollback", "prod", "create", "2")
    assert "REGION=" in several.stderr
    assert run(project, cloud, "rollback", "prod", "create", "2", "--region-name", "eu-west-1").returncode == 0


def test_the_first_version_has_none_before_it(project: Path, cloud: Cloud) -> None:
    release(cloud, "2", ["$LATEST", "2", "3"])
    assert "no earlier one" in run(project, cloud, "rollback", "dev", "create").stderr
    assert not cloud.called("update-alias")


def test_a_deployment_under_way_is_left_alone(project: Path, cloud: Cloud) -> None:
    release(cloud, "10", ["9", "10"], weights={"11": 0.1})
    assert "moving the traffic" in run(project, cloud, "rollback", "dev", "create").stderr
    assert not cloud.called("update-alias")
    cloud.answers.insert(0, [["describe-stacks"], {"out": '{"Stacks": [{"StackStatus": "UPDATE_IN_PROGRESS"}]}'}])
    assert "being changed" in run(project, cloud, "rollback", "dev", "create").stderr


def test_all_regions_are_looked_at_before_one_is_changed(project: Path, cloud: Cloud) -> None:
    cloud.answer("get-alias", "eu-west-1", code=254, err="ResourceNotFoundException")
    release(cloud, "10", ["9", "10"])
    assert run(project, cloud, "rollback", "prod", "create").returncode == 1
    assert not cloud.called("update-alias")


@pytest.mark.parametrize("alias", ["{}", "[]", '{"FunctionVersion": "$LATEST"}', '"text"', "null"])
def test_an_odd_alias_is_a_sentence(alias: str, project: Path, cloud: Cloud) -> None:
    cloud.answer("describe-stacks", out={"Stacks": [{"StackStatus": "UPDATE_COMPLETE"}]})
    cloud.answer("get-alias", out=alias)
    cloud.answer("list-versions-by-function", out={"Versions": [{"Version": "1"}]})
    assert run(project, cloud, "rollback", "dev", "create").returncode == 1
    assert not cloud.called("update-alias")


# Drift

NESTED = "arn:aws:cloudformation:us-west-2:123456789012:stack/dev-orders-Security-1ABC/uuid"


def drifted(cloud: Cloud, *drifts: dict[str, Any]) -> None:
    resource = {"ResourceType": "AWS::CloudFormation::Stack", "PhysicalResourceId": NESTED}
    cloud.answer("list-stack-resources", "dev-orders", out={"StackResourceSummaries": [resource]})
    cloud.answer("list-stack-resources", NESTED, out={"StackResourceSummaries": [{"ResourceType": "AWS::KMS::Key"}]})
    cloud.answer("detect-stack-drift", out={"StackDriftDetectionId": "d"})
    cloud.answer("describe-stack-drift-detection-status", out={"DetectionStatus": "DETECTION_COMPLETE"})
    cloud.answer("describe-stack-resource-drifts", NESTED, out={"StackResourceDrifts": list(drifts)})
    cloud.answer("describe-stack-resource-drifts", out={"StackResourceDrifts": []})


def test_no_drift_is_good_news(project: Path, cloud: Cloud) -> None:
    drifted(cloud)
    done = run(project, cloud, "drift", "dev")
    assert (done.returncode, done.stdout) == (0, "2 stacks are as their templates say.\n")


def test_drift_of_a_nested_stack_is_found(project: Path, cloud: Cloud) -> None:
    drifted(
        cloud,
        {
            "LogicalResourceId": "CreateRole",
            "ResourceType": "AWS::IAM::Role",
            "StackResourceDriftStatus": "MODIFIED",
            "PropertyDifferences": [{"PropertyPath": "/Policies/0", "ActualValue": "secret"}],
        },
        {"LogicalResourceId": "Queue\x1b[2J", "ResourceType": "AWS::SQS::Queue", "StackResourceDriftStatus": "DELETED"},
    )
    done = run(project, cloud, "drift", "dev")
    assert done.returncode == 1
    first, second = done.stdout.splitlines()
    assert first == "dev-orders-Security-1ABC in us-west-2: CreateRole (AWS::IAM::Role) differs in /Policies/0"
    assert second.endswith("was deleted")
    assert "\x1b" not in done.stdout
    assert "secret" not in done.stdout


def test_drift_that_cannot_be_detected_is_a_sentence(project: Path, cloud: Cloud) -> None:
    failed = {"DetectionStatus": "DETECTION_FAILED", "DetectionStatusReason": "no permission"}
    cloud.answer("describe-stack-drift-detection-status", out=failed)
    drifted(cloud)
    done = run(project, cloud, "drift", "dev")
    assert done.returncode == 1
    assert "no permission" in done.stderr


def test_a_detection_that_never_ends_is_given_up(project: Path, cloud: Cloud, tmp_path: Path) -> None:
    cloud.answer("describe-stack-drift-detection-status", out={"DetectionStatus": "DETECTION_IN_PROGRESS"})
    drifted(cloud)
    # The same program, less patient.
    patient = project / "scripts/drift.py"
    hasty = project / "scripts/hasty.py"
    text = patient.read_text().replace("POLL_SECONDS = 3.0", "POLL_SECONDS = 0.01")
    hasty.write_text(text.replace("LIMIT_SECONDS = 600", "LIMIT_SECONDS = 0"))
    try:
        done = run(project, cloud, "hasty", "dev")
    finally:
        hasty.unlink()
    assert "did not end" in done.stderr


# Environments


def test_environments_that_set_the_same_are_fine(project: Path, cloud: Cloud) -> None:
    done = run(project, cloud, "environments")
    assert done.returncode == 0, done.stdout
    assert "3 tables set the same parameters and tags." in done.stdout
    assert "RegionRole: dev=primary, prod=primary, prod-eu-west-1=standby" in done.stdout
    assert cloud.calls == []


def test_a_parameter_that_one_environment_sets_alone_is_found(tmp_path: Path, cloud: Cloud) -> None:
    project = render(document(**SPEC), tmp_path / "drifting")
    config = project / "samconfig.toml"
    text = config.read_text()
    config.write_text(
        text.replace('  "LogLevel=WARN",\n', "").replace('  "CostCenter=', '  "Extra=\\"1\\"",\n  "CostCenter=', 1)
    )
    done = run(project, cloud, "environments")
    assert done.returncode == 1
    assert "Parameter LogLevel is set in prod, prod-eu-west-1, and not in dev" in done.stdout
    assert "Tag Extra is set in dev, and not in prod, prod-eu-west-1" in done.stdout


# Smoke


def test_every_function_is_asked_through_its_alias(project: Path, cloud: Cloud) -> None:
    cloud.answer("invoke", out={"StatusCode": 200}, file='{"status": "ok"}')
    done = run(project, cloud, "smoke", "dev")
    assert done.returncode == 0, done.stdout
    names = [call["arguments"][3] for call in cloud.called("lambda", "invoke", "--qualifier", "live")]
    assert names == ["dev-orders-create", "dev-orders-nightly"]


@pytest.mark.parametrize(
    ("answer", "file", "expected"),
    [
        ({"FunctionError": "Unhandled"}, '{"errorMessage": "no module"}', "no module"),
        ({}, '{"status": "down"}', "and not"),
        ({}, "not json \x1b[2J", "is not JSON"),
        ({}, "", "is not JSON"),
    ],
)
def test_a_function_that_does_not_start_is_told(
    answer: dict[str, Any], file: str, expected: str, project: Path, cloud: Cloud
) -> None:
    cloud.answer("invoke", "dev-orders-create", out=answer, file=file)
    cloud.answer("invoke", out={}, file='{"status": "ok"}')
    done = run(project, cloud, "smoke", "dev")
    assert done.returncode == 1
    first, second = done.stdout.splitlines()
    assert expected in first
    assert second == "dev-orders-nightly in us-west-2: ok"


def test_a_function_that_is_not_there_does_not_hide_the_others(project: Path, cloud: Cloud) -> None:
    cloud.answer("invoke", "dev-orders-create", code=254, err="ResourceNotFoundException")
    cloud.answer("invoke", out={}, file='{"status": "ok"}')
    done = run(project, cloud, "smoke", "dev")
    assert done.returncode == 1
    assert "ResourceNotFoundException" in done.stdout
    assert "dev-orders-nightly in us-west-2: ok" in done.stdout


# The code itself


def test_the_scripts_are_typed(project: Path) -> None:
    scripts = sorted(str(path) for path in (project / "scripts").glob("*.py"))
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", os.devnull, *scripts]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_make_hands_on_what_is_asked(project: Path) -> None:
    for target, words in {
        "rollback ENV=prod FUNCTION=create VERSION=3 REGION=x": "rollback.py prod create 3 --region-name x",
        "secrets ONLY=token OVERWRITE=1": "put_secrets.py dev --only token --overwrite",
        "bootstrap SKIP=oidc\\ config REPOSITORY=a/b": "--bootstrap --skip oidc --skip config --repository a/b",
        "drift": "drift.py dev",
        "environments": "environments.py",
        "smoke REGION=eu-west-1": "smoke.py dev --region-name eu-west-1",
        "integration": "integration.py dev --",
        "integration STAGE=prod PRODUCTION=1 REGION=x ARGS=-x": (
            "integration.py prod --deployed --production --region-name x -- -x"
        ),
    }.items():
        arguments = target.replace("\\ ", "\0").split()
        command = ["make", "--dry-run", *(argument.replace("\0", " ") for argument in arguments)]
        done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True)
        assert " ".join(words.split()) in " ".join(done.stdout.split())
