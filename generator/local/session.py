"""What the commands of `samgen local` do with a project: up, down and status."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from generator.errors import InputError
from generator.local import access, emulator, parameters
from generator.local.aws import SECRET, Aws, asking
from generator.local.build import build
from generator.local.deploy import Deployer, Outcome
from generator.local.packages import packages
from generator.local.routes import Access, routes
from generator.local.running import workplaces
from generator.local.runtimes import Player, players
from generator.local.workplace import State, Workplace
from generator.project import Deployment, deployments, load_project, read_samconfig

ACCOUNT = "123456789012"

Tell = Callable[[str], None]


def up(project: Path, environment: str | None, tell: Tell) -> dict[str, Any]:
    """Start the emulator where it does not run, deploy what changed, and say what is there.

    Args:
        project: the project's folder.
        environment: a name in samconfig.toml; None for the first.
        tell: is told of every step.

    Raises:
        InputError: the project cannot be deployed so.
        ToolError: the emulator or SAM is missing or fails.
    """
    started = time.monotonic()
    deployment = deployment_of(project, environment)
    workplace = Workplace(deployment.project.root, deployment.environment.name)
    with workplace.lock():
        installation = emulator.find(workplace)
        code = packages(deployment)
        played = players({package.runtime for package in code if package.runtime}, installation.python_version)
        for player in played.values():
            if player.differs:
                tell(f"{player.declared} is not here: {player.name} plays it.")
        tell("Building")
        builds, _built = build(workplace, installation, code, played)
        state = workplace.load()
        if not emulator.is_alive(state):
            tell("Starting the emulator")
            state = emulator.start(workplace, installation, deployment.account, deployment.region)
        with asking(workplace):
            aws = Aws(state)
            seeded = parameters.seed(aws, deployment)
            deployer = Deployer(
                workplace, state, deployment, installation.types, lambda name: tell(f"Deploying {name}")
            )
            outputs = deployer.deploy(code, builds)
            names = [one["name"] for one in seeded]
            known = Access(access.api_key(aws), access.secret_of(names) is not None)
        state.functions = {r.logical_id: r.name or "" for r in deployment.of_type("AWS::Lambda::Function")}
        state.report = {
            **_identity(deployment, state, installation),
            "apis": list(state.apis.values()),
            "routes": [route.as_data() for route in routes(deployment, state, state.apis, known)],
            "functions": state.functions,
            "runtimes": [_runtime(player) for player in played.values()],
            "secrets": seeded,
            "outputs": outputs,
            "not_emulated": [{"stack": s, "resource": r, "type": t} for s, r, t in state.skipped],
        }
        workplace.save(state)
    return {**state.report, **_changes(deployer.outcome), "seconds": round(time.monotonic() - started, 2)}


def deployment_of(project: Path, environment: str | None) -> Deployment:
    """A project as one environment deploys it, in an account that the emulator can play.

    Raises:
        InputError: there is no project, it cannot be read, or it has no such environment.
    """
    loaded = load_project(project)
    config = read_samconfig(loaded.root)
    for finding in (*loaded.findings, *config.findings):
        raise InputError(f"{finding.file}:{finding.line}: {finding.message}")
    known = config.environments
    if environment is not None and environment not in [one.name for one in known]:
        names = ", ".join(one.name for one in known) or "none"
        raise InputError(f"samconfig.toml has no environment {environment!r}; it has: {names}.")
    wanted = tuple(one for one in known if environment in (None, one.name))[:1]
    chosen = deployments(loaded, replace(config, environments=wanted))[0]
    if not chosen.account.isdigit():
        chosen.account = ACCOUNT
    return chosen


def _identity(deployment: Deployment, state: State, installation: emulator.Installation) -> dict[str, Any]:
    return {
        "project": str(deployment.project.root),
        "environment": deployment.environment.name,
        "url": Aws(state).url,
        "account": state.account,
        "region": state.region,
        "credentials": {"access_key_id": state.account, "secret_access_key": SECRET},
        "emulator": installation.version,
    }


def _runtime(player: Player) -> dict[str, Any]:
    return {"declared": player.declared, "played_by": player.name, "differs": player.differs}


def _changes(outcome: Outcome) -> dict[str, Any]:
    return {"changed": outcome.changed, "unchanged": outcome.unchanged, "removed": outcome.removed}


def status(project: Path, environment: str | None) -> list[dict[str, Any]]:
    """What is known of each environment, and whether it runs."""
    found = []
    for workplace in workplaces(project, environment):
        state = workplace.load()
        alive = emulator.is_alive(state)
        whole = all(state.stacks.values()) and bool(state.report)
        word = "down" if not alive else "up" if whole else "unfinished"
        found.append({**state.report, "environment": workplace.environment, "status": word, "log": str(workplace.log)})
    return found


def down(project: Path, environment: str | None, *, purge: bool) -> list[str]:
    """Stop what runs, and forget it; with `purge` what was built, too. The environments that ran.

    Raises:
        InputError: another command works on the project.
    """
    stopped = []
    for workplace in workplaces(project, environment):
        with workplace.lock():
            state = workplace.load()
            if emulator.stop(state):
                stopped.append(workplace.environment)
            workplace.save(State(port=state.port))
        if purge:
            workplace.purge()
    return stopped
