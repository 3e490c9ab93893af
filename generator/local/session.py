"""What the commands of `samgen local` do with a project: up, down and status."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from generator.errors import InputError
from generator.local import access, emulator, parameters
from generator.local.aws import SECRET, Aws, asking
from generator.local.build import build
from generator.local.deploy import Deployer, Outcome
from generator.local.packages import Package, packages
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
    return Up(project, environment, tell)()


class Up:
    """A project that is brought up, once or again and again, each time with what changed since.

    Args:
        project: the project's folder.
        environment: a name in samconfig.toml; None for the first.
        tell: is told of every step.
    """

    def __init__(self, project: Path, environment: str | None, tell: Tell) -> None:
        self._project = project
        self._environment = environment
        self.tell = tell
        self._plan: _Plan | None = None
        self._aws: Aws | None = None
        self._seeded: list[dict[str, str]] = []

    @property
    def plan(self) -> _Plan:
        """The project as it was last read; it is read where it was not yet.

        Raises:
            InputError: the project cannot be deployed so.
            ToolError: the emulator or an interpreter is missing.
        """
        if self._plan is None:
            self._plan = _Plan.of(self._project, self._environment, self.tell)
        return self._plan

    def __call__(self, *, sources_only: bool = False) -> dict[str, Any]:
        """Start the emulator where it does not run, deploy what changed, and say what is there.

        Args:
            sources_only: whether nothing but code changed since the last time, so that templates are not read again.

        Raises:
            InputError: the project cannot be deployed so.
            ToolError: the emulator or SAM is missing or fails.
        """
        started = time.monotonic()
        if not sources_only:
            self._plan = None
        plan = self.plan
        with plan.workplace.lock():
            self.tell("Building")
            builds, _built = build(plan.workplace, plan.installation, plan.packages, plan.players)
            state = self._running(plan)
            aws = self._clients(state)
            with asking(plan.workplace):
                if not (sources_only and self._seeded):
                    self._seeded = parameters.seed(aws, plan.deployment)
                deployer = Deployer(plan.workplace, aws, plan.deployment, plan.installation.types, self.tell)
                outputs = deployer.deploy(plan.packages, builds)
                report = self._report(plan, aws, outputs)
            state.report = report
            plan.workplace.save(state)
        return {**report, **_changes(deployer.outcome), "seconds": round(time.monotonic() - started, 2)}

    def _running(self, plan: _Plan) -> State:
        """The record of an emulator that runs."""
        state = plan.workplace.load()
        if emulator.is_alive(state, self._aws):
            return state
        self.tell("Starting the emulator")
        return emulator.start(plan.workplace, plan.installation, plan.deployment.account, plan.deployment.region)

    def _clients(self, state: State) -> Aws:
        """Clients of the emulator; making them takes half a second, so that those of the same one are kept."""
        if self._aws is None or not self._aws.is_of(state):
            self._aws, self._seeded = Aws(state), []
        self._aws.state = state
        return self._aws

    def _report(self, plan: _Plan, aws: Aws, outputs: dict[str, str]) -> dict[str, Any]:
        state, deployment = aws.state, plan.deployment
        state.functions = {r.logical_id: r.name or "" for r in deployment.of_type("AWS::Lambda::Function")}
        names = [one["name"] for one in self._seeded]
        known = Access(access.api_key(aws), access.secret_of(names) is not None)
        return {
            **_identity(deployment, state, plan.installation),
            "apis": list(state.apis.values()),
            "routes": [route.as_data() for route in routes(deployment, state, state.apis, known)],
            "functions": state.functions,
            "runtimes": [_runtime(player) for player in plan.players.values()],
            "secrets": self._seeded,
            "outputs": outputs,
            "not_emulated": [{"stack": s, "resource": r, "type": t} for s, r, t in state.skipped],
        }


@dataclass(frozen=True)
class _Plan:
    """What of a project does not change with its sources.

    Attributes:
        deployment: the project as the environment deploys it.
        workplace: the environment's folder.
        installation: the emulator.
        packages: everything that has to be built.
        players: what plays each runtime.
    """

    deployment: Deployment
    workplace: Workplace
    installation: emulator.Installation
    packages: list[Package]
    players: dict[str, Player]

    @classmethod
    def of(cls, project: Path, environment: str | None, tell: Tell) -> _Plan:
        deployment = deployment_of(project, environment)
        workplace = Workplace(deployment.project.root, deployment.environment.name)
        workplace.prepare()
        installation = emulator.find(workplace)
        code = packages(deployment)
        played = players({package.runtime for package in code if package.runtime}, installation.python_version)
        for player in played.values():
            if player.differs:
                tell(f"{player.declared} is not here: {player.name} plays it.")
        return cls(deployment, workplace, installation, code, played)


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
