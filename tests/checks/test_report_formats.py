"""Each form of the report, as its readers take it."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from reviews import LINK, RULES, TEMPLATE, flags, make_rule, review, write

from generator.checks.baseline import read_baseline, write_baseline
from generator.checks.report import VIEWS
from generator.checks.review import Review, shown_findings
from generator.checks.select import Selection
from generator.cli.check import Format
from generator.findings import Finding, Severity
from scripts.sarif_schema import sarif_schema as schema_of_sarif

# SARIF's own JSON schema comes in this package; its text is too long and not ours to keep a copy of.
HOSTILE = "<script>alert('1')</script> & \"x\", 100%: ::error::]]>"
SUPPRESSED = TEMPLATE.replace(
    "  Queue:\n", "  Queue:\n    Metadata: {samgen: {suppress: [{id: SG101, reason: Old & <b>known</b>.}]}}\n"
)


@pytest.fixture
def seen(tmp_path: Path) -> Review:
    """A review with a warning, a note, something suppressed and something that a tool says."""
    said = Finding("template.yaml", 9, 7, "E0001", Severity.ERROR, f"Hostile: {HOSTILE}.", "", "cfn-lint")
    return review(write(tmp_path / "p", SUPPRESSED), tools=[said])


def rendered(form: str, of: Review) -> str:
    return VIEWS[form](of)


def test_every_form_has_a_view() -> None:
    assert [form.value for form in Format] == list(VIEWS)


@pytest.mark.parametrize("form", sorted(VIEWS))
def test_the_same_project_gives_the_same_bytes(tmp_path: Path, form: str) -> None:
    reports = []
    for place in ("a", "b"):
        project = write(tmp_path / place / "p", SUPPRESSED)
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(project)
            reports.append(rendered(form, review(project)))

    assert reports[0] == reports[1]
    assert str(tmp_path) not in reports[0]
    assert reports[0].endswith("\n")


@pytest.mark.parametrize("form", sorted(VIEWS))
def test_a_project_without_findings(tmp_path: Path, form: str) -> None:
    report = rendered(form, review(write(tmp_path), select=Selection(("SG9",))))

    assert "SG101" not in report
    assert (report == "") is (form in {"text", "github"})


def test_text(seen: Review) -> None:
    assert rendered("text", seen).splitlines() == [
        "template.yaml:8:3: warning SG404: Topic is wrong. Mend it.",
        f"template.yaml:9:7: error E0001: Hostile: {HOSTILE}.",
        "template.yaml:11:7: info SG801: Topic may be named better. Mend it.",
        "template.yaml:7:7: suppressed SG101: Queue is wrong. Reason: Old & <b>known</b>.",
    ]


def test_json(seen: Review) -> None:
    data = json.loads(rendered("json", seen))
    (project,) = data["projects"]

    assert data["ok"] is False
    assert len(data["scorecard"]) == 10
    assert project["templates"] == ["template.yaml"]
    assert [finding["rule"] for finding in project["findings"]] == ["SG404", "E0001", "SG801"]
    assert project["findings"][0]["severity"] == "warning"
    assert project["suppressed"][0]["reason"] == "Old & <b>known</b>."


def test_github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    odd = Finding("100%, a:b.yaml", 3, 1, "E0001", Severity.ERROR, "50% of a: b, c.", "", "cfn-lint")
    lines = rendered("github", review(write(tmp_path / "p"), tools=[odd])).splitlines()

    assert lines == [
        "::error file=p/100%25%2C a%3Ab.yaml,line=3,col=1,title=samgen E0001::50%25 of a: b, c.",
        "::error file=p/template.yaml,line=6,col=7,title=samgen SG101::Queue is wrong. Mend it.",
        "::warning file=p/template.yaml,line=7,col=3,title=samgen SG404::Topic is wrong. Mend it.",
        "::notice file=p/template.yaml,line=10,col=7,title=samgen SG801::Topic may be named better. Mend it.",
    ]


def test_a_message_is_one_command_whatever_it_says(tmp_path: Path) -> None:
    odd = Finding("a.yaml", 1, 1, "E0001", Severity.ERROR, "a\n::stop-commands::x\r::error::y", "", "cfn-lint")
    lines = rendered("github", review(write(tmp_path), tools=[odd], select=Selection(("E",)))).splitlines()

    assert len(lines) == 1


def test_junit(seen: Review) -> None:
    root = ET.fromstring(rendered("junit", seen).encode())  # noqa: S314 - our own
    suites = {str(suite.get("name")): suite for suite in root}
    security, validity, monitoring = suites["SG1 Security"], suites["SG2 Template validity"], suites["SG4 Monitoring"]

    assert len(suites) == 10
    assert (root.tag, root.get("tests"), root.get("failures"), root.get("skipped")) == ("testsuites", "6", "2", "1")
    assert {key: security.get(key) for key in ("tests", "failures", "skipped")} == {
        "tests": "2", "failures": "0", "skipped": "1",
    }  # fmt: skip
    (failure,) = monitoring.iter("failure")
    assert (failure.get("type"), failure.get("message")) == ("warning", "Topic is wrong. Mend it.")
    (case,) = monitoring.iter("testcase")
    assert (case.get("file"), case.get("line"), case.get("classname")) == ("template.yaml", "8", "samgen.SG404")
    (said,) = validity.iter("failure")
    assert HOSTILE in str(said.get("message"))
    (passed,) = suites["SG9 Regions and accounts"]
    assert (len(passed), passed.get("name")) == (0, "SG901 What SG901 is for.")
    (note,) = suites["SG8 Names"]
    assert [child.tag for child in note] == ["system-out"]  # told of, and passed


def test_no_program_takes_a_rule_that_broke_down_for_one_that_passed(tmp_path: Path) -> None:
    def breaks(_case: object) -> None:
        raise ValueError("broken")

    broken = review(write(tmp_path / "p"), rules={**RULES, "SG001": make_rule("SG001", breaks)})
    root = ET.fromstring(rendered("junit", broken).encode())  # noqa: S314 - our own
    (error,) = root.iter("error")

    assert root.get("errors") == "1"
    assert error.get("message") == "SG001 failed in p (ValueError: broken)."
    assert json.loads(rendered("json", broken))["failures"] == ["SG001 failed in p (ValueError: broken)."]


@pytest.fixture(scope="session")
def sarif_schema(tmp_path_factory: pytest.TempPathFactory) -> Any:
    try:
        return schema_of_sarif(tmp_path_factory.mktemp("schema"))
    except RuntimeError as error:
        pytest.skip(str(error))


def test_sarif_is_accepted_by_its_schema(seen: Review, tmp_path: Path, sarif_schema: Any) -> None:
    write_baseline(tmp_path / "known.json", shown_findings(seen))
    compared = review(tmp_path / "p", baseline=read_baseline(tmp_path / "known.json"))

    def breaks(_case: object) -> None:
        raise ValueError("broken")

    broken = review(tmp_path / "p", rules={**RULES, "SG001": make_rule("SG001", breaks)})
    for one in (seen, compared, broken, review(tmp_path / "p", rules={}), review()):
        data = json.loads(rendered("sarif", one))
        jsonschema.Draft7Validator(sarif_schema).validate(data)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft7Validator(sarif_schema).validate({"version": "2.1.0"})


def test_sarif(seen: Review) -> None:
    data = json.loads(rendered("sarif", seen))
    (run,) = data["runs"]
    rules, results = run["tool"]["driver"]["rules"], run["results"]

    assert data["version"] == "2.1.0"
    assert [rule["id"] for rule in rules] == ["SG101", "SG404", "SG801", "SG901", "E0001"]
    assert rules[0]["helpUri"] == LINK
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in results)
    assert [(result["ruleId"], result["level"]) for result in results] == [
        ("SG101", "error"), ("SG404", "warning"), ("E0001", "error"), ("SG801", "note"),
    ]  # fmt: skip
    assert results[0]["suppressions"] == [
        {"kind": "inSource", "status": "accepted", "justification": "Old & <b>known</b>."}
    ]
    assert results[1]["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "template.yaml"},
        "region": {"startLine": 8, "startColumn": 3},
    }
    assert len({result["partialFingerprints"]["samgenFinding/v1"] for result in results}) == 4
    assert run["invocations"] == [{"executionSuccessful": True}]


def test_sarif_has_what_code_scanning_demands_of_every_rule(seen: Review) -> None:
    (run,) = json.loads(rendered("sarif", seen))["runs"]
    rules = run["tool"]["driver"]["rules"]

    assert {rule["id"] for rule in rules} >= {"SG404", "E0001"}
    for rule in rules:
        for name in ("shortDescription", "fullDescription", "help"):
            assert 0 < len(rule[name]["text"]) <= 1024, rule["id"]


def test_sarif_holds_no_more_than_code_scanning_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generator.checks.report.sarif.MOST", 2)
    said = Finding("template.yaml", 11, 1, "E0001", Severity.ERROR, "Wrong.", "", "cfn-lint")
    (run,) = json.loads(rendered("sarif", review(write(tmp_path / "p"), tools=[said])))["runs"]

    assert [result["ruleId"] for result in run["results"]] == ["SG101", "E0001"]  # the errors
    (invocation,) = run["invocations"]
    (told,) = invocation["toolExecutionNotifications"]
    assert invocation["executionSuccessful"]
    assert told["message"]["text"].startswith("2 findings are left out")


def test_sarif_names_files_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (run,) = json.loads(rendered("sarif", review(write(tmp_path / "two  blanks, ü#%"))))["runs"]
    uris = {x["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for x in run["results"]}

    assert uris == {"two%20%20blanks%2C%20%C3%BC%23%25/template.yaml"}


def test_sarif_says_what_is_known(tmp_path: Path) -> None:
    project = write(tmp_path / "p")
    write_baseline(tmp_path / "known.json", shown_findings(review(project, select=Selection(("SG404",)))))
    data = json.loads(rendered("sarif", review(project, baseline=read_baseline(tmp_path / "known.json"))))

    states = {result["ruleId"]: result["baselineState"] for result in data["runs"][0]["results"]}
    assert states == {"SG101": "new", "SG404": "unchanged", "SG801": "new"}


def test_sarif_fingerprints_do_not_move_with_the_lines(tmp_path: Path) -> None:
    def prints(text: str) -> list[str]:
        results = json.loads(rendered("sarif", review(write(tmp_path / "p", text))))["runs"][0]["results"]
        return [result["partialFingerprints"]["samgenFinding/v1"] for result in results]

    assert prints(TEMPLATE) == prints(f"# One line\n{TEMPLATE}")


class Page(HTMLParser):
    """What a page holds: its tags with their attributes, its text, and whether every tag is closed."""

    VOID = frozenset({"meta", "br", "input"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_html_is_one_page_that_needs_nothing_and_runs_nothing(seen: Review) -> None:
    page = Page(rendered("html", seen))
    tags = {tag for tag, _ in page.tags}

    assert page.open == []
    assert not tags & {"script", "link", "img", "iframe", "object", "embed", "form", "base", "b"}
    for tag, attributes in page.tags:
        assert not any(name.startswith("on") or name in {"src", "srcset", "style"} for name in attributes), tag
        href = attributes.get("href") or ""
        assert href in {"", LINK} or href.removeprefix("#") in {a.get("id") for _, a in page.tags}, href
    assert not re.search(r"url\(|@import", rendered("html", seen))
    policy = next(attributes for tag, attributes in page.tags if attributes.get("http-equiv"))
    assert str(policy["content"]).split("; ") == [
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "base-uri 'none'",
        "form-action 'none'",
    ]


def test_html_shows_scorecard_findings_excerpts_and_what_is_suppressed(seen: Review) -> None:
    text = " ".join(" ".join(Page(rendered("html", seen)).text).split())

    assert "not passed : 3 findings (1 error, 1 warning, 1 note)" in text
    assert "SG1 Security 1 0 0 0 1 0 passed" in text
    assert "SG4 Monitoring 1 0 1 0 0 0 not passed" in text
    assert "SG3 Environments 0 0 0 0 0 0 not checked" in text
    assert "Topic is wrong." in text
    assert "8 Topic:" in text  # the excerpt
    assert HOSTILE in text
    assert "Reason: Old & <b>known</b>." in text


def test_html_says_what_passed_and_goes_from_the_scorecard_to_each_category(seen: Review) -> None:
    page = Page(rendered("html", seen))
    text = " ".join(" ".join(page.text).split())

    assert "1 rule without findings SG901 What SG901 is for." in text
    assert {f"#p1-SG{number % 10}" for number in range(1, 11)} <= {a.get("href") for _, a in page.tags}


def test_html_of_several_projects_has_a_line_for_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    good = write(tmp_path / "good", "Resources: {}\n")
    page = Page(rendered("html", review(good, write(tmp_path / "bad"), rules=RULES)))
    text = " ".join(" ".join(page.text).split())
    links = [str(attributes["href"]) for tag, attributes in page.tags if tag == "a"]

    assert "samgen check: 2 projects" in text
    assert "good 0 0 0 0 0 0 passed bad 2 1 1 1 0 0 not passed" in text
    assert {"#p1-stacks", "#p2-stacks", "#p2-SG1"} <= set(links)
    assert not {"#p1-SG1", "#p1-SG9", "#p2-SG9"} & set(links)


def test_html_folds_findings_that_are_many_and_the_worst_last(tmp_path: Path) -> None:
    queues = "".join(
        f"  Q{n}:\n    Type: AWS::SQS::Queue\n    Properties: {{QueueName: q}}\n  T{n}: {{Type: AWS::SNS::Topic}}\n"
        for n in range(30)
    )
    page = Page(rendered("html", review(write(tmp_path, f"Resources:\n{queues}"))))
    groups = {str(a["class"]): a for tag, a in page.tags if tag == "details" and "rule" in str(a.get("class"))}

    assert "open" in groups["rule error only-error"]
    assert "open" not in groups["rule warning only-warning"]


def test_html_keeps_a_secret_out_of_the_excerpts_of_its_neighbours(tmp_path: Path) -> None:
    check = flags("AWS::SQS::Queue", "QueueName")
    rules = {"SG106": make_rule("SG106", check), "SG404": make_rule("SG404", flags("AWS::SNS::Topic"))}
    text = TEMPLATE.replace("QueueName: orders", "QueueName: !Join\n        - ''\n        - - hunter2")
    page = rendered("html", review(write(tmp_path, text), rules=rules))

    assert "Topic:" in page
    assert "(not shown: may hold what is secret)" in page
    assert "hunter2" not in page


def test_html_keeps_what_may_be_secret_to_itself(tmp_path: Path) -> None:
    rules = {"SG106": make_rule("SG106", flags("AWS::SQS::Queue", "QueueName"))}
    page = rendered("html", review(write(tmp_path, TEMPLATE.replace("orders", "hunter2")), rules=rules))

    assert "hunter2" not in page
    assert "The source is not shown" in page


CHILD = "Parameters:\n  Name: {Type: String}\nResources:\n  Q: {Type: AWS::SQS::Queue}\nOutputs:\n  Arn: {Value: a}\n"
PARENT = """\
Resources:
  First:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: first.yaml, Parameters: {Name: a}}
  Second:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: second.yaml, Parameters: {Name: !GetAtt First.Outputs.Arn}}
  Third:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: "https://example.com/<x>&.yaml", Parameters: {Name: !GetAtt Third.Outputs.Arn}}
  Fourth:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: gone.yaml}
  Fifth:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: template.yaml, Parameters: [1]}
