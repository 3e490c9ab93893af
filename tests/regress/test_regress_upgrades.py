"""Upgrade paths and unified diffs as users have them, over a small template of a platform team's own."""

from __future__ import annotations

import json
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from team import Team

from generator.merge.lines import merge_lines
from generator.merge.migrations import Migration, MoveFile, history
from generator.project import load_project
from generator.regress.matrix import Combination
from generator.regress.rendering import Template
from generator.regress.snapshot import FILE, parts_of
from generator.regress.upgrades.edits import KEY, LINE, VALUE
from generator.regress.upgrades.one import Task, entries_of, upgrade
from generator.regress.upgrades.rebuild import Entries


@pytest.fixture(scope="module")
def accepted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A template whose snapshots are accepted."""
    team = Team(tmp_path_factory.mktemp("team"))
    team.make()
    done = team.run("--snapshots", "kept", "--update")
    assert done.returncode == 0, done.stderr
    return team.folder


@pytest.fixture
def team(accepted: Path, tmp_path: Path) -> Team:
    """The same in a folder of its own."""
    shutil.copytree(accepted, tmp_path, dirs_exist_ok=True)
    return Team(tmp_path)


def test_what_the_template_changes_reaches_edited_projects(team: Team) -> None:
    same = team.run("--snapshots", "kept", "--upgrades", "--format", "json")
    assert (same.returncode, json.loads(same.stdout)["upgrades"]) == (0, []), same.stderr

    team.edit("template.yaml", "MessageRetentionPeriod: 60", "MessageRetentionPeriod: 90\n      DelaySeconds: 1")
    team.edit("README.md", "two\n", "zwei\n")
    team.edit("settings.toml", "a = 1", "a = 2")
    (team.project / "new.txt").write_text("A new file.\n", encoding="utf-8")
    done = team.run("--snapshots", "kept", "--upgrades", "--format", "json")

    told = json.loads(done.stdout)
    assert (done.returncode, told["upgraded"], told["upgrades"]) == (4, True, []), done.stderr
    assert "Edited projects are updated without a conflict, every edit kept." in done.stderr
    # Of a file without structure it is told how, once for all combinations, whatever else is in it.
    (readme,) = (change for change in told["changes"] if change["file"] == "README.md")
    assert len(readme["combinations"]) == 4
    assert readme["diff"].splitlines()[1:] == [" # aws/sqs", " ", " One", "-two", "+zwei", " three", " ", " four"]


def test_a_change_of_what_users_have_edited_is_a_conflict_in_every_report(team: Team) -> None:
    team.edit("template.yaml", "alias/", "alias/new/")
    team.edit("README.md", "six\n", "sechs\n")
    team.edit("zz.txt", "last", "very last")
    done = team.run("--snapshots", "kept", "--upgrades", "--format", "json")

    upgrades = json.loads(done.stdout)["upgrades"]
    assert done.returncode == 5, done.stderr
    assert [(one["kind"], one["file"], one["path"], len(one["combinations"])) for one in upgrades] == [
        ("conflict", "README.md", "", 4),
        ("conflict", "template.yaml", "Resources/Queue/Properties/KmsMasterKeyId", 4),
        ("conflict", "zz.txt", "", 4),
    ]
    assert "Updates of edited projects: 3 that go wrong." in done.stderr

    text = team.run("--snapshots", "kept", "--upgrades").stdout
    assert "update, conflict: zz.txt: you have deleted the file" in text
    assert "-six\n  +sechs\n" in text
    annotations = team.run("--snapshots", "kept", "--upgrades", "--format", "github").stdout.splitlines()
    (line,) = (line for line in annotations if "title=update::update, conflict: README.md" in line)
    assert line.startswith("::warning file=template/{{ cookiecutter.project_slug }}/README.md,")
    suite = ET.fromstring(team.run("--snapshots", "kept", "--upgrades", "--format", "junit").stdout)  # noqa: S314 - our own
    assert all("update, conflict: zz.txt" in str(case.findtext("failure")) for case in suite)
    sarif = json.loads(team.run("--snapshots", "kept", "--upgrades", "--format", "sarif").stdout)
    assert [result["ruleId"] for result in sarif["runs"][0]["results"]].count("update") == 3
    page = team.run("--snapshots", "kept", "--upgrades", "--format", "html").stdout
    assert "Updates of edited projects" in page
    assert '<td class="gone"><code>six</code></td><td class="new"><code>sechs</code></td>' in page
    # Without being asked for it, of a template that is not samgen's own, nothing is updated.
    assert team.run("--snapshots", "kept").returncode == 4


def test_upgrades_need_snapshots(team: Team) -> None:
    done = team.run("--upgrades")

    assert (done.returncode, "--upgrades needs --snapshots DIR" in done.stderr) == (2, True)


MONITORING = "stacks/monitoring/template.yaml"


def alarm(name: str, **properties: Any) -> Entries:
    return {MONITORING: [("Resources", name, {"Type": "AWS::CloudWatch::Alarm", "Properties": properties})]}


def test_a_migration_is_followed() -> None:
    before, now = alarm("ApiClientErrorsAlarm", Period=60), alarm("Api4xxAlarm", Period=300)

    assert upgrade(Task(before, now, migrated=True)) == []
    # Where a project has both, it cannot say which is meant.
    both = {MONITORING: [*before[MONITORING], *alarm("Api4xxAlarm", Period=60)[MONITORING]]}
    asked = upgrade(Task(both, now, migrated=True))
    assert [(one.kind, one.file) for one in asked] == [("conflict", MONITORING)]


def texts(**files: str) -> Entries:
    return {f"{name}.txt": [(FILE, "", {"mode": "plain", "text": text})] for name, text in files.items()}


def test_edits_are_found_where_a_migration_has_moved_their_file(monkeypatch: pytest.MonkeyPatch) -> None:
    moving = Migration("0.2.0", "It has another name.", (MoveFile("old.txt", "new.txt"),))
    long = "A text that is long enough to be known.\n" * 3
    before, now = texts(old=long, a="a\n"), texts(new=f"Changed.\n{long}", a="a\n")
    # Without the migration one is gone, another came, and nobody edits what is gone.
    assert upgrade(Task(before, now, migrated=True)) == []

    monkeypatch.setattr(history, "MIGRATIONS", (moving,))
    assert upgrade(Task(before, now, migrated=True)) == []
    monkeypatch.setattr("generator.merge.project.merge_lines", lambda *texts: (texts[2], 0))
    assert [(one.kind, one.file) for one in upgrade(Task(before, now, migrated=True))] == [("lost", "old.txt")]


@pytest.mark.parametrize(("old", "new", "kind"), [(f"{LINE}\n", "", "lost"), ("zwei", "drei", "different")])
def test_a_mistake_of_the_merge_is_told(monkeypatch: pytest.MonkeyPatch, old: str, new: str, kind: str) -> None:
    def wrong(base: str, ours: str, theirs: str) -> tuple[str, int]:
        text, number = merge_lines(base, ours, theirs)
        return text.replace(old, new), number

    monkeypatch.setattr("generator.merge.project.merge_lines", wrong)
    before, now = (
        {"a.txt": [(FILE, "", {"mode": "plain", "text": text})]} for text in ("one\ntwo\nthree\n", "one\nzwei\nthree\n")
    )

    assert [(one.kind, one.file) for one in upgrade(Task(before, now))] == [(kind, "a.txt")]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Entries:
    """A project of samgen's own template."""
    combination = Combination("shop", {"service": {"name": "shop"}})
    return entries_of(parts_of(load_project(Template().render(combination, tmp_path_factory.mktemp("shop")))))


