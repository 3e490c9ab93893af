"""An installed samgen and a checkout render the same bytes."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path, pythonpath: Path | None = None) -> str:
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("PYTHONPATH", None)
    if pythonpath:
        environment["PYTHONPATH"] = str(pythonpath)
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def tree(folder: Path) -> dict[str, tuple[bool, bytes]]:
    """Every file of a folder: whether it is executable, and its bytes."""
    return {
        path.relative_to(folder).as_posix(): (bool(path.stat().st_mode & 0o100), path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the source archive as `make build` does it."""
    dist = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", dist, REPOSITORY, cwd=dist)
    (built,) = dist.glob("aws_samgen-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the wheel is installed in; its dependencies come from the running Python."""
    site = tmp_path_factory.mktemp("site")
    run(
        # With byte code, as an installation has it: none of it may find its way into a project.
        *(sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--compile"),
        *("--target", site, wheel),
        cwd=site,
    )
    return site


def test_the_wheel_carries_the_whole_template(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        carried = {name for name in archive.namelist() if name.startswith("generator/_template/")}
    expected = {"generator/_template/cookiecutter.json"}
    for part in ("<<cookiecutter.project_slug>>", "hooks", "runtimes"):
        expected |= {
            f"generator/_template/{path.relative_to(REPOSITORY).as_posix()}"
            for path in (REPOSITORY / part).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
    assert carried == expected


def test_the_wheel_has_the_command(installed: Path, tmp_path: Path) -> None:
    shown = run(sys.executable, installed / "bin" / "samgen", "--version", cwd=tmp_path, pythonpath=installed)
    assert shown.startswith("samgen ")


def test_an_installed_samgen_renders_what_the_checkout_renders(installed: Path, tmp_path: Path) -> None:
    trees = []
    for root in (installed, REPOSITORY):
        output = tmp_path / f"from-{root.name}"
        output.mkdir()
        where = run(sys.executable, "-c", "import generator; print(generator.__file__)", cwd=output, pythonpath=root)
        assert Path(where.strip()).is_relative_to(root)
        run(
            *(sys.executable, "-m", "generator", "new", "svc", "--no-input", "--no-git", "--skip-validation"),
            *("--function", "orders", "--function", "sweep::schedule", "--output-dir", output),
            cwd=output,
            pythonpath=root,
        )
        trees.append(tree(output))
    assert "svc/samgen.yaml" in trees[0]
    assert trees[0] == trees[1]