"""


def svg(of: Review) -> ET.Element:
    page = rendered("html", of)
    text = page[page.index("<svg") : page.index("</svg>") + len("</svg>")]
    return ET.fromstring(text)  # noqa: S314 - our own


def test_the_picture_shows_what_nests_and_what_passes_values(tmp_path: Path) -> None:
    write(write(write(tmp_path, PARENT), CHILD, "first.yaml"), CHILD, "second.yaml")
    picture = svg(review(tmp_path, rules={}))
    titles = [element.text for element in picture.iter("title")]
    boxes = [group for group in picture.iter("g") if str(group.get("class")).startswith("stack ")]
    heights = {str(group[0].text).partition(": ")[0]: int(group[1].get("y", "")) for group in boxes}

    assert "first.yaml gives 1 value to second.yaml: Arn as Name" in titles
    assert "template.yaml nests https://example.com/<x>&.yaml" in titles
    assert "gone.yaml: missing, not checked" in titles
    assert "template.yaml nests first.yaml and gives it 1 value: Name" in titles
    assert heights["template.yaml"] < heights["first.yaml"] < heights["second.yaml"]


def test_the_picture_of_very_many_stacks_is_bounded(tmp_path: Path) -> None:
    nested = "".join(
        f"  S{n}:\n    Type: AWS::CloudFormation::Stack\n"
        f"    Properties: {{TemplateURL: s{n}.yaml, Parameters: {{A: a, B: b}}}}\n"
        for n in range(500)
    )
    seen = review(write(tmp_path, f"Resources:\n{nested}"), rules={})

    assert sum(str(group.get("class")).startswith("stack ") for group in svg(seen).iter("g")) == 60
    assert "And 441 stacks more." in rendered("html", seen)
    assert "And 500 values more." in rendered("html", seen)
