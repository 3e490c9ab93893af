"""Generates examples/orders, runs it on this machine, calls each route, fires each trigger, and shows what answered."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.local.access import token
from generator.local.calls import logs
from generator.local.running import Running, running
from generator.local.send import send

ROOT = Path(__file__).parents[1]
LIMIT = 40.0
ANSWERED = "200"
# What each function counts when its trigger reaches it, by which its log shows it.
TRIGGERS = {
    ("report", "schedule"): "ScheduledRuns",
    ("fulfil", "sqs"): "Messages",
    ("archive", "s3"): "Objects",
    ("invoice", "dynamodb"): "Changes",
    ("notify", "eventbridge"): "Events",
    ("notify", "sns"): "Notifications",
    ("apologize", "function"): "Outcomes",
}


@dataclass(frozen=True)
class Row:
    """A line of the table.

    Attributes:
        what: what was called.
        answer: what came of it.
        good: whether it is what should come of it.
    """

    what: str
    answer: str
    good: bool


def samgen(*arguments: str, project: Path | None = None) -> Any:
    """Run samgen and read its JSON.

    Raises:
        SystemExit: it fails; its own words are on the screen already.
    """
    place = ["--project", str(project)] if project else []
    command = [sys.executable, "-m", "generator", *arguments, *place, "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        print(done.stdout)
        sys.exit(f"samgen {' '.join(arguments)} ended with {done.returncode}")
    return json.loads(done.stdout)


def routes(here: Running, report: Any) -> Iterator[Row]:
    """Each route, called as `up` says; and once without credentials."""
    for route in report["routes"]:
        call = route["call"].replace("$(samgen local token)", token(here))
        what = f"{route['method']} {route['path']} ({route['authorization']})"
        status = _status(call)
        yield Row(what, status, status == ANSWERED)
        refused = _status(f"curl -X {route['method']} {route['url']}")
        yield Row(f"{what}, by nobody", refused, refused in {"401", "403"})


def _status(call: str) -> str:
    options = "--silent --max-time 30 --output /dev/null --write-out '%{http_code}'"
    done = subprocess.run(["bash", "-c", f"{call} {options}"], capture_output=True, text=True, check=False)
    return done.stdout or f"curl ended with {done.returncode}"


def triggers(here: Running) -> Iterator[Row]:
    """Each trigger: all are fired, then waited for, because the scheduler looks every ten seconds only."""
    for function, kind in TRIGGERS:
        send(here, function, kind, None)
    deadline = time.monotonic() + LIMIT
    for (function, kind), metric in TRIGGERS.items():
        reached = _counts(here, function, metric)
        while not reached and time.monotonic() < deadline:
            time.sleep(0.3)
            reached = _counts(here, function, metric)
        yield Row(f"{kind} to {function}", f"logs {metric}" if reached else "does not arrive", reached)


def _counts(here: Running, function: str, metric: str) -> bool:
    return any(f'"{metric}"' in line["message"] for line in logs(here, function, follow=False))


def show(rows: list[Row]) -> None:
    """Print the table."""
    width = max(len(row.what) for row in rows)
    print()
    for row in rows:
        print(f"  {'ok    ' if row.good else 'FAILED'}  {row.what:{width}}  {row.answer}")


def main() -> int:
    """Run the demonstration; 1 where something did not answer as it should."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="samgen-demo-") as folder:
        spec = ROOT / "examples" / "orders" / "samgen.yaml"
        samgen("new", "--spec", str(spec), "--no-input", "--no-git", "--output-dir", folder)
        project = Path(folder, "orders")
        try:
            report = samgen("local", "up", project=project)
            with running(project, None) as here:
                rows = [*routes(here, report), *triggers(here)]
        finally:
            samgen("local", "down", "--purge", project=project)
    show(rows)
    failed = sum(not row.good for row in rows)
    seconds = time.monotonic() - started
    print(f"\n{len(rows) - failed} of {len(rows)} answered as they should, in {seconds:.0f} s.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
