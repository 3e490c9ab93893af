"""Files and environments compared."""

from __future__ import annotations

from pathlib import Path

import pytest
from compared import HEAD, compare, fates, write
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.changes import Danger, compare_projects
from generator.changes.values import differences, same
from generator.errors import InputError

TEMPLATE = (
    HEAD
    + """
Parameters: {Stage: {Type: String, Default: none}}
Resources:
  Topic: {Type: AWS::SNS::Topic, Properties: {DisplayName: !Sub "%s-${Stage}"}}
"""
)
CONFIG = """
version = 0.1
[dev.deploy.parameters]
region = "us-west-2"
stack_name = "dev-a"
parameter_overrides = "Stage=dev"
[prod.deploy.parameters]
region = "us-west-2"
stack_name = "prod-a"
parameter_overrides = "Stage=prod"
"""


def test_files_are_added_removed_and_changed(tmp_path: Path) -> None:
    same_files = {"template.yaml": TEMPLATE % "a", "same.txt": "x\n"}
    changes = compare(
        tmp_path,
        {**same_files, "gone.txt": "a\nb\n", "c.txt": "1\n2\n"},
        {**same_files, "new.txt": "n\n", "c.txt": "1\n3"},
    )
    found = {file.path: (file.action, file.added, file.removed) for file in changes.files}
    assert found == {"c.txt": ("changed", 1, 1), "gone.txt": ("removed", 0, 2), "new.txt": ("added", 1, 0)}
    assert "-2\n+3\n\\ No newline at end of file" in changes.files[0].diff
    assert not fates(changes)


def test_what_is_no_text_has_no_diff_and_links_are_not_followed(tmp_path: Path) -> None:
    for name, data in (("before", b"\0a"), ("after", b"\0b")):
        write(tmp_path / name, {"template.yaml": TEMPLATE % "a", "node_modules/x.js": name})
        (tmp_path / name / "data.bin").write_bytes(data)
        (tmp_path / name / "link").symlink_to(f"/nowhere/{name}")
        (tmp_path / name / "loop").symlink_to(".")
    changes = compare_projects(tmp_path / "before", tmp_path / "after")
    assert [(file.path, bool(file.diff)) for file in changes.files] == [("data.bin", False), ("link", True)]


def test_each_environment_has_its_own_values(tmp_path: Path) -> None:
    config = {"samconfig.toml": CONFIG}
    changes = compare(
        tmp_path, {"template.yaml": TEMPLATE % "a", **config}, {"template.yaml": TEMPLATE % "b", **config}
    )
    values = [(e.name, e.resources[0].properties[0].before) for e in changes.environments]
    assert values == [("dev", "a-dev"), ("prod", "a-prod")]
    only = compare_projects(tmp_path / "before", tmp_path / "after", "prod")
    assert [environment.name for environment in only.environments] == ["prod"]
    with pytest.raises(InputError, match="no environment 'test'"):
        compare_projects(tmp_path / "before", tmp_path / "after", "test")


def test_environments_that_come_go_and_move(tmp_path: Path) -> None:
    template = {"template.yaml": TEMPLATE % "a"}
    new = CONFIG.replace("[prod.", "[test.").replace("us-west-2", "eu-west-1", 1)
    changes = compare(tmp_path, {**template, "samconfig.toml": CONFIG}, {**template, "samconfig.toml": new})
    assert [(e.name, e.state) for e in changes.environments] == [
        ("dev", "relocated"),
        ("prod", "removed"),
        ("test", "added"),
    ]
    assert [warning.danger for warning in changes.notices()] == [Danger.RELOCATED, Danger.RELOCATED]


def test_an_account_that_only_one_of_the_two_names_is_no_move(tmp_path: Path) -> None:
    template = TEMPLATE.replace("%s-${Stage}", "${AWS::AccountId}-${AWS::Region}")
    config = '[dev.deploy.parameters]\nstack_name = "dev"\n'
    more = config + 'region = "eu-west-1"\n[dev.account.parameters]\nid = "111122223333"\n'
    changes = compare(
        tmp_path,
        {"template.yaml": template, "samconfig.toml": config},
        {"template.yaml": template, "samconfig.toml": more},
    )
    (dev,) = changes.environments
    assert (dev.state, dev.resources, dev.warnings) == ("compared", [], [])


def test_without_samconfig_each_allowed_value_is_looked_at(tmp_path: Path) -> None:
    allowed = TEMPLATE.replace("Default: none", "Default: dev, AllowedValues: [dev, prod]")
    changes = compare(tmp_path, {"template.yaml": allowed % "a"}, {"template.yaml": allowed % "b"})
    assert [environment.name for environment in changes.environments] == ["default", "Stage=dev", "Stage=prod"]


@pytest.mark.parametrize("text", ["Resources: [", "- a\n", ""])
def test_a_template_that_cannot_be_read_is_one_sentence(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match=r"template\.yaml:\d+: .*; mend it first\."):
        compare(tmp_path, {"template.yaml": TEMPLATE % "a"}, {"template.yaml": text})


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["Key", "Name", "a"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(VALUES, VALUES)
@settings(max_examples=200, deadline=None)
def test_differences_are_there_exactly_where_values_are_not_the_same(before: object, after: object) -> None:
    assert bool(list(differences(before, after))) == (not same(before, after))
    assert not list(differences(before, before))
