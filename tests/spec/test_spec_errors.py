"""What is wrong with a samgen.yaml is told by path and line, all at once, with what is allowed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from spec_documents import document, refused, refused_text, with_environment, with_function, with_triggers

from generator.errors import InputError
from generator.spec.load import load_spec, parse_spec, spec_from
from generator.spec.problems import SpecError

ACTION = "dynamodb:GetItem"
TABLE = "arn:aws:dynamodb:us-west-2:123456789012:table/x"


def permission(**fields: Any) -> dict[str, Any]:
    return with_function(
        permissions=[{"actions": [ACTION], "resources": [TABLE], "reason": "Reads the table", **fields}]
    )


# The document, the path of its one problem, and what the message has to say.
BAD: list[tuple[dict[str, Any], str, str]] = [
    ({}, "service", "is missing: a spec names at least its service"),
    ({"service": None}, "service", "must be a mapping"),
    ({"service": {}}, "service.name", "is missing"),
    ({"service": {"name": 5}}, "service.name", "must be text"),
    ({"service": {"name": "Orders"}}, "service.name", "lower-case letters"),
    ({"service": {"name": "o" * 41}}, "service.name", "at most 40"),
    ({"service": {"name": "a--b"}}, "service.name", "single hyphens"),
    ({"service": {"name": "con"}}, "service.name", "reserved name on Windows"),
    ({"service": {"name": "o", "description": ""}}, "service.description", "at least 1 character"),
    ({"service": {"name": "o", "description": "a\nb"}}, "service.description", "U+000A"),
    ({"service": {"name": "o", "description": "\u202eabc"}}, "service.description", "U+202E"),
    ({"service": {"name": "o", "description": "x" * 201}}, "service.description", "at most 200"),
    ({"service": {"name": "o", "description": "{{resolve:ssm:x}}"}}, "service.description", "secrets"),
    ({"service": {"name": "o", "description": "${AWS::Region}"}}, "service.description", "without the dollar"),
    ({"service": {"name": "o", "owner": "tëam"}}, "service.owner", "ASCII letters"),
    ({"service": {"name": "o", "owner": " team"}}, "service.owner", "begins or ends with a space"),
    ({"service": {"name": "o", "tags": {"aws:x": "1"}}}, "service.tags.aws:x", "belong to AWS"),
    ({"service": {"name": "o", "tags": {"Owner": "1"}}}, "service.tags.Owner", "is set from the field"),
    ({"service": {"name": "o", "tags": {"a b": "1"}}}, "service.tags.a b", "is not a tag key"),
    ({"service": {"name": "o", "tags": {f"t{n}": "1" for n in range(41)}}}, "service.tags", "at most 40"),
    (document(api=[]), "api", "must be a mapping"),
    (document(api={"name": "my api"}), "api.name", "letters, digits and single hyphens"),
    (document(api={"authorization": "none"}), "api.authorization", "choose from 'iam', 'cognito'"),
    (document(api={"cors_origins": "https://a.com"}), "api.cors_origins", "must be a list"),
    (document(api={"cors_origins": ["*"]}), "api.cors_origins[0]", "is not an origin"),
    (document(api={"cors_origins": ["https://a.com/x"]}), "api.cors_origins[0]", "without a path"),
    (document(api={"throttling": {"rate_limit": 0}}), "api.throttling.rate_limit", "at least 1"),
    (document(api={"throttling": {"burst_limit": 5001}}), "api.throttling.burst_limit", "at most 5,000"),
    (document(environments=[]), "environments", "at least 1 item"),
    (document(environments="dev"), "environments", "must be a list"),
    (document(environments=["dev"]), "environments[0]", "must be a mapping"),
    (document(environments=[{}]), "environments[0].name", "is missing"),
    (document(environments=[{"name": "default"}]), "environments[0].name", "samconfig.toml"),
    (document(environments=[{"name": "e" * 17}]), "environments[0].name", "at most 16"),
    (with_environment(region="us-west-9"), "environments[0].region", "did you mean us-west-"),
    (with_environment(account="12345"), "environments[0].account", "12 digits"),
    (with_environment(account=12345), "environments[0].account", "12 digits"),
    (with_environment(production="yes"), "environments[0].production", "must be true or false"),
    (with_environment(log_level="INFO"), "environments[0].log_level", "choose from 'ERROR', 'WARN'"),
    (with_environment(allowed_cidrs=["0.0.0.0/0"]), "environments[0].allowed_cidrs[0]", "'public: true'"),
    (with_environment(allowed_cidrs=["::/0"]), "environments[0].allowed_cidrs[0]", "'public: true'"),
    (with_environment(allowed_cidrs=["10.0.0.1/8"]), "environments[0].allowed_cidrs[0]", "did you mean 10.0.0.0/8"),
    (with_environment(allowed_cidrs=["fe80::1%eth0"]), "environments[0].allowed_cidrs[0]", "is not an IPv4 or IPv6"),
    (with_environment(allowed_cidrs=["here"]), "environments[0].allowed_cidrs[0]", "10.20.0.0/16"),
    (with_environment(public=1), "environments[0].public", "must be true or false"),
    (with_environment(deployment_preference="Canary"), "environments[0].deployment_preference", "'AllAtOnce'"),
    (with_environment(log_retention_days=2), "environments[0].log_retention_days", "choose from 1, 3, 5"),
    (with_environment(log_retention_days=True), "environments[0].log_retention_days", "must be a whole number"),
    (with_triggers({"type": "function", "function": "A"}), "functions[0].triggers[0].function", "lower-case letters"),
    (
        with_triggers({"type": "function", "function": "a", "outcome": "fail"}),
        "functions[0].triggers[0].outcome",
        "choose from 'success', 'failure'",
    ),
    (with_environment(alarm_email="me"), "environments[0].alarm_email", "is not an e-mail address"),
    (with_environment(concurrency_limit=100), "environments[0].concurrency_limit", "at least 101"),
    (document(functions=[]), "functions", "at least 1 item"),
    (with_function(runtime="python2.7"), "functions[0].runtime", "on 2021-07-15; its successor is python3."),
    (with_function(runtime="python9.9"), "functions[0].runtime", "choose from python3."),
    (with_function(runtime="cobol60"), "functions[0].runtime", "choose from"),
    (with_function(memory_size=127), "functions[0].memory_size", "at least 128"),
    (with_function(memory_size=10_241), "functions[0].memory_size", "at most 10,240"),
    (with_function(memory_size=256.5), "functions[0].memory_size", "must be a whole number"),
    (with_function(memory_size="256"), "functions[0].memory_size", "must be a whole number"),
    (with_function(timeout=0), "functions[0].timeout", "at least 1"),
    (with_function(timeout=901, triggers=[]), "functions[0].timeout", "at most 900"),
    (with_function(reserved_concurrency=0), "functions[0].reserved_concurrency", "at least 1"),
    (with_function(architecture="mips"), "functions[0].architecture", "'arm64', 'x86_64'"),
    (with_function(triggers={}), "functions[0].triggers", "must be a list"),
    (with_triggers({}), "functions[0].triggers[0]", "type must be one of 'api', 'schedule'"),
    (with_triggers({"type": "queue"}), "functions[0].triggers[0]", "type must be one of 'api', 'schedule'"),
    (with_triggers({"type": "api"}), "functions[0].triggers[0].path", "is missing"),
    (with_triggers({"type": "api", "path": "a"}), "functions[0].triggers[0].path", "is not a path"),
    (with_triggers({"type": "api", "path": "/a/../b"}), "functions[0].triggers[0].path", "is not a path"),
    (with_triggers({"type": "api", "path": "/{a+}/b"}), "functions[0].triggers[0].path", "only at the end"),
    (with_triggers({"type": "api", "path": "/{a}/{a}"}), "functions[0].triggers[0].path", "two parameters"),
    (with_triggers({"type": "api", "path": "/ping"}), "functions[0].triggers[0].path", "health check"),
    (with_triggers({"type": "api", "path": "/" + "x" * 256}), "functions[0].triggers[0].path", "at most 256"),
    (with_triggers({"type": "api", "path": "/a", "method": "FETCH"}), "functions[0].triggers[0].method", "'GET'"),
    (with_triggers({"type": "schedule"}), "functions[0].triggers[0].expression", "is missing"),
    (with_triggers({"type": "schedule", "expression": "daily"}), "functions[0].triggers[0].expression", "use rate("),
    (
        with_triggers({"type": "schedule", "expression": "rate(1 hours)"}),
        "functions[0].triggers[0].expression",
        "say rate(1 minute)",
    ),
    (
        with_triggers({"type": "schedule", "expression": "rate(2 hour)"}),
        "functions[0].triggers[0].expression",
        "say rate(1 minute)",
    ),
    (
        with_triggers({"type": "schedule", "expression": "cron(0 6 * * *)"}),
        "functions[0].triggers[0].expression",
        "six fields",
    ),
    (
        with_triggers({"type": "schedule", "expression": "cron(0 6 * * * *)"}),
        "functions[0].triggers[0].expression",
        "must be '?'",
    ),
    (
        with_triggers({"type": "schedule", "expression": "rate(1 day)", "timezone": "Vienna!"}),
        "functions[0].triggers[0].timezone",
        "Europe/Vienna",
    ),
    (with_function(environment={"1X": "y"}), "functions[0].environment.1X", "is not a variable name"),
    (with_function(environment={"AWS_REGION": "y"}), "functions[0].environment.AWS_REGION", "is set by Lambda"),
    (with_function(environment={"SERVICE": "y"}), "functions[0].environment.SERVICE", "by the template"),
    (with_function(environment={"DB_PASSWORD": "y"}), "functions[0].environment.DB_PASSWORD", "'secrets'"),
    (with_function(environment={"NUMBER": 5}), "functions[0].environment.NUMBER", "must be text"),
    (with_function(environment={"KEY_ID": "AKIA" + "A" * 16}), "functions[0].environment.KEY_ID", "credential"),
    (with_function(environment={"TEXT": "x" * 1025}), "functions[0].environment.TEXT", "at most 1,024"),
    (with_function(secrets=["Bad Name"]), "functions[0].secrets[0]", "is not a name"),
    (permission(actions=[]), "functions[0].permissions[0].actions", "at least 1 item"),
    (permission(actions=["dynamodb:*"]), "functions[0].permissions[0].actions[0]", "wildcards are not allowed"),
    (permission(actions=["*"]), "functions[0].permissions[0].actions[0]", "wildcards are not allowed"),
    (permission(actions=["dynamodb:Fly"]), "functions[0].permissions[0].actions[0]", "IAM has no action"),
    (permission(resources=["table"]), "functions[0].permissions[0].resources[0]", "is not an ARN"),
    (permission(resources=["arn:aws:*:::*"]), "functions[0].permissions[0].resources[0]", "names a resource"),
    (permission(resources=["arn:aws:s3:::${Other}"]), "functions[0].permissions[0].resources[0]", "${Environment}"),
    (permission(reason="short"), "functions[0].permissions[0].reason", "at least 10 characters"),
]


@pytest.mark.parametrize(("data", "path", "says"), BAD, ids=[f"{n}-{path}" for n, (_, path, _) in enumerate(BAD)])
def test_a_bad_field_is_named_with_what_is_allowed(data: dict[str, Any], path: str, says: str) -> None:
    problems = refused(data)
    assert list(problems) == [path]
    assert says in problems[path]


@pytest.mark.parametrize(
    ("data", "path", "near"),
    [
        ({"servce": {}, "service": {"name": "o"}}, "servce", "service"),
        ({"service": {"name": "o", "desciption": "x"}}, "service.desciption", "description"),
        (document(api={"throtling": {}}), "api.throtling", "throttling"),
        (document(api={"throttling": {"ratelimit": 5}}), "api.throttling.ratelimit", "rate_limit"),
        (with_environment(allowed_cidr=[]), "environments[0].allowed_cidr", "allowed_cidrs"),
        (with_function(memorysize=1), "functions[0].memorysize", "memory_size"),
        (with_triggers({"type": "api", "pth": "/a", "path": "/a"}), "functions[0].triggers[0].pth", "path"),
        (permission(action=[]), "functions[0].permissions[0].action", "actions"),
    ],
)
def test_an_unknown_key_gets_its_nearest_neighbour(data: dict[str, Any], path: str, near: str) -> None:
    assert refused(data) == {path: f"there is no such key; did you mean '{near}'?"}


def test_an_unknown_key_without_a_neighbour_gets_them_all() -> None:
    message = refused(with_environment(zzz=1))["environments[0].zzz"]
    assert message.startswith("there is no such key; known here are name, region, further_regions, account")


def test_an_unknown_key_of_a_trigger_gets_the_keys_of_its_type() -> None:
    schedule = {"type": "schedule", "expression": "rate(1 day)"}
    assert refused(with_triggers({**schedule, "zzz": 1})) == {
        "functions[0].triggers[0].zzz": "there is no such key; known here are type, expression, timezone"
    }
    (message,) = refused(with_triggers({"type": "sqs", "queue": "q", "tmezone": "UTC"})).values()
    assert "timezone" not in message


SEVERAL = """\
service:
  name: Orders
  ownr: me
