"""`samgen add`: what it writes, what it refuses, and what it says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from doors import ROOT, Door, InProcess, message_of

TEXT = """\
# The shop
service:
  name: shop

functions:
  - name: sell   # sells
    triggers:
      - { type: api, method: POST, path: /sales }
  # More to come

tables:
  - name: stock
    partition_key: { name: id }
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with a samgen.yaml that somebody wrote."""
    (tmp_path / "samgen.yaml").write_bytes(TEXT.encode())
    return tmp_path


def added(project: Path) -> str:
    """What stands in samgen.yaml now that did not, every other line being there still and in order."""
    rest = iter((project / "samgen.yaml").read_text("utf-8").splitlines())
    new: list[str] = []
    for line in TEXT.splitlines():
        for other in rest:
            if other == line:
                break
            new.append(other)
        else:
            raise AssertionError(line)
    return "\n".join([*new, *rest]).strip("\n")


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        (
            ("function", "refund", "--runtime", "python3.13", "-t", "DELETE /sales/{id}", "--secret", "pin"),
            "  - name: refund\n    runtime: python3.13\n    triggers:\n"
            '      - { type: api, method: DELETE, path: "/sales/{id}" }\n    secrets: [ pin ]',
        ),
        (
            ("function", "refund:python3.13:queue refunds", "--timeout", "30", "--set", "architecture=x86_64"),
            "  - name: refund\n    runtime: python3.13\n    timeout: 30\n    architecture: x86_64\n    triggers:\n"
            "      - { type: sqs, queue: refunds }",
        ),
        (("function", "nightly:python3.13:none"), "  - name: nightly\n    runtime: python3.13\n    triggers: []"),
        (
            ("trigger", "sell", "queue sales", "--set", "batch_size=5"),
            "      - { type: sqs, queue: sales, batch_size: 5 }",
        ),
        (
            ("route", "sell", "get /sales", "--authorization", "none"),
            "      - { type: api, method: GET, path: /sales, authorization: none }",
        ),
        (("secret", "sell", "pin"), "    secrets:\n      - pin"),
        (
            ("permission", "sell", "write table stock"),
            "    permissions:\n      - dynamodb: { table: stock, access: write }",
        ),
        (
            ("environment", "test:eu-west-1:012345678901", "--allow-cidr", "10.0.0.0/8", "--set", "log_level=ERROR"),
            "environments:\n  - name: dev\n  - name: prod\n  - name: test\n    region: eu-west-1\n"
            "    account: '012345678901'\n    log_level: ERROR\n    allowed_cidrs: [ 10.0.0.0/8 ]",
        ),
        (("queue", "later", "--set", "retention_days=7"), "queues:\n  - name: later\n    retention_days: 7"),
        (("table", "sales", "--partition-key", "id:N"), "  - name: sales\n    partition_key: { name: id, type: N }"),
    ],
)
def test_what_is_written(samgen_here: InProcess, project: Path, arguments: tuple[str, ...], lines: str) -> None:
    run = samgen_here("add", *arguments, "--project", str(project))
    assert run.code == 0, run.err
    assert added(project).replace('"', "'").replace("[ ", "[").replace(" ]", "]") == lines.replace('"', "'").replace(
        "[ ", "["
    ).replace(" ]", "]")
    assert "samgen update" in run.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("function",), "NAME is missing"),
        (("function", ""), "NAME: a value is missing"),
        (("function", "sell"), "NAME: 'sell' is there already: use another name"),
        (("function", "x" * 101), "has 101 characters; at most 40 are allowed"),
        (("function", "x", "-t", "GET sales"), "--trigger: 'GET sales' is not a trigger"),
        (("function", "x", "-t", "POST /sales"), "--trigger 'POST /sales': the route POST /sales is there already"),
        (("function", "x", "--runtime", "python2.7"), "--runtime: Lambda deprecated"),
        (("function", "x", "--memory", "1"), "--memory: '1' is not allowed"),
        (("function", "x", "--set", "memory=512"), "--set memory: there is no such key; did you mean 'memory_size'?"),
        (("function", "x", "--set", "a=[1"), "--set 'a=[1': the value is not YAML in one line"),
        (("function", "x:python3.13", "--runtime", "python3.13"), "keep one of the two"),
        (("trigger", "buy", "queue x"), "there is no function 'buy'; there are sell"),
        (("trigger", "sell", "table sales"), "TRIGGER: tables have no 'sales'"),
        (("route", "sell", "queue x"), "ROUTE: 'queue x' is no route"),
        (("route", "sell", "POST /x", "--request-model", "models/x.json"), "models/x.json"),
        (("permission", "sell", "read table sales"), "declare it under tables (samgen add table)"),
        (("permission", "sell", "eat table stock"), "what can be done with a table is read, write, readwrite"),
        (("permission", "sell", "--action", "s3:GetObject"), "--reason: is missing"),
        (("environment", "prod"), "NAME: 'prod' is there already"),
        (("environment", "x:moon-1"), "--region: 'moon-1' is not a region"),
        (("table", "x"), "--partition-key is missing"),
        (("function", "\x1b[2J\u202e", "--runtime", "x"), "is not a name"),
    ],
)
def test_what_is_refused(samgen_here: InProcess, project: Path, arguments: tuple[str, ...], message: str) -> None:
    run = samgen_here("add", *arguments, "--project", str(project))
    assert run.code == 2
    assert message in message_of(run.err)
    assert run.out == ""
    assert [path.name for path in project.iterdir()] == ["samgen.yaml"]
    assert (project / "samgen.yaml").read_text("utf-8") == TEXT


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "there is no samgen.yaml in"),
        ("service: {name: shop}\nfunctions:\n\t- name: a\n", "samgen.yaml:3: not YAML"),
        ("service: &s {name: shop}\napi: *s\n", "anchors and aliases are not allowed"),
        ("service: {name: shop}\nservice: {name: shop}\n", "stands here twice"),
        ("service: {name: shop}\nfuctions: []\n", "did you mean 'functions'?"),
        ("- a\n", "a spec is a mapping"),
        ("", "service: is missing"),
    ],
)
def test_texts_that_are_no_spec_are_left_alone(
    samgen_here: InProcess, tmp_path: Path, text: str | None, message: str
) -> None:
    if text is not None:
        (tmp_path / "samgen.yaml").write_text(text, encoding="utf-8")
    run = samgen_here("add", "secret", "a", "pin", "-p", str(tmp_path))
    if text is not None:
        assert (tmp_path / "samgen.yaml").read_text("utf-8") == text
    assert run.code == 2
    assert message in message_of(run.err)


def test_a_dry_run_shows_the_lines_and_writes_none(samgen_here: InProcess, project: Path) -> None:
    run = samgen_here("add", "secret", "sell", "pin", "--dry-run", "-p", str(project))
    assert run.code == 0
    assert [line for line in run.out.splitlines() if line.startswith("+ ")] == ["+    secrets:", "+      - pin"]
    assert (project / "samgen.yaml").read_text("utf-8") == TEXT


def test_json_tells_everything(samgen_here: InProcess, project: Path) -> None:
    run = samgen_here("add", "trigger", "sell", "queue sales", "--json", "-p", str(project))
    told = json.loads(run.out)
    assert told["change"] == "add trigger queue sales to sell"
    assert told["written"] is True
    assert told["notes"] == ["The queue 'sales' is new: the project creates it, as nothing declares it."]
    assert "+      - { type: sqs, queue: sales }" in told["diff"].splitlines()
    assert run.err == ""


def test_a_default_is_written_out_before_it_is_added_to(samgen_here: InProcess, tmp_path: Path) -> None:
    (tmp_path / "samgen.yaml").write_text("service:\n  name: shop\nfunctions:\n  - name: sell\n", encoding="utf-8")
    run = samgen_here("add", "trigger", "sell", "rate(1 day)", "-p", str(tmp_path))
    assert "The route GET /sell, which it has without triggers, is written out." in run.err
    text = (tmp_path / "samgen.yaml").read_text("utf-8")
    assert "path: /sell" in text
    assert "expression: rate(1 day)" in text


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_bytes_of_other_lines_stay(samgen_here: InProcess, tmp_path: Path, ending: str, mark: str) -> None:
    text = mark + TEXT.replace("\n", ending)
    (tmp_path / "samgen.yaml").write_bytes(text.encode())
    assert samgen_here("add", "secret", "sell", "pin", "-p", str(tmp_path)).code == 0
    new = (tmp_path / "samgen.yaml").read_bytes().decode()
    assert new.replace(f"    secrets:{ending}      - pin{ending}", "") == text


def test_json_stays_json(samgen_here: InProcess, tmp_path: Path) -> None:
    text = json.dumps({"service": {"name": "shop"}, "functions": [{"name": "a", "secrets": ["x", "y"]}]}, indent=2)
    (tmp_path / "samgen.yaml").write_text(text, encoding="utf-8")
    for arguments in (("secret", "a", "pin"), ("function", "b:python3.13"), ("environment", "test")):
        assert samgen_here("add", *arguments, "-p", str(tmp_path)).code == 0
    data = json.loads((tmp_path / "samgen.yaml").read_text("utf-8"))
    assert data["functions"][0]["secrets"] == ["x", "y", "pin"]
    assert [function["name"] for function in data["functions"]] == ["a", "b"]


def test_a_read_only_file_stays(samgen_here: InProcess, project: Path) -> None:
    (project / "samgen.yaml").chmod(0o444)
    run = samgen_here("add", "secret", "sell", "pin", "-p", str(project))
    assert run.code == 2
    assert "read-only: make it writable" in run.err


def test_a_link_stays_a_link_and_the_mode_stays(samgen_here: InProcess, project: Path) -> None:
    real = project / "real.yaml"
    (project / "samgen.yaml").rename(real)
    real.chmod(0o640)
    (project / "samgen.yaml").symlink_to("real.yaml")
    assert samgen_here("add", "secret", "sell", "pin", "-p", str(project)).code == 0
    assert (project / "samgen.yaml").is_symlink()
    assert "pin" in real.read_text("utf-8")
    assert real.stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such lock")
def test_one_at_a_time(samgen_here: InProcess, project: Path) -> None:
    import fcntl
    import os

    handle = os.open(project, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        run = samgen_here("add", "secret", "sell", "pin", "-p", str(project))
    finally:
        os.close(handle)
    assert run.code == 2
    assert "another samgen is changing this project" in run.err
    assert samgen_here("add", "secret", "sell", "pin", "-p", str(project)).code == 0


def test_many_at_once_lose_nothing(samgen: Door) -> None:
    (samgen.folder / "samgen.yaml").write_text(TEXT, encoding="utf-8")
    started = {f"pin-{n}": samgen.start("add", "secret", "sell", f"pin-{n}") for n in range(4)}
    done = {name: (process.communicate(timeout=60), process.returncode) for name, process in started.items()}
    text = (samgen.folder / "samgen.yaml").read_text("utf-8")
    assert all(code in {0, 2} for _, code in done.values()), done
    assert {name for name, (_, code) in done.items() if code == 0} == {name for name in done if name in text} != set()
    assert samgen.listing() == ["samgen.yaml"]


def test_it_answers_quickly_where_there_is_no_project(samgen: Door) -> None:
    inner = samgen.folder / "src"
    inner.mkdir()
    (samgen.folder / "samgen.yaml").write_text(TEXT, encoding="utf-8")
    run = subprocess.run(
        samgen.command("add", "function"),
        cwd=inner,
        env={**samgen.environment, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert run.returncode == 2
    assert f"name --project {samgen.folder}" in message_of(run.stderr)
