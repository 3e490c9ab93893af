"""`samgen check` as a user runs it."""

from __future__ import annotations

import errno
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from doors import Door, InProcess, Run, message_of, names

from generator.checks import RULES, load_rules

TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Environment: {Type: String, AllowedValues: [dev, prod]}
Resources:
  Function:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: !Sub ${Environment}-hello
      Handler: app.handler
      Runtime: python3.13
      Role: arn:aws:iam::123456789012:role/hello
      Code: {ZipFile: "pass"}
      Timeout: 3
"""
CONFIG = """\
version = 0.1
[dev.deploy.parameters]
region = "eu-central-1"
parameter_overrides = "Environment=dev"
[prod.deploy.parameters]
region = "eu-central-1"
parameter_overrides = "Environment=prod"
"""
# As to prod: without a region, and left half done where it fails.
PRODUCTION_IS_LEFT_BROKEN = (
    CONFIG.rpartition("region")[0]
    + """\
on_failure = "DO_NOTHING"
parameter_overrides = "Environment=prod"
"""
)
# The one finding of the sample that the tests ask for; rules that come later change nothing then.
MEMORY = ("--select", "SG501")
FOUND = (
    "template.yaml:5:3: warning SG501: Function does not set its memory."
    " Set MemorySize; 128 MB, the default, has the slowest processor.\n"
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "work" / "p"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "template.yaml").write_text(TEMPLATE, encoding="utf-8")
    (folder / "samconfig.toml").write_text(CONFIG, encoding="utf-8")
    return folder


@pytest.fixture
def here(samgen_here: InProcess, project: Path, monkeypatch: pytest.MonkeyPatch) -> InProcess:
    """`samgen check` in this process, in the folder that holds the project."""
    monkeypatch.chdir(project.parent)

    def run(*arguments: str) -> Run:
        return samgen_here("check", *arguments, *(() if "--jobs" in arguments else ("--jobs", "1")))

    return run


def test_findings_as_text(samgen: Door, project: Path) -> None:
    run = samgen("check", "p", *MEMORY)

    assert (run.code, run.out) == (1, FOUND)
    assert len(run.err.splitlines()) == 10
    assert re.search(r"^SG5  Resources +1 rule  1 finding$", run.err, re.MULTILINE)


def test_the_current_folder_and_nothing_found(samgen: Door, project: Path) -> None:
    (project / "template.yaml").write_text(TEMPLATE + "      MemorySize: 256\n", encoding="utf-8")
    run = Door(project, samgen.environment)("check", *MEMORY)

    assert (run.code, run.out) == (0, "")
    assert run.err.splitlines()[-1] == "Nothing found that fails."


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_what_cfn_lint_says_is_there_too(samgen: Door, project: Path, jobs: str) -> None:
    broken = TEMPLATE.replace("Timeout: 3", "Timeout: [3]")
    (project / "template.yaml").write_text(broken, encoding="utf-8")
    run = samgen("check", "p", "--jobs", jobs)

    assert run.code == 1
    assert re.search(r"^template\.yaml:13:\d+: error (E3012|SG203): ", run.out, re.MULTILINE)


def test_every_form_and_a_file_for_it(here: InProcess, project: Path) -> None:
    for form, begins in {
        "text": "template.yaml:5:3",
        "json": "{",
        "sarif": "{",
        "junit": "<?xml",
        "github": "::warning file=p/template.yaml,line=5,col=3,title=samgen SG501::",
        "html": "<!DOCTYPE html>",
    }.items():
        run = here("p", *MEMORY, "--format", form, "--output", f"report.{form}")
        assert (run.code, run.out) == (1, "")
        assert (project.parent / f"report.{form}").read_text("utf-8").startswith(begins)
        assert (run.err == "") is (form != "text")


def test_on_stdout_there_is_the_report_and_nothing_else(samgen: Door, project: Path) -> None:
    run = samgen("check", "p", *MEMORY, "--format", "json")

    assert (run.code, run.err) == (1, "")
    assert json.loads(run.out)["projects"][0]["findings"][0]["rule"] == "SG501"


def test_several_projects_in_one_run(samgen: Door, project: Path) -> None:
    other = samgen.folder / "q"
    other.mkdir()
    (other / "template.yaml").write_text(TEMPLATE, encoding="utf-8")
    run = samgen("check", "p", "q/template.yaml", "p/../p", *MEMORY)

    assert run.out == f"p/{FOUND}q/{FOUND}"


def test_severity_and_ignore(here: InProcess, project: Path) -> None:
    def code(*more: str) -> int:
        return here("p", *more).code

    assert code(*MEMORY, "--severity", "error") == 0
    assert code(*MEMORY, "--severity", "info") == 1
    assert code("--select", "SG501,SG206", "--ignore", "SG5") == 0
    assert code("--select", "SG501,SG206", "--ignore", "SG1,SG501") == 0


def test_one_environment(here: InProcess, project: Path) -> None:
    only_dev = TEMPLATE.replace(
        "Resources:", "Conditions:\n  Dev: !Equals [!Ref Environment, dev]\nResources:"
    ).replace("    Type: AWS::Lambda", "    Condition: Dev\n    Type: AWS::Lambda")
    (project / "template.yaml").write_text(only_dev, encoding="utf-8")

    assert here("p", *MEMORY, "--environment", "dev").code == 1
    assert here("p", *MEMORY, "--environment", "prod").code == 0
    assert message_of(here("p", "--environment", "stage").err) == (
        "samconfig.toml has no environment 'stage'; its environments: dev, prod."
    )


def test_one_environment_is_judged_by_its_own_settings(here: InProcess, project: Path) -> None:
    (project / "samconfig.toml").write_text(PRODUCTION_IS_LEFT_BROKEN, encoding="utf-8")
    (project / "template.yaml").write_text(
        TEMPLATE.replace(", AllowedValues: [dev, prod]", "").replace(
            "Resources:", "Conditions:\n  Prod: !Equals [!Ref Environment, prod]\nResources:"
        ),
        encoding="utf-8",
    )
    rules = ("p", "--select", "SG305,SG705,SG901", "--environment")

    assert "dev" not in (told := here(*rules, "prod").out)
    assert "A deployment to prod that fails is left half done" in told
    assert "The environment prod does not say which region" in told
    assert here(*rules, "dev").out == ""


def test_a_baseline(here: InProcess, project: Path) -> None:
    wrote = here("p", *MEMORY, "--baseline", "known.json", "--write-baseline")
    assert (wrote.code, wrote.out, wrote.err) == (0, "", "Wrote known.json: known findings: 1.\n")

    passes = here("p", *MEMORY, "--baseline", "known.json")
    assert (passes.code, passes.out) == (0, "")
    assert "1 known" in passes.err

    more = TEMPLATE + TEMPLATE.partition("Resources:\n")[2].replace("Function:", "Another:", 1)
    (project / "template.yaml").write_text(more, encoding="utf-8")
    fails = here("p", *MEMORY, "--baseline", "known.json")
    assert (fails.code, len(fails.out.splitlines())) == (1, 1)
    assert "Another does not set its memory." in fails.out

    (project / "template.yaml").write_text(TEMPLATE + "      MemorySize: 256\n", encoding="utf-8")
    mended = here("p", *MEMORY, "--baseline", "known.json")
    assert "No longer found, though the baseline lists them: 1; write it anew." in mended.err


def test_suppression(samgen: Door, project: Path) -> None:
    entry = "    Metadata: {samgen: {suppress: [{id: SG501, reason: It only says hello.}]}}\n"
    (project / "template.yaml").write_text(TEMPLATE.replace("  Function:\n", f"  Function:\n{entry}"), encoding="utf-8")
    run = samgen("check", "p", *MEMORY)

    assert run.code == 0
    assert run.out == (
        "template.yaml:5:3: suppressed SG501: Function does not set its memory. Reason: It only says hello.\n"
    )
    assert "1 suppressed" in run.err


@pytest.mark.parametrize("identifier", ["E3002", "e3002", "SG203", "sg203"])
def test_what_a_rule_says_in_cfn_lints_place_is_suppressed_by_either_id(
    samgen_here: InProcess, tmp_path: Path, identifier: str
) -> None:
    entry = f"{{id: {identifier}, reason: Not known to cfn-lint yet.}}"
    queue = f"{{Type: AWS::SQS::Queue, Metadata: {{samgen: {{suppress: [{entry}]}}}}, Properties: {{Foo: 1}}}}"
    (tmp_path / "template.yaml").write_text(f"Resources:\n  Queue: {queue}\n", encoding="utf-8")
    run = samgen_here("check", str(tmp_path), "--select", "SG203,suppression", "--jobs", "1")

    assert (run.code, run.out.count("\n")) == (0, 1)
    assert "suppressed SG203" in run.out
    assert "Reason: Not known to cfn-lint yet." in run.out


def test_explain_and_list(samgen_here: InProcess) -> None:
    explained = samgen_here("check", "--explain", "sg501")
    assert explained.code == 0
    assert explained.out.splitlines()[0] == "SG501 (Resources, warning)"
    assert "https://docs.aws.amazon.com/" in explained.out

    listed = samgen_here("check", "--list")
    assert listed.code == 0
    assert [line.split()[0] for line in listed.out.splitlines()] == list(load_rules())

    unknown = samgen_here("check", "--explain", "SG999")
    assert unknown.code == 2
    assert message_of(unknown.err) == "There is no rule 'SG999'; 'samgen check --list' lists them."


@pytest.mark.parametrize(
    "arguments",
    [
        ("nowhere",),
        ("empty",),
        ("p", "--format", "pdf"),
        ("p", "--select", "SG999"),
        ("p", "--ignore", "everything"),
        ("p", "--select", "SG501", "--ignore", "SG5"),
        ("p", "--select", "E9999"),
        ("p", "--explain", "E3012"),
        ("p", "--output", "p/template.yaml"),
        ("p", "--output", "p/samconfig.toml"),
        ("p", "--baseline", "p/template.yaml", "--write-baseline"),
        ("p", "--baseline", "known.json", "--write-baseline", "--output", "report.txt"),
        ("p", "--severity", "fatal"),
        ("p", "--baseline", "nowhere.json"),
        ("p", "--write-baseline"),
        ("p", "--output", "no/such/folder"),
        ("p", "--jobs", "0"),
        ("p", "nowhere"),
    ],
    ids=" ".join,
)
def test_wrong_input(here: InProcess, project: Path, arguments: tuple[str, ...]) -> None:
    (project.parent / "empty").mkdir()
    before = names(project.parent)
    run = here(*arguments)

    assert (run.code, run.out) == (2, "")
    assert message_of(run.err)
    assert names(project.parent) == before
    assert (project / "template.yaml").read_text(encoding="utf-8") == TEMPLATE
    assert (project / "samconfig.toml").read_text(encoding="utf-8") == CONFIG


def test_what_findings_of_no_rule_mean_is_explained_too(samgen_here: InProcess) -> None:
    run = samgen_here("check", "--explain", "suppression")

    assert (run.code, run.out.partition(":")[0]) == (0, "suppression")


def test_a_template_named_beside_what_nests_it_is_told_of_once(here: InProcess, project: Path) -> None:
    """pre-commit and `git diff` name every changed template."""
    child = 'Resources:\n  Child: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: "template.yaml"}}\n'
    (project / "parent.yaml").write_text(child, encoding="utf-8")
    run = here("p/parent.yaml", "p/template.yaml", *MEMORY)

    assert run.out == f"p/{FOUND}"


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo terminal")
@pytest.mark.parametrize(("wish", "colored"), [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True)])
def test_a_terminal_gets_colors_unless_it_wants_none(tmp_path: Path, wish: dict[str, str], colored: bool) -> None:
    """See https://no-color.org: set and not empty."""
    controller, terminal = os.openpty()
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    command = [sys.executable, "-m", "generator", "check", str(tmp_path / "nowhere")]
    subprocess.run(command, stderr=terminal, env={**environment, **wish}, check=False)
    said = os.read(controller, 10_000)
    os.close(controller)
    os.close(terminal)

    assert b"nowhere" in said
    assert (b"\x1b[" in said) is colored


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_standard_output_on_a_full_disk_is_one_sentence(samgen: Door, project: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-m", "generator", "check", str(project), *MEMORY, "--jobs", "1"]
        run = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False, text=True)

    assert run.returncode == 2
    assert run.stderr == "Standard output cannot be written: No space left on device.\n"


