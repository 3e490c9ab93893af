"""Files that a project may hold, read within bounds: whatever is wrong with one is a `DocumentError`."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from generator.project.document import DocumentError

# CloudFormation takes templates of up to 1 MB; comments, which packaging removes, may come on top.
MAX_BYTES = 5_000_000


def read_text(path: Path) -> str:
    """The text of a file.

    Raises:
        DocumentError: it is no file, too large, not UTF-8, or may not be read.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # a pipe or a device would never end
            raise DocumentError("This is no file.", mend="Put a file in its place, or remove it.")
        if status.st_size > MAX_BYTES:
            message = f"The file has {status.st_size:,} bytes; CloudFormation takes templates of at most 1 MB."
            raise DocumentError(message, mend="Split it into nested stacks.")
        with path.open("rb") as file:
            # Some files are longer than they say, those of /proc for instance.
            raw = file.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise DocumentError(f"The file has more than {MAX_BYTES:,} bytes.", mend="Split it into nested stacks.")
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - (raw.rfind(b"\n", 0, error.start) + 1) + 1
        raise DocumentError("The file is not UTF-8 text.", line, column, "Save it as UTF-8.") from error
    except OSError as error:
        raise DocumentError(f"The file cannot be read: {error.strerror or error}.") from error


def relative_name(path: Path, root: Path) -> str:
    """How a file is called in findings: relative to the root, with forward slashes."""
    try:
        return Path(os.path.relpath(path, root)).as_posix()
    except ValueError:  # another drive on Windows
        return path.as_posix()
