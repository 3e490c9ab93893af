"""Every id of the catalogue has a rule, good and bad samples that hold, and mutations; the page says how many."""

from __future__ import annotations

from pathlib import Path

import pytest
from catalogue_table import BEGIN, COMMAND, END, PAGE, Counts, catalogue_ids, counts, edited
from judged import judge
from sample_files import SampleProject, read, samples

from generator.checks import load_rules
from generator.findings import Severity

ALL = 53
MUTATIONS = 2


def test_the_catalogue_and_the_rules_are_the_same() -> None:
    assert len(catalogue_ids()) == ALL
    assert sorted(catalogue_ids()) == sorted(load_rules())


@pytest.mark.parametrize("identifier", catalogue_ids())
def test_an_id_has_samples_and_mutations(identifier: str) -> None:
    of = counts().get(identifier, Counts())

    assert of.good, f"tests/checks/samples/{identifier}.txt has no good sample"
    assert of.bad, f"tests/checks/samples/{identifier}.txt has no bad sample"
    assert of.mutations >= MUTATIONS, f"tests/conformance has too few mutations of {identifier}"


def test_samples_are_of_the_catalogue() -> None:
    assert {sample.rule for sample in samples()} <= set(catalogue_ids())
    names = [str(sample) for sample in samples()]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("sample", samples(), ids=str)
def test_a_sample_is_judged(sample: SampleProject, tmp_path: Path) -> None:
    sample.write(tmp_path)
    found = [f for f in judge(tmp_path, sample.rule) if not sample.good or f.rule == sample.rule]
    shown = "\n".join(finding.as_text() for finding in found)
    if sample.good:
        assert not [f for f in found if f.severity is not Severity.INFO], shown
        return
    assert found, "nothing is found"
    files = {f.file: [*(tmp_path / f.file).read_text("utf-8").splitlines(), ""] for f in found}
    texts = [files[f.file][f.line - 1] for f in found]  # what ends too soon is found after its last line
    for part in sample.at:
        assert any(part in text for text in texts), f"{part!r} is not found:\n{shown}"
    for text in texts if sample.at else ():
        assert any(part in text for part in sample.at), f"{text!r} is found, and should not be:\n{shown}"


def test_a_sample_may_follow_another() -> None:
    one, two = read(
        "SG101", "=== good: one\nA: 1\nB: 2\n--- x.toml\nc\n=== bad: two, after one\n~ A\n- A: 1\n+ A: 3\n- c\n"
    )

    assert (one.good, one.files) == (True, {"template.yaml": "A: 1\nB: 2\n", "x.toml": "c\n"})
    assert (two.good, two.at, two.files) == (False, ["A"], {"template.yaml": "A: 3\nB: 2\n", "x.toml": ""})


def test_the_page_says_how_many_there_are() -> None:
    text = PAGE.read_text("utf-8")

    assert BEGIN in text
    assert END in text
    assert edited(text) == text, f"docs/catalogue.md is not current; write its table with: {COMMAND}"
