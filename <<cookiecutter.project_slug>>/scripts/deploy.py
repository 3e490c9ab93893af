#!/usr/bin/env python3
"""Deploys an environment of samconfig.toml: checks account and region first, names the release, calls SAM.

    python scripts/deploy.py dev                            after `sam build`; every region, the first one first
    python scripts/deploy.py prod --region-name eu-west-1   one region
    python scripts/deploy.py dev --bootstrap                once: what deployments need in the account
    python scripts/deploy.py dev --region                   prints the environment's first region

Credentials of another account than the environment's, or a region that is none of its own, are refused
before anything is uploaded. The release id is a digest of what was built and of the parameters: the same
release changes nothing, a new one publishes a version of every function, also where only a parameter has
changed. Stacks of production are protected against deletion once they are deployed.
"""

import argparse
import hashlib
import json
import os
import subprocess

from _aws import PROJECT, AwsError, Target, all_targets, ask, call, environment_of, guard, run, stop, targets, tool

BUILD = PROJECT / ".aws-sam" / "build"
ACCOUNT_STACK = "sam-bootstrap"
PIPELINE_TEMPLATE = PROJECT / "bootstrap" / "pipeline.yaml"
# What `--skip` leaves out where the account has it already, by the parameter of bootstrap/template.yaml.
SKIPPABLE = {
    "oidc": ("ManageGitHubProvider", "ManageGitLabProvider"),
    "api-gateway": ("ManageApiGatewayAccount",),
    "traces": ("ManageTraces",),
    "config": ("ManageConfig",),
}
# The repository that samgen.yaml names; `--repository` names another, and a stack remembers its own.
REPOSITORY = << pipeline.repository | python >>
#% if pipeline.is_github
PROVIDER_PARAMETER = "ManageGitHubProvider"
#% endif
#% if pipeline.is_gitlab
PROVIDER_PARAMETER = "ManageGitLabProvider"
#% endif
#% if not pipeline.deploys
PROVIDER_PARAMETER = ""
#% endif


def release_id(parameters: tuple[str, ...]) -> str:
    """A digest of everything that was built and of the parameters."""
    digest = hashlib.sha256(json.dumps(parameters).encode())
    for path in sorted(BUILD.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(str(path.relative_to(BUILD)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def deploy(target: Target) -> int:
    """Deploy what was built to one region."""
    overrides = [*target.parameters, f"ReleaseId={release_id(target.parameters)}"]
    command = ["deploy", "--config-env", target.name, "--parameter-overrides", *overrides]
    if os.environ.get("CI"):
        # Nobody can answer there; the pipeline's environment has asked before.
        command.append("--no-confirm-changeset")
    code = start(target, "sam", *command)
    if code == 0 and target.production:
        protect(target, target.stack)
    return code


def protect(target: Target, stack: str) -> None:
    """Protect a stack against deletion; again and again is fine."""
    call(
        target, "cloudformation", "update-termination-protection", "--enable-termination-protection",
        "--stack-name", stack,
    )  # fmt: skip


def start(target: Target, name: str, *arguments: str) -> int:
    """Run a command that talks to the person at the terminal itself."""
    command = [tool(name, f"`{name}` is needed to deploy"), *arguments]
    return subprocess.run(command, cwd=PROJECT, check=False, env=environment_of(target)).returncode  # noqa: S603


def bootstrap(chosen: list[Target], skipped: list[str], repository: str | None) -> int:
    """Prepare the account in every region of the environment, then the pipeline's roles, which have no region."""
    # What exists once an account stands where the account's first environment does.
    home = next(target for target in all_targets() if target.account == chosen[0].account)
    places = {target.region: target for target in (home, *chosen)}
    for target in places.values():
        if code := bootstrap_account(target, target.region == home.region, skipped):
            return code
    return bootstrap_pipeline(chosen, repository) if PIPELINE_TEMPLATE.is_file() else 0


def bootstrap_account(target: Target, is_home: bool, skipped: list[str]) -> int:
    """The stack that every service of the account shares in a region."""
    settings = {PROVIDER_PARAMETER: "true"} if PROVIDER_PARAMETER and is_home else {}
    # A parameter that is not named keeps the value that it had.
    settings |= {name: "false" for part in skipped for name in SKIPPABLE[part]}
    code = stack(target, ACCOUNT_STACK, "template.yaml", settings)
    if code:
        parts = ", ".join(SKIPPABLE)
        print(f"What the account has already can be left out: make bootstrap ENV=… SKIP=PART, of {parts}.")
    return code


def bootstrap_pipeline(chosen: list[Target], repository: str | None) -> int:
    """The roles of the environment's pipeline."""
    first = chosen[0]
    settings = {"Environment": first.environment, "Regions": ",".join(target.region for target in chosen)}
    # Not `<environment>-<service>-…`, which is what the roles in it may change.
    name = f"bootstrap-{first.stack}"
    if repository:
        settings["Repository"] = repository
    elif not REPOSITORY and not is_there(first, name):
        stop("Which repository may deploy is not known: make bootstrap ENV=… REPOSITORY=owner/name.")
    return stack(first, name, "pipeline.yaml", settings)


def is_there(target: Target, name: str) -> bool:
    """Whether a stack exists, which keeps the parameters that it has."""
    try:
        ask(target, "cloudformation", "describe-stacks", "--stack-name", name)
    except AwsError:
        return False
    return True


def stack(target: Target, name: str, template: str, settings: dict[str, str]) -> int:
    """Deploy a template of bootstrap/, which is small enough to need no bucket."""
    overrides = [f"{key}={value}" for key, value in settings.items()]
    arguments = [
        "cloudformation", "deploy",
        "--stack-name", name,
        "--template-file", str(PROJECT / "bootstrap" / template),
        "--capabilities", "CAPABILITY_NAMED_IAM",
        "--region", target.region,
        "--no-fail-on-empty-changeset",
        *(["--parameter-overrides", *overrides] if overrides else []),
    ]  # fmt: skip
    print(f"{name} in {target.region}")
    code = start(target, "aws", *arguments)
    if code == 0:
        protect(target, name)
    return code


def main() -> int:
    """Read the arguments and do what they say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("environment")
    parser.add_argument("--bootstrap", action="store_true", help="prepare the account instead")
    parser.add_argument("--skip", action="append", default=[], choices=sorted(SKIPPABLE), help="what it has already")
    parser.add_argument("--repository", help="the repository that may deploy: owner/name")
    parser.add_argument("--region", action="store_true", help="print the environment's first region and stop")
    parser.add_argument("--region-name", metavar="REGION", help="this region of the environment only")
    arguments = parser.parse_args()
    chosen = targets(arguments.environment, arguments.region_name)
    if arguments.region:
        print(chosen[0].region)
        return 0
    if arguments.bootstrap:
        every = targets(arguments.environment)
        guard(every)
        return bootstrap(every, arguments.skip, arguments.repository)
    if not (BUILD / "template.yaml").is_file():
        stop("Nothing is built: run `make build` first.")
    guard(chosen)
    for target in chosen:
        if code := deploy(target):
            return code
    return 0


if __name__ == "__main__":
    run(main)
