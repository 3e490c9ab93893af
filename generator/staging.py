"""All or nothing: a project grows in a hidden folder beside its place and moves there by one rename.

Whatever goes wrong before the rename (an error, a finding, Ctrl-C, SIGTERM, a full disk), the hidden
folder is removed and the disk is as it was. Only `kill -9` or a power cut can leave one behind; its name
is random, so it is in nobody's way.
"""

from __future__ import annotations

import atexit
import errno
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from generator.errors import InputError

_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")

# What a disk can answer, in words. Any other OSError is not about the place and is not hidden.
_DISK = {
    errno.ENOSPC: "no space is left on the disk: free some, or choose another folder with --output-dir",
    errno.EDQUOT: "the disk quota is used up: free some space, or choose another folder with --output-dir",
    errno.EFBIG: "the file size limit is reached: raise it, or choose another folder with --output-dir",
    errno.EROFS: "the file system is read-only: choose another folder with --output-dir",
    errno.EACCES: "you may not write there: choose another folder with --output-dir",
    errno.EPERM: "the system does not allow writing there: choose another folder with --output-dir",
    errno.ENAMETOOLONG: "the path would be too long: choose a shorter folder with --output-dir",
    errno.EIO: "the disk reports an input/output error: choose another folder with --output-dir",
}


class Stopped(SystemExit):
    """A signal asked samgen to stop; the exit code is the shell's for that signal.

    It is a SystemExit, not an Exception, so that no library on the way takes it for an error of its own.
    """

    def __init__(self, number: int) -> None:
        super().__init__(128 + number)


class Staging:
    """A folder for a project that is not there yet.

    Attributes:
        project: where to render it; does not exist at first, its parent does.
        target: where `publish` moves it.
    """

    def __init__(self, folder: Path, target: Path, signals: _Signals) -> None:
        self.project = folder / target.name
        self.target = target
        self._signals = signals

    def publish(self) -> None:
        """Move the project to its place; InputError where something has appeared there meanwhile.

        A plain rename decides between concurrent runs. It is atomic, so nobody sees half a project and a
        crash leaves no claim at the target. It fails on a file, a link or a folder with content, so the
        second of two runs cannot overwrite the first: the first's folder is never empty. Only an empty
        folder could be replaced, and the check one line earlier leaves it a few microseconds to appear.
        """
        # From here on a signal comes too late: the answer is either a whole project or an error.
        self._signals.hold()
        _refuse_existing(self.target)
        try:
            self.project.rename(self.target)
        except OSError as error:
            if error.errno in {errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR, errno.EISDIR}:
                raise InputError(_exists(self.target)) from None
            raise
        self._signals.forget()


@contextmanager
def staged(target: Path, *, beside: Path | None = None) -> Iterator[Staging]:
    """A staging folder for the project at `target`; removed at the end, whatever happens.

    Args:
        target: the project's place; refused with an InputError where it cannot be made.
        beside: the folder to work in, where nothing is to be published; the target's own by default,
            as a rename works only within a file system.

    Raises:
        InputError: the target exists or cannot be made, or the disk is full, read-only or too deep.
        Stopped: SIGINT, SIGTERM or SIGHUP arrived.
    """
    check_target(target)
    place = beside or target.parent
    signals = _Signals()
    with _disk_errors(place), signals:
        # Held, so that no signal falls between the folder's creation and the `try` that removes it.
        try:
            folder = Path(tempfile.mkdtemp(prefix=f".samgen-{target.name}-", dir=place))
        except FileNotFoundError:
            # The folder has just been seen: it is none that holds others, such as /proc, or was removed since.
            raise InputError(f"no folder can be made in {printable(place)}: choose another") from None

        def remove() -> None:
            shutil.rmtree(folder, ignore_errors=True)

        # Python may run a signal's handler between two lines of the `finally` below; this is the net.
        atexit.register(remove)
        try:
            try:
                signals.release()
                yield Staging(folder, target, signals)
            finally:
                signals.hold()
        finally:
            remove()
            atexit.unregister(remove)


def check_target(target: Path) -> None:
    """Refuse with an InputError a target that exists or cannot be made; nothing is written."""
    if not target.name or target.name in {".", ".."}:
        raise InputError(f"{printable(target)} is not the name of a folder")
    parent = target.parent
    try:
        parent.stat()
    except FileNotFoundError:
        raise InputError(f"the folder {printable(parent)} does not exist: create it, or choose another") from None
    except NotADirectoryError:
        raise InputError(f"{printable(parent)} is not a folder: choose another with --output-dir") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise InputError(f"the folder {printable(parent)} cannot be used: {reason}") from None
    if not parent.is_dir():
        raise InputError(f"{printable(parent)} is not a folder: choose another with --output-dir")
    _refuse_existing(target)
    if not os.access(parent, os.W_OK | os.X_OK):
        raise InputError(f"the folder {printable(parent)} is not writable: choose another with --output-dir")


def printable(path: Path | str) -> str:
    """A path as a terminal may show it: control characters, marks of direction and raw bytes escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in str(path))


def _refuse_existing(target: Path) -> None:
    # lexists, as a link that leads nowhere is somebody's too.
    if os.path.lexists(target):
        raise InputError(_exists(target))


def _exists(target: Path) -> str:
    return f"{printable(target)} exists already: choose another name or another --output-dir"


@contextmanager
def _disk_errors(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = _DISK.get(error.errno or 0)
        if reason is None:
            raise
        raise InputError(f"nothing was written to {printable(place)}: {reason}") from error


class _Signals:
    """Turns signals into one `Stopped`; while held they are only noted.

    After the first has been raised all others are noted only, so that cleaning up is never interrupted.
    Signals that are ignored already (`nohup`) stay ignored. Outside the main thread nothing is changed.
    """

    def __init__(self) -> None:
        self._owner = os.getpid()
        self._held = True
        self._raised = False
        self._pending: int | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        for name in _SIGNALS:
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) not in (signal.SIG_IGN, None):
                self._before[number] = signal.signal(number, self._receive)

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        if kind is None:
            self._raise_pending()

    def hold(self) -> None:
        """Note signals from now on."""
        self._held = True

    def release(self) -> None:
        """Raise signals from now on, and the one that was noted."""
        self._held = False
        self._raise_pending()

    def forget(self) -> None:
        """Drop what was noted and will be: the work is done."""
        self._raised = True

    def _raise_pending(self) -> None:
        if self._pending is not None and not self._raised:
            self._raised = True
            raise Stopped(self._pending)

    def _receive(self, number: int, _frame: FrameType | None) -> None:
        if os.getpid() != self._owner:
            # A forked worker has nothing to clean up: the folder is its parent's.
            os._exit(128 + number)
        self._pending = number
        if not self._held:
            self._raise_pending()
