"""`sam build` of a project's code, for the interpreters that the emulator runs it in, and the archives of it."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from generator.errors import ToolError
from generator.local.emulator import Installation
from generator.local.packages import Package, for_node
from generator.local.runtimes import Player
from generator.local.workplace import Workplace, read_json, write_whole

LIMIT = 900
_LINES = 12
# Neither is part of what is built: the one belongs to other tools, the other is written by running.
_PASSED_OVER = frozenset(["__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".venv"])


@dataclass(frozen=True)
class Built:
    """Code that was built.

    Attributes:
        folder: where it is.
        digest: of every file in it.
    """

    folder: Path
    digest: str

    def archive(self) -> bytes:
        """The folder as an archive; the same files give the same bytes.

        It is not compressed: the way to the emulator is short, and botocore takes a second to compress.
        """
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
            for name, file in _files(self.folder):
                entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
                entry.external_attr = (file.stat().st_mode & 0o777) << 16
                archive.writestr(entry, file.read_bytes())
        return buffer.getvalue()


Builds = Mapping[tuple[str, str], Built]
"""What was built, by the template's name and the logical id in it."""


def build(
    workplace: Workplace,
    installation: Installation,
    found: list[Package],
    players: Mapping[str, Player],
) -> tuple[dict[tuple[str, str], Built], bool]:
    """Build whatever changed since the last time; also whether anything was built.

    Raises:
        ToolError: `sam build` fails or takes too long.
    """
    if not found:
        return {}, False
    names = _names(found)
    template = _template(found, names, players)
    digest = _digest([json.dumps(template), str(installation.python_version)], (p.folder for p in found))
    record = workplace.shared / "built.json"
    output = workplace.shared / "build"
    known = read_json(record)
    if isinstance(known, dict) and known.get("digest") == digest and output.is_dir():
        return {key: Built(output / name, known["outputs"][name]) for key, name in names.items()}, False
    record.unlink(missing_ok=True)
    _run(workplace, installation, template, output)
    built = {key: Built(output / name, _digest([], [output / name])) for key, name in names.items()}
    outputs = {names[key]: item.digest for key, item in built.items()}
    write_whole(record, json.dumps({"digest": digest, "outputs": outputs}))
    return built, True


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


def _template(
    found: Iterable[Package], names: Mapping[tuple[str, str], str], players: Mapping[str, Player]
) -> dict[str, object]:
    resources = {}
    for package in found:
        resource, player = package.resource, players.get(package.runtime)
        if player is not None:
            if player.family == "nodejs" and player.differs:
                resource = for_node(resource, player.version[0])
            resource = {**resource, "Properties": {**resource["Properties"], "Runtime": player.build}}
        resources[names[package.template, package.logical_id]] = resource
    return {"Transform": "AWS::Serverless-2016-10-31", "Resources": resources}


def _run(workplace: Workplace, installation: Installation, template: dict[str, object], output: Path) -> None:
    file = workplace.shared / "sam-build.json"
    write_whole(file, json.dumps(template, indent=1))
    command = [sys.executable, "-m", "samcli", "build", "--template-file", str(file), "--build-dir", str(output)]
    command += ["--cached", "--cache-dir", str(workplace.shared / "cache"), "--parallel"]
    # SAM takes the interpreter of a runtime from PATH; it has to be the one that runs the functions.
    path = os.pathsep.join([str(installation.python.parent), os.environ.get("PATH", "")])
    environment = {**os.environ, "SAM_CLI_TELEMETRY": "0", "PATH": path, "AWS_DEFAULT_REGION": "us-east-1"}
    try:
        done = subprocess.run(
            command, cwd=workplace.project, env=environment, capture_output=True, text=True, timeout=LIMIT, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ToolError(f"`sam build` did not end: {error}.") from error
    if done.returncode:
        lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()][-_LINES:]
        raise ToolError("`sam build` failed:\n" + "\n".join(f"  {line}" for line in lines))


def _digest(texts: Iterable[str], places: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for text in texts:
        digest.update(text.encode() + b"\0")
    for place in places:
        for name, file in _files(place):
            digest.update(name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:32]


def _files(place: Path) -> Iterator[tuple[str, Path]]:
    """Every file below a folder by its relative name, in order; of a file that file."""
    if place.is_file():
        yield place.name, place
        return
    for folder, subfolders, files in os.walk(place):
        subfolders[:] = sorted(name for name in subfolders if name not in _PASSED_OVER)
        for name in sorted(files):
            file = Path(folder, name)
            if file.is_file():
                yield file.relative_to(place).as_posix(), file
