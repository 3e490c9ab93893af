"""`samgen remove` and `samgen rename`: what goes, what is refused, and what AWS would do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from doors import InProcess, digests, message_of

TEXT = """\
service: {name: shop}
environments:
- name: dev
- name: prod
api:
  authorization: lambda
functions:
# Sells
- name: sell-things
  secrets:
  - pin
  permissions:
  - sqs: {queue: work}
  - invoke: {function: pack}
  - dynamodb: {table: stock}

- name: pack
  triggers: [{type: sqs, queue: work}, {type: topic-is-not-here}]
- name: sorry
  triggers:
  - {type: schedule, expression: rate(1 day)}
- name: last
  triggers:
  - {type: function, function: sorry, outcome: failure}
tables: [{name: stock, partition_key: {name: id}}]
queues:
- name: idle
topics:
- name: news
""".replace(", {type: topic-is-not-here}", "")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with the files that a function has."""
    (tmp_path / "samgen.yaml").write_text(TEXT, encoding="utf-8")
    for name in (
        "src/sell-things/app.py",
        "src/sell-things/helpers/price.py",
        "events/sell-things/get.json",
        "tests/unit/test_sell_things.py",
        "tests/unit/test_pack.py",
        "tests/unit/pack.test.ts",
        "src/pack/app.ts",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "gone", "said"),
    [
        (("trigger", "sorry", "rate(1 day)"), "  triggers:\n  - {type: schedule, expression: rate(1 day)}\n", None),
        (("function", "last"), "- name: last\n", "DELETED with all that is in them"),
        (("secret", "sell-things", "pin"), "  secrets:\n  - pin\n", "The parameter /<environment>/shop/pin stays"),
        (("permission", "sell-things", "read table stock"), "  - dynamodb: {table: stock}\n", None),
        (("permission", "sell-things", "3"), "  - dynamodb: {table: stock}\n", None),
        (("queue", "idle"), "queues:\n- name: idle\n", "is NOT deleted"),
        (("topic", "news"), "topics:\n- name: news\n", "The topic <environment>-shop-news is deleted"),
        (("environment", "dev"), "- name: dev\n", "its stack dev-shop runs on"),
    ],
)
def test_what_goes(
    samgen_here: InProcess, project: Path, arguments: tuple[str, ...], gone: str, said: str | None
) -> None:
    if arguments[0] == "trigger":
        # Its outcome is what invokes another, which has to go first.
        assert samgen_here("remove", "function", "last", "-p", str(project)).code == 0
    before = digests(project)
    run = samgen_here("remove", *arguments, "-p", str(project))
    assert run.code == 0, run.err
    assert gone in TEXT
    assert gone not in (project / "samgen.yaml").read_text("utf-8")
    assert (said or "samgen update") in run.err
    assert {name for name, digest in digests(project).items() if before.get(name) != digest} == {"samgen.yaml"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("function", "pack"), "the function 'pack' is named by a permission of sell-things: remove that first"),
        (("function", "sorry"), "is named by a trigger of last"),
        (("function", "authorizer"), "'authorizer' comes from a default"),
        (("function", "nobody"), "there is no function 'nobody'"),
        (("table", "stock"), "the table 'stock' is named by a permission of sell-things"),
        (("queue", "work"), "is named by a permission of sell-things and a trigger of pack"),
        (("trigger", "pack", "queue work"), "queues have no 'work'"),
        (("trigger", "pack", "2"), "pack has no trigger '2'; there are 1 queue work"),
        (("trigger", "sell-things", "GET /sell-things"), "nothing is written of the triggers of sell-things"),
        (("route", "GET /nowhere"), "there is no route 'GET /nowhere'; there are GET /sell-things"),
        (("secret", "pack", "pin"), "pack has no secret 'pin'; there are none"),
        (("environment", "test"), "there is no environment 'test'; there are dev, prod"),
        (("bucket",), "NAME is missing"),
    ],
)
def test_what_is_refused(samgen_here: InProcess, project: Path, arguments: tuple[str, ...], message: str) -> None:
    before = digests(project)
    run = samgen_here("remove", *arguments, "-p", str(project))
    assert run.code == 2
    assert message in message_of(run.err)
    assert digests(project) == before


def test_the_last_of_its_kind_stays(samgen_here: InProcess, tmp_path: Path) -> None:
    (tmp_path / "samgen.yaml").write_text(
        "service: {name: shop}\nenvironments: [{name: dev}]\nfunctions: [{name: sell}]\n", encoding="utf-8"
    )
    assert "is the only function" in samgen_here("remove", "function", "sell", "-p", str(tmp_path)).err
    assert "is the only environment" in samgen_here("remove", "environment", "dev", "-p", str(tmp_path)).err


def test_a_queue_that_only_a_trigger_named_goes_with_it_loudly(samgen_here: InProcess, tmp_path: Path) -> None:
    text = "service: {name: shop}\nfunctions:\n- name: a\n  triggers:\n  - {type: sqs, queue: work}\n"
    (tmp_path / "samgen.yaml").write_text(text, encoding="utf-8")
    run = samgen_here("remove", "trigger", "a", "queue work", "--json", "-p", str(tmp_path))
    told = json.loads(run.out)["consequences"]
    assert told[0]["is_loss"]
    assert "The queue <environment>-shop-work leaves the stack, but is NOT deleted" in told[0]["text"]


