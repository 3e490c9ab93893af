"""Short answers, and the two ways they are checked: with the models and without pydantic."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from spec_documents import RICH, accepted, document

from generator.errors import InputError
from generator.render import names as render_names
from generator.spec.answers import Answers, from_cookiecutter, parse_function, parse_trigger
from generator.spec.dump import dump_spec
from generator.spec.load import parse_spec
from generator.spec.problems import SpecError


@pytest.mark.parametrize(
    ("text", "trigger"),
    [
        ("GET /orders", {"type": "api", "method": "GET", "path": "/orders"}),
        ("post /orders/{id}", {"type": "api", "method": "POST", "path": "/orders/{id}"}),
        ("ANY/", {"type": "api", "method": "ANY", "path": "/"}),
        ("rate(5 minutes)", {"type": "schedule", "expression": "rate(5 minutes)"}),
        ("cron(0 6 ? * MON-FRI *)", {"type": "schedule", "expression": "cron(0 6 ? * MON-FRI *)"}),
        ("api", {"type": "api", "method": "GET", "path": "/hello"}),
        ("schedule", {"type": "schedule", "expression": "rate(1 hour)"}),
        ("queue work", {"type": "sqs", "queue": "work"}),
        (
            "topic arn:aws:sns:us-west-2:123456789012:x",
            {"type": "sns", "topic": "arn:aws:sns:us-west-2:123456789012:x"},
        ),
        ("bucket files", {"type": "s3", "bucket": "files"}),
        ("events com.example.shop", {"type": "eventbridge", "pattern": {"source": ["com.example.shop"]}}),
    ],
)
def test_a_trigger_in_short(text: str, trigger: dict[str, Any]) -> None:
    assert parse_trigger(text, "hello") == trigger


@pytest.mark.parametrize(
    ("text", "function"),
    [
        ("hello", {"name": "hello"}),
        ("hello:python3.13", {"name": "hello", "runtime": "python3.13"}),
        ("hello::none", {"name": "hello", "triggers": []}),
        (
            "hello:python3.13:GET /a:b",
            {
                "name": "hello",
                "runtime": "python3.13",
                "triggers": [{"type": "api", "method": "GET", "path": "/a:b"}],
            },
        ),
        (" hello : : rate(1 day) ", {"name": "hello", "triggers": [{"type": "schedule", "expression": "rate(1 day)"}]}),
    ],
)
def test_a_function_in_short(text: str, function: dict[str, Any]) -> None:
    assert parse_function(text) == function


@pytest.mark.parametrize("text", ["", ":python3.13", "hello::sometimes", "hello::GET", "hello::/path"])
def test_a_short_form_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="use "):
        parse_function(text)


def test_answers_for_every_environment_and_for_one() -> None:
    answers = Answers(
        "orders",
        environments=["dev", "prod:eu-west-1:111122223333", "test::222233334444"],
        region="us-east-1",
        account="999999999999",
        allow_cidrs=["10.0.0.0/8"],
    )
    assert [(e["name"], e["region"], e["account"]) for e in answers.document()["environments"]] == [
        ("dev", "us-east-1", "999999999999"),
        ("prod", "eu-west-1", "111122223333"),
        ("test", "us-east-1", "222233334444"),
    ]
    assert all(e["allowed_cidrs"] == ["10.0.0.0/8"] for e in answers.document()["environments"])


def test_no_answers_are_the_defaults() -> None:
    assert accepted(Answers("orders").document()) == accepted(document())


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"environments": "dev, prod  test"}, {"environments": ["dev", "prod", "test"]}),
        ({"functions": "a::GET /a; b ;"}, {"functions": ["a::GET /a", "b"]}),
        ({"allowed_cidrs": " 10.0.0.0/8,10.1.0.0/16 "}, {"allow_cidrs": ["10.0.0.0/8", "10.1.0.0/16"]}),
        ({"public": "yes"}, {"public": True}),
        ({"public": "no"}, {"public": False}),
        ({"public": True}, {"public": True}),
        ({"api_name": " A ", "authorization": "cognito"}, {"api_name": "A", "authorization": "cognito"}),
    ],
)
def test_cookiecutters_answers(answers: dict[str, Any], expected: dict[str, Any]) -> None:
    read = from_cookiecutter({"project_slug": "orders", **answers})
    assert {key: getattr(read, key) for key in expected} == expected
    assert read.name == "orders"


@pytest.mark.parametrize("data", [document(), RICH], ids=["default", "rich"])
def test_a_dumped_spec_is_the_same_spec(data: dict[str, Any]) -> None:
    spec = accepted(data)
    text = dump_spec(spec.model_dump(mode="json", exclude_none=True))

    assert parse_spec(text.encode(), "samgen.yaml") == spec
    assert dump_spec(parse_spec(text.encode(), "x").model_dump(mode="json", exclude_none=True)) == text


NAMES = st.sampled_from(["a", "orders", "a-b", "Bad", "", "con", "x" * 41, "../up", "default", "a1"])
CIDRS = st.sampled_from(["10.0.0.0/8", "203.0.113.7", "2001:db8::/32", "0.0.0.0/0", "10.0.0.1/8", "x", "fe80::1%a"])
TRIGGERS = st.sampled_from(
    [
        "",
        ":GET /a",
        ":post /a/{id}",
        ":ANY /a",
        ":rate(5 minutes)",
        ":rate(1 hours)",
        ":none",
        ":api",
        ":schedule",
        ":GET /a/../b",
        ":GET /{a+}/b",
        ":TRACE /a",
        ":cron(0 6 ? * * *)",
        ":nonsense",
    ]
)
RUNTIMES = st.sampled_from(["", "python3.13", "python3.14", "python2.7", "ruby3.4", "python", "python9.1"])
FUNCTIONS = st.builds(lambda name, runtime, trigger: f"{name}:{runtime}{trigger}", NAMES, RUNTIMES, TRIGGERS)
PLACES = st.sampled_from(["", ":us-west-2", ":eu-west-1:012345678901", ":mars-1", "::123", ":us-east-1:111122223333"])
TEXTS = st.text(st.characters(codec="utf-8"), max_size=30) | st.sampled_from(["", "plain", "${AWS::Region}", "x" * 201])
GOOD_FUNCTIONS = st.sampled_from(["orders:python3.14:GET /a", "b::rate(5 minutes)", "c:python3.13:none", "d"])
ANSWERS = st.builds(
    Answers,
    name=st.sampled_from(["orders", "a-b"]) | NAMES,
    description=TEXTS,
    owner=st.sampled_from(["", "team"]) | TEXTS,
    environments=st.lists(st.builds(lambda n, p: n + p, NAMES, PLACES), max_size=3)
    | st.lists(st.sampled_from(["dev", "prod:eu-west-1", "test::012345678901"]), max_size=3, unique=True),
    region=st.sampled_from(["", "us-west-2", "mars"]),
    account=st.sampled_from(["", "111122223333", "1"]),
    functions=st.lists(FUNCTIONS, max_size=3) | st.lists(GOOD_FUNCTIONS, max_size=4, unique=True),
    api_name=st.sampled_from(["", "MyAPI", "my api", "A" * 65]),
    authorization=st.sampled_from(["", "iam", "cognito", "none"]),
    allow_cidrs=st.lists(CIDRS, max_size=2),
    public=st.booleans(),
)


def outcome(answers: Mapping[str, Any], pydantic: bool) -> tuple[str, set[str]]:
    """samgen.yaml, or the paths of all problems; by the models, or as it is where pydantic is missing."""
    with pytest.MonkeyPatch.context() as patch:
        if not pydantic:
            patch.setattr(render_names, "find_spec", lambda _name: None)
        try:
            return str(render_names.template_names(answers)["samgen_yaml"]), set()
        except SpecError as error:
            return "", {".".join(map(str, problem.path)) for problem in error.problems}


@settings(max_examples=400, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(ANSWERS)
def test_without_pydantic_the_same_is_accepted_and_refused(answers: Answers) -> None:
    try:
        text = json.dumps(answers.document())
    except InputError:
        return
    with_models, their_problems = outcome({"_spec": text}, pydantic=True)
    without, our_problems = outcome({"_spec": text}, pydantic=False)

    assert without == with_models
    assert bool(our_problems) == bool(their_problems)
    # A field that is wrong stops the rules without pydantic, so there may be fewer problems; none are others.
    assert our_problems <= their_problems
    if with_models:
        spec = parse_spec(with_models.encode(), "samgen.yaml")
        assert spec == accepted(answers.document())
        assert yaml.safe_load(with_models) == spec.model_dump(mode="json", exclude_none=True)


def test_the_two_ways_meet_both_verdicts() -> None:
    good = {"project_slug": "orders", "functions": "hello::GET /a"}
    bad = {"project_slug": "orders", "functions": "hello::GET a/"}
    assert outcome(good, pydantic=False) == outcome(good, pydantic=True)
    assert outcome(good, pydantic=False)[0]
    with pytest.raises(InputError, match="is not a trigger"):
        outcome(bad, pydantic=False)


def test_without_cfn_lints_data_a_runtime_has_to_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from generator.spec import defaults, runtimes, values

    monkeypatch.setattr(defaults, "newest", lambda: None)
    monkeypatch.setattr(runtimes, "runtime_lifecycle", lambda: None)
    monkeypatch.setattr(values, "regions", lambda: None)

    assert outcome({"project_slug": "o", "functions": "hello"}, pydantic=False)[1] == {"functions.0.runtime"}
    assert outcome({"project_slug": "o", "functions": "hello:ruby3.4"}, pydantic=False)[1] == {"functions.0.runtime"}
    assert outcome({"project_slug": "o", "functions": "hello:python3.14", "region": "xx-new-1"}, pydantic=False)[0]
