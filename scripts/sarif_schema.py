"""SARIF's official schema: the file that SARIF_SCHEMA names, or what npm has."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any

PACKAGE = "@microsoft/jest-sarif@1.0.0-beta.0"


def sarif_schema(folder: Path) -> Any:
    """The schema.

    Args:
        folder: an empty folder for what npm brings.

    Raises:
        RuntimeError: it cannot be had here; the message says why.
    """
    if named := os.environ.get("SARIF_SCHEMA"):
        return json.loads(Path(named).read_text("utf-8"))
    npm = shutil.which("npm")
    if npm is None:
        raise RuntimeError("SARIF's schema comes by npm, which is not there")
    command = [npm, "pack", "--silent", PACKAGE]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    packed = list(folder.glob("*.tgz"))
    if not packed:
        raise RuntimeError(f"npm gives no {PACKAGE}: {done.stderr[-200:]}")
    with tarfile.open(packed[0]) as archive:
        schema = archive.extractfile("package/lib/schemas/sarif-2.1.0-rtm.5.json")
        if schema is None:
            raise RuntimeError(f"{PACKAGE} has no schema")
        return json.loads(schema.read())