def test_the_last_route_takes_the_api_and_its_users_leave_the_stack(samgen_here: InProcess, tmp_path: Path) -> None:
    text = "service: {name: shop}\napi: {authorization: cognito}\nfunctions:\n- name: a\n  triggers:\n"
    text += "  - {type: api, path: /a}\nevent_buses:\n- name: wire\n"
    (tmp_path / "samgen.yaml").write_text(text, encoding="utf-8")
    run = samgen_here("remove", "route", "GET /a", "-p", str(tmp_path))
    assert "The REST API <environment>-MyAPI is DELETED" in run.err
    assert "The Cognito user pool <environment>-shop leaves the stack, but is NOT deleted" in run.err
    run = samgen_here("remove", "event-bus", "wire", "-p", str(tmp_path))
    assert "The event bus <environment>-shop-wire is deleted" in run.err
    assert "wire-bus-dlq is NOT deleted" in run.err


def test_functions_that_would_change_their_stack_are_named(samgen_here: InProcess, tmp_path: Path) -> None:
    names = [f"{letter}-{number}" for letter in "abcdefghi" for number in range(3)]
    functions = "".join(f"- name: {name}\n  triggers: []\n" for name in names)
    (tmp_path / "samgen.yaml").write_text(f"service: {{name: shop}}\nfunctions:\n{functions}", encoding="utf-8")
    run = samgen_here("remove", "function", "a-0", "--json", "-p", str(tmp_path))
    first = json.loads(run.out)["consequences"][0]
    assert first["is_loss"]
    assert "i-1: goes to another functions stack" in first["text"]
    run = samgen_here("add", "function", "z:python3.13:none", "--json", "-p", str(tmp_path))
    assert json.loads(run.out)["consequences"] == []


def test_a_new_name_takes_the_code_along(samgen_here: InProcess, project: Path) -> None:
    run = samgen_here("rename", "function", "sell-things", "sell", "-p", str(project))
    assert run.code == 0, run.err
    text = (project / "samgen.yaml").read_text("utf-8")
    route = "  triggers:\n  - {type: api, method: GET, path: /sell-things}\n"
    assert text == TEXT.replace("name: sell-things\n", f"name: sell\n{route}")
    assert (project / "src/sell/helpers/price.py").read_text("utf-8") == "src/sell-things/helpers/price.py"
    assert (project / "events/sell/get.json").exists()
    assert (project / "tests/unit/test_sell.py").exists()
    assert not list(project.rglob("*sell?things*"))
    assert "The function is REPLACED: <environment>-shop-sell is made" in run.err
    assert "The log group /aws/lambda/<environment>-shop-sell-things" in run.err


def test_whoever_names_it_names_it_by_its_new_name(samgen_here: InProcess, project: Path) -> None:
    run = samgen_here("rename", "function", "pack", "wrap", "-p", str(project))
    text = (project / "samgen.yaml").read_text("utf-8")
    assert text == TEXT.replace("name: pack", "name: wrap").replace("function: pack", "function: wrap")
    assert "The variable PACK_FUNCTION of sell-things becomes WRAP_FUNCTION" in run.err
    assert (project / "tests/unit/wrap.test.ts").exists()
    assert (project / "tests/unit/test_wrap.py").exists()


def test_the_authorizer_stays_the_authorizer(samgen_here: InProcess, project: Path) -> None:
    assert samgen_here("add", "function", "authorizer", "-p", str(project)).code == 0
    assert samgen_here("rename", "function", "authorizer", "doorman", "-p", str(project)).code == 0
    text = (project / "samgen.yaml").read_text("utf-8")
    assert "  authorization: lambda\n  authorizer: doorman\n" in text


@pytest.mark.parametrize(
    ("new", "message"),
    [
        ("pack", "there is a function 'pack' already: use another name"),
        ("Sell", "NEW: 'Sell' is not a name"),
        ("sell-things", "the function is called 'sell-things' already"),
        ("taken", "src/sell-things cannot become src/taken, which exists"),
    ],
)
def test_a_name_that_cannot_be_changes_nothing(samgen_here: InProcess, project: Path, new: str, message: str) -> None:
    (project / "src/taken").mkdir()
    before = digests(project)
    run = samgen_here("rename", "function", "sell-things", new, "-p", str(project))
    assert run.code == 2
    assert message in message_of(run.err)
    assert digests(project) == before


def test_what_was_moved_moves_back_where_the_file_cannot_be_written(
    samgen_here: InProcess, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = digests(project)
    real = Path.replace

    def full(self: Path, target: Path) -> Path:
        if target.name == "samgen.yaml":
            raise OSError(28, "No space left on device")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", full)
    run = samgen_here("rename", "function", "sell-things", "sell", "-p", str(project))
    assert run.code == 2
    assert "No space left on device; nothing was changed" in run.err
    assert digests(project) == before