def with_part(entries: Entries, file: str, section: str, name: str, value: Any) -> Entries:
    """The same with another part."""
    kept = [entry for entry in entries[file] if entry[:2] != (section, name)]
    return {**entries, file: [*kept, (section, name, value)]}


def test_a_project_is_updated_by_its_own_samgen_yaml(shop: Entries) -> None:
    """What a new project would have is not what this one gets."""
    (functions,) = (value for _, name, value in shop["samgen.yaml"] if name == "functions")
    slower = with_part(shop, "samgen.yaml", "", "functions", [{**functions[0], "timeout": 17}])
    assert upgrade(Task(slower, {}, "Makefile", migrated=True, models=Path())) == []

    unknown = with_part(shop, "samgen.yaml", "", "functoins", [])
    (refused,) = upgrade(Task(unknown, {}, migrated=True, models=Path()))
    assert (refused.kind, refused.file) == ("refused", "samgen.yaml")
    assert "functoins" in refused.message


def test_the_edits_stand_in_what_is_merged() -> None:
    """Each of them once: a property, a changed value and a resource in a template; a key; a line."""
    from generator.regress.upgrades.edits import edit
    from generator.regress.upgrades.rebuild import load, rebuild

    base = rebuild(
        {**alarm("A", AlarmName="a", Period=60), "b.json": [("", "x", 1)], "c": [(FILE, "", {"text": "c\n"})]}
    )
    edited = edit(base, base, "none")

    template = load(MONITORING, edited.files[MONITORING]) or {}
    assert template["Resources"]["A"]["Properties"] == {"AlarmName": VALUE, "Period": 60, KEY: VALUE}
    assert KEY in template["Resources"]
    assert load("b.json", edited.files["b.json"]) == {"x": 1, KEY: VALUE}
    assert edited.files["c"].data.decode() == f"c\n{LINE}\n"
    assert edited.edits == {MONITORING: 3, "b.json": 1, "c": 1}
