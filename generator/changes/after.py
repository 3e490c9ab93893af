"""What `samgen update` would make of a project.

Where what was rendered last is recorded, that is the merge of the project with what is rendered now. Of a project
without that record (an adopted one, or one of an older samgen) it is what is rendered now, laid over its files.
"""

from __future__ import annotations

import importlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from generator.changes.files import project_files
from generator.changes.masking import Masker
from generator.errors import InputError
from generator.staging import staged

SPEC = "samgen.yaml"
RECORD = ".samgen/rendered.tar.xz"
_MERGE = "generator.merge"


@dataclass(frozen=True)
class After:
    """A project as an update would leave it.

    Attributes:
        folder: its files.
        conflicts: what the update could not decide, as the merge says it.
        migrations: what it migrates to a later version, in words.
    """

    folder: Path
    conflicts: tuple[str, ...] = ()
    migrations: tuple[str, ...] = ()


@contextmanager
def updated(project: Path, base: str | None = None) -> Iterator[After]:
    """The project as an update would leave it, in a folder that is removed at the end.

    Files that the template does not know stay, and samgen.yaml stays as its author wrote it.

    Args:
        project: the project's folder.
        base: what was rendered last, of a project that does not record it: see `generator.merge.base.find_base`.

    Raises:
        InputError: the folder has no samgen.yaml, or it is not sound, or the record of what was rendered last is not.
    """
    if not project.is_dir():
        raise InputError(f"{project} is no folder; name a project's.")
    if not (project / SPEC).is_file():
        raise InputError(f"{project} has no {SPEC}; 'samgen adopt' writes one, --against compares two folders.")
    place = Path(tempfile.gettempdir())
    with staged(place / "updated", beside=place) as staging:
        if base is None and not _is_recorded(project):
            yield _rendered(project, staging.project)
        else:
            yield _merged(project, base, staging.project)


def _is_recorded(project: Path) -> bool:
    return (project / RECORD).is_file() and find_spec(_MERGE) is not None


def _merged(project: Path, base: str | None, folder: Path) -> After:
    """Merged with what is rendered now; the record of it, too, is a file that changes."""
    # By name, as the merge is a part of its own, which a project without a record does not need.
    update: Any = importlib.import_module(f"{_MERGE}.update")
    state: Any = importlib.import_module(f"{_MERGE}.state")
    work = folder.with_name(f"{folder.name}.work")
    work.mkdir()
    plan = update.plan(project, work, base)
    files = {name: file.data for name, file in plan.merged().items()}
    if plan.renewed:
        files[RECORD] = state.pack(plan.rendered)
    # What the merge does not look at, such as links and large files, stays.
    _copy_files(project, folder, {path.as_posix() for path in project_files(project)} - plan.before.keys())
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    masker = Masker([])
    conflicts = tuple(masker.text(conflict.as_text()) for conflict in plan.merge.conflicts)
    return After(folder, conflicts, tuple(f"since {one.version}: {one.told}" for one in plan.migrations))


def _rendered(project: Path, folder: Path) -> After:
    from generator.render import render_project
    from generator.spec.load import load_spec
    from generator.spec.request_models import load_models

    spec = load_spec(project / SPEC)
    render_project(spec, folder, load_models(spec, project))
    own = {path.as_posix() for path in project_files(project)}
    _copy_files(project, folder, {name for name in own if name == SPEC or not (folder / name).exists()})
    return After(folder)


def _copy_files(project: Path, folder: Path, names: set[str]) -> None:
    for name in sorted(names):
        target = folder / name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)
            shutil.copyfile(project / name, target, follow_symlinks=False)
        except OSError as error:
            raise InputError(f"{project / name} cannot be read: {error.strerror or error}.") from None
