"""Writes the README's block on what adding a function changes: `python -m scripts.addition`.

It is what the commands print on examples/orders; a test holds the README to it. `--check` only says whether it does.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
EXAMPLE = ROOT / "examples" / "orders"
ADD = "samgen add function refund --trigger 'POST /orders/{id}/refund' --permission 'read table orders'"
STAT = "git diff --stat"
HUNKS = "git diff --unified=0 samgen.yaml stacks/security"
DIFF = "samgen diff before --against . --environment prod"
_ADDED = ["add", "function", "refund", "--trigger", "POST /orders/{id}/refund", "--permission", "read table orders"]
_BEGIN, _END = "<!-- written by python -m scripts.addition -->\n", "<!-- end -->\n"
_WIDTH = 100
# Of a longer line, what it begins with; its end says more.
_KEPT = 30
# So many lines of a longer hunk are shown.
_MOST = 10


def block() -> str:
    """The commands and what they print, for the README."""
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder, "before", "orders"), Path(folder, "after", "orders")
        before.parent.mkdir()
        options = ["--no-input", "--no-git", "--skip-validation", "--spec", str(EXAMPLE / "samgen.yaml")]
        _samgen(before.parent, "new", *options)
        shutil.copytree(before, after)
        _git(after, "init", "--quiet")
        _git(after, "add", "--all")
        _git(after, "commit", "--quiet", "--message=Before")
        added = _samgen(after, *_ADDED, "--no-input", "--skip-validation")
        _git(after, "add", "--all")
        # The record is binary, and changes with everything.
        stat = _git(after, "diff", "--cached", "--stat=80", "HEAD", "--", ".", ":!.samgen")
        hunks = _git(after, "diff", "--cached", "--unified=0", "HEAD", "--", "samgen.yaml", "stacks/security")
        summary = _samgen(after, "diff", str(before), "--against", ".", "--environment", "prod", code=1)
    parts = [(ADD, _files(added)), (STAT, stat), (HUNKS, _shown(hunks)), (DIFF, summary.splitlines()[0])]
    text = "\n".join(f"$ {command}\n{printed.strip(chr(10))}" for command, printed in parts)
    return f"{_BEGIN}\n```text\n{text}\n```\n\n{_END}"


def written(readme: str) -> str:
    """The README with the block as it is now."""
    pattern = re.compile(f"{re.escape(_BEGIN)}.*?{re.escape(_END)}", re.DOTALL)
    return pattern.sub(lambda _: block(), readme)


def _files(said: str) -> str:
    """What `samgen add` says of files, wrapped as the README is."""
    rows = [line for line in said.splitlines() if line.startswith(("new ", "changed "))]
    return "\n".join(re.sub(rf"(.{{60,{_WIDTH}}},) ", r"\1\n         ", row) for row in rows)


def _shown(hunks: str) -> str:
    """Hunks without git's headers, long ones cut at the end, long lines within."""
    rows: list[str] = []
    length = 0
    for line in hunks.splitlines():
        if line.startswith(("index ", "--- ", "+++ ", "new file")):
            continue
        length = 0 if line.startswith(("@@", "diff ")) else length + 1
        if length == _MOST + 1:
            rows.append("…")
        elif length <= _MOST:
            rows.append(line.replace("diff --git a/", "", 1).split(" b/")[0] if line.startswith("diff ") else line)
    return "\n".join(row if len(row) <= _WIDTH else f"{row[:_KEPT]}…{row[_KEPT + 1 - _WIDTH :]}" for row in rows)


def _samgen(folder: Path, *arguments: str, code: int = 0) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
    command = [sys.executable, "-m", "generator", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != code:
        raise RuntimeError(f"{arguments}: {done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def _git(folder: Path, *arguments: str) -> str:
    settings = ["-c", "user.name=A Person", "-c", "user.email=person@example.com", "-c", "core.hooksPath=/dev/null"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "LC_ALL": "C.UTF-8"}
    return subprocess.check_output(["git", *settings, *arguments], cwd=folder, env=environment, text=True)


def main() -> None:
    """Write the block, or with `--check` exit with 1 where the README's is another."""
    old = README.read_text(encoding="utf-8")
    new = written(old)
    if "--check" in sys.argv[1:]:
        sys.exit(old != new)
    README.write_text(new, encoding="utf-8")


if __name__ == "__main__":
    main()
