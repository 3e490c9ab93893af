"""Each quoting filter gives a text that the language of the file reads back as the same value."""

from __future__ import annotations

import ast
import re
from html.parser import HTMLParser
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from generator.render import quoting
from generator.spec.names import check_text


def is_free_text(value: str) -> bool:
    try:
        check_text(value)
    except ValueError:
        return False
    return True


# What a description may hold: whatever check_text lets through.
TEXT = st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"]), max_size=60).filter(
    is_free_text
)
TRICKS = st.lists(st.sampled_from([*"\"'\\{}[]<>#%&*!|:$`-=~_,;()@\t/ ", "'''", '"""', "\\", "${", "<<", ">>", "#%"]))
HOSTILE = TEXT | TRICKS.map("".join).filter(is_free_text)
quick = settings(max_examples=300, deadline=None, derandomize=True)


@quick
@given(HOSTILE)
def test_yaml_reads_it_back(value: str) -> None:
    quoted = quoting.yaml_value(value)
    assert yaml.safe_load(quoted) == value
    assert yaml.safe_load(f"key: {quoted}\nother: [{quoted}, 1]\n") == {"key": value, "other": [value, 1]}


@quick
@given(st.lists(HOSTILE, max_size=4))
def test_yaml_reads_a_list_back(values: list[str]) -> None:
    assert yaml.safe_load(f"key: {quoting.yaml_value(values)}") == {"key": values}


@quick
@given(HOSTILE)
def test_toml_reads_it_back(value: str) -> None:
    tomllib: Any = pytest.importorskip("tomllib")
    assert tomllib.loads(f"key = {quoting.toml_value(value)}\n") == {"key": value}


@quick
@given(HOSTILE)
def test_python_reads_it_back(value: str) -> None:
    assert ast.literal_eval(quoting.python_value(value)) == value
    assert ast.literal_eval(quoting.python_list([value, value])) == [value, value]


@quick
@given(HOSTILE)
@example('ends with a quote "')
@example("ends with a backslash \\")
@example('""""""')
def test_a_docstring_stays_one(value: str) -> None:
    tree = ast.parse(f'"""{quoting.docstring_text(value)}"""\n')
    assert len(tree.body) == 1
    assert ast.get_docstring(tree, clean=False) == value.strip().replace('"', "'")


class _Tags(HTMLParser):
    """Collects the tags of a text, and the text as a reader sees it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: Any) -> None:  # noqa: ARG002 (HTMLParser passes it)
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@quick
@given(HOSTILE)
@example("<script>alert(1)</script>")
@example("&lt;script&gt;")
@example("[a](http://x) ![b](y) <http://z>")
def test_markdown_is_inert(value: str) -> None:
    shown = quoting.markdown_text(value)
    parser = _Tags()
    parser.feed(shown)
    parser.close()

    assert "<" not in shown
    assert parser.tags == []
    assert re.sub(r"\\([\\`*_\[\]|~$#+>=\-.)])", r"\1", parser.text) == re.sub(
        r"\\([\\`*_\[\]|~$#+>=\-.)])", r"\1", value.replace("\\", "\\\\")
    )
    # What has a meaning in the middle of a line has a backslash before it.
    assert not re.search(r"(?<!\\)(\\\\)*[`*_\[\]|~$]", shown)


@pytest.mark.parametrize("value", ["# a", "- a", "> a", "+ a", "=== a", "1. a", "12) a"])
def test_markdown_has_no_structure_at_the_start_of_a_line(value: str) -> None:
    assert re.match(r"\\|\d+\\", quoting.markdown_text(value))


@pytest.mark.parametrize(
    ("value", "quoted"),
    [
        ("arn:aws:s3:::b", '"arn:aws:s3:::b"'),
        ("arn:${AWS::Partition}:s3:::b", '!Sub "arn:${AWS::Partition}:s3:::b"'),
    ],
)
def test_sub_only_where_there_is_something_to_substitute(value: str, quoted: str) -> None:
    assert quoting.sub_value(value) == quoted


def test_arguments_and_entries() -> None:
    assert quoting.python_arguments(["id", "line"]) == "id: str, line: str"
    assert quoting.python_entries({"id": "id", "app": "app_"}) == ', "id": id, "app": app_'


@pytest.mark.parametrize("value", ["${}", "a ${ b", "${!Environment}", "$Environment"])
def test_what_is_no_variable_is_not_substituted(value: str) -> None:
    assert quoting.sub_value(value) == quoting.yaml_value(value)


def test_a_list_is_substituted_item_by_item() -> None:
    assert quoting.sub_list(["a", "${Environment}-b"]) == '["a", !Sub "${Environment}-b"]'
