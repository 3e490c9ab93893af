"""The scanners: each looks at one example and says what it objects to.

A tool that is not installed is an error, never a pass. Each is run offline, by name, from the scan's own
virtual environment, as several pin libraries that samgen uses in other versions.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from scripts.scan import cfn_nag
from scripts.scan.expanded import Expanded
from scripts.scan.failure import Failure

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(os.environ.get("SCAN_BIN", ROOT / ".venv-scan" / "bin"))
GUARD_RULES = ROOT / "tests" / "scan" / "guard" / "catalogue.guard"
TEMPLATE_FOLDER = ROOT / "<<cookiecutter.project_slug>>"
# What an expanded template that was not packaged yet is expected to show; samgen validate leaves them out too.
EXPECTED_OF_EXPANDED = {"W2001", "W3002"}


def run(*command: str | Path, cwd: Path = ROOT, fine: tuple[int, ...] = (0, 1)) -> str:
    """What a tool prints; stops the scan where it cannot be run or fails in another way than by findings."""
    env = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "NO_COLOR": "1"}
    try:
        done = subprocess.run(
            [str(part) for part in command], cwd=cwd, env=env, capture_output=True, text=True, check=False
        )
    except OSError as error:
        raise SystemExit(f"{command[0]} cannot be run: {error.strerror}. `make scan` installs it.") from None
    if done.returncode not in fine:
        raise SystemExit(f"{command[0]} failed ({done.returncode}):\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def checkov(expanded: Expanded) -> Iterator[Failure]:
    """Checkov's policies: expanded templates, workflows, the OpenAPI document."""
    options = ["--output", "json", "--compact", "--skip-download", "--soft-fail"]
    frameworks = ["cloudformation", "github_actions", "openapi"]
    text = run(BIN / "checkov", "--directory", expanded.folder, "--framework", *frameworks, *options)
    reports = json.loads(text)
    for report in reports if isinstance(reports, list) else [reports]:
        results = report.get("results", {})
        if results.get("parsing_errors"):
            raise SystemExit(f"checkov cannot read {results['parsing_errors']}")
        # What a template's Metadata suppresses has to be listed as well.
        for check in results.get("failed_checks", []) + results.get("skipped_checks", []):
            place = check["file_path"].lstrip("/")
            resource = check["resource"].rsplit(".", 1)[-1]
            place = f"{place}#{resource}" if report["check_type"] == "cloudformation" else place
            yield Failure("checkov", check["check_id"], place, check["check_name"])


def serverless_rules(expanded: Expanded) -> Iterator[Failure]:
    """cfn-lint with the serverless rules, on the source and, without its suppressions, on the expanded templates."""
    bare = expanded.work / "bare"
    for name, data in expanded.templates.items():
        target = bare / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(_without_suppressions(data)), encoding="utf-8")
    for folder, ignored in ((expanded.project, set()), (bare, EXPECTED_OF_EXPANDED)):
        options = ["--append-rules", "cfn_lint_serverless.rules", "--format", "json", "--"]
        text = run(BIN / "cfn-lint", *options, *expanded.templates, cwd=folder, fine=(0, 2, 4, 6, 8, 10, 12, 14))
        for match in json.loads(text or "[]"):
            rule = match["Rule"]["Id"]
            path = match["Location"].get("Path") or []
            resource = path[1] if len(path) > 1 else ""
            if rule not in ignored:
                yield Failure("cfn-lint", rule, f"{match['Filename']}#{resource}", match["Message"])


def _without_suppressions(template: dict[str, Any]) -> dict[str, Any]:
    resources = template["Resources"].items()
    bare = {name: {k: v for k, v in resource.items() if k != "Metadata"} for name, resource in resources}
    return {**template, "Resources": bare}


def cfripper(expanded: Expanded) -> Iterator[Failure]:
    """Cfripper's rules, with a value for each parameter."""
    folder = expanded.work / "cfripper"
    folder.mkdir()
    values = folder / "parameters.json"
    values.write_text(json.dumps(expanded.parameters()), encoding="utf-8")
    options = ["--resolve", "--resolve-parameters", str(values), "--format", "json", "--logging", "ERROR"]
    for name, data in expanded.templates.items():
        template = folder / name.replace("/", "_")
        # It cannot read a number with a fraction, such as an alarm's threshold; none of its rules looks at one.
        template.write_text(json.dumps(_whole(data)), encoding="utf-8")
        # One template a run: it reads the file of parameters only once.
        (answer,) = [line for line in run(BIN / "cfripper", template, *options, fine=(0, 2)).splitlines() if line]
        for failure in json.loads(answer)["failures"]:
            for resource in failure["resource_ids"] or [""]:
                yield Failure("cfripper", failure["rule"], f"{name}#{resource}", failure["reason"])


