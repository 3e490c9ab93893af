"""Changes of whole projects: samgen.yaml and everything that is rendered from it, with what somebody wrote kept."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from generator.edit import apply
from generator.edit.additions import add_environment, add_function, add_trigger
from generator.edit.apply import change_project
from generator.edit.forms import parse_trigger
from generator.edit.removals import remove_function
from generator.edit.renames import rename_function
from generator.errors import FindingsError, InputError
from generator.findings import Finding, Severity
from generator.merge import transaction
from generator.merge.state import record
from generator.render import render_project
from generator.spec.load import parse_spec

SPEC = b"""\
# Ours
service: {name: shop}
functions:
  - name: sell-things   # sells
    triggers:
      - {type: api, path: /things}
  - name: sorry
    triggers:
      - {type: schedule, expression: rate(1 day)}
"""
REFUND = {"name": "refund", "runtime": "python3.13", "triggers": [parse_trigger("queue refunds", "refund")]}


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project as `samgen new` makes it."""
    folder = tmp_path_factory.mktemp("rendered") / "shop"
    render_project(parse_spec(SPEC, "the spec"), folder)
    record(folder)
    return folder


@pytest.fixture
def project(rendered: Path, tmp_path: Path) -> Path:
    """A copy of it in which somebody has worked."""
    folder = tmp_path / "shop"
    for name, content in files(rendered).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    (folder / "samgen.yaml").write_bytes(SPEC)
    (folder / "src/sell-things/prices.py").write_text("PRICE = 1\n", encoding="utf-8")
    with (folder / "src/sell-things/app.py").open("a", encoding="utf-8") as code:
        code.write("\n# mine\n")
    return folder


def files(folder: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_an_addition_reaches_the_whole_project_and_goes_without_a_trace(project: Path) -> None:
    # Once, so that the record is that of this samgen.yaml.
    change_project(project, add_environment({"name": "test"}), review=False)
    before = files(project)
    applied = change_project(project, add_function(REFUND), review=False)
    after = files(project)
    assert applied.plan is not None
    assert set(after) - set(before) >= {"src/refund/app.py", "tests/unit/test_refund.py", "events/refund/sqs_1.json"}
    assert b"RefundFunction:" in after["stacks/functions/template.yaml"]
    assert after["src/sell-things/app.py"].endswith(b"# mine\n")
    assert after["samgen.yaml"].startswith(SPEC[:29])
    change_project(project, remove_function("refund"), review=False)
    assert files(project) == before


def test_a_new_name_is_merged_into_what_somebody_wrote(project: Path) -> None:
    applied = change_project(project, rename_function("sell-things", "sell"), review=False)
    after = files(project)
    assert applied.plan is not None
    assert applied.plan.merge.conflicts == ()
    assert after["src/sell/app.py"].endswith(b"# mine\n")
    assert after["src/sell/prices.py"] == b"PRICE = 1\n"
    assert b'FUNCTION = "sell"' in after["tests/unit/test_sell.py"]
    assert not [name for name in after if "sell-things" in name or "sell_things" in name]
    # Another run has nothing left to do, the name aside that it changes.
    again = change_project(project, rename_function("sell", "sell-things"), review=False)
    assert again.plan is not None
    assert again.plan.merge.conflicts == ()
    assert files(project)["src/sell-things/prices.py"] == b"PRICE = 1\n"


def test_a_dry_run_plans_and_writes_nothing(project: Path) -> None:
    before = files(project)
    applied = change_project(project, add_function(REFUND), dry_run=True)
    assert applied.plan is not None
    assert "src/refund/app.py" in applied.plan.merge.written
    assert files(project) == before


def test_what_both_have_changed_is_a_conflict(project: Path) -> None:
    (project / "events/refund").mkdir()
    (project / "events/refund/sqs_1.json").write_text('{"Records": "mine"}\n', encoding="utf-8")
    applied = change_project(project, add_function(REFUND), review=False)
    assert applied.plan is not None
    assert [conflict.file for conflict in applied.plan.merge.conflicts] == ["events/refund/sqs_1.json"]
    with pytest.raises(InputError, match="unfinished"):
        change_project(project, add_trigger("sorry", parse_trigger("topic news", ""), "topic news"), review=False)
    transaction.abort(project)
    assert (project / "samgen.yaml").read_bytes() == SPEC


@pytest.mark.parametrize("severity", [Severity.ERROR, Severity.WARNING])
def test_a_new_error_refuses_the_change_and_a_warning_is_told(
    project: Path, monkeypatch: pytest.MonkeyPatch, severity: Severity
) -> None:
    finding = Finding("template.yaml", 1, 1, "SG000", severity, "Not so good.")
    monkeypatch.setattr(apply, "new_findings", lambda *_: [finding])
    before = files(project)
    if severity == Severity.ERROR:
        with pytest.raises(FindingsError, match="1 error more"):
            change_project(project, add_function(REFUND))
        assert files(project) == before
    else:
        assert change_project(project, add_function(REFUND)).findings == [finding]


def test_a_change_that_fails_half_way_changes_nothing(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = files(project)
    real = transaction._put
    put = []

    def full(project: Path, entry: Mapping[str, str], side: str) -> None:
        put.append(entry["name"])
        if len(put) == 3:
            raise OSError(28, "No space left on device")
        real(project, entry, side)

    monkeypatch.setattr(transaction, "_put", full)
    with pytest.raises(InputError, match="No space left on device; every file is as it was"):
        change_project(project, rename_function("sell-things", "sell"), review=False)
    assert len(put) > 3
    assert files(project) == before
