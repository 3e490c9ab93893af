#!/usr/bin/env python3
"""Asks every function of a deployed environment whether it starts, through its alias, without doing work.

    python scripts/smoke.py dev

Each handler answers {"source": "pre-traffic"} with {"status": "ok"} as soon as its code, its libraries and
its configuration are loaded. That is all this says: it calls no route and reads no data.
"""

import argparse
import json
import tempfile
from pathlib import Path

from _aws import AwsError, Target, ask, guard, run, shown, targets

FUNCTIONS = """
#% for function in functions
<< function.name >>
#% endfor
""".split()
PROBE = json.dumps({"source": "pre-traffic"})
ANSWER = {"status": "ok"}


def problem(target: Target, function: str) -> str | None:
    """What is wrong with a function, or nothing."""
    with tempfile.TemporaryDirectory() as folder:
        answer, probe = Path(folder) / "answer.json", Path(folder) / "probe.json"
        probe.write_text(PROBE, encoding="utf-8")
        try:
            said = ask(
                target, "lambda", "invoke", "--function-name", f"{target.stack}-{function}", "--qualifier", "live",
                "--payload", probe.as_uri().replace("file:", "fileb:", 1), str(answer),
            )  # fmt: skip
            text = answer.read_text(encoding="utf-8", errors="replace") if answer.is_file() else ""
        except AwsError as error:
            return str(error)
    if said.get("FunctionError"):
        return f"it failed: {text}"
    try:
        return None if json.loads(text) == ANSWER else f"it answered {text} and not {json.dumps(ANSWER)}"
    except ValueError:
        return f"it answered {text!r}, which is not JSON"


def main() -> int:
    """Read the arguments and ask."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("environment")
    parser.add_argument("--region-name", metavar="REGION", help="this region of the environment only")
    arguments = parser.parse_args()
    chosen = targets(arguments.environment, arguments.region_name)
    guard(chosen)
    failed = 0
    for target in chosen:
        for function in FUNCTIONS:
            wrong = problem(target, function)
            failed += wrong is not None
            print(shown(f"{target.stack}-{function} in {target.region}: {wrong or 'ok'}"))
    return 1 if failed else 0


if __name__ == "__main__":
    run(main)
