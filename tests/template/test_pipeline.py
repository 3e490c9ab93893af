"""The pipelines of a project: sound to the linters of their hosts, and no more than they need to be."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from deployment import deploy, resolve, samconfig
from rendering import ROOT, document, render

from generator.render import pipeline as view

MATRIX: dict[str, dict[str, Any]] = {
    "default": {},
    "no api": {"functions": [{"name": "tool", "triggers": []}]},
    "one environment": {"environments": [{"name": "production"}]},
    "many environments": {
        "environments": [
            {"name": "prod", "account": "210987654321", "further_regions": [{"name": "eu-west-1"}]},
            {"name": "dev"},
            {"name": "pre-prod", "region": "eu-central-1"},
            {"name": "prod-china", "region": "cn-north-1", "production": True},
        ],
    },
}


def rendered(spec: dict[str, Any], provider: str, folder: Path) -> Path:
    return render(document(**spec, pipeline={"provider": provider, "repository": "acme/orders"}), folder)


def tool(name: str) -> str:
    """A linter of the extra `dev`, from this Python's environment or the machine's."""
    search = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    found = shutil.which(name, path=search)
    assert found, f"{name} is missing: pip install --editable '.[dev]'"
    return found


def lint(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(params=MATRIX, scope="module")
def github(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return rendered(MATRIX[request.param], "github", tmp_path_factory.mktemp("github"))


@pytest.fixture(params=MATRIX, scope="module")
def gitlab(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return rendered(MATRIX[request.param], "gitlab", tmp_path_factory.mktemp("gitlab"))


def workflow(project: Path) -> dict[str, Any]:
    text = (project / ".github/workflows/deploy.yml").read_text("utf-8")
    # BaseLoader makes strings of everything; YAML 1.1 takes the key `on` for a truth.
    data: dict[str, Any] = yaml.load(text, yaml.BaseLoader)  # noqa: S506
    return data


# GitHub Actions


def test_actionlint_and_zizmor_find_nothing(github: Path) -> None:
    lint(tool("actionlint"), str(github / ".github/workflows/deploy.yml"))
    lint(tool("zizmor"), "--offline", "--persona=pedantic", "--no-progress", str(github / ".github/workflows"))


def test_actionlint_and_zizmor_look_at_all(github: Path) -> None:
    """A linter that finds nothing in a bad file has not looked at it."""
    bad = github / "bad.yml"
    text = (github / ".github/workflows/deploy.yml").read_text("utf-8")
    bad.write_text(text.replace("needs: check", "needs: chek"))
    assert subprocess.run([tool("actionlint"), str(bad)], capture_output=True, check=False).returncode != 0
    bad.write_text(re.sub(r"checkout@[0-9a-f]{40} # v[0-9.]+", "checkout@v5", text))
    found = subprocess.run([tool("zizmor"), "--offline", str(bad)], capture_output=True, check=False)
    assert found.returncode != 0
    bad.unlink()


def test_tokens_may_do_what_a_job_needs(github: Path) -> None:
    data = workflow(github)
    assert data["permissions"] == {"contents": "read"}
    for name, job in data["jobs"].items():
        deploys = name.startswith("deploy-")
        assert job.get("permissions") == ({"contents": "read", "id-token": "write"} if deploys else None)
        assert int(job["timeout-minutes"]) <= 120
        for step in job["steps"]:
            if "checkout" in step.get("uses", ""):
                assert step["with"]["persist-credentials"] == "false"


def test_every_action_is_pinned_and_its_commit_was_looked_up(github: Path) -> None:
    used = {step["uses"] for job in workflow(github)["jobs"].values() for step in job["steps"] if "uses" in step}
    record = (ROOT / "docs/pipeline.md").read_text("utf-8")
    for action in used:
        name, _, commit = action.partition("@")
        assert re.fullmatch(r"[0-9a-f]{40}", commit)
        assert re.search(rf"\| `{name}` \| `{commit}` \| v[0-9.]+ \| `[^`]+/[^`]+` \| `\.github/[^`]+` \|", record), (
            action
        )
    text = (github / ".github/workflows/deploy.yml").read_text("utf-8")
    assert len(re.findall(r"uses: \S+@[0-9a-f]{40} # v\d+\.\d+\.\d+\n", text)) == text.count("uses:")


def test_what_is_deployed_was_built_once_and_tested(github: Path) -> None:
    jobs = workflow(github)["jobs"]
    commands = {name: [step.get("run", "") for step in job["steps"]] for name, job in jobs.items()}
    assert [name for name, runs in commands.items() if "make build" in runs] == ["build"]
    assert {"make install", "make lint", "make test"} <= set(commands["check"])
    assert jobs["build"]["needs"] == "check"
    for name, job in jobs.items():
        if name.startswith("deploy-"):
            assert "build" in job["needs"]
            assert any("download-artifact" in step.get("uses", "") for step in job["steps"])
            assert job["if"] == "github.event_name == 'push' && github.ref == 'refs/heads/main'"
            assert job["concurrency"]["cancel-in-progress"] == "false"


def test_environments_follow_each_other_and_production_comes_last(tmp_path: Path) -> None:
    data = workflow(rendered(MATRIX["many environments"], "github", tmp_path))
    needs = {name: job.get("needs") for name, job in data["jobs"].items() if name.startswith("deploy-")}
    assert needs == {
        "deploy-dev": ["build"],
        "deploy-pre-prod": ["build", "deploy-dev"],
        "deploy-prod": ["build", "deploy-pre-prod"],
        "deploy-prod-china": ["build", "deploy-prod"],
    }
    roles = {}
    for name in needs:
        (credentials,) = [s["with"] for s in data["jobs"][name]["steps"] if "configure-aws" in s.get("uses", "")]
        roles[data["jobs"][name]["environment"]] = (credentials["role-to-assume"], credentials["aws-region"])
    assert roles == {
        "dev": ("arn:aws:iam::123456789012:role/bootstrap/dev-orders-deploy", "us-west-2"),
        "pre-prod": ("arn:aws:iam::123456789012:role/bootstrap/pre-prod-orders-deploy", "eu-central-1"),
        "prod": ("arn:aws:iam::210987654321:role/bootstrap/prod-orders-deploy", "us-west-2"),
        "prod-china": ("arn:aws-cn:iam::123456789012:role/bootstrap/prod-china-orders-deploy", "cn-north-1"),
    }


def test_a_jobs_credentials_last_as_long_as_the_job(github: Path) -> None:
    environment = next(
        name for name, table in samconfig(github).items() if isinstance(table, dict) and "account" in table
    )
    role = resolve(github, "bootstrap/pipeline.yaml", environment, Environment=environment, Regions="us-west-2")
    longest = role.of_type("AWS::IAM::Role")["DeployRole"]["MaxSessionDuration"]
    for name, job in workflow(github)["jobs"].items():
        for step in job["steps"]:
            if "configure-aws" in step.get("uses", ""):
                assert int(job["timeout-minutes"]) * 60 == int(step["with"]["role-duration-seconds"]) == longest, name


def test_no_secret_and_no_expression_reaches_a_shell(github: Path) -> None:
    data = workflow(github)
    assert "secrets." not in json.dumps(data)
    assert not any("${{" in step.get("run", "") for job in data["jobs"].values() for step in job["steps"])


# GitLab CI


def test_gitlab_accepts_it(gitlab: Path) -> None:
    file = str(gitlab / ".gitlab-ci.yml")
    lint(tool("check-jsonschema"), "--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci", file)


def test_gitlab_jobs_come_after_each_other(gitlab: Path) -> None:
    data = yaml.safe_load((gitlab / ".gitlab-ci.yml").read_text("utf-8"))
    jobs = {name: job for name, job in data.items() if isinstance(job, dict) and "script" in job}
    assert {job["stage"] for job in jobs.values()} == set(data["stages"])
    for name, job in jobs.items():
        assert set(job.get("needs", [])) <= set(jobs), name
        if name.startswith("deploy-"):
            assert job["rules"][0]["if"] == '$CI_COMMIT_BRANCH == "main"'
            assert job["id_tokens"] == {"AWS_TOKEN": {"aud": "sts.amazonaws.com"}}
            assert (job["rules"][0]["when"] == "manual") == ("prod" in name and name != "deploy-pre-prod")
    assert [name for name, job in jobs.items() if "make build" in job["script"]] == ["build"]


# Both


@pytest.mark.parametrize("provider", ["github", "gitlab"])
def test_it_builds_with_the_runtimes_of_the_functions(provider: str, tmp_path: Path) -> None:
    functions = [{"name": "a", "runtime": "python3.12"}, {"name": "b", "runtime": "python3.13"}]
    project = rendered({"functions": functions}, provider, tmp_path)
    if provider == "gitlab":
        assert (
            yaml.safe_load((project / ".gitlab-ci.yml").read_text())["default"]["image"]
            >= "public.ecr.aws/docker/library/python:3.13"
        )
        return
    steps = workflow(project)["jobs"]["build"]["steps"]
    # The pre-traffic hook is one of the functions that are built.
    hook = deploy(project).of_type("AWS::Lambda::Function")["PreTrafficFunction"]["Runtime"]
    assert set(steps[1]["with"]["python-version"].split()) == {"3.12", "3.13", hook.removeprefix("python")}
    assert not any("setup-node" in step.get("uses", "") for step in steps)


def test_node_is_there_for_node_functions_and_python_for_the_hook(tmp_path: Path) -> None:
    project = rendered({"functions": [{"name": "a", "runtime": "nodejs22.x"}]}, "github", tmp_path)
    hook = deploy(project).of_type("AWS::Lambda::Function")["PreTrafficFunction"]["Runtime"]
    for job in ("check", "build"):
        steps = {s["uses"].partition("@")[0]: s["with"] for s in workflow(project)["jobs"][job]["steps"] if "uses" in s}
        assert steps["actions/setup-node"]["node-version"] == "22"
        assert hook.removeprefix("python") in steps["actions/setup-python"]["python-version"].split()


@pytest.mark.parametrize(
    ("runtimes", "pythons", "node"),
    [
        (["python3.13"], ["3.13"], ""),
        (["python3.10"], ["3.10", view.SCRIPTS_PYTHON], ""),
        (["python3.9", "python3.12"], ["3.9", "3.12"], ""),
        (["nodejs22.x", "nodejs24.x"], [view.SCRIPTS_PYTHON], "24"),
        (["nodejs22.x", "python3.14"], ["3.14"], "22"),
    ],
)
def test_versions_of_the_languages(runtimes: list[str], pythons: list[str], node: str) -> None:
    found = view.PipelineView("github", "", [], [], [], frozenset(), [], runtimes)
    assert (found.python_versions, found.node_version) == (pythons, node)


def test_the_pipeline_installs_the_sam_cli_that_this_repository_tests() -> None:
    constraints = (ROOT / "constraints.txt").read_text("utf-8")
    assert f"\naws-sam-cli=={view.SAM_CLI}\n" in constraints


def test_no_provider_leaves_nothing_behind(tmp_path: Path) -> None:
    project = render(document(pipeline={"provider": "none"}), tmp_path)
    assert not (project / ".github").exists()
    assert not (project / ".gitlab-ci.yml").exists()
    assert not (project / "bootstrap/pipeline.yaml").exists()
    assert "role_arn" not in (project / "samconfig.toml").read_text()
    assert "PermissionsBoundary" not in (project / "stacks/security/template.yaml").read_text()
