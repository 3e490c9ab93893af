"""No report shows a secret, wherever it stands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from compared import HEAD, compare, resources
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.changes.masking import Masker
from generator.changes.text import as_lines

TEMPLATE = (
    HEAD
    + """
Parameters:
  Phrase: {Type: String, NoEcho: true}
Resources:
  Worker:
    Type: AWS::Lambda::Function
    Properties:
      Role: r
      Code: {ZipFile: x}
      Environment: {Variables: {URL: !Sub "https://x/${Phrase}/y", DB_PASSWORD: %s, PLAIN: %s}}
  Database:
    Type: AWS::RDS::DBInstance
    Properties: {MasterUserPassword: %s}
"""
)
CONFIG = 'version = 0.1\n[dev.deploy.parameters]\nregion = "us-west-2"\nparameter_overrides = "Phrase=%s"\n'
OLD, NEW = "Xk39-old-phrase", "Xk39-new-phrase"


def test_no_secret_is_shown_anywhere(tmp_path: Path) -> None:
    changes = compare(
        tmp_path,
        {
            "template.yaml": TEMPLATE % ("p4ss-before", "one", "master-before"),
            "samconfig.toml": CONFIG % OLD,
            ".env": "API_KEY=key-before\n",
            "id.pem": "-----BEGIN PRIVATE KEY-----\nMIIbefore\n",
        },
        {
            "template.yaml": TEMPLATE % ("p4ss-after", "two", "master-after"),
            "samconfig.toml": CONFIG % NEW,
            ".env": "API_KEY=key-after\n",
            "id.pem": "-----BEGIN PRIVATE KEY-----\nMIIafter\n",
        },
    )
    shown = json.dumps(changes.as_json()) + "\n".join(as_lines(changes))
    for secret in ("old-phrase", "new-phrase", "p4ss", "key-before", "key-after", "MII"):
        assert secret not in shown, secret
    values = {change.path: (change.before, change.after) for change in resources(changes)["Worker"].properties}
    assert values["Environment.Variables.PLAIN"] == ("one", "two")
    assert values["Environment.Variables.URL"] == ("https://x/****/y", "https://x/****/y")
    (master,) = resources(changes)["Database"].properties
    assert (master.before, master.after) == ("****", "****")


@pytest.mark.parametrize(
    "line",
    ["  Password: hunter2-long", '"db_password": "hunter2-long"', "TOKEN=hunter2-long", 'x = "Secret=hunter2-long"'],
)
def test_a_line_with_a_secret_is_shown_without_it(line: str) -> None:
    assert "hunter2" not in Masker([]).text(line)


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "Z"]), max_size=200))
@settings(max_examples=50, deadline=None)
def test_masking_any_text_ends(text: str) -> None:
    assert isinstance(Masker([]).text(text), str)
