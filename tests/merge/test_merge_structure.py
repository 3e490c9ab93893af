"""Documents merged by meaning: what a user sees afterwards, byte for byte."""

from __future__ import annotations

import pytest

from generator.merge.structure import UnreadableError, merge_document
from generator.merge.structure.json_tree import read_json
from generator.merge.structure.toml_tree import read_toml
from generator.merge.structure.yaml_tree import read_yaml

BASE = """\
# Functions

Resources:
  # Places orders.
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      MemorySize: 256  # as measured
      Timeout: 3
      Tags: { team: orders }
      Policies:
        - Sid: Read
          Effect: Allow
          Action: [s3:GetObject, s3:ListBucket]

  Queue:
    Type: AWS::SQS::Queue

Outputs:
  Arn: { Value: !GetAtt Orders.Arn }
"""


def _merge(ours: str, theirs: str, base: str = BASE, language: str = "yaml") -> str:
    merged = merge_document(language, base, ours, theirs)
    assert not merged.conflicts
    return merged.text


def test_what_copier_and_cruft_get_wrong_merges_clean() -> None:
    ours = BASE.replace("Timeout: 3\n", "Timeout: 3\n      Layers: [a]\n")
    ours = ours.replace("Outputs:", "  Mine:\n    Type: AWS::SNS::Topic\n\nOutputs:")
    theirs = BASE.replace("Timeout: 3\n", "Timeout: 3\n      Tracing: Active\n")
    theirs = theirs.replace("Outputs:", "  Theirs:\n    Type: AWS::S3::Bucket\n\nOutputs:")
    expected = BASE.replace("Timeout: 3\n", "Timeout: 3\n      Tracing: Active\n      Layers: [a]\n")
    added = "  Theirs:\n    Type: AWS::S3::Bucket\n\n  Mine:\n    Type: AWS::SNS::Topic\n\nOutputs:"
    assert _merge(ours, theirs) == expected.replace("Outputs:", added)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# Places orders.\n", "# Places orders,\t  and  more.\n"),
        ("  Queue:\n", "\n\n  # Mine.\n  Queue:\n"),
        ("{ team: orders }", "{   'team' :  \"orders\"}"),
        ("AWS::Serverless::Function", "&kind AWS::Serverless::Function"),
        ("Type: AWS::SQS::Queue\n", "Type: AWS::SQS::Queue\n    Metadata: |\n      a\n\n       b\n"),
        ("Type: AWS::SQS::Queue\n", "Type: AWS::SQS::Queue  # ünï\n    DeletionPolicy: >-\n      Retain\n"),
        ("Outputs:\n", "Outputs:\n  Two:\n    Value: !Sub\n      - ${a}\n      - { a: 1 }\n"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_users_bytes_are_kept(old: str, new: str, end: str) -> None:
    ours = BASE.replace(old, new).replace("\n", end)
    assert ours != BASE
    assert _merge(ours, BASE.replace("Timeout: 3", "Timeout: 9")) == ours.replace("Timeout: 3", "Timeout: 9")
    assert _merge(ours[: -len(end)], BASE.replace("256", "512")) == ours.replace("256", "512")[: -len(end)]


def test_the_users_value_stays_and_the_templates_is_shown_beside_it() -> None:
    merged = merge_document("yaml", BASE, BASE.replace("256", "512"), BASE.replace("256", "1024"))
    shown = "      # samgen update: the template has 1024\n      MemorySize: 512  # as measured\n"
    assert merged.text == BASE.replace("      MemorySize: 256  # as measured\n", shown)
    (conflict,) = merged.conflicts
    assert (conflict.path, conflict.kind) == ("Resources/Orders/Properties/MemorySize", "value")
    assert (conflict.yours, conflict.template) == ("512", "1024")


def test_what_the_user_deleted_stays_deleted() -> None:
    ours = BASE.replace("  Queue:\n    Type: AWS::SQS::Queue\n\n", "")
    assert _merge(ours, BASE.replace("256", "512")) == ours.replace("256", "512")
    merged = merge_document("yaml", BASE, ours, BASE.replace("AWS::SQS::Queue", "AWS::SQS::Other"))
    assert merged.text == ours
    assert [(c.path, c.kind) for c in merged.conflicts] == [("Resources/Queue", "deleted")]


def test_what_the_template_removed_goes_unless_the_user_changed_it() -> None:
    theirs = BASE.replace("  Queue:\n    Type: AWS::SQS::Queue\n\n", "")
    assert _merge(BASE.replace("256", "512"), theirs) == theirs.replace("256", "512")
    merged = merge_document("yaml", BASE, BASE.replace("SQS::Queue", "SQS::Queue\n    Condition: Mine"), theirs)
    assert "    Condition: Mine\n" in merged.text
    assert [(c.path, c.kind) for c in merged.conflicts] == [("Resources/Queue", "removed")]


def test_items_are_known_by_their_natural_key() -> None:
    ours = BASE.replace("        - Sid: Read\n", "        - Sid: Mine\n          Effect: Deny\n        - Sid: Read\n")
    theirs = BASE.replace("s3:ListBucket]", "s3:ListBucket, s3:PutObject]")
    assert _merge(ours, theirs) == ours.replace("s3:ListBucket]", "s3:ListBucket, s3:PutObject]")


def test_settings_of_samconfig_are_known_by_their_name() -> None:
    base = '[dev.deploy.parameters]\nparameter_overrides = [\n  "A=1",\n  "B=2",\n]\n'
    ours = base.replace('"A=1"', '"A=5"').replace('  "B=2",\n', '  "B=2",  # mine\n  "Mine=1",\n')
    theirs = base.replace('"B=2"', '"B=3"')
    assert _merge(ours, theirs, base, "toml") == ours.replace('"B=2"', '"B=3"')


def test_json_keeps_the_users_indentation_and_takes_comments() -> None:
    base = '{\n  "a": 1,\n  "b": {\n    "c": [1, 2]\n  }\n}\n'
    ours = '{\n    // mine\n    "a": 1,\n    "b": {\n        "c": [1, 2]\n    },\n    "mine": true\n}'
    theirs = base.replace('"a": 1', '"a": 2').replace("[1, 2]", "[1, 2, 3]")
    assert _merge(ours, theirs, base, "json") == ours.replace('"a": 1', '"a": 2').replace("[1, 2]", "[1, 2, 3]")


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\na: 2\n",
        "a: [1\n",
        "a: 1\n---\nb: 2\n",
        "? [a]\n: 1\n",
        "x: {a: 1, a: 2}\n",
        "",
        "a: " + "[" * 150 + "]" * 150,
    ],
)
def test_what_has_no_structure_to_keep_is_refused(text: str) -> None:
    with pytest.raises(UnreadableError):
        merge_document("yaml", text, BASE, BASE.replace("256", "1"))
    with pytest.raises(UnreadableError):
        merge_document("yaml", BASE, text, BASE.replace("256", "1"))


@pytest.mark.parametrize(
    "text",
    [
        BASE,
        "%YAML 1.1\n---\na: 1\n...\n# end\n",
        "- a\n-\n- - b\n  - c\n-   x: 1\n    y: &z {q: *n, }\n# end\n",
        "a:\n- 1\n# x\n- 2\n\n\nb: ''\nc:\nd: !Foo\n  # y\n  e: |+\n    t\n\n\n  # z\nf: g\n   h\n",
        "a: {\n  # c\n  b: 1, # d\n  c: 2\n  }\nd: [ ]",
        "'x': \"y\\\n  z\"\n",
    ],
)
def test_a_tree_holds_every_byte(text: str) -> None:
    assert read_yaml(text).text == text


def test_trees_of_other_languages_hold_every_byte() -> None:
    text = '# h\n\na = 1\n[b]  # c\nd.e = """\nx"""\n# f\n[[g]]\n  h = [\n  1, # i\n  2,\n]\n'
    text += "[[g]]\nj = { k = 1979-05-27 07:32:00 }\n"
    assert read_toml(text).text == text
    assert read_json('{"a":[1,2,],/* x */"b\\"":null}\n').text == '{"a":[1,2,],/* x */"b\\"":null}\n'
