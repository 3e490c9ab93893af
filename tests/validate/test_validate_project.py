"""The whole verdict on a project: what is found, where, by which check, and how the checks add up."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sample_projects import BROKEN, QUEUES, ROOT, broken, sound

from generator.errors import InputError
from generator.findings import Severity
from generator.validate import Report, Validator, validate_project


@pytest.fixture(scope="module")
def validator() -> Iterator[Validator]:
    """One for all tests, as the rules are loaded once."""
    with Validator(jobs=2) as shared:
        yield shared


def rules(report: Report) -> set[tuple[str, int]]:
    return {(finding.rule, finding.line) for finding in report.findings}


def test_a_sound_project(tmp_path: Path, validator: Validator) -> None:
    sentences: list[str] = []
    report = validator.validate(sound(tmp_path / "p"), progress=sentences.append)

    assert report.findings == ()
    assert report.ok
    assert report.templates == ("template.yaml", "stacks/queues.yaml")
    assert [(check.name, check.templates, check.findings) for check in report.checks] == [
        ("sam validate", 2, 0),
        ("cfn-lint (source)", 2, 0),
        ("cfn-lint (expanded)", 2, 0),
        ("links", 2, 0),
    ]
    assert sentences[0] == "sam validate: 2 templates, 0 findings"


@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_project(tmp_path: Path, validator: Validator, how: str) -> None:
    report = validator.validate(broken(tmp_path / "p", how))

    assert rules(report) == BROKEN[how][2]
    assert not report.ok
    assert all(finding.file == "template.yaml" for finding in report.findings)
    assert sum(check.findings for check in report.checks) == len(report.findings)


def test_one_process_finds_the_same(tmp_path: Path, validator: Validator) -> None:
    for how in ("hidden cycle", "translator", "stack cycle"):
        project = broken(tmp_path / how, how)
        assert validate_project(project, jobs=1).findings == validator.validate(project).findings


@pytest.mark.parametrize("content", [b"", b"# nothing\n", b"Resources:\n  A: \xff\n", b"#" * 6_000_000])
def test_files_that_are_no_templates(tmp_path: Path, validator: Validator, content: bytes) -> None:
    (tmp_path / "template.yaml").write_bytes(content)
    report = validator.validate(tmp_path)

    assert [finding.rule for finding in report.findings] == ["yaml"]
    assert [check.findings for check in report.checks] == [1, 0, 0, 0]


def test_no_project(tmp_path: Path, validator: Validator) -> None:
    with pytest.raises(InputError, match="no CloudFormation template"):
        validator.validate(tmp_path)
    (tmp_path / "template.yaml").write_text(QUEUES)

    assert validator.validate(tmp_path).templates == ("template.yaml",)


def test_a_finding_in_what_sam_generates(tmp_path: Path, validator: Validator) -> None:
    project = sound(tmp_path / "p")
    text = ROOT.replace("      CodeUri: src/\n", "      CodeUri: src/\n      Policies: [NoSuch]\n", 1)
    (project / "template.yaml").write_text(text)

    (finding,) = validator.validate(project).findings
    assert (finding.rule, finding.line, finding.tool) == ("E3031", 12, "cfn-lint (expanded)")
    assert finding.message.startswith("In HelloRole, which SAM generates: 'NoSuch'")


METADATA = "    Metadata: {cfn-lint: {config: {ignore_checks: [E3031, E3034]}}}\n"


def test_suppressions_of_the_source_hold_for_the_expansion(tmp_path: Path, validator: Validator) -> None:
    project = sound(tmp_path / "p")
    bad = ROOT.replace("      CodeUri: src/\n", "      CodeUri: src/\n      Policies: [NoSuch]\n")
    suppressed = bad.replace("  Hello:\n", "  Hello:\n" + METADATA)
    (project / "template.yaml").write_text(suppressed)

    assert {f.message.split()[1] for f in validator.validate(project).findings} == {"OtherRole,"}


def test_a_parameter_that_only_sam_uses_counts_as_used(tmp_path: Path, validator: Validator) -> None:
    project = sound(tmp_path / "p")
    publish = "CodeUri: src/\n      AutoPublishAlias: live\n      AutoPublishCodeSha256: !Ref Release"
    text = ROOT.replace("CodeUri: src/", publish, 1)
    text = text.replace("Parameters:\n", "Parameters:\n  Release: {Type: String, Default: r1}\n", 1)
    (project / "template.yaml").write_text(text)

    assert validator.validate(project).findings == ()


def test_the_projects_configuration_counts(tmp_path: Path, validator: Validator) -> None:
    project = broken(tmp_path / "p", "bad value")
    (project / ".cfnlintrc.yaml").write_text("ignore_checks: [E3034, E3717]\n")
    before = Path.cwd(), os.environ.get("AWS_REGION")

    assert validator.validate(project).ok
    assert validate_project(project, jobs=1).ok
    assert (Path.cwd(), os.environ.get("AWS_REGION")) == before


def test_information_does_not_fail_a_project(tmp_path: Path, validator: Validator) -> None:
    project = sound(tmp_path / "p")
    (project / ".cfnlintrc.yaml").write_text("include_checks: [I]\n")
    (project / "template.yaml").write_text(QUEUES.replace("    DeletionPolicy: Delete\n", ""))
    report = validator.validate(project)

    assert {finding.severity for finding in report.findings} <= {Severity.INFO, Severity.WARNING}
    assert any(finding.severity is Severity.INFO for finding in report.findings)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_configuration_that_cfn_lint_refuses(tmp_path: Path, jobs: int) -> None:
    project = sound(tmp_path / "p")
    (project / ".cfnlintrc").write_text("no_such_option: true\n")

    with pytest.raises(InputError, match="no_such_option"):
        validate_project(project, jobs=jobs)


def test_an_unknown_region(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"Regions \['mars-1'\] are unsupported\.$"):
        validate_project(sound(tmp_path / "p"), region="mars-1", jobs=1)
