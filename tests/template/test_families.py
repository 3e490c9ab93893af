"""A runtime family is a folder under `runtimes/`: what one of Ruby needs is here, and nothing else is changed."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from rendering import ROOT, document, render, sound

from generator import paths
from generator.render.families import Family
from generator.spec import runtimes

RUBY = {
    "runtime.json": '{"handler": "app.Handler.call", "builder": "Ruby", "ignored": [".bundle/"], '
    '"metadata": {"Ruby": "${version}"}}',
    "src/<<function.name>>/app.rb": '# << function.name >>\nputs "hello"\n',
    "_project/Gemfile": "# << service.name >>\n",
    "_project/make/ruby.mk": "test: test-ruby\ntest-ruby:\n\trake test\n",
    "_notes.md": "For maintainers.\n",
}


@pytest.fixture
def ruby(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A template with a further family; returns its newest runtime."""
    root = tmp_path / "template"
    for part in (paths.PROJECT_FOLDER, "runtimes", "hooks"):
        shutil.copytree(ROOT / part, root / part)
    shutil.copy(ROOT / "cookiecutter.json", root)
    for name, text in RUBY.items():
        file = root / "runtimes/ruby" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    monkeypatch.setattr(paths, "template_root", lambda: root)
    runtime = runtimes.newest("ruby")
    assert runtime is not None
    return runtime


def test_a_family_is_a_folder(ruby: str, tmp_path: Path) -> None:
    triggers = [{"type": "api", "path": "/x"}, {"type": "sqs", "queue": "work"}]
    members = [{"name": "gem", "runtime": ruby, "triggers": triggers}, {"name": "second", "runtime": ruby}]
    project = sound(document(functions=members), tmp_path / "out")
    assert (project / "src/gem/app.rb").read_text("utf-8") == '# gem\nputs "hello"\n'
    assert (project / "src/second/app.rb").is_file()
    assert (project / "events/gem/sqs_1.json").is_file()
    assert (project / "Gemfile").read_text("utf-8") == "# orders\n"
    assert ".bundle/" in (project / ".gitignore").read_text("utf-8").splitlines()
    assert not [path for path in project.rglob("*") if path.name in {"_notes.md", "runtime.json", "_project"}]
    loader = type("Loader", (yaml.CSafeLoader,), {})
    loader.add_multi_constructor("!", lambda *_: None)  # type: ignore[attr-defined]
    template = yaml.load((project / "stacks/functions/template.yaml").read_text("utf-8"), Loader=loader)  # noqa: S506
    function = template["Resources"]["GemFunction"]
    assert function["Properties"]["Handler"] == "app.Handler.call"
    assert function["Metadata"]["Ruby"] == ruby.removeprefix("ruby")


def test_make_runs_what_a_family_adds(ruby: str, tmp_path: Path) -> None:
    project = render(document(functions=[{"name": "gem", "runtime": ruby}]), tmp_path / "out")
    planned = subprocess.run(["make", "-n", "test"], cwd=project, capture_output=True, text=True, check=True).stdout
    assert "rake test" in planned
    assert "vitest" not in planned


@pytest.mark.parametrize("name", runtimes.families())
def test_a_family_says_what_the_templates_need(name: str) -> None:
    facts = json.loads((paths.runtimes() / name / "runtime.json").read_text("utf-8"))
    assert set(facts) <= {"handler", "builder", "ignored", "metadata"}
    family = Family(name)
    assert family.handler
    assert family.ignored
    runtime = runtimes.newest(name)
    assert runtime is not None
    assert "${" not in json.dumps(family.metadata(runtime))
    assert (family.project_folder / f"make/{name}.mk").is_file()
    documented = (ROOT / "docs/runtimes.md").read_text("utf-8")
    assert all(f"`{fact}`" in documented for fact in facts)