def _whole(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_whole(item) for item in value]
    return int(value) if isinstance(value, float) else value


def guard(expanded: Expanded) -> Iterator[Failure]:
    """CloudFormation Guard, with the catalogue's points as rules."""
    paths = {str(expanded.folder / name): name for name in expanded.templates}
    text = run(BIN / "python", ROOT / "scripts" / "scan" / "run_guard.py", GUARD_RULES, *paths)
    for failure in json.loads(text):
        yield Failure("guard", failure["rule"], f"{paths[failure['template']]}#{failure['resource']}")


def nag(expanded: Expanded) -> Iterator[Failure]:
    """cfn_nag's documented rules, by this repository's own checker."""
    for name, data in expanded.templates.items():
        for rule, resource in cfn_nag.violations(data):
            yield Failure("cfn_nag", rule.id, f"{name}#{resource}", rule.meaning)


def openapi(expanded: Expanded) -> Iterator[Failure]:
    """openapi-spec-validator on the resolved document."""
    if expanded.openapi is not None:
        text = run(BIN / "openapi-spec-validator", expanded.openapi)
        if not text.strip().endswith("OK"):
            yield Failure("openapi-spec-validator", "invalid", "openapi.json", text.strip()[:500])


def workflows(expanded: Expanded) -> Iterator[Failure]:
    """Actionlint and zizmor on the workflows."""
    folder = expanded.project / ".github" / "workflows"
    files = [f".github/workflows/{path.name}" for path in sorted(folder.glob("*.y*ml"))]
    if not files:
        return
    text = run(BIN / "actionlint", "-format", "{{json .}}", *files, cwd=expanded.project)
    for error in json.loads(text or "[]"):
        yield Failure("actionlint", error["kind"], error["filepath"], f"{error['line']}: {error['message']}")
    text = run(
        BIN / "zizmor", "--offline", "--no-progress", "--format", "json", *files, cwd=expanded.project,
        fine=(0, 11, 12, 13, 14),
    )  # fmt: skip
    for finding in json.loads(text or "[]"):
        where = json.dumps(finding["locations"])
        (path, *_) = re.findall(r"\.github/workflows/[\w.-]+", where) or [""]
        yield Failure("zizmor", finding["ident"], path, finding["desc"])


def shell(expanded: Expanded) -> Iterator[Failure]:
    """Shellcheck on every shell script."""
    scripts = [path for path in _files(expanded.project, "*") if _is_shell(path)]
    if scripts:
        text = run(BIN / "shellcheck", "--format", "json", *scripts)
        for comment in json.loads(text):
            place = Path(comment["file"]).relative_to(expanded.project).as_posix()
            yield Failure("shellcheck", f"SC{comment['code']}", place, f"{comment['line']}: {comment['message']}")


def _is_shell(path: Path) -> bool:
    with path.open("rb") as file:
        return path.suffix == ".sh" or bool(re.match(rb"#!.*\b(ba)?sh\b", file.readline(200)))


