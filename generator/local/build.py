"""`sam build` of a project's code, for the interpreters that the emulator runs it in, and the archives of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from generator.errors import ToolError
from generator.local.archive import Built, digest
from generator.local.emulator import Installation
from generator.local.packages import Package, for_node
from generator.local.requirements import Requirements, is_plain
from generator.local.runtimes import Player
from generator.local.workplace import Workplace, read_json, write_whole

LIMIT = 900
TRANSFORM = "AWS::Serverless-2016-10-31"
_LINES = 12


def build(
    workplace: Workplace,
    installation: Installation,
    found: list[Package],
    players: Mapping[str, Player],
) -> tuple[dict[tuple[str, str], Built], bool]:
    """Build whatever changed since the last time; also whether `sam build` had to run.

    Raises:
        ToolError: `sam build` fails or takes too long.
    """
    plain = [package for package in found if is_plain(package, players)]
    others = [package for package in found if package not in plain]
    requirements = Requirements(workplace, plain, players)
    names = _names(others)
    resources = {**_resources(others, names, players), **requirements.resources}
    output = workplace.shared / "build"
    requirements.write()
    digests, ran = _sam(workplace, installation, resources, others) if resources else ({}, False)
    built = {key: Built((output / name,), digests[name]) for key, name in names.items()}
    for package, one in requirements.built(output, digests).items():
        built[package.template, package.logical_id] = one
    return built, ran


def _sam(
    workplace: Workplace, installation: Installation, resources: dict[str, Any], others: list[Package]
) -> tuple[dict[str, str], bool]:
    """The digest of each resource as it is built, and whether it had to be built for that."""
    template = {"Transform": TRANSFORM, "Resources": resources}
    whole = digest([json.dumps(template), str(installation.python_version)], (p.folder for p in others))
    record = workplace.shared / "built.json"
    output = workplace.shared / "build"
    known = read_json(record)
    if isinstance(known, dict) and known.get("digest") == whole and output.is_dir():
        return known["outputs"], False
    record.unlink(missing_ok=True)
    _run(workplace, installation, template, output)
    outputs = {name: digest([], [output / name]) for name in resources}
    write_whole(record, json.dumps({"digest": whole, "outputs": outputs}))
    return outputs, True


def whole_template(found: list[Package], players: Mapping[str, Player]) -> dict[str, Any]:
    """A template with all code of a project in it, as `sam build` alone would build it for this machine."""
    return {"Transform": TRANSFORM, "Resources": _resources(found, _names(found), players)}


def _names(found: Iterable[Package]) -> dict[tuple[str, str], str]:
    """A name for each: its logical id, which a Makefile of its own may go by, unless two templates share it."""
    names: dict[tuple[str, str], str] = {}
    for package in found:
        name, number = package.logical_id, 1
        while name in names.values():
            number += 1
            name = f"{package.logical_id}{number}"
        names[package.template, package.logical_id] = name
    return names


def _resources(
    found: Iterable[Package], names: Mapping[tuple[str, str], str], players: Mapping[str, Player]
) -> dict[str, Any]:
    resources = {}
    for package in found:
        resource, player = package.resource, players.get(package.runtime)
        if player is not None:
            if player.family == "nodejs" and player.differs:
                resource = for_node(resource, player.version[0])
            resource = {**resource, "Properties": {**resource["Properties"], "Runtime": player.build}}
        resources[names[package.template, package.logical_id]] = resource
    return resources


def _run(workplace: Workplace, installation: Installation, template: dict[str, Any], output: Path) -> None:
    file = workplace.shared / "sam-build.json"
    write_whole(file, json.dumps(template, indent=1))
    command = [sys.executable, "-m", "samcli", "build", "--template-file", str(file), "--build-dir", str(output)]
    command += ["--cached", "--cache-dir", str(workplace.shared / "cache"), "--parallel"]
    # SAM takes the interpreter of a runtime from PATH; it has to be the one that runs the functions.
    path = os.pathsep.join([str(installation.python.parent), os.environ.get("PATH", "")])
    environment = {**os.environ, "SAM_CLI_TELEMETRY": "0", "PATH": path, "AWS_DEFAULT_REGION": "us-east-1"}
    try:
        done = subprocess.run(
            command, cwd=workplace.shared, env=environment, capture_output=True, text=True, timeout=LIMIT, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ToolError(f"`sam build` did not end: {error}.") from error
    if done.returncode:
        lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()][-_LINES:]
        raise ToolError("`sam build` failed:\n" + "\n".join(f"  {line}" for line in lines))
