"""A project deployed to the emulator: every nested stack as a stack of its own, in the order of their outputs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from generator.errors import InputError
from generator.local import functions, gateway, roles
from generator.local.archive import Builds
from generator.local.aws import Aws
from generator.local.cloudformation import CloudFormation
from generator.local.packages import Package
from generator.local.stacks import Ready, children, expanded, own, ready
from generator.local.workplace import Workplace
from generator.project import Deployment, Template
from generator.project.evaluate import Scope, is_known

RELEASE = "ReleaseId"
# Outputs that are added to a stack, to learn what the emulator called things.
OUTPUT = "SamgenLocal"


@dataclass
class Outcome:
    """What a deployment did.

    Attributes:
        changed: the stacks that were created or updated.
        unchanged: those that were left alone.
        removed: those that the project no longer has.
    """

    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)


class Deployer:
    """Deploys one environment of a project to one emulator.

    Args:
        workplace: keeps the record, which is written after every stack.
        aws: the clients of the emulator, which know the record.
        deployment: the project as the environment deploys it.
        types: the CloudFormation types that the emulator can make.
        tell: is told of every stack.
    """

    def __init__(
        self,
        workplace: Workplace,
        aws: Aws,
        deployment: Deployment,
        types: frozenset[str],
        tell: Callable[[str], None],
    ) -> None:
        self._workplace = workplace
        self._state = aws.state
        self._deployment = deployment
        self._types = types
        self._tell = tell
        self._aws = aws
        self._stacks = CloudFormation(self._aws, workplace)
        self._sources: dict[str, dict[str, tuple[Package, str]]] = {}
        self._seen: list[str] = []
        self._skipped: list[list[str]] = []
        self.outcome = Outcome()

    def deploy(self, packages: list[Package], builds: Builds) -> dict[str, str]:
        """Deploy what changed, and remove what is gone; the root's outputs.

        Raises:
            InputError: the project is one that cannot be deployed so.
            ToolError: a stack fails.
        """
        self._upload(packages, builds)
        project, environment = self._deployment.project, self._deployment.environment
        root = project.templates[0]
        given: dict[str, Any] = dict(environment.parameters)
        if RELEASE in root.section("Parameters"):
            given.setdefault(RELEASE, self._release(builds, given))
        outputs = self._deploy(root, given, (environment.name,))
        for gone in [name for name in reversed(self._state.stacks) if name not in self._seen]:
            self._stacks.delete(gone)
            self._state.stacks.pop(gone, None)
            self._state.apis.pop(gone, None)
            self.outcome.removed.append(gone)
        self._state.skipped = self._skipped
        self._workplace.save(self._state)
        self._forget()
        return outputs

    def _forget(self) -> None:
        """Remove archives that no stack names any more: with a new one for every change they would fill the memory."""
        bucket = self._state.token
        used = {
            address.partition(f"{bucket}/")[2]
            for found in self._sources.values()
            for _package, address in found.values()
        }
        for item in self._aws["s3"].list_objects_v2(Bucket=bucket, Prefix="code/").get("Contents", []):
            if item["Key"] not in used:
                self._aws["s3"].delete_object(Bucket=bucket, Key=item["Key"])

    def _upload(self, packages: list[Package], builds: Builds) -> None:
        bucket = self._state.token
        listed = self._aws["s3"].list_objects_v2(Bucket=bucket, Prefix="code/")
        there = {item["Key"] for item in listed.get("Contents", [])}
        for package in packages:
            built = builds[package.template, package.logical_id]
            key = f"code/{built.digest}.zip"
            if key not in there:
                self._aws["s3"].put_object(Bucket=bucket, Key=key, Body=built.archive())
                there.add(key)
            address = f"s3://{bucket}/{key}"
            self._sources.setdefault(package.template, {})[package.logical_id] = (package, address)

    def _release(self, builds: Builds, given: Mapping[str, Any]) -> str:
        """What `make deploy` would call this release: a digest of all code, templates and parameters."""
        parts = [built.digest for _key, built in sorted(builds.items())]
        parts += [template.source for template in self._deployment.project.templates]
        return hashlib.sha256(json.dumps([parts, sorted(given.items())]).encode()).hexdigest()[:16]

    def _deploy(self, template: Template, given: Mapping[str, Any], nesting: tuple[str, ...]) -> dict[str, str]:
        """Deploy a template with what it nests; its outputs."""
        parameters = _parameters(template, given)
        region = self._deployment.region
        data = expanded(template, parameters, region, self._sources.get(template.name, {}))
        outputs: dict[str, dict[str, str]] = {}

        def attribute(name: str, wanted: str) -> Any:
            return outputs.get(name, {}).get(wanted.removeprefix("Outputs."))

        scope = Scope(
            template.name, {**self._pseudo("-".join(nesting)), **_lists(template, parameters)}, data, attribute
        )
        for logical_id in children(data):
            definition = data["Resources"][logical_id]
            condition = definition.get("Condition")
            if isinstance(condition, str) and scope.condition(condition) is False:
                continue
            child = self._child(template, logical_id, nesting)
            if child is not None:
                passed = scope.evaluate((definition.get("Properties") or {}).get("Parameters") or {})
                outputs[logical_id] = self._deploy(child, passed, (*nesting, logical_id))
        if not children(data):
            return self._apply("-".join(nesting), template, data, parameters)
        rest = own(data)
        found = self._apply("-".join(nesting), template, rest, parameters) if rest["Resources"] else {}
        named = {name: scope.evaluate(o.get("Value")) for name, o in (data.get("Outputs") or {}).items()}
        return {**{name: str(value) for name, value in named.items() if is_known(value)}, **found}

    def _child(self, template: Template, logical_id: str, nesting: tuple[str, ...]) -> Template | None:
        for link in self._deployment.project.links_of(template):
            if link.logical_id == logical_id:
                if link.child is not None:
                    return link.child
                if not link.remote:
                    raise InputError(f"{template.name}: {logical_id} nests {link.location}, which is not there.")
        self._skipped.append(["-".join(nesting), logical_id, "a template that only AWS can read"])
        return None

    def _apply(
        self, name: str, template: Template, data: Mapping[str, Any], parameters: Mapping[str, Any]
    ) -> dict[str, str]:
        """Bring one stack up to date, with what the emulator leaves out; its outputs."""
        prepared = ready(gateway.with_every_method(data), self._types, self._state.region, self._state.account)
        self._skipped += [[name, logical_id, kind] for logical_id, kind in prepared.skipped.items()]
        self._seen.append(name)
        given = {key: value for key, value in parameters.items() if key in (data.get("Parameters") or {})}
        digest = hashlib.sha256(json.dumps([prepared.data, given], default=str).encode()).hexdigest()
        if self._state.stacks.get(name) == digest and self._stacks.is_whole(name):
            self.outcome.unchanged.append(name)
            return _public(self._stacks.outputs(name))
        self._tell(f"Deploying {name}")
        self._state.stacks[name] = ""
        self._workplace.save(self._state)
        self._stacks.apply(name, _with_outputs(prepared), given)
        outputs = self._stacks.outputs(name)
        told = {key.removeprefix(OUTPUT): value for key, value in outputs.items() if key.startswith(OUTPUT)}
        roles.complete(self._aws, self._deployment, roles.outputs(prepared.data), told)
        settings = functions.settings(prepared.data)
        functions.complete(self._aws, settings, told)
        functions.prune(self._aws, settings, told)
        scope = Scope(template.name, {**self._pseudo(name), **_lists(template, parameters)}, prepared.data)
        for logical_id, body in gateway.bodies(prepared.data, scope).items():
            gateway.complete(self._aws, told[f"{logical_id}Id"], body)
        if address := gateway.address(self._state.port, told, prepared.data):
            self._state.apis[name] = address
        self._state.stacks[name] = digest
        self._workplace.save(self._state)
        self.outcome.changed.append(name)
        return _public(outputs)

    def _pseudo(self, stack: str) -> dict[str, Any]:
        region, account = self._state.region, self._state.account
        return {
            "AWS::Region": region,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::AccountId": account,
            "AWS::StackName": stack,
            "AWS::StackId": f"arn:aws:cloudformation:{region}:{account}:stack/{stack}/local",
        }


def _with_outputs(prepared: Ready) -> dict[str, Any]:
    added = {**roles.outputs(prepared.data), **functions.outputs(prepared.data), **gateway.outputs(prepared.data)}
    outputs = {OUTPUT + name: {"Value": value} for name, value in added.items()}
    return {**prepared.data, "Outputs": {**(prepared.data.get("Outputs") or {}), **outputs}}


def _public(outputs: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in outputs.items() if not name.startswith(OUTPUT)}


def _parameters(template: Template, given: Mapping[str, Any]) -> dict[str, str]:
    """What a stack is given, as text: what is passed, else defaults.

    Raises:
        InputError: a parameter has neither, or what is passed is not known.
    """
    values: dict[str, str] = {}
    for name, definition in template.section("Parameters").items():
        value = given.get(name, definition.get("Default"))
        if value is None or not is_known(value):
            raise InputError(f"{template.name}: nothing says what the parameter {name} is; set it in samconfig.toml.")
        values[name] = ",".join(map(str, value)) if isinstance(value, list) else _text(value)
    return values


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _lists(template: Template, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Parameters as `!Ref` gives them: lists as lists."""
    kinds = {name: str(item.get("Type")) for name, item in template.section("Parameters").items()}
    return {
        name: value.split(",") if kinds[name] == "CommaDelimitedList" or kinds[name].startswith("List<") else value
        for name, value in parameters.items()
    }
