"""The pytest plugin: `pytest --samgen-matrix` gives tests every project of a template's matrix.

pytest loads this module in every run, wanted or not, so it imports nothing of samgen until the option is given.
"""

from __future__ import annotations

import logging
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from generator.regress.matrix import Combination
    from generator.regress.rendered import RenderedProject
    from generator.regress.rendering import Template


@dataclass(frozen=True)
class _Run:
    """What is rendered in this process; each combination once, when the first test asks for it."""

    template: Template
    combinations: Sequence[Combination]
    _projects: dict[str, RenderedProject] = field(default_factory=dict)

    def project(self, combination: Combination, folders: pytest.TempPathFactory) -> RenderedProject:
        from generator.errors import InputError
        from generator.regress.rendered import RenderedProject

        name = combination.name
        if name not in self._projects:
            try:
                path = self.template.render(combination, folders.mktemp("samgen", numbered=True))
            except InputError as error:
                pytest.fail(f"{name} does not render: {error}", pytrace=False)
            self._projects[name] = RenderedProject(name, combination.choices, combination.document, path)
        return self._projects[name]


_PROJECT = "samgen_project"
_RUN = pytest.StashKey[_Run]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("samgen", "projects that a template renders")
    group.addoption(
        "--samgen-matrix", action="store_true", help="Run tests of samgen_project over a template's matrix."
    )
    group.addoption("--samgen-matrix-file", metavar="FILE", type=Path, help="What adds to its axes.")
    group.addoption("--samgen-template", metavar="PATH", type=Path, help="A template other than samgen's own.")
    group.addoption(
        "--samgen-strength",
        metavar="N",
        type=int,
        choices=range(1, 5),
        default=2,
        help="Cover every N choices together.",
    )
    group.addoption("--samgen-shard", metavar="I/N", help="Only the I-th of N equal parts.")
    group.addoption("--samgen-snapshots", metavar="DIR", type=Path, help="Keep to the combinations of these snapshots.")


def pytest_configure(config: pytest.Config) -> None:
    """Work out what is to be rendered, where that is asked for.

    Raises:
        pytest.UsageError: an option is wrong, or the template has no such matrix.
    """
    if not config.getoption("samgen_matrix"):
        return
    from generator.errors import SamgenError
    from generator.regress.cache import Cache, folder_of_caches
    from generator.regress.plan import part_of, plan, shard_of
    from generator.regress.rendering import template_at

    try:
        shard = shard_of(config.getoption("samgen_shard"))
        template = template_at(config.getoption("samgen_template"))
        matrix = template.matrix(config.getoption("samgen_matrix_file"))
        strength, snapshots = config.getoption("samgen_strength"), config.getoption("samgen_snapshots")
        combinations = plan(matrix, strength, snapshots, Cache(folder_of_caches()))
    except SamgenError as error:
        raise pytest.UsageError(str(error)) from None
    # It says of each template that nobody has taken its statistics.
    logging.getLogger("samtranslator.metrics.metrics").setLevel(logging.ERROR)
    config.stash[_RUN] = _Run(template, part_of(combinations, shard))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that takes a project once a combination."""
    run = metafunc.config.stash.get(_RUN, None)
    if run is not None and _PROJECT in metafunc.fixturenames:
        names = [combination.name for combination in run.combinations]
        metafunc.parametrize(_PROJECT, run.combinations, ids=names, indirect=True, scope="session")


@pytest.fixture(scope="session")
def samgen_project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> RenderedProject:
    """A rendered project: `name`, `choices`, `path`, `templates`, `expanded`, `resources(type)` and `findings`."""
    run = request.config.stash.get(_RUN, None)
    if run is None:
        pytest.skip("--samgen-matrix is not given")
    return run.project(request.param, tmp_path_factory)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say of a failed test what its combination is: a name alone tells nobody."""
    report = yield
    combination = getattr(getattr(item, "callspec", None), "params", {}).get(_PROJECT)
    if report.failed and combination is not None:
        chosen = "\n".join(f"{axis}: {choice}" for axis, choice in combination.choices.items())
        report.sections.append((f"combination {combination.name}", chosen or "a fixed one of the matrix"))
    return report
