"""What `samgen update` would make of a project: its samgen.yaml rendered anew, over the files that it has."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from generator.changes.files import project_files
from generator.errors import InputError
from generator.staging import staged

SPEC = "samgen.yaml"


@contextmanager
def updated(project: Path) -> Iterator[Path]:
    """A folder with the project as an update would leave it; it is removed at the end.

    Files that the template does not know stay, and samgen.yaml stays as its author wrote it.

    Raises:
        InputError: the folder has no samgen.yaml, or it is not sound.
    """
    from generator.render import render_project
    from generator.spec.load import load_spec
    from generator.spec.request_models import load_models

    if not project.is_dir():
        raise InputError(f"{project} is no folder; name a project's.")
    if not (project / SPEC).is_file():
        raise InputError(
            f"{project} has no {SPEC}; 'samgen adopt' writes one, '--against FOLDER' compares two folders."
        )
    spec = load_spec(project / SPEC)
    models = load_models(spec, project)
    with staged(Path(tempfile.gettempdir()) / spec.service.name, beside=Path(tempfile.gettempdir())) as staging:
        render_project(spec, staging.project, models)
        for path in project_files(project):
            if path.as_posix() == SPEC or not (staging.project / path).exists():
                _copy(project / path, staging.project / path)
        yield staging.project


def _copy(source: Path, target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        shutil.copyfile(source, target, follow_symlinks=False)
    except OSError as error:
        raise InputError(f"{source} cannot be read: {error.strerror or error}.") from None
