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

# From the project's root; its folder also holds the schema of samgen.yaml.
RENDERED = ".samgen/rendered.tar.xz"
_ABOUT = "samgen.json"
_FOLDER = "project/"
# A project that samgen renders has some hundred kilobytes; this only stops what was made to fill a memory.
_LIMIT = 200_000_000


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
    """What was rendered last into a project; InputError where that is not recorded, or not whole."""
    path = project / RENDERED
    try:
        return unpack(path.read_bytes())
    except FileNotFoundError:
        told = f"{RENDERED} is missing, so what was rendered last is not known: restore it from version control"
        raise InputError(told) from None
    except (OSError, ValueError, KeyError, lzma.LZMAError, tarfile.TarError, EOFError) as error:
        raise InputError(f"{RENDERED} cannot be read ({error}): restore it from version control") from None


def unpack(data: bytes) -> Rendered:
    """The rendering that a record's bytes hold; nothing is written to any disk."""
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
                version = str(json.loads(held.read())["version"])
            elif entry.name.startswith(_FOLDER):
                name = entry.name.removeprefix(_FOLDER)
                if ".." in name.split("/") or name.startswith("/"):
                    raise ValueError(f"{name!r} is not inside the project")
                files[name] = File(held.read(), bool(entry.mode & 0o100))
    if not version:
        raise ValueError("the version is missing")
    return Rendered(version, files)
