"""`samgen new --spec`: a file or standard input answers everything, with the same bytes as other ways."""

from __future__ import annotations

import pytest
from doors import Door, digests

QUICK = ("--skip-validation", "--no-git")
SPEC = """\
service: {name: orders, description: 'Takes "orders" & more', owner: shop}
api: {name: Shop, authorization: cognito}
environments:
  - {name: test, region: eu-central-1, account: 444455556666, allowed_cidrs: [10.20.0.0/16]}
  - {name: prod, region: eu-west-1, account: 444455556666, allowed_cidrs: [10.20.0.0/16]}
functions:
  - {name: create, triggers: [{type: api, method: POST, path: '/orders/{id}'}]}
  - {name: nightly, runtime: python3.13, triggers: [{type: schedule, expression: rate(1 hour)}]}
"""
FLAGS = (
    *("--description", 'Takes "orders" & more', "--owner", "shop", "--api-name", "Shop", "--authorization", "cognito"),
    *("-e", "test", "-e", "prod:eu-west-1", "--region", "eu-central-1", "--account", "444455556666"),
    *("--allow-cidr", "10.20.0.0/16", "-f", "create::POST /orders/{id}", "-f", "nightly:python3.13:schedule"),
)


def test_flags_a_file_and_standard_input_give_the_same_bytes(samgen: Door) -> None:
    for place in ("flags", "file", "stdin", "again"):
        (samgen.folder / place).mkdir()
    (samgen.folder / "spec.yaml").write_text(SPEC, encoding="utf-8")
    runs = [
        samgen("new", "orders", *FLAGS, *QUICK, "-o", "flags"),
        samgen("new", "--spec", "spec.yaml", *QUICK, "-o", "file"),
        samgen("new", "orders", "--spec", "-", *QUICK, "-o", "stdin", stdin=SPEC),
        samgen("new", "--spec", "file/orders/samgen.yaml", *QUICK, "-o", "again"),
    ]
    assert [run.code for run in runs] == [0, 0, 0, 0], runs
    made = [digests(samgen.folder / place / "orders") for place in ("flags", "file", "stdin", "again")]
    assert len(made[0]) > 15
    assert made[0] == made[1] == made[2] == made[3]


def test_the_name_may_not_contradict_the_spec(samgen: Door) -> None:
    refusal = samgen.refuses("new", "other", "--spec", "-", stdin=SPEC)
    assert refusal == "NAME is 'other', but standard input names the service 'orders'"


@pytest.mark.parametrize(
    ("flags", "named"),
    [
        (["--public"], "leave out --public,"),
        (["-e", "dev", "--owner", "x"], "leave out --owner and --environment,"),
        (["-f", "a", "--region", "x", "--account", "1"], "leave out --region, --account and --function,"),
        (["--allow-cidr", "::/0", "--api-name", "A", "--authorization", "iam"], "--authorization and --allow-cidr,"),
        (["--description", ""], "leave out --description,"),
    ],
    ids=str,
)
def test_a_spec_excludes_the_flags_that_answer(samgen: Door, flags: list[str], named: str) -> None:
    assert named in samgen.refuses("new", "--spec", "-", *flags, stdin=SPEC)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "standard input: service: is missing"),
        ("service: {name: Orders}", "standard input:1: service.name: 'Orders' is not a name"),
        ("service: {name: orders}\nfunctoins: []", "standard input:2: functoins: there is no such key; did you mean"),
        ("service: [", "standard input:1: not YAML"),
        ("service: !!python/object:os.system {name: orders}", "standard input:1: the tag"),
        ("- a", "standard input: a spec is a mapping"),
        ("x: " + "y" * 1_000_001, "standard input has 1,000,001 bytes"),
    ],
    ids=range(7),
)
def test_a_wrong_spec_is_refused_with_its_line(samgen: Door, text: str, message: str) -> None:
    assert samgen.refuses("new", "--spec", "-", stdin=text).startswith(message)


@pytest.mark.parametrize("source", ["missing.yaml", ".", "", "/dev/zero", "/dev/full"])
def test_a_spec_that_cannot_be_read_is_refused(samgen: Door, source: str) -> None:
    assert "\n" not in samgen.refuses("new", "--spec", source)


def test_the_place_of_a_spec_is_shown_escaped(samgen: Door) -> None:
    assert "\\x1b" in samgen.refuses("new", "--spec", "a\x1b[31m")
