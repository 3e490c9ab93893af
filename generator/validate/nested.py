"""What cfn-lint asks of the templates that a template nests: their parameters and outputs.

The verdict on a template that nests others depends on these. So two roots of one text have one verdict where what they
nest takes and gives the same, however it does that.
"""

from __future__ import annotations

import errno
import hashlib
import json
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# Nested templates that a process keeps as cfn-lint reads them: those of a project or two, as they are large.
_READ = 16
# Templates whose parameters and outputs a process knows, a digest each.
_FACES = 20_000
_ASKED = ("Parameters", "Outputs")


class Nested:
    """Reads templates for cfn-lint, and tells what it has asked of nested ones."""

    def __init__(self) -> None:
        self._children: dict[bytes, Any] = {}
        self._faces: dict[bytes, bytes | None] = {}
        self._asked: list[str] = []

    def load(self, filename: str, load: Callable[[str], Any]) -> Any:
        """A file as cfn-lint's own `load` gives it, which says what is wrong with one that is not there.

        A nested one is named by its whole path and only read, several times: it is parsed once. A template that is
        linted itself changes meanwhile, and is parsed anew.

        Raises:
            OSError: the file is a pipe or a device, which would never end, or too large.
        """
        nested = Path(filename).is_absolute()
        if nested:
            self._asked.append(filename)
        try:
            key = _content(Path(filename))
        except (FileNotFoundError, NotADirectoryError, ValueError):
            return load(filename)
        if nested and key in self._children:
            return self._children[key]
        data = load(filename)
        self._note(key, data)
        if nested:
            if len(self._children) >= _READ:
                self._children.clear()
            self._children[key] = data
        return data

    @contextmanager
    def asked(self) -> Iterator[list[str]]:
        """Afterwards the result names the files that were read as nested ones, from the current folder."""
        names: list[str] = []
        self._asked.clear()
        yield names
        folder = Path.cwd()
        for name in dict.fromkeys(self._asked):
            path = Path(name)
            names.append(path.relative_to(folder).as_posix() if path.is_relative_to(folder) else name)

    def faces(self, names: Sequence[str], load: Callable[[str], Any]) -> bytes | None:
        """What the files say that is asked of them, as a digest; None where one is missing or cannot be read."""
        whole = hashlib.sha256()
        for name in names:
            try:
                key = _content(Path(name))
                if key not in self._faces:
                    self._note(key, load(name))
            except Exception:  # cfn-lint says what is wrong with it
                return None
            face = self._faces.get(key)
            if face is None:
                return None
            whole.update(face)
        return whole.digest()

    def _note(self, key: bytes, data: Any) -> None:
        if len(self._faces) >= _FACES:
            self._faces.clear()
        self._faces[key] = _face(data)


def _content(path: Path) -> bytes:
    """The content of a regular file, as a digest."""
    from generator.project.files import MAX_BYTES  # here, as it loads YAML

    status = path.stat()
    if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_BYTES:
        raise OSError(errno.EACCES, "no file that can be read", str(path))
    return hashlib.sha256(path.read_bytes()).digest()


def _face(data: Any) -> bytes | None:
    if not isinstance(data, dict):
        return None
    try:
        text = json.dumps([data.get(section) for section in _ASKED], ensure_ascii=False, default=repr)
    except (TypeError, ValueError):
        return None
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