def test_a_report_that_cannot_be_written_leaves_the_last_one(
    here: InProcess, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = project.parent / "report.txt"
    report.write_text("the last one", encoding="utf-8")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("pathlib.Path.replace", full)
    run = here("p", *MEMORY, "--output", "report.txt")

    assert run.code == 2
    assert message_of(run.err) == "report.txt cannot be written: No space left on device."
    assert report.read_text(encoding="utf-8") == "the last one"
    assert names(project.parent) == ["p", "report.txt"]


def test_a_rule_that_breaks_down_ends_with_3(
    samgen_here: InProcess, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = load_rules()["SG501"]

    def breaks(_case: object) -> Iterator[None]:
        raise KeyError("Type")
        yield

    monkeypatch.setitem(RULES, "SG501", type(rule)("SG501", "a.", rule.severity, "b.", rule.link, breaks))  # type: ignore[arg-type]
    run = samgen_here("check", str(project), *MEMORY, "--jobs", "1")

    assert run.code == 3
    assert run.err.splitlines()[-1] == "SG501 failed in p (KeyError: 'Type')."


BOMB = "Resources:\n  a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"  {name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
MANY = "Resources:\n" + "".join(f"  Q{n}: {{Type: AWS::SQS::Queue}}\n" for n in range(1_000))
HOSTILE: dict[str, bytes] = {
    "truncated": TEMPLATE[:300].encode() + b'\n  "',
    "20 MB": b"Resources: {}\n#" + b"x" * 20_000_000,
    "a bomb of aliases": BOMB.encode(),
    "an alias to itself": b"Resources: &a\n  A: *a\n",
    "binary": bytes(range(256)) * 50,
    "empty": b"",
    "a list": b"- Resources\n",
    "nested deeply": b"Resources: " + b"[" * 50_000,
    "types that are none": b"Resources: {A: {Type: [1]}, B: {Type: AWS::Lambda::Function, Properties: [1]}, C: 7}\n",
    "an unknown transform": b"Transform: [Nobody::Knows, {Name: AWS::Include}]\nResources: {}\n",
    "odd metadata": b"Metadata: {samgen: {suppress: [[[[]]], 1, ~, {id: {}, reason: 1}]}}\nResources: {}\n",
    "in itself": b"Resources:\n  A: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: template.yaml}}\n",
    "surrogates": b'Resources: {"\\ud800\\u202e": {Type: AWS::Lambda::Function, Properties: {}}}\n',
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_templates_are_findings(samgen_here: InProcess, tmp_path: Path, kind: str) -> None:
    (tmp_path / "template.yaml").write_bytes(HOSTILE[kind])
    for form in ("text", "html"):
        run = samgen_here("check", str(tmp_path), "--jobs", "1", "--format", form)
        assert run.code == 1, run.err
        assert run.out.strip()
        assert "Traceback" not in run.err


@pytest.mark.slow
def test_a_thousand_resources(samgen: Door) -> None:
    (samgen.folder / "template.yaml").write_text(MANY, encoding="utf-8")

    assert samgen("check").code == 1


def test_what_is_no_file(samgen: Door) -> None:
    os.mkfifo(samgen.folder / "template.yaml")
    os.mkfifo(samgen.folder / "samconfig.toml")
    (samgen.folder / "round").symlink_to(samgen.folder)
    (samgen.folder / "itself.yaml").symlink_to(samgen.folder / "itself.yaml")
    for named in (".", "template.yaml", "itself.yaml", "/dev/null"):
        samgen.refuses("check", named)


def test_a_template_that_nobody_may_read(samgen: Door, project: Path) -> None:
    (project / "template.yaml").chmod(0)
    if os.access(project / "template.yaml", os.R_OK):
        pytest.skip("root may read everything")

    assert samgen("check", "p").code == 1
