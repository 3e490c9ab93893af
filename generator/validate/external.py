"""Validation with the commands `sam` and `cfn-lint`, for where samgen's own dependencies are not installed.

Uses the standard library alone, so that a hook can import it under any Python.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

NAMES = ("template.yaml", "template.yml", "template.json")
SKIPPED = {"node_modules", "__pycache__", "venv", "cdk.out"}
PATIENCE = 300.0

Say = Callable[[str], None]


def validate_with_tools(path: Path, say: Say, *, region: str = "us-west-2") -> int:
    """Run `sam validate`, `sam validate --lint` and `cfn-lint` on every template file at `path`.

    Args:
        path: a folder, or one template file.
        say: is told in lines of text what was run, what it said, and what could not be checked.
        region: the region to validate for.

    Returns:
        0 when no tool that is installed found anything; 1 when one did.
    """
    path = Path(path).absolute()
    root = path if path.is_dir() else path.parent
    templates = _templates(path)
    if not templates:
        say(f"There is no template in {path}; nothing was checked.")
        return 1
    failed = False
    sam, cfn_lint = shutil.which("sam"), shutil.which("cfn-lint")
    if sam is None:
        say("sam was not found: whether SAM can translate the templates was not checked.")
    else:
        for template in templates:
            command = [sam, "validate", "--template-file", template, "--region", region]
            failed |= not _run(command, root, say, region)
            failed |= not _run([*command, "--lint"], root, say, region)
    if cfn_lint is None:
        say("cfn-lint was not found: its rules were not checked" + (" beyond those of sam." if sam else "."))
    else:
        failed |= not _run([cfn_lint, "--", *templates], root, say, region)
    return 1 if failed else 0


def _templates(path: Path) -> list[str]:
    if path.is_file():
        return [path.name]
    found = []
    for folder, subfolders, files in os.walk(path):
        subfolders[:] = sorted(
            name
            for name in subfolders
            if not name.startswith(".") and name not in SKIPPED and not Path(folder, name, "pyvenv.cfg").exists()
        )
        found += [Path(folder, name).relative_to(path).as_posix() for name in NAMES if name in files]
    return found


def _run(command: Sequence[str], folder: Path, say: Say, region: str) -> bool:
    """Run a tool and pass on what it says if it finds something; whether it found nothing."""
    shown = " ".join([Path(command[0]).stem, *command[1:]])
    environment = {**os.environ, "SAM_CLI_TELEMETRY": "0", "AWS_REGION": region, "PYTHONUTF8": "1"}
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        say(f"{shown}: no answer within {PATIENCE:g} seconds")
        return False
    except OSError as error:
        say(f"{shown}: cannot be run ({error.strerror or error})")
        return False
    if done.returncode == 0:
        say(f"{shown}: ok")
        return True
    say(f"{shown}: failed")
    for line in done.stdout.splitlines():
        if line.strip():
            say(f"  {line.rstrip()}")
    return False
