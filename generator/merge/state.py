"""What was rendered last: one compressed file that travels with the project, the same bytes for the same rendering."""

from __future__ import annotations

import io
import json
import lzma
import tarfile
from dataclasses import dataclass
from pathlib import Path

from generator import __version__
from generator.errors import InputError
from generator.merge.files import File, Files, read_files
from generator.merge.versions import version_key
from generator.staging import printable

# From the project's root; its folder also holds the schema of samgen.yaml.
RENDERED = ".samgen/rendered.tar.xz"
_ABOUT = "samgen.json"
_FOLDER = "project/"
# A project that samgen renders has some hundred kilobytes; this only stops what was made to fill a memory.
_LIMIT = 64_000_000


@dataclass(frozen=True)
class Rendered:
    """A rendering: the template's version, and its files without the record itself."""

    version: str
    files: Files


def record(project: Path) -> None:
    """Write the record of a project that has just been rendered, into it."""
    path = project / RENDERED
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(pack(Rendered(__version__, rendered_files(project))))


def rendered_files(project: Path) -> dict[str, File]:
    """The files of a rendering, without the record itself."""
    return {name: file for name, file in read_files(project).items() if name != RENDERED}


def pack(rendered: Rendered) -> bytes:
    """A record's bytes: no times, no owners, sorted; the compression has no header that differs."""
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w", format=tarfile.PAX_FORMAT) as archive:
        about = json.dumps({"version": rendered.version}).encode() + b"\n"
        _add(archive, _ABOUT, File(about))
        for name in sorted(rendered.files):
            _add(archive, _FOLDER + name, rendered.files[name])
    return lzma.compress(held.getvalue(), format=lzma.FORMAT_XZ, check=lzma.CHECK_CRC64, preset=6)


def _add(archive: tarfile.TarFile, name: str, file: File) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(file.data)
    entry.mode = 0o755 if file.executable else 0o644
    archive.addfile(entry, io.BytesIO(file.data))


def read_record(project: Path) -> Rendered:
    """What was rendered last into a project.

    Raises:
        MissingRecordError: it is not recorded.
        BrokenRecordError: the record is not whole.
        InputError: the record cannot be read, or is a newer samgen's.
    """
    path = project / RENDERED
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise MissingRecordError(f"{RENDERED} is missing, so what was rendered last is not known") from None
    except OSError as error:
        raise InputError(f"{RENDERED} cannot be read: {error.strerror or error}") from None
    return usable(data)


def usable(data: bytes) -> Rendered:
    """The rendering that a record's bytes hold; raises as `read_record` does."""
    try:
        return unpack(data)
    except (ValueError, lzma.LZMAError, tarfile.TarError, EOFError) as error:
        raise BrokenRecordError(f"{RENDERED} cannot be read ({printable(str(error))[:100]})") from None


class MissingRecordError(InputError):
    """A project does not record what was rendered last."""


class BrokenRecordError(InputError):
    """The record of what was rendered last is not whole."""


def unpack(data: bytes) -> Rendered:
    """The rendering that a record's bytes hold; nothing is written to any disk.

    InputError where it is a newer samgen's, whatever else is in it; any other error where it is not whole.
    """
    expander = lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=_LIMIT)
    plain = expander.decompress(data, max_length=_LIMIT)
    if not expander.eof:
        raise ValueError("it is cut off or too large")
    files: dict[str, File] = {}
    version = ""
    with tarfile.open(fileobj=io.BytesIO(plain), mode="r:") as archive:
        for entry in archive:
            held = archive.extractfile(entry) if entry.isreg() else None
            if held is None:
                raise ValueError(f"{entry.name!r} is no file")
            if entry.name == _ABOUT:
                version = _version_in(held.read())
                _refuse_newer(version)
            elif entry.name.startswith(_FOLDER):
                files[_inside(entry.name.removeprefix(_FOLDER))] = File(held.read(), bool(entry.mode & 0o100))
    if not version:
        raise ValueError("the version is missing")
    return Rendered(version, files)


def _refuse_newer(version: str) -> None:
    # It stands first in a record, so that later ones may hold what this samgen cannot read.
    if version_key(version) > version_key(__version__):
        told = f"the project was rendered by samgen {printable(version)[:40]}, this is {__version__}"
        raise InputError(f"{told}: install that or a newer one")


def _version_in(about: bytes) -> str:
    try:
        told = json.loads(about)
    except RecursionError:
        told = None
    version = told.get("version") if isinstance(told, dict) else None
    if not isinstance(version, str):
        raise ValueError("the version is missing")
    return version


def _inside(name: str) -> str:
    """A name in a record, refused where it could lead out of a project, or into what no template may write."""
    parts = name.split("/")
    if any(part in {"", ".", "..", ".git"} for part in parts) or "\0" in name or "\\" in name:
        raise ValueError(f"{name!r} is not inside the project")
    return name
