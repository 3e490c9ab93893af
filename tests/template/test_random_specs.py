"""Two hundred drawn specs: each is refused with a sentence a problem, or renders to a project without findings."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from rendering import findings as all_findings
from rendering import render, supported_runtimes

from generator.spec.dump import dump_spec
from generator.spec.load import load_spec, parse_spec, spec_from
from generator.spec.problems import SpecError

CHUNKS, EXAMPLES = 8, 25
Values = st.SearchStrategy[Any]

HOSTILE = st.sampled_from(
    [
        "'; DROP TABLE x; --",
        '"quoted"',
        "a\nb",
        "<< 7 * 7 >>",
        "#% for x in y",
        "<% raw %>",
        "{{ 7 * 7 }}",
        "{{resolve:ssm:x}}",
        "${AWS::AccountId}",
        "${}",
        "!Ref X",
        "!!python/object:x",
        "../../etc",
        "/etc",
        "\u202egnp",
        "\u200b",
        "con",
        "$(id)",
        "`id`",
        "- a: b",
        "# x",
        "null",
        "",
        " ",
        "\xe9",
        "\x00",
        "'''",
        "%YAML",
        "<script>",
        "a\\b",
        "x" * 10_000,
    ]
)
VISIBLE = ["'; DROP", '"quoted"', "<< 7 * 7 >>", "#% for x", "<% raw %>", "{{ 7 }}", "${}", "!Ref X", "$(id)", "`id`"]
VISIBLE += ["- a: b", "# x", "null", " ", "é", "'''", '"""', "\\", "%YAML", "<script>", "|x|", "!!python/object:x"]
WRONG = HOSTILE | st.sampled_from([None, 0, -1, True, 1.5, [], {}, ["x"], {"a": 1}, 10**30])


def mostly(good: Values, bad: Values = WRONG) -> Values:
    """Good values and, one time in 25, a bad one: a spec has many fields, and one bad value refuses it all."""
    return st.integers(0, 24).flatmap(lambda number: bad if number == 24 else good)


def one_of(*values: Any) -> Values:
    return mostly(st.sampled_from(values))


def distinct(items: Values, most: int) -> Values:
    return st.lists(items, min_size=1, max_size=most, unique_by=lambda item: repr(item["name"]))


def path_of(segments: list[str], greedy: bool) -> str:
    """A path whose parameters are named after their place, as siblings have to share a name."""
    parts = [f"{{{s[1:-1]}{n}}}" if s.startswith("{") else s for n, s in enumerate(segments)]
    return "/" + "/".join([*parts, "{rest+}"] if greedy else parts)


NAMES = mostly(st.from_regex(r"[a-z](-?[a-z0-9]){0,9}", fullmatch=True))
PLAIN = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_categories=["Cc", "Cf", "Cn"]), max_size=60
)
TEXTS = mostly(
    PLAIN.filter(lambda t: "${" not in t and "{{r" not in t).map(lambda t: t or "x") | st.sampled_from(VISIBLE)
)
TAGS = mostly(st.text("abcXYZ019_.:/=+@-", min_size=1, max_size=20))
TAG_KEYS = mostly(st.text("abcXYZ019_.:/+@-", min_size=1, max_size=20))
PATHS = mostly(
    st.builds(
        path_of,
        st.lists(st.sampled_from(["orders", "health", "a.b", "x_y-z", "c:d", "{id}", "{class}"]), max_size=3),
        st.just(False),
    )
    | st.builds(path_of, st.lists(st.sampled_from(["files", "down"]), min_size=1, max_size=2), st.just(True))
)
API = st.fixed_dictionaries(
    {"type": st.just("api"), "path": PATHS},
    optional={
        "method": mostly(st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]), st.just("ANY") | WRONG),
        "authorization": one_of("iam", "cognito", "lambda", "none"),
    },
)
SCHEDULE = st.fixed_dictionaries(
    {"type": st.just("schedule"), "expression": one_of("rate(1 minute)", "rate(7 days)", "cron(0/5 8 1W * ? 2030)")},
    optional={"timezone": one_of("UTC", "Europe/Vienna", "Etc/GMT+5")},
)
ARN = "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${Environment}-x"
PERMISSIONS = st.fixed_dictionaries(
    {
        "actions": st.lists(one_of("dynamodb:GetItem", "dynamodb:Query"), min_size=1, max_size=2, unique_by=repr),
        "resources": st.lists(one_of(ARN, f"{ARN}/index/*"), min_size=1, max_size=2, unique_by=repr),
        "reason": one_of("Reads what it shows: # and more", "#% if it's << needed >>"),
    }
)
MINE = st.integers(0, 999).map(lambda number: f"own-{number}")
OTHERS = "arn:${AWS::Partition}:%s:${AWS::Region}:${AWS::AccountId}:${Environment}-x"
KEY_PARTS = one_of("", "in/", "a-b_c/d.e!", ".pdf")


def trigger_of(kind: str, optional: dict[str, Values], **fields: Values) -> Values:
    return st.fixed_dictionaries({"type": st.just(kind), **fields}, optional=optional)


