"""Reading one template: data in long form, positions, and findings instead of exceptions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from generator.project import Template, read_template

SOUND = """\
AWSTemplateFormatVersion: 2010-09-09
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      Enabled: yes
      Name: !Sub "${AWS::StackName}-t"
      Short: !GetAtt Child.Outputs.Name
      Long:
        Fn::GetAtt: Child.Outputs.Name
      List: !If [IsProd, !Ref A, !Ref "AWS::NoValue"]
      Text: !Sub |
        first
        ${Child.Outputs.Other}
"""


def read(folder: Path, text: str | bytes, name: str = "template.yaml") -> Template:
    file = folder / name
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_template(file, folder)


def the_problem(template: Template) -> tuple[int, int, str]:
    assert not template.readable
    finding = template.findings[0]
    assert (finding.rule, finding.severity.value, finding.file) == ("yaml", "error", template.name)
    return finding.line, finding.column, finding.message


def test_short_forms_become_long_forms(tmp_path: Path) -> None:
    template = read(tmp_path, SOUND)

    properties = template.resources["Table"]["Properties"]
    assert template.findings == ()
    assert template.data["AWSTemplateFormatVersion"] == "2010-09-09"
    assert properties["Enabled"] is True
    assert properties["Name"] == {"Fn::Sub": "${AWS::StackName}-t"}
    assert properties["Short"] == properties["Long"] == {"Fn::GetAtt": ["Child", "Outputs.Name"]}
    assert properties["List"] == {"Fn::If": ["IsProd", {"Ref": "A"}, {"Ref": "AWS::NoValue"}]}


def test_tools_get_what_the_author_wrote(tmp_path: Path) -> None:
    template = read(tmp_path, SOUND)

    written = template.as_written()["Resources"]["Table"]["Properties"]
    assert written["Long"] == {"Fn::GetAtt": "Child.Outputs.Name"}
    assert written["Short"] == {"Fn::GetAtt": ["Child", "Outputs.Name"]}
    written["Name"] = "changed"
    assert template.resources["Table"]["Properties"]["Name"] != "changed"


def test_positions(tmp_path: Path) -> None:
    template = read(tmp_path, SOUND)
    properties = ("Resources", "Table", "Properties")

    assert template.line_of() == (1, 1)
    assert template.line_of("Resources", "Table", "Type") == (4, 5)
    assert template.line_of(*properties, "Short", "Fn::GetAtt", 0) == (8, 7)
    assert template.line_of(*properties, "List", "Fn::If", 1, "Ref") == (11, 26)
    assert template.line_of(*properties, "Absent", "Deeper") == (5, 5)
    assert template.line_of_text("${Child.Outputs.Other}", *properties, "Text", "Fn::Sub") == (14, 9)
    assert template.line_of_text("nowhere", *properties, "Text") == (12, 7)


def test_merged_keys_stand_where_they_were_written(tmp_path: Path) -> None:
    text = "Base: &b\n  A: 1\n  B: 2\nResources:\n  <<: *b\n  B: 3\n"
    template = read(tmp_path, text)

    assert template.data["Resources"] == {"A": 1, "B": 3}
    assert template.line_of("Resources", "A") == (2, 3)
    assert template.line_of("Resources", "B") == (6, 3)


@pytest.mark.parametrize("indent", ["  ", "\t"])
def test_json_with_positions(tmp_path: Path, indent: str) -> None:
    data = {"Resources": {"A": {"Type": "AWS::SNS::Topic", "Note": "\U0001f600 \\u0041 a/b\t"}}}
    template = read(tmp_path, json.dumps(data, indent=indent), "template.json")

    assert template.findings == ()
    assert template.data == data
    assert template.line_of("Resources", "A", "Note")[0] == 5


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("Resources:\n  A: {Type: x\n", 3, "Not valid YAML"),
        ("Resources:\n\tA: 1\n", 2, "tab"),
        ("Resources:\n  A: 1\n  B: 2\n  A: 3\n", 4, "written twice; the first is on line 2"),
        ("", 1, "empty"),
        ("# only a comment\n", 1, "empty"),
        ("- a\n- b\n", 1, "a list"),
        ("hello", 1, "a single value"),
        ("Resources:\n  ? [a, b]\n  : 1\n", 2, "plain word"),
        ("Resources:\n  null: 1\n", 2, "empty"),
        ("Resources:\n  A: !!python/object:os.system x\n", 2, "cannot be read"),
        ("Resources:\n  A: !!set {a, b}\n", 2, "means nothing"),
        ("Resources:\n  A: *nowhere\n", 2, "undefined alias"),
        ("Resources: &r\n  A: *r\n", 1, "contains it"),
        ("Resources: 1\n---\nResources: 2\n", 2, "another document"),
        ("Resources:\n  A: \x07\n", 1, "Not valid YAML"),
        ("[" * 200_000, 1, "nested deeper"),
        ("{" * 200_000, 1, "nested"),
        ("- " * 5_000, 1, "nested deeper"),
    ],
)
def test_what_cannot_be_read_is_a_finding(tmp_path: Path, text: str, line: int, said: str) -> None:
    found_line, _, message = the_problem(read(tmp_path, text))

    assert said in message
    assert found_line == line
    assert "\n" not in message


def test_billion_laughs(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]

    assert "aliases expand" in the_problem(read(tmp_path, "\n".join(lines)))[2]


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    line, column, message = the_problem(read(tmp_path, b"Resources:\n  A: caf\xe9\n"))

    assert (line, column) == (2, 9)
    assert "UTF-8" in message


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    assert "at most 1 MB" in the_problem(read(tmp_path, b"#" * 6_000_000))[2]


def test_broken_json_is_judged_as_json(tmp_path: Path) -> None:
    line, _, message = the_problem(read(tmp_path, '{\n  "A": 1,\n}\n', "template.json"))

    assert line in (2, 3)
    assert "Not valid JSON" in message


def test_a_file_outside_of_the_project_has_a_readable_name(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (tmp_path / "shared.yaml").write_text("Resources: {}\n")

    assert read_template(root / ".." / "shared.yaml", root).name == "../shared.yaml"
