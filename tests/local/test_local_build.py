"""What is built of a project's code: requirements once for all that have the same, sources without SAM."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from generator.local import build as builds
from generator.local.archive import Built
from generator.local.emulator import Installation
from generator.local.packages import Package
from generator.local.requirements import is_plain
from generator.local.runtimes import Player
from generator.local.workplace import Workplace

PLAYERS = {"python3.11": Player("python3.11", "python", (3, 11)), "nodejs20.x": Player("nodejs20.x", "nodejs", (20,))}
INSTALLATION = Installation(Path("ministack"), Path("python"), "1", (3, 11), frozenset())


def package(root: Path, name: str, requirements: str = "", *, runtime: str = "python3.11", **metadata: str) -> Package:
    folder = root / "src" / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "app.py").write_text(f"# {name}\n")
    if requirements:
        (folder / "requirements.txt").write_text(requirements)
    resource = {
        "Type": "AWS::Serverless::Function",
        "Metadata": metadata,
        "Properties": {"CodeUri": str(folder), "Handler": "app.handler", "Runtime": runtime},
    }
    return Package("template.yaml", name, folder, runtime, resource)


class Sam:
    """Stands for `sam build`: every resource becomes a folder with one file, and each run is counted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.built: list[list[str]] = []
        monkeypatch.setattr(builds, "_run", self)

    def __call__(
        self, _workplace: Workplace, _installation: Installation, template: dict[str, Any], output: Path
    ) -> None:
        for name, resource in template["Resources"].items():
            (output / name).mkdir(parents=True, exist_ok=True)
            (output / name / "library.py").write_text("1\n")
            assert Path(resource["Properties"]["CodeUri"]).is_dir()
        self.built.append(sorted(template["Resources"]))


@pytest.fixture
def sam(monkeypatch: pytest.MonkeyPatch) -> Sam:
    return Sam(monkeypatch)


def build(root: Path, *found: Package) -> tuple[dict[tuple[str, str], Built], bool]:
    workplace = Workplace(root, "dev")
    workplace.prepare()
    return builds.build(workplace, INSTALLATION, list(found), PLAYERS)


def names(built: Built) -> list[str]:
    return sorted(zipfile.ZipFile(io.BytesIO(built.archive())).namelist())


def test_equal_requirements_are_built_once(tmp_path: Path, sam: Sam) -> None:
    one = package(tmp_path, "One", "a==1\n# why\nb[x]>=2,<3 ; python_version > '3'\n")
    two = package(tmp_path, "Two", "b[x]>=2,<3 ; python_version > '3'\na==1\n")
    node = package(tmp_path, "Node", runtime="nodejs20.x", BuildMethod="esbuild")
    built, ran = build(tmp_path, one, two, node)
    assert ran
    ((first, second),) = sam.built
    assert (first, second[:12]) == ("Node", "Requirements")
    assert names(built["template.yaml", "One"]) == ["app.py", "library.py", "requirements.txt"]
    assert names(built["template.yaml", "Node"]) == ["library.py"]


def test_a_change_of_sources_alone_needs_no_sam(tmp_path: Path, sam: Sam) -> None:
    one, two = package(tmp_path, "One", "a==1\n"), package(tmp_path, "Two", "a==1\n")
    before, _ran = build(tmp_path, one, two)
    (one.folder / "app.py").write_text("2\n")
    after, ran = build(tmp_path, one, two)
    assert not ran
    key_of_one, key_of_two = ("template.yaml", "One"), ("template.yaml", "Two")
    assert before[key_of_one].digest != after[key_of_one].digest
    assert before[key_of_two].digest == after[key_of_two].digest
    assert zipfile.ZipFile(io.BytesIO(after[key_of_one].archive())).read("app.py") == b"2\n"


def test_a_file_of_the_function_goes_over_one_of_its_requirements(tmp_path: Path, sam: Sam) -> None:
    one, two = package(tmp_path, "One", "a==1\n"), package(tmp_path, "Two", "a==1\n")
    (one.folder / "library.py").write_text("own\n")
    built, _ran = build(tmp_path, one, two)
    for name, content in (("One", b"own\n"), ("Two", b"1\n")):
        archive = built["template.yaml", name].archive()
        assert zipfile.ZipFile(io.BytesIO(archive)).read("library.py") == content
        assert names(built["template.yaml", name]) == ["app.py", "library.py", "requirements.txt"]
        assert built["template.yaml", name].archive() == archive


def test_a_change_of_requirements_is_built(tmp_path: Path, sam: Sam) -> None:
    one = package(tmp_path, "One", "a==1\n")
    build(tmp_path, one)
    (one.folder / "requirements.txt").write_text("a==2\n")
    assert build(tmp_path, one)[1]
    assert len(list((tmp_path / ".aws-sam" / "local" / "requirements").iterdir())) == 1


def test_without_requirements_sam_is_not_asked(tmp_path: Path, sam: Sam) -> None:
    built, ran = build(tmp_path, package(tmp_path, "One"))
    assert (ran, sam.built, names(built["template.yaml", "One"])) == (False, [], ["app.py"])


@pytest.mark.parametrize("name", [".app.py.swp", "app.py~", "4913", ".#app.py", "__pycache__/app.pyc", ".env"])
def test_what_editors_and_runs_leave_is_no_change(tmp_path: Path, sam: Sam, name: str) -> None:
    one = package(tmp_path, "One")
    before, _ran = build(tmp_path, one)
    (one.folder / name).parent.mkdir(exist_ok=True)
    (one.folder / name).write_text("x")
    assert build(tmp_path, one)[0] == before
    assert names(before["template.yaml", "One"]) == ["app.py"]


@pytest.mark.parametrize(
    "requirements", ["-r ../common.txt", "./library", "x @ file:///x", "--no-index", "https://example.com/x.whl"]
)
def test_requirements_that_are_files_are_left_to_sam(tmp_path: Path, requirements: str) -> None:
    assert not is_plain(package(tmp_path, "One", requirements), PLAYERS)


def test_a_build_of_its_own_is_left_to_sam(tmp_path: Path) -> None:
    assert not is_plain(package(tmp_path, "One", BuildMethod="makefile"), PLAYERS)
    assert is_plain(package(tmp_path, "Two"), PLAYERS)
