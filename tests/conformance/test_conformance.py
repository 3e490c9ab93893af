"""Every rule finds what it is for: a generated project has nothing, and each way to break it is found at its line."""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from mutation import Mutation
from sharing import SharedWork, mutated

from generator.checks import load_rules
from generator.checks.run import read_case, run_rules
from generator.checks.select import ADOPTING
from generator.findings import Finding
from generator.render import render_project
from generator.spec.load import load_spec
from generator.spec.request_models import load_models
from generator.validate import Validator

HERE = Path(__file__).resolve().parent
EXAMPLES = HERE.parents[1] / "examples"
AT_LEAST = 2


def mutations() -> list[Mutation]:
    """Those of every module `mutations_*.py` beside this one."""
    modules = [importlib.import_module(path.stem) for path in sorted(HERE.glob("mutations_*.py"))]
    return [mutation for module in modules for mutation in module.MUTATIONS]


ALL = mutations()
Render = Callable[[str], Path]


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Render:
    """An example's project, rendered once."""
    folder = tmp_path_factory.mktemp("examples")

    def render(name: str) -> Path:
        target = folder / name
        if not target.exists():
            spec = load_spec(EXAMPLES / name / "samgen.yaml")
            render_project(spec, target, load_models(spec, EXAMPLES / name))
        return target

    return render


@pytest.fixture(scope="session")
def shared_work() -> Iterator[SharedWork]:
    """What all mutations share."""
    work = SharedWork()
    yield work
    assert work.changed() == []


@pytest.fixture(autouse=True)
def _sharing(shared_work: SharedWork) -> Iterator[None]:
    with shared_work.shared():
        yield


@cache
def validator() -> Validator:
    """One for all, in this process: it remembers what cfn-lint says of a template that stays as it is."""
    return Validator(jobs=1)


def find(project: Path, *rules: str) -> list[Finding]:
    """What rules find; what the tools say is asked for only where a rule repeats it."""
    registry = load_rules()
    chosen = {identifier: registry[identifier] for identifier in rules or registry}
    said = validator().validate(project).findings if set(chosen) & set(ADOPTING) else ()
    return run_rules(read_case(project, said), chosen)


def identify(mutation: Mutation) -> str:
    """What pytest calls a mutation."""
    return f"{mutation.rule}-{mutation.name.replace(' ', '-')}"


@pytest.mark.parametrize("example", sorted(path.parent.name for path in EXAMPLES.glob("*/samgen.yaml")))
def test_a_generated_project_has_no_finding(rendered: Render, example: str) -> None:
    assert [finding.as_text() for finding in find(rendered(example))] == []


@pytest.mark.parametrize("mutation", ALL, ids=identify)
def test_a_mutation_is_found(rendered: Render, mutation: Mutation) -> None:
    project = rendered(mutation.example)
    file = mutation.where or mutation.file
    with mutated(project, mutation):
        expected = lines_with(project / file, mutation.at)
        assert expected, "the line of the finding is not there"
        found = [finding for finding in find(project, mutation.rule) if finding.rule == mutation.rule]
    assert any(finding.file == file and finding.line in expected for finding in found), (
        f"{mutation.rule} is to be found in {file} on a line of {sorted(expected)}; found: "
        f"{[finding.as_text() for finding in found]}"
    )


def lines_with(path: Path, fragment: str) -> set[int]:
    """The numbers of the lines that hold a fragment."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return {number for number, line in enumerate(lines, start=1) if fragment in line}


def test_every_rule_has_mutations() -> None:
    counts = Counter(mutation.rule for mutation in ALL)
    few = {identifier: counts[identifier] for identifier in load_rules() if counts[identifier] < AT_LEAST}

    assert few == {}, f"each rule has at least {AT_LEAST} mutations"
    assert set(counts) <= set(load_rules()), "each mutation is of a rule"


def test_no_mutation_is_there_twice() -> None:
    edits = Counter((m.rule, m.example, m.file, m.old, m.new) for m in ALL)
    names = Counter(identify(m) for m in ALL)

    assert [edit for edit, number in edits.items() if number > 1] == []
    assert [name for name, number in names.items() if number > 1] == []
