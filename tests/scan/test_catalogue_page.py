"""docs/catalogue.md: a row for every point, with places and tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from generator.render import render_project
from generator.spec.load import load_spec
from generator.spec.request_models import load_models

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "catalogue.md").read_text("utf-8")
ROWS = [tuple(cell.strip() for cell in line.split("|")[1:-1]) for line in PAGE.splitlines() if line.startswith("| SG")]
# The last number of each category; the tenth is 0.
POINTS = {1: 7, 2: 6, 3: 5, 4: 5, 5: 6, 6: 6, 7: 5, 8: 4, 9: 4, 0: 5}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = ROOT / "examples" / "orders"
    spec = load_spec(folder / "samgen.yaml")
    target = tmp_path_factory.mktemp("catalogue") / "orders"
    render_project(spec, target, load_models(spec, folder))
    return target


def test_every_point_has_a_row() -> None:
    wanted = [f"SG{category}{number:02}" for category, last in POINTS.items() for number in range(1, last + 1)]
    assert [row[0] for row in ROWS] == wanted
    assert all(len(row) == 4 and all(row) for row in ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row[0]))
def test_a_rows_tests_exist(row: tuple[str, str, str, str]) -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", row[3])
    assert named
    for path, test in named:
        assert re.search(rf"^def {test}\(", (ROOT / path).read_text("utf-8"), re.MULTILINE), f"{path}::{test}"


def test_the_places_are_files_of_the_example_and_name_what_is_in_them(project: Path) -> None:
    seen = 0
    for point, _, places, _ in ROWS:
        for file, words in re.findall(r"`([\w./-]+\.\w+)`(?:: ([^;`]+))?", places):
            text = (project / file).read_text("utf-8")
            for word in re.findall(r"\b[A-Z][a-z]+(?:[A-Z]\w+)+\b", words):
                assert word in text, f"{point}: {file} has no {word}"
            seen += 1
    assert seen > 40
