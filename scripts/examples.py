"""Renders every spec under examples/ into build/examples/, validates it and prints the counts.

`samgen new` does the work, as it would for a user; a finding fails it. What is in the way in
build/examples/ is replaced.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

from generator.project import expand, load_project

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples"
RENDERED = ROOT / "build" / "examples"


def specs() -> list[Path]:
    """The spec of each example, by name."""
    return sorted(EXAMPLES.glob("*/samgen.yaml"))


def render(spec: Path, folder: Path) -> Path:
    """Make an example's project below `folder`; exits with what `samgen new` says where it has findings."""
    project = folder / spec.parent.name
    shutil.rmtree(project, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    options = ["--no-input", "--no-git", "--spec", str(spec), "--output-dir", str(folder)]
    done = subprocess.run(
        [sys.executable, "-m", "generator", "new", *options], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{spec.relative_to(ROOT)}:\n{done.stdout}{done.stderr}")
    if not project.is_dir():
        sys.exit(f"{spec.relative_to(ROOT)}: the service is not called as its folder, {project.name}.")
    return project


def counts(project: Path) -> str:
    """What a project comes to: files, stacks, resources of the expanded templates."""
    files = sum(path.is_file() for path in project.rglob("*"))
    kinds: Counter[str] = Counter()
    templates = load_project(project).templates
    for template in templates:
        data = expand(template, "us-west-2").data or {}
        kinds.update(resource["Type"] for resource in data.get("Resources", {}).values())
    functions, alarms = kinds["AWS::Lambda::Function"], kinds["AWS::CloudWatch::Alarm"]
    return (
        f"{files} files, {len(templates)} templates, {kinds.total()} resources of {len(kinds)} types "
        f"({functions} functions, {alarms} alarms), 0 findings"
    )


def main() -> None:
    """Render and validate every example."""
    for spec in specs():
        project = render(spec, RENDERED)
        print(f"{project.relative_to(ROOT)}: {counts(project)}")


if __name__ == "__main__":
    main()