environments:
  - name: dev
    account: 12
    log_level: INFO
  - name: dev
functions:
  - name: hello
    timeout: 30
    memory_size: 1
  - name: world
    triggers:
      - type: api
        path: nowhere
"""


def test_everything_is_told_at_once_in_the_order_of_the_file() -> None:
    message = refused_text(SEVERAL)
    rows = re.findall(r"samgen\.yaml:(\d+): ([^:]+): ", message)

    assert message.startswith("samgen.yaml: 8 problems:\n")
    assert rows == [
        ("2", "service.name"),
        ("3", "service.ownr"),
        ("6", "environments[0].account"),
        ("7", "environments[0].log_level"),
        ("8", "environments[1].name"),
        ("11", "functions[0].timeout"),
        ("12", "functions[0].memory_size"),
        ("16", "functions[1].triggers[0].path"),
    ]
    assert len(message.splitlines()) == 9


def test_of_a_great_many_problems_the_first_are_told() -> None:
    message = refused_text("service: {name: orders}\nfunctions:\n" + "- {name: A, runtime: x}\n" * 3_000)
    assert message.startswith("samgen.yaml: 6,000 problems, the first 100:\n  samgen.yaml:3: functions[0].name: ")
    assert len(message.splitlines()) == 101


def test_a_single_problem_is_a_single_line() -> None:
    message = refused_text("service:\n  name: orders\nenvironments:\n- name: dev\n  log_level: DEBUG\n")
    assert message == "samgen.yaml:5: environments[0].log_level: 'DEBUG' is not allowed; choose from 'ERROR', 'WARN'"


def test_what_is_missing_is_placed_at_its_parent() -> None:
    assert refused_text("api: {name: A}\nfunctions:\n- timeout: 3\n").splitlines()[1:] == [
        "  samgen.yaml:1: service: is missing: a spec names at least its service, as 'service: {name: orders}'",
        "  samgen.yaml:3: functions[0].name: is missing",
    ]


SERVICE = "service: {name: orders}\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (SERVICE + "api: &a {name: A}\nfunctions: *a\n", ":2: anchors and aliases are not allowed"),
        ("a: &a [x]\nb: [*a, *a]\n", ":1: anchors and aliases are not allowed"),
        (SERVICE + "api: !!python/object:os.system {}\n", ":2: the tag 'tag:yaml.org,2002:python/object:os.system'"),
        (SERVICE + "api: !Ref x\n", ":2: the tag '!Ref' is not allowed"),
        (SERVICE + "functions: !mine []\n", ":2: the tag '!mine' is not allowed"),
        (SERVICE + "api:\n  name: A\n  name: B\n", ":4: the key 'name' stands here twice"),
        (SERVICE + "---\n" + SERVICE, ":2: not YAML: "),
        (SERVICE + "api: {name: A\n", ":3: not YAML: "),
        (SERVICE + "\tapi: x\n", ":2: not YAML: "),
        (SERVICE + "? [a]\n: b\n", ":2: a key is plain text"),
        ("- a\n", "a spec is a mapping with at least its service"),
        ("---\n", "a spec is a mapping with at least its service"),
        ("just text", "a spec is a mapping with at least its service"),
        ("[" * 20_000, "nested too deeply"),
        ("a: \x07\n", "the character U+0007 is not allowed in YAML"),
        ("a: \x00\n", "the character U+0000 is not allowed in YAML"),
        ("#" * 1_000_001, "has 1,000,001 bytes; a spec has at most 1,000,000"),
    ],
    ids=[
        "alias", "alias-twice", "python-tag", "cfn-tag", "own-tag", "double-key", "two-documents", "open-brace", "tab",
        "complex-key", "list", "null-document", "text", "deep", "bell", "null", "too-large",
    ],
)  # fmt: skip
def test_yaml_that_is_no_plain_data_is_refused(text: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_spec(text.encode(), "samgen.yaml")
    assert not isinstance(caught.value, SpecError)
    assert str(caught.value).startswith("samgen.yaml")
    assert says in str(caught.value)


def test_a_million_bytes_are_read() -> None:
    text = SERVICE + "#" * (1_000_000 - len(SERVICE))
    assert parse_spec(text.encode(), "x").service.name == "orders"


def test_aliases_are_not_expanded() -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))
    with pytest.raises(InputError, match="anchors and aliases"):
        parse_spec(bomb.encode(), "x")


@pytest.mark.parametrize("empty", ["", "\n", "# nothing yet\n"])
def test_an_empty_file_lacks_its_service(empty: str) -> None:
    assert "service: is missing" in refused_text(empty)


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert parse_spec(b"\xef\xbb\xbf" + SERVICE.encode(), "x").service.name == "orders"


def test_text_that_is_not_utf8_is_refused() -> None:
    with pytest.raises(InputError, match=r"x is not UTF-8 text \(byte 4\)"):
        parse_spec(b"# a \xff", "x")


@pytest.mark.parametrize("account", ["012345678901", "'012345678901'", "123456789012"])
def test_an_account_may_start_with_a_zero_and_be_unquoted(account: str) -> None:
    spec = parse_spec(f"{SERVICE}environments: [{{name: dev, account: {account}}}]\n".encode(), "x")
    assert spec.environments[0].account == account.strip("'")


@pytest.mark.parametrize(
    "word", ["yes", "on", "no", "off", "2024-01-01", "1_000", "0x10", "1.5", "1e3", ".inf", "12:30"]
)
def test_words_that_yaml_1_1_knows_are_text(word: str) -> None:
    spec = parse_spec(f"service: {{name: orders, description: {word}}}\n".encode(), "x")
    assert spec.service.description == word
    assert "must be true or false" in refused_text(f"{SERVICE}environments: [{{name: dev, public: {word}}}]\n")


def test_a_number_too_large_for_any_field_is_refused_in_a_sentence() -> None:
    message = refused_text(f"{SERVICE}functions: [{{name: hello, timeout: {'9' * 5000}}}]\n")
    assert message == "samgen.yaml:2: functions[0].timeout: must be a whole number"


def test_nothing_in_a_list_or_mapping_is_an_error() -> None:
    assert refused(document(environments=None)) == {"environments": "must be a list"}
    assert refused(with_function(timeout=None)) == {"functions[0].timeout": "must be a whole number"}


def test_a_file_that_cannot_be_read_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"samgen\.yaml cannot be read: No such file"):
        load_spec(tmp_path / "samgen.yaml")
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        load_spec(tmp_path)


def test_values_in_messages_are_printable_and_short() -> None:
    problems = refused(with_environment(region="\u202e" + "x" * 500))
    message = problems["environments[0].region"]
    assert message.isascii() or "…" in message
    assert "\u202e" not in message
    assert len(message) < 200


@pytest.mark.parametrize("key", ["\u202egnp", "a\nb", "\x1b[31m", "x" * 10_000])
def test_keys_in_messages_are_printable_and_short(key: str) -> None:
    with pytest.raises(SpecError) as caught:
        spec_from(with_function(**{key: 1}, environment={key: "x"}), "the document")
    lines = str(caught.value).split("\n")
    assert len(lines) == 3
    assert all(line.isprintable() and len(line) < 400 for line in lines)
