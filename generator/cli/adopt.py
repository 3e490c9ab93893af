"""`samgen adopt`: a samgen.yaml for a SAM project that has none."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from generator.cli.output import result, result_json, say
from generator.cli.recovery import recovered
from generator.errors import InputError

if TYPE_CHECKING:
    from generator.adopt import Adoption


def command(
    path: Annotated[Path, typer.Argument(help="The project's folder.")] = Path(),
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the file, and write nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what is written and what is not as JSON.")] = False,
) -> None:
    """Describe an existing SAM project as samgen.yaml, and say what that cannot express.

    Only samgen.yaml is written; no other file is touched.

    Exit code 0: written, or shown; 2: wrong input, and nothing is written.
    """
    from generator.adopt import adopt

    adoption = adopt(recovered(path))
    target = path / "samgen.yaml"
    if not dry_run:
        _write(target, adoption.text)
    if as_json:
        remarks = [vars(remark) for remark in adoption.remarks]
        result_json({"written": not dry_run, "file": str(target), "spec": adoption.document, "remarks": remarks})
        return
    if dry_run:
        result(adoption.text.removesuffix("\n"))
    _tell(adoption, target, dry_run=dry_run)


def _write(target: Path, text: str) -> None:
    """Write a file that is not there yet; on an error it is not there afterwards."""
    try:
        with target.open("x", encoding="utf-8", newline="\n") as file:
            try:
                file.write(text)
                file.flush()
            except BaseException:
                target.unlink(missing_ok=True)
                raise
    except FileExistsError:
        raise InputError(f"{target} exists already; nothing was written.") from None
    except OSError as error:
        raise InputError(f"{target} cannot be written: {error.strerror or error}.") from None


def _tell(adoption: Adoption, target: Path, *, dry_run: bool) -> None:
    from generator.staging import printable

    for remark in adoption.remarks:
        say(printable(str(remark)))
    number = len(adoption.functions)
    counted = "1 function" if number == 1 else f"{number} functions"
    done = "Would write" if dry_run else "Wrote"
    left = f"{len(adoption.remarks)} remarks above" if adoption.remarks else "everything could be said"
    say(f"{done} {printable(target)}: {counted}; {left}.")
    if not dry_run:
        say("'samgen diff' shows what samgen's template would make of it: read that before you update.")
