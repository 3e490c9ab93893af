"""A rendered project: the same bytes each time, and user text that stays text wherever it lands."""

from __future__ import annotations

import ast
import configparser
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.project import load_project
from generator.render import render_project
from generator.spec.load import load_spec, spec_from

HARMLESS = "A plain description"
DESCRIPTIONS = [
    "quotes \" and ' and \"\"\" and '''",
    "backslash \\ at the end \\",
    "<< cookiecutter.project_slug >> <# note #>",
    "#% for x in y",
    "<% raw %> {{ 1 + 1 }} {% if x %}",
    "a: b # c, [d] {e} & *f !Ref g | > - ?",
    "${} $HOME $(id) `id` ; rm -rf / | tee",
    "<script>alert(1)</script> &lt; ](http://x) ``` ---",
    "%TAG ! x: %% 100 % ~ @ , .",
    "emoji \U0001f600 Ünïcödé 日本語",
    "- --- ... key: |",
    "!!python/object/apply:os.system [id]",
]


def document(description: str, owner: str = "team", tag: str = "value") -> dict[str, Any]:
    return {
        "service": {"name": "orders", "description": description, "owner": owner, "tags": {"Tier": tag}},
        "api": {"cors_origins": ["https://app.example.com"]},
        "functions": [
            {
                "name": "hello",
                "description": description,
                "triggers": [
                    {"type": "api", "path": "/hello/{id}"},
                    {"type": "schedule", "expression": "rate(1 day)"},
                ],
                "environment": {"NOTE": description},
                "secrets": ["db"],
                "permissions": [
                    {"actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::b/*"], "reason": f"Why: {description}"}
                ],
            }
        ],
    }


def rendered(data: dict[str, Any], folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    render_project(spec_from(data, "the document"), folder / "orders")
    assert sorted(p.name for p in folder.iterdir()) == ["orders"]
    return folder / "orders"


def files(project: Path) -> dict[str, bytes]:
    return {p.relative_to(project).as_posix(): p.read_bytes() for p in project.rglob("*") if p.is_file()}


def structure(value: Any) -> Any:
    """The keys and kinds of data, without its texts."""
    if isinstance(value, dict):
        return {key: structure(item) for key, item in value.items()}
    if isinstance(value, list):
        return [structure(item) for item in value]
    return type(value).__name__


def parsed(project: Path) -> dict[str, Any]:
    """Everything of a project that a parser reads."""
    read: dict[str, Any] = {template.name: template.data for template in load_project(project).templates}
    for path in project.rglob("*"):
        name = path.relative_to(project).as_posix()
        text = path.read_text("utf-8") if path.is_file() else ""
        if path.suffix == ".json":
            read[name] = json.loads(text)
        elif path.suffix == ".py":
            read[name] = [type(node).__name__ for node in ast.walk(ast.parse(text))]
        elif path.suffix == ".toml":
            read[name] = toml(text)
        elif name in {"samgen.yaml", ".cfnlintrc.yaml"}:
            read[name] = yaml.safe_load(text)
        elif name == ".editorconfig":
            config = configparser.ConfigParser(strict=True)
            config.read_string("[top]\n" + text)
            read[name] = {section: dict(config[section]) for section in config.sections()}
        elif name == "Makefile":
            read[name] = text
        elif name == "README.md":
            read[name] = [line for line in text.splitlines() if line.startswith(("#", "```", "|"))]
    return read


def toml(text: str) -> Any:
    import tomlkit

    return tomlkit.parse(text).unwrap()


def test_twice_the_same_bytes(tmp_path: Path) -> None:
    first = files(rendered(document(HARMLESS), tmp_path / "a"))
    second = files(rendered(document(HARMLESS), tmp_path / "b"))

    assert first == second
    assert len(first) > 20


def test_files_are_unix_text(tmp_path: Path) -> None:
    project = rendered(document(DESCRIPTIONS[0]), tmp_path)
    for name, data in files(project).items():
        assert b"\r" not in data, name
        assert data.endswith(b"\n"), name
        assert not data.endswith(b"\n\n"), name
        text = data.decode("utf-8")
        assert "<<" not in text, name
        assert not any(line != line.rstrip() for line in text.splitlines()), name


def test_no_statement_is_left(tmp_path: Path) -> None:
    for name, data in files(rendered(document(HARMLESS), tmp_path)).items():
        assert b"#%" not in data, name
        assert b"<%" not in data, name
        assert b"cookiecutter" not in data, name


def test_a_failed_rendering_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from generator.render import engine

    def fail(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(engine, "render_units", fail)
    with pytest.raises(OSError, match="No space left"):
        render_project(spec_from(document(HARMLESS), "x"), tmp_path / "orders")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("description", DESCRIPTIONS)
def test_a_description_is_text_everywhere(description: str, tmp_path: Path) -> None:
    project = rendered(document(description), tmp_path / "hostile")
    harmless = parsed(rendered(document(HARMLESS), tmp_path / "harmless"))
    hostile = parsed(project)

    assert set(hostile) == set(harmless)
    for name, data in hostile.items():
        assert structure(data) == structure(harmless[name]), name
    for name in ("Makefile", "README.md", "src/hello/app.py", "tests/unit/test_hello.py"):
        assert hostile[name] == harmless[name], name
    assert load_spec(project / "samgen.yaml").service.description == description
    assert hostile["template.yaml"]["Description"] == f"Root of orders - {description}"
    function = hostile["stacks/functions/template.yaml"]["Resources"]["HelloFunction"]["Properties"]
    assert function["Description"] == description
    assert function["Environment"]["Variables"]["NOTE"] == description
    api = hostile["stacks/api/template.yaml"]["Resources"]["Api"]["Properties"]
    assert api["Description"] == api["DefinitionBody"]["info"]["description"] == description


@pytest.mark.parametrize("text", ["a: b", "+x=@y:z/", "- x", "1.0", "yes", "null", "=cmd", "@x", "0x1"])
def test_an_owner_and_a_tag_stay_text(text: str, tmp_path: Path) -> None:
    project = rendered(document(HARMLESS, owner=text, tag=text), tmp_path)
    spec = load_spec(project / "samgen.yaml")
    resources = load_project(project).template("template.yaml").resources

    assert (spec.service.owner, spec.service.tags) == (text, {"Tier": text})
    assert {kind["Properties"]["Tags"]["Owner"] for kind in resources.values()} == {text}
    assert {kind["Properties"]["Tags"]["Tier"] for kind in resources.values()} == {text}
    tags = toml((project / "samconfig.toml").read_text("utf-8"))["dev"]["deploy"]["parameters"]["tags"]
    assert f'Owner="{text}"' in tags


def test_a_long_path_gives_file_names_that_file_systems_take(tmp_path: Path) -> None:
    path = "/" + "/".join(["a" * 60] * 4)
    triggers = [{"type": "api", "path": path}, {"type": "api", "path": f"{path}/b"}]
    spec = spec_from({"service": {"name": "s"}, "functions": [{"name": "f", "triggers": triggers}]}, "the document")
    render_project(spec, tmp_path / "s")
    assert len(list((tmp_path / "s/events/f").iterdir())) == 2
