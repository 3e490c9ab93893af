"""An update of a project: rendered anew, merged, reviewed; nothing of the project is touched before all of that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from generator import __version__
from generator.errors import InputError
from generator.merge import transaction
from generator.merge.base import NOTHING, NOW, find_base
from generator.merge.files import SPEC, File, Files, read_files
from generator.merge.lines import MIDDLE, OURS, THEIRS
from generator.merge.migrations import Migrated, Migration, history, migrate
from generator.merge.project import Merge, merge_project
from generator.merge.state import RENDERED, Rendered, pack, rendered_files
from generator.merge.structure import NOTE
from generator.staging import printable

if TYPE_CHECKING:
    from generator.findings import Finding
    from generator.spec.model import ServiceSpec


@dataclass(frozen=True)
class Plan:
    """What an update would do.

    Attributes:
        project: the project's folder.
        before: its files now.
        recorded: what was rendered last.
        rendered: what is rendered now.
        merge: what becomes of the project.
        migrations: what was changed on both sides before they were merged, oldest first.
        stored: whether what was rendered last is recorded in the project itself.
    """

    project: Path
    before: Files
    recorded: Rendered
    rendered: Rendered
    merge: Merge
    migrations: tuple[Migration, ...] = ()
    stored: bool = True

    @property
    def renewed(self) -> bool:
        """Whether there is anything to do, be it to note the version."""
        return self.rendered != self.recorded or self.merge.changes or not self.stored

    def merged(self) -> dict[str, File]:
        """Every file of the project after the update."""
        kept = {name: file for name, file in self.before.items() if name not in self.merge.removed}
        return {**kept, **self.merge.written}

    def apply(self) -> None:
        """Put the merge into the project, all or nothing."""
        if self.renewed:
            written = {**self.merge.written, RENDERED: File(pack(self.rendered))}
            transaction.apply(self.project, self.before, written, self.merge.removed, self.merge.conflicts)


def check_project(project: Path) -> None:
    """Refuse with an InputError what samgen has not generated."""
    if not (project / SPEC).is_file():
        told = f"there is no {SPEC} in {printable(project)}: name the folder of a project that samgen has generated"
        raise InputError(told)


def plan(project: Path, work: Path, base: str | None = None) -> Plan:
    """Render samgen.yaml with this template and merge; writes only into `work`.

    Args:
        project: the project's folder.
        work: an empty folder.
        base: what takes the place of a record: see `generator.merge.base.find_base`.

    Raises:
        InputError: samgen.yaml or what was rendered last cannot be used, or is of a newer samgen.
    """
    from generator.render import render_project
    from generator.spec.request_models import load_models

    recorded = find_base(project, base)
    spec = read_spec(project, recorded)
    render_project(spec, work / "rendered", load_models(spec, project))
    rendered = Rendered(__version__, rendered_files(work / "rendered"))
    if recorded is NOW:
        recorded = rendered
    before = read_files(project, also=recorded.files.keys() | rendered.files.keys() | {SPEC})
    # What an unfinished update keeps to be taken back is nobody's.
    mine = {n: file for n, file in before.items() if n != RENDERED and not n.startswith(transaction.FOLDER)}
    if recorded is NOTHING:
        # What nobody edits is samgen's in any case.
        recorded = replace(recorded, files={name: file for name, file in mine.items() if name.startswith(".samgen/")})
    migrated = migrate(recorded.files, mine, recorded.version, history.MIGRATIONS)
    merge = _since(mine, migrated, merge_project(migrated.base, migrated.ours, rendered.files))
    return Plan(project, before, recorded, rendered, merge, migrated.taken, stored=base is None)


def read_spec(project: Path, recorded: Rendered) -> ServiceSpec:
    """A project's samgen.yaml as this version of samgen has it; SpecError with every problem in it."""
    from generator.spec.load import parse_spec

    path = project / SPEC
    try:
        file = File(path.read_bytes())
    except OSError as error:
        raise InputError(f"{printable(path)} cannot be read: {error.strerror or error}") from None
    migrated = migrate({}, {SPEC: file}, recorded.version, history.MIGRATIONS)
    return parse_spec(migrated.ours[SPEC].data, str(path))


def _since(before: Files, migrated: Migrated, merge: Merge) -> Merge:
    """A merge of a migrated project as one of the project that is on the disk."""
    after = {name: file for name, file in {**migrated.ours, **merge.written}.items() if name not in merge.removed}
    return replace(
        merge,
        written={name: file for name, file in after.items() if file != before.get(name)},
        removed=tuple(sorted(before.keys() - after.keys())),
        conflicts=(*migrated.conflicts, *merge.conflicts),
    )


def new_findings(plan: Plan, work: Path) -> list[Finding]:
    """What reviewing the merged project finds that the project does not have already."""
    from generator.checks import load_rules
    from generator.checks.catalogue.validity import catalogue_id
    from generator.checks.review import Reviewer
    from generator.validate import Validator

    with Validator() as validator:
        reviewer = Reviewer(validator, load_rules(), names=catalogue_id)

        def failing(files: Mapping[str, File], name: str) -> list[Finding]:
            _write(work / name, files)
            review = reviewer.review([work / name])
            return [finding for finding in review.projects[0].findings if review.fails(finding)]

        after = failing(plan.merged(), "merged")
        if not after:
            return []
        known = {(finding.file, finding.rule, finding.message) for finding in failing(plan.before, "before")}
    return [finding for finding in after if (finding.file, finding.rule, finding.message) not in known]


def unresolved(project: Path) -> list[str]:
    """Files of the unfinished update in which markers or notes of conflicts still stand."""
    waiting = transaction.unfinished(project)
    if waiting is None:
        raise InputError("there is no unfinished update")
    marks = tuple(f"{mark}\n".encode() for mark in (OURS, MIDDLE, THEIRS))
    found = []
    for name in sorted({conflict.file for conflict in waiting.conflicts}):
        path = project / name
        data = path.read_bytes().replace(b"\r\n", b"\n") if path.is_file() else b""
        lines = data.splitlines(keepends=True)
        if all(mark in lines for mark in marks) or any(
            line.lstrip(b" \t-").startswith(NOTE.encode()) for line in lines
        ):
            found.append(name)
    return found


def _write(folder: Path, files: Mapping[str, File]) -> None:
    for name, file in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.data)
        if file.executable:
            path.chmod(0o755)
