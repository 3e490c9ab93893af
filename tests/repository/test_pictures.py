"""The pictures of reports in the documents: small, and still to be taken as their script does."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.render import render_project
from generator.spec.load import load_spec
from generator.spec.request_models import load_models
from scripts.examples import EXAMPLES
from scripts.png import read_png, write_png
from scripts.report_pictures import FAULTS, LARGEST, PICTURES, SIZES, break_project


@pytest.mark.parametrize("name", SIZES)
def test_a_picture_is_there_and_small(name: str) -> None:
    picture = (PICTURES / f"{name}.png").read_bytes()

    assert picture.startswith(b"\x89PNG")
    assert len(picture) < LARGEST


def test_the_example_can_still_be_broken_as_the_picture_shows(tmp_path: Path) -> None:
    spec = load_spec(EXAMPLES / "orders" / "samgen.yaml")
    project = tmp_path / "orders"
    render_project(spec, project, load_models(spec, EXAMPLES / "orders"))
    break_project(project)

    assert all(new in (project / name).read_text("utf-8") for name, _, new in FAULTS)
    with pytest.raises(SystemExit, match="does not hold"):
        break_project(project)


def test_what_is_no_png_of_a_browser_is_refused() -> None:
    with pytest.raises(ValueError, match="not a PNG"):
        read_png(b"GIF89a")
    with pytest.raises(ValueError, match="not a PNG"):
        read_png(write_png([[b"\0\0\0"]]))  # a palette