def python(expanded: Expanded) -> Iterator[Failure]:
    """Ruff and mypy, with the project's own settings."""
    project = expanded.project
    text = run(sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format", "json", ".", cwd=project)
    for finding in json.loads(text):
        place = Path(finding["filename"]).relative_to(project.resolve()).as_posix()
        yield Failure("ruff", finding["code"] or "syntax", place, finding["message"])
    text = run(sys.executable, "-m", "ruff", "format", "--no-cache", "--check", ".", cwd=project)
    for name in re.findall(r"^Would reformat: (.+)$", text, re.MULTILINE):
        yield Failure("ruff", "format", name)
    # Each function is packaged alone, and all are called app.py.
    folders = [path.parent.relative_to(project).as_posix() for path in sorted(project.glob("src/*/app.py"))]
    for folder in [*folders, "tests", "scripts"]:
        options = ["--python-version=3.11", "--no-error-summary", f"--cache-dir={expanded.work / 'mypy'}"]
        text = run(sys.executable, "-m", "mypy", *options, folder, cwd=project, fine=(0, 1, 2))
        for name, message, rule in re.findall(r"^(.+?):\d+: error: (.+?)  \[([\w-]+)\]$", text, re.MULTILINE):
            yield Failure("mypy", rule, name, message)


def yaml_files(expanded: Expanded) -> Iterator[Failure]:
    """Yamllint on the project, with the settings that the project carries."""
    yield from _yamllint(expanded.project, ".yamllint.yaml", ["."])


def _yamllint(folder: Path, config: str | Path, paths: list[str]) -> Iterator[Failure]:
    text = run(BIN / "yamllint", "--strict", "--format", "parsable", "-c", config, *paths, cwd=folder, fine=(0, 1, 2))
    for path, line, message, rule in re.findall(r"^(.+?):(\d+):\d+: \[\w+\] (.+?) \(([\w-]+)\)$", text, re.MULTILINE):
        yield Failure("yamllint", rule, path.removeprefix("./"), f"{line}: {message}")


def markdown(expanded: Expanded) -> Iterator[Failure]:
    """PyMarkdown on the project's documents."""
    yield from _pymarkdown(expanded.project, [str(path) for path in _files(expanded.project, "*.md")])


def _pymarkdown(folder: Path, files: list[str]) -> Iterator[Failure]:
    if not files:
        return
    text = run(BIN / "pymarkdown", "--config", ROOT / ".pymarkdown.json", "scan", *files, cwd=folder)
    for path, line, rule, message in re.findall(r"^(.+?):(\d+):\d+: (MD\d+|PML\d+): (.+)$", text, re.MULTILINE):
        place = os.path.relpath(folder / path, folder)
        yield Failure("pymarkdown", rule, place, f"{line}: {message}")


def node(expanded: Expanded) -> Iterator[Failure]:
    """Eslint and tsc, where the project has Node.js functions."""
    if not (expanded.project / "package.json").is_file():
        return
    if not (expanded.project / "node_modules").is_dir():
        run("npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", cwd=expanded.project, fine=(0,))
    text = run("npx", "--no-install", "eslint", "--format", "json", ".", cwd=expanded.project)
    for file in json.loads(text):
        place = Path(file["filePath"]).relative_to(expanded.project.resolve()).as_posix()
        for message in file["messages"]:
            yield Failure("eslint", message["ruleId"] or "syntax", place, message["message"])
    text = run("npx", "--no-install", "tsc", "--noEmit", cwd=expanded.project, fine=(0, 1, 2))
    for name, rule, message in re.findall(r"^(.+?)\(\d+,\d+\): error (TS\d+): (.+)$", text, re.MULTILINE):
        yield Failure("tsc", rule, name, message)


def _files(project: Path, pattern: str) -> list[Path]:
    """A project's own files, without what tools made beside them."""
    made = {"node_modules", ".venv", ".aws-sam", "__pycache__", ".git"}
    return sorted(p for p in project.rglob(pattern) if p.is_file() and not made & set(p.relative_to(project).parts))


def unrendered() -> Iterator[Failure]:
    """Yamllint on the templates as they are written, whose logic is comments."""
    files = [str(path.relative_to(TEMPLATE_FOLDER)) for path in sorted(TEMPLATE_FOLDER.rglob("*.yaml"))]
    # This one is a single value, the user's own spec.
    files.remove("samgen.yaml")
    yield from _yamllint(TEMPLATE_FOLDER, ROOT / ".yamllint.yaml", files)


def documents() -> Iterator[Failure]:
    """PyMarkdown on this repository's own documents."""
    yield from _pymarkdown(ROOT, [str(path) for path in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])])


SCANNERS: dict[str, Callable[[Expanded], Iterator[Failure]]] = {
    "checkov": checkov,
    "cfn-lint, serverless rules": serverless_rules,
    "cfripper": cfripper,
    "guard": guard,
    "cfn_nag's rules": nag,
    "openapi-spec-validator": openapi,
    "actionlint, zizmor": workflows,
    "shellcheck": shell,
    "ruff, mypy": python,
    "eslint, tsc": node,
    "yamllint": yaml_files,
    "pymarkdown": markdown,
}
