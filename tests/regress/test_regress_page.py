"""The page of a run in a real browser: a hundred combinations with one change are one entry, and nothing is run."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from html import escape, unescape
from pathlib import Path
from typing import Any

import pytest

from scripts.browser import find_browser, open_page

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = "</style></title><script>document.title='ran'</script><img src=x onerror=\"document.title='ran'\">"
TEMPLATE = """\
Description: %(description)s
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: %(key)s, AttributeType: S}]
      KeySchema: [{AttributeName: %(key)s, KeyType: HASH}]
{%%- if cookiecutter.letter == "c" %%}
  Queue: {Type: AWS::SQS::Queue, Properties: {DelaySeconds: %(delay)s}}
{%%- endif %%}
"""
MEASURE = """
<script>
  const root = document.documentElement;
  const seen = (e) => { const r = e.getBoundingClientRect(); return r.width > 0 && r.height > 0; };
  const wide = [...document.querySelectorAll("main > *, header > *, nav > *")]
    .filter((e) => e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.outerHTML.slice(0, 80));
  const changes = [...document.querySelectorAll("details.change")].filter(seen);
  parent.document.documentElement.setAttribute("data-measured", JSON.stringify({
    scroll: root.scrollWidth, wide, title: document.title, images: document.images.length,
    changes: changes.map((e) => e.querySelector("summary").innerText.replace(/\\s+/g, " ").trim()),
    colors: [...new Set(changes.map((e) => getComputedStyle(e).borderLeftColor))].length,
    axes: [...document.querySelectorAll("#coverage ~ .wide tbody tr")].filter(seen).length,
    text: document.body.innerText,
  }));
</script>
"""


@pytest.fixture(scope="module", autouse=True)
def browser() -> str:
    """Skip without a browser, but not in continuous integration, which has to have one."""
    found = find_browser()
    if not found:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no Chromium; scripts/browser.sh installs one")
    return str(found)


@pytest.fixture(scope="module")
def page(browser: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A hundred combinations of a hostile template that was changed in four ways."""
    folder = tmp_path_factory.mktemp("regress")
    project = folder / "template" / "{{ cookiecutter.name }}"
    project.mkdir(parents=True)
    axes = {"number": [*map(str, range(9)), HOSTILE], "letter": list("abcdefghij")}
    (project.parent / "cookiecutter.json").write_text(json.dumps({"name": "svc", **axes}), encoding="utf-8")

    def regress(*options: str, code: int, **values: Any) -> None:
        (project / "template.yaml").write_text(TEMPLATE % values, encoding="utf-8")
        (project / "notes.txt").write_text(f"a\nb\n{values['delay']}\n", encoding="utf-8")
        command = [sys.executable, "-m", "generator", "regress", "--template", "template", "--snapshots", "kept"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(folder)}
        done = subprocess.run(
            [*command, "--severity", "error", *options],
            cwd=folder,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr

    regress("--update", code=0, description="Mine", key="id", delay=1)
    regress("--format", "html", "--output", "page.html", code=4, description=json.dumps(HOSTILE), key="pk", delay=2)
    return (folder / "page.html").read_text("utf-8")


def measured(page: str, folder: Path, width: int) -> dict[str, Any]:
    """What a browser makes of the page; with a script to measure it, which the page itself would forbid."""
    policy = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
    assert policy.search(page)
    inner = escape(policy.sub("", page).replace("</body>", f"{MEASURE}</body>"))
    # A frame, as no window is as narrow as a phone.
    frame = f'<iframe srcdoc="{inner}" style="width: {width}px; height: 800px; border: 0"></iframe>'
    file = folder / "measured.html"
    file.write_text(frame, encoding="utf-8")
    dom = open_page(file, folder / "profile", "--dump-dom", width=width)
    match = re.search(r'data-measured="([^"]*)"', dom)
    assert match, dom[:500]
    found: dict[str, Any] = json.loads(unescape(match[1]))
    return found


@pytest.mark.parametrize("width", [375, 1200])
def test_a_hundred_combinations_with_one_change_are_one_entry(page: str, tmp_path: Path, width: int) -> None:
    seen = measured(page, tmp_path, width)

    assert seen["scroll"] <= width, seen["wide"]
    assert seen["changes"] == [
        "template.yaml Table (AWS::DynamoDB::Table) changed; it may be replaced, WITH THE DATA THAT IT HOLDS 100",
        "template.yaml Queue (AWS::SQS::Queue) changed; it is updated in place 10",
        "notes.txt File changed 100",
        "template.yaml Description changed 100",
    ]
    assert "in 10 of 100 combinations, all that have letter: c" in seen["text"]
    assert seen["axes"] == 2
    # What loses data, what is updated, and what is neither look different.
    assert seen["colors"] == 3


def test_nothing_that_a_template_says_is_run_or_fetched(page: str, tmp_path: Path) -> None:
    seen = measured(page, tmp_path, 1200)

    assert (seen["title"], seen["images"]) == ("samgen regress", 0)
    assert HOSTILE in seen["text"]
    assert "default-src 'none'" in page
    assert not re.search(r"<(script|link|iframe|object|embed)\b|@import|url\(|(src|href)=\"(?!#)", page)


def test_only_what_loses_data_can_be_shown(page: str, tmp_path: Path) -> None:
    box = '<input type="checkbox" id="only-loud">'
    assert box in page
    seen = measured(page.replace(box, box.replace(">", " checked>")), tmp_path, 1200)

    assert [change.split()[1] for change in seen["changes"]] == ["Table"]
