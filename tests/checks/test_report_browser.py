"""The page of a review in a real browser: it lays out, reaches for nothing, and runs nothing that a project says."""

from __future__ import annotations

import json
import os
import re
import socket
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from html import escape, unescape
from pathlib import Path
from typing import Any

import pytest
from reviews import RULES, make_rule, review, write

from generator.checks.report import VIEWS
from generator.checks.rule import Problem
from generator.findings import Finding, Severity
from scripts.browser import find_browser, open_page
from scripts.png import read_png, write_png

BIDI = "a\u202eb\u2066c\u200f\x07\x1b[31m"
HOSTILE = f"</script></style></title><script>document.title='ran'</script><img src=x onerror=alert(1)>{BIDI}"
MEASURE = """
<script>
  const root = document.documentElement;
  const shown = (e) => { const r = e.getBoundingClientRect(); return r.width > 0 && r.height > 0; };
  const wide = [...document.querySelectorAll("main > *, header > *, nav > *")]
    .filter((e) => e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.outerHTML.slice(0, 80));
  parent.document.documentElement.setAttribute("data-measured", JSON.stringify({
    inner: innerWidth, scroll: root.scrollWidth, height: root.scrollHeight, wide,
    findings: [...document.querySelectorAll(".finding")].filter(shown).length,
    stacks: [...document.querySelectorAll("svg .stack rect")].filter(shown).length,
    spilled: [...document.querySelectorAll("svg .stack text")].filter((e) =>
      e.getBBox().x + e.getBBox().width > e.parentNode.querySelector("rect").getBBox().x + 214).length,
    background: getComputedStyle(document.body).backgroundColor,
    rows: document.querySelectorAll("table.card tbody tr").length,
  }));
</script>
"""
ROOT = """\
Resources:
  First:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: a/very/long/path/that/no/phone/has/room/for/first-of-all-the-stacks.yaml}
  Second:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: second.yaml
      Parameters: {AnUnusuallyLongNameOfAParameterThatIsHandedOver: !GetAtt First.Outputs.Arn}
  Queue:
    Type: AWS::SQS::Queue
    Properties: {QueueName: a-name-of-a-queue-that-goes-on-and-on-and-on-and-on-and-on-and-on-and-on-and-on-for-ever}
  # </pre><img src=y> a\u202eb\u2066c
  Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: news}}
  Third: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: gone.yaml}}
  Fourth: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: "https://example.com/<img src=z>"}}
"""
CHILD = "Resources:\n  Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: t}}\nOutputs: {Arn: {Value: a}}\n"


@pytest.fixture(autouse=True)
def browser() -> str:
    """Skip without a browser, but not in continuous integration, which has to have one."""
    found = find_browser()
    if not found:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no Chromium; scripts/browser.sh installs one")
    return str(found)


@pytest.fixture
def page(tmp_path: Path) -> str:
    """A report with stacks, long names and hostile findings."""
    project = write(tmp_path / "project", ROOT)
    write(project, CHILD, "a/very/long/path/that/no/phone/has/room/for/first-of-all-the-stacks.yaml")
    write(project, CHILD, "second.yaml")
    said = Finding("template.yaml", 4, 1, "E0001", Severity.ERROR, HOSTILE, "x" * 300, "cfn-lint")
    return VIEWS["html"](review(project, tools=[said]))


def measured(page: str, folder: Path, width: int, *flags: str) -> dict[str, Any]:
    """What a browser makes of the page; with a script to measure it, which the page itself would forbid."""
    policy = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
    assert policy.search(page)
    inner = escape(policy.sub("", page).replace("</body>", f"{MEASURE}</body>"))
    # A frame, as no window is as narrow as a phone.
    frame = f'<iframe srcdoc="{inner}" style="width: {width}px; height: 800px; border: 0"></iframe>'
    file = folder / "measured.html"
    file.write_text(f"<style>:root {{ color-scheme: light dark }}</style>{frame}", encoding="utf-8")
    dom = open_page(file, folder / "profile", "--dump-dom", *flags, width=width)
    match = re.search(r'data-measured="([^"]*)"', dom)
    assert match, dom[:500]
    found: dict[str, Any] = json.loads(unescape(match[1]))
    return found


@pytest.mark.parametrize("width", [375, 1200])
def test_it_lays_out_without_scrolling_aside(page: str, tmp_path: Path, width: int) -> None:
    seen = measured(page, tmp_path, width)

    assert seen["inner"] == width
    assert seen["scroll"] <= width, seen["wide"]
    assert (seen["findings"], seen["stacks"], seen["rows"], seen["spilled"]) == (8, 5, 10, 0)


def test_it_is_dark_at_night(page: str, tmp_path: Path) -> None:
    night = measured(page, tmp_path, 1200, "--blink-settings=preferredColorScheme=0")
    day = measured(page, tmp_path, 1200)

    assert (night["background"], day["background"]) == ("rgb(20, 25, 31)", "rgb(255, 255, 255)")


@pytest.mark.parametrize(("unchecked", "left"), [("error", 6), ("warning", 5), ("info", 5)])
def test_a_severity_can_be_hidden_without_scripts(page: str, tmp_path: Path, unchecked: str, left: int) -> None:
    box = f'id="show-{unchecked}" checked'
    assert box in page
    seen = measured(page.replace(box, box.removesuffix(" checked")), tmp_path, 1200)

    assert seen["findings"] == left


