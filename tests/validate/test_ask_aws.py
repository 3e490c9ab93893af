"""CloudFormation's opinion, with a stubbed client."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber
from sample_projects import sound

from generator.errors import ToolError
from generator.findings import Severity
from generator.validate import AwsValidator, validate_project


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    client = boto3.client("cloudformation", region_name="us-west-2")
    with Stubber(client) as stubber:
        yield stubber


def accept(stub: Stubber) -> None:
    stub.add_response("validate_template", {"Parameters": []}, {"TemplateBody": ANY})


def validate(project: Path, stub: Stubber) -> Any:
    return validate_project(project, aws=AwsValidator(stub.client), jobs=1)


def test_every_template_is_sent(tmp_path: Path, stub: Stubber) -> None:
    accept(stub)
    accept(stub)
    report = validate(sound(tmp_path / "p"), stub)

    stub.assert_no_pending_responses()
    assert report.ok
    assert [(check.name, check.templates) for check in report.checks][-1] == ("cloudformation", 2)


def test_an_objection_is_a_finding(tmp_path: Path, stub: Stubber) -> None:
    accept(stub)
    message = "Template format error: Unresolved resource dependencies [X] in Queue"
    stub.add_client_error("validate_template", "ValidationError", message)
    report = validate(sound(tmp_path / "p"), stub)

    (finding,) = report.findings
    assert (finding.rule, finding.file, finding.line) == ("cloudformation", "stacks/queues.yaml", 5)
    assert finding.message == message


@pytest.mark.parametrize("code", ["ExpiredToken", "AccessDenied", "Throttling"])
def test_refused(tmp_path: Path, stub: Stubber, code: str) -> None:
    stub.add_client_error("validate_template", code, "Not now.")

    with pytest.raises(ToolError, match="cannot be asked: Not now; log in") as caught:
        validate(sound(tmp_path / "p"), stub)
    assert caught.value.exit_code == 3


def test_no_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    boto3.DEFAULT_SESSION = None

    with pytest.raises(ToolError, match="there are no credentials; log in to AWS"):
        validate_project(sound(tmp_path / "p"), aws=AwsValidator.connect("us-west-2"), jobs=1)


def test_an_unknown_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")

    with pytest.raises(ToolError, match="no-such-profile"):
        AwsValidator.connect("us-west-2")


def test_what_is_too_large_is_not_sent(tmp_path: Path, stub: Stubber) -> None:
    note = f"Metadata: {{Note: {'x' * 52_000}}}\n"
    (tmp_path / "template.yaml").write_text(note + "Resources:\n  T: {Type: AWS::SNS::Topic}\n")
    report = validate(tmp_path, stub)

    (finding,) = [finding for finding in report.findings if finding.tool == "cloudformation"]
    assert finding.severity is Severity.INFO
    assert "Not sent" in finding.message
