"""What the commands of `samgen local` do with a project: up, down, status, and finding what runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from generator.errors import InputError
from generator.local import emulator, parameters
from generator.local.aws import SECRET, Aws, asking
from generator.local.build import build
from generator.local.deploy import Deployer, Outcome
from generator.local.packages import packages
from generator.local.routes import routes
from generator.local.runtimes import Player, players
from generator.local.workplace import FOLDER, State, Workplace
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
        state.functions = {r.logical_id: r.name or "" for r in deployment.of_type("AWS::Lambda::Function")}
        state.report = {
            **_identity(deployment, state, installation),
            "apis": list(state.apis.values()),
            "routes": [route.as_data() for route in routes(deployment, state, state.apis)],
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


@dataclass(frozen=True)
class Running:
    """An environment whose emulator runs.

    Attributes:
        workplace: its folder.
        state: its record.
        aws: clients of its emulator.
    """

    workplace: Workplace
    state: State
    aws: Aws

    def function(self, wanted: str) -> str:
        """The name of the function that a user means: by its name, the end of its name, or its logical id.

        Raises:
            InputError: there is none, or more than one.
        """
        known = self.state.functions
        exact = [name for key, name in known.items() if wanted in (name, key, key.removesuffix("Function"))]
        found = exact or [name for name in known.values() if name.endswith(f"-{wanted}")]
        if len(found) == 1:
            return found[0]
        what = "is not one function" if found else "is no function here"
        raise InputError(f"{wanted!r} {what}; there are: {', '.join(sorted(known.values()))}.")


@contextmanager
def running(project: Path, environment: str | None) -> Iterator[Running]:
    """What runs of a project; calls that fail inside become one sentence.

    Raises:
        InputError: nothing runs, or several environments do and none is named.
    """
    alive = [
        (workplace, state)
        for workplace in workplaces(project, environment)
        if emulator.is_alive(state := workplace.load())
    ]
    if not alive:
        which = f" of {environment}" if environment else ""
        raise InputError(f"Nothing{which} runs here; start it with 'samgen local up'.")
    if len(alive) > 1:
        names = ", ".join(workplace.environment for workplace, _state in alive)
        raise InputError(f"Several environments run here: {names}; name one with --environment.")
    workplace, state = alive[0]
    with asking(workplace):
        yield Running(workplace, state, Aws(state))


def workplaces(project: Path, environment: str | None = None) -> list[Workplace]:
    """The environments of a project that were ever up and are not purged."""
    root = project.absolute()
    names = sorted(file.parent.name for file in (root / FOLDER).glob("*/state.json"))
    return [Workplace(root, name) for name in names if environment in (None, name)]


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
