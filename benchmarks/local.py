"""How long it takes until a project runs on this machine, as figures and beside `sam build` alone of the same code.

    python benchmarks/local.py [minimal|orders]

SAMGEN_EMULATOR names the emulator. Everything happens in a folder of its own, which is removed.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from generator.local import emulator, session
from generator.local.access import request
from generator.local.build import whole_template
from generator.local.packages import packages
from generator.local.running import running
from generator.local.runtimes import players
from generator.local.workplace import Workplace

ROOT = Path(__file__).parents[1]
REQUESTS = 50
REDEPLOYMENTS = 5
MOST = 4.0
"""How many times as long as `sam build` alone a cold start may take."""
CODE = {"minimal": "src/hello/app.py", "orders": "src/fulfil/app.py"}


def samgen(project: Path | None, *arguments: str) -> Any:
    """Run samgen as users do, in a process of its own."""
    place = ["--project", str(project)] if project else []
    command = [sys.executable, "-m", "generator", *arguments, *place, "--json"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    return json.loads(done.stdout)


def timed(work: Callable[[], Any]) -> float:
    """The seconds that something takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def build_alone(project: Path, folder: Path) -> None:
    """`sam build` of all functions, without its cache."""
    deployment = session.deployment_of(project, None)
    installation = emulator.find(Workplace(folder, "bench"))
    code = packages(deployment)
    played = players({package.runtime for package in code if package.runtime}, installation.python_version)
    template = folder / "template.json"
    template.write_text(json.dumps(whole_template(code, played)), encoding="utf-8")
    path = os.pathsep.join([str(installation.python.parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": "us-east-1"}
    command = [sys.executable, "-m", "samcli", "build", "--parallel", "--template-file", str(template)]
    command += ["--build-dir", str(folder / "build")]
    subprocess.run(command, env=environment, capture_output=True, check=True)


def answer(project: Path) -> None:
    """Call the last route of the project, and be sure that it answers."""
    with running(project, None) as here:
        route = here.state.report["routes"][-1]
        status, body = request(here, route)
        if status >= 300:  # noqa: PLR2004
            sys.exit(f"{route['path']} answers {status}: {body}")


def requests(project: Path) -> list[float]:
    """The seconds that requests take, one after another, to a function that has started."""
    with running(project, None) as here:
        route = here.state.report["routes"][-1]
        return [timed(lambda: request(here, route)) for _ in range(REQUESTS)]


def redeployments(project: Path, code: Path) -> list[float]:
    """The seconds until a change of code is deployed, in a process that stays, as with --watch."""
    up = session.Up(project, None, lambda _step: None)
    up()
    seconds = []
    for number in range(REDEPLOYMENTS):
        code.write_text(f"{code.read_text(encoding='utf-8')}# {number}\n", encoding="utf-8")
        seconds.append(timed(lambda: up(sources_only=True)))
    return seconds


def main() -> int:
    """Measure, and print; 1 where a cold start takes too long."""
    name = sys.argv[1] if len(sys.argv) > 1 else "orders"
    with tempfile.TemporaryDirectory(prefix="samgen-bench-") as place:
        folder = Path(place)
        spec = ROOT / "examples" / name / "samgen.yaml"
        samgen(None, "new", "--spec", str(spec), "--no-input", "--no-git", "--output-dir", place)
        project = folder / name
        alone = timed(lambda: build_alone(project, folder))
        try:
            cold = timed(lambda: samgen(project, "local", "up")) + timed(lambda: answer(project))
            warm = redeployments(project, project / CODE[name])
            answer(project)
            calls = requests(project)
        finally:
            samgen(project, "local", "down", "--purge")
    change, call = statistics.median(warm), statistics.median(calls)
    print(f"examples/{name}")
    print(f"  sam build alone, without its cache   {alone:8.2f} s")
    print(f"  cold up to the first HTTP answer     {cold:8.2f} s   {cold / alone:.2f} times sam build, at most {MOST}")
    print(f"  redeployment of a change of code     {change:8.2f} s   {change / alone:.2f} times")
    print(f"  request to a warm function           {call * 1000:8.1f} ms")
    return int(cold > MOST * alone)


if __name__ == "__main__":
    sys.exit(main())