SOURCES: Values = st.one_of(
    trigger_of("sqs", {"batching_window": one_of(0, 300)}, queue=MINE | one_of(OTHERS % "sqs", "/${Environment}/q")),
    trigger_of("sns", {"filter": one_of({}, {"kind": ["a: b", "#"]})}, topic=MINE | one_of("/shared/topic")),
    trigger_of(
        "eventbridge",
        {"bus": MINE | one_of("default")},
        pattern=one_of({"source": ["a"]}, {"detail": {"kind": [{"prefix": "x: #"}]}, "detail-type": ["<< y >>"]}),
    ),
    trigger_of("s3", {"prefix": KEY_PARTS, "suffix": KEY_PARTS}, bucket=MINE | one_of("arn:aws:s3:::x")),
    trigger_of("dynamodb", {"maximum_retries": one_of(0, 10_000)}, table=one_of("shared", "/shared/stream")),
    trigger_of("function", {"outcome": one_of("success", "failure")}, function=one_of("first", "second")),
)
TYPED: Values = st.one_of(
    st.fixed_dictionaries({"dynamodb": st.fixed_dictionaries({"table": one_of("shared", ARN)})}),
    st.fixed_dictionaries({"s3": st.fixed_dictionaries({"bucket": one_of("/shared/bucket"), "prefix": KEY_PARTS})}),
    one_of({"events": {}}, {"kms": {"key": "/shared/key"}}, {"secrets": {"secret": "a/b"}}, {"sqs": {"queue": "none"}}),
)
NIGHTLY = {"type": "schedule", "expression": "rate(1 day)"}
FUNCTIONS = st.fixed_dictionaries(
    {"name": NAMES},
    optional={
        "description": TEXTS,
        "runtime": one_of(*supported_runtimes()),
        "memory_size": mostly(st.integers(128, 10_240)),
        "timeout": mostly(st.integers(1, 29), st.integers(30, 901) | WRONG),
        "reserved_concurrency": mostly(st.integers(1, 50), st.just(2_000) | WRONG),
        "architecture": one_of("arm64", "x86_64"),
        "triggers": st.lists(API | SCHEDULE | SOURCES, max_size=3),
        "environment": st.dictionaries(
            mostly(st.from_regex(r"[A-Z][A-Z0-9_]{1,8}X", fullmatch=True), HOSTILE), TEXTS, max_size=2
        ),
        "secrets": st.lists(NAMES, max_size=2, unique_by=repr),
        "permissions": st.lists(PERMISSIONS | TYPED, max_size=2),
    },
)
CIDRS = mostly(
    st.sampled_from(["10.0.0.0/8", "203.0.113.7", "2001:db8::/32", "::1"]),
    st.sampled_from(["0.0.0.0/0", "::/0"]) | WRONG,
)
ACCESS: Values = (
    st.just({}) | st.just({"public": True}) | st.lists(CIDRS, max_size=3).map(lambda r: {"allowed_cidrs": r})
)
ENVIRONMENTS = st.builds(
    lambda environment, access: {**environment, **access},
    st.fixed_dictionaries(
        {"name": NAMES},
        optional={
            "region": one_of("us-west-2", "eu-central-1"),
            "account": mostly(st.from_regex(r"[0-9]{12}", fullmatch=True)),
            "production": one_of(True, False),
            "log_level": one_of("ERROR", "WARN"),
            "deployment_preference": one_of("AllAtOnce", "Linear10PercentEvery3Minutes"),
            "log_retention_days": one_of(1, 90, 3653),
            "alarm_email": one_of("a@b.example", "x.y+z%1@c-d.example.org"),
        },
    ),
    ACCESS,
)
SPECS = st.fixed_dictionaries(
    {
        "service": st.fixed_dictionaries(
            {"name": NAMES},
            optional={
                "description": TEXTS,
                "owner": TAGS,
                "cost_center": TAGS,
                "tags": st.dictionaries(TAG_KEYS.map(str), TAGS, max_size=2),
            },
        ),
        "functions": distinct(FUNCTIONS, 2).map(lambda drawn: [*drawn, {"name": "first", "triggers": [NIGHTLY]}]),
        "tables": st.just([{"name": "shared", "partition_key": {"name": "id"}}]),
    },
    optional={
        "environments": distinct(ENVIRONMENTS, 2),
        "api": st.fixed_dictionaries(
            {},
            optional={
                "name": mostly(st.from_regex(r"[A-Z](-?[A-Za-z0-9]){0,9}", fullmatch=True)),
                "authorization": one_of("iam", "cognito", "lambda"),
                "authorizer": one_of("first", "gate"),
                "api_key": st.booleans(),
                "health": st.booleans(),
                "cors_origins": st.lists(one_of("https://a.example", "http://localhost:3000"), max_size=2),
            },
        ),
    },
)


def check_message(error: SpecError) -> None:
    """Lines of printable text: a headline and one a problem, or the only problem by itself."""
    lines = str(error).split("\n")
    assert all(line.strip() and line.isprintable() for line in lines), ascii(str(error))
    assert len(lines) == (1 if len(error.problems) == 1 else 1 + len(error.problems))
    assert all(problem.message.strip() for problem in error.problems)


def outcome(data: dict[str, Any], folder: Path) -> str:
    """What a document comes to; fails where it is neither refused properly nor sound."""
    try:
        spec = spec_from(data, "the document")
    except SpecError as error:
        check_message(error)
        return "refused"
    text = dump_spec(spec.model_dump(mode="json", exclude_none=True))
    assert parse_spec(text.encode(), "samgen.yaml") == spec
    project = render(data, folder)
    assert load_spec(project / "samgen.yaml") == spec
    assert all_findings(project) == []
    return "rendered"


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_drawn_spec_is_refused_or_sound(chunk: int) -> None:
    outcomes: Counter[str] = Counter()

    @seed(chunk)
    # A failing example is shown as it is: making it smaller would take minutes.
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(SPECS)
    def check(data: dict[str, Any]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            outcomes[outcome(data, Path(folder))] += 1

    check()
    print(outcomes)  # noqa: T201 (shown where a test fails)
    # Both happen, or the values are drawn too tame or too wild.
    assert outcomes["refused"] >= 3, outcomes
    assert outcomes["rendered"] >= 5, outcomes
