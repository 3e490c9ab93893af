"""The rules that see one template, as cfn-lint's own command runs them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from generator.checks import cfnlint_rules, load_rules
from generator.checks.cfnlint_rules import ALONE, TOGETHER, lint_id, review_alone
from generator.checks.rule import Rule
from generator.checks.run import read_case, run_rules
from generator.findings import Severity
from generator.render import render_project
from generator.spec.load import parse_spec
from generator.spec.request_models import load_models

REPOSITORY = Path(__file__).resolve().parents[2]
CFN_LINT = Path(sys.executable).with_name("cfn-lint")
BAD = """\
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Parameters:
  Key: {Type: String, Default: ""}
Conditions:
  HasKey: !Not [!Equals [!Ref Key, ""]]
Resources:
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      Runtime: python3.13
      InlineCode: "def handler(event, context): pass"
      MemorySize: 256
      Timeout: 5
      KmsKeyArn: !If [HasKey, !Ref Key, !Ref AWS::NoValue]
      Environment: {Variables: {TABLE: orders}}
      Policies:
        - Statement:
            - Effect: Allow
              Action: "*"
              Resource: "*"
  Plain:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      Runtime: python3.13
      InlineCode: "def handler(event, context): pass"
      Timeout: 5
      Environment: {Variables: {TABLE: orders}}
