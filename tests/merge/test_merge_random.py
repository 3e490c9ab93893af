"""Random edits of a user and of the template: each survives, or is a reported conflict; never silence."""

from __future__ import annotations

import json
from typing import Any

import pytest
import tomlkit
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from merge_documents import Edited, Path, as_json, as_toml, as_yaml, at, documents, edits, entries, leaves

from generator.merge.structure import UnreadableError, merge_document
from generator.merge.structure.document import Merged

_WRITE = {"yaml": as_yaml, "json": as_json, "toml": as_toml}
_MISSING = object()
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _read(language: str, text: str) -> Any:
    if language == "yaml":
        return yaml.load(text, Loader=_LOADER)  # noqa: S506 (a safe loader)
    return json.loads(text) if language == "json" else tomlkit.parse(text).unwrap()


@st.composite
def _cases(draw: st.DrawFn) -> tuple[dict[str, Any], Edited, Edited]:
    base = draw(documents)
    return base, draw(edits(base, "user")), draw(edits(base, "template"))


@pytest.mark.parametrize("language", ["yaml", "json", "toml"])
@settings(max_examples=340, deadline=None, suppress_health_check=list(HealthCheck))
@given(case=_cases(), unended=st.booleans(), returns=st.booleans())
def test_every_edit_survives_or_is_reported(
    language: str, case: tuple[dict[str, Any], Edited, Edited], unended: bool, returns: bool
) -> None:
    base, user, template = case
    write = _WRITE[language]
    texts = [write(Edited(base)), write(user), write(template)]
    if unended:
        texts[1] = texts[1].removesuffix("\n")
    if returns:
        texts[1] = texts[1].replace("\n", "\r\n")
    if not user.data or not template.data:
        return
    try:
        merged = merge_document(language, *texts)
    except UnreadableError:
        assert _is_left_to_lines(language, base, user.data, template.data) or (unended and ": |" in texts[1])
        return
    _check_values(language, texts, merged)
    for side, other in ((user, template), (template, user)):
        for path, comment in side.comments.items():
            told = language == "yaml" or (language == "toml" and len(path) < 3)
            if told and at(other.data, path) is not None:
                untouched = at(other.data, path) == at(base, path) and path not in other.comments
                assert comment in merged.text or (merged.conflicts and not untouched)
    if language != "json" and not returns:
        _check_lines(texts, merged)
    again = merge_document(language, texts[2], merged.text, texts[2])
    assert again == Merged(merged.text)


def _is_left_to_lines(language: str, *documents: dict[str, Any]) -> bool:
    """Nothing would be left of a YAML document, or a key of TOML is a table here and a value there."""
    if language == "yaml":
        return not documents[1].keys() & documents[2].keys()
    tables = {key for document in documents for key, value in document.items() if isinstance(value, dict)}
    values = {key for document in documents for key, value in document.items() if not isinstance(value, dict)}
    return language == "toml" and bool(tables & values)


def _check_values(language: str, texts: list[str], merged: Merged) -> None:
    base, ours, theirs, found = (leaves(_read(language, text)) for text in (*texts, merged.text))
    reported = [conflict.path for conflict in merged.conflicts]
    for path in base.keys() | ours.keys() | theirs.keys() | found.keys():
        old, mine, other, now = (side.get(path, _MISSING) for side in (base, ours, theirs, found))
        if any(_within("/".join(path), place) for place in reported):
            assert now == mine or isinstance(mine, list) or _partly(path, now, other)
        elif isinstance(now, list):
            _check_list(old, mine, other, now)
        elif mine == old:
            assert now == other, (path, merged)
        elif other in (old, mine):
            assert now == mine, (path, merged)
        else:
            assert now == mine
            assert reported, (path, merged)


def _within(path: str, place: str) -> bool:
    return f"{path}/".startswith(f"{place}/") or f"{place}/".startswith(f"{path}/")


def _partly(path: Path, now: Any, other: Any) -> bool:
    """What both sides added as mappings is merged inside."""
    return len(path) > 0 and now == other


def _check_list(old: Any, mine: Any, other: Any, now: list[Any]) -> None:
    if mine == old:
        assert now == other
    elif other in (old, mine):
        assert now == mine
    else:
        for item in now:
            held = [side for side in (old, mine, other) if isinstance(side, list)]
            assert any(item in side for side in held) or isinstance(item, dict)


def _check_lines(texts: list[str], merged: Merged) -> None:
    """No line is invented: each stands in one of the three texts, but for notes and commas' rows."""
    known = {line.strip() for text in texts for line in text.splitlines()}
    for line in merged.text.splitlines():
        assert line.strip() in known or "samgen update" in line or line.rstrip().endswith(("]", "}"))


@settings(max_examples=200, deadline=None)
@given(base=documents, language=st.sampled_from(["yaml", "json", "toml"]), data=st.data())
def test_the_same_rendering_changes_no_byte(base: dict[str, Any], language: str, data: st.DataObject) -> None:
    user = data.draw(edits(base, "user"))
    text = _WRITE[language](Edited(base))
    mine = _WRITE[language](user)
    assert merge_document(language, text, mine, text) == Merged(mine)
    assert merge_document(language, text, text, mine) == Merged(mine)
    assert list(entries(base))
