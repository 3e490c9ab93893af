"""The unrendered templates: YAML with line statements and nothing else, as CONTRIBUTING promises."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from cookiecutter.utils import create_env_with_context
from jinja2 import meta

from generator import paths
from generator.render.names import template_names

PROJECT = paths.template_root() / "<<cookiecutter.project_slug>>"
YAML_TEMPLATES = sorted(p for p in PROJECT.rglob("*.yaml") if p.name != "samgen.yaml")
ALL_TEMPLATES = sorted(p for folder in (PROJECT, paths.runtimes()) for p in folder.rglob("*") if p.is_file())
# Names that a loop over functions, routes or parts gives, for one function's own templates.
PER_UNIT = {"function", "route", "schedule", "source", "example", "family", "number", "part"}


def identify(path: Path) -> str:
    return path.relative_to(paths.template_root()).as_posix()


class _Loader(yaml.SafeLoader):
    """Knows CloudFormation's tags."""


def _tagged(loader: yaml.SafeLoader, _suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node)
    assert isinstance(node, yaml.MappingNode)
    return loader.construct_mapping(node)


_Loader.add_multi_constructor("!", _tagged)


def depths(text: str) -> Iterator[tuple[int, int]]:
    """Line and depth of every line statement that opens a block."""
    depth = 0
    for number, line in enumerate(text.splitlines(), start=1):
        statement = re.match(r"\s*#%\s*(\w+)", line)
        if statement is None:
            continue
        word = statement[1]
        if word in {"if", "for"}:
            depth += 1
            yield number, depth
        elif word in {"endif", "endfor"}:
            depth -= 1
    assert depth == 0


def test_there_are_templates() -> None:
    assert {"template.yaml", "stacks/api/template.yaml", "bootstrap/template.yaml"} <= {
        p.relative_to(PROJECT).as_posix() for p in YAML_TEMPLATES
    }


@pytest.mark.parametrize("path", YAML_TEMPLATES, ids=identify)
def test_an_unrendered_template_is_yaml(path: Path) -> None:
    # The name of a key may be a value of the template's; what repeats in both branches of a condition would not parse.
    nodes = yaml.compose(path.read_text("utf-8"), Loader=_Loader)
    assert isinstance(nodes, yaml.MappingNode)
    assert yaml.load(path.read_text("utf-8"), Loader=_Loader)  # noqa: S506 (a SafeLoader)


@pytest.mark.parametrize("path", YAML_TEMPLATES, ids=identify)
def test_structure_is_line_statements_only(path: Path) -> None:
    text = path.read_text("utf-8")
    assert "<%" not in text
    assert "%>" not in text
    for line in text.splitlines():
        if "#%" in line:
            assert line.startswith("#%"), line


@pytest.mark.parametrize("path", YAML_TEMPLATES, ids=identify)
def test_statements_are_not_nested_deeply(path: Path) -> None:
    assert all(depth <= 2 for _, depth in depths(path.read_text("utf-8")))


@pytest.mark.parametrize("path", ALL_TEMPLATES, ids=identify)
def test_every_name_in_a_template_is_known(path: Path) -> None:
    import json

    settings = json.loads((paths.template_root() / "cookiecutter.json").read_text("utf-8"))
    private = {key: value for key, value in settings.items() if key.startswith("_") and not key.startswith("__")}
    environment = create_env_with_context({"cookiecutter": private})
    known = {"cookiecutter", "loop", *template_names({"project_slug": "orders"}), *PER_UNIT}

    source = environment.preprocess(path.read_text("utf-8"), None)
    used = meta.find_undeclared_variables(environment.parse(source))
    names = meta.find_undeclared_variables(environment.parse(identify(path)))
    assert used | names <= known


def test_an_unknown_name_would_be_noticed(tmp_path: Path) -> None:
    from jinja2 import UndefinedError

    environment = create_env_with_context(
        {"cookiecutter": {"_extensions": ["generator.render.extension.ProjectExtension"]}}
    )
    template = environment.from_string("{{ servce.name }}")
    with pytest.raises(UndefinedError, match="'servce' is undefined"):
        template.render(cookiecutter={"project_slug": "orders"})