def test_what_is_folded_is_printed(tmp_path: Path) -> None:
    queues = "".join(f"  T{n}: {{Type: AWS::SNS::Topic}}\n" for n in range(120))
    page = VIEWS["html"](review(write(tmp_path / "p", f"Resources:\n{queues}")))
    assert '<details class="rule warning only-warning">' in page
    pages = []
    for name, text in (("printed", page), ("folded", page.replace("details-content", "nothing"))):
        file = tmp_path / f"{name}.html"
        file.write_text(text, encoding="utf-8")
        open_page(file, tmp_path / "profile", f"--print-to-pdf={tmp_path / name}.pdf")
        pages.append(len(re.findall(rb"/Type /Page\b", (tmp_path / f"{name}.pdf").read_bytes())))

    assert pages[0] > pages[1] + 5


def test_it_is_painted(page: str, tmp_path: Path) -> None:
    file, picture = tmp_path / "page.html", tmp_path / "page.png"
    file.write_text(page, encoding="utf-8")
    open_page(file, tmp_path / "profile", f"--screenshot={picture}", width=400, height=600)
    width, height, rows = read_png(picture.read_bytes())

    assert (width, height) == (400, 600)
    assert len({colour for row in rows for colour in row}) > 20
    painted = sum(len(set(row)) > 1 for row in rows)
    assert painted > height / 3, "most rows are blank"

    # As the pictures of the documents are kept: smaller, and the same to the eye.
    small = write_png(rows)
    assert len(small) < picture.stat().st_size
    browser_reads = f'<img src="data:image/png;base64,{b64encode(small).decode()}">'
    file.write_text(f"<body style='margin: 0'>{browser_reads}", encoding="utf-8")
    open_page(file, tmp_path / "profile", f"--screenshot={picture}", width=400, height=600)
    _, _, again = read_png(picture.read_bytes())
    pairs = ((one, other) for row, line in zip(rows, again, strict=True) for one, other in zip(row, line, strict=True))
    assert max(abs(a - b) for one, other in pairs for a, b in zip(one, other, strict=False)) < 64


def test_hostile_texts_stay_texts(page: str, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(page, encoding="utf-8")
    dom = open_page(file, tmp_path / "profile", "--dump-dom")

    assert "&lt;img src=x onerror=alert(1)&gt;" in dom
    assert r"&lt;img src=y&gt; a\u202eb\u2066c" in dom
    assert not re.search(r"<(script|img)\b", dom)
    assert "<title>samgen check: project</title>" in dom
    assert not re.search("[\u202e\u2066\u200f\x07\x1b]", dom)


def test_hostile_names_of_rules_and_files_stay_texts(tmp_path: Path) -> None:
    name = "<img src=x>&\"'.yaml"
    rules = {"SG404": make_rule("SG404", lambda _case: iter([Problem((name, 1, 1), HOSTILE)]), mend=HOSTILE)}
    project = write(tmp_path / "<b>p", "Resources: {}\n")
    write(project, 'Resources: {"<i>A": {Type: AWS::SNS::Topic}}\n', name)
    file = tmp_path / "page.html"
    file.write_text(VIEWS["html"](review(project, rules=rules)), encoding="utf-8")
    dom = open_page(file, tmp_path / "profile", "--dump-dom")

    assert "&lt;img src=x&gt;&amp;" in dom
    assert not re.search(r"<(script|img|b|i)\b", dom)


def test_nothing_leaves_the_page_even_if_markup_got_in(page: str, tmp_path: Path) -> None:
    with listener() as (address, asked):
        markup = "".join(
            (
                f'<img src="{address}/img"><iframe src="{address}/frame"></iframe>',
                f'<link rel="stylesheet" href="{address}/css"><script src="{address}/js"></script>',
                f'<style>body {{ background: url("{address}/back") }}</style>',
                f'<script>fetch("{address}/fetch"); document.title = "ran"</script>',
            )
        )
        file = tmp_path / "page.html"
        file.write_text(page.replace("</main>", f"{markup}</main>"), encoding="utf-8")
        dom = open_page(file, tmp_path / "profile", "--dump-dom")
        assert asked == []
        assert "<title>ran</title>" not in dom

        # The same markup without the policy asks: the listener would have heard it.
        file.write_text(f"<body>{markup}</body>", encoding="utf-8")
        open_page(file, tmp_path / "profile", "--dump-dom")
        assert asked != []


def test_rules_of_the_sample_are_all_severities() -> None:
    assert {rule.severity for rule in RULES.values()} == set(Severity)


@contextmanager
def listener() -> Iterator[tuple[str, list[bytes]]]:
    """An address of this machine, and what was asked of it so far."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        done = threading.Event()

        def serve() -> None:
            while not done.is_set():
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                with connection:
                    connection.settimeout(0.5)
                    # Chromium may open a connection ahead of a request that the policy then forbids.
                    with suppress(OSError):
                        if request := connection.recv(200):
                            asked.append(request)
                            connection.sendall(b"HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n")

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}", asked
        finally:
            done.set()
            thread.join()
