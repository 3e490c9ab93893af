"""What `samgen local` keeps of a project: a folder that git ignores, with a record of what runs and what is deployed.

.aws-sam/local/           .gitignore  lock  sam-build.json  build/ cache/
.aws-sam/local/dev/       state.json  emulator.log  emulator/
"""

from __future__ import annotations

import fcntl
import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from generator.errors import InputError, ToolError

FOLDER = Path(".aws-sam", "local")
LOCK_WAIT = 60.0
_TRIES = 0.1


@dataclass
class State:
    """What is known of an environment's emulator; it is worth as much as the emulator that it names is alive.

    Attributes:
        pid: the emulator's process; 0 while there is none.
        port: where it listens on 127.0.0.1; kept when it ends, so that the next one answers at the same address.
        token: the name of a bucket that only this emulator has.
        account: the account that it plays.
        region: the region that it plays.
        stacks: the digest of what each stack was last deployed from, in the order of deployment.
        apis: where each REST API answers, by the stack that owns it.
        skipped: resources that the emulator does not know: stack, logical id and type.
        functions: the name of each function by its logical id.
        report: what the last `up` had to say, for `status`.
    """

    pid: int = 0
    port: int = 0
    token: str = ""
    account: str = ""
    region: str = ""
    stacks: dict[str, str] = field(default_factory=dict)
    apis: dict[str, str] = field(default_factory=dict)
    skipped: list[list[str]] = field(default_factory=list)
    functions: dict[str, str] = field(default_factory=dict)
    report: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Workplace:
    """The folder of one environment, below that of the project.

    Attributes:
        project: the project's root.
        environment: the environment's name in samconfig.toml.
    """

    project: Path
    environment: str

    @property
    def shared(self) -> Path:
        """What all environments of the project share."""
        return self.project / FOLDER

    @property
    def folder(self) -> Path:
        """The environment's own."""
        return self.shared / self.environment

    @property
    def log(self) -> Path:
        """What the emulator prints, and the functions in it."""
        return self.folder / "emulator.log"

    @property
    def data(self) -> Path:
        """What the emulator writes."""
        return self.folder / "emulator"

    def prepare(self) -> None:
        """Make the folders.

        Raises:
            ToolError: the disk refuses.
        """
        try:
            self.data.mkdir(parents=True, exist_ok=True)
            ignore = self.shared / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n", encoding="utf-8")
        except OSError as error:
            raise _disk(error, self.shared) from error

    def load(self) -> State:
        """The record; an empty one where there is none, or none that can be read."""
        try:
            data = json.loads((self.folder / "state.json").read_text(encoding="utf-8"))
            known = {item.name: type(getattr(State(), item.name)) for item in fields(State)}
            return State(**{name: data[name] for name, kind in known.items() if isinstance(data.get(name), kind)})
        except (OSError, ValueError, AttributeError):
            return State()

    def save(self, state: State) -> None:
        """Write the record, whole or not at all."""
        write_whole(self.folder / "state.json", json.dumps(asdict(state), indent=1))

    @contextmanager
    def lock(self, wait: float = LOCK_WAIT) -> Iterator[None]:
        """Keep other commands from changing the same project; the lock ends with the process, however it ends.

        Raises:
            InputError: another command holds it for longer than `wait` seconds.
            ToolError: the disk refuses.
        """
        self.prepare()
        try:
            held = (self.shared / "lock").open("w", encoding="utf-8")
        except OSError as error:
            raise _disk(error, self.shared / "lock") from error
        with held as file:
            deadline = time.monotonic() + wait
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except OSError:
                    if time.monotonic() > deadline:
                        message = f"Another 'samgen local' works on {self.project}; wait for it, or end it."
                        raise InputError(message) from None
                    time.sleep(_TRIES)
            yield

    def purge(self) -> None:
        """Remove the environment's folder, and the shared one where it was the last."""
        shutil.rmtree(self.folder, ignore_errors=True)
        if not any(self.shared.glob("*/state.json")):
            shutil.rmtree(self.shared, ignore_errors=True)


def write_whole(path: Path, text: str) -> None:
    """Write a file so that a reader sees the old one or the new one, never a part.

    Raises:
        ToolError: the disk refuses.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise _disk(error, path) from error


def read_json(path: Path) -> Any:
    """What a JSON file says; None where there is none, or none that can be read."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _disk(error: OSError, path: Path) -> ToolError:
    return ToolError(f"{path} cannot be written ({error.strerror or error}); 'samgen local down --purge' makes room.")