"""


def lint(*arguments: object, folder: Path) -> list[dict[str, Any]]:
    """What the command says with samgen's rules."""
    command = [CFN_LINT, "--format", "json", "--append-rules", "generator.checks.cfnlint_rules", *arguments]
    done = subprocess.run(
        list(map(str, command)),
        cwd=folder,
        env={"PYTHONPATH": str(REPOSITORY), "PATH": str(CFN_LINT.parent)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert not done.stderr, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def ours(found: list[dict[str, Any]]) -> list[tuple[str, str, int, int]]:
    """Id, level, line and column of what is samgen's."""
    return [
        (
            item["Rule"]["Id"],
            item["Level"],
            item["Location"]["Start"]["LineNumber"],
            item["Location"]["Start"]["ColumnNumber"],
        )
        for item in found
        if item["Rule"]["Id"][1] == "9"
    ]


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    file = tmp_path / "template.yaml"
    file.write_text(BAD, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def orders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rendered orders example."""
    example = REPOSITORY / "examples" / "orders"
    spec = parse_spec((example / "samgen.yaml").read_bytes(), "samgen.yaml")
    project = tmp_path_factory.mktemp("orders") / "orders"
    render_project(spec, project, load_models(spec, example))
    return project


def test_every_rule_is_decided_on() -> None:
    assert ALONE | set(TOGETHER) == set(load_rules())
    assert ALONE.isdisjoint(TOGETHER)


def test_each_severity_of_a_rule_has_an_id_of_its_own() -> None:
    ids = {lint_id(identifier, severity) for identifier in ALONE for severity in Severity}

    assert len(ids) == 3 * len(ALONE)
    assert lint_id("SG101", Severity.ERROR) == "E9101"
    assert lint_id("SG001", Severity.INFO) == "I91001"


def test_findings_have_their_place_and_severity(bad: Path) -> None:
    found = ours(lint("-t", bad, folder=bad.parent))

    # A key that only a parameter decides on is not judged; none at all is.
    assert found == [
        ("E9101", "Error", 21, 15),
        ("W9501", "Warning", 23, 3),
        ("W9102", "Warning", 30, 7),
    ]


def test_a_finding_says_what_to_do_and_where_to_read_on(bad: Path) -> None:
    (found,) = (item for item in lint("-t", bad, folder=bad.parent) if item["Rule"]["Id"] == "W9501")

    assert found["Message"] == (
        "Plain does not set its memory. Set MemorySize; 128 MB, the default, has the slowest processor. (SG501)"
    )
    assert found["Rule"]["Source"].startswith("https://docs.aws.amazon.com/")
    assert found["Filename"] == str(bad)


def test_findings_can_be_ignored_as_all_of_cfn_lint(bad: Path) -> None:
    assert {found[0] for found in ours(lint("-t", bad, "-i", "W9", folder=bad.parent))} == {"E9101"}
    assert ours(lint("-t", bad, "-i", "E9", "W9", folder=bad.parent)) == []

    own = "    Metadata: {cfn-lint: {config: {ignore_checks: [W9501]}}}\n"
    bad.write_text(BAD.replace("  Plain:\n", f"  Plain:\n{own}"), encoding="utf-8")
    assert {found[0] for found in ours(lint("-t", bad, folder=bad.parent))} == {"E9101", "W9102"}


def test_what_the_template_accepts_of_samgen_is_accepted(bad: Path) -> None:
    entry = "    Metadata: {samgen: {suppress: [{id: SG501, reason: It is small.}]}}\n"
    bad.write_text(BAD.replace("  Plain:\n", f"  Plain:\n{entry}"), encoding="utf-8")

    assert {found[0] for found in ours(lint("-t", bad, folder=bad.parent))} == {"E9101", "W9102"}


def test_json_has_places_too(tmp_path: Path) -> None:
    properties = {"Handler": "a.b", "Runtime": "python3.13", "Code": {"ZipFile": "x"}, "Role": "arn:aws:iam::1:role/x"}
    template = {"Resources": {"A": {"Type": "AWS::Lambda::Function", "Properties": {**properties, "Timeout": 3}}}}
    (tmp_path / "a.json").write_text(json.dumps(template, indent=1), encoding="utf-8")
    found = ours(lint("-t", "a.json", folder=tmp_path))

    assert ("W9501", "Warning", 3, 3) in found


def test_a_generated_project_has_none_in_any_of_its_templates(orders: Path) -> None:
    templates = sorted(orders.rglob("template.yaml"))

    assert len(templates) > 5
    assert ours(lint("-c", "I", "-t", *templates, folder=orders)) == []


def test_alone_finds_nothing_that_the_whole_project_has_not(orders: Path, tmp_path: Path) -> None:
    project = tmp_path / "orders"
    shutil.copytree(orders, project)
    for name, old, new in (
        ("security", "Action: sqs:SendMessage", 'Action: "*"'),
        ("functions", "      MemorySize:", "      #"),
        ("functions", "${AWS::Region}", "eu-west-1"),
        ("data", "${AWS::AccountId}", "123456789012"),
        ("api", "arn:${AWS::Partition}", "arn:aws"),
    ):
        file = project / "stacks" / name / "template.yaml"
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new), encoding="utf-8")
    case = read_case(project)
    together = {(found.rule, found.line, found.message) for found in run_rules(case)}
    alone = [
        (found.rule, found.line, found.message)
        for template in case.project.templates
        for found in review_alone(template.path)
    ]

    assert len(alone) > 20
    assert {found for found in alone if found not in together} == set()


HERE = Path(__file__).resolve().parent
OTHERS = [*(HERE / "good_projects").iterdir(), *(HERE / "good_parts").iterdir()]


@pytest.mark.parametrize("project", sorted(OTHERS), ids=lambda project: f"{project.parent.name}-{project.stem}")
def test_alone_finds_nothing_more_in_other_styles(project: Path, tmp_path: Path) -> None:
    if project.is_file():
        project = Path(shutil.copy(project, tmp_path)).parent
    case = read_case(project)
    together = {(found.rule, found.line, found.message) for found in run_rules(case)}
    alone = {
        (found.rule, found.line, found.message)
        for template in case.project.templates
        for found in review_alone(template.path)
    }

    assert alone - together == set()


def test_what_cannot_be_read_is_left_to_cfn_lint(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("Resources: [", encoding="utf-8")
    (tmp_path / "list.yaml").write_text("[1]", encoding="utf-8")

    assert ours(lint("-t", "broken.yaml", "list.yaml", folder=tmp_path)) == []
    assert review_alone(tmp_path / "broken.yaml") == []


def test_a_template_is_read_again_when_it_has_changed(bad: Path) -> None:
    assert len(review_alone(bad)) > 2
    bad.write_text("Resources: {}\n", encoding="utf-8")
    assert review_alone(bad) == []


def test_a_rule_that_breaks_down_says_so_and_stops_no_other(bad: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_case: object) -> Any:
        raise ValueError("odd")

    rules = {
        identifier: Rule(rule.id, rule.sentence, rule.severity, rule.mend, rule.link, fail)
        if identifier == "SG101"
        else rule
        for identifier, rule in load_rules().items()
    }
    monkeypatch.setattr(cfnlint_rules, "load_rules", lambda: rules)
    cfnlint_rules._verdict.cache_clear()
    with pytest.raises(ValueError, match="odd"):
        list(cfnlint_rules._matches(rules["SG101"], Severity.ERROR, str(bad)))
    assert list(cfnlint_rules._matches(rules["SG501"], Severity.WARNING, str(bad)))
    cfnlint_rules._verdict.cache_clear()
